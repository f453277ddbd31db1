//! PCT: random priorities with a few random points where they change.
//!
//! Source: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic
//! Guarantees of Finding Bugs", ASPLOS 2010. A bug of depth d in a program of n actors and k turns
//! is found with a probability of at least 1 / (n · k^(d−1)).

use super::{Scheduler, View};
use crate::world::ActorId;

/// Always runs the ready actor of the highest priority; at `depth − 1` random turns the one that
/// would run falls below all others.
#[derive(Clone, Debug)]
pub struct Pct {
    rng: fastrand::Rng,
    /// By actor; the higher runs first. Drawn when an actor is first seen.
    priorities: Vec<u64>,
    change_at: Vec<u64>,
    /// The lowest priority given so far; below those drawn.
    floor: u64,
}

impl Pct {
    /// For bugs of the given depth, in runs of about `n_turns` turns.
    pub fn new(seed: u64, depth: u32, n_turns: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let change_at = (1..depth).map(|_| rng.u64(..n_turns.max(1))).collect();
        Self { rng, priorities: Vec::new(), change_at, floor: u64::from(u32::MAX) }
    }

    fn priority(&mut self, actor: ActorId) -> u64 {
        while self.priorities.len() <= actor.idx() {
            self.priorities.push(self.rng.u64(1 << 32..));
        }
        self.priorities[actor.idx()]
    }
}

impl Scheduler for Pct {
    fn next(&mut self, view: &View<'_>) -> Option<ActorId> {
        let first = view.ready.iter().max_by_key(|actor| self.priority(*actor))?;
        if !self.change_at.contains(&view.turn) {
            return Some(first);
        }
        self.floor -= 1;
        self.priorities[first.idx()] = self.floor;
        view.ready.iter().max_by_key(|actor| self.priority(*actor))
    }
}
