//! The workers of a pool that are not through, and who waits until none is left.
//!
//! | the word | meaning |
//! | --- | --- |
//! | 2 · n | n workers are left, nobody waits |
//! | 2 · n + 1 | n workers are left, and somebody waits until none is |
//!
//! See [`crate::sync::awaited`]; nobody is woken before the last one has left.

use std::time::Duration;

use crate::sync::awaited::until;
use crate::world::{Ordering, Word, World};

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

    /// Waits until none is left; `false` when the deadline passed first.
    pub async fn until_left(&self, w: &W, deadline: Option<Duration>) -> bool {
        until(w, &self.word, AWAITED, w.spins(), deadline, |seen| seen < ONE).await.is_ok()
    }
}
