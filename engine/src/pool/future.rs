//! A future: what a task will give.
//!
//! | `state` | meaning |
//! | --- | --- |
//! | 0 | pending: no worker has begun the task |
//! | 1 | running |
//! | 2 | done: there is a result |
//! | 3 | failed: there is an exception |
//! | 4 | cancelled before it began |
//!
//! Whoever waits for a task that has not begun waits for the pool, word `begun`; then for the future,
//! word `state`. So the wait-for graph leads to the workers in the first case and to the one worker
//! that does the task in the second.

use std::fmt;
use std::future::Future as Awaitable;
use std::panic::Location;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::task::{Exception, caught};
use crate::sync::locked::Locked;
use crate::world::{Act, Boxed, Note, ObjectKind, Operation, Ordering, Place, Waited, Word, World};

const PENDING: u32 = 0;
const RUNNING: u32 = 1;
const DONE: u32 = 2;
const FAILED: u32 = 3;
const CANCELLED: u32 = 4;

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

/// What a task will give. Cheap to clone; all clones are of the same task.
pub struct Future<W: World, T>(Arc<Inner<W, T>>);

struct Inner<W: World, T> {
    state: W::Word,
    begun: W::Word,
    id: W::Object,
    pool: W::Object,
    result: OnceLock<Result<T, Exception>>,
    /// What to call when the future is through; `None` once that has happened.
    callbacks: Locked<W, Option<Vec<Callback<W, T>>>>,
}

type Callback<W, T> = Box<dyn FnOnce(W, Future<W, T>) -> Boxed + Send>;

