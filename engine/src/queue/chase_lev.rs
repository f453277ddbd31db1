//! A work-stealing deque: its owner puts and takes at the bottom, thieves take at the top.
//!
//! | word | meaning |
//! | --- | --- |
//! | `bottom` | the position of the next push; written by the owner alone |
//! | `top` | the position of the next steal; it only grows |
//! | `stamp` of a slot: p + 1 | whoever took the item of position p out at the top is done with the slot |
//!
//! The items lie from `top` to `bottom`. The owner steps `bottom` back and then looks at `top`; a thief
//! reads `top` and then `bottom`, and moves `top` on. These are sequentially consistent, so of an owner
//! and a thief who are after the same item at least one sees the other; for the last item both have to
//! move `top`, and one of them succeeds.
//!
//! **Nothing is read before it is won.** In the paper a thief reads an item first and then finds out
//! whether it has it, so that the owner may write over it meanwhile. Here a thief wins the position,
//! takes the item out of its slot, and then says so in the slot's stamp. A position whose item the
//! owner took back is pushed to again; so when the owner comes to a slot for the next lap, the item of
//! the last one has gone out at the top, and the stamp says whether the slot is free. That is also
//! all it takes to see that the deque is full: a push reads no word that thieves fight over.
//!
//! **It does not grow.** Whoever offers work to thieves does the work itself where there is no room,
//! and what lies at the top is older and larger. So there is no old array to be freed under a thief.
//!
//! Source: David Chase and Yossi Lev, "Dynamic Circular Work-Stealing Deque" (SPAA 2005); for weak
//! memory Nhat Minh Lê, Antoniu Pop, Albert Cohen and Francesco Zappa Nardelli, "Correct and Efficient
//! Work-Stealing for Weak Memory Models" (PPoPP 2013), whose fences are sequentially consistent
//! accesses here. Numbers come round after 2^32 steals, so a thief that stands still in the middle of
//! one for exactly that many could be deceived.

use std::cell::UnsafeCell;
use std::future::Future;
use std::sync::Arc;

use crate::world::{Ordering, Word, World};

/// A line of the cache of its own, and of the neighbour that is fetched with it.
#[repr(align(128))]
struct Apart<T>(T);

struct Slot<W: World, T> {
    stamp: W::Word,
    item: UnsafeCell<Option<T>>,
}

struct Row<W: World, T> {
    top: Apart<W::Word>,
    bottom: Apart<W::Word>,
    slots: Box<[Slot<W, T>]>,
}

// SAFETY: the item of a slot is reached by the owner alone until it is at the top and a thief moves
// `top` past it; then by that thief, until it changes the stamp, which is a release that the owner
// acquires before it uses the slot again.
unsafe impl<W: World, T: Send> Sync for Row<W, T> {}

/// The owner's side of a work-stealing deque: last in, first out.
///
/// ```
/// use engine::{World, block, queue::{Steal, WorkDeque}, real::Plain};
///
/// let w = Plain::solo();
/// let mut own = WorkDeque::new(&w, (), 4);
/// let thief = own.stealer();
/// for item in [1, 2, 3] {
///     assert!(block(own.push(&w, item)).unwrap().is_ok());
/// }
/// assert_eq!(block(own.pop(&w)).unwrap(), Some(3));
/// assert_eq!(block(thief.steal(&w)).unwrap(), Steal::Success(1));
/// assert_eq!(block(own.pop(&w)).unwrap(), Some(2));
/// assert_eq!(block(thief.steal(&w)).unwrap(), Steal::Empty);
/// ```
pub struct WorkDeque<W: World, T> {
    row: Arc<Row<W, T>>,
    /// What is in the word `bottom`, which nobody else writes.
    bottom: u32,
}

/// A thief's side of a work-stealing deque: first in, first out. Cheap to clone.
pub struct Stealer<W: World, T>(Arc<Row<W, T>>);

/// How an attempt to steal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steal<T> {
    /// With the oldest item.
    Success(T),
    /// There was none at one moment of the attempt.
    Empty,
    /// Somebody else took the item; there may be more.
    Retry,
}

impl<W: World, T> Clone for Stealer<W, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: World, T> Row<W, T> {
    #[inline]
    fn slot(&self, position: u32) -> &Slot<W, T> {
        &self.slots[position as usize & (self.slots.len() - 1)]
    }

    /// The stamp of the slot at this position when it is free for a push.
    #[inline]
    fn free(&self, position: u32) -> u32 {
        position.wrapping_sub(self.slots.len() as u32 - 1)
    }
}

