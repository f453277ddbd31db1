//! Executions drawn by a policy: as many as one likes, and no promise that they are all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Piece, Search};
use crate::model::{Run, Scheduler, View};
use crate::world::ActorId;

/// Runs that a policy chooses, each with another seed, without end.
pub struct Sampled {
    policy: fn(u64) -> Box<dyn Scheduler>,
    /// The next one; its pieces draw from it together.
    seed: Arc<AtomicU64>,
    order: Vec<ActorId>,
}

impl Sampled {
    /// The first run has this seed, the next ones those that follow.
    pub fn new(first_seed: u64, policy: fn(u64) -> Box<dyn Scheduler>) -> Self {
        Self { policy, seed: Arc::new(first_seed.into()), order: Vec::new() }
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
        // Relaxed: a number that nobody else gets.
        let scheduler = (self.policy)(self.seed.fetch_add(1, Ordering::Relaxed));
        run.finish(&mut Noting { scheduler, order: &mut self.order });
        true
    }

    fn order(&self) -> Vec<ActorId> {
        self.order.clone()
    }

    fn split(&mut self) -> Option<Piece> {
        Some(Box::new(Self { policy: self.policy, seed: self.seed.clone(), order: Vec::new() }))
    }
}