impl<W: World, T> Clone for Future<W, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: World, T: Send + Sync + 'static> Future<W, T> {
    /// The future of a task that `pool` has not begun.
    pub(super) fn new(w: &W, pool: W::Object, number: u32) -> Self {
        let id = w.register(ObjectKind::Future, "future", number as u16);
        Self(Arc::new(Inner {
            state: w.word(id, PENDING),
            begun: w.word(pool, 0),
            id,
            pool,
            result: OnceLock::new(),
            callbacks: Locked::new(w, id, Some(Vec::new())),
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
        self.result_at(w, Location::caller())
    }

    pub(super) fn result_at<'a>(
        &'a self,
        w: &'a W,
        place: Place,
    ) -> impl Awaitable<Output = Result<T, TaskError>> + 'a
    where
        T: Clone,
    {
        w.operation(self.operation(Act::Result, place), async move {
            self.wait(w, None, place).await?;
            self.value()
        })
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
        let place = Location::caller();
        w.operation(self.operation(Act::ResultTimeout, place), async move {
            self.wait(w, w.now().checked_add(timeout), place).await?;
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
        let place = Location::caller();
        w.operation(self.operation(Act::Result, place), async move {
            match self.wait(w, None, place).await? {
                CANCELLED => Err(TaskError::Cancelled),
                _ => Ok(self.0.result.get().and_then(|result| result.as_ref().err().cloned())),
            }
        })
    }

    /// Calls the task off if no worker has begun it. Gives whether it is cancelled now.
    #[track_caller]
    pub fn cancel<'a>(&'a self, w: &'a W) -> impl Awaitable<Output = bool> + 'a {
        let operation = self.operation(Act::Cancel, Location::caller());
        async move {
            let called_off = w.operation(operation, async move {
                if self.leave_pending(w, CANCELLED).await {
                    return Ok(self.take_callbacks(w).await);
                }
                Err(self.0.state.load(w, Ordering::SeqCst).await == CANCELLED)
            });
            match called_off.await {
                Ok(callbacks) => {
                    self.call_back(w, callbacks).await;
                    true
                }
                Err(was_cancelled) => was_cancelled,
            }
        }
    }

    /// Whether a worker does the task now, as of a moment ago.
    #[track_caller]
    pub fn is_running<'a>(&'a self, w: &'a W) -> impl Awaitable<Output = bool> + 'a {
        w.operation(self.operation(Act::Ask, Location::caller()), async move {
            self.0.state.load(w, Ordering::SeqCst).await == RUNNING
        })
    }

    /// Whether the task is through or cancelled.
    #[track_caller]
    pub fn is_done<'a>(&'a self, w: &'a W) -> impl Awaitable<Output = bool> + 'a {
        w.operation(self.operation(Act::Ask, Location::caller()), async move {
            self.0.state.load(w, Ordering::SeqCst).await >= DONE
        })
    }

    /// Whether the task was cancelled.
    #[track_caller]
    pub fn is_cancelled<'a>(&'a self, w: &'a W) -> impl Awaitable<Output = bool> + 'a {
        w.operation(self.operation(Act::Ask, Location::caller()), async move {
            self.0.state.load(w, Ordering::SeqCst).await == CANCELLED
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
        let callback: Callback<W, T> = Box::new(|w: W, future| {
            w.clone().boxed(async move {
                let _ = caught(|| callback(w, future)).await;
            })
        });
        async move {
            let too_late = w.operation(operation, async move {
                let mut callbacks = self.0.callbacks.hold(w).await;
                let too_late = match callbacks.as_mut() {
                    Some(list) => {
                        list.push(callback);
                        None
                    }
                    None => Some(callback),
                };
                callbacks.release().await;
                too_late
            });
            let too_late = too_late.await;
            self.call_back(w, too_late).await;
        }
    }

    fn operation(&self, act: Act, place: Place) -> Operation<'_, W> {
        Operation { act, object: self.0.id, ready_when: None, deadline: None, place }
    }

    /// Waits until the task is through or cancelled, and gives that state.
    async fn wait(
        &self,
        w: &W,
        deadline: Option<Duration>,
        place: Place,
    ) -> Result<u32, TaskError> {
        let Inner { state, begun, .. } = &*self.0;
        loop {
            let seen = state.load(w, Ordering::SeqCst).await;
            let waited = match seen {
                PENDING => {
                    let act = if deadline.is_some() { Act::ResultTimeout } else { Act::Result };
                    let (ready_when, object) = (None, self.0.pool);
                    let operation = Operation { act, object, ready_when, deadline: None, place };
                    w.operation(operation, begun.wait(w, 0, deadline)).await
                }
                RUNNING => state.wait(w, seen, deadline).await,
                _ => return Ok(seen),
            };
            if waited == Waited::TimedOut && state.load(w, Ordering::SeqCst).await < DONE {
                return Err(TaskError::TimedOut);
            }
        }
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

    // --- what its task does with it --------------------------------------------------------------

    /// The task begins; `false` when it was cancelled.
    #[track_caller]
    pub(super) fn begin<'a>(&'a self, w: &'a W) -> impl Awaitable<Output = bool> + 'a {
        w.operation(self.operation(Act::Run, Location::caller()), async move {
            let begins = self.leave_pending(w, RUNNING).await;
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
                self.0.state.store(w, state, Ordering::SeqCst).await;
                self.0.state.wake(w, u32::MAX).await;
                self.take_callbacks(w).await
            });
            let callbacks = callbacks.await;
            self.call_back(w, callbacks).await;
        }
    }

    async fn leave_pending(&self, w: &W, new: u32) -> bool {
        let Inner { state, begun, id, .. } = &*self.0;
        let order = Ordering::SeqCst;
        let left = state.compare_exchange(w, PENDING, new, order, order).await.is_ok();
        if left {
            w.note(*id, Note::State(new));
            begun.store(w, 1, order).await;
            begun.wake(w, u32::MAX).await;
        }
        left
    }

    /// What is to be called now; whoever adds a callback from here on calls it.
    async fn take_callbacks(&self, w: &W) -> Vec<Callback<W, T>> {
        let mut callbacks = self.0.callbacks.hold(w).await;
        let list = callbacks.take();
        callbacks.release().await;
        list.unwrap_or_default()
    }

    /// Calls them, outside of any operation: what they do is the program's own.
    async fn call_back(&self, w: &W, callbacks: impl IntoIterator<Item = Callback<W, T>>) {
        for callback in callbacks {
            callback(w.clone(), self.clone()).await;
        }
    }

    /// Whether there is an exception.
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.0.result.get(), Some(Err(_)))
    }
}
