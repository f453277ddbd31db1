//! Barriers: threads that wait for each other, round after round.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use engine::real::Plain;
use engine::{block, sync};

use crate::crew::{self, Actor};

/// Whoever can let threads wait for each other.
pub trait Contestant: Sync + Sized + 'static {
    /// The name in tables.
    const NAME: &'static str;
    /// What a thread needs to wait.
    type Actor: Actor;

    /// A barrier for this many.
    fn new(parties: usize) -> Self;
    /// Waits until all have come.
    fn wait(&self, actor: &Self::Actor);
}

impl Contestant for sync::Barrier<Plain> {
    const NAME: &'static str = "five forks";
    type Actor = Plain;

    fn new(parties: usize) -> Self {
        Self::new(&Plain::solo(), "barrier", 0, parties as u32)
    }

    #[inline]
    fn wait(&self, w: &Plain) {
        let passed = block(self.wait(w)).expect("the run is not stopped");
        passed.expect("nobody breaks the barrier");
    }
}

impl Contestant for std::sync::Barrier {
    const NAME: &'static str = "std";
    type Actor = ();

    fn new(parties: usize) -> Self {
        Self::new(parties)
    }

    #[inline]
    fn wait(&self, (): &()) {
        self.wait();
    }
}

/// `parties` threads wait for each other `n_rounds` times.
///
/// # Panics
/// When one passed before all had come.
pub fn rounds<B: Contestant>(parties: usize, n_rounds: u64) -> Duration {
    let barrier = B::new(parties);
    let n_come = AtomicU64::new(0);
    let (elapsed, _) = crew::run(B::Actor::several(parties), |actor| {
        for round in 1..=n_rounds {
            // Relaxed: the barrier gives the order; without it the count goes wrong.
            n_come.fetch_add(1, Ordering::Relaxed);
            barrier.wait(&actor);
            let (seen, all) = (n_come.load(Ordering::Relaxed), round * parties as u64);
            let others = parties as u64 - 1; // They may be a round ahead.
            assert!((all..=all + others).contains(&seen), "{seen} had come, not {all}");
        }
    });
    assert_eq!(n_come.into_inner(), n_rounds * parties as u64);
    elapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_contestants_wait_for_all() {
        for parties in [1, 2, 4] {
            rounds::<sync::Barrier<Plain>>(parties, 100);
            rounds::<std::sync::Barrier>(parties, 100);
        }
    }
}
