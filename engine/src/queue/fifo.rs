//! First in, first out.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::ends::{Ends, FirstIn};
use super::keep::Keep;
use super::ring::Ring;
use super::store::{End, Nothing, Refused, Store};
use super::tag::Tag;
use crate::world::{Order, World};

/// What went in first is taken first. A [`Ring`] where that is possible: there is a capacity, it is
/// not too large to be made at once, and it is not 0.
pub struct Row<W: World, T>(Kind<W, T>);

enum Kind<W: World, T> {
    Ring(Ring<W, T>),
    Kept(Keep<W, Ends<T, FirstIn>>),
}

impl<W: World, T: Tag + Send + 'static> Store<W, T> for Row<W, T> {
    const ORDER: Order = Order::Fifo;

    fn new(world: &W, object: W::Object, capacity: Option<u32>) -> Self {
        Self(match capacity {
            Some(capacity) if (1..=Ring::<W, T>::MAX_CAPACITY).contains(&capacity) => {
                Kind::Ring(Ring::new(world, object, capacity))
            }
            _ => Kind::Kept(Keep::new(world, object, capacity)),
        })
    }

    #[inline]
    fn push<'a>(
        &'a self,
        w: &'a W,
        item: T,
        end: End,
        passes: bool,
    ) -> impl Future<Output = Result<(), Refused<T>>> + 'a {
        match &self.0 {
            Kind::Ring(ring) => Either::Ring(ring.push(w, item)),
            Kind::Kept(keep) => Either::Kept(keep.push(w, item, end, passes)),
        }
    }

    #[inline]
    fn pop<'a>(&'a self, w: &'a W, end: End) -> impl Future<Output = Result<T, Nothing>> + 'a {
        match &self.0 {
            Kind::Ring(ring) => Either::Ring(ring.pop(w)),
            Kind::Kept(keep) => Either::Kept(keep.pop(w, end)),
        }
    }

    async fn close(&self, w: &W) {
        match &self.0 {
            Kind::Ring(ring) => ring.close(w).await,
            Kind::Kept(keep) => keep.close(w).await,
        }
    }

    async fn clear(&self, w: &W) -> Vec<T> {
        match &self.0 {
            Kind::Ring(ring) => ring.clear(w).await,
            Kind::Kept(keep) => keep.clear(w).await,
        }
    }

    async fn len(&self, w: &W) -> u32 {
        match &self.0 {
            Kind::Ring(ring) => ring.len(w).await,
            Kind::Kept(keep) => keep.len(w).await,
        }
    }

    async fn mark(&self, w: &W) -> u32 {
        match &self.0 {
            Kind::Ring(ring) => ring.mark(w).await,
            Kind::Kept(keep) => keep.mark(w).await,
        }
    }

    fn after(&self, mark: u32) -> u32 {
        match &self.0 {
            Kind::Ring(ring) => ring.after(mark),
            Kind::Kept(keep) => keep.after(mark),
        }
    }
}

/// The future of one kind or the other, without a coroutine's state around it.
enum Either<A, B> {
    Ring(A),
    Kept(B),
}

impl<A: Future, B: Future<Output = A::Output>> Future for Either<A, B> {
    type Output = A::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<A::Output> {
        // SAFETY: what is inside is pinned as `self` is: it is never moved, and there is no `Drop`.
        unsafe {
            match self.get_unchecked_mut() {
                Self::Ring(future) => Pin::new_unchecked(future).poll(cx),
                Self::Kept(future) => Pin::new_unchecked(future).poll(cx),
            }
        }
    }
}
