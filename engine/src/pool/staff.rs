//! The workers of a pool that are not through, and who waits until none is left.
//!
//! | the word | meaning |
//! | --- | --- |
//! | 2 · n | n workers are left, nobody waits |
//! | 2 · n + 1 | n workers are left, and somebody waits until none is |
//!
//! Whoever waits says so in the word it waits on, and whoever leaves reads it in the same step: so is
//! nobody left asleep, and nobody woken before the last one has left.

use std::time::Duration;

use crate::world::{Ordering, Waited, Word, World};

const AWAITED: u32 = 1;
const ONE: u32 = 2;

pub(super) struct Staff<W: World> {
    word: W::Word,
}

impl<W: World> Staff<W> {
    /// So many workers, of the pool `object`.
    pub fn new(world: &W, object: W::Object, n: u16) -> Self {
        Self { word: world.word(object, u32::from(n) * ONE) }
    }

    /// One of them is through.
    pub async fn leave(&self, w: &W) {
        // Release: whoever finds none left sees what each of them did.
        if self.word.fetch_sub(w, ONE, Ordering::AcqRel).await == ONE | AWAITED {
            self.word.wake(w, u32::MAX).await;
        }
    }

    /// Whether none is left, as of a moment ago.
    pub async fn has_left(&self, w: &W) -> bool {
        // Acquire: see all that they did.
        self.word.load(w, Ordering::Acquire).await < ONE
    }

    /// Waits until none is left; `false` when the deadline passed first.
    pub async fn until_left(&self, w: &W, deadline: Option<Duration>) -> bool {
        let mut round = 0;
        loop {
            // Acquire, here and below: see all that they did.
            let seen = self.word.load(w, Ordering::Acquire).await;
            if seen < ONE {
                return true;
            }
            if round < w.spins() {
                w.relax(round);
                round += 1;
                continue;
            }
            let (marked, acquire) = (seen | AWAITED, Ordering::Acquire);
            if seen != marked
                && self.word.compare_exchange(w, seen, marked, acquire, acquire).await.is_err()
            {
                continue;
            }
            if self.word.wait(w, marked, deadline).await == Waited::TimedOut {
                return self.has_left(w).await;
            }
        }
    }
}
