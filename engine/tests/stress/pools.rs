//! Executors: each task is done once or called off, whoever cancels or shuts down meanwhile.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::World;
use engine::pool::{self, Exception, Executor, ForkJoin, Future, TaskError, Until, Worker};
use engine::sync::Semaphore;
use engine::world::Boxed;

use crate::{Check, Count, Memory, both, moment, stress};

const N_CLIENTS: u16 = 3;

/// What was seen of one task.
#[derive(Default)]
struct Seen {
    /// Written by the worker alone.
    ran: Memory,
    n_runs: Count,
    n_calls: Count,
}

/// A task that gives its number, raises it, or panics with it.
async fn submit<W: World>(
    w: &W,
    pool: &Executor<W>,
    number: u64,
    seen: Arc<Seen>,
) -> Option<Future<W, u64>> {
    let task = move |w: W| async move {
        seen.ran.count();
        seen.n_runs.add(1);
        if w.random(8) == 0 {
            w.sleep(Duration::from_micros(w.random(80).into())).await;
        }
        match number % 8 {
            3 => Err(Exception::new("it is a 3")),
            // The hook prints nothing for it.
            5 => std::panic::resume_unwind(Box::new("it is a 5")),
            _ => Ok(number),
        }
    };
    pool.submit(w, task).await.ok()
}

/// What must have come of a task that was submitted.
fn fits(number: u64, result: &Result<u64, TaskError>) -> bool {
    match number % 8 {
        3 => *result == Err(TaskError::Failed(Exception::new("it is a 3"))),
        5 => *result == Err(TaskError::Failed(Exception::new("it is a 5"))),
        _ => *result == Ok(number),
    }
}

async fn client<W: World>(w: &W, pool: &Executor<W>, tasks: &[Arc<Seen>], first: u64) -> u64 {
    let mut futures = Vec::new();
    let mut n_cancelled = 0;
    for (seen, number) in tasks.iter().zip(first..) {
        let Some(future) = submit(w, pool, number, seen.clone()).await else { break };
        let called = seen.clone();
        let tell = move |_: W, _| async move { called.n_calls.add(1) };
        future.add_done_callback(w, tell).await;
        futures.push((number, future));
        let Some((number, future)) = futures.get(w.random(futures.len() as u32) as usize) else {
            continue;
        };
        match w.random(6) {
            0 => n_cancelled += u64::from(future.cancel(w).await),
            1 => match future.result_timeout(w, moment(w)).await {
                Err(TaskError::TimedOut | TaskError::Cancelled) => {}
                result => w.check(fits(*number, &result), "what the task gave"),
            },
            2 => {
                let some: Vec<_> = futures.iter().rev().take(3).map(|(_, f)| f.clone()).collect();
                let [done, left] = pool::wait(w, &some, Until::First, Some(moment(w))).await;
                w.check(done.len() + left.len() == some.len(), "each is on one side");
            }
            _ => {}
        }
    }
    // Whoever shuts the pool down sees to it that none is left alone.
    for (number, future) in &futures {
        let result = future.result(w).await;
        let is_cancelled = future.is_cancelled(w).await;
        w.check(is_cancelled == (result == Err(TaskError::Cancelled)), "one or the other");
        w.check(is_cancelled || fits(*number, &result), "what the task gave");
        w.check(future.is_done(w).await, "and that is all");
        let seen = &tasks[(number - first) as usize];
        w.check(seen.ran.get() == u64::from(!is_cancelled), "it was done, or called off");
    }
    futures.len() as u64 + n_cancelled
}