impl<W: World, T: Send + 'static> WorkDeque<W, T> {
    /// An empty deque, a part of `object`.
    ///
    /// # Panics
    /// When `capacity` is not a power of two, or more than 2^30.
    pub fn new(world: &W, object: W::Object, capacity: u32) -> Self {
        assert!(capacity.is_power_of_two() && capacity <= 1 << 30, "no capacity: {capacity}");
        let word = |value| world.word(object, value);
        let slot = |idx: u32| Slot {
            stamp: word(idx.wrapping_sub(capacity - 1)),
            item: UnsafeCell::new(None),
        };
        let slots = (0..capacity).map(slot).collect();
        let row = Row { top: Apart(word(0)), bottom: Apart(word(0)), slots };
        Self { row: Arc::new(row), bottom: 0 }
    }

    /// A side for thieves.
    pub fn stealer(&self) -> Stealer<W, T> {
        Stealer(self.row.clone())
    }

    /// Puts an item in at the bottom.
    ///
    /// # Errors
    /// Gives the item back when there is no room, or a thief is not yet done with the slot.
    pub async fn push(&mut self, w: &W, item: T) -> Result<(), T> {
        let stamp = self.stamp(w).await;
        if !self.is_free(stamp) {
            return Err(item);
        }
        // SAFETY: it is free.
        unsafe { self.lay(item) };
        self.publish(w).await;
        Ok(())
    }

    /// Takes out the item that came in last; `None` when there is none left.
    pub async fn pop(&mut self, w: &W) -> Option<T> {
        self.step_back(w).await;
        let top = self.top(w).await;
        if self.is_mine(top) {
            // SAFETY: it is the owner's.
            unsafe { self.pick() }
        } else {
            self.pop_last(w, top).await
        }
    }

    // --- a push and a pop, step by step: words' own futures, and what lies between them ----------

    /// The position that the next push will give its item.
    #[inline]
    pub(crate) fn position(&self) -> u32 {
        self.bottom
    }

    /// The stamp of the slot for the next push.
    #[inline]
    pub(crate) fn stamp<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        // Acquire: the thief who emptied the slot is done with it.
        self.row.slot(self.bottom).stamp.load(w, Ordering::Acquire)
    }

    /// Whether a slot with this stamp is free.
    #[inline]
    pub(crate) fn is_free(&self, stamp: u32) -> bool {
        stamp == self.row.free(self.bottom)
    }

    /// Lays an item into the slot for the next push. It must be published.
    ///
    /// # Safety
    /// The slot [`Self::is_free`].
    #[inline]
    pub(crate) unsafe fn lay(&mut self, item: T) {
        // SAFETY: by the caller, and no thief reaches a position that `bottom` was not moved past.
        unsafe { *self.row.slot(self.bottom).item.get() = Some(item) };
        self.bottom = self.bottom.wrapping_add(1);
    }

    /// Lets thieves see the item.
    #[inline]
    pub(crate) fn publish<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        // Release: whoever takes the item sees it.
        self.row.bottom.0.store(w, self.bottom, Ordering::Release)
    }

    /// Says that the owner is after the last item.
    #[inline]
    pub(crate) fn step_back<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        // SeqCst, and the next one: a thief who does not see the step back read `top` before the
        // owner reads it.
        self.row.bottom.0.store(w, self.bottom.wrapping_sub(1), Ordering::SeqCst)
    }

    /// Where thieves are, after [`Self::step_back`].
    #[inline]
    pub(crate) fn top<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        self.row.top.0.load(w, Ordering::SeqCst)
    }

    /// Whether no thief can have the last item, by what [`Self::top`] gave.
    #[inline]
    pub(crate) fn is_mine(&self, top: u32) -> bool {
        self.bottom.wrapping_sub(1).wrapping_sub(top) as i32 > 0
    }

    /// Takes out the last item.
    ///
    /// # Safety
    /// It [`Self::is_mine`].
    #[inline]
    pub(crate) unsafe fn pick(&mut self) -> Option<T> {
        self.bottom = self.bottom.wrapping_sub(1);
        // SAFETY: by the caller: `top` was below the item after `bottom` was, so every thief will see
        // that `bottom` is not beyond it.
        unsafe { (*self.row.slot(self.bottom).item.get()).take() }
    }

    /// Ends a pop of what may be the very last item, or nothing at all.
    pub(crate) async fn pop_last(&mut self, w: &W, top: u32) -> Option<T> {
        let position = self.bottom.wrapping_sub(1);
        let is_won = self.is_last_won(w, position, top == position).await;
        // SAFETY: `top` was moved past the item here.
        if is_won { unsafe { (*self.row.slot(position).item.get()).take() } } else { None }
    }

    /// Competes with thieves for the last item, and leaves the deque empty.
    async fn is_last_won(&mut self, w: &W, position: u32, is_one_left: bool) -> bool {
        let next = position.wrapping_add(1);
        // SeqCst: in one order with the thieves' looks. Relaxed: nothing is read when it failed.
        let (won, lost) = (Ordering::SeqCst, Ordering::Relaxed);
        let is_won = is_one_left
            && self.row.top.0.compare_exchange(w, position, next, won, lost).await.is_ok();
        if is_won {
            // The item went out at the top. Relaxed: the owner reads it itself, for the next lap.
            self.row.slot(position).stamp.store(w, next, Ordering::Relaxed).await;
        }
        // Release, as every store to `bottom`: whoever sees it sees the items below it.
        self.row.bottom.0.store(w, next, Ordering::Release).await;
        is_won
    }
}

