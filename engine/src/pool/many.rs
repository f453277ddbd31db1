//! Waiting for many futures at once.

use std::future::Future as Awaitable;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::future::{Future, TaskError, awaiting};
use crate::queue::Fifo;
use crate::world::{ObjectKind, Operation, Ordering, Waited, Word, World};

/// In a count of futures that are through: do not wait for more.
const ENOUGH: u32 = 1 << 31;

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// One future is through or cancelled.
    First,
    /// One has failed, or all are through or cancelled.
    FirstException,
    /// All are through or cancelled.
    All,
}

/// The futures in the order in which their tasks come to an end: Python's `as_completed`, but that it
/// makes a set of them: here one that is given twice comes twice.
pub async fn as_completed<W: World, T: Send + Sync + 'static>(
    w: &W,
    futures: &[Future<W, T>],
) -> AsCompleted<W, T> {
    let done = Arc::new(Fifo::new(w, "completed", 0, None));
    for (idx, future) in futures.iter().enumerate() {
        let done: Arc<Fifo<W, u32>> = done.clone();
        let tell = move |w: W, _| async move {
            // Nobody shuts it down, and it has room for all.
            let _ = done.put(&w, idx as u32).await;
        };
        future.add_done_callback(w, tell).await;
    }
    AsCompleted { done, futures: futures.to_vec(), n_left: futures.len() }
}

/// See [`as_completed`].
pub struct AsCompleted<W: World, T> {
    done: Arc<Fifo<W, u32>>,
    futures: Vec<Future<W, T>>,
    n_left: usize,
}

impl<W: World, T> AsCompleted<W, T> {
    /// Waits for the next one that is through; `None` after the last.
    #[track_caller]
    pub fn next<'a>(&'a mut self, w: &'a W) -> impl Awaitable<Output = Option<Future<W, T>>> + 'a {
        let get = (self.n_left > 0).then(|| self.done.get(w));
        self.n_left = self.n_left.saturating_sub(1);
        let futures = &self.futures;
        async move {
            let idx = get?.await.ok()?;
            futures.get(idx as usize).cloned()
        }
    }

    /// Waits for the next one that is through, for at most `timeout` of the world's time. Python's
    /// timeout is one for all of them together.
    ///
    /// # Errors
    /// [`TaskError::TimedOut`] when none was in time.
    #[track_caller]
    pub fn next_timeout<'a>(
        &'a mut self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Awaitable<Output = Result<Option<Future<W, T>>, TaskError>> + 'a {
        let Self { done, futures, n_left } = self;
        let get = (*n_left > 0).then(|| done.get_timeout(w, timeout));
        async move {
            let Some(get) = get else { return Ok(None) };
            let idx = get.await.map_err(|_| TaskError::TimedOut)?;
            *n_left -= 1;
            Ok(futures.get(idx as usize).cloned())
        }
    }
}

/// Waits for one or all of the futures, for at most `timeout` of the world's time if there is one.
/// Gives those that are through and those that are not.
#[track_caller]
pub fn wait<'a, W: World, T: Send + Sync + 'static>(
    w: &'a W,
    futures: &'a [Future<W, T>],
    until: Until,
    timeout: Option<Duration>,
) -> impl Awaitable<Output = [Vec<Future<W, T>>; 2]> + 'a {
    let id = w.register(ObjectKind::Resource, "futures", 0);
    let act = awaiting(timeout);
    let place = Location::caller();
    let operation = Operation { act, object: id, ready_when: None, deadline: None, place };
    w.operation(operation, async move {
        let deadline = timeout.and_then(|timeout| w.deadline(timeout));
        let n_done = Arc::new(w.word(id, 0));
        for future in futures {
            let n_done = n_done.clone();
            let tell = move |w: W, future: Future<W, T>| async move {
                if until == Until::FirstException && future.has_failed() {
                    n_done.fetch_or(&w, ENOUGH, Ordering::SeqCst).await;
                }
                n_done.fetch_add(&w, 1, Ordering::SeqCst).await;
                n_done.wake(&w, u32::MAX).await;
            };
            future.add_done_callback(w, tell).await;
        }
        let enough = match until {
            Until::First => futures.len().min(1),
            Until::FirstException | Until::All => futures.len(),
        };
        loop {
            let n = n_done.load(w, Ordering::SeqCst).await;
            if n as usize >= enough || n_done.wait(w, n, deadline).await == Waited::TimedOut {
                break;
            }
        }
        let mut split = [Vec::new(), Vec::new()];
        for future in futures {
            let is_done = future.is_done(w).await;
            split[usize::from(!is_done)].push(future.clone());
        }
        split
    })
}
