//! What all locks with one owner have in common: the guard, and what a condition needs of them.

use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::panic::Location;
use std::time::Duration;

use super::lock::Lock;
use crate::world::{Act, Operation, Place, World};

/// Somebody did with a lock what only its owner may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOwner;

impl fmt::Display for NotOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "only the actor that holds the lock can do that")
    }
}

impl std::error::Error for NotOwner {}

/// A lock that has one owner, who may let go of it for a while: [`Lock`] and [`super::RLock`].
pub trait Mutual<W: World>: Send + Sync + Sized + 'static {
    /// Takes it, waiting for as long as it takes.
    #[track_caller]
    fn acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = Guard<'a, W, Self>> + 'a;

    /// The operation of doing `act` to this lock.
    fn operation(
        &self,
        w: &W,
        act: Act,
        deadline: Option<Duration>,
        place: Place,
    ) -> Operation<'_, W>;

    /// Whether the calling actor holds it.
    fn is_mine(&self, w: &W) -> impl Future<Output = bool>;

    /// Gives it back once; the caller holds it. Noted at once, done when it is polled.
    fn give<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a;

    /// Gives it back as often as it was taken, and says how often that was; the caller holds it.
    fn let_go(&self, w: &W) -> impl Future<Output = u32>;

    /// Takes it as often as it was let go of.
    fn take_again(&self, w: &W, depth: u32) -> impl Future<Output = ()>;
}

/// The lock is held as long as this lives. Release it by [`Guard::release`]; when it is merely
/// dropped, it gives the lock back at once, with no turn for anybody in between. If the lock was
/// given back already, it does nothing.
#[must_use = "a guard that is dropped gives the lock back"]
pub struct Guard<'a, W: World, L: Mutual<W> = Lock<W>> {
    pub(super) lock: &'a L,
    pub(super) w: &'a W,
}

/// All that there is to know of a guard is that the lock is held.
impl<W: World, L: Mutual<W>> Hash for Guard<'_, W, L> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl<'a, W: World, L: Mutual<W>> Guard<'a, W, L> {
    /// Gives the lock back, as a step of its own.
    #[inline]
    #[track_caller]
    pub fn release(self) -> impl Future<Output = ()> + 'a {
        let (lock, w) = (self.lock, self.w);
        let operation = lock.operation(w, Act::Release, None, Location::caller());
        w.operation(operation, async move {
            // From here on the lock is given back below, not by `Drop`.
            std::mem::forget(self);
            lock.give(w).await;
        })
    }
}

impl<W: World, L: Mutual<W>> Drop for Guard<'_, W, L> {
    #[inline]
    fn drop(&mut self) {
        give_back(self.lock, self.w);
    }
}

/// Out of line, and handed what it needs by value: else a guard would have to lie in memory in every
/// future that holds one.
#[inline(never)]
fn give_back<W: World>(lock: &impl Mutual<W>, w: &W) {
    w.at_once(async {
        // It is not held when a wait for a condition is given up, which has let go of it.
        if lock.is_mine(w).await {
            lock.give(w).await;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::Plain;
    use crate::sync::RLock;
    use crate::world::{ActorId, block};

    fn takes_and_gives_back(w: &Plain, lock: &impl Mutual<Plain>) {
        let held = block(lock.acquire(w)).unwrap();
        assert!(block(lock.is_mine(w)).unwrap());
        assert!(!block(lock.is_mine(&w.as_actor(ActorId(1)))).unwrap());
        block(held.release()).unwrap();
        assert!(!block(lock.is_mine(w)).unwrap());
    }

    #[test]
    fn a_program_can_be_written_for_either_lock() {
        let w = Plain::solo();
        takes_and_gives_back(&w, &Lock::new(&w, "lock", 0));
        takes_and_gives_back(&w, &RLock::new(&w, "lock", 1));
    }
}
