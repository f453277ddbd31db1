//! Pools: the rules of CPython's `concurrent.futures` as a table, in the model and on threads;
//! deadlocks with their cycles; random graphs of tasks.

mod everywhere;

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::World;
use engine::log::{Deadlock, Log};
use engine::model::{Ending, Grain, Model};
use engine::pool::{Exception, Executor, Future, ShutDown, TaskError, Until, as_completed, wait};
use engine::real::{self, Plain, Recorded, Threads};
use engine::sync::{Event, Lock};
use engine::world::{ActorId, ObjectKind};
use everywhere::{Diary, assert_nobody_panicked, run_in_model};
use proptest::prelude::*;

/// Seeds for the model: so many schedules at each grain.
const N_SEEDS: u64 = 60;

const SOON: Duration = Duration::from_millis(1);
const NEVER: Duration = Duration::MAX;

/// A task that says when it has begun and waits until it may go on.
struct Gate<W: World> {
    begun: Event<W>,
    open: Event<W>,
}

impl<W: World> Gate<W> {
    fn new(w: &W, idx: u16) -> Arc<Self> {
        Arc::new(Self { begun: Event::new(w, "begun", idx), open: Event::new(w, "open", idx) })
    }

    async fn pass(&self, w: &W) {
        self.begun.set(w).await;
        self.open.wait(w).await;
    }
}

/// Has a worker wait at a gate before it gives `value`.
async fn submit_gated<W: World>(
    w: &W,
    pool: &Executor<W>,
    idx: u16,
    value: Result<u32, Exception>,
) -> (Arc<Gate<W>>, Future<W, u32>) {
    let gate = Gate::new(w, idx);
    let theirs = gate.clone();
    let task = move |w: W| async move {
        theirs.pass(&w).await;
        value
    };
    (gate, pool.submit(w, task).await.unwrap())
}

fn error(name: &'static str) -> Result<u32, Exception> {
    Err(Exception::new(name))
}

fn failed(name: &'static str) -> Result<u32, TaskError> {
    Err(TaskError::Failed(Exception::new(name)))
}

/// A panic without a message on the terminal.
fn panic_with(what: impl std::any::Any + Send) -> Result<u32, Exception> {
    resume_unwind(Box::new(what))
}

// --- the rules ---------------------------------------------------------------------------------

