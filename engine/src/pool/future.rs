//! A future: what a task will give.
//!
//! | `state`, lower bits | meaning |
//! | --- | --- |
//! | 0 | pending: no worker has begun the task |
//! | 1 | running |
//! | 2 | done: there is a result |
//! | 3 | failed: there is an exception |
//! | 4 | cancelled before it began |
//! | + 8 | somebody waits until it is no longer running |
//! | + 16 | there are callbacks |
//!
//! | `begun` | meaning |
//! | --- | --- |
//! | 0 | pending |
//! | 1 | pending, and somebody waits until it is not |
//! | 2 | begun or cancelled |
//!
//! Whoever waits for a task that has not begun waits for the pool, word `begun`; then for the future,
//! word `state`. So the wait-for graph leads to the workers in the first case and to the one worker
//! that does the task in the second. Both words say whether somebody waits; see [`crate::sync::awaited`].

use std::fmt;
use std::future::Future as Awaitable;
use std::panic::Location;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::task::{Exception, caught};
use crate::sync::awaited::until;
use crate::sync::locked::Locked;
use crate::world::{Act, Boxed, Note, ObjectKind, Operation, Ordering, Place, Word, World};

const PENDING: u32 = 0;
const RUNNING: u32 = 1;
const DONE: u32 = 2;
const FAILED: u32 = 3;
const CANCELLED: u32 = 4;
const STATE: u32 = 7;
const WAITED_FOR: u32 = 8;
const CALLBACKS: u32 = 16;

const NOT_BEGUN: u32 = 0;
const AWAITED: u32 = 1;
const BEGUN: u32 = 2;

// Whoever learns of a change sees what was done before it. No two words have to be seen in one order.
const LOOK: Ordering = Ordering::Acquire;
const CHANGE: Ordering = Ordering::AcqRel;

/// Why a future has no result to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskError {
    /// The task raised this.
    Failed(Exception),
    /// It was cancelled. Python's `CancelledError`.
    Cancelled,
    /// It was not through in time. Python's `TimeoutError`.
    TimedOut,
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(exception) => write!(f, "the task failed: {exception}"),
            Self::Cancelled => write!(f, "the task was cancelled"),
            Self::TimedOut => write!(f, "the task was not through in time"),
        }
    }
}

impl std::error::Error for TaskError {}

/// What it is to wait for what a task will give, for ever or not.
pub(super) fn awaiting(end: Option<Duration>) -> Act {
    if end.is_some() { Act::ResultTimeout } else { Act::Result }
}

/// What a task will give. Cheap to clone; all clones are of the same task.
pub struct Future<W: World, T>(Arc<Inner<W, T>>);

struct Inner<W: World, T> {
    state: W::Word,
    begun: W::Word,
    id: W::Object,
    pool: W::Object,
    result: OnceLock<Result<T, Exception>>,
    /// What to call when the future is through. Looked at only where `state` says so.
    callbacks: Locked<W, Vec<Callback<W, T>>>,
}

/// What to call when a future is through.
pub(super) struct Callback<W: World, T> {
    /// Whose it is, for whoever may want it no longer.
    of: usize,
    call: Call<W, T>,
}

type Call<W, T> = Box<dyn FnOnce(W, Future<W, T>) -> Boxed<'static> + Send>;

/// A callback that stays.
const ANYBODYS: usize = 0;

