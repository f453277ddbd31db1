//! PCT: random priorities with a few random points where they change.
//!
//! Source: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic
//! Guarantees of Finding Bugs", ASPLOS 2010. A bug of depth d in a program of n actors and k turns
//! is found with a probability of at least 1 / (n · k^(d−1)).

use super::{Scheduler, View};
use crate::world::ActorId;

/// How many turns an actor may take in a row while others are ready. Whoever takes more is taken to wait
/// for one of them by looking again and again, and would do so for ever.
const IN_A_ROW: u32 = 200;

/// Always runs the ready actor of the highest priority; at `depth − 1` random turns, and when it has run
/// for very long, the one that would run falls below all others.
#[derive(Clone, Debug)]
pub struct Pct {
    rng: fastrand::Rng,
    /// By actor; the higher runs first. Drawn when an actor is first seen.
    priorities: Vec<u64>,
    change_at: Vec<u64>,
    /// The lowest priority given so far; below those drawn.
    floor: u64,
    /// Who runs, and how many turns it took in a row.
    running: Option<ActorId>,
    n_in_a_row: u32,
}

impl Pct {
    /// For bugs of the given depth, in runs of about `n_turns` turns.
    pub fn new(seed: u64, depth: u32, n_turns: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let change_at = (1..depth).map(|_| rng.u64(..n_turns.max(1))).collect();
        let floor = u64::from(u32::MAX);
        Self { rng, priorities: Vec::new(), change_at, floor, running: None, n_in_a_row: 0 }
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
        let goes_on = self.running.replace(first) == Some(first);
        self.n_in_a_row = if goes_on { self.n_in_a_row + 1 } else { 1 };
        if !self.change_at.contains(&view.turn) && self.n_in_a_row <= IN_A_ROW {
            return Some(first);
        }
        self.running = None;
        self.floor -= 1;
        self.priorities[first.idx()] = self.floor;
        view.ready.iter().max_by_key(|actor| self.priority(*actor))
    }
}