#[test]
fn a_future_gives_what_its_task_gave_and_a_worker_survives_a_panic() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 1);
            type Table = [(fn() -> Result<u32, Exception>, Result<u32, TaskError>); 6];
            let table: Table = [
                (|| Ok(7), Ok(7)),
                (|| error("ValueError"), failed("ValueError")),
                (|| panic_with("static"), failed("static")),
                (|| panic_with("owned".to_owned()), failed("owned")),
                (|| panic_with(5), failed("the task panicked")),
                (|| Ok(8), Ok(8)),
            ];
            for (task, expected) in table {
                // In the call itself, and later, in what it made.
                let at_once = pool.submit(&w, move |_| std::future::ready(task())).await.unwrap();
                let later = move |w: W| async move {
                    w.sleep(Duration::from_micros(1)).await;
                    task()
                };
                let later = pool.submit(&w, later).await.unwrap();
                for future in [at_once, later] {
                    assert_eq!(future.result(&w).await, expected);
                    assert_eq!(future.result_timeout(&w, Duration::ZERO).await, expected);
                    let exception = match &expected {
                        Err(TaskError::Failed(exception)) => Some(exception.clone()),
                        _ => None,
                    };
                    assert_eq!(future.exception(&w).await, Ok(exception));
                    assert!(future.is_done(&w).await);
                    assert!(!future.is_running(&w).await && !future.is_cancelled(&w).await);
                }
            }
            pool.shutdown(&w, true, false).await;
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn only_what_is_pending_can_be_cancelled() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 1);
            let (gate, first) = submit_gated(&w, &pool, 0, Ok(1)).await;
            let diary = Arc::new(Diary::default());
            let theirs = diary.clone();
            let second = move |_| async move {
                theirs.write(2);
                Ok(2)
            };
            let second = pool.submit(&w, second).await.unwrap();
            gate.begun.wait(&w).await;
            assert!(first.is_running(&w).await && !first.is_done(&w).await);
            assert!(!second.is_running(&w).await && !second.is_done(&w).await);

            assert!(!first.cancel(&w).await, "it runs");
            assert!(second.cancel(&w).await, "it is pending");
            assert!(second.cancel(&w).await, "and once more: it is cancelled");
            assert!(second.is_cancelled(&w).await && second.is_done(&w).await);
            assert!(!second.is_running(&w).await);
            assert_eq!(second.result(&w).await, Err(TaskError::Cancelled));
            assert_eq!(second.result_timeout(&w, NEVER).await, Err(TaskError::Cancelled));
            assert_eq!(second.exception(&w).await, Err(TaskError::Cancelled));

            gate.open.set(&w).await;
            assert_eq!(first.result(&w).await, Ok(1));
            assert!(!first.cancel(&w).await, "it is done");
            assert!(!first.is_cancelled(&w).await);
            pool.shutdown(&w, true, false).await;
            assert_eq!(diary.entries(), [0; 0], "what was cancelled was never called");
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn who_waits_for_a_pending_task_learns_that_it_was_cancelled() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 1);
            let (gate, first) = submit_gated(&w, &pool, 0, Ok(1)).await;
            let second = pool.submit(&w, |_| async { Ok(2) }).await.unwrap();
            gate.begun.wait(&w).await;
            for idx in 0..2 {
                let second = second.clone();
                w.spawn("waiter", idx, move |w| async move {
                    assert_eq!(second.result(&w).await, Err(TaskError::Cancelled));
                });
            }
            w.sleep(Duration::from_micros(w.random(50).into())).await;
            assert!(second.cancel(&w).await);
            gate.open.set(&w).await;
            assert_eq!(first.result(&w).await, Ok(1));
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn callbacks_are_called_once_in_order_with_the_future_and_may_panic() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 2);
            let (gate, done) = submit_gated(&w, &pool, 0, Ok(10)).await;
            let (other_gate, failed) = submit_gated(&w, &pool, 1, error("KeyError")).await;
            gate.begun.wait(&w).await;
            other_gate.begun.wait(&w).await;
            let cancelled = pool.submit(&w, |_| async { Ok(0) }).await.unwrap();
            let diary = Arc::new(Diary::default());
            let written = |entry: u32| {
                let diary = diary.clone();
                move |w: W, future: Future<W, u32>| async move {
                    assert!(future.is_done(&w).await);
                    if entry % 2 == 0 {
                        diary.write(entry);
                        resume_unwind(Box::new("nobody hears of it"));
                    }
                    diary.write(entry + future.result(&w).await.unwrap_or(0));
                }
            };
            for entry in 0..4 {
                done.add_done_callback(&w, written(entry)).await;
            }
            // A panic of the call itself, not of what it makes.
            let at_once = |_: W, _| -> std::future::Ready<()> { resume_unwind(Box::new("same")) };
            done.add_done_callback(&w, at_once).await;
            failed.add_done_callback(&w, written(20)).await;
            failed.add_done_callback(&w, written(21)).await;
            cancelled.add_done_callback(&w, written(30)).await;
            cancelled.add_done_callback(&w, written(31)).await;
            assert_eq!(diary.entries(), [0; 0], "nothing has come to its end");

            assert!(cancelled.cancel(&w).await);
            assert_eq!(diary.entries(), [30, 31], "who cancels calls back");
            gate.open.set(&w).await;
            done.result(&w).await.unwrap();
            // Its worker calls back; only when that one is through, all are called for certain.
            other_gate.open.set(&w).await;
            pool.shutdown(&w, true, false).await;
            let of =
                |kind: u32| diary.entries().into_iter().filter(move |entry| entry / 10 == kind);
            assert_eq!(of(0).chain(of(1)).collect::<Vec<_>>(), [0, 2, 11, 13]);
            assert!(diary.entries().iter().filter(|entry| **entry < 20).is_sorted_by_key(
                // 11 and 13 are 1 and 3.
                |entry| *entry % 10
            ));
            assert_eq!(of(2).collect::<Vec<_>>(), [20, 21]);

            done.add_done_callback(&w, written(41)).await;
            done.add_done_callback(&w, written(50)).await;
            assert_eq!(diary.entries()[8..], [51, 50], "at once, by the caller");
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn a_result_that_is_not_in_time_comes_later() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 1);
            let (gate, running) = submit_gated(&w, &pool, 0, Ok(1)).await;
            let pending = pool.submit(&w, |_| async { Ok(2) }).await.unwrap();
            gate.begun.wait(&w).await;
            for future in [&running, &pending] {
                for timeout in [Duration::ZERO, SOON] {
                    let begin = w.now();
                    let in_vain = future.result_timeout(&w, timeout).await;
                    assert_eq!(in_vain, Err(TaskError::TimedOut));
                    let in_vain = future.exception_timeout(&w, timeout).await;
                    assert_eq!(in_vain, Err(TaskError::TimedOut));
                    assert!(w.now() - begin >= 2 * timeout);
                }
            }
            assert!(running.is_running(&w).await, "it goes on");
            gate.open.set(&w).await;
            assert_eq!(pending.exception_timeout(&w, NEVER).await, Ok(None));
            assert_eq!(pending.result_timeout(&w, NEVER).await, Ok(2));
            assert_eq!(running.result_timeout(&w, Duration::ZERO).await, Ok(1));
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn a_wait_with_a_timeout_goes_on_from_pending_to_running() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 1);
            let slow = |w: W| async move {
                w.sleep(SOON).await;
                Ok(())
            };
            pool.submit(&w, slow).await.unwrap();
            let second = pool.submit(&w, slow).await.unwrap();
            let third = pool.submit(&w, slow).await.unwrap();
            // On threads time may pass as it likes.
            let early = third.result_timeout(&w, SOON * 3 / 2).await;
            assert!([Ok(()), Err(TaskError::TimedOut)].contains(&early));
            assert_eq!(second.result_timeout(&w, SOON * 3_000).await, Ok(()));
            assert_eq!(third.result_timeout(&w, SOON * 3_000).await, Ok(()));
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn map_keeps_the_order_and_goes_on_after_an_exception() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 3);
            let call = |w: W, item: u32| async move {
                w.sleep(Duration::from_micros(w.random(200).into())).await;
                if item == 3 { error("ValueError") } else { Ok(item * item) }
            };
            let mut results = pool.map(&w, 0..6, call).await.unwrap();
            for item in 0..6 {
                let expected = if item == 3 { failed("ValueError") } else { Ok(item * item) };
                assert_eq!(results.next(&w).await, Some(expected));
            }
            assert_eq!(results.next(&w).await, None);
            assert_eq!(results.next(&w).await, None);
            let mut none = pool.map(&w, [], call).await.unwrap();
            assert_eq!(none.next(&w).await, None);
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn what_is_not_in_time_is_still_the_next_one() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 1);
            let gate = Gate::new(&w, 0);
            let theirs = gate.clone();
            let call = move |w: W, item: u32| {
                let gate = theirs.clone();
                async move {
                    gate.pass(&w).await;
                    Ok(item)
                }
            };
            let mut results = pool.map(&w, [5, 6], call).await.unwrap();
            let (last, future) = submit_gated(&w, &pool, 1, Ok(7)).await;
            let mut completed = as_completed(&w, &[future]).await;
            for timeout in [Duration::ZERO, SOON] {
                let in_vain = results.next_timeout(&w, timeout).await;
                assert_eq!(in_vain, Some(Err(TaskError::TimedOut)));
                let in_vain = completed.next_timeout(&w, timeout).await;
                assert!(matches!(in_vain, Err(TaskError::TimedOut)));
            }
            gate.open.set(&w).await;
            assert_eq!(results.next_timeout(&w, NEVER).await, Some(Ok(5)));
            assert_eq!(results.next(&w).await, Some(Ok(6)));
            assert_eq!(results.next_timeout(&w, NEVER).await, None);
            last.open.set(&w).await;
            let future = completed.next_timeout(&w, NEVER).await.unwrap().unwrap();
            assert_eq!(future.result(&w).await, Ok(7));
            assert!(matches!(completed.next_timeout(&w, NEVER).await, Ok(None)));
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn as_completed_follows_completion() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 3);
            let (mut gates, mut futures) = (Vec::new(), Vec::new());
            for idx in 0..3 {
                let value = if idx == 0 { error("ValueError") } else { Ok(idx.into()) };
                let (gate, future) = submit_gated(&w, &pool, idx, value).await;
                gate.begun.wait(&w).await;
                gates.push(gate);
                futures.push(future);
            }
            let cancelled = pool.submit(&w, |_| async { Ok(9) }).await.unwrap();
            futures.push(cancelled.clone());
            gates[2].open.set(&w).await;
            futures[2].result(&w).await.unwrap();
            let mut completed = as_completed(&w, &futures).await;
            let mut results = Vec::new();
            results.push(completed.next(&w).await.unwrap().result(&w).await);
            for idx in [0, 1] {
                if idx == 0 {
                    assert!(cancelled.cancel(&w).await || cancelled.result(&w).await == Ok(9));
                    completed.next(&w).await.unwrap();
                }
                gates[idx].open.set(&w).await;
                results.push(completed.next(&w).await.unwrap().result(&w).await);
            }
            assert_eq!(results, [Ok(2), failed("ValueError"), Ok(1)]);
            assert!(completed.next(&w).await.is_none() && completed.next(&w).await.is_none());
            assert!(as_completed(&w, &[] as &[Future<W, u32>]).await.next(&w).await.is_none());
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn what_does_not_wait_tells_that_it_is_too_early() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 2);
            let (gate, seven) = submit_gated(&w, &pool, 0, Ok(7)).await;
            let (other_gate, broken) = submit_gated(&w, &pool, 1, error("ValueError")).await;
            let futures = [seven.clone(), broken.clone()];
            let begin = w.now();
            for future in &futures {
                assert_eq!(future.try_result(&w).await, Err(TaskError::TimedOut));
                assert_eq!(future.try_exception(&w).await, Err(TaskError::TimedOut));
            }
            let mut completed = as_completed(&w, &futures).await;
            assert!(matches!(completed.try_next(&w).await, Err(TaskError::TimedOut)));
            assert!(!pool.shutdown_timeout(&w, Duration::ZERO, false).await, "both are at it");
            assert!(!pool.shutdown_timeout(&w, SOON, false).await, "both are at it");
            assert!(w.now() - begin >= SOON);

            other_gate.open.set(&w).await;
            assert_eq!(broken.result(&w).await, failed("ValueError"));
            assert_eq!(broken.try_result(&w).await, failed("ValueError"));
            assert_eq!(broken.try_exception(&w).await, Ok(Some(Exception::new("ValueError"))));
            // Who waits for the task's end may be told before who waits for what is completed.
            let first = completed.next(&w).await.expect("two are to come");
            assert_eq!(first.try_result(&w).await, failed("ValueError"));
            assert!(matches!(completed.try_next(&w).await, Err(TaskError::TimedOut)));
            let late = completed.next_timeout(&w, SOON).await;
            assert!(matches!(late, Err(TaskError::TimedOut)), "it is still to come");

            gate.open.set(&w).await;
            let last = completed.next_timeout(&w, NEVER).await.ok().flatten();
            assert_eq!(last.expect("one is to come").try_result(&w).await, Ok(7));
            assert!(matches!(completed.try_next(&w).await, Ok(None)));
            assert!(matches!(completed.next_timeout(&w, SOON).await, Ok(None)));
            assert_eq!(seven.try_exception(&w).await, Ok(None));
            assert!(pool.shutdown_timeout(&w, NEVER, false).await, "all are through");
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn a_map_gives_what_is_there_and_waits_for_the_rest() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 1);
            let gate = Arc::new(Event::new(&w, "gate", 0));
            let behind = gate.clone();
            let task = move |w: W, number: u32| {
                let gate = behind.clone();
                async move {
                    if number > 0 {
                        gate.wait(&w).await;
                    }
                    Ok(number)
                }
            };
            let mut numbers = pool.map(&w, 0..2, task).await.unwrap();
            assert_eq!(numbers.next(&w).await, Some(Ok(0)));
            assert_eq!(numbers.try_next(&w).await, Some(Err(TaskError::TimedOut)));
            gate.set(&w).await;
            assert_eq!(numbers.next(&w).await, Some(Ok(1)));
            assert_eq!(numbers.try_next(&w).await, None);
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn wait_is_for_one_or_an_exception_or_all_or_a_timeout() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 3);
            let (mut gates, mut futures) = (Vec::new(), Vec::new());
            for idx in 0..3 {
                let value = if idx == 1 { error("ValueError") } else { Ok(idx.into()) };
                let (gate, future) = submit_gated(&w, &pool, idx, value).await;
                gates.push(gate);
                futures.push(future);
            }
            let counts = async |until, timeout| {
                let [done, not_done] = wait(&w, &futures, until, timeout).await;
                (done.len(), not_done.len())
            };
            let kinds = [Until::First, Until::FirstException, Until::All];
            for until in kinds {
                assert_eq!(counts(until, Some(Duration::ZERO)).await, (0, 3));
                assert_eq!(counts(until, Some(SOON)).await, (0, 3));
            }
            gates[0].open.set(&w).await;
            assert_eq!(counts(Until::First, None).await, (1, 2));
            assert_eq!(counts(Until::First, Some(NEVER)).await, (1, 2), "at once");
            assert_eq!(counts(Until::FirstException, Some(SOON)).await, (1, 2));
            assert_eq!(counts(Until::All, Some(SOON)).await, (1, 2));
            gates[1].open.set(&w).await;
            assert_eq!(counts(Until::FirstException, None).await, (2, 1));
            gates[2].open.set(&w).await;
            assert_eq!(counts(Until::All, None).await, (3, 0));
            let nothing = [] as [Future<W, u32>; 0];
            for until in kinds {
                let [done, not_done] = wait(&w, &nothing, until, None).await;
                assert!(done.is_empty() && not_done.is_empty());
            }
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn shutdown_lets_nothing_in_and_leaves_or_cancels_what_is_pending() {
    async fn scene<W: World>(w: &W, idx: u16, wait: bool, cancel_pending: bool) {
        let pool = Executor::new(w, "pool", idx, 1);
        let (gate, running) = submit_gated(w, &pool, idx, Ok(1)).await;
        let mut pending = Vec::new();
        for value in 0..3 {
            pending.push(pool.submit(w, move |_| async move { Ok(value) }).await.unwrap());
        }
        let diary = Arc::new(Diary::default());
        for (future, entry) in pending.iter().zip(0..) {
            let diary = diary.clone();
            let tell = move |_, _| async move { diary.write(entry) };
            future.add_done_callback(w, tell).await;
        }
        gate.begun.wait(w).await;
        if wait {
            // Somebody else must open the gate then.
            let (gate, last) = (gate.clone(), pending[2].clone());
            w.spawn("porter", idx, move |w| async move {
                if cancel_pending {
                    assert_eq!(last.result(&w).await, Err(TaskError::Cancelled));
                }
                gate.open.set(&w).await;
            });
        }
        pool.shutdown(w, wait, cancel_pending).await;
        assert_eq!(pool.submit(w, |_| async { Ok(4) }).await.err(), Some(ShutDown));
        assert_eq!(pool.map(w, [1, 2], |_, i| async move { Ok(i) }).await.err(), Some(ShutDown));
        assert_eq!(running.is_done(w).await, wait, "it is through if that was waited for");
        for future in &pending {
            assert_eq!(future.is_done(w).await, wait || cancel_pending);
        }
        if wait || cancel_pending {
            assert_eq!(diary.entries(), [0, 1, 2], "all were called back");
        }
        gate.open.set(w).await;
        assert_eq!(running.result(w).await, Ok(1));
        for (future, value) in pending.iter().zip(0..) {
            let expected = if cancel_pending { Err(TaskError::Cancelled) } else { Ok(value) };
            assert_eq!(future.result(w).await, expected);
        }
        pool.shutdown(w, true, true).await;
        assert_eq!(pool.submit(w, |_| async { Ok(4) }).await.err(), Some(ShutDown));
    }
    fn program<W: World>(world: &W) {
        for (idx, wait, cancel) in
            [(0, false, false), (1, false, true), (2, true, false), (3, true, true)]
        {
            world.spawn("main", idx, move |w| async move { scene(&w, idx, wait, cancel).await });
        }
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn all_that_was_submitted_is_done_when_shutdown_returns() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 2);
            let n_done = Arc::new(AtomicU32::new(0));
            for idx in 0..8 {
                let n_done = n_done.clone();
                let task = move |w: W| async move {
                    w.sleep(Duration::from_micros(idx % 3)).await;
                    n_done.fetch_add(1, Ordering::SeqCst);
                    Ok(())
                };
                pool.submit(&w, task).await.unwrap();
            }
            let other = pool.clone();
            w.spawn("other", 0, move |w| async move { other.shutdown(&w, true, false).await });
            pool.shutdown(&w, true, false).await;
            assert_eq!(n_done.load(Ordering::SeqCst), 8);
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn a_worker_that_begins_or_whoever_cancels_wins_and_not_both() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 2);
            let diary = Arc::new(Diary::default());
            let mut futures = Vec::new();
            for idx in 0..6 {
                let diary = diary.clone();
                let task = move |_| async move {
                    diary.write(idx);
                    Ok(idx)
                };
                futures.push(pool.submit(&w, task).await.unwrap());
            }
            let wins = Arc::new(Mutex::new(Vec::new()));
            for idx in 0..2 {
                let (futures, wins) = (futures.clone(), wins.clone());
                w.spawn("canceller", idx, move |w| async move {
                    for (idx, future) in (0..6).zip(&futures).rev() {
                        let cancelled = future.cancel(&w).await;
                        let result = future.result(&w).await;
                        let expected = if cancelled { Err(TaskError::Cancelled) } else { Ok(idx) };
                        assert_eq!(result, expected);
                        if cancelled {
                            wins.lock().unwrap().push(idx);
                        }
                    }
                });
            }
            pool.shutdown(&w, true, false).await;
            let done = diary.entries();
            for idx in 0..6 {
                let result = futures[idx as usize].result(&w).await;
                let n_done = done.iter().filter(|done| **done == idx).count();
                assert_eq!(n_done, usize::from(result.is_ok()));
                assert_eq!(result.is_err(), futures[idx as usize].is_cancelled(&w).await);
                let wins = wins.lock().unwrap();
                assert!(!(result.is_ok() && wins.contains(&idx)), "both say so");
            }
        });
    }
    keeps_everywhere!(program, N_SEEDS * 3);
}