impl<W: World, T: Send + 'static> Stealer<W, T> {
    /// Tries once to take out the item that came in first.
    pub async fn steal(&self, w: &W) -> Steal<T> {
        let row = &*self.0;
        // SeqCst, all three: see `WorkDeque::pop`; the second also acquires the item.
        let top = row.top.0.load(w, Ordering::SeqCst).await;
        let bottom = row.bottom.0.load(w, Ordering::SeqCst).await;
        if bottom.wrapping_sub(top) as i32 <= 0 {
            return Steal::Empty;
        }
        let next = top.wrapping_add(1);
        // Relaxed: nothing is read when it failed.
        let (won, lost) = (Ordering::SeqCst, Ordering::Relaxed);
        if row.top.0.compare_exchange(w, top, next, won, lost).await.is_err() {
            return Steal::Retry;
        }
        let slot = row.slot(top);
        // SAFETY: `top` was moved past the item here.
        let item = unsafe { (*slot.item.get()).take() };
        // Release: the owner does not put the next item here too early.
        slot.stamp.store(w, next, Ordering::Release).await;
        // There is one: it was put in before `bottom` was moved past it.
        item.map_or(Steal::Retry, Steal::Success)
    }

    /// Whether there was no item at one moment of this call.
    pub async fn is_empty(&self, w: &W) -> bool {
        // SeqCst: whoever goes to sleep has said so before it looks here.
        let top = self.0.top.0.load(w, Ordering::SeqCst).await;
        let bottom = self.0.bottom.0.load(w, Ordering::SeqCst).await;
        bottom.wrapping_sub(top) as i32 <= 0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::queue::now;
    use crate::real::Plain;
    use crate::world::ActorId;

    #[test]
    fn it_is_full_and_empty_lap_after_lap() {
        let w = Plain::solo();
        let mut own = WorkDeque::new(&w, (), 4);
        let thief = own.stealer();
        for lap in 0..5 {
            let item = |n| Box::new(10 * lap + n);
            (0..4).for_each(|n| assert_eq!(now(own.push(&w, item(n))), Ok(())));
            assert_eq!(now(own.push(&w, item(4))), Err(item(4)), "full");
            assert_eq!(now(thief.steal(&w)), Steal::Success(item(0)));
            assert_eq!(now(own.push(&w, item(5))), Ok(()), "there is room for one");
            for n in [5, 3, 2, 1] {
                assert_eq!(now(own.pop(&w)), Some(item(n)));
            }
            assert_eq!(now(own.pop(&w)), None);
            assert_eq!(now(own.pop(&w)), None, "and once more");
            assert_eq!(now(thief.steal(&w)), Steal::Empty);
            assert!(now(thief.is_empty(&w)));
        }
        // What is left is dropped; an interpreter sees it if not.
        assert_eq!(now(own.push(&w, Box::new(1))), Ok(()));
    }

    #[test]
    fn each_item_goes_to_one_on_threads() {
        let n_items = if cfg!(miri) { 60 } else { 20_000 };
        let w = Plain::solo();
        let mut own = WorkDeque::<Plain, Box<u32>>::new(&w, (), 8);
        let taken = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for idx in 1..3 {
                let (thief, w, taken) = (own.stealer(), w.as_actor(ActorId(idx)), &taken);
                scope.spawn(move || {
                    loop {
                        match now(thief.steal(&w)) {
                            Steal::Success(item) if *item == u32::MAX => return,
                            Steal::Success(item) => taken.lock().unwrap().push(*item),
                            _ => std::thread::yield_now(),
                        }
                    }
                });
            }
            let mut mine = Vec::new();
            let push = |own: &mut WorkDeque<Plain, Box<u32>>, number: u32| {
                let mut item = Box::new(number);
                while let Err(again) = now(own.push(&w, item)) {
                    item = again;
                    std::thread::yield_now();
                }
            };
            for number in 0..n_items {
                push(&mut own, number);
                if number % 3 == 0 {
                    mine.extend(now(own.pop(&w)).map(|item| *item));
                }
            }
            while let Some(item) = now(own.pop(&w)) {
                mine.push(*item);
            }
            (0..2).for_each(|_| push(&mut own, u32::MAX));
            taken.lock().unwrap().extend(mine);
        });
        let mut taken = taken.into_inner().unwrap();
        taken.sort_unstable();
        assert!(taken.into_iter().eq(0..n_items), "each once");
    }
}
