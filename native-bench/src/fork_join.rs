//! Pools of two workers and work that forks: Fibonacci numbers, each as the sum of two, by `join`;
//! scopes of tasks that do next to nothing; and calls into a pool from outside.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use engine::World;
use engine::pool::{ForkJoin, Scope, Worker};
use engine::real::Plain;

use crate::lock::work;
use crate::pool::{WAVE, WORKERS, expected, in_one_actor, rayon_pool, sum_below, waves};

/// The number without forks.
pub fn serial(n: u32) -> u64 {
    if n < 2 { n.into() } else { serial(n - 1) + serial(n - 2) }
}

/// How many joins there are on the way to a number, when those below `cut_off` are not forked.
fn n_joins(n: u32, cut_off: u32) -> u64 {
    if n < cut_off { 0 } else { 1 + n_joins(n - 1, cut_off) + n_joins(n - 2, cut_off) }
}

/// How often number `n` has to be computed for so many joins, and how many joins that is.
fn rounds(n: u32, n_ops: u64, cut_off: u32) -> (u64, u64) {
    let n_joins = n_joins(n, cut_off);
    let n_rounds = n_ops.div_ceil(n_joins);
    (n_rounds, n_rounds * n_joins)
}

async fn fib<const CUT_OFF: u32, W: World>(worker: &mut Worker<W>, n: u32) -> u64 {
    if n < CUT_OFF {
        return serial(n);
    }
    let one = async move |worker: &mut Worker<W>| fib::<CUT_OFF, W>(worker, n - 1).await;
    let other = async move |worker: &mut Worker<W>| fib::<CUT_OFF, W>(worker, n - 2).await;
    let (one, other) = worker.join(one, other).await;
    one + other
}

/// The engine's pool computes number `n` again and again: one so large that its beginning and end do
/// not count. Gives how many joins there were, and how long they took.
///
/// # Panics
/// When a result is wrong.
pub fn ours<const CUT_OFF: u32>(n: u32, n_ops: u64) -> (u64, Duration) {
    let ((n_rounds, n_joins), expected) = (rounds(n, n_ops, CUT_OFF), serial(n));
    let (elapsed, _) = in_one_actor(move |w| async move {
        let pool = ForkJoin::new(&w, "pool", 0, WORKERS);
        let start = Instant::now();
        for _ in 0..n_rounds {
            let task = async move |worker: &mut Worker<_>| Ok(fib::<CUT_OFF, _>(worker, n).await);
            let future = pool.submit(&w, task).await.expect("it was not shut down");
            w.check(future.result(&w).await == Ok(expected), "the number is right");
        }
        let elapsed = start.elapsed();
        pool.shutdown(&w, true, false).await;
        (elapsed, 0)
    });
    (n_joins, elapsed)
}

fn rayon_fib<const CUT_OFF: u32>(n: u32) -> u64 {
    if n < CUT_OFF {
        return serial(n);
    }
    let (one, other) = rayon::join(|| rayon_fib::<CUT_OFF>(n - 1), || rayon_fib::<CUT_OFF>(n - 2));
    one + other
}

/// rayon computes number `n` again and again. Gives how many joins there were, and how long they took.
///
/// # Panics
/// When a result is wrong.
pub fn rayon_join<const CUT_OFF: u32>(n: u32, n_ops: u64) -> (u64, Duration) {
    let ((n_rounds, n_joins), expected) = (rounds(n, n_ops, CUT_OFF), serial(n));
    let pool = rayon_pool();
    let start = Instant::now();
    for _ in 0..n_rounds {
        assert_eq!(pool.install(|| rayon_fib::<CUT_OFF>(n)), expected);
    }
    (n_joins, start.elapsed())
}

/// A place for the result of each task of a scope, which outlives all pools: a task of the engine's owns
/// what it uses.
static PLACES: LazyLock<Vec<AtomicU64>> =
    LazyLock::new(|| (0..WAVE).map(|_| AtomicU64::new(0)).collect());

/// The engine's pool: the tasks of scopes, each with a place for its result. A worker spawns them.
///
/// # Panics
/// When a result is missing.
pub fn our_scope(units: u32, n_tasks: u64) -> Duration {
    let places = LazyLock::force(&PLACES);
    let (elapsed, sum) = in_one_actor(move |w| async move {
        let pool = ForkJoin::new(&w, "pool", 0, WORKERS);
        let start = Instant::now();
        let mut sum = 0;
        for wave in waves(n_tasks) {
            let spawn_all = async move |scope: &mut Scope<'_, Plain>| {
                for (place, number) in places.iter().zip(0..wave) {
                    let task = async move |_: &mut Worker<_>| {
                        work(units);
                        // Relaxed: the end of the scope orders it.
                        place.store(number, Ordering::Relaxed);
                    };
                    scope.spawn(task).await;
                }
            };
            let task = async move |worker: &mut Worker<Plain>| {
                worker.scope(spawn_all).await;
                Ok(())
            };
            let done = pool.submit(&w, task).await.expect("it was not shut down");
            done.result(&w).await.expect("the tasks do not fail");
            // Relaxed: as above. Taken away, so that one that is missing is seen.
            let results = places[..wave as usize].iter();
            sum += results.map(|place| place.swap(0, Ordering::Relaxed)).sum::<u64>();
        }
        let elapsed = start.elapsed();
        pool.shutdown(&w, true, false).await;
        (elapsed, sum)
    });
    assert_eq!(sum, expected(n_tasks));
    elapsed
}

/// The engine's pool: one task after the other, each called for from outside and waited for there.
///
/// # Panics
/// When a result is wrong.
pub fn our_call(n_calls: u64) -> Duration {
    let (elapsed, sum) = in_one_actor(move |w| async move {
        let pool = ForkJoin::new(&w, "pool", 0, WORKERS);
        let start = Instant::now();
        let mut sum = 0;
        for number in 0..n_calls {
            let task = async move |_: &mut Worker<_>| Ok(number);
            let future = pool.submit(&w, task).await.expect("it was not shut down");
            sum += future.result(&w).await.expect("the task does not fail");
        }
        let elapsed = start.elapsed();
        pool.shutdown(&w, true, false).await;
        (elapsed, sum)
    });
    assert_eq!(sum, sum_below(n_calls));
    elapsed
}

/// rayon: the same by `install`.
///
/// # Panics
/// When a result is wrong.
pub fn rayon_install(n_calls: u64) -> Duration {
    let pool = rayon_pool();
    let start = Instant::now();
    let sum: u64 = (0..n_calls).map(|number| pool.install(|| number)).sum();
    let elapsed = start.elapsed();
    assert_eq!(sum, sum_below(n_calls));
    elapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: u32 = 20;

    #[test]
    fn both_contestants_give_the_number() {
        fn check<const CUT_OFF: u32>() {
            let n_ops = n_joins(N, CUT_OFF) + 1;
            assert_eq!(ours::<CUT_OFF>(N, n_ops).0, 2 * (n_ops - 1));
            assert_eq!(rayon_join::<CUT_OFF>(N, n_ops).0, 2 * (n_ops - 1));
        }
        check::<2>();
        check::<12>();
    }

    #[test]
    fn a_scope_gives_all_results() {
        for n_tasks in [1, 300, WAVE + 7] {
            our_scope(10, n_tasks);
        }
    }

    #[test]
    fn a_call_gives_its_result() {
        for n_calls in [1, 300] {
            our_call(n_calls);
            rayon_install(n_calls);
        }
    }
}
