//! The pool for work that forks: its rules, in the model and on threads, and in every order that a
//! small program can take.

mod everywhere;

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::World;
use engine::explore::{Every, Reduced};
use engine::model::{Grain, Model};
use engine::pool::{Exception, ForkJoin, Scope, ShutDown, TaskError, Worker};
use engine::queue::{Steal, WorkDeque};
use engine::sync::Event;
use engine::world::Shared;
use everywhere::explored;

const N_SEEDS: u64 = 25;

async fn fib<W: World>(worker: &mut Worker<W>, n: u32) -> u32 {
    if n < 2 {
        return n;
    }
    let one = async move |worker: &mut Worker<W>| fib(worker, n - 1).await;
    let other = async move |worker: &mut Worker<W>| fib(worker, n - 2).await;
    let (one, other) = worker.join(one, other).await;
    one + other
}

#[test]
fn halves_are_done_once_each() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            for n_workers in 1..=3 {
                let pool = ForkJoin::new(&w, "pool", n_workers, n_workers);
                let mut futures = Vec::new();
                for n in 0..8 {
                    let task = async move |worker: &mut Worker<W>| Ok(fib(worker, n).await);
                    futures.push(pool.submit(&w, task).await.unwrap());
                }
                for (future, number) in futures.iter().zip([0, 1, 1, 2, 3, 5, 8, 13]) {
                    assert_eq!(future.result(&w).await, Ok(number));
                }
                pool.shutdown(&w, true, false).await;
            }
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

/// The first half waits for the second, so somebody has to steal that one.
#[test]
fn a_half_is_stolen_while_the_other_is_done() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = ForkJoin::new(&w, "pool", 0, 2);
            for idx in 0..3 {
                let light = Arc::new(Event::new(&w, "light", idx));
                let task = async move |worker: &mut Worker<W>| {
                    let theirs = light.clone();
                    let pass = async move |worker: &mut Worker<W>| {
                        let w = worker.world().clone();
                        light.wait(&w).await;
                        w.me()
                    };
                    let set = async move |worker: &mut Worker<W>| {
                        let w = worker.world().clone();
                        theirs.set(&w).await;
                        // Larger than what lies in a deque without a box.
                        [w.me(); 40]
                    };
                    let (one, other) = worker.join(pass, set).await;
                    Ok((one, other[39]))
                };
                let result = pool.submit(&w, task).await.unwrap().result(&w).await;
                let (one, other) = result.unwrap();
                assert!(one != other);
            }
            pool.shutdown(&w, true, false).await;
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

/// A panic without a message on the terminal.
fn panic_with(what: &'static str) -> u32 {
    resume_unwind(Box::new(what))
}

#[test]
fn a_panic_of_a_half_is_the_joiners() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = ForkJoin::new(&w, "pool", 0, 2);
            for (a, b) in [(true, false), (false, true), (true, true)] {
                let n_done = Arc::new(AtomicU32::new(0));
                let done = n_done.clone();
                let task = async move |worker: &mut Worker<W>| {
                    let (of_a, of_b) = (done.clone(), done.clone());
                    let one = async move |worker: &mut Worker<W>| {
                        fib(worker, 3).await;
                        of_a.fetch_add(1, Ordering::SeqCst);
                        if a { panic_with("a") } else { 1 }
                    };
                    let other = async move |worker: &mut Worker<W>| {
                        fib(worker, 3).await;
                        of_b.fetch_add(1, Ordering::SeqCst);
                        if b { panic_with("b") } else { 2 }
                    };
                    let (one, other) = worker.join(one, other).await;
                    done.fetch_add(10, Ordering::SeqCst);
                    Ok(one + other)
                };
                let result = pool.submit(&w, task).await.unwrap().result(&w).await;
                let why = Exception::new(if a { "a" } else { "b" });
                assert_eq!(result, Err(TaskError::Failed(why)));
                // The second half is left out if the first panicked before anybody stole it.
                let n_done = n_done.load(Ordering::SeqCst);
                assert!(n_done == 2 || a && n_done == 1, "{n_done}");
            }
            let fine = pool.submit(&w, async |worker: &mut Worker<W>| Ok(fib(worker, 5).await));
            assert_eq!(fine.await.unwrap().result(&w).await, Ok(5), "the workers live on");
            pool.shutdown(&w, true, false).await;
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn more_joins_than_there_is_room_for_are_done_all_the_same() {
    async fn count<W: World>(worker: &mut Worker<W>, n: u32, left: bool) -> u32 {
        if n == 0 {
            return 1;
        }
        let long = async move |worker: &mut Worker<W>| count(worker, n - 1, left).await;
        let short = async |_: &mut Worker<W>| 1;
        let (one, other) =
            if left { worker.join(long, short).await } else { worker.join(short, long).await };
        one + other
    }
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = ForkJoin::new(&w, "pool", 0, 2);
            for left in [true, false] {
                let task = async move |worker: &mut Worker<W>| Ok(count(worker, 150, left).await);
                let future = pool.submit(&w, task).await.unwrap();
                assert_eq!(future.result(&w).await, Ok(151));
            }
            pool.shutdown(&w, true, false).await;
        });
    }
    keeps_everywhere!(program, 5);
}

