//! What it costs to take and give back a lock while every step is recorded.
//!
//! What it costs that recording is possible and switched off is the ratio of the engine's lock to
//! the one by hand; both are contestants of [`crate::lock`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use engine::World;
use engine::real::{Config, Ending, Recorded, Run, Threads};
use engine::sync::Lock;

use crate::lock::with_recorded;

/// How many operations fit into one run's ring: each declares and does two things.
const OPS_PER_RUN: u64 = 10_000;
const EVENTS_PER_OP: usize = 4;

/// One actor takes and gives back a lock `n_ops` times, and the log holds every step of it.
///
/// # Panics
/// When an event is missing.
pub fn recorded(n_ops: u64) -> Duration {
    let whole = n_ops / OPS_PER_RUN;
    let rest = n_ops % OPS_PER_RUN;
    (0..whole).map(|_| one_run(OPS_PER_RUN)).sum::<Duration>() + one_run(rest)
}

fn one_run(n_ops: u64) -> Duration {
    // The reader begins after the clock has stopped; so the ring holds everything.
    let ring_capacity = EVENTS_PER_OP * n_ops as usize + 16;
    let config = Config { max_actors: 1, ring_capacity, ..Config::default() };
    let elapsed_ns = Arc::new(AtomicU64::new(0));
    let result = elapsed_ns.clone();
    let run = Run::start(Threads, config, move |world: &Recorded| {
        let lock = Arc::new(Lock::new(world, "lock", 0));
        world.spawn("worker", 0, move |w| async move {
            let start = Instant::now();
            for _ in 0..n_ops {
                with_recorded(&lock, &w, || ());
            }
            // Relaxed: read after the run has ended.
            result.store(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
        });
    });
    let (ending, log) = run.join_with_log();
    assert_eq!(ending, Ending::Finished);
    // Besides the operations the actor's beginning and end.
    assert_eq!(log.events.len(), EVENTS_PER_OP * n_ops as usize + 2);
    assert_eq!(log.n_lost, 0);
    Duration::from_nanos(elapsed_ns.load(Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_step_is_recorded() {
        super::recorded(100);
    }
}
