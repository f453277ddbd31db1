//! How many items are done, and who waits until all of them are.
//!
//! | word | meaning |
//! | --- | --- |
//! | `done` | the mark up to which items are done, by [`super::store::Store::mark`]; the queue's own mark: all are |
//! | `joiners` | how many actors are about to wait or do |
//!
//! Putting counts nothing here: the store knows how many came in anyway. That no joiner sleeps on is
//! argued as for the semaphore: a joiner first counts itself and then looks at `done` (inside the
//! wait), whoever is done first moves `done` and then looks at `joiners`. All four are sequentially
//! consistent, so at least one of them sees the other.

use std::marker::PhantomData;
use std::time::Duration;

use super::error::TooManyTaskDone;
use super::store::Store;
use super::tag::Tag;
use crate::world::{Ordering, Waited, Word, World};

pub(crate) struct Tasks<W: World, T> {
    done: W::Word,
    joiners: W::Word,
    items: PhantomData<fn(T)>,
}

impl<W: World, T: Tag + Send + 'static> Tasks<W, T> {
    /// Nothing came in, and nothing is to be done.
    pub fn new(world: &W, object: W::Object) -> Self {
        let (done, joiners) = (world.word(object, 0), world.word(object, 0));
        Self { done, joiners, items: PhantomData }
    }

    /// One item more is done.
    ///
    /// # Errors
    /// [`TooManyTaskDone`] when there was none left.
    pub async fn finish(&self, w: &W, store: &impl Store<W, T>) -> Result<(), TooManyTaskDone> {
        let seq_cst = Ordering::SeqCst;
        let mut seen = self.done.load(w, seq_cst).await;
        let now = loop {
            // Read after `done`, which never passes it: when they are equal, they are so at this
            // moment.
            if seen == store.mark(w).await {
                return Err(TooManyTaskDone);
            }
            let next = store.after(seen);
            match self.done.compare_exchange(w, seen, next, seq_cst, seq_cst).await {
                Ok(_) => break next,
                Err(now) => seen = now,
            }
        };
        if now == store.mark(w).await && self.joiners.load(w, seq_cst).await > 0 {
            self.done.wake(w, u32::MAX).await;
        }
        Ok(())
    }

    /// Whether all items are done, as of a moment ago.
    pub async fn are_done(&self, w: &W, store: &impl Store<W, T>) -> bool {
        self.done.load(w, Ordering::SeqCst).await == store.mark(w).await
    }

    /// Waits until all items are done; `false` when the deadline passed first.
    pub async fn join(&self, w: &W, store: &impl Store<W, T>, deadline: Option<Duration>) -> bool {
        for round in 0..w.spins() {
            if self.are_done(w, store).await {
                return true;
            }
            w.relax(round);
        }
        self.joiners.fetch_add(w, 1, Ordering::SeqCst).await;
        let are_done = loop {
            let seen = self.done.load(w, Ordering::SeqCst).await;
            if seen == store.mark(w).await {
                break true;
            }
            if self.done.wait(w, seen, deadline).await == Waited::TimedOut {
                break self.are_done(w, store).await;
            }
        };
        // Relaxed: too high a count for a moment costs an empty wakeup, no more.
        self.joiners.fetch_sub(w, 1, Ordering::Relaxed).await;
        are_done
    }
}
