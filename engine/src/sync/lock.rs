//! A mutual-exclusion lock on one word, which knows its owner.
//!
//! | the word holds | meaning |
//! | --- | --- |
//! | 0 | free |
//! | 2 · (owner + 1) | held, nobody waits |
//! | 2 · (owner + 1) + 1 | held, somebody may wait |
//!
//! The three states are those of the futex mutex in Ulrich Drepper, "Futexes Are Tricky" (2011),
//! `mutex2`; here the held states also carry who holds the lock. A waiter sets the lowest bit before
//! it waits, and whoever has waited keeps it set when it takes the lock, because others may still
//! be waiting. A release that finds it set wakes one.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use crate::world::{
    Act, ActorId, Note, ObjectKind, Operation, Ordering, Place, Waited, Word, World,
};

const FREE: u32 = 0;
const WAITERS: u32 = 1;

fn held_by(owner: ActorId) -> u32 {
    (u32::from(owner.0) + 1) << 1
}

/// A mutual-exclusion lock.
///
/// As in Python, an actor that takes it twice waits for itself. Unlike Python's, only the owner may
/// release it. It is not fair: a running actor may overtake one that was just woken.
///
/// ```
/// use engine::{World, block, real::Plain, sync::Lock};
/// use std::time::Duration;
///
/// let w = Plain::solo();
/// let lock = Lock::new(&w, "lock", 0);
/// let guard = block(lock.acquire(&w)).unwrap();
/// assert!(block(lock.acquire_timeout(&w, Duration::from_millis(1))).unwrap().is_none());
/// block(guard.release());
/// assert!(block(lock.release(&w)).unwrap().is_err(), "it is not held");
/// ```
pub struct Lock<W: World> {
    word: W::Word,
    id: W::Object,
}

/// Somebody released a lock that was not theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOwner;

impl fmt::Display for NotOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a lock can be released only by the actor that holds it")
    }
}

impl std::error::Error for NotOwner {}

impl<W: World> Lock<W> {
    /// A free lock, called `name` number `idx` in the log.
    pub fn new(world: &W, name: &'static str, idx: u16) -> Self {
        let id = world.register(ObjectKind::Lock, name, idx);
        Self { word: world.word(id, FREE), id }
    }

    /// Takes the lock, waiting for as long as it takes.
    #[inline]
    #[track_caller]
    pub fn acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = Guard<'a, W>> + 'a {
        let operation = self.operation(Act::Acquire, None, Location::caller());
        w.operation(operation, async move {
            if self.exchange(w, held_by(w.me())).await.is_err() {
                w.seldom(move || self.take_held(w, None)).await;
            }
            w.note(self.id, Note::Got);
            Guard { lock: self, w }
        })
    }

    /// Takes the lock if it is free.
    #[inline]
    #[track_caller]
    pub fn try_acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = Option<Guard<'a, W>>> + 'a {
        let operation = self.operation(Act::TryAcquire, None, Location::caller());
        w.operation(operation, async move {
            let got = self.exchange(w, held_by(w.me())).await.is_ok();
            w.note(self.id, if got { Note::Got } else { Note::GaveUp });
            got.then(|| Guard { lock: self, w })
        })
    }

    /// Takes the lock, or gives up after `timeout` of the world's time.
    #[track_caller]
    pub fn acquire_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Option<Guard<'a, W>>> + 'a {
        let deadline = Some(w.now() + timeout);
        let operation = self.operation(Act::AcquireTimeout, deadline, Location::caller());
        w.operation(operation, async move {
            let got = self.exchange(w, held_by(w.me())).await.is_ok()
                || w.seldom(move || self.take_held(w, deadline)).await;
            w.note(self.id, if got { Note::Got } else { Note::GaveUp });
            got.then(|| Guard { lock: self, w })
        })
    }

