//! Data behind a lock of its own, which is a part of some larger object.

use std::cell::UnsafeCell;
use std::future::Future;
use std::ops::{Deref, DerefMut};

use super::raw::{Raw, has_waiters};
use crate::world::World;

/// Data that one actor at a time can reach. Its lock never leaves it, so whoever has a [`Hold`] is
/// alone with the data.
pub(crate) struct Locked<W: World, T> {
    raw: Raw<W>,
    data: UnsafeCell<T>,
}

// SAFETY: the data is reached only through a `Hold`, and there is one at a time; `Raw` orders one
// after the other.
unsafe impl<W: World, T: Send> Sync for Locked<W, T> {}

impl<W: World, T> Locked<W, T> {
    /// Data that is a part of `object`.
    pub fn new(world: &W, object: W::Object, data: T) -> Self {
        Self { raw: Raw::new(world, object), data: UnsafeCell::new(data) }
    }

    /// Waits until nobody else is at the data.
    #[inline]
    pub async fn hold<'a>(&'a self, w: &'a W) -> Hold<'a, W, T> {
        if self.raw.exchange(w).await.is_err() {
            w.seldom(move || self.raw.take_held(w, None)).await;
        }
        Hold { locked: self, w }
    }

    /// Is alone with the data if nobody else is at it.
    pub async fn try_hold<'a>(&'a self, w: &'a W) -> Option<Hold<'a, W, T>> {
        self.raw.exchange(w).await.ok().map(|_| Hold { locked: self, w })
    }

    /// Does `work` with the data, alone with it.
    #[inline]
    pub fn with<'a, R: 'a>(
        &'a self,
        w: &'a W,
        work: impl FnOnce(&mut T) -> R + 'a,
    ) -> impl Future<Output = R> + 'a {
        w.often(move || async move {
            // All of it is one `async` block, for the same reason as in `Raw::exchange`.
            if self.raw.exchange(w).await.is_err() {
                w.seldom(move || self.raw.take_held(w, None)).await;
            }
            let mut hold = Hold { locked: self, w };
            let output = work(&mut hold);
            std::mem::forget(hold);
            if has_waiters(self.raw.exchange_back(w).await) {
                w.seldom(move || self.raw.wake(w)).await;
            }
            output
        })
    }
}

/// Proof of being alone with the data. Dropped, it lets others in at once, with no turn in between.
pub(crate) struct Hold<'a, W: World, T> {
    locked: &'a Locked<W, T>,
    w: &'a W,
}

impl<W: World, T> Hold<'_, W, T> {
    /// Lets others in.
    #[inline]
    pub async fn release(self) {
        let (locked, w) = (self.locked, self.w);
        std::mem::forget(self);
        locked.raw.give(w).await;
    }
}

impl<W: World, T> Deref for Hold<'_, W, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: there is one hold at a time, and the reference does not outlive it.
        unsafe { &*self.locked.data.get() }
    }
}

impl<W: World, T> DerefMut for Hold<'_, W, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: there is one hold at a time, and the reference does not outlive it.
        unsafe { &mut *self.locked.data.get() }
    }
}

impl<W: World, T> Drop for Hold<'_, W, T> {
    fn drop(&mut self) {
        self.w.at_once(self.locked.raw.give(self.w));
    }
}
