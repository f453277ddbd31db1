//! A mutual-exclusion lock on one word, which knows its owner.

use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use super::mutual::{Guard, Mutual, NotOwner};
use super::raw::Raw;
use crate::world::{Act, Note, ObjectKind, Operation, Place, World};

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
    raw: Raw<W>,
    id: W::Object,
}

impl<W: World> Lock<W> {
    /// A free lock, called `name` number `idx` in the log.
    pub fn new(world: &W, name: &'static str, idx: u16) -> Self {
        let id = world.register(ObjectKind::Lock, name, idx);
        Self { raw: Raw::new(world, id), id }
    }

    /// Takes the lock, waiting for as long as it takes.
    #[inline]
    #[track_caller]
    pub fn acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = Guard<'a, W>> + 'a {
        let operation = self.operation(w, Act::Acquire, None, Location::caller());
        let body = w.gist(move || async move {
            // All of it is one `async` block, for the same reason as in `Raw::exchange`.
            let before = w.standing();
            if self.raw.exchange(w).await.is_err() {
                // Whose it was does not matter any more.
                w.stand_again(before, ());
                w.seldom(move || self.raw.take_held(w, None)).await;
            }
            w.note(self.id, Note::Got);
            Guard { lock: self, w }
        });
        w.operation(operation, body)
    }

    /// Takes the lock if it is free.
    #[inline]
    #[track_caller]
    pub fn try_acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = Option<Guard<'a, W>>> + 'a {
        let operation = self.operation(w, Act::TryAcquire, None, Location::caller());
        let body = w.gist(move || async move {
            let got = self.raw.exchange(w).await.is_ok();
            w.note(self.id, if got { Note::Got } else { Note::GaveUp });
            got.then(|| Guard { lock: self, w })
        });
        w.operation(operation, body)
    }

    /// Takes the lock, or gives up after `timeout` of the world's time.
    #[track_caller]
    pub fn acquire_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Option<Guard<'a, W>>> + 'a {
        let deadline = w.deadline(timeout);
        let operation = self.operation(w, Act::AcquireTimeout, deadline, Location::caller());
        let body = w.gist(move || async move {
            let before = w.standing();
            let mut got = self.raw.exchange(w).await.is_ok();
            if !got {
                w.stand_again(before, ());
                got = w.seldom(move || self.raw.take_held(w, deadline)).await;
            }
            w.note(self.id, if got { Note::Got } else { Note::GaveUp });
            got.then(|| Guard { lock: self, w })
        });
        w.operation(operation, body)
    }

    /// Gives the lock back, without a guard.
    ///
    /// # Errors
    /// [`NotOwner`] when the calling actor does not hold it; nothing changes then.
    #[inline]
    #[track_caller]
    pub fn release<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<(), NotOwner>> + 'a {
        let operation = self.operation(w, Act::Release, None, Location::caller());
        w.operation(operation, async move {
            if !self.raw.is_mine(w).await {
                return Err(NotOwner);
            }
            self.give(w).await;
            Ok(())
        })
    }
}

impl<W: World> Mutual<W> for Lock<W> {
    #[inline]
    fn acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = Guard<'a, W>> + 'a {
        Self::acquire(self, w)
    }

    fn operation(
        &self,
        _: &W,
        act: Act,
        deadline: Option<Duration>,
        place: Place,
    ) -> Operation<'_, W> {
        let ready_when = act.may_wait().then(|| self.raw.ready_when());
        Operation { act, object: self.id, ready_when, deadline, place }
    }

    async fn is_mine(&self, w: &W) -> bool {
        self.raw.is_mine(w).await
    }

    #[inline]
    fn give<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        // Noted before it is done: whoever gets the lock next notes it after this.
        w.note(self.id, Note::GaveBack);
        self.raw.give(w)
    }

    async fn let_go(&self, w: &W) -> u32 {
        self.give(w).await;
        1
    }

    async fn take_again(&self, w: &W, _: u32) {
        if self.raw.exchange(w).await.is_err() {
            self.raw.take_held(w, None).await;
        }
        w.note(self.id, Note::Got);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::{Config, Ending, Plain, Run, Threads};
    use crate::world::{ActorId, Shared, block};
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
