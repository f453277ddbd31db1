//! An executor: a fixed number of workers that take tasks from one queue.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future as Awaitable;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::future::{Future, TaskError};
use super::staff::Staff;
use super::task::{Exception, Task};
use crate::queue::Fifo;
use crate::world::{Act, Note, ObjectKind, Operation, Ordering, Place, Role, Word, World};

/// A pool was shut down and takes no more tasks. Python's `RuntimeError` of `submit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShutDown;

impl fmt::Display for ShutDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the pool was shut down and takes no more tasks")
    }
}

impl std::error::Error for ShutDown {}

/// A pool of workers, as Python's `ThreadPoolExecutor`.
///
/// Unlike Python's, it starts all its workers at once and not one by one as tasks come; and the
/// workers are daemons, so that tasks which nobody waits for are cut off at the end of a run: shut
/// the pool down to have them done.
///
/// ```
/// use engine::{World, model, pool::{Exception, Executor, TaskError}};
///
/// let mut run = model::Run::new(model::Config::default(), |world| {
///     world.spawn("main", 0, |w| async move {
///         let pool = Executor::new(&w, "pool", 0, 2);
///         let seven = pool.submit(&w, |_| async { Ok(7) }).await.unwrap();
///         let broken = pool.submit(&w, |_| async { Err::<u32, _>(Exception::new("ValueError")) });
///         let broken = broken.await.unwrap();
///         assert_eq!(seven.result(&w).await, Ok(7));
///         let why = TaskError::Failed(Exception::new("ValueError"));
///         assert_eq!(broken.result(&w).await, Err(why));
///         pool.shutdown(&w, true, false).await;
///         assert!(pool.submit(&w, |_| async { Ok(8) }).await.is_err());
///     });
/// });
/// assert_eq!(run.finish(&mut model::RoundRobin), model::Ending::Finished);
/// ```
pub struct Executor<W: World>(Arc<Inner<W>>);

struct Inner<W: World> {
    tasks: Fifo<W, Task<W>>,
    /// The next task's number, times two; and 1 more when no more are taken.
    next_task: W::Word,
    staff: Staff<W>,
    id: W::Object,
}

/// The pool takes no more tasks.
const CLOSED: u32 = 1;

impl<W: World> Clone for Executor<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: World> Executor<W> {
    /// A pool with this many workers, called `name` number `idx` in the log. One without workers keeps
    /// what it is given until it is shut down; in Python it is a `ValueError`.
    pub fn new(world: &W, name: &'static str, idx: u16, workers: u16) -> Self {
        let id = world.register(ObjectKind::Pool { workers: workers.into() }, name, idx);
        let pool = Self(Arc::new(Inner {
            tasks: Fifo::new(world, "backlog", idx, None),
            next_task: world.word(id, 0),
            staff: Staff::new(world, id, workers),
            id,
        }));
        for idx in 0..workers {
            let pool = pool.0.clone();
            world.spawn_as(Role::Daemon, "worker", idx, move |w| async move {
                pool.work(&w).await;
            });
        }
        pool
    }

    /// Gives the pool a task: `call` is called by a worker, and what it gives is in the future.
    ///
    /// # Errors
    /// [`ShutDown`] when the pool takes no more.
    #[track_caller]
    pub fn submit<'a, T, F, Fut>(
        &'a self,
        w: &'a W,
        call: F,
    ) -> impl Awaitable<Output = Result<Future<W, T>, ShutDown>> + 'a
    where
        T: Send + Sync + 'static,
        F: FnOnce(W) -> Fut + Send + 'static,
        Fut: Awaitable<Output = Result<T, Exception>> + 'static,
    {
        w.operation(self.operation(Act::Submit, Location::caller()), async move {
            self.submit_now(w, call).await
        })
    }

    /// Gives the pool a task for each of `items`. The results come in the order of the items: all of
    /// them, each as the result of its own task. Python's iterator ends with the first exception, and
    /// cancels what has not begun.
    ///
    /// # Errors
    /// [`ShutDown`] when the pool takes no more.
    #[track_caller]
    pub fn map<'a, I, T, F, Fut>(
        &'a self,
        w: &'a W,
        items: impl IntoIterator<Item = I> + 'a,
        call: F,
    ) -> impl Awaitable<Output = Result<Map<W, T>, ShutDown>> + 'a
    where
        I: Send + 'static,
        T: Send + Sync + 'static,
        F: Fn(W, I) -> Fut + Clone + Send + 'static,
        Fut: Awaitable<Output = Result<T, Exception>> + 'static,
    {
        w.operation(self.operation(Act::Submit, Location::caller()), async move {
            let mut futures = VecDeque::new();
            for item in items {
                let call = call.clone();
                futures.push_back(self.submit_now(w, move |w| call(w, item)).await?);
            }
            Ok(Map { futures })
        })
    }

    /// Takes no more tasks. With `cancel_pending`, those that no worker has taken are cancelled; else
    /// they are still done, unless there is no worker to do them. With `wait`, waits until all workers are
    /// through. A worker that does so waits for itself, and the run tells of that deadlock; in Python it
    /// gets a `RuntimeError`.
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
    /// whether they are. Python's `shutdown` has no timeout.
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
        let close = self.operation(Act::Shutdown, place);
        for task in w.operation(close, self.0.close(w, cancel_pending)).await {
            task.cancel(w.clone()).await;
        }
    }

    fn operation(&self, act: Act, place: Place) -> Operation<'_, W> {
        Operation { act, object: self.0.id, ready_when: None, deadline: None, place }
    }

    async fn submit_now<T, F, Fut>(&self, w: &W, call: F) -> Result<Future<W, T>, ShutDown>
    where
        T: Send + Sync + 'static,
        F: FnOnce(W) -> Fut + Send + 'static,
        Fut: Awaitable<Output = Result<T, Exception>> + 'static,
    {
        // Relaxed: each gets a number of its own. Whether the pool is closed is for the queue to say; here it
        // only spares a future in vain.
        let next = self.0.next_task.fetch_add(w, 2, Ordering::Relaxed).await;
        if next & CLOSED != 0 {
            return Err(ShutDown);
        }
        let number = next >> 1;
        let future = Future::new(w, self.0.id, number);
        let task = Task::new(number, future.clone(), call);
        if self.0.tasks.put(w, task).await.is_err() {
            // Closed meanwhile: nobody has this future, and nothing will come of it.
            future.cancel_unseen(w).await;
            return Err(ShutDown);
        }
        Ok(future)
    }
}

