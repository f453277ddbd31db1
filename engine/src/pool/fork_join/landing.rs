//! Where a thief leaves what a half gave, for whoever offered that half; or says that a task of a scope
//! is through.
//!
//! | the word of a landing of a join | meaning |
//! | --- | --- |
//! | 0 | nothing has come yet |
//! | 1 | the result lies there |
//! | 2 | whoever waited for it is gone |
//! | 3 | and it came all the same, and was thrown away |
//!
//! The word of a landing of a scope is the number of stolen tasks that are through; highest bit: one of
//! them was given up.
//!
//! A worker has a landing for each of its joins and scopes that are under way, one inside the other. It
//! alone knows which of them are in use, and as what. One whose join or scope was given up while thieves
//! had parts of it stays in use until they are through; one that was forgotten, for ever.

use std::cell::UnsafeCell;

use super::cargo::Cargo;
use crate::world::{Ordering, Word, World};

const OPEN: u32 = 0;
const LANDED: u32 = 1;
const LEFT: u32 = 2;
const THROWN_AWAY: u32 = 3;

const GIVEN_UP: u32 = 1 << 31;

/// Where a thief leaves what a half gave.
pub(super) struct Landing<W: World> {
    word: W::Word,
    result: UnsafeCell<Option<Cargo>>,
}

// SAFETY: the result is reached by the one thief who has the half, until it says that it is there; and
// then by the owner. That is a release that the owner acquires.
unsafe impl<W: World> Sync for Landing<W> {}

impl<W: World> Landing<W> {
    /// An open landing, a part of `object`.
    pub fn new(world: &W, object: W::Object) -> Self {
        Self { word: world.word(object, OPEN), result: UnsafeCell::new(None) }
    }

    /// Leaves a result there, or none when the half was given up.
    ///
    /// # Safety
    /// The caller has the half whose result belongs here, and does this once.
    pub async unsafe fn land(&self, w: &W, result: Option<Cargo>) {
        // SAFETY: there is one thief, and the owner does not look before the word says so.
        unsafe { *self.result.get() = result };
        // SeqCst: before the look at the owner's bed; see `rest.rs`.
        if self.word.swap(w, LANDED, Ordering::SeqCst).await == LEFT {
            // SAFETY: the owner is gone, and nobody else looks before the next store.
            drop(unsafe { (*self.result.get()).take() });
            // Release: whoever uses the landing again finds it empty.
            self.word.store(w, THROWN_AWAY, Ordering::Release).await;
        }
    }

    /// Whether the result lies there.
    pub async fn has_landed(&self, w: &W) -> bool {
        // SeqCst: the worker has said that it lies down before it looks here; see `rest.rs`.
        self.word.load(w, Ordering::SeqCst).await == LANDED
    }

    /// Takes the result away; `None` when the half was given up.
    ///
    /// # Safety
    /// The caller is the owner, and [`Self::has_landed`].
    pub async unsafe fn take(&self, w: &W) -> Option<Cargo> {
        // SAFETY: the thief is done with it.
        let result = unsafe { (*self.result.get()).take() };
        // Relaxed: the owner hands the landing on through the deque, which is a release.
        self.word.store(w, OPEN, Ordering::Relaxed).await;
        result
    }

    /// Gives up waiting; `true` when the landing can be used again at once.
    ///
    /// # Safety
    /// The caller is the owner, and a thief has the half.
    pub async unsafe fn leave(&self, w: &W) -> bool {
        // AcqRel: whichever of the two comes second throws away what the first left.
        if self.word.swap(w, LEFT, Ordering::AcqRel).await != LANDED {
            return false;
        }
        // SAFETY: the thief is done with it.
        drop(unsafe { self.take(w).await });
        true
    }

    /// A stolen task of the scope is through.
    pub async fn count(&self, w: &W) {
        // SeqCst: as in `land`.
        self.word.fetch_add(w, 1, Ordering::SeqCst).await;
    }

    /// A stolen task of the scope was given up.
    pub async fn count_given_up(&self, w: &W) {
        // Relaxed: it comes with the count.
        self.word.fetch_or(w, GIVEN_UP, Ordering::Relaxed).await;
        self.count(w).await;
    }

    /// Whether this many stolen tasks of the scope are through.
    pub async fn has_counted(&self, w: &W, n: u32) -> bool {
        // SeqCst: as in `has_landed`.
        self.word.load(w, Ordering::SeqCst).await & !GIVEN_UP == n
    }

    /// Makes a landing usable again on which all stolen tasks of a scope are through. Gives whether one
    /// of them was given up.
    pub async fn clear(&self, w: &W) -> bool {
        // Relaxed: as in `take`.
        self.word.swap(w, OPEN, Ordering::Relaxed).await & GIVEN_UP != 0
    }

    /// Makes a landing that was left usable again, if the thieves are through: that of a join, or of a
    /// scope of which they had this many tasks.
    pub async fn reopen(&self, w: &W, n_stolen: u32) -> bool {
        let through = if n_stolen > 0 { n_stolen } else { THROWN_AWAY };
        // Acquire: the thieves are done with it. Relaxed: as in `take`.
        let is_free = self.word.load(w, Ordering::Acquire).await & !GIVEN_UP == through;
        if is_free {
            self.word.store(w, OPEN, Ordering::Relaxed).await;
        }
        is_free
    }
}
