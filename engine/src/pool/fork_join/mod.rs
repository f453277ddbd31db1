//! A pool for work that forks: its workers steal halves from each other.
//!
//! | word | meaning |
//! | --- | --- |
//! | `life` | twice the number of tasks that are not through; lowest bit: shut down |
//! | `queued` | how many tasks no worker has begun |
//! | `n_tasks` | how many tasks were submitted: the next one's number |
//! | `staff` | how many workers are not through; see [`super::staff`] |
//!
//! The first two change only under the lock of the queue, except that `life` shrinks when a task is
//! through.
//!
//! Source: Robert Blumofe and Charles Leiserson, "Scheduling Multithreaded Computations by Work
//! Stealing" (JACM 1999), with the deques of `queue/chase_lev.rs`; the interface is that of Doug Lea,
//! "A Java Fork/Join Framework" (Java Grande 2000), and of rayon's `join` and `scope`.

mod cargo;
mod debt;
mod landing;
mod rest;
mod root;
mod scope;
mod worker;

pub use scope::Scope;
pub use worker::Worker;

use std::collections::VecDeque;
use std::future::Future as Awaitable;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::executor::ShutDown;
use super::future::Future;
use super::staff::Staff;
use super::task::{Exception, Panic};
use crate::queue::{Stealer, WorkDeque};
use crate::sync::locked::Locked;
use crate::world::{Act, Note, ObjectKind, Operation, Ordering, Place, Role, Word, World};
use landing::Landing;
use rest::Dormitory;
use root::{Call, Root};
use worker::Offered;

/// How many halves and tasks a worker can offer at once, and how many of its joins and scopes can be under
/// way with something that is offered or stolen. As many as a word of the processor has bits; few
/// where each word costs much.
const CAPACITY: u32 = if cfg!(loom) { 2 } else { u64::BITS };

const CLOSED: u32 = 1;
const ONE_TASK: u32 = 2;

/// A pool of workers for tasks that fork, as Java's `ForkJoinPool`: [`Worker::join`] does two halves of
/// a task, on two workers if one has nothing better to do, and [`Worker::scope`] any number of parts.
///
/// As in an [`Executor`](super::Executor), the workers are daemons: shut the pool down to have its
/// tasks done. A task that waits for another one of its own pool takes its worker with it into the
/// wait; a join does not.
///
/// ```
/// use engine::{World, model, pool::{Exception, ForkJoin, TaskError, Worker}};
///
/// let mut run = model::Run::new(model::Config::default(), |world| {
///     world.spawn("main", 0, |w| async move {
///         let pool = ForkJoin::new(&w, "pool", 0, 2);
///         let task = async |worker: &mut Worker<_>| {
///             let (two, three) = worker.join(async |_: &mut _| 2, async |_: &mut _| 3).await;
///             Ok(two + three)
///         };
///         let five = pool.submit(&w, task).await.unwrap();
///         let broken = async |_: &mut Worker<_>| Err::<(), _>(Exception::new("ValueError"));
///         let broken = pool.submit(&w, broken).await.unwrap();
///         assert_eq!(five.result(&w).await, Ok(5));
///         let why = TaskError::Failed(Exception::new("ValueError"));
///         assert_eq!(broken.result(&w).await, Err(why));
///         pool.shutdown(&w, true, false).await;
///         assert!(pool.submit(&w, async |_: &mut _| Ok(6)).await.is_err());
///     });
/// });
/// assert_eq!(run.finish(&mut model::RoundRobin), model::Ending::Finished);
/// ```
pub struct ForkJoin<W: World>(Arc<Inner<W>>);

struct Inner<W: World> {
    berths: Box<[Berth<W>]>,
    dormitory: Dormitory<W>,
    roots: Locked<W, VecDeque<Root<W>>>,
    life: W::Word,
    queued: W::Word,
    n_tasks: W::Word,
    staff: Staff<W>,
    id: W::Object,
}

/// What others see of a worker.
struct Berth<W: World> {
    stealer: Stealer<W, Offered<W>>,
    landings: Box<[Landing<W>]>,
    /// What stolen tasks of scopes panicked with, and the numbers of the scopes.
    panics: Locked<W, Vec<(u32, Panic)>>,
}

/// What there is to do for whoever has stolen nothing.
enum Life<W: World> {
    /// A task.
    Root(Root<W>),
    /// Nothing yet.
    Idle,
    /// Nothing any more.
    Over,
}

