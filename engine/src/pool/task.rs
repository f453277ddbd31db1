//! A task: what a worker is given to do, and how it can go wrong.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::future::Future;
use crate::queue::Tag;
use crate::world::{Boxed, World};

/// What a task raised instead of giving a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception(Cow<'static, str>);

impl Exception {
    /// An exception with this name or message.
    pub fn new(what: impl Into<Cow<'static, str>>) -> Self {
        Self(what.into())
    }

    fn of_panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Self(Cow::Owned(text.unwrap_or_else(|| "the task panicked".to_owned())))
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Exception {}

/// A task in the queue of a pool.
pub(super) struct Task<W: World> {
    number: u32,
    work: Box<dyn Work<W>>,
}

/// What can become of a task.
trait Work<W: World>: Send {
    /// Does it, unless it was cancelled.
    fn run(self: Box<Self>, w: W) -> Boxed<'static>;
    /// Calls it off.
    fn cancel(self: Box<Self>, w: W) -> Boxed<'static>;
}

struct Call<W: World, T, F> {
    future: Future<W, T>,
    call: F,
}

impl<W, T, F, Fut> Work<W> for Call<W, T, F>
where
    W: World,
    T: Send + Sync + 'static,
    F: FnOnce(W) -> Fut + Send + 'static,
    Fut: std::future::Future<Output = Result<T, Exception>> + 'static,
{
    fn run(self: Box<Self>, w: W) -> Boxed<'static> {
        W::boxed(async move {
            let Self { future, call } = *self;
            if future.begin(&w).await {
                let result = caught(|| call(w.clone())).await;
                future.finish(&w, result.and_then(|result| result)).await;
            }
        })
    }

    fn cancel(self: Box<Self>, w: W) -> Boxed<'static> {
        W::boxed(async move {
            self.future.cancel(&w).await;
        })
    }
}

impl<W: World> Task<W> {
    /// A task that calls `call` and hands what it gives to `future`.
    pub fn new<T, F, Fut>(number: u32, future: Future<W, T>, call: F) -> Self
    where
        T: Send + Sync + 'static,
        F: FnOnce(W) -> Fut + Send + 'static,
        Fut: std::future::Future<Output = Result<T, Exception>> + 'static,
    {
        Self { number, work: Box::new(Call { future, call }) }
    }

    pub fn run(self, w: W) -> Boxed<'static> {
        self.work.run(w)
    }

    pub fn cancel(self, w: W) -> Boxed<'static> {
        self.work.cancel(w)
    }
}

impl<W: World> Tag for Task<W> {
    fn tag(&self) -> u32 {
        self.number
    }
}

/// Drives what `call` makes to its end; a panic becomes an exception.
pub(super) async fn caught<F: std::future::Future>(
    call: impl FnOnce() -> F,
) -> Result<F::Output, Exception> {
    Halting(async { call().await }).await.map_err(|panic| Exception::of_panic(&*panic))
}

/// What a panic carries.
pub(super) type Panic = Box<dyn Any + Send>;

/// Drives a future to its end, or to a panic, which goes no further.
pub(super) struct Halting<F>(pub F);

impl<F: std::future::Future> std::future::Future for Halting<F> {
    type Output = Result<F::Output, Panic>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: the future is pinned as `self` is: it is never moved, and there is no `Drop`.
        let body = unsafe { self.map_unchecked_mut(|this| &mut this.0) };
        // Unwind safe: what a task that panicked leaves behind is reached only through locks and
        // words, whose state says what it is, or not at all.
        match catch_unwind(AssertUnwindSafe(|| body.poll(cx))) {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}