#[test]
fn a_shutdown_lets_tasks_end_or_calls_them_off() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            for cancels in [false, true] {
                let pool = ForkJoin::new(&w, "pool", 0, 1);
                let open = Arc::new(Event::new(&w, "open", 0));
                let begun = Arc::new(Event::new(&w, "begun", 0));
                let (theirs, told) = (open.clone(), begun.clone());
                let first = async move |worker: &mut Worker<W>| {
                    let w = worker.world().clone();
                    told.set(&w).await;
                    theirs.wait(&w).await;
                    Ok(fib(worker, 4).await)
                };
                let first = pool.submit(&w, first).await.unwrap();
                let second = pool.submit(&w, async |_: &mut Worker<W>| Ok(7)).await.unwrap();
                begun.wait(&w).await;
                pool.shutdown(&w, false, cancels).await;
                let third = pool.submit(&w, async |_: &mut Worker<W>| Ok(8)).await;
                assert_eq!(third.err(), Some(ShutDown));
                open.set(&w).await;
                pool.shutdown(&w, true, false).await;
                assert_eq!(first.result(&w).await, Ok(3), "it had begun");
                let expected = if cancels { Err(TaskError::Cancelled) } else { Ok(7) };
                assert_eq!(second.result(&w).await, expected);
            }
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

/// One task with two halves, each of which leaves its mark in a cell.
fn two_halves(world: &Model) {
    world.spawn("main", 0, |w| async move {
        let pool = ForkJoin::new(&w, "pool", 0, 2);
        let cells = [0, 1].map(|idx| Arc::new(Shared::new(&w, "cell", idx, 0)));
        let marked = cells.clone();
        let task = async move |worker: &mut Worker<Model>| {
            let [one, other] = marked.map(|cell| {
                async move |worker: &mut Worker<Model>| {
                    let seen = cell.load(worker.world()).await;
                    cell.store(worker.world(), seen + 1).await;
                }
            });
            worker.join(one, other).await;
            Ok(())
        };
        let result = pool.submit(&w, task).await.unwrap().result(&w).await;
        w.check(result == Ok(()), "it is done");
        for cell in &cells {
            w.check(cell.load(&w).await == 1, "each half was done once");
        }
        pool.shutdown(&w, true, false).await;
    });
}

#[test]
fn nobody_is_stuck_and_no_half_is_lost_in_any_order() {
    // With few preemptions at the finer grain: all of them are too many.
    assert!(explored(Grain::Operations, Reduced::new(), 20_000, two_halves) > 50);
    assert!(explored(Grain::Words, Every::bounded(1), 20_000, two_halves) > 50);
    assert!(explored(Grain::Words, Reduced::new(), 5_000, two_halves) > 50);
}