impl<W: World> Clone for ForkJoin<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: World> ForkJoin<W> {
    /// A pool with this many workers, called `name` number `idx` in the log.
    pub fn new(world: &W, name: &'static str, idx: u16, workers: u16) -> Self {
        let id = world.register(ObjectKind::Pool { workers: workers.into() }, name, idx);
        let landings = || (0..CAPACITY).map(|_| Landing::new(world, id)).collect();
        let deques: Vec<_> = (0..workers).map(|_| WorkDeque::new(world, id, CAPACITY)).collect();
        let berth = |deque: &WorkDeque<_, _>| Berth {
            stealer: deque.stealer(),
            landings: landings(),
            panics: Locked::new(world, id, Vec::new()),
        };
        let pool = Arc::new(Inner {
            berths: deques.iter().map(berth).collect(),
            dormitory: Dormitory::new(world, id, workers),
            roots: Locked::new(world, id, VecDeque::new()),
            life: world.word(id, 0),
            queued: world.word(id, 0),
            n_tasks: world.word(id, 0),
            staff: Staff::new(world, id, workers),
            id,
        });
        for (idx, deque) in (0..workers).zip(deques) {
            let pool = pool.clone();
            world.spawn_as(Role::Daemon, "worker", idx, move |w| {
                Worker::new(w, pool, idx.into(), deque).work()
            });
        }
        Self(pool)
    }

    /// Gives the pool a task: `call` is called by a worker, which it can have fork, and what it gives is
    /// in the future.
    ///
    /// # Errors
    /// [`ShutDown`] when the pool takes no more.
    #[track_caller]
    pub fn submit<'a, T, F>(
        &'a self,
        w: &'a W,
        call: F,
    ) -> impl Awaitable<Output = Result<Future<W, T>, ShutDown>> + 'a
    where
        T: Send + Sync + 'static,
        F: AsyncFnOnce(&mut Worker<W>) -> Result<T, Exception> + Send + 'static,
    {
        w.operation(self.0.operation(Act::Submit, Location::caller()), async move {
            // Looked at once more when the task is brought; here it only spares a future in vain.
            if self.0.life.load(w, Ordering::SeqCst).await & CLOSED != 0 {
                return Err(ShutDown);
            }
            // Relaxed: each gets a number of its own, and no more is asked of it.
            let number = self.0.n_tasks.fetch_add(w, 1, Ordering::Relaxed).await;
            let future = Future::new(w, self.0.id, number);
            let root = Box::new(Call { future: future.clone(), call });
            match w.whole(move || self.0.bring(w, root)).await {
                Ok(()) => Ok(future),
                Err(shut_down) => {
                    future.cancel_unseen(w).await;
                    Err(shut_down)
                }
            }
        })
    }

    /// Takes no more tasks. With `cancel_pending`, those that no worker has taken are cancelled; else
    /// they are still done. With `wait`, waits until all workers are through: one of them would wait for
    /// itself.
    #[track_caller]
    pub fn shutdown<'a>(
        &'a self,
        w: &'a W,
        wait: bool,
        cancel_pending: bool,
    ) -> impl Awaitable<Output = ()> + 'a {
        let place = Location::caller();
        async move {
            self.close(w, cancel_pending, place).await;
            if wait {
                self.0.staff.until_left(w, None, place).await;
            }
        }
    }

    /// The same, and waits for at most `timeout` of the world's time until all workers are through. Gives
    /// whether they are.
    #[track_caller]
    pub fn shutdown_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
        cancel_pending: bool,
    ) -> impl Awaitable<Output = bool> + 'a {
        let place = Location::caller();
        async move {
            self.close(w, cancel_pending, place).await;
            self.0.staff.until_left(w, Some(timeout), place).await
        }
    }

    async fn close(&self, w: &W, cancel_pending: bool, place: Place) {
        let close = self.0.operation(Act::Shutdown, place);
        for root in w.operation(close, w.whole(|| self.0.close(w, cancel_pending))).await {
            root.cancel(w.clone()).await;
        }
    }
}

