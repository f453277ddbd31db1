//! What is done once: what it costs to ask when it is done already, which is nearly always.

use std::hint::black_box;
use std::time::{Duration, Instant};

use engine::real::Plain;
use engine::{block, sync};

use crate::crew::Actor;

/// Whoever can see to it that something is done once.
pub trait Contestant: Sized + 'static {
    /// The name in tables.
    const NAME: &'static str;
    /// What a thread needs to ask.
    type Actor: Actor;

    /// Nothing is done.
    fn new() -> Self;
    /// Does `job` unless it is done.
    fn call(&self, actor: &Self::Actor, job: impl FnOnce());
}

impl Contestant for sync::Once<Plain> {
    const NAME: &'static str = "five forks";
    type Actor = Plain;

    fn new() -> Self {
        Self::new(&Plain::solo(), "once", 0)
    }

    #[inline]
    fn call(&self, w: &Plain, job: impl FnOnce()) {
        let done = self.call(w, async || {
            job();
            Ok::<(), ()>(())
        });
        block(done).expect("the run is not stopped").expect("the job does not fail");
    }
}

impl Contestant for std::sync::Once {
    const NAME: &'static str = "std";
    type Actor = ();

    fn new() -> Self {
        Self::new()
    }

    #[inline]
    fn call(&self, (): &(), job: impl FnOnce()) {
        self.call_once(job);
    }
}

impl Contestant for parking_lot::Once {
    const NAME: &'static str = "parking_lot";
    type Actor = ();

    fn new() -> Self {
        Self::new()
    }

    #[inline]
    fn call(&self, (): &(), job: impl FnOnce()) {
        self.call_once(job);
    }
}

/// One thread calls for it `n_ops` times, all but the first in vain.
///
/// # Panics
/// When it was not done once.
pub fn done<O: Contestant>(n_ops: u64) -> Duration {
    let (once, actor) = (O::new(), O::Actor::one());
    let once = black_box(&once);
    let mut n_done = 0;
    once.call(&actor, || n_done += 1);
    let start = Instant::now();
    for _ in 0..n_ops {
        black_box(once).call(&actor, || n_done += 1);
    }
    let elapsed = start.elapsed();
    assert_eq!(n_done, 1);
    elapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_contestants_do_it_once() {
        done::<sync::Once<Plain>>(100);
        done::<std::sync::Once>(100);
        done::<parking_lot::Once>(100);
    }
}