impl<W: World> Inner<W> {
    /// Lets no more tasks in. Gives those that are to be cancelled.
    async fn close(&self, w: &W, cancel_pending: bool) -> Vec<Task<W>> {
        w.note(self.id, Note::State(1));
        // Relaxed: see `submit_now`.
        self.next_task.fetch_or(w, CLOSED, Ordering::Relaxed).await;
        self.tasks.shutdown(w, false).await;
        let mut to_cancel = Vec::new();
        while cancel_pending && let Ok(task) = self.tasks.try_get(w).await {
            to_cancel.push(task);
        }
        to_cancel
    }

    async fn work(&self, w: &W) {
        // A worker belongs to its pool: whoever waits for the pool waits for its workers.
        w.note(self.id, Note::Got);
        while let Ok(task) = self.tasks.get(w).await {
            task.run(w.clone()).await;
        }
        w.note(self.id, Note::GaveBack);
        self.staff.leave(w).await;
    }
}

/// The results of [`Executor::map`], in the order of the items.
pub struct Map<W: World, T> {
    futures: VecDeque<Future<W, T>>,
}

impl<W: World, T: Clone + Send + Sync + 'static> Map<W, T> {
    /// Waits for the next result; `None` after the last.
    #[track_caller]
    pub fn next<'a>(
        &'a mut self,
        w: &'a W,
    ) -> impl Awaitable<Output = Option<Result<T, TaskError>>> + 'a {
        let place = Location::caller();
        async move {
            let future = self.futures.pop_front()?;
            Some(future.result_within(w, None, place).await)
        }
    }

    /// Gives the next result if it is there; else [`TaskError::TimedOut`], and it is still the next one.
    #[track_caller]
    pub fn try_next<'a>(
        &'a mut self,
        w: &'a W,
    ) -> impl Awaitable<Output = Option<Result<T, TaskError>>> + 'a {
        let place = Location::caller();
        async move {
            let result = self.futures.front()?.result_now(w, place).await;
            self.go_on_after(&result);
            Some(result)
        }
    }

    /// Waits for the next result, for at most `timeout` of the world's time. One that is not in time
    /// is still the next one. Python's timeout is one for all results together.
    #[track_caller]
    pub fn next_timeout<'a>(
        &'a mut self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Awaitable<Output = Option<Result<T, TaskError>>> + 'a {
        let place = Location::caller();
        async move {
            let result = self.futures.front()?.result_within(w, Some(timeout), place).await;
            self.go_on_after(&result);
            Some(result)
        }
    }

    fn go_on_after(&mut self, result: &Result<T, TaskError>) {
        if !matches!(result, Err(TaskError::TimedOut)) {
            self.futures.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Exception, TaskError, as_completed};
    use crate::World;
    use crate::pool::Executor;
    use crate::real::{Config, Ending, Plain, Run, Threads};

    /// Few rounds where an interpreter runs them.
    const N_ROUNDS: u32 = if cfg!(miri) { 4 } else { 300 };

    #[test]
    fn tasks_are_done_cancelled_raised_and_called_back_on_threads() {
        let run = Run::start(Threads, Config::default(), |world: &Plain| {
            world.spawn("main", 0, |w| async move {
                let pool = Executor::new(&w, "pool", 0, 2);
                for round in 0..N_ROUNDS {
                    let mut futures = Vec::new();
                    for number in 0..5 {
                        let task = move |_| async move {
                            if number == 3 { Err(Exception::new("three")) } else { Ok(number) }
                        };
                        futures.push(pool.submit(&w, task).await.expect("it is open"));
                    }
                    let is_cancelled = futures[4].cancel(&w).await;
                    let mut completed = as_completed(&w, &futures).await;
                    let mut n_completed = 0;
                    while completed.next(&w).await.is_some() {
                        n_completed += 1;
                    }
                    w.check(n_completed == 5, "each is called back once");
                    for (future, number) in futures.iter().zip(0..) {
                        let expected = match number {
                            3 => Err(TaskError::Failed(Exception::new("three"))),
                            4 if is_cancelled => Err(TaskError::Cancelled),
                            _ => Ok(number),
                        };
                        w.check(future.result(&w).await == expected, "it is as the task gave it");
                    }
                    if round + 1 == N_ROUNDS {
                        pool.shutdown(&w, round % 2 == 0, true).await;
                    }
                }
            });
        });
        assert_eq!(run.join(), Ending::Finished);
    }
}
