//! The parameters of one run.

use std::time::Duration;

use super::param::VARIANT;
use super::{Choice, Invalid, Kind, Lesson, Param};

/// A value for each parameter of a lesson, always within its range.
///
/// ```
/// use engine::lessons::{Values, lesson};
///
/// let mut values = Values::new(lesson("philosophers").unwrap());
/// values.set("meals", "12").unwrap();
/// assert_eq!(values.number("meals"), 12);
/// let error = values.set("meals", "61").unwrap_err();
/// assert_eq!(error.to_string(), "meals must be a whole number from 1 to 60, not '61'");
/// assert_eq!(values.number("meals"), 12, "nothing is lost");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    lesson: &'static Lesson,
    /// By parameter: the number, or the index of the choice.
    numbers: Vec<u32>,
}

impl Values {
    /// The defaults.
    pub fn new(lesson: &'static Lesson) -> Self {
        let default = |param: &Param| match param.kind {
            Kind::Number { default, .. } => default,
            Kind::Choice { .. } => 0,
        };
        Self { lesson, numbers: lesson.params.iter().map(default).collect() }
    }

    /// Whose parameters they are.
    pub fn lesson(&self) -> &'static Lesson {
        self.lesson
    }

    /// Sets a parameter from its text.
    ///
    /// # Errors
    /// Says what was wrong and what is valid; nothing changes then.
    pub fn set(&mut self, id: &str, text: &str) -> Result<(), Invalid> {
        let idx = self.idx(id).ok_or_else(|| {
            let valid = self.lesson.params.iter().map(|param| param.id).collect();
            Invalid::Param { lesson: self.lesson.id, given: id.to_owned(), valid }
        })?;
        self.numbers[idx] = parse(&self.lesson.params[idx], text)?;
        Ok(())
    }

    /// The text of a parameter's value, as [`Self::set`] takes it.
    pub fn text(&self, id: &str) -> String {
        let idx = self.idx(id).unwrap_or(0);
        match self.lesson.params[idx].kind {
            Kind::Number { .. } => self.numbers[idx].to_string(),
            Kind::Choice { options, .. } => options[self.numbers[idx] as usize].id.to_owned(),
        }
    }

    /// The value of a number.
    ///
    /// # Panics
    /// When the lesson has no such parameter.
    pub fn number(&self, id: &str) -> u32 {
        self.numbers[self.idx(id).expect("a lesson asks for its own parameters")]
    }

    /// The value of a length of time.
    ///
    /// # Panics
    /// When the lesson has no such parameter.
    pub fn millis(&self, id: &str) -> Duration {
        Duration::from_millis(self.number(id).into())
    }

    /// The name of the variant that runs.
    ///
    /// # Panics
    /// When the lesson has but one.
    pub fn variant(&self) -> &'static str {
        self.choice(VARIANT).id
    }

    /// The chosen one of a choice.
    ///
    /// # Panics
    /// When the lesson has no such parameter or it is no choice.
    pub fn choice(&self, id: &str) -> &'static Choice {
        let idx = self.idx(id).expect("a lesson asks for its own parameters");
        match self.lesson.params[idx].kind {
            Kind::Choice { options, .. } => &options[self.numbers[idx] as usize],
            Kind::Number { .. } => panic!("{id} is a number"),
        }
    }

    /// Whether a parameter means something beside the others.
    ///
    /// ```
    /// use engine::lessons::{Values, lesson};
    ///
    /// let lesson = lesson("philosophers").unwrap();
    /// let backoff = lesson.params.iter().find(|param| param.id == "backoff").unwrap();
    /// let mut values = Values::new(lesson);
    /// assert!(!values.matters(backoff));
    /// values.set("solution", "try-lock").unwrap();
    /// assert!(values.matters(backoff));
    /// ```
    pub fn matters(&self, param: &Param) -> bool {
        param.only.is_none_or(|(choice, options)| options.contains(&self.choice(choice).id))
    }

    /// Whether the real threads of the page can run it.
    ///
    /// # Errors
    /// Says which value is too large for them.
    pub fn check_real(&self) -> Result<(), Invalid> {
        for (param, number) in self.lesson.params.iter().zip(&self.numbers) {
            if let Kind::Number { min, max_real, .. } = param.kind
                && *number > max_real
            {
                return Err(Invalid::Number {
                    what: param.id,
                    given: number.to_string(),
                    range: [min.into(), max_real.into()],
                    unit: "",
                    real: true,
                });
            }
        }
        Ok(())
    }

    fn idx(&self, id: &str) -> Option<usize> {
        self.lesson.params.iter().position(|param| param.id == id)
    }
}

fn parse(param: &Param, text: &str) -> Result<u32, Invalid> {
    match param.kind {
        Kind::Number { min, max, unit, .. } => {
            let number = text.parse().ok().filter(|number| (min..=max).contains(number));
            let range = [min.into(), max.into()];
            number.ok_or_else(|| {
                let (what, given) = (param.id, text.to_owned());
                Invalid::Number { what, given, range, unit, real: false }
            })
        }
        Kind::Choice { options, .. } => {
            let idx = options.iter().position(|option| option.id == text);
            let ids = options.iter().map(|option| option.id);
            idx.map(|idx| idx as u32).ok_or_else(|| Invalid::one_of(param.id, text, ids))
        }
    }
}
