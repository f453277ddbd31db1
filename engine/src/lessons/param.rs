//! What can be set in a lesson, as data.

use serde::Serialize;

/// The same in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Text {
    /// In English.
    pub en: &'static str,
    /// In simplified Chinese.
    pub zh: &'static str,
}

/// The same in English and in simplified Chinese.
pub(super) const fn text(en: &'static str, zh: &'static str) -> Text {
    Text { en, zh }
}

/// What the choice of a variant is called.
pub(super) const VARIANT: &str = "variant";

/// Something that can be set.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Param {
    /// Its name on the command line and in links.
    pub id: &'static str,
    /// What it is.
    pub title: Text,
    /// Which values it takes.
    #[serde(flatten)]
    pub kind: Kind,
    /// Where it means something: only while the choice with this name is one of these. `None`: always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<(&'static str, &'static [&'static str])>,
}

/// Which values a parameter takes.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Kind {
    /// A whole number.
    Number {
        /// The least.
        min: u32,
        /// The greatest in the model.
        max: u32,
        /// The greatest on the real threads of the page, which come from a small pool. Elsewhere they
        /// are as many as wanted.
        max_real: u32,
        /// What it is when nobody says.
        default: u32,
        /// What is counted: empty, or `ms`.
        unit: &'static str,
    },
    /// One of several.
    Choice {
        /// Those there are.
        options: &'static [Choice],
        /// Which one it is when nobody says: the first.
        default: &'static str,
    },
}

/// One value of a [`Kind::Choice`].
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Choice {
    /// Its name on the command line and in links.
    pub id: &'static str,
    /// What it is.
    pub title: Text,
    /// What it does.
    pub summary: Text,
}

impl Param {
    /// A number from `min` to `max`.
    pub(super) const fn number(
        id: &'static str,
        title: Text,
        [min, max]: [u32; 2],
        default: u32,
    ) -> Self {
        let kind = Kind::Number { min, max, max_real: max, default, unit: "" };
        Self { id, title, kind, only: None }
    }

    /// A length of time in milliseconds, from `min` to `max`.
    pub(super) const fn millis(
        id: &'static str,
        title: Text,
        [min, max]: [u32; 2],
        default: u32,
    ) -> Self {
        let kind = Kind::Number { min, max, max_real: max, default, unit: "ms" };
        Self { id, title, kind, only: None }
    }

    /// The same number, which is smaller on the real threads of the page.
    pub(super) const fn at_most_on_threads(self, most: u32) -> Self {
        match self.kind {
            Kind::Number { min, max, default, unit, .. } => {
                Self { kind: Kind::Number { min, max, max_real: most, default, unit }, ..self }
            }
            Kind::Choice { .. } => self,
        }
    }

    /// One of several, the first when nobody says.
    pub(super) const fn choice(id: &'static str, title: Text, options: &'static [Choice]) -> Self {
        Self { id, title, kind: Kind::Choice { options, default: options[0].id }, only: None }
    }

    /// The same, which means something only while that choice is one of these.
    pub(super) const fn only_for(
        self,
        choice: &'static str,
        options: &'static [&'static str],
    ) -> Self {
        Self { only: Some((choice, options)), ..self }
    }

    /// The same, which means something only in these variants.
    pub(super) const fn only_in(self, variants: &'static [&'static str]) -> Self {
        self.only_for(VARIANT, variants)
    }

    /// Which variant of the program runs.
    pub(super) const fn variant(options: &'static [Choice]) -> Self {
        Self::choice(VARIANT, text("Variant", "写法"), options)
    }
}

impl Choice {
    /// A value with its name, what it is and what it does.
    pub(super) const fn new(id: &'static str, title: Text, summary: Text) -> Self {
        Self { id, title, summary }
    }
}
