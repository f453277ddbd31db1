//! Round robin: one turn each, in a circle.

use super::{Scheduler, View};
use crate::world::ActorId;

/// Gives one turn to each ready actor in a circle.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoundRobin;

impl Scheduler for RoundRobin {
    fn next(&mut self, view: &View<'_>) -> Option<ActorId> {
        view.ready.after(view.last.filter(|last| *last != ActorId::CLOCK))
    }
}