#[test]
fn tasks_draw_from_one_sequence_however_many_a_worker_does() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 1);
            let draw = |w: W, _| async move { Ok(w.random(u32::MAX)) };
            let mut drawn = Vec::new();
            let mut results = pool.map(&w, 0..4, draw).await.unwrap();
            while let Some(number) = results.next(&w).await {
                drawn.push(number.unwrap());
            }
            drawn.sort_unstable();
            drawn.dedup();
            assert_eq!(drawn.len(), 4);
        });
    }
    keeps_everywhere!(program, 1);
}

// --- deadlocks ---------------------------------------------------------------------------------

/// How a recorded program ends, in the model under many schedules and on threads.
fn endings(in_model: fn(&Model), on_threads: fn(&Recorded)) -> impl Iterator<Item = (Ending, Log)> {
    let grains = [Grain::Operations, Grain::Words].into_iter();
    let seeds = grains.flat_map(|grain| (0..N_SEEDS).map(move |seed| (grain, seed)));
    let in_model = seeds.map(move |(grain, seed)| run_in_model(grain, seed, in_model));
    let on_threads = (0..3).map(move |_| {
        let run = real::Run::start(Threads, real::Config::default(), on_threads);
        run.join_with_log()
    });
    in_model.chain(on_threads)
}