pub fn pools<W: World>(world: &W, n_rounds: u32) -> Check {
    let n_tasks = n_rounds / 2;
    let tasks: Arc<Vec<Vec<Arc<Seen>>>> =
        Arc::new((0..N_CLIENTS).map(|_| (0..n_tasks).map(|_| Arc::default()).collect()).collect());
    let n_all = Arc::new(Count::default());
    let [is_early, waits, cancels] = [(); 3].map(|()| world.random(2) == 0);
    let (n_done, all) = (n_all.clone(), tasks.clone());
    world.spawn("main", 0, move |w| async move {
        let pool = Executor::new(&w, "pool", 0, 1 + w.random(3) as u16);
        let through = Arc::new(Semaphore::new(&w, "through", 0, 0));
        for idx in 0..N_CLIENTS {
            let (pool, all, n_done) = (pool.clone(), all.clone(), n_done.clone());
            let through = through.clone();
            w.spawn("client", idx, move |w| async move {
                let first = u64::from(idx) << 32;
                n_done.add(client(&w, &pool, &all[usize::from(idx)], first).await);
                w.check(through.release(&w).await.is_ok(), "far from the end");
            });
        }
        if is_early {
            w.sleep(Duration::from_micros(w.random(3_000).into())).await;
            pool.shutdown(&w, waits, cancels).await;
        }
        for _ in 0..N_CLIENTS {
            through.acquire(&w).await.forget();
        }
        pool.shutdown(&w, true, true).await;
        w.check(submit(&w, &pool, 0, Arc::default()).await.is_none(), "it is closed");
    });
    Box::new(move || {
        for seen in tasks.iter().flatten() {
            assert!(seen.ran.get() == seen.n_runs.get() && seen.ran.get() <= 1, "once");
            assert!(seen.n_calls.get() <= 1, "called back once");
            assert!(seen.n_calls.get() >= seen.ran.get(), "who was run was called back");
        }
        n_all.get()
    })
}

/// Each future comes once, when it is through.
pub fn completions<W: World>(world: &W, n_rounds: u32) -> Check {
    let n_tasks = u64::from(n_rounds / 4);
    world.spawn("main", 0, move |w| async move {
        let pool = Executor::new(&w, "pool", 0, 3);
        for _ in 0..4 {
            let mut futures = Vec::new();
            for number in 0..n_tasks {
                futures.extend(submit(&w, &pool, number, Arc::default()).await);
            }
            w.check(futures.len() as u64 == n_tasks, "it is open");
            let n_cancelled = {
                let future = &futures[w.random(n_tasks as u32) as usize];
                u64::from(future.cancel(&w).await)
            };
            let mut completed = pool::as_completed(&w, &futures).await;
            let (mut n_all, mut sum, mut n_off) = (0, 0, 0);
            while let Some(future) = completed.next(&w).await {
                w.check(future.is_done(&w).await, "it is through");
                n_all += 1;
                match future.result(&w).await {
                    Ok(number) => sum += number + 1,
                    Err(TaskError::Cancelled) => n_off += 1,
                    Err(_) => {}
                }
            }
            w.check(n_all == n_tasks, "each comes once");
            w.check(n_off == n_cancelled, "one at most was called off");
            let most: u64 = (0..n_tasks).filter(|n| n % 8 != 3 && n % 8 != 5).map(|n| n + 1).sum();
            w.check(sum == most || n_off == 1 && sum <= most, "each gives its number");
            let [done, left] = pool::wait(&w, &futures, Until::All, None).await;
            w.check(done.len() as u64 == n_tasks && left.is_empty(), "all are through");
            let results = pool.map(&w, 0..n_tasks, |_, n| async move { Ok(n * n) }).await;
            let Ok(mut results) = results else { return w.check(false, "it is open") };
            for n in 0..n_tasks {
                w.check(results.next(&w).await == Some(Ok(n * n)), "in their order");
            }
            w.check(results.next(&w).await.is_none(), "and no more");
        }
        pool.shutdown(&w, true, false).await;
    });
    Box::new(move || 8 * n_tasks)
}

