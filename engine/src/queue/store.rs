//! Where the items of a queue lie, as the queue sees it.

use std::future::Future;

use super::tag::Tag;
use crate::world::{Order, World};

/// An end of the row of items. Only a deque asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Where a first-in-first-out queue gives.
    Front,
    /// Where a first-in-first-out queue takes.
    Back,
}

/// Why a store does not take an item; it comes back.
pub enum Refused<T> {
    /// There is no room.
    Full(T),
    /// The store was closed.
    Closed(T),
}

/// Why a store gives no item.
// As `GetError`.
#[repr(usize)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// There is none.
    Empty,
    /// There is none, and there will be none: the store was closed.
    Closed,
}

/// Where the items of a queue lie, safe to use by all actors at once. Nobody waits here for room or
/// for items; that is the queue's part.
///
/// What comes in is noted here, so that nobody can note that it went out before that.
pub trait Store<W: World, T: Tag + Send + 'static>: Send + Sync + Sized + 'static {
    /// Which item comes out next.
    const ORDER: Order;
    /// Where items come in, unless the queue says otherwise.
    const IN: End = End::Back;
    /// Where they go out.
    const OUT: End = End::Front;

    /// An empty store, a part of `object`, for up to `capacity` items.
    fn new(world: &W, object: W::Object, capacity: Option<u32>) -> Self;

    /// Brings an item in. `passes` says that it will go out at once: a store without any room takes
    /// it all the same.
    ///
    /// # Errors
    /// [`Refused`], with the item.
    fn push<'a>(
        &'a self,
        w: &'a W,
        item: T,
        end: End,
        passes: bool,
    ) -> impl Future<Output = Result<(), Refused<T>>> + 'a;

    /// Takes an item out.
    ///
    /// # Errors
    /// [`Nothing`]: there was none at one moment of this call.
    fn pop<'a>(&'a self, w: &'a W, end: End) -> impl Future<Output = Result<T, Nothing>> + 'a;

    /// Lets nothing more in.
    fn close<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a;

    /// Takes all items out at one moment; the store is closed.
    fn clear<'a>(&'a self, w: &'a W) -> impl Future<Output = Vec<T>> + 'a;

    /// How many items there are, as of a moment ago.
    fn len<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a;

    /// How many items ever came in, as a mark: 0 at first, and [`Self::after`] the last with each
    /// item. Marks come again after 2^30 items at the earliest.
    fn mark<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a;

    /// The mark that follows.
    fn after(&self, mark: u32) -> u32;
}
