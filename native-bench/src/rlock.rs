//! Locks that their owner may take again. They contend as those of [`crate::lock`] do.

use std::hint::black_box;
use std::time::{Duration, Instant};

use engine::real::Plain;
use engine::{block, sync};

use crate::crew::Actor;
use crate::lock::Contestant;

/// Whoever can also be taken again by its owner.
pub trait Reentrant: Contestant {}

impl Contestant for sync::RLock<Plain> {
    const NAME: &'static str = "five forks";
    type Actor = Plain;

    fn new() -> Self {
        Self::new(&Plain::solo(), "lock", 0)
    }

    #[inline]
    fn with<T>(&self, w: &Plain, inside: impl FnOnce() -> T) -> T {
        let guard = block(self.acquire(w)).expect("the run is not stopped");
        let output = inside();
        block(guard.release());
        output
    }
}

impl Contestant for parking_lot::ReentrantMutex<()> {
    const NAME: &'static str = "parking_lot";
    type Actor = ();

    fn new() -> Self {
        Self::default()
    }

    #[inline]
    fn with<T>(&self, (): &(), inside: impl FnOnce() -> T) -> T {
        let _guard = self.lock();
        inside()
    }
}

impl Reentrant for sync::RLock<Plain> {}
impl Reentrant for parking_lot::ReentrantMutex<()> {}

/// How deep [`nested`] takes a lock.
pub const DEPTH: u64 = 4;

/// One thread takes the lock [`DEPTH`] times, one inside the other, and gives it back as often; and
/// so on, `n_ops` times (rounded down to whole nests, but one at least).
///
/// # Panics
/// When the innermost was not reached each time.
pub fn nested<L: Reentrant>(n_ops: u64) -> Duration {
    let n_nests = (n_ops / DEPTH).max(1);
    let (lock, actor) = (L::new(), L::Actor::one());
    let lock = black_box(&lock);
    let mut n_reached = 0;
    let start = Instant::now();
    for _ in 0..n_nests {
        let inside = || n_reached = black_box(n_reached + 1);
        let three = || lock.with(&actor, || lock.with(&actor, || lock.with(&actor, inside)));
        lock.with(&actor, three);
    }
    let elapsed = start.elapsed();
    assert_eq!(n_reached, n_nests);
    elapsed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{LOADS, contended};

    fn check<L: Reentrant>() {
        nested::<L>(100);
        contended::<L>(LOADS[1], 200);
    }

    #[test]
    fn all_contestants_nest_and_exclude() {
        check::<sync::RLock<Plain>>();
        check::<parking_lot::ReentrantMutex<()>>();
    }
}
