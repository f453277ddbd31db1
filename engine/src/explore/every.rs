//! Every interleaving, one after the other; with a bound on preemptions if so wished.

use super::Search;
use crate::model::Run;
use crate::world::ActorId;

/// Searches all interleavings, or those with few preemptions: turns at which another actor goes on
/// although the last one could.
pub struct Every {
    max_preemptions: usize,
    turns: Vec<Turn>,
    /// Who could take each of the turns, one turn's after the other's.
    options: Vec<ActorId>,
    has_begun: bool,
}

/// One turn of the present interleaving.
#[derive(Clone, Copy)]
struct Turn {
    /// Where its options begin.
    from: usize,
    /// Which of them was chosen last.
    choice: usize,
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
        Self { max_preemptions, turns: Vec::new(), options: Vec::new(), has_begun: false }
    }

    /// How many preemptions the present interleaving has.
    pub fn n_preemptions(&self) -> usize {
        self.turns.last().map_or(0, Turn::n_preemptions_after)
    }

    fn chosen(&self, turn: Turn) -> ActorId {
        self.options[turn.from + turn.choice]
    }

    /// Notes who could take the next turn; the first of them shall.
    fn branch(&mut self, run: &Run) -> Option<ActorId> {
        let (from, ready) = (self.options.len(), run.watch_ready());
        let last = self.turns.last().map(|turn| self.chosen(*turn));
        let last = last.filter(|last| ready.contains(*last));
        let n_preemptions = self.n_preemptions();
        // Whoever went last comes first, so that the choice of another one is a preemption.
        self.options.extend(last);
        if last.is_none() || n_preemptions < self.max_preemptions {
            self.options.extend(ready.iter().filter(|actor| Some(*actor) != last));
        }
        let may_go_on = last.is_some();
        self.turns.push(Turn { from, choice: 0, may_go_on, n_preemptions });
        self.options.get(from).copied()
    }
}

impl Default for Every {
    fn default() -> Self {
        Self::new()
    }
}

impl Turn {
    fn n_preemptions_after(&self) -> usize {
        self.n_preemptions + usize::from(self.may_go_on && self.choice > 0)
    }
}

impl Search for Every {
    fn next(&mut self, run: &mut Run) -> bool {
        if std::mem::replace(&mut self.has_begun, true) {
            // The last turn at which somebody else could go.
            loop {
                let Some(turn) = self.turns.last_mut() else { return false };
                turn.choice += 1;
                if turn.from + turn.choice < self.options.len() {
                    break;
                }
                self.options.truncate(turn.from);
                self.turns.pop();
            }
        }
        run.restart();
        for turn in &self.turns {
            let followed = run.turn(self.chosen(*turn));
            debug_assert!(followed.is_ok(), "an interleaving is always the same");
        }
        while run.ending().is_none() {
            let next = self.branch(run);
            if next.is_none_or(|actor| run.turn(actor).is_err()) {
                break;
            }
        }
        true
    }

    fn order(&self) -> Vec<ActorId> {
        self.turns.iter().map(|turn| self.chosen(*turn)).collect()
    }
}
