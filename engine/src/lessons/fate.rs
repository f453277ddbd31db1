//! When it was decided that an execution ends badly.

use super::{Check, Outcome};
use crate::log::Turn;
use crate::world::ActorId;

/// When it was decided that an execution ends badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Before its first turn: every execution ends badly.
    Always,
    /// By this one of its turns, counted from 1: before it a good end could still be reached, and
    /// after it none.
    Turn(usize),
    /// Nobody knows: to look at all that could have followed takes too many executions, or some of
    /// them had not ended when they were given up.
    Unknown,
}

/// The search for the turn that decided that an execution ends badly. It can be left and taken up again
/// at any time.
///
/// Once no good end can be reached, none can be reached later. So the turn is between two places that
/// come closer: one from which a good execution was found, and one from which there is none.
///
/// ```
/// use engine::lessons::{Check, Fate, Plan, Scenario};
///
/// let scenario: Scenario = "lost-update?actors=2&rounds=1".parse().unwrap();
/// let mut check = Check::new(&scenario, Plan::Classes, 1_000);
/// while check.next() {}
/// let (_, lost) = check.outcomes().next().unwrap();
/// let mut decisive = check.decisive(&lost.order, 1_000);
/// while decisive.next() {}
/// assert_eq!(decisive.fate(), Fate::Turn(2), "both have read the same number");
/// ```
pub struct Decisive {
    order: Vec<ActorId>,
    /// After so many of its turns a good end can still be reached; nothing where not even that is known
    /// of the beginning.
    open: Option<usize>,
    /// After so many, none can.
    doomed: usize,
    /// What can follow after so many.
    probe: Option<(usize, Check)>,
    /// For more of them.
    check: Check,
    n_left: u64,
    is_unknown: bool,
}

impl Decisive {
    /// The search for an execution of what `check` looks at, which should not have ended like this.
    pub(super) fn new(check: &Check, order: &[ActorId], limit: u64) -> Self {
        let is_good = |outcome: &Outcome| outcome.held == Some(true);
        let could_be_good = check.outcomes().any(|(outcome, _)| is_good(outcome));
        let is_always_bad = !could_be_good && check.is_exhausted();
        Self {
            open: could_be_good.then_some(0),
            doomed: if is_always_bad { 0 } else { order.len() },
            order: order.to_vec(),
            probe: None,
            check: check.after(&[]),
            n_left: limit,
            is_unknown: false,
        }
    }

    /// Looks at the next execution; `false` when there is nothing more to look for.
    #[expect(clippy::should_implement_trait, reason = "what it finds is asked for elsewhere")]
    pub fn next(&mut self) -> bool {
        let least = self.open.map_or(0, |open| open + 1);
        if self.is_unknown || least >= self.doomed {
            return false;
        }
        if self.n_left == 0 {
            self.is_unknown = true;
            return false;
        }
        self.n_left -= 1;
        let at = match self.open {
            Some(open) => open.midpoint(self.doomed),
            None => 0,
        };
        let (at, probe) =
            self.probe.get_or_insert_with(|| (at, self.check.after(&self.order[..at])));
        // A good execution may go together with this one for longer than it was asked to.
        let mut together = None;
        let goes_on = probe.next_shown(&mut |outcome, run, _| {
            if outcome.held == Some(true) {
                let log = run.log();
                let turns = Turn::all(&log.events).zip(&self.order);
                together = Some(turns.take_while(|(turn, actor)| turn.actor == **actor).count());
            }
        });
        if let Some(together) = together {
            self.open = Some(together);
            self.probe = None;
        } else if !goes_on {
            self.is_unknown = !probe.is_exhausted();
            self.doomed = *at;
            self.probe = None;
        }
        true
    }

    /// What is known by now.
    pub fn fate(&self) -> Fate {
        match self.open {
            _ if self.is_unknown => Fate::Unknown,
            None if self.doomed == 0 => Fate::Always,
            Some(open) if open + 1 >= self.doomed => Fate::Turn(self.doomed),
            _ => Fate::Unknown,
        }
    }
}
