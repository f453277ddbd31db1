//! Waiting for many futures at once.

use std::future::Future as Awaitable;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::future::{Future, TaskError, awaiting};
use crate::queue::Fifo;
use crate::world::{ObjectKind, Operation, Ordering, Waited, Word, World};

// A count of futures that are through, times two.
/// Somebody waits for it to change.
const AWAITED: u32 = 1;
const ONE: u32 = 2;
/// No more need to come.
const ENOUGH: u32 = 1 << 31;

// Whoever learns of a change sees what was done before it.
const LOOK: Ordering = Ordering::Acquire;
const CHANGE: Ordering = Ordering::AcqRel;

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
    AsCompleted { done, futures: futures.to_vec(), left: (0..futures.len()).collect() }
}

/// See [`as_completed`].
pub struct AsCompleted<W: World, T> {
    done: Arc<Fifo<W, u32>>,
    futures: Vec<Future<W, T>>,
    /// Those that were not given yet.
    left: Vec<usize>,
}

impl<W: World, T: Send + Sync + 'static> AsCompleted<W, T> {
    /// Waits for the next one that is through; `None` after the last.
    #[track_caller]
    pub fn next<'a>(&'a mut self, w: &'a W) -> impl Awaitable<Output = Option<Future<W, T>>> + 'a {
        let (last, place) = (self.last(), Location::caller());
        let get = (self.left.len() > 1).then(|| self.done.get(w));
        let (futures, left) = (&self.futures, &mut self.left);
        async move {
            let idx = match (last, get) {
                // There is only one to wait for, so whoever asks may know for whom one waits.
                (Some(idx), _) => {
                    futures[idx].through(w, None, place).await;
                    idx
                }
                (None, get) => get?.await.ok()? as usize,
            };
            left.retain(|other| *other != idx);
            futures.get(idx).cloned()
        }
    }

    /// Gives the next one that is through, if there is one; `None` after the last.
    ///
    /// # Errors
    /// [`TaskError::TimedOut`] when none is through that was not given yet.
    #[track_caller]
    pub fn try_next<'a>(
        &'a mut self,
        w: &'a W,
    ) -> impl Awaitable<Output = Result<Option<Future<W, T>>, TaskError>> + 'a {
        let get = (!self.left.is_empty()).then(|| self.done.try_get(w));
        let (futures, left) = (&self.futures, &mut self.left);
        async move {
            let Some(get) = get else { return Ok(None) };
            let idx = get.await.map_err(|_| TaskError::TimedOut)? as usize;
            left.retain(|other| *other != idx);
            Ok(futures.get(idx).cloned())
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
        let (last, place) = (self.last(), Location::caller());
        let get = (self.left.len() > 1).then(|| self.done.get_timeout(w, timeout));
        let (futures, left) = (&self.futures, &mut self.left);
        async move {
            let idx = match (last, get) {
                (Some(idx), _) if futures[idx].through(w, w.deadline(timeout), place).await => idx,
                (None, None) => return Ok(None),
                (None, Some(get)) => get.await.map_err(|_| TaskError::TimedOut)? as usize,
                (Some(_), _) => return Err(TaskError::TimedOut),
            };
            left.retain(|other| *other != idx);
            Ok(futures.get(idx).cloned())
        }
    }

    /// The one that is left, if it is one.
    fn last(&self) -> Option<usize> {
        if let [last] = self.left[..] { Some(last) } else { None }
    }
}

/// Waits for one or all of the futures, for at most `timeout` of the world's time if there is one; a
/// timeout of 0 only looks. Gives those that are through and those that are not.
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
        if until == Until::All || futures.len() == 1 {
            // All must come to their end, so one may wait for one after the other, and it can be known
            // for whom one waits.
            for future in futures {
                if !future.through(w, deadline, place).await {
                    break;
                }
            }
        } else {
            wait_for_news(w, id, futures, until, deadline).await;
        }
        let mut split = [Vec::new(), Vec::new()];
        for future in futures {
            let is_done = future.is_done(w).await;
            split[usize::from(!is_done)].push(future.clone());
        }
        split
    })
}

/// Waits until one of several futures is through; or one has failed, or all are through.
async fn wait_for_news<W: World, T: Send + Sync + 'static>(
    w: &W,
    id: W::Object,
    futures: &[Future<W, T>],
    until: Until,
    deadline: Option<Duration>,
) {
    let news = Arc::new(w.word(id, 0));
    let whose = Arc::as_ptr(&news).addr();
    for future in futures {
        let theirs = news.clone();
        let tell = move |w: W, future| async move { count(&w, &theirs, &future, until).await };
        if !future.call_when_through(w, whose, tell).await {
            count(w, &news, future, until).await;
        }
    }
    let all = futures.len() as u32 * ONE;
    let mut round = 0;
    loop {
        let seen = news.load(w, LOOK).await;
        if seen & !AWAITED >= all {
            break;
        }
        if round < w.spins() {
            w.relax(round);
            round += 1;
            continue;
        }
        let marked = seen | AWAITED;
        if seen != marked && news.compare_exchange(w, seen, marked, CHANGE, LOOK).await.is_err() {
            continue;
        }
        if news.wait(w, marked, deadline).await == Waited::TimedOut {
            break;
        }
    }
    for future in futures {
        future.call_no_more(w, whose).await;
    }
}

/// A future is through.
async fn count<W: World, T: Send + Sync + 'static>(
    w: &W,
    news: &W::Word,
    future: &Future<W, T>,
    until: Until,
) {
    let seen = match until == Until::First || future.has_failed() {
        true => news.fetch_or(w, ENOUGH, CHANGE).await,
        false => news.fetch_add(w, ONE, CHANGE).await,
    };
    if seen & AWAITED != 0 {
        news.wake(w, u32::MAX).await;
    }
}