impl<W: World, T> Clone for Future<W, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: World, T: Send + Sync + 'static> Future<W, T> {
    /// The future of a task that `pool` has not begun.
    pub(super) fn new(w: &W, pool: W::Object, number: u32) -> Self {
        let id = w.register(ObjectKind::Future, "future", number as u16);
        w.note(id, Note::State(PENDING));
        Self(Arc::new(Inner {
            state: w.word(id, PENDING),
            begun: w.word(pool, NOT_BEGUN),
            id,
            pool,
            result: OnceLock::new(),
            callbacks: Locked::new(w, id, Vec::new()),
        }))
    }

    /// Waits for the result.
    ///
    /// # Errors
    /// [`TaskError`] when there is none.
    #[track_caller]
    pub fn result<'a>(&'a self, w: &'a W) -> impl Awaitable<Output = Result<T, TaskError>> + 'a
    where
        T: Clone,
    {
        self.result_within(w, None, Location::caller())
    }

    /// Waits for the result, for at most `timeout` of the world's time. The task itself goes on.
    ///
    /// # Errors
    /// [`TaskError`] when there is none, or not in time.
    #[track_caller]
    pub fn result_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Awaitable<Output = Result<T, TaskError>> + 'a
    where
        T: Clone,
    {
        self.result_within(w, Some(timeout), Location::caller())
    }

    /// Gives the result if it is there.
    ///
    /// # Errors
    /// [`TaskError`] when there is none, or not yet: then it is [`TaskError::TimedOut`], as in Python with a
    /// timeout of 0.
    #[track_caller]
    pub fn try_result<'a>(&'a self, w: &'a W) -> impl Awaitable<Output = Result<T, TaskError>> + 'a
    where
        T: Clone,
    {
        self.result_now(w, Location::caller())
    }

    pub(super) fn result_now<'a>(
        &'a self,
        w: &'a W,
        place: Place,
    ) -> impl Awaitable<Output = Result<T, TaskError>> + 'a
    where
        T: Clone,
    {
        w.operation(self.operation(Act::Ask, place), async move {
            self.state_now(w).await?;
            self.value()
        })
    }

    pub(super) fn result_within<'a>(
        &'a self,
        w: &'a W,
        timeout: Option<Duration>,
        place: Place,
    ) -> impl Awaitable<Output = Result<T, TaskError>> + 'a
    where
        T: Clone,
    {
        w.operation(self.operation(awaiting(timeout), place), async move {
            self.wait(w, timeout.and_then(|timeout| w.deadline(timeout)), place).await?;
            self.value()
        })
    }

    /// Waits until the task is through and gives what it raised, if it did.
    ///
    /// # Errors
    /// [`TaskError::Cancelled`] when it never began.
    #[track_caller]
    pub fn exception<'a>(
        &'a self,
        w: &'a W,
    ) -> impl Awaitable<Output = Result<Option<Exception>, TaskError>> + 'a {
        self.exception_within(w, None, Location::caller())
    }

    /// Gives what the task raised, if it did, when it is through.
    ///
    /// # Errors
    /// [`TaskError::Cancelled`] when it never began, [`TaskError::TimedOut`] when it is not through.
    #[track_caller]
    pub fn try_exception<'a>(
        &'a self,
        w: &'a W,
    ) -> impl Awaitable<Output = Result<Option<Exception>, TaskError>> + 'a {
        w.operation(self.operation(Act::Ask, Location::caller()), async move {
            self.raised(self.state_now(w).await?)
        })
    }

    /// Waits until the task is through, for at most `timeout` of the world's time, and gives what it
    /// raised, if it did.
    ///
    /// # Errors
    /// [`TaskError::Cancelled`] when it never began, [`TaskError::TimedOut`] when it was not in time.
    #[track_caller]
    pub fn exception_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Awaitable<Output = Result<Option<Exception>, TaskError>> + 'a {
        self.exception_within(w, Some(timeout), Location::caller())
    }

    fn exception_within<'a>(
        &'a self,
        w: &'a W,
        timeout: Option<Duration>,
        place: Place,
    ) -> impl Awaitable<Output = Result<Option<Exception>, TaskError>> + 'a {
        w.operation(self.operation(awaiting(timeout), place), async move {
            let deadline = timeout.and_then(|timeout| w.deadline(timeout));
            self.raised(self.wait(w, deadline, place).await?)
        })
    }

    /// What the task raised, if it did, by the state in which it came to its end.
    fn raised(&self, state: u32) -> Result<Option<Exception>, TaskError> {
        match state {
            CANCELLED => Err(TaskError::Cancelled),
            _ => Ok(self.0.result.get().and_then(|result| result.as_ref().err().cloned())),
        }
    }

    /// Calls the task off if no worker has begun it. Gives whether it is cancelled now.
    #[track_caller]
    pub fn cancel<'a>(&'a self, w: &'a W) -> impl Awaitable<Output = bool> + 'a {
        let operation = self.operation(Act::Cancel, Location::caller());
        async move {
            let called_off = w.operation(operation, async move {
                let left = self.leave_pending(w, CANCELLED).await;
                let callbacks = self.callbacks_due(w, left.unwrap_or(0)).await;
                (left.is_some() || self.state(w).await == CANCELLED, callbacks)
            });
            let (is_cancelled, callbacks) = called_off.await;
            self.call_back(w, callbacks).await;
            is_cancelled
        }
    }

    /// Whether a worker does the task now, as of a moment ago.
    #[track_caller]
    pub fn is_running<'a>(&'a self, w: &'a W) -> impl Awaitable<Output = bool> + 'a {
        w.operation(self.operation(Act::Ask, Location::caller()), async move {
            self.state(w).await == RUNNING
        })
    }

    /// Whether the task is through or cancelled.
    #[track_caller]
    pub fn is_done<'a>(&'a self, w: &'a W) -> impl Awaitable<Output = bool> + 'a {
        self.look(w, Location::caller())
    }

    /// The same, asked for at another place in the source.
    pub(super) fn look<'a>(&'a self, w: &'a W, place: Place) -> impl Awaitable<Output = bool> + 'a {
        w.operation(self.operation(Act::Ask, place), async move { self.state(w).await >= DONE })
    }

    /// Whether the task was cancelled.
    #[track_caller]
    pub fn is_cancelled<'a>(&'a self, w: &'a W) -> impl Awaitable<Output = bool> + 'a {
        w.operation(self.operation(Act::Ask, Location::caller()), async move {
            self.state(w).await == CANCELLED
        })
    }

    /// Has `callback` called with this future when the task is through or cancelled, by whoever
    /// brings that about; at once, by the caller, where it is so already. Callbacks are called in the
    /// order in which they were added, and what one raises is nobody's business.
    #[track_caller]
    pub fn add_done_callback<'a, F, Fut>(
        &'a self,
        w: &'a W,
        callback: F,
    ) -> impl Awaitable<Output = ()> + 'a
    where
        F: FnOnce(W, Self) -> Fut + Send + 'static,
        Fut: Awaitable<Output = ()> + 'static,
    {
        let operation = self.operation(Act::AddCallback, Location::caller());
        let call: Call<W, T> = Box::new(|w: W, future| {
            W::boxed(async move {
                let _ = caught(|| callback(w, future)).await;
            })
        });
        let callback = Callback { of: ANYBODYS, call };
        async move {
            let too_late = w.operation(operation, self.add_callback(w, callback)).await;
            self.call_back(w, too_late).await;
        }
    }

    fn operation(&self, act: Act, place: Place) -> Operation<'_, W> {
        Operation { act, object: self.0.id, ready_when: None, deadline: None, place }
    }

    /// Has `call` called when the task is through or cancelled, unless it is so already, until `of` wants
    /// it no longer. Gives whether it will be called.
    pub(super) async fn call_when_through<F>(
        &self,
        w: &W,
        of: usize,
        call: impl FnOnce(W, Self) -> F + Send + 'static,
    ) -> bool
    where
        F: Awaitable<Output = ()> + 'static,
    {
        let call = Box::new(|w: W, future| W::boxed(async move { call(w, future).await }));
        self.add_callback(w, Callback { of, call }).await.is_none()
    }

    /// Forgets what was to be called for `of`.
    pub(super) async fn call_no_more(&self, w: &W, of: usize) {
        if self.0.state.load(w, LOOK).await & CALLBACKS != 0 {
            let mut callbacks = self.0.callbacks.hold(w).await;
            callbacks.retain(|callback| callback.of != of);
            callbacks.release().await;
        }
    }

    /// Waits until the task is through or cancelled, as one operation. Gives whether it is.
    pub(super) fn through<'a>(
        &'a self,
        w: &'a W,
        deadline: Option<Duration>,
        place: Place,
    ) -> impl Awaitable<Output = bool> + 'a {
        w.operation(self.operation(awaiting(deadline), place), async move {
            self.wait(w, deadline, place).await.is_ok()
        })
    }

    /// Waits until the task is through or cancelled, and gives that state.
    async fn wait(
        &self,
        w: &W,
        deadline: Option<Duration>,
        place: Place,
    ) -> Result<u32, TaskError> {
        let Inner { state, begun, pool, .. } = &*self.0;
        if self.state(w).await == PENDING {
            let (act, ready_when, object) = (awaiting(deadline), None, *pool);
            let operation = Operation { act, object, ready_when, deadline: None, place };
            let begins = until(w, begun, AWAITED, w.spins(), deadline, |seen| seen == BEGUN);
            if w.operation(operation, begins).await.is_err() {
                return self.state_now(w).await;
            }
        }
        let is_over = |seen| seen & STATE >= DONE;
        match until(w, state, WAITED_FOR, w.spins(), deadline, is_over).await {
            Ok(seen) => Ok(seen & STATE),
            Err(_) => Err(TaskError::TimedOut),
        }
    }

    /// The state in which the task came to its end, if it has.
    async fn state_now(&self, w: &W) -> Result<u32, TaskError> {
        Some(self.state(w).await).filter(|state| *state >= DONE).ok_or(TaskError::TimedOut)
    }

    /// The state of the task, as of a moment ago.
    async fn state(&self, w: &W) -> u32 {
        self.0.state.load(w, LOOK).await & STATE
    }

    /// What the task gave, once it is through.
    fn value(&self) -> Result<T, TaskError>
    where
        T: Clone,
    {
        match self.0.result.get() {
            Some(Ok(value)) => Ok(value.clone()),
            Some(Err(exception)) => Err(TaskError::Failed(exception.clone())),
            None => Err(TaskError::Cancelled),
        }
    }

    /// Nothing will come of a task that its pool did not take.
    pub(super) async fn cancel_unseen(&self, w: &W) {
        self.leave_pending(w, CANCELLED).await;
    }

    // --- what its task does with it --------------------------------------------------------------

    /// The task begins; `false` when it was cancelled.
    #[track_caller]
    pub(super) fn begin<'a>(&'a self, w: &'a W) -> impl Awaitable<Output = bool> + 'a {
        w.operation(self.operation(Act::Run, Location::caller()), async move {
            let begins = self.leave_pending(w, RUNNING).await.is_some();
            if begins {
                w.note(self.0.id, Note::Got);
            }
            begins
        })
    }

    /// The task is through.
    #[track_caller]
    pub(super) fn finish<'a>(
        &'a self,
        w: &'a W,
        result: Result<T, Exception>,
    ) -> impl Awaitable<Output = ()> + 'a {
        let operation = self.operation(Act::End, Location::caller());
        async move {
            let callbacks = w.operation(operation, async move {
                let state = if result.is_ok() { DONE } else { FAILED };
                // The only one that sets it: the task begins once and ends once.
                let _ = self.0.result.set(result);
                w.note(self.0.id, Note::State(state));
                w.note(self.0.id, Note::GaveBack);
                let seen = self.0.state.swap(w, state, CHANGE).await;
                if seen & WAITED_FOR != 0 {
                    self.0.state.wake(w, u32::MAX).await;
                }
                self.callbacks_due(w, seen).await
            });
            let callbacks = callbacks.await;
            self.call_back(w, callbacks).await;
        }
    }

    /// Brings it from pending into another state. Gives what was in the word, unless somebody else
    /// has done so before.
    async fn leave_pending(&self, w: &W, new: u32) -> Option<u32> {
        let Inner { state, begun, id, .. } = &*self.0;
        // Relaxed: a guess that the exchange checks.
        let mut seen = state.load(w, Ordering::Relaxed).await;
        loop {
            if seen & STATE != PENDING {
                return None;
            }
            match state.compare_exchange(w, seen, seen & CALLBACKS | new, CHANGE, LOOK).await {
                Ok(_) => break,
                Err(now) => seen = now,
            }
        }
        w.note(*id, Note::State(new));
        if begun.swap(w, BEGUN, CHANGE).await == AWAITED {
            begun.wake(w, u32::MAX).await;
        }
        Some(seen)
    }

    /// Gives the callback back when the task is through or cancelled.
    async fn add_callback(&self, w: &W, callback: Callback<W, T>) -> Option<Callback<W, T>> {
        let state = &self.0.state;
        let mut callbacks = self.0.callbacks.hold(w).await;
        let mut seen = state.load(w, LOOK).await;
        // Whoever finds the bit takes the list, which waits until it is free.
        while seen & STATE < DONE && seen & CALLBACKS == 0 {
            match state.compare_exchange(w, seen, seen | CALLBACKS, CHANGE, LOOK).await {
                Ok(_) => seen |= CALLBACKS,
                Err(now) => seen = now,
            }
        }
        let mut too_late = Some(callback);
        if seen & STATE < DONE {
            callbacks.extend(too_late.take());
        }
        callbacks.release().await;
        too_late
    }

    /// The callbacks of a future that came to its end with this in its word.
    async fn callbacks_due(&self, w: &W, seen: u32) -> Vec<Callback<W, T>> {
        if seen & CALLBACKS == 0 {
            return Vec::new();
        }
        let mut callbacks = self.0.callbacks.hold(w).await;
        let due = std::mem::take(&mut *callbacks);
        callbacks.release().await;
        due
    }

    /// Calls them, outside of any operation: what they do is the program's own.
    async fn call_back(&self, w: &W, callbacks: impl IntoIterator<Item = Callback<W, T>>) {
        for callback in callbacks {
            (callback.call)(w.clone(), self.clone()).await;
        }
    }

    /// Whether there is an exception.
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.0.result.get(), Some(Err(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Executor, Until, wait};
    use super::*;
    use crate::block;
    use crate::real::Plain;

    #[test]
    fn who_waited_in_vain_is_forgotten() {
        let w = Plain::solo();
        let pool = Executor::new(&w, "pool", 0, 0);
        let submit = |value: u32| block(pool.submit(&w, move |_| async move { Ok(value) }));
        let futures = [1, 2].map(|value| submit(value).unwrap().unwrap());
        block(futures[0].add_done_callback(&w, |_, _| async {})).unwrap();
        for until in [Until::First, Until::FirstException, Until::All] {
            let [done, _] = block(wait(&w, &futures, until, Some(Duration::ZERO))).unwrap();
            assert!(done.is_empty(), "nobody does them");
            let n_callbacks =
                |future: &Future<_, _>| block(future.0.callbacks.hold(&w)).unwrap().len();
            assert_eq!(futures.each_ref().map(n_callbacks), [1, 0], "{until:?}");
        }
    }
}
