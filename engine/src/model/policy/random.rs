//! Random: each ready actor is equally likely, by a seed.

use super::{Scheduler, View};
use crate::world::ActorId;

/// Chooses among the ready actors with equal chances.
#[derive(Clone, Debug)]
pub struct Random(fastrand::Rng);

impl Random {
    /// The same seed gives the same choices.
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }
}

impl Scheduler for Random {
    fn next(&mut self, view: &View<'_>) -> Option<ActorId> {
        view.ready.iter().nth(self.0.usize(..view.ready.len()))
    }
}
