//! Every interleaving, one after the other; with a bound on preemptions if so wished.

use super::Search;
use super::way::Way;
use crate::model::Run;
use crate::world::ActorId;

/// Searches all interleavings, or those with few preemptions: turns at which another actor goes on
/// although the last one could.
pub struct Every {
    max_preemptions: usize,
    /// The turns of the present interleaving.
    way: Way<Turn>,
    has_begun: bool,
}

/// One turn of the present interleaving.
struct Turn {
    /// Whether the first option is to let the last actor go on.
    may_go_on: bool,
    /// How many preemptions there were before this turn.
    n_preemptions: usize,
}

impl Every {
    /// All interleavings.
    pub fn new() -> Self {
        Self::bounded(usize::MAX)
    }

    /// Those with at most so many preemptions.
    pub fn bounded(max_preemptions: usize) -> Self {
        Self { max_preemptions, way: Way::default(), has_begun: false }
    }

    /// How many preemptions the present interleaving has.
    pub fn n_preemptions(&self) -> usize {
        let is_another = self.way.n_chosen() > 1;
        self.way
            .last()
            .map_or(0, |turn| turn.n_preemptions + usize::from(turn.may_go_on && is_another))
    }

    /// Notes who could take the next turn; the first of them shall.
    fn branch(&mut self, run: &Run) -> Option<ActorId> {
        let ready = run.watch_ready();
        let last = self.way.chosen().filter(|last| ready.contains(*last));
        let n_preemptions = self.n_preemptions();
        // Whoever went last comes first, so that the choice of another one is a preemption.
        let may_preempt = last.is_none() || n_preemptions < self.max_preemptions;
        let others = ready.iter().filter(|actor| may_preempt && Some(*actor) != last);
        let turn = Turn { may_go_on: last.is_some(), n_preemptions };
        self.way.enter(turn, last.into_iter().chain(others));
        self.way.choose()
    }
}

impl Default for Every {
    fn default() -> Self {
        Self::new()
    }
}

impl Search for Every {
    fn next(&mut self, run: &mut Run) -> bool {
        if std::mem::replace(&mut self.has_begun, true) {
            // The last turn at which somebody else could go.
            while self.way.choose().is_none() {
                if self.way.leave().is_none() {
                    return false;
                }
            }
        }
        self.way.follow(run, self.way.len());
        while run.ending().is_none() {
            let next = self.branch(run);
            if next.is_none_or(|actor| run.turn(actor).is_err()) {
                break;
            }
        }
        true
    }

    fn order(&self) -> Vec<ActorId> {
        self.way.order()
    }
}
