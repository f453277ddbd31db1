//! The lessons: programs to run, watch and measure, as data. A lesson is one file.
//!
//! - [`CATALOGUE`]: every [`Lesson`] with its titles and parameters;
//! - [`Values`]: the parameters of one run, always within their ranges;
//! - [`Scenario`]: a lesson, its values and a schedule, as the short string that a link holds, a
//!   failure prints and a test replays.

mod invalid;
mod philosophers;
mod scenario;
mod values;

pub use invalid::Invalid;
pub use scenario::{Policy, Scenario};
pub use values::Values;

use serde::Serialize;

use crate::model::Model;
use crate::real::Recorded;

/// Every lesson, in the order in which one teaches them.
pub static CATALOGUE: [&Lesson; 1] = [&philosophers::LESSON];

/// The lesson with this id.
///
/// # Errors
/// Says which ids there are.
pub fn lesson(id: &str) -> Result<&'static Lesson, Invalid> {
    CATALOGUE.into_iter().find(|lesson| lesson.id == id).ok_or_else(|| {
        let valid = CATALOGUE.iter().map(|lesson| lesson.id).collect();
        Invalid::Lesson { given: id.to_owned(), valid }
    })
}

/// The same in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Text {
    /// In English.
    pub en: &'static str,
    /// In simplified Chinese.
    pub zh: &'static str,
}

/// A program that teaches something.
#[derive(Debug, Serialize)]
pub struct Lesson {
    /// Its name on the command line and in links.
    pub id: &'static str,
    /// Its title.
    pub title: Text,
    /// What to see in it.
    pub summary: Text,
    /// What can be set.
    pub params: &'static [Param],
    /// What the phases of its actors are called in a trace.
    pub phases: &'static [&'static str],
    /// Sets it up in the model.
    #[serde(skip)]
    pub in_model: fn(&Values, &Model),
    /// Sets it up on real threads.
    #[serde(skip)]
    pub on_threads: fn(&Values, &Recorded),
}

impl PartialEq for Lesson {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Lesson {}

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
        /// The greatest on real threads.
        max_real: u32,
        /// What it is when nobody says.
        default: u32,
        /// What is counted: empty, or `ms`.
        unit: &'static str,
    },
    /// One of several.
    Choice {
        /// Those there are; the first is taken when nobody says.
        options: &'static [Choice],
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