/// The cycle as pairs: who waits, and for what kind of object.
fn cycle(deadlock: &Deadlock, log: &Log) -> Vec<(&'static str, ObjectKind)> {
    let who = |actor: ActorId| log.names.actors[actor.idx()].name;
    let what = |link: &engine::log::Link| log.names.objects[link.object.idx()].0;
    deadlock.cycle.iter().map(|link| (who(link.actor), what(link))).collect()
}

#[test]
fn two_futures_that_wait_for_each_other_are_a_cycle_of_two_workers() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 2);
            let futures: Arc<Mutex<Vec<Future<W, u32>>>> = Arc::default();
            let known = Arc::new(Event::new(&w, "known", 0));
            for idx in 0..2 {
                let (known, all) = (known.clone(), futures.clone());
                let task = move |w: W| async move {
                    known.wait(&w).await;
                    let other = all.lock().unwrap()[1 - idx].clone();
                    let result = other.result(&w).await;
                    result.map_err(|_| Exception::new("it has none"))
                };
                let future = pool.submit(&w, task).await.unwrap();
                futures.lock().unwrap().push(future);
            }
            known.set(&w).await;
            pool.shutdown(&w, true, false).await;
        });
    }
    for (ending, log) in endings(program::<Model>, program::<Recorded>) {
        let Ending::Deadlock(deadlock) = ending else { panic!("{ending:?}") };
        assert_eq!(cycle(&deadlock, &log), [("worker", ObjectKind::Future); 2]);
        let [a, b] = deadlock.cycle[..] else { panic!("{deadlock:?}") };
        assert_eq!((a.holder, b.holder), (Some(b.actor), Some(a.actor)));
    }
}

