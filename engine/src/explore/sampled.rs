//! Executions drawn by a policy: as many as one likes, and no promise that they are all.

use super::Search;
use crate::model::{Run, Scheduler, View};
use crate::world::ActorId;

/// Runs that a policy chooses, each with another seed, without end.
pub struct Sampled {
    policy: fn(u64) -> Box<dyn Scheduler>,
    seed: u64,
    order: Vec<ActorId>,
}

impl Sampled {
    /// The first run has this seed, the next ones those that follow.
    pub fn new(first_seed: u64, policy: fn(u64) -> Box<dyn Scheduler>) -> Self {
        Self { policy, seed: first_seed, order: Vec::new() }
    }
}

/// Notes whom another scheduler chooses.
struct Noting<'a> {
    scheduler: Box<dyn Scheduler>,
    order: &'a mut Vec<ActorId>,
}

impl Scheduler for Noting<'_> {
    fn next(&mut self, view: &View<'_>) -> Option<ActorId> {
        let choice = self.scheduler.next(view);
        self.order.extend(choice);
        choice
    }
}

impl Search for Sampled {
    fn next(&mut self, run: &mut Run) -> bool {
        run.restart();
        self.order.clear();
        let scheduler = (self.policy)(self.seed);
        run.finish(&mut Noting { scheduler, order: &mut self.order });
        self.seed = self.seed.wrapping_add(1);
        true
    }

    fn order(&self) -> Vec<ActorId> {
        self.order.clone()
    }
}