#[test]
fn all_tasks_of_a_scope_are_through_when_it_ends() {
    /// Spawns a task for each of the first numbers, which spawn one less each.
    async fn grow<W: World>(worker: &mut Worker<W>, depth: u32, n_leaves: Arc<AtomicU32>) {
        if depth == 0 {
            n_leaves.fetch_add(1, Ordering::SeqCst);
            return;
        }
        let spawn_all = async move |scope: &mut Scope<'_, W>| {
            for _ in 0..depth {
                let n_leaves = n_leaves.clone();
                let grow = async move |worker: &mut Worker<W>| {
                    W::nested(move || grow(worker, depth - 1, n_leaves)).await;
                };
                scope.spawn(grow).await;
            }
        };
        worker.scope(spawn_all).await;
    }
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            for n_workers in 1..=3 {
                let pool = ForkJoin::new(&w, "pool", n_workers, n_workers);
                let task = async |worker: &mut Worker<W>| {
                    let mut counts = Vec::new();
                    for depth in 0..4 {
                        let n_leaves = Arc::new(AtomicU32::new(0));
                        grow(worker, depth, n_leaves.clone()).await;
                        counts.push(n_leaves.load(Ordering::SeqCst));
                    }
                    Ok(counts)
                };
                let counts = pool.submit(&w, task).await.unwrap().result(&w).await;
                assert_eq!(counts, Ok(vec![1, 1, 2, 6]));
                pool.shutdown(&w, true, false).await;
            }
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

/// The body of the scope waits for its tasks, so somebody has to steal them; and there are more of them
/// than there is room for.
#[test]
fn tasks_are_stolen_while_the_scope_is_open() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = ForkJoin::new(&w, "pool", 0, 2);
            let light = Arc::new(Event::new(&w, "light", 0));
            let task = async move |worker: &mut Worker<W>| {
                let n_done = Arc::new(AtomicU32::new(0));
                let counted = n_done.clone();
                let body = async move |scope: &mut Scope<'_, W>| {
                    let theirs = light.clone();
                    let set = async move |worker: &mut Worker<W>| theirs.set(worker.world()).await;
                    scope.spawn(set).await;
                    light.wait(scope.world()).await;
                    for _ in 0..100 {
                        let n_done = counted.clone();
                        let count = async move |_: &mut Worker<W>| {
                            n_done.fetch_add(1, Ordering::SeqCst);
                        };
                        scope.spawn(count).await;
                    }
                    7
                };
                let seven = worker.scope(body).await;
                Ok((seven, n_done.load(Ordering::SeqCst)))
            };
            let result = pool.submit(&w, task).await.unwrap().result(&w).await;
            assert_eq!(result, Ok((7, 100)));
            pool.shutdown(&w, true, false).await;
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

#[test]
fn a_panic_in_a_scope_comes_when_all_are_through() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = ForkJoin::new(&w, "pool", 0, 2);
            for of_body in [true, false] {
                let n_done = Arc::new(AtomicU32::new(0));
                let done = n_done.clone();
                let task = async move |worker: &mut Worker<W>| {
                    let body = async move |scope: &mut Scope<'_, W>| {
                        for number in 0..4 {
                            let done = done.clone();
                            let count = async move |worker: &mut Worker<W>| {
                                fib(worker, 3).await;
                                done.fetch_add(1, Ordering::SeqCst);
                                if number == 1 && !of_body {
                                    panic_with("task");
                                }
                            };
                            scope.spawn(count).await;
                        }
                        if of_body { panic_with("body") } else { 0 }
                    };
                    Ok(worker.scope(body).await)
                };
                let result = pool.submit(&w, task).await.unwrap().result(&w).await;
                let why = Exception::new(if of_body { "body" } else { "task" });
                assert_eq!(result, Err(TaskError::Failed(why)));
                assert_eq!(n_done.load(Ordering::SeqCst), 4);
            }
            let fine = pool.submit(&w, async |worker: &mut Worker<W>| Ok(fib(worker, 5).await));
            assert_eq!(fine.await.unwrap().result(&w).await, Ok(5), "the workers live on");
            pool.shutdown(&w, true, false).await;
        });
    }
    keeps_everywhere!(program, N_SEEDS);
}

/// One scope with two tasks, each of which leaves its mark in a cell.
fn two_tasks(world: &Model) {
    world.spawn("main", 0, |w| async move {
        let pool = ForkJoin::new(&w, "pool", 0, 2);
        let cells = [0, 1].map(|idx| Arc::new(Shared::new(&w, "cell", idx, 0)));
        let marked = cells.clone();
        let task = async move |worker: &mut Worker<Model>| {
            let body = async move |scope: &mut Scope<'_, Model>| {
                for cell in marked {
                    let mark = async move |worker: &mut Worker<Model>| {
                        let seen = cell.load(worker.world()).await;
                        cell.store(worker.world(), seen + 1).await;
                    };
                    scope.spawn(mark).await;
                }
            };
            worker.scope(body).await;
            Ok(())
        };
        let result = pool.submit(&w, task).await.unwrap().result(&w).await;
        w.check(result == Ok(()), "it is done");
        for cell in &cells {
            w.check(cell.load(&w).await == 1, "each task was done once");
        }
        pool.shutdown(&w, true, false).await;
    });
}

