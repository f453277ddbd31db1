//! A bounded row of items that no lock guards: who comes first is settled by two words.
//!
//! | word | meaning |
//! | --- | --- |
//! | `tail` | the position of the next put; its lowest bit: closed |
//! | `head` | the position of the next get |
//! | `stamp` of a slot: l | free for the put in the lap that begins at position l |
//! | `stamp` of a slot: l + 2 | holds the item that was put there in that lap |
//! | `due` | how many actors wait until the stamp of some slot changes |
//!
//! A position is a lap and in its lower bits twice the number of a slot, so that the lowest bit stays
//! free; a lap has room for two slots even where there is one, so that a stamp is never two things.
//!
//! An item comes in when `tail` moves and goes out when `head` moves. Between that move and the new
//! stamp the slot is in the hands of the one who moved it. Whoever is then due at this slot can
//! neither go on nor say that there is nothing (later slots may be settled already), and waits for
//! the stamp: it is only a moment. It counts itself in `due` and then looks at the stamp again, and
//! whoever changes a stamp looks at `due` after that. The fence between the two is the heavy one for
//! those who wait, which is seldom, and the light one for those who need not.
//!
//! Source: Dmitry Vyukov, "Bounded MPMC queue" (1024cores, 2010), with laps for capacities that are
//! no power of two as in `ArrayQueue` of crossbeam. Numbers come round after 2^32 / (lap length)
//! laps, so an actor that stands still in the middle of an operation for exactly that many could be
//! deceived.

use std::cell::UnsafeCell;
use std::future::Future;
use std::mem::MaybeUninit;

use super::store::{Nothing, Refused};
use super::tag::Tag;
use crate::world::{Note, Ordering, Word, World};

const CLOSED: u32 = 1;
/// From one position to the next in a lap, and from free to full in a stamp.
const STEP: u32 = 2;

/// A line of the cache of its own, and of the neighbour that is fetched with it.
#[repr(align(128))]
struct Apart<T>(T);

/// Room for an item; an `Option` would take more of it.
struct Slot<W: World, T> {
    stamp: W::Word,
    is_full: UnsafeCell<bool>,
    item: UnsafeCell<MaybeUninit<T>>,
}

impl<W: World, T> Slot<W, T> {
    fn empty(stamp: W::Word) -> Self {
        let item = UnsafeCell::new(MaybeUninit::uninit());
        Self { stamp, is_full: UnsafeCell::new(false), item }
    }

    /// Lays an item here.
    ///
    /// # Safety
    /// The caller has the slot to itself, and it is empty.
    #[inline]
    unsafe fn put(&self, item: T) {
        // SAFETY: by the caller.
        unsafe {
            (*self.item.get()).write(item);
            *self.is_full.get() = true;
        }
    }

    /// Takes the item away.
    ///
    /// # Safety
    /// The caller has the slot to itself, and it is full.
    #[inline]
    unsafe fn take(&self) -> T {
        // SAFETY: by the caller.
        unsafe {
            *self.is_full.get() = false;
            (*self.item.get()).assume_init_read()
        }
    }
}

impl<W: World, T> Drop for Slot<W, T> {
    fn drop(&mut self) {
        if *self.is_full.get_mut() {
            // SAFETY: it is full.
            unsafe { self.item.get_mut().assume_init_drop() }
        }
    }
}

/// A bounded row of items.
pub(crate) struct Ring<W: World, T> {
    tail: Apart<W::Word>,
    head: Apart<W::Word>,
    slots: Box<[Slot<W, T>]>,
    due: W::Word,
    /// From a position to that of the same slot in the next lap.
    lap: u32,
    /// What is added to a position where others see it.
    first: u32,
    object: W::Object,
}

// SAFETY: the item of a slot is reached only by the one who moved `tail` or `head` past it, until
// that one changes the stamp, which is a release that the next one acquires.
unsafe impl<W: World, T: Send> Sync for Ring<W, T> {}

/// Whether a stamp is an older one than `other`; numbers come round.
#[inline]
fn is_before(stamp: u32, other: u32) -> bool {
    (stamp.wrapping_sub(other) as i32) < 0
}

