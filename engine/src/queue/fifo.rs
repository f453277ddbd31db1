//! First in, first out.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::ends::{Ends, FirstIn};
use super::keep::Keep;
use super::ring::Ring;
use super::rings::Rings;
use super::store::{End, Nothing, Refused, Store};
use super::tag::Tag;
use crate::world::{Order, World};

/// What went in first is taken first. A ring where there is a capacity and all of it can be made at
/// once, rings that grow where there is none; and a shelf behind a lock for what only passes, and for
/// capacities that hardly anybody will use up.
pub struct Row<W: World, T>(Kind<W, T>);

/// As many items as a ring is made for at once.
const AT_ONCE: u32 = 1 << 12;

enum Kind<W: World, T> {
    Ring(Ring<W, T>),
    Rings(Box<Rings<W, T>>),
    Kept(Keep<W, Ends<T, FirstIn>>),
}

/// Asks whichever it is.
macro_rules! ask {
    ($row:expr, $it:ident => $ask:expr) => {
        match &$row.0 {
            Kind::Ring($it) => $ask,
            Kind::Rings($it) => $ask,
            Kind::Kept($it) => $ask,
        }
    };
}

impl<W: World, T: Tag + Send + 'static> Store<W, T> for Row<W, T> {
    const ORDER: Order = Order::Fifo;

    fn new(world: &W, object: W::Object, capacity: Option<u32>) -> Self {
        Self(match capacity {
            None => Kind::Rings(Box::new(Rings::new(world, object))),
            Some(capacity @ 1..=AT_ONCE) => Kind::Ring(Ring::new(world, object, capacity, 0)),
            Some(_) => Kind::Kept(Keep::new(world, object, capacity)),
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
            Kind::Rings(rings) => Either::Rings(rings.push(w, item)),
            Kind::Kept(keep) => Either::Kept(keep.push(w, item, end, passes)),
        }
    }

    #[inline]
    fn pop<'a>(&'a self, w: &'a W, end: End) -> impl Future<Output = Result<T, Nothing>> + 'a {
        match &self.0 {
            Kind::Ring(ring) => Either::Ring(ring.pop(w)),
            Kind::Rings(rings) => Either::Rings(rings.pop(w)),
            Kind::Kept(keep) => Either::Kept(keep.pop(w, end)),
        }
    }

    async fn close(&self, w: &W) {
        ask!(self, it => it.close(w).await)
    }

    async fn clear(&self, w: &W) -> Vec<T> {
        ask!(self, it => it.clear(w).await)
    }

    async fn len(&self, w: &W) -> u32 {
        ask!(self, it => it.len(w).await)
    }

    async fn mark(&self, w: &W) -> u32 {
        ask!(self, it => it.mark(w).await)
    }

    fn after(&self, mark: u32) -> u32 {
        ask!(self, it => it.after(mark))
    }
}

/// The future of one kind or another, without a coroutine's state around it.
enum Either<A, B, C> {
    Ring(A),
    Rings(B),
    Kept(C),
}

impl<A, B, C> Future for Either<A, B, C>
where
    A: Future,
    B: Future<Output = A::Output>,
    C: Future<Output = A::Output>,
{
    type Output = A::Output;

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    #[cfg_attr(target_family = "wasm", inline)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<A::Output> {
        // SAFETY: what is inside is pinned as `self` is: it is never moved, and there is no `Drop`.
        unsafe {
            match self.get_unchecked_mut() {
                Self::Ring(future) => Pin::new_unchecked(future).poll(cx),
                Self::Rings(future) => Pin::new_unchecked(future).poll(cx),
                Self::Kept(future) => Pin::new_unchecked(future).poll(cx),
            }
        }
    }
}
