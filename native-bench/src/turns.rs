//! The model: how fast turns follow one another, and how fast whole executions do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use engine::World;
use engine::model::{Config, Ending, Grain, Model, RoundRobin, Run};
use engine::sync::Lock;
use engine::world::Shared;

/// How many actors want the lock.
pub const N_ACTORS: u16 = 3;

/// At the grain of operations: acquire, load, store, release.
const OPERATIONS_PER_ROUND: u64 = 4;

/// Each of [`N_ACTORS`] actors takes the lock, reads the cell, writes it and gives the lock back,
/// `n_rounds` times. The most that anybody wrote is in `most`.
fn program(n_rounds: u64, most: &Arc<AtomicU64>) -> impl Fn(&Model) + use<> {
    let most = most.clone();
    move |world| {
        let shared = Arc::new((Lock::new(world, "lock", 0), Shared::new(world, "x", 0, 0)));
        for idx in 0..N_ACTORS {
            let (shared, most) = (shared.clone(), most.clone());
            world.spawn("worker", idx, move |w| async move {
                let (lock, x) = &*shared;
                let mut seen = 0;
                for _ in 0..n_rounds {
                    let guard = lock.acquire(&w).await;
                    seen = x.load(&w).await;
                    x.store(&w, seen + 1).await;
                    guard.release().await;
                }
                // Relaxed, here and below: there is one thread.
                most.fetch_max(u64::from(seen) + 1, Ordering::Relaxed);
            });
        }
    }
}

fn config(grain: Grain, record: bool) -> Config {
    Config { grain, record, max_turns: u64::MAX, ..Config::default() }
}

/// How the model is asked to run.
pub const VARIANTS: [(&str, Grain, bool); 4] = [
    ("operations", Grain::Operations, false),
    ("words", Grain::Words, false),
    ("operations, recorded", Grain::Operations, true),
    ("words, recorded", Grain::Words, true),
];

/// One execution of at least `n_turns` turns (more where actors block); gives how many there were
/// and the time they took.
///
/// # Panics
/// When the execution does not finish, or loses an update.
pub fn turns(grain: Grain, record: bool, n_turns: u64) -> (u64, Duration) {
    let n_rounds = n_turns.div_ceil(OPERATIONS_PER_ROUND * u64::from(N_ACTORS));
    let most = Arc::default();
    let mut run = Run::new(config(grain, record), program(n_rounds, &most));
    let start = Instant::now();
    assert_eq!(run.finish(&mut RoundRobin), Ending::Finished);
    let elapsed = start.elapsed();
    assert_eq!(most.load(Ordering::Relaxed), u64::from(N_ACTORS) * n_rounds, "an update was lost");
    assert!(run.n_turns() >= n_turns);
    (run.n_turns(), elapsed)
}

/// `n` complete executions of one round each, from [`Run::restart`] to the end.
///
/// # Panics
/// When an execution does not finish, or loses an update.
pub fn executions(grain: Grain, record: bool, n: u64) -> Duration {
    let most = Arc::default();
    let mut run = Run::new(config(grain, record), program(1, &most));
    let start = Instant::now();
    for _ in 0..n {
        run.restart();
        assert_eq!(run.finish(&mut RoundRobin), Ending::Finished);
        assert_eq!(most.swap(0, Ordering::Relaxed), u64::from(N_ACTORS), "an update was lost");
    }
    start.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_finishes() {
        for (_, grain, record) in VARIANTS {
            let (n_turns, _) = turns(grain, record, 120);
            assert!(n_turns >= 120);
            executions(grain, record, 3);
        }
    }
}