/// Somebody else came first. Those who try again at once take the word's cache line from each other for
/// each item; whoever pauses leaves it to the other for several.
#[cold]
#[inline(never)]
fn give_way<W: World>(w: &W, n_failed: &mut u32) {
    if *n_failed < w.spins() {
        w.relax(*n_failed);
        *n_failed += 1;
    }
}

impl<W: World, T: Tag + Send + 'static> Ring<W, T> {
    /// An empty row, a part of `object`, for `capacity` items, at least one. `first` is the position of
    /// the first put: a multiple of the lap, or any position where the capacity is a power of two.
    pub fn new(world: &W, object: W::Object, capacity: u32, first: u32) -> Self {
        Self {
            tail: Apart(world.word(object, 0)),
            head: Apart(world.word(object, 0)),
            slots: (0..capacity).map(|_| Slot::empty(world.word(object, 0))).collect(),
            due: world.word(object, 0),
            lap: capacity.next_power_of_two().max(2) * STEP,
            first,
            object,
        }
    }

    /// The slot of a position.
    #[inline]
    fn slot(&self, position: u32) -> &Slot<W, T> {
        &self.slots[((position & (self.lap - 1)) / STEP) as usize]
    }

    /// Where the lap of a position begins; the lowest bit stays as it is.
    #[inline]
    fn lap_of(&self, position: u32) -> u32 {
        position & !(self.lap - STEP)
    }

    /// The position that follows.
    #[inline]
    pub fn after(&self, position: u32) -> u32 {
        let idx = (position & (self.lap - 1)) / STEP;
        if idx + 1 < self.slots.len() as u32 {
            position.wrapping_add(STEP)
        } else {
            self.lap_of(position).wrapping_add(self.lap)
        }
    }

    /// Brings an item in at the back.
    #[inline]
    pub fn push<'a>(
        &'a self,
        w: &'a W,
        item: T,
    ) -> impl Future<Output = Result<(), Refused<T>>> + 'a {
        w.often(move || async move {
            // One try, and in one `async` block; see `Raw::exchange`. Relaxed: a guess that the
            // stamp and the exchange check. Acquire: whoever emptied the slot is done with it.
            let tail = self.tail.0.load(w, Ordering::Relaxed).await;
            let slot = self.slot(tail);
            let free = self.lap_of(tail);
            // Which is none of a row that is closed.
            if slot.stamp.load(w, Ordering::Acquire).await == free
                && self.exchange(w, &self.tail, tail).await.is_ok()
            {
                w.note(self.object, Note::Put { item: item.tag(), behind: 0 });
                // SAFETY: `tail` was moved past the slot here, and it is empty.
                unsafe { slot.put(item) };
                // Release: whoever takes the item sees it.
                slot.stamp.store(w, free.wrapping_add(STEP), Ordering::Release).await;
                w.light_fence();
                // Relaxed: see the fence.
                if self.due.load(w, Ordering::Relaxed).await != 0 {
                    w.seldom(move || slot.stamp.wake(w, u32::MAX)).await;
                }
                return Ok(());
            }
            w.seldom(move || self.push_later(w, item)).await
        })
    }

    /// Takes the item at the front out.
    #[inline]
    pub fn pop<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<T, Nothing>> + 'a {
        w.often(move || async move {
            // As in `push`. Acquire: see what was put into the slot.
            let head = self.head.0.load(w, Ordering::Relaxed).await;
            let slot = self.slot(head);
            let lap = self.lap_of(head);
            if slot.stamp.load(w, Ordering::Acquire).await == lap.wrapping_add(STEP)
                && self.exchange(w, &self.head, head).await.is_ok()
            {
                // SAFETY: `head` was moved past the slot here, and it is full.
                let item = unsafe { slot.take() };
                let free = lap.wrapping_add(self.lap);
                // Release: whoever puts something here next is not too early.
                slot.stamp.store(w, free, Ordering::Release).await;
                w.light_fence();
                // Relaxed: see the fence.
                if self.due.load(w, Ordering::Relaxed).await != 0 {
                    w.seldom(move || slot.stamp.wake(w, u32::MAX)).await;
                }
                return Ok(item);
            }
            w.seldom(move || self.pop_later(w)).await
        })
    }

    /// Moves `tail` or `head` past a position.
    #[inline]
    fn exchange<'a>(
        &'a self,
        w: &'a W,
        end: &'a Apart<W::Word>,
        position: u32,
    ) -> impl Future<Output = Result<u32, u32>> + 'a {
        // SeqCst: whoever finds that there is nothing looks for this move after it has said that it
        // waits; see `waiting.rs`. Relaxed: nothing is read when it failed.
        let next = self.after(position);
        end.0.compare_exchange(w, position, next, Ordering::SeqCst, Ordering::Relaxed)
    }

    /// Brings an item in when that was not possible at the first try.
    async fn push_later(&self, w: &W, item: T) -> Result<(), Refused<T>> {
        let mut n_failed = 0;
        let (free, slot) = loop {
            // Relaxed and acquire: as in `push`.
            let tail = self.tail.0.load(w, Ordering::Relaxed).await;
            if tail & CLOSED != 0 {
                return Err(Refused::Closed(item));
            }
            let slot = self.slot(tail);
            let (free, stamp) = (self.lap_of(tail), slot.stamp.load(w, Ordering::Acquire).await);
            if stamp == free {
                if self.exchange(w, &self.tail, tail).await.is_ok() {
                    break (free, slot);
                }
                give_way(w, &mut n_failed);
            }
            if is_before(stamp, free) {
                // SeqCst: as for the exchange, but for a putter that will wait.
                let head = self.head.0.load(w, Ordering::SeqCst).await;
                if head.wrapping_add(self.lap) == tail {
                    return Err(Refused::Full(item));
                }
                if stamp == free.wrapping_add(STEP).wrapping_sub(self.lap) {
                    self.until_moved(w, slot, stamp).await;
                }
            }
        };
        w.note(self.object, Note::Put { item: item.tag(), behind: 0 });
        // SAFETY: `tail` was moved past the slot here, and it is empty.
        unsafe { slot.put(item) };
        self.stamp(w, slot, free.wrapping_add(STEP)).await;
        Ok(())
    }

    /// Takes an item out when that was not possible at the first try.
    async fn pop_later(&self, w: &W) -> Result<T, Nothing> {
        let mut n_failed = 0;
        let (lap, slot) = loop {
            // Relaxed and acquire: as in `pop`.
            let head = self.head.0.load(w, Ordering::Relaxed).await;
            let slot = self.slot(head);
            let (lap, stamp) = (self.lap_of(head), slot.stamp.load(w, Ordering::Acquire).await);
            let full = lap.wrapping_add(STEP);
            if stamp == full {
                if self.exchange(w, &self.head, head).await.is_ok() {
                    break (lap, slot);
                }
                give_way(w, &mut n_failed);
            }
            if is_before(stamp, full) {
                // SeqCst: as for the exchange, but for a getter that will wait.
                let tail = self.tail.0.load(w, Ordering::SeqCst).await;
                if tail & !CLOSED == head {
                    let is_closed = tail & CLOSED != 0;
                    return Err(if is_closed { Nothing::Closed } else { Nothing::Empty });
                }
                if stamp == lap {
                    self.until_moved(w, slot, stamp).await;
                }
            }
        };
        // SAFETY: `head` was moved past the slot here, and it is full.
        let item = unsafe { slot.take() };
        self.stamp(w, slot, lap.wrapping_add(self.lap)).await;
        Ok(item)
    }

    /// Hands the slot over to whoever is due next.
    async fn stamp(&self, w: &W, slot: &Slot<W, T>, stamp: u32) {
        // Release: that one sees what was done to the slot.
        slot.stamp.store(w, stamp, Ordering::Release).await;
        w.light_fence();
        // Relaxed: see the fence.
        if self.due.load(w, Ordering::Relaxed).await != 0 {
            slot.stamp.wake(w, u32::MAX).await;
        }
    }

    /// Waits while somebody has the slot in its hands; `stamp` is what the slot was seen with.
    async fn until_moved(&self, w: &W, slot: &Slot<W, T>, stamp: u32) {
        // Relaxed, here and below: the caller looks again.
        let relaxed = Ordering::Relaxed;
        for round in 0..w.spins() {
            w.relax(round);
            if slot.stamp.load(w, relaxed).await != stamp {
                return;
            }
        }
        self.due.fetch_add(w, 1, relaxed).await;
        w.heavy_fence();
        slot.stamp.wait(w, stamp, None).await;
        self.due.fetch_sub(w, 1, relaxed).await;
    }

    /// Lets nothing more in. The position of the next put does not change any more.
    pub async fn close(&self, w: &W) {
        // SeqCst: in one order with all puts and gets.
        self.tail.0.fetch_or(w, CLOSED, Ordering::SeqCst).await;
    }

    /// Takes all items out at one moment, from a row that is closed.
    pub async fn clear(&self, w: &W) -> Vec<T> {
        let mut items = Vec::new();
        // SeqCst: as in `exchange`.
        let seq_cst = Ordering::SeqCst;
        let end = self.tail.0.load(w, seq_cst).await & !CLOSED;
        let mut position = self.head.0.load(w, seq_cst).await;
        while let Err(now) = self.head.0.compare_exchange(w, position, end, seq_cst, seq_cst).await
        {
            position = now;
        }
        while position != end {
            let (slot, lap) = (self.slot(position), self.lap_of(position));
            // Acquire: see what was put into the slot.
            let stamp = slot.stamp.load(w, Ordering::Acquire).await;
            if stamp != lap.wrapping_add(STEP) {
                self.until_moved(w, slot, stamp).await;
                continue;
            }
            // SAFETY: `head` was moved past the slot here, and it is full.
            items.push(unsafe { slot.take() });
            self.stamp(w, slot, lap.wrapping_add(self.lap)).await;
            position = self.after(position);
        }
        items
    }

    /// The position of the next put.
    pub async fn mark(&self, w: &W) -> u32 {
        // SeqCst: see `tasks.rs`.
        let tail = self.tail.0.load(w, Ordering::SeqCst).await & !CLOSED;
        self.first.wrapping_add(tail)
    }

    /// The position of the next get.
    pub async fn next(&self, w: &W) -> u32 {
        // Acquire: read between two looks at other words.
        self.first.wrapping_add(self.head.0.load(w, Ordering::Acquire).await)
    }

    /// How many items there were between two moments of this call.
    pub async fn len(&self, w: &W) -> u32 {
        // Acquire: the head is read after the tail, and so is the tail once more.
        let acquire = Ordering::Acquire;
        let mut tail = self.tail.0.load(w, acquire).await & !CLOSED;
        loop {
            let head = self.head.0.load(w, acquire).await;
            let again = self.tail.0.load(w, acquire).await & !CLOSED;
            if again == tail {
                let idx = |position| (position & (self.lap - 1)) / STEP;
                let is_same_lap = self.lap_of(tail) == self.lap_of(head);
                let beyond = if is_same_lap { 0 } else { self.slots.len() as u32 };
                return beyond + idx(tail) - idx(head);
            }
            tail = again;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::now;
    use crate::real::Plain;

    #[test]
    fn it_is_full_and_empty_wherever_it_begins() {
        let w = Plain::solo();
        // The last two come to the end of the numbers.
        for first in [0, 8, 6, u32::MAX - 1, u32::MAX - 13] {
            for capacity in [2, 4] {
                let ring = Ring::new(&w, (), capacity, first);
                for lap in 0..5 {
                    for n in 0..capacity {
                        assert!(now(ring.push(&w, Box::new(10 * lap + n))).is_ok());
                        assert_eq!(now(ring.len(&w)), n + 1);
                    }
                    let full = now(ring.push(&w, Box::new(0)));
                    assert!(matches!(full, Err(Refused::Full(_))));
                    for n in 0..capacity {
                        assert_eq!(now(ring.pop(&w)), Ok(Box::new(10 * lap + n)));
                    }
                    assert_eq!(now(ring.pop(&w)), Err(Nothing::Empty));
                }
                // What is left is dropped; an interpreter sees it if not.
                assert!(now(ring.push(&w, Box::new(0))).is_ok());
            }
        }
    }
}