#[test]
fn nobody_is_stuck_and_no_task_is_lost_in_any_order() {
    assert!(explored(Grain::Operations, Reduced::new(), 10_000, two_tasks) > 50);
    assert!(explored(Grain::Words, Every::bounded(1), 10_000, two_tasks) > 50);
    assert!(explored(Grain::Words, Reduced::new(), 5_000, two_tasks) > 50);
}

#[test]
fn a_deque_gives_each_item_to_one_in_any_order() {
    /// An owner who pushes two and pops two, and thieves.
    fn program(world: &Model, n_thieves: u16) {
        let object = world.register(engine::world::ObjectKind::Resource, "deque", 0);
        let mut own = WorkDeque::new(world, object, 2);
        let count = Arc::new([0, 1].map(|_| AtomicU32::new(0)));
        let n_left = Arc::new(AtomicU32::new(u32::from(n_thieves) + 1));
        let end = {
            let (count, n_left) = (count.clone(), n_left.clone());
            move |w: &Model| {
                if n_left.fetch_sub(1, Ordering::SeqCst) == 1 {
                    let count = count.each_ref().map(|n| n.load(Ordering::SeqCst));
                    w.check(count == [1, 1], "each goes to one");
                }
            }
        };
        for idx in 0..n_thieves {
            let (thief, count, end) = (own.stealer(), count.clone(), end.clone());
            world.spawn("thief", idx, move |w| async move {
                if let Steal::Success(item) = thief.steal(&w).await {
                    let item: usize = item;
                    count[item].fetch_add(1, Ordering::SeqCst);
                }
                end(&w);
            });
        }
        world.spawn("owner", 0, move |w| async move {
            for item in 0..2_usize {
                w.check(own.push(&w, item).await.is_ok(), "there is room");
            }
            for _ in 0..2 {
                if let Some(item) = own.pop(&w).await {
                    count[item].fetch_add(1, Ordering::SeqCst);
                }
            }
            end(&w);
        });
    }
    for (n_thieves, least) in [(1, 10), (2, 100)] {
        let n = explored(Grain::Words, Reduced::new(), u64::MAX, move |w| program(w, n_thieves));
        assert!(n > least, "{n}");
    }
    assert!(explored(Grain::Words, Every::new(), u64::MAX, |w| program(w, 1)) > 100);
}

/// One worker waits in a join for another, whose half waits for a task that a third one could do.
#[test]
fn a_task_goes_to_a_worker_that_takes_tasks() {
    fn program<W: World>(world: &W) {
        world.spawn("main", 0, |w| async move {
            let pool = ForkJoin::new(&w, "pool", 0, 3);
            let [light, stolen] = ["light", "stolen"].map(|name| Arc::new(Event::new(&w, name, 0)));
            let (theirs, told) = (light.clone(), stolen.clone());
            let waiting = async move |worker: &mut Worker<W>| {
                let until_stolen = told.clone();
                let pass = async move |worker: &mut Worker<W>| {
                    until_stolen.wait(worker.world()).await;
                };
                let wait = async move |worker: &mut Worker<W>| {
                    told.set(worker.world()).await;
                    theirs.wait(worker.world()).await;
                };
                worker.join(pass, wait).await;
                Ok(())
            };
            let waiting = pool.submit(&w, waiting).await.unwrap();
            stolen.wait(&w).await;
            let set = async move |worker: &mut Worker<W>| {
                light.set(worker.world()).await;
                Ok(())
            };
            let set = pool.submit(&w, set).await.unwrap();
            assert_eq!(set.result(&w).await, Ok(()));
            assert_eq!(waiting.result(&w).await, Ok(()));
            pool.shutdown(&w, true, false).await;
        });
    }
    keeps_everywhere!(program, 8 * N_SEEDS);
}