/// Somebody waits for the last of some futures, whose task waits for what that one has.
fn lock_and_task<W: World>(
    world: &W,
    wait_for: impl AsyncFnOnce(&W, Vec<Future<W, u32>>) + Send + 'static,
) {
    let lock = Arc::new(Lock::new(world, "lock", 0));
    world.spawn("main", 0, move |w| async move {
        let pool = Executor::new(&w, "pool", 0, 1);
        let _held = lock.acquire(&w).await;
        let theirs = lock.clone();
        let quick = pool.submit(&w, |_| async { Ok(1) }).await.unwrap();
        let slow = pool.submit(&w, |w: W| async move {
            theirs.acquire(&w).await.release().await;
            Ok(2)
        });
        wait_for(&w, vec![quick, slow.await.unwrap()]).await;
    });
}

#[test]
fn who_waits_for_many_waits_for_whoever_does_the_last_one() {
    fn all<W: World>(world: &W) {
        lock_and_task(world, async |w, futures| drop(wait(w, &futures, Until::All, None).await));
    }
    fn one_by_one<W: World>(world: &W) {
        lock_and_task(world, async |w, futures| {
            let mut completed = as_completed(w, &futures).await;
            while completed.next(w).await.is_some() {}
        });
    }
    let cases = [endings(all, all), endings(one_by_one, one_by_one)];
    for (ending, log) in cases.into_iter().flatten() {
        let Ending::Deadlock(deadlock) = ending else { panic!("{ending:?}") };
        let [("main", waits_for), ("worker", ObjectKind::Lock)] = cycle(&deadlock, &log)[..] else {
            panic!("{deadlock:?}")
        };
        assert!(matches!(waits_for, ObjectKind::Future | ObjectKind::Pool { .. }));
    }
}

