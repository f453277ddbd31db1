//! The word of every lock: mutual exclusion, with an owner.
//!
//! | the word holds | meaning |
//! | --- | --- |
//! | 0 | free |
//! | 2 · (owner + 1) | held, nobody waits |
//! | 2 · (owner + 1) + 1 | held, somebody may wait |
//!
//! The three states are those of the futex mutex in Ulrich Drepper, "Futexes Are Tricky" (2011),
//! `mutex2`; here the held states also carry who holds the lock. A waiter sets the lowest bit before
//! it waits. A release that finds it set takes it away and wakes one, who sets it again when it takes
//! the lock, because others may still be waiting. Whoever finds the word changed before it sleeps
//! need not: the wakeup went to another, or nobody slept.

use std::future::Future;
use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use super::line::glances;
use crate::world::{Ordering, ReadyWhen, Waited, Word, World};

const FREE: u32 = 0;
const WAITERS: u32 = 1;

/// A lock without a name: what it does is no operation and is not noted.
pub(crate) struct Raw<W: World> {
    word: W::Word,
}

impl<W: World> Raw<W> {
    /// A free lock, a part of `object`.
    pub fn new(world: &W, object: W::Object) -> Self {
        Self { word: world.owner_word(object) }
    }

    /// When it can be taken without waiting.
    pub fn ready_when(&self) -> ReadyWhen<'_, W::Word> {
        ReadyWhen { word: &self.word, test: |word, _| word == FREE, arg: 0 }
    }

    /// When the calling actor can take it once more without waiting.
    pub fn ready_again_when(&self, w: &W) -> ReadyWhen<'_, W::Word> {
        let test = |word, mine| word == FREE || word & !WAITERS == mine;
        ReadyWhen { word: &self.word, test, arg: w.me().as_owner() }
    }

    /// Takes the lock if it is free. This is the word's own future: on the fast path each nested
    /// coroutine would cost as much as the lock.
    #[inline]
    pub fn exchange<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<u32, u32>> + 'a {
        self.exchange_for(w, w.me().as_owner())
    }

    #[inline]
    fn exchange_for<'a>(
        &'a self,
        w: &'a W,
        mine: u32,
    ) -> impl Future<Output = Result<u32, u32>> + 'a {
        // Acquire: see all that the last owner did. Relaxed: nothing is read when it is held.
        self.word.compare_exchange(w, FREE, mine, Ordering::Acquire, Ordering::Relaxed)
    }

    /// Takes the lock that was held a moment ago; `false` when the deadline passed first.
    pub async fn take_held(&self, w: &W, deadline: Option<Duration>) -> bool {
        w.rounds((0, 0), move |(waiters, n_spins)| async move {
            // Relaxed: only a hint of what to try.
            let seen = self.word.load(w, Ordering::Relaxed).await;
            if seen == FREE {
                return match self.exchange_for(w, w.me().as_owner() | waiters).await {
                    Ok(_) => Break(true),
                    Err(_) => Continue((waiters, n_spins)),
                };
            }
            if seen & WAITERS == 0 {
                if w.linger(n_spins) {
                    return Continue((waiters, n_spins + 1));
                }
                let relaxed = Ordering::Relaxed; // The bit only speaks to whoever releases.
                let marked = seen | WAITERS;
                if self.word.compare_exchange(w, seen, marked, relaxed, relaxed).await.is_err() {
                    return Continue((waiters, n_spins));
                }
            }
            // Now a release calls the kernel, and as long as that takes the lock is free: whoever still
            // looks has it sooner than anybody who has to be woken.
            for round in 0..glances(w) {
                if deadline.is_some_and(|deadline| deadline <= w.now()) {
                    break;
                }
                w.relax(round);
                // Relaxed: a hint, as above.
                if self.word.load(w, Ordering::Relaxed).await != seen | WAITERS {
                    return Continue((0, 0));
                }
            }
            match self.word.wait(w, seen | WAITERS, deadline).await {
                // A release took the bit away and woke this actor; others may wait still.
                Waited::Woken => Continue((WAITERS, 0)),
                // Whoever took the bit away woke another, who sees to it. Were it set here too, it
                // would outlive all waiters, and every release would call the kernel.
                Waited::Changed => Continue((0, 0)),
                Waited::TimedOut => Break(false),
            }
        })
        .await
    }

    /// Whether the calling actor holds the lock.
    #[inline]
    pub async fn is_mine(&self, w: &W) -> bool {
        // Relaxed: the owner reads its own write; whoever reads anything else is not the owner.
        self.word.load(w, Ordering::Relaxed).await & !WAITERS == w.me().as_owner()
    }

    /// Gives the lock back; the caller holds it.
    #[inline]
    pub fn give<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        w.gist(move || async move {
            if has_waiters(self.exchange_back(w).await) {
                self.wake(w).await;
            }
        })
    }

    /// The first half of [`Self::give`]. Gives the word, of which [`has_waiters`] knows whether the
    /// second half, [`Self::wake`], is due. This is the word's own future.
    #[inline]
    pub fn exchange_back<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        // Release: the next owner sees all that this one did.
        self.word.swap(w, FREE, Ordering::Release)
    }

    /// Wakes one of those who wait, and gives how many there were. This too is the word's own future.
    #[inline]
    pub fn wake<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        self.word.wake(w, 1)
    }
}

/// Whether somebody may have waited for the lock, by its word.
#[inline]
pub(crate) fn has_waiters(word: u32) -> bool {
    word & WAITERS != 0
}
