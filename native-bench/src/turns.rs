//! The model: how fast turns follow one another, and how fast whole executions do.

use std::sync::Arc;
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
/// `n_rounds` times.
fn program(n_rounds: u64) -> impl Fn(&Model) {
    move |world| {
        let shared = Arc::new((Lock::new(world, "lock", 0), Shared::new(world, "x", 0, 0)));
        for idx in 0..N_ACTORS {
            let shared = shared.clone();
            world.spawn("worker", idx, move |w| async move {
                let (lock, x) = &*shared;
                for _ in 0..n_rounds {
                    let guard = lock.acquire(&w).await;
                    let seen = x.load(&w).await;
                    x.store(&w, seen + 1).await;
                    guard.release().await;
                }
                let all_done = x.load(&w).await >= n_rounds as u32;
                w.check(all_done, "no update is lost");
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
/// When the execution does not finish.
pub fn turns(grain: Grain, record: bool, n_turns: u64) -> (u64, Duration) {
    let n_rounds = n_turns.div_ceil(OPERATIONS_PER_ROUND * u64::from(N_ACTORS));
    let mut run = Run::new(config(grain, record), program(n_rounds));
    let start = Instant::now();
    assert_eq!(run.finish(&mut RoundRobin), Ending::Finished);
    let elapsed = start.elapsed();
    assert!(run.n_turns() >= n_turns);
    (run.n_turns(), elapsed)
}

/// `n` complete executions of one round each, from [`Run::restart`] to the end.
///
/// # Panics
/// When an execution does not finish.
pub fn executions(grain: Grain, record: bool, n: u64) -> Duration {
    let mut run = Run::new(config(grain, record), program(1));
    let start = Instant::now();
    for _ in 0..n {
        run.restart();
        assert_eq!(run.finish(&mut RoundRobin), Ending::Finished);
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