/// A task that gives its own pool a task and waits for it.
fn parent_and_child<W: World>(world: &W, workers: u16) {
    world.spawn("main", 0, move |w| async move {
        let pool = Executor::new(&w, "pool", 0, workers);
        let inner = pool.clone();
        let parent = move |w: W| async move {
            let child = inner.submit(&w, |_| async { Ok(5) }).await.expect("it is open");
            child.result(&w).await.map_err(|_| Exception::new("no child"))
        };
        let parent = pool.submit(&w, parent).await.unwrap();
        assert_eq!(parent.result(&w).await, Ok(5));
        pool.shutdown(&w, true, false).await;
    });
}

#[test]
fn a_task_that_waits_for_its_child_needs_a_second_worker() {
    fn alone<W: World>(world: &W) {
        parent_and_child(world, 1);
    }
    fn two<W: World>(world: &W) {
        parent_and_child(world, 2);
    }
    for (ending, log) in endings(alone::<Model>, alone::<Recorded>) {
        let Ending::Deadlock(deadlock) = ending else { panic!("{ending:?}") };
        let pool = ObjectKind::Pool { workers: 1 };
        assert_eq!(cycle(&deadlock, &log), [("worker", pool)], "through the pool to its worker");
        assert_eq!(deadlock.cycle[0].holder, Some(deadlock.cycle[0].actor));
    }
    keeps_everywhere!(two, N_SEEDS);
}

