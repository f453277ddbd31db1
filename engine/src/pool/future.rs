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
    result: OnceLock<Result<T, Exception>>,
    /// What to call when the future is through; `None` once that has happened.
    callbacks: Locked<W, Option<Vec<Callback<W>>>>,
}

type Callback<W> = Box<dyn FnOnce(W) -> Boxed + Send>;

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
            self.wait(w, None).await?;
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
        w.operation(self.operation(Act::ResultTimeout, Location::caller()), async move {
            self.wait(w, w.deadline(timeout)).await?;
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
        w.operation(self.operation(Act::Result, Location::caller()), async move {
            match self.wait(w, None).await? {
                CANCELLED => Err(TaskError::Cancelled),
                _ => Ok(self.0.result.get().and_then(|result| result.as_ref().err().cloned())),
            }
        })
    }

    /// Calls the task off if no worker has begun it. Gives whether it is cancelled now.
    #[track_caller]
    pub fn cancel<'a>(&'a self, w: &'a W) -> impl Awaitable<Output = bool> + 'a {
        w.operation(self.operation(Act::Cancel, Location::caller()), async move {
            self.cancel_now(w).await
        })
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

    /// Has `callback` called when the task is through or cancelled, by whoever brings that about; at
    /// once, by the caller, where it is so already. As in Python, one that panics does no harm.
    pub async fn add_done_callback<F, Fut>(&self, w: &W, callback: F)
    where
        F: FnOnce(W) -> Fut + Send + 'static,
        Fut: Awaitable<Output = ()> + 'static,
    {
        let callback: Callback<W> = Box::new(|w: W| w.clone().boxed(callback(w)));
        let mut callbacks = self.0.callbacks.hold(w).await;
        match callbacks.as_mut() {
            Some(list) => {
                list.push(callback);
                callbacks.release().await;
            }
            None => {
                callbacks.release().await;
                call(w, callback).await;
            }
        }
    }

    fn operation(&self, act: Act, place: Place) -> Operation<'_, W> {
        Operation { act, object: self.0.id, ready_when: None, deadline: None, place }
    }

    /// Waits until the task is through or cancelled, and gives that state.
    async fn wait(&self, w: &W, deadline: Option<Duration>) -> Result<u32, TaskError> {
        let Inner { state, begun, .. } = &*self.0;
        loop {
            let seen = state.load(w, Ordering::SeqCst).await;
            let waited = match seen {
                PENDING => begun.wait(w, 0, deadline).await,
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
        w.operation(self.operation(Act::End, Location::caller()), async move {
            let state = if result.is_ok() { DONE } else { FAILED };
            // The only one that sets it: the task begins once and ends once.
            let _ = self.0.result.set(result);
            w.note(self.0.id, Note::State(state));
            w.note(self.0.id, Note::GaveBack);
            self.0.state.store(w, state, Ordering::SeqCst).await;
            self.0.state.wake(w, u32::MAX).await;
            self.call_back(w).await;
        })
    }

    /// Calls it off if it is pending. Gives whether it is cancelled now.
    pub(super) async fn cancel_now(&self, w: &W) -> bool {
        if self.leave_pending(w, CANCELLED).await {
            self.call_back(w).await;
            return true;
        }
        self.0.state.load(w, Ordering::SeqCst).await == CANCELLED
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

    async fn call_back(&self, w: &W) {
        let mut callbacks = self.0.callbacks.hold(w).await;
        let list = callbacks.take();
        callbacks.release().await;
        for callback in list.into_iter().flatten() {
            call(w, callback).await;
        }
    }
}

/// Calls it. What it does wrong is not for those to suffer who only bring the end about.
async fn call<W: World>(w: &W, callback: Callback<W>) {
    let called = caught(|| async {
        callback(w.clone()).await;
        Ok(())
    });
    // The hook has told of a panic.
    let _ = called.await;
}
