//! A lock that its owner may take again.
//!
//! | word | meaning |
//! | --- | --- |
//! | the lock's | free, or held and by whom; see [`super::raw`] |
//! | `depth` | how often the owner has taken it; only the owner reads and writes it |

use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use super::mutual::{Guard, Mutual, NotOwner};
use super::raw::Raw;
use crate::world::{Act, Note, ObjectKind, Operation, Ordering, Place, Word, World};

/// A reentrant lock, as Python's `RLock`: its owner may take it again, and others get it when it was
/// released as often as it was taken.
///
/// ```
/// use engine::{block, real::Plain, sync::RLock, world::ActorId};
///
/// let w = Plain::solo();
/// let other = w.as_actor(ActorId(1));
/// let lock = RLock::new(&w, "lock", 0);
/// let outer = block(lock.acquire(&w)).unwrap();
/// let inner = block(lock.acquire(&w)).unwrap();
/// block(inner.release());
/// assert!(block(lock.try_acquire(&other)).unwrap().is_none(), "still held once");
/// assert!(block(lock.release(&other)).unwrap().is_err(), "and not by this one");
/// block(outer.release());
/// assert!(block(lock.try_acquire(&other)).unwrap().is_some());
/// ```
pub struct RLock<W: World> {
    raw: Raw<W>,
    depth: W::Word,
    id: W::Object,
}

// Whoever holds a lock reads and writes its depth, and nobody else: the lock orders one owner after
// the other.
const OWNERS: Ordering = Ordering::Relaxed;

impl<W: World> RLock<W> {
    /// A free lock, called `name` number `idx` in the log.
    pub fn new(world: &W, name: &'static str, idx: u16) -> Self {
        let id = world.register(ObjectKind::RLock, name, idx);
        Self { raw: Raw::new(world, id), depth: world.word(id, 0), id }
    }

    /// Takes the lock, waiting for as long as it takes; not at all where the caller has it.
    #[inline]
    #[track_caller]
    pub fn acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = Guard<'a, W, Self>> + 'a {
        let operation = self.operation(w, Act::Acquire, None, Location::caller());
        w.operation(operation, async move {
            w.often(move || self.take(w, None)).await;
            Guard { lock: self, w }
        })
    }

    /// Takes the lock if it is free, or the caller's.
    #[inline]
    #[track_caller]
    pub fn try_acquire<'a>(
        &'a self,
        w: &'a W,
    ) -> impl Future<Output = Option<Guard<'a, W, Self>>> + 'a {
        let operation = self.operation(w, Act::TryAcquire, None, Location::caller());
        w.operation(operation, async move {
            let got = self.try_take(w).await;
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
    ) -> impl Future<Output = Option<Guard<'a, W, Self>>> + 'a {
        let deadline = w.deadline(timeout);
        let operation = self.operation(w, Act::AcquireTimeout, deadline, Location::caller());
        w.operation(operation, async move {
            self.take(w, deadline).await.then(|| Guard { lock: self, w })
        })
    }

    /// Gives the lock back once, without a guard.
    ///
    /// # Errors
    /// [`NotOwner`] when the calling actor does not hold it; nothing changes then.
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

    #[inline]
    async fn try_take(&self, w: &W) -> bool {
        if self.raw.is_mine(w).await {
            let depth = self.depth.load(w, OWNERS).await;
            self.depth.store(w, depth + 1, OWNERS).await;
            return true;
        }
        let got = self.raw.exchange(w).await.is_ok();
        if got {
            self.depth.store(w, 1, OWNERS).await;
        }
        got
    }

    #[inline]
    async fn take(&self, w: &W, deadline: Option<Duration>) -> bool {
        let got = self.try_take(w).await || w.seldom(move || self.take_held(w, deadline)).await;
        w.note(self.id, if got { Note::Got } else { Note::GaveUp });
        got
    }

    async fn take_held(&self, w: &W, deadline: Option<Duration>) -> bool {
        let got = self.raw.take_held(w, deadline).await;
        if got {
            self.depth.store(w, 1, OWNERS).await;
        }
        got
    }
}

impl<W: World> Mutual<W> for RLock<W> {
    #[inline]
    fn acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = Guard<'a, W, Self>> + 'a {
        Self::acquire(self, w)
    }

    fn operation(
        &self,
        w: &W,
        act: Act,
        deadline: Option<Duration>,
        place: Place,
    ) -> Operation<'_, W> {
        let ready_when = act.may_wait().then(|| self.raw.ready_again_when(w));
        Operation { act, object: self.id, ready_when, deadline, place }
    }

    async fn is_mine(&self, w: &W) -> bool {
        self.raw.is_mine(w).await
    }

    #[inline]
    fn give<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        // Noted before it is done: whoever gets the lock next notes it after this.
        w.note(self.id, Note::GaveBack);
        w.often(move || async move {
            let depth = self.depth.load(w, OWNERS).await;
            self.depth.store(w, depth - 1, OWNERS).await;
            if depth == 1 {
                self.raw.give(w).await;
            }
        })
    }

    async fn let_go(&self, w: &W) -> u32 {
        let depth = self.depth.load(w, OWNERS).await;
        (0..depth).for_each(|_| w.note(self.id, Note::GaveBack));
        self.depth.store(w, 0, OWNERS).await;
        self.raw.give(w).await;
        depth
    }

    async fn take_again(&self, w: &W, depth: u32) {
        if self.raw.exchange(w).await.is_err() {
            self.raw.take_held(w, None).await;
        }
        self.depth.store(w, depth, OWNERS).await;
        (0..depth).for_each(|_| w.note(self.id, Note::Got));
    }
}
