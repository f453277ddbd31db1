//! What was wrong with a value, as data, so that it can be said in any language.

use std::fmt;

/// What was wrong, and what is valid. Displayed as one English sentence.
///
/// ```
/// use engine::lessons::Invalid;
///
/// let invalid = Invalid::one_of("grain", "crumb", ["ops", "words"]);
/// assert_eq!(invalid.to_string(), "grain must be one of ops, words, not 'crumb'");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// There is no such lesson.
    Lesson {
        /// What was given.
        given: String,
        /// Those there are.
        valid: Vec<&'static str>,
    },
    /// The lesson has no such parameter.
    Param {
        /// Which lesson.
        lesson: &'static str,
        /// What was given.
        given: String,
        /// Those it has.
        valid: Vec<&'static str>,
    },
    /// None of the names that the value can have.
    OneOf {
        /// Of what.
        what: &'static str,
        /// What was given.
        given: String,
        /// The names there are.
        valid: Vec<String>,
    },
    /// No whole number, or one out of range.
    Number {
        /// Of what.
        what: &'static str,
        /// What was given.
        given: String,
        /// The least and the greatest.
        range: [u64; 2],
        /// What is counted: empty, or `ms`.
        unit: &'static str,
        /// Whether the range is that of real threads, which is narrower.
        real: bool,
    },
    /// A schedule of a version that this program does not know.
    Version {
        /// What was given.
        given: String,
        /// The newest one that is known.
        known: u32,
    },
    /// No list of picks.
    Picks {
        /// What was given.
        given: String,
    },
    /// Anything else, in an English sentence.
    Other(String),
}

impl Invalid {
    /// None of the names that the value can have.
    pub fn one_of<T: Into<String>>(
        what: &'static str,
        given: &str,
        valid: impl IntoIterator<Item = T>,
    ) -> Self {
        let valid = valid.into_iter().map(Into::into).collect();
        Self::OneOf { what, given: given.to_owned(), valid }
    }

    /// No whole number, or one out of range.
    pub fn number(what: &'static str, given: &str, range: [u64; 2]) -> Self {
        Self::Number { what, given: given.to_owned(), range, unit: "", real: false }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lesson { given, valid } => {
                write!(f, "there is no lesson '{given}'; the lessons are: {}", valid.join(", "))
            }
            Self::Param { lesson, given, valid } => {
                write!(f, "{lesson} has no parameter '{given}'; it has: {}", valid.join(", "))
            }
            Self::OneOf { what, given, valid } => {
                write!(f, "{what} must be one of {}, not '{given}'", valid.join(", "))
            }
            Self::Number { what, given, range: [min, max], unit, real } => {
                let place = if *real { "on real threads " } else { "" };
                let space = if unit.is_empty() { "" } else { " " };
                write!(
                    f,
                    "{place}{what} must be a whole number from {min} to {max}{space}{unit}, \
                     not '{given}'"
                )
            }
            Self::Version { given, known } => write!(
                f,
                "the schedule is of version '{given}', and this program reads version {known}"
            ),
            Self::Picks { given } => write!(
                f,
                "picks must be a list of TURN.ACTOR with ascending turns, as in 3.1-5.0, not \
                 '{given}'"
            ),
            Self::Other(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for Invalid {}