impl<W: World> Inner<W> {
    fn operation(&self, act: Act, place: Place) -> Operation<'_, W> {
        Operation { act, object: self.id, ready_when: None, deadline: None, place }
    }

    /// Lets a task in.
    async fn bring(&self, w: &W, root: Root<W>) -> Result<(), ShutDown> {
        let mut roots = self.roots.hold(w).await;
        if self.life.load(w, Ordering::SeqCst).await & CLOSED != 0 {
            return Err(ShutDown);
        }
        self.life.fetch_add(w, ONE_TASK, Ordering::SeqCst).await;
        roots.push_back(root);
        self.queued.fetch_add(w, 1, Ordering::SeqCst).await;
        roots.release().await;
        self.dormitory.call_idle(w).await;
        Ok(())
    }

    async fn next_root(&self, w: &W) -> Life<W> {
        if self.queued.load(w, Ordering::SeqCst).await > 0 {
            let mut roots = self.roots.hold(w).await;
            let root = roots.pop_front();
            if root.is_some() {
                self.queued.fetch_sub(w, 1, Ordering::SeqCst).await;
            }
            roots.release().await;
            return root.map_or(Life::Idle, Life::Root);
        }
        if self.life.load(w, Ordering::SeqCst).await == CLOSED { Life::Over } else { Life::Idle }
    }

    /// Whether [`Self::next_root`] may give anything but [`Life::Idle`].
    async fn is_root_or_end(&self, w: &W) -> bool {
        self.queued.load(w, Ordering::SeqCst).await > 0
            || self.life.load(w, Ordering::SeqCst).await == CLOSED
    }

    /// A task is through.
    async fn finish_root(&self, w: &W) {
        if self.life.fetch_sub(w, ONE_TASK, Ordering::SeqCst).await == ONE_TASK | CLOSED {
            self.dormitory.call_all(w).await;
        }
    }

    /// Lets no more tasks in. Gives those that are to be cancelled.
    async fn close(&self, w: &W, cancel_pending: bool) -> VecDeque<Root<W>> {
        w.note(self.id, Note::State(1));
        let mut roots = self.roots.hold(w).await;
        self.life.fetch_or(w, CLOSED, Ordering::SeqCst).await;
        let mut to_cancel = VecDeque::new();
        if cancel_pending {
            to_cancel = std::mem::take(&mut *roots);
            let n = to_cancel.len() as u32;
            self.queued.fetch_sub(w, n, Ordering::SeqCst).await;
            self.life.fetch_sub(w, n * ONE_TASK, Ordering::SeqCst).await;
        }
        roots.release().await;
        self.dormitory.call_all(w).await;
        to_cancel
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, Worker};
    use crate::World;
    use crate::pool::ForkJoin;
    use crate::real::{Config, Ending, Plain, Run, Threads};

    /// Small where an interpreter runs it.
    const N: u32 = if cfg!(miri) { 5 } else { 16 };

    /// The number, in a box: an interpreter sees it if it is lost.
    async fn fib(worker: &mut Worker<Plain>, n: Box<u32>) -> Box<u32> {
        if *n < 2 {
            return n;
        }
        let (less, least) = (Box::new(*n - 1), Box::new(*n - 2));
        let one = async move |worker: &mut Worker<Plain>| fib(worker, less).await;
        let other = async move |worker: &mut Worker<Plain>| {
            if *least == 1 {
                // A thief has the time to come.
                std::thread::yield_now();
            }
            fib(worker, least).await
        };
        let (one, other) = worker.join(one, other).await;
        Box::new(*one + *other)
    }

    #[test]
    fn halves_are_done_stolen_and_raised_on_threads() {
        let run = Run::start(Threads, Config::default(), |world: &Plain| {
            world.spawn("main", 0, |w| async move {
                let pool = ForkJoin::new(&w, "pool", 0, 2);
                for _ in 0..3 {
                    let fib = async |worker: &mut Worker<_>| Ok(fib(worker, Box::new(N)).await);
                    let number = pool.submit(&w, fib).await.unwrap().result(&w).await;
                    w.check(number == Ok(Box::new(if N == 5 { 5 } else { 987 })), "the number");
                    let broken = async |worker: &mut Worker<_>| {
                        let raise = async |_: &mut Worker<_>| {
                            std::panic::resume_unwind(Box::new("broken"));
                        };
                        let pass = async |_: &mut Worker<_>| std::thread::yield_now();
                        let ((), ()) = worker.join(pass, raise).await;
                        Ok(())
                    };
                    let broken = pool.submit(&w, broken).await.unwrap().result(&w).await;
                    w.check(broken.is_err(), "the panic comes through");
                }
                pool.shutdown(&w, true, false).await;
            });
        });
        assert_eq!(run.join(), Ending::Finished);
    }

    #[test]
    fn tasks_of_a_scope_are_done_stolen_and_raised_on_threads() {
        use std::sync::Arc;
        use std::sync::atomic::{AtomicU32, Ordering};

        let sum = Arc::new(AtomicU32::new(0));
        let told = sum.clone();
        let run = Run::start(Threads, Config::default(), |world: &Plain| {
            world.spawn("main", 0, move |w| async move {
                let pool = ForkJoin::new(&w, "pool", 0, 2);
                for broken in [u32::MAX, 3] {
                    let sum = told.clone();
                    let spawn_all = async move |scope: &mut Scope<'_, Plain>| {
                        for number in 0..N {
                            let (sum, number) = (sum.clone(), Box::new(number));
                            let add = async move |_: &mut Worker<Plain>| {
                                // A thief has the time to come.
                                std::thread::yield_now();
                                sum.fetch_add(*number, Ordering::Relaxed);
                                if *number == broken {
                                    std::panic::resume_unwind(Box::new("broken"));
                                }
                            };
                            scope.spawn(add).await;
                        }
                    };
                    let task = async move |worker: &mut Worker<Plain>| {
                        worker.scope(spawn_all).await;
                        Ok(())
                    };
                    let result = pool.submit(&w, task).await.unwrap().result(&w).await;
                    w.check(result.is_err() == (broken == 3), "the panic comes through");
                }
                pool.shutdown(&w, true, false).await;
            });
        });
        assert_eq!(run.join(), Ending::Finished);
        assert_eq!(sum.load(Ordering::Relaxed), N * (N - 1));
    }

    /// All workers wait in halves and tasks, some of them stolen, when the run ends.
    #[test]
    fn what_is_given_up_with_its_run_is_dropped_on_threads() {
        use std::sync::Arc;

        use crate::sync::Event;

        let counted = Arc::new(());
        let theirs = counted.clone();
        let run = Run::start(Threads, Config::default(), |world: &Plain| {
            world.spawn("main", 0, move |w| async move {
                let pool = ForkJoin::new(&w, "pool", 0, 2);
                let never = Arc::new(Event::new(&w, "never", 0));
                let wait = move |counted: &Arc<()>| {
                    let (never, counted) = (never.clone(), counted.clone());
                    async move |worker: &mut Worker<Plain>| {
                        never.wait(worker.world()).await;
                        drop(counted);
                    }
                };
                let task = async move |worker: &mut Worker<Plain>| {
                    let (one, other, own) = (wait(&theirs), wait(&theirs), wait(&theirs));
                    let spawn_all = async move |scope: &mut Scope<'_, Plain>| {
                        scope.spawn(one).await;
                        scope.spawn(other).await;
                    };
                    let scope = async move |worker: &mut Worker<_>| worker.scope(spawn_all).await;
                    worker.join(scope, own).await;
                    Ok(())
                };
                let _ = pool.submit(&w, task).await.unwrap().result(&w).await;
            });
        });
        assert!(matches!(run.join(), Ending::Deadlock(_)));
        assert_eq!(Arc::strong_count(&counted), 1);
    }

    /// A join and a scope are dropped after so many polls.
    #[test]
    fn what_is_given_up_in_the_model_is_dropped() {
        use std::sync::Arc;
        use std::task::Poll;

        use crate::model::{self, Grain, Model, Random};

        async fn a_little<F: Future>(mut n_polls: u32, future: F) {
            let mut future = std::pin::pin!(future);
            std::future::poll_fn(|cx| {
                n_polls = n_polls.saturating_sub(1);
                if n_polls == 0 { Poll::Ready(()) } else { future.as_mut().poll(cx).map(drop) }
            })
            .await;
        }

        fn program(world: &Model, n_polls: u32, counted: Arc<()>) {
            world.spawn("main", 0, move |w| async move {
                let pool = ForkJoin::new(&w, "pool", 0, 2);
                let task = async move |worker: &mut Worker<Model>| {
                    let hold = |counted: &Arc<()>| {
                        let counted = counted.clone();
                        async move |worker: &mut Worker<Model>| {
                            worker.world().print("busy", 0).await;
                            // Larger than what lies in a deque without a box.
                            [(); 9].map(|()| counted.clone())
                        }
                    };
                    a_little(n_polls, worker.join(hold(&counted), hold(&counted))).await;
                    let held = hold(&counted);
                    let spawn = async move |scope: &mut Scope<'_, Model>| {
                        scope.spawn(async move |worker: &mut _| drop(held(worker).await)).await;
                    };
                    a_little(n_polls, worker.scope(spawn)).await;
                    Ok(())
                };
                let result = pool.submit(&w, task).await.unwrap().result(&w).await;
                w.check(result.is_ok(), "the worker goes on");
                pool.shutdown(&w, true, false).await;
            });
        }

        for n_polls in 1..if cfg!(miri) { 20 } else { 60 } {
            let counted = Arc::new(());
            let theirs = counted.clone();
            let config = model::Config { grain: Grain::Words, ..Default::default() };
            let setup = move |world: &Model| program(world, n_polls, theirs.clone());
            let mut run = model::Run::new(config, setup);
            let mut log_of = || {
                run.restart();
                assert_eq!(run.finish(&mut Random::new(n_polls.into())), Ending::Finished);
                run.log().clone()
            };
            assert!(log_of() == log_of(), "the second run differs");
            drop(run);
            assert_eq!(Arc::strong_count(&counted), 1);
        }
    }
}