#[test]
fn a_task_that_shuts_its_own_pool_down_and_waits_waits_for_itself() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 1);
            let inner = pool.clone();
            let suicide = move |w: W| async move {
                inner.shutdown(&w, true, false).await;
                Ok(())
            };
            let _ = pool.submit(&w, suicide).await.unwrap().result(&w).await;
        });
    }
    for (ending, log) in endings(program::<Model>, program::<Recorded>) {
        let Ending::Deadlock(deadlock) = ending else { panic!("{ending:?}") };
        assert_eq!(cycle(&deadlock, &log), [("worker", ObjectKind::Pool { workers: 1 })]);
    }
}

#[test]
fn tasks_that_nobody_waits_for_end_with_the_run() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = Executor::new(&w, "pool", 0, 2);
            for _ in 0..3 {
                let for_ever = |w: W| async move {
                    w.sleep(NEVER).await;
                    Ok(())
                };
                pool.submit(&w, for_ever).await.unwrap();
            }
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

// --- random graphs of tasks --------------------------------------------------------------------

/// A task gives the sum of what those before it give that it asks for, and of what its children do,
/// and one more; or it fails.
#[derive(Clone, Debug)]
struct Node {
    /// Which of the tasks before it.
    asks: Vec<usize>,
    n_children: u32,
    fails: bool,
    sleep_micros: u64,
    /// Whether main calls it off right after it was submitted.
    is_cancelled: bool,
}

fn graph() -> impl Strategy<Value = Vec<Node>> {
    let node = (prop::collection::vec(any::<usize>(), 0..3), 0u32..3, 0u8..8, 0u64..4, 0u8..6);
    let node = node.prop_map(|(asks, n_children, fails, sleep_micros, cancelled)| Node {
        asks,
        n_children,
        fails: fails == 0,
        sleep_micros,
        is_cancelled: cancelled == 0,
    });
    prop::collection::vec(node, 1..7)
}

type Results = Arc<Mutex<Vec<Result<u32, TaskError>>>>;

