//! What one can try at a lesson that can fail: to break it, and to mend it.

use super::{Choice, Kind, Policy, Scenario, Text};

/// A lesson at which one can try to bring a failure about, and then to choose a variant of its program
/// in which there is none.
///
/// ```
/// use engine::lessons::{Check, Plan, lesson};
///
/// let challenge = lesson("abba-deadlock").unwrap().challenge.as_ref().unwrap();
/// let breaks = |variant: &str| {
///     let mut scenario = challenge.start();
///     scenario.values.set(challenge.mend, variant).unwrap();
///     let mut check = Check::new(&scenario, Plan::Classes, 1_000);
///     while check.next() {}
///     check.outcomes().any(|(outcome, _)| outcome.is_bad())
/// };
/// assert!(breaks("abba") && !breaks("ordered"));
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The scenario that it begins with, as in a link: something that can fail, and is small.
    pub(super) start: &'static str,
    /// The parameter to mend it with: one of its choices makes it right.
    pub mend: &'static str,
    /// What helps to break it, from vague to plain.
    pub to_break: [Text; 2],
    /// What helps to mend it.
    pub to_mend: Text,
}

impl Challenge {
    /// What one begins with: a program that can fail, and nobody goes before somebody is chosen.
    ///
    /// # Panics
    /// Never: a test reads all of them.
    pub fn start(&self) -> Scenario {
        let scenario: Scenario = self.start.parse().expect("a challenge begins with a scenario");
        Scenario { policy: Policy::Person, ..scenario }
    }

    /// The choices to mend it with.
    ///
    /// # Panics
    /// Never: a test asks all of them.
    pub fn choices(&self) -> &'static [Choice] {
        let params = self.start().lesson().params.iter();
        let kind = params.clone().find(|param| param.id == self.mend).map(|param| param.kind);
        match kind {
            Some(Kind::Choice { options, .. }) => options,
            _ => panic!("{} has no choice '{}'", self.start, self.mend),
        }
    }

    /// Whether this is what one begins with, whatever the schedule.
    pub fn is_start(&self, scenario: &Scenario) -> bool {
        self.is_variant(scenario) && scenario.values == self.start().values
    }

    /// Whether this is what one begins with but for the choice to mend it with, whatever the schedule.
    pub fn is_variant(&self, scenario: &Scenario) -> bool {
        let mut start = self.start();
        if scenario.lesson() != start.lesson()
            || start.values.set(self.mend, &scenario.values.text(self.mend)).is_err()
        {
            return false;
        }
        let of = |it: &Scenario| (it.values.clone(), it.grain, it.time, it.seed);
        of(&start) == of(scenario)
    }
}
