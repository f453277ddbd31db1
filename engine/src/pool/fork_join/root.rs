//! A task that comes from outside: the root of a tree of halves.

use std::future::Future as Awaitable;
use std::pin::Pin;

use super::super::future::Future;
use super::super::task::{Exception, caught};
use super::worker::Worker;
use crate::world::{Boxed, World};

/// A task that comes from outside.
pub(super) type Root<W> = Box<dyn Task<W>>;

/// A future that has the worker to itself.
pub(super) type OnWorker<'a, T> = Pin<Box<dyn Awaitable<Output = T> + 'a>>;

/// What can become of it.
pub(super) trait Task<W: World>: Send {
    /// Does it, unless it was cancelled.
    fn run(self: Box<Self>, worker: &mut Worker<W>) -> OnWorker<'_, ()>;
    /// Calls it off.
    fn cancel(self: Box<Self>, w: W) -> Boxed<'static>;
}

/// What to call, and what is told when that is through.
pub(super) struct Call<W: World, T, F> {
    pub future: Future<W, T>,
    pub call: F,
}

impl<W, T, F> Task<W> for Call<W, T, F>
where
    W: World,
    T: Send + Sync + 'static,
    F: AsyncFnOnce(&mut Worker<W>) -> Result<T, Exception> + Send + 'static,
{
    fn run(self: Box<Self>, worker: &mut Worker<W>) -> OnWorker<'_, ()> {
        Box::pin(async move {
            let (w, Self { future, call }) = (worker.world().clone(), *self);
            if future.begin(&w).await {
                let result = caught(move || call(worker)).await;
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
