//! A task: what a worker is given to do, and how it can go wrong.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

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
    fn run(self: Box<Self>, w: W) -> Boxed;
    /// Calls it off.
    fn cancel(self: Box<Self>, w: W) -> Boxed;
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
    fn run(self: Box<Self>, w: W) -> Boxed {
        w.clone().boxed(async move {
            let Self { future, call } = *self;
            if future.begin(&w).await {
                let result = caught(|| call(w.clone())).await;
                future.finish(&w, result).await;
            }
        })
    }

    fn cancel(self: Box<Self>, w: W) -> Boxed {
        w.clone().boxed(async move {
            self.future.cancel_now(&w).await;
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

    pub fn run(self, w: W) -> Boxed {
        self.work.run(w)
    }

    pub fn cancel(self, w: W) -> Boxed {
        self.work.cancel(w)
    }
}

impl<W: World> Tag for Task<W> {
    fn tag(&self) -> u32 {
        self.number
    }
}

/// Drives a task to its end; a panic becomes its exception.
pub(super) async fn caught<T, Fut>(call: impl FnOnce() -> Fut) -> Result<T, Exception>
where
    Fut: std::future::Future<Output = Result<T, Exception>>,
{
    // Unwind safe: what a task that panicked leaves behind is reached only through locks and words,
    // whose state says what it is, or not at all.
    let made = catch_unwind(AssertUnwindSafe(call));
    let mut body = match made {
        Ok(body) => pin!(body),
        Err(panic) => return Err(Exception::of_panic(&*panic)),
    };
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(cx))) {
        Ok(polled) => polled,
        Err(panic) => Poll::Ready(Err(Exception::of_panic(&*panic))),
    })
    .await
}