    /// Gives the lock back, without a guard.
    ///
    /// # Errors
    /// [`NotOwner`] when the calling actor does not hold it; nothing changes then.
    #[inline]
    #[track_caller]
    pub fn release<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<(), NotOwner>> + 'a {
        let operation = self.operation(Act::Release, None, Location::caller());
        w.operation(operation, async move {
            // Relaxed: the owner reads its own write; whoever reads anything else is not the owner.
            let seen = self.word.load(w, Ordering::Relaxed).await;
            if seen & !WAITERS != held_by(w.me()) {
                return Err(NotOwner);
            }
            self.give(w).await;
            Ok(())
        })
    }

    fn operation(&self, act: Act, deadline: Option<Duration>, place: Place) -> Operation<'_, W> {
        let test: fn(u32) -> bool = |word| word == FREE;
        let ready_when = act.may_wait().then_some((&self.word, test));
        Operation { act, object: self.id, ready_when, deadline, place }
    }

    /// Takes the lock if it is free. This is the word's own future, and all of `acquire` up to here
    /// is one `async` block: on the fast path each nested coroutine would cost as much as the lock.
    #[inline]
    fn exchange<'a>(&'a self, w: &'a W, mine: u32) -> impl Future<Output = Result<u32, u32>> + 'a {
        // Acquire: see all that the last owner did. Relaxed: nothing is read when it is held.
        self.word.compare_exchange(w, FREE, mine, Ordering::Acquire, Ordering::Relaxed)
    }

    async fn take_held(&self, w: &W, deadline: Option<Duration>) -> bool {
        let mut mine = held_by(w.me());
        let mut n_spins = 0;
        loop {
            // Relaxed: only a hint of what to try.
            let seen = self.word.load(w, Ordering::Relaxed).await;
            if seen == FREE {
                if self.exchange(w, mine).await.is_ok() {
                    return true;
                }
                continue;
            }
            if n_spins < W::SPINS && seen & WAITERS == 0 {
                w.relax(n_spins);
                n_spins += 1;
                continue;
            }
            if seen & WAITERS == 0 {
                let relaxed = Ordering::Relaxed; // The bit only speaks to whoever releases.
                let marked = seen | WAITERS;
                if self.word.compare_exchange(w, seen, marked, relaxed, relaxed).await.is_err() {
                    continue;
                }
            }
            if self.word.wait(w, seen | WAITERS, deadline).await == Waited::TimedOut {
                return false;
            }
            mine |= WAITERS;
            n_spins = 0;
        }
    }

    /// Gives the lock back; the caller holds it.
    #[inline]
    async fn give(&self, w: &W) {
        // Noted before it is done: whoever gets the lock next notes it after this.
        w.note(self.id, Note::GaveBack);
        // Release: the next owner sees all that this one did.
        let seen = self.word.swap(w, FREE, Ordering::Release).await;
        if seen & WAITERS != 0 {
            self.word.wake(w, 1).await;
        }
    }
}

/// The lock is held as long as this lives. Release it by [`Guard::release`]; when it is merely
/// dropped, it gives the lock back at once, with no turn for anybody in between.
#[must_use = "a guard that is dropped gives the lock back"]
pub struct Guard<'a, W: World> {
    lock: &'a Lock<W>,
    w: &'a W,
}

impl<'a, W: World> Guard<'a, W> {
    /// Gives the lock back, as a step of its own.
    #[inline]
    #[track_caller]
    pub fn release(self) -> impl Future<Output = ()> + 'a {
        let (lock, w) = (self.lock, self.w);
        let operation = lock.operation(Act::Release, None, Location::caller());
        w.operation(operation, async move {
            // From here on the lock is given back below, not by `Drop`.
            std::mem::forget(self);
            lock.give(w).await;
        })
    }
}

impl<W: World> Drop for Guard<'_, W> {
    fn drop(&mut self) {
        self.w.at_once(self.lock.give(self.w));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::{Config, Ending, Plain, Run, Threads};
    use crate::world::{Shared, block};
    use std::sync::Arc;

    /// Few rounds where an interpreter runs them.
    const N_ROUNDS: u32 = if cfg!(miri) { 12 } else { 3_000 };

    #[test]
    fn threads_exclude_each_other() {
        let run = Run::start(Threads, Config::default(), |world: &Plain| {
            let lock = Arc::new(Lock::new(world, "lock", 0));
            let x = Arc::new(Shared::new(world, "x", 0, 0));
            for idx in 0..3 {
                let (lock, x) = (lock.clone(), x.clone());
                world.spawn("actor", idx, move |w| async move {
                    for round in 0..N_ROUNDS {
                        let held = loop {
                            let timeout = Duration::from_micros(u64::from(round));
                            let held = match round % 3 {
                                0 => Some(lock.acquire(&w).await),
                                1 => lock.try_acquire(&w).await,
                                _ => lock.acquire_timeout(&w, timeout).await,
                            };
                            match held {
                                Some(held) => break held,
                                None => std::thread::yield_now(),
                            }
                        };
                        let seen = x.load(&w).await;
                        x.store(&w, seen + 1).await;
                        if round % 2 == 0 { held.release().await } else { drop(held) }
                    }
                    let held = lock.acquire(&w).await;
                    w.check(x.load(&w).await >= N_ROUNDS, "one's own are all there");
                    w.check(x.load(&w).await <= 3 * N_ROUNDS, "and no more than everybody's");
                    held.release().await;
                });
            }
        });
        assert_eq!(run.join(), Ending::Finished);
    }

    #[test]
    fn a_lock_knows_its_owner() {
        let w = Plain::solo();
        let other = w.as_actor(ActorId(1));
        let lock = Lock::new(&w, "lock", 0);
        let guard = block(lock.acquire(&w)).unwrap();
        assert_eq!(block(lock.release(&other)).unwrap(), Err(NotOwner));
        assert!(block(lock.try_acquire(&other)).unwrap().is_none());
        let in_vain = block(lock.acquire_timeout(&other, Duration::from_millis(1))).unwrap();
        assert!(in_vain.is_none(), "an attempt that fails takes nothing away");
        assert!(block(lock.try_acquire(&other)).unwrap().is_none());
        std::mem::forget(guard);
        assert_eq!(block(lock.release(&w)).unwrap(), Ok(()));
        assert_eq!(block(lock.release(&w)).unwrap(), Err(NotOwner));
        assert!(block(lock.try_acquire(&other)).unwrap().is_some());
    }
}