/// Tasks submit tasks, while somebody counts when nothing is left.
pub fn families<W: World>(world: &W, n_rounds: u32) -> Check {
    fn grow<W: World>(
        w: &W,
        pool: Executor<W>,
        depth: u32,
        n_left: Arc<Semaphore<W>>,
        leaves: Arc<Mutex<Vec<u32>>>,
        path: u32,
    ) -> Boxed<'static> {
        W::boxed({
            let w = w.clone();
            async move {
                if depth == 0 {
                    leaves.lock().unwrap().push(path);
                    w.check(n_left.release(&w).await.is_ok(), "far from the end");
                    return;
                }
                for side in 0..2 {
                    let (inner, n_left, leaves) = (pool.clone(), n_left.clone(), leaves.clone());
                    let task = move |w: W| async move {
                        grow(&w, inner, depth - 1, n_left, leaves, path * 2 + side).await;
                        Ok(())
                    };
                    w.check(pool.submit(&w, task).await.is_ok(), "it is open");
                }
            }
        })
    }
    let depth = n_rounds.ilog2().min(6);
    let leaves = Arc::new(Mutex::new(Vec::new()));
    let all = leaves.clone();
    world.spawn("main", 0, move |w| async move {
        let pool = Executor::new(&w, "pool", 0, 3);
        let n_left = Arc::new(Semaphore::new(&w, "leaves", 0, 0));
        grow(&w, pool.clone(), depth, n_left.clone(), all, 1).await;
        for _ in 0..1 << depth {
            n_left.acquire(&w).await.forget();
        }
        pool.shutdown(&w, true, false).await;
    });
    Box::new(move || {
        let mut leaves = std::mem::take(&mut *leaves.lock().unwrap());
        leaves.sort_unstable();
        assert!(leaves.into_iter().eq(1 << depth..2 << depth), "each leaf once");
        2 << depth
    })
}

/// Halves of halves, some of which panic, over plain memory that each leaf writes alone; then the join
/// above it reads what its halves wrote.
pub fn forks<W: World>(world: &W, n_rounds: u32) -> Check {
    async fn grow<W: World>(worker: &mut Worker<W>, leaves: Arc<Vec<Memory>>, at: usize) -> u64 {
        if at >= leaves.len() / 2 {
            if worker.world().random(16) == 0 {
                let moment = Duration::from_micros(worker.world().random(30).into());
                let w = worker.world().clone();
                w.sleep(moment).await;
            }
            leaves[at].count();
            return 1;
        }
        let (left, right) = (leaves.clone(), leaves.clone());
        let one = async move |worker: &mut Worker<W>| grow(worker, left, 2 * at).await;
        let other = async move |worker: &mut Worker<W>| grow(worker, right, 2 * at + 1).await;
        let (one, other) = worker.join(one, other).await;
        let seen = [2 * at, 2 * at + 1].map(|at| leaves[at].get());
        leaves[at].set(seen[0] + seen[1]);
        one + other
    }
    let n_leaves = 1_usize << n_rounds.ilog2().min(7);
    world.spawn("main", 0, move |w| async move {
        let pool = ForkJoin::new(&w, "pool", 0, 1 + w.random(4) as u16);
        for _ in 0..8 {
            let mut trees = Vec::new();
            for _ in 0..1 + w.random(3) {
                let leaves: Arc<Vec<Memory>> =
                    Arc::new((0..2 * n_leaves).map(|_| Memory::default()).collect());
                let theirs = leaves.clone();
                let task = async move |worker: &mut Worker<W>| Ok(grow(worker, theirs, 1).await);
                let future = pool.submit(&w, task).await;
                trees.extend(future.ok().map(|future| (future, leaves)));
            }
            let broken = async |worker: &mut Worker<W>| {
                let fine = async |_: &mut Worker<W>| 1;
                // The hook prints nothing for it.
                let raise = async |_: &mut Worker<W>| std::panic::resume_unwind(Box::new("broken"));
                let (one, two): (u32, u32) = worker.join(fine, raise).await;
                Ok(one + two)
            };
            if let Ok(broken) = pool.submit(&w, broken).await {
                let why = TaskError::Failed(Exception::new("broken"));
                w.check(broken.result(&w).await == Err(why), "a panic comes through");
            }
            for (future, leaves) in trees {
                w.check(future.result(&w).await == Ok(n_leaves as u64), "each leaf once");
                w.check(leaves[1].get() == n_leaves as u64, "and all of them are seen");
            }
        }
        pool.shutdown(&w, true, false).await;
    });
    Box::new(move || 16 * n_leaves as u64)
}

#[test]
fn forks_are_joined() {
    stress(both!(forks));
}

#[test]
fn tasks_are_done_once_or_called_off() {
    stress(both!(pools));
}

#[test]
fn futures_come_once_when_they_are_through() {
    stress(both!(completions));
}

#[test]
fn tasks_submit_tasks() {
    stress(both!(families));
}
