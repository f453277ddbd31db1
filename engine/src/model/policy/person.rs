//! A person chooses, one turn at a time.

use super::{Scheduler, View};
use crate::world::ActorId;

/// Holds the choice of a person for one turn; without one the run pauses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Person {
    /// Who shall take the next turn.
    pub choice: Option<ActorId>,
}

impl Scheduler for Person {
    fn next(&mut self, _: &View<'_>) -> Option<ActorId> {
        self.choice.take()
    }
}