/// What the tasks give when none is cancelled but those in `cancelled`.
fn expected(graph: &[Node], cancelled: &[bool]) -> Vec<Result<u32, TaskError>> {
    let mut results: Vec<Result<u32, TaskError>> = Vec::new();
    for (idx, node) in graph.iter().enumerate() {
        let asked = node.asks.iter().filter(|_| idx > 0).map(|ask| results[ask % idx].clone());
        let mut sum = 1 + node.n_children;
        let all_fine = asked.fold(true, |fine, result| {
            sum += result.clone().unwrap_or(0);
            fine && result.is_ok()
        });
        results.push(if cancelled[idx] {
            Err(TaskError::Cancelled)
        } else if node.fails {
            failed("as the dice fell")
        } else if all_fine {
            Ok(sum)
        } else {
            failed("one it asked for")
        });
    }
    results
}

fn start_graph<W: World>(world: &W, graph: &[Node], workers: u16, results: &Results) {
    let (graph, results) = (graph.to_vec(), results.clone());
    world.spawn("main", 0, move |w| async move {
        let pool = Executor::new(&w, "pool", 0, workers);
        let (mut futures, mut cancelled) = (Vec::<Future<W, u32>>::new(), Vec::new());
        for (idx, node) in graph.iter().enumerate() {
            let asked: Vec<Future<W, u32>> = node
                .asks
                .iter()
                .filter(|_| idx > 0)
                .map(|ask| futures[ask % idx].clone())
                .collect();
            let (theirs, inner) = (node.clone(), pool.clone());
            let task = move |w: W| async move {
                w.sleep(Duration::from_micros(theirs.sleep_micros)).await;
                let (mut sum, mut all_fine) = (1, true);
                let mut children = Vec::new();
                for _ in 0..theirs.n_children {
                    children.push(inner.submit(&w, |_| async { Ok(1) }).await.expect("open"));
                }
                for future in asked.iter().chain(&children) {
                    let result = future.result(&w).await;
                    all_fine &= result.is_ok();
                    sum += result.unwrap_or(0);
                }
                if theirs.fails {
                    return error("as the dice fell");
                }
                if all_fine { Ok(sum) } else { error("one it asked for") }
            };
            let future = pool.submit(&w, task).await.unwrap();
            cancelled.push(node.is_cancelled && future.cancel(&w).await);
            futures.push(future);
        }
        let mut all = Vec::new();
        for future in &futures {
            all.push(future.result(&w).await);
        }
        pool.shutdown(&w, true, false).await;
        assert_eq!(all, expected(&graph, &cancelled));
        *results.lock().unwrap() = all;
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Whoever asks only those before it and has no children cannot be stuck, on however few
    /// workers: the queue is first in, first out. With children, one worker more than tasks will do.
    #[test]
    fn graphs_of_tasks_give_what_a_single_thread_would(
        mut graph in graph(),
        workers in 1u16..4,
        has_children: bool,
        seed: u64,
        words: bool,
    ) {
        let workers = if has_children {
            graph.len() as u16 + 1
        } else {
            graph.iter_mut().for_each(|node| node.n_children = 0);
            workers
        };
        let grain = if words { Grain::Words } else { Grain::Operations };
        let results = Results::default();
        let (theirs, nodes) = (results.clone(), graph.clone());
        let (ending, _) =
            run_in_model(grain, seed, move |w| start_graph(w, &nodes, workers, &theirs));
        prop_assert_eq!(ending, Ending::Finished);
        prop_assert_eq!(results.lock().unwrap().len(), graph.len());

        results.lock().unwrap().clear();
        let setup = |w: &Plain| start_graph(w, &graph, workers, &results);
        prop_assert_eq!(real::Run::start(Threads, Default::default(), setup).join(), Ending::Finished);
        assert_nobody_panicked();
        prop_assert_eq!(results.lock().unwrap().len(), graph.len(), "main came to its end");
    }

    /// On too few workers parents may wait for children that nobody will do. Then they say so.
    #[test]
    fn a_graph_that_is_stuck_names_the_pool_or_its_futures(
        graph in graph(),
        workers in 1u16..4,
        seed: u64,
    ) {
        let results = Results::default();
        let (theirs, nodes) = (results.clone(), graph.clone());
        let setup = move |w: &Model| start_graph(w, &nodes, workers, &theirs);
        let (ending, log) = run_in_model(Grain::Operations, seed, setup);
        match ending {
            Ending::Deadlock(deadlock) => {
                let cycle = cycle(&deadlock, &log);
                prop_assert!(!cycle.is_empty(), "{:?}", deadlock);
                prop_assert!(cycle.iter().all(|(who, _)| *who == "worker"));
                prop_assert!(graph.iter().any(|node| node.n_children > 0));
            }
            ending => prop_assert_eq!(ending, Ending::Finished),
        }
    }
}
