//! A challenge being tried: how few steps break the program, and whether a choice mends it. Both are
//! explored a little in each frame; the clock comes from outside.

use std::sync::Arc;

use engine::lessons::{Challenge, Errand, Lesson, Outcome, Policy, Scenario, Verdict};

use crate::exploration::Exploration;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quest {
    /// To bring a failure about, by choosing who goes.
    Break,
    /// To choose the program that cannot fail.
    Mend,
}

impl Quest {
    /// Both of them, in order.
    pub const ALL: [Self; 2] = [Self::Break, Self::Mend];

    /// Its name in links.
    pub fn id(self) -> &'static str {
        match self {
            Self::Break => "break",
            Self::Mend => "mend",
        }
    }

    /// What it begins with.
    pub fn start(self, challenge: &Challenge) -> Scenario {
        let start = challenge.start();
        match self {
            Self::Break => start,
            Self::Mend => Scenario { policy: Policy::default(), ..start },
        }
    }

    /// Whether this is still what is to be broken or mended.
    pub fn is_tried(self, scenario: &Scenario) -> bool {
        scenario.lesson().challenge.as_ref().is_some_and(|challenge| match self {
            // What a policy has chosen is no solution of anybody's.
            Self::Break => challenge.is_start(scenario) && scenario.policy == Policy::Person,
            Self::Mend => challenge.is_variant(scenario),
        })
    }
}

/// A program to be broken or mended, and what is known of it.
pub struct Trial {
    quest: Quest,
    exploration: Exploration,
    is_settled: bool,
    /// In how few steps the person has broken it.
    broken_in: Option<usize>,
}

/// How a trial stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// What is tried.
    pub quest: Quest,
    /// How many executions were looked at.
    pub n_executions: u64,
    /// What should not come out and does, as far as is known; the first few.
    pub bad: Vec<Outcome>,
    /// Of the shortest execution that fails; nothing as long as there may be a shorter one.
    pub par: Option<usize>,
    /// In how few steps the person has broken it.
    pub broken_in: Option<usize>,
    /// Whether the program can fail.
    pub answer: Answer,
}

/// Whether a program can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Not known yet.
    Unknown,
    /// It can.
    Fails,
    /// It cannot: every execution was looked at.
    Mended,
    /// Not known, and it will not be: some executions have no end, or there are too many.
    Open,
}

/// How many failures are named.
const N_NAMED: usize = 4;

impl Trial {
    /// Nothing is known yet.
    pub fn new(quest: Quest, scenario: &Scenario) -> Self {
        let exploration = Exploration::of(scenario.clone());
        Self { quest, exploration, is_settled: false, broken_in: None }
    }

    /// Whether it is one of this.
    pub fn is_of(&self, quest: Quest, scenario: &Scenario) -> bool {
        self.quest == quest && self.exploration.is_of(scenario)
    }

    /// Whether it is one of this lesson.
    pub fn is_at(&self, lesson: &Lesson) -> bool {
        self.exploration.lesson() == lesson
    }

    /// Whether nothing is left to be found out.
    pub fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// Looks at executions for a moment.
    pub fn grow(&mut self, now_ms: impl Fn() -> f64) {
        let goes_on = self.exploration.grow(now_ms);
        // One failure is enough to know that it is not mended; for the fewest steps all must be seen.
        let is_known = self.quest == Quest::Mend && self.exploration.bad().next().is_some();
        self.is_settled = !goes_on || is_known;
        if self.is_settled {
            self.exploration.rest();
        }
    }

    /// What others can do in the place of the next moments; see [`Exploration::send`].
    pub fn send(&mut self, n_others: usize) -> Vec<Arc<Errand>> {
        if self.is_settled { Vec::new() } else { self.exploration.send(n_others) }
    }

    /// The run that the person chose has ended after so many steps.
    pub fn end(&mut self, verdict: Verdict, n_steps: usize) {
        if self.quest == Quest::Break && matches!(verdict, Verdict::Broken { .. }) {
            self.broken_in = Some(self.broken_in.map_or(n_steps, |before| before.min(n_steps)));
        }
    }

    /// Whether the person has done it.
    pub fn is_solved(&self) -> bool {
        match self.quest {
            Quest::Break => self.broken_in.is_some(),
            Quest::Mend => self.answer() == Answer::Mended,
        }
    }

    /// Begins to look for the simplest way in which it still fails.
    pub fn watch(&mut self) {
        let outcome = self.exploration.bad().next().map(|(outcome, _)| outcome.clone());
        outcome.into_iter().for_each(|outcome| self.exploration.seek(outcome));
    }

    /// Whether that is looked for.
    pub fn seeks(&self) -> bool {
        self.exploration.seeks()
    }

    /// Looks for it for a moment. Gives its schedule when it is found, and the step to look at.
    pub fn find(&mut self, now_ms: impl Fn() -> f64) -> Option<(Scenario, usize)> {
        self.exploration.find(now_ms)
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        let par = self.exploration.bad().map(|(_, n_turns)| n_turns).min();
        let bad = self.exploration.bad().take(N_NAMED).map(|(outcome, _)| outcome.clone());
        Standing {
            quest: self.quest,
            n_executions: self.exploration.n_executions(),
            bad: bad.collect(),
            par: par.filter(|_| self.exploration.is_exhausted()),
            broken_in: self.broken_in,
            answer: self.answer(),
        }
    }

    fn answer(&self) -> Answer {
        match self.is_settled {
            false => Answer::Unknown,
            true if self.exploration.bad().next().is_some() => Answer::Fails,
            true if self.exploration.is_exhausted() => Answer::Mended,
            true => Answer::Open,
        }
    }
}
