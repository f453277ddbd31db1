//! Pools of two workers: tasks that do next to nothing, and what they give.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use engine::World;
use engine::pool::Executor;
use engine::real::{Config, Ending, Plain, Run, Threads};

use crate::lock::work;

/// How many workers there are.
pub const WORKERS: u16 = 2;
/// At most so many tasks are waited for together.
pub(crate) const WAVE: u64 = 10_000;

/// Tasks that work for `units` of [`work`] and then give a number, all of them to be waited for.
fn task(number: u64, units: u32) -> u64 {
    work(units);
    number
}

/// The sizes of the waves in which `n_tasks` tasks come.
pub(crate) fn waves(n_tasks: u64) -> impl Iterator<Item = u64> {
    (0..n_tasks).step_by(WAVE as usize).map(move |done| WAVE.min(n_tasks - done))
}

/// What the tasks of all waves give together.
pub(crate) fn expected(n_tasks: u64) -> u64 {
    waves(n_tasks).map(sum_below).sum()
}

/// The sum of the numbers below `n`.
pub(crate) fn sum_below(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// The engine's pool: each task is submitted by one actor, who then waits for each result.
///
/// # Panics
/// When a result is missing.
pub fn ours(units: u32, n_tasks: u64) -> Duration {
    let (elapsed, sum) = in_one_actor(move |w| async move {
        let pool = Executor::new(&w, "pool", 0, WORKERS);
        let start = Instant::now();
        let mut sum = 0;
        for wave in waves(n_tasks) {
            let mut futures = Vec::with_capacity(wave as usize);
            for number in 0..wave {
                let future = pool.submit(&w, move |_| async move { Ok(task(number, units)) });
                futures.push(future.await.expect("it was not shut down"));
            }
            for future in futures {
                sum += future.result(&w).await.expect("the task does not fail");
            }
        }
        let elapsed = start.elapsed();
        pool.shutdown(&w, true, false).await;
        (elapsed, sum)
    });
    assert_eq!(sum, expected(n_tasks));
    elapsed
}

/// Runs one actor, and gives what it gives: how long something took, and a number.
pub(crate) fn in_one_actor<F: Future<Output = (Duration, u64)> + 'static>(
    body: impl FnOnce(Plain) -> F + Send + 'static,
) -> (Duration, u64) {
    let outcome = Arc::new([0; 2].map(AtomicU64::new));
    let result = outcome.clone();
    let run = Run::start(Threads, Config::default(), move |world: &Plain| {
        world.spawn("main", 0, move |w| async move {
            let (elapsed, number) = body(w).await;
            // Relaxed: read after the run has ended.
            result[0].store(elapsed.as_nanos() as u64, Ordering::Relaxed);
            result[1].store(number, Ordering::Relaxed);
        });
    });
    assert_eq!(run.join(), Ending::Finished);
    // Relaxed: as above.
    let [elapsed_ns, number] = [0, 1].map(|idx| outcome[idx].load(Ordering::Relaxed));
    (Duration::from_nanos(elapsed_ns), number)
}

pub(crate) fn rayon_pool() -> rayon::ThreadPool {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(WORKERS.into());
    builder.build().expect("the system has threads left")
}

/// rayon: the tasks of a scope, each with a place for its result. A worker spawns them.
///
/// # Panics
/// When a result is missing.
pub fn rayon_scope(units: u32, n_tasks: u64) -> Duration {
    let pool = rayon_pool();
    let start = Instant::now();
    let mut sum = 0;
    for wave in waves(n_tasks) {
        let mut results = vec![0; wave as usize];
        pool.scope(|scope| {
            for (result, number) in results.iter_mut().zip(0..) {
                scope.spawn(move |_| *result = task(number, units));
            }
        });
        sum += results.iter().sum::<u64>();
    }
    let elapsed = start.elapsed();
    assert_eq!(sum, expected(n_tasks));
    elapsed
}

/// rayon: tasks that another thread submits, each with a channel for its result.
///
/// # Panics
/// When a result is missing.
pub fn rayon_submit(units: u32, n_tasks: u64) -> Duration {
    let pool = rayon_pool();
    let start = Instant::now();
    let mut sum = 0;
    for wave in waves(n_tasks) {
        let submit = |number| {
            let (sender, receiver) = std::sync::mpsc::sync_channel(1);
            pool.spawn(move || {
                let sent = sender.send(task(number, units));
                sent.expect("somebody waits for it");
            });
            receiver
        };
        let receivers: Vec<_> = (0..wave).map(submit).collect();
        sum += receivers.iter().map(|r| r.recv().expect("the task does not fail")).sum::<u64>();
    }
    let elapsed = start.elapsed();
    assert_eq!(sum, expected(n_tasks));
    elapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_contestants_give_all_results() {
        for n_tasks in [1, 300, WAVE + 7] {
            ours(10, n_tasks);
            rayon_scope(10, n_tasks);
            rayon_submit(10, n_tasks);
        }
    }
}
