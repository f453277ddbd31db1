//! Waiting for many futures at once.

use std::future::Future as Awaitable;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::future::{Future, TaskError, awaiting};
use crate::queue::Fifo;
use crate::sync::awaited::until;
use crate::world::{Act, ObjectKind, Operation, Ordering, Place, Word, World};

// A count of futures that are through, times two.
/// Somebody waits for it to change.
const AWAITED: u32 = 1;
const ONE: u32 = 2;
/// No more need to come.
const ENOUGH: u32 = 1 << 31;

// Whoever learns of a change sees what was done before it.
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
    let (was_given, n_left) = (vec![false; futures.len()], futures.len());
    AsCompleted { done, futures: futures.to_vec(), was_given, n_left }
}

/// See [`as_completed`].
pub struct AsCompleted<W: World, T> {
    done: Arc<Fifo<W, u32>>,
    futures: Vec<Future<W, T>>,
    was_given: Vec<bool>,
    n_left: usize,
}

impl<W: World, T: Send + Sync + 'static> AsCompleted<W, T> {
    /// Waits for the next one that is through; `None` after the last.
    #[track_caller]
    pub fn next<'a>(&'a mut self, w: &'a W) -> impl Awaitable<Output = Option<Future<W, T>>> + 'a {
        let next = self.next_at(w, Act::Get, None, Location::caller());
        async move { next.await.ok().flatten() }
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
        self.next_at(w, Act::TryGet, None, Location::caller())
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
        self.next_at(w, Act::GetTimeout, w.deadline(timeout), Location::caller())
    }

    async fn next_at(
        &mut self,
        w: &W,
        act: Act,
        deadline: Option<Duration>,
        place: Place,
    ) -> Result<Option<Future<W, T>>, TaskError> {
        let idx = match self.n_left {
            0 => return Ok(None),
            // There is only one to wait for, so whoever asks may know for whom one waits.
            1 => {
                let last = self.was_given.iter().position(|was_given| !was_given).unwrap_or(0);
                let future = &self.futures[last];
                let is_through = match act {
                    Act::TryGet => future.look(w, place).await,
                    _ => future.through(w, deadline, place).await,
                };
                if !is_through {
                    return Err(TaskError::TimedOut);
                }
                last
            }
            _ => {
                let got = self.done.get_for(w, act, deadline, place).await;
                got.map_err(|_| TaskError::TimedOut)? as usize
            }
        };
        self.was_given[idx] = true;
        self.n_left -= 1;
        Ok(self.futures.get(idx).cloned())
    }
}

/// Waits for one or all of the futures, for at most `timeout` of the world's time if there is one; a
/// timeout of 0 only looks. Gives those that are through and those that are not, each as often as it was
/// given: Python makes a set of them.
#[track_caller]
pub fn wait<'a, W: World, T: Send + Sync + 'static>(
    w: &'a W,
    futures: &'a [Future<W, T>],
    what: Until,
    timeout: Option<Duration>,
) -> impl Awaitable<Output = [Vec<Future<W, T>>; 2]> + 'a {
    let id = w.register(ObjectKind::Resource, "futures", 0);
    let act = awaiting(timeout);
    let place = Location::caller();
    let operation = Operation { act, object: id, ready_when: None, deadline: None, place };
    w.operation(operation, async move {
        let deadline = timeout.and_then(|timeout| w.deadline(timeout));
        if what == Until::All || futures.len() == 1 {
            // All must come to their end, so one may wait for one after the other, and it can be known
            // for whom one waits.
            for future in futures {
                if !future.through(w, deadline, place).await {
                    break;
                }
            }
        } else {
            wait_for_news(w, id, futures, what, deadline).await;
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
    what: Until,
    deadline: Option<Duration>,
) {
    let news = Arc::new(w.word(id, 0));
    let whose = Arc::as_ptr(&news).addr();
    for future in futures {
        let theirs = news.clone();
        let tell = move |w: W, future| async move { count(&w, &theirs, &future, what).await };
        if !future.call_when_through(w, whose, tell).await {
            count(w, &news, future, what).await;
        }
    }
    let all = futures.len() as u32 * ONE;
    // Too early or not: whoever asked sees itself who is through.
    let _ = until(w, &news, AWAITED, w.spins(), deadline, |seen| seen & !AWAITED >= all).await;
    for future in futures {
        future.call_no_more(w, whose).await;
    }
}

/// A future is through.
async fn count<W: World, T: Send + Sync + 'static>(
    w: &W,
    news: &W::Word,
    future: &Future<W, T>,
    what: Until,
) {
    let seen = match what == Until::First || future.has_failed() {
        true => news.fetch_or(w, ENOUGH, CHANGE).await,
        false => news.fetch_add(w, ONE, CHANGE).await,
    };
    if seen & AWAITED != 0 {
        news.wake(w, u32::MAX).await;
    }
}
