//! Items on a shelf behind a lock.

use std::future::Future;

use super::store::{End, Nothing, Refused, Store};
use super::tag::Tag;
use crate::sync::locked::Locked;
use crate::world::{Note, Order, World};

/// In which order items lie; one actor at a time is at it.
pub trait Shelf: Default + Send + 'static {
    /// What lies here.
    type Item: Tag + Send + 'static;
    /// Which item comes out next.
    const ORDER: Order;
    /// Where items come in, unless somebody says otherwise.
    const IN: End = End::Back;
    /// Where they go out.
    const OUT: End = End::Front;

    /// How many of the items that lie here come out after this one. Where nothing is recorded, nobody
    /// asks.
    fn behind(&self, item: &Self::Item, end: End) -> usize;
    /// Lays an item down at an end.
    fn put(&mut self, item: Self::Item, end: End);
    /// Takes the next item from an end.
    fn take(&mut self, end: End) -> Option<Self::Item>;
    /// How many lie here.
    fn len(&self) -> usize;
}

/// A shelf behind a lock.
///
/// Nobody sleeps through an item or through room, although the lock's word is not sequentially
/// consistent: whoever finds nothing has said before that it waits, and whoever comes to the lock
/// after it sees that.
pub struct Keep<W: World, S> {
    state: Locked<W, State<S>>,
    /// How many items may lie on the shelf.
    capacity: usize,
    object: W::Object,
}

struct State<S> {
    shelf: S,
    n_put: u32,
    is_closed: bool,
}

impl<W: World, T: Tag + Send + 'static, S: Shelf<Item = T>> Store<W, T> for Keep<W, S> {
    const ORDER: Order = S::ORDER;
    const IN: End = S::IN;
    const OUT: End = S::OUT;

    fn new(world: &W, object: W::Object, capacity: Option<u32>) -> Self {
        let state = State { shelf: S::default(), n_put: 0, is_closed: false };
        let capacity = capacity.map_or(usize::MAX, |capacity| capacity as usize);
        Self { state: Locked::new(world, object, state), capacity, object }
    }

    #[inline]
    fn push<'a>(
        &'a self,
        w: &'a W,
        item: T,
        end: End,
        passes: bool,
    ) -> impl Future<Output = Result<(), Refused<T>>> + 'a {
        self.state.with(w, move |state| {
            if state.is_closed {
                return Err(Refused::Closed(item));
            }
            if state.shelf.len() >= self.capacity.max(usize::from(passes)) {
                return Err(Refused::Full(item));
            }
            let behind = state.shelf.behind(&item, end).try_into().unwrap_or(u16::MAX);
            w.note(self.object, Note::Put { item: item.tag(), behind });
            state.shelf.put(item, end);
            state.n_put = state.n_put.wrapping_add(1);
            Ok(())
        })
    }

    #[inline]
    fn pop<'a>(&'a self, w: &'a W, end: End) -> impl Future<Output = Result<T, Nothing>> + 'a {
        self.state.with(w, move |state| {
            let nothing = if state.is_closed { Nothing::Closed } else { Nothing::Empty };
            state.shelf.take(end).ok_or(nothing)
        })
    }

    fn close<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        self.state.with(w, |state| state.is_closed = true)
    }

    fn clear<'a>(&'a self, w: &'a W) -> impl Future<Output = Vec<T>> + 'a {
        self.state.with(w, |state| std::iter::from_fn(|| state.shelf.take(S::OUT)).collect())
    }

    fn len<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        self.state.with(w, |state| state.shelf.len().try_into().unwrap_or(u32::MAX))
    }

    fn mark<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        self.state.with(w, |state| state.n_put)
    }

    fn after(&self, mark: u32) -> u32 {
        mark.wrapping_add(1)
    }
}
