//! A counting semaphore on two words.
//!
//! | word | meaning |
//! | --- | --- |
//! | `permits` | how many permits are free; 0 blocks |
//! | `waiters` | how many actors are about to wait or do |
//!
//! Source of the protocol: Edsger W. Dijkstra, "Cooperating sequential processes" (EWD 123, 1965),
//! with the waiters counted so that a release without any costs no wakeup. Nobody sleeps through a
//! release: a waiter first counts itself and then looks at `permits` (inside the wait), a releaser
//! first adds to `permits` and then looks at `waiters`. All four are sequentially consistent, so at
//! least one of them sees the other.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use crate::world::{Act, Note, ObjectKind, Operation, Ordering, Place, Waited, Word, World};

/// A counting semaphore.
///
/// As in Python, whoever has no permit may give one back all the same, which adds one.
///
/// ```
/// use engine::{World, block, real::Plain, sync::Semaphore};
///
/// let w = Plain::solo();
/// let seats = Semaphore::new(&w, "seats", 0, 2);
/// let first = block(seats.acquire(&w)).unwrap();
/// let second = block(seats.acquire(&w)).unwrap();
/// assert!(block(seats.try_acquire(&w)).unwrap().is_none());
/// block(first.release());
/// assert!(block(seats.try_acquire(&w)).unwrap().is_some());
/// # drop(second);
/// ```
pub struct Semaphore<W: World> {
    permits: W::Word,
    waiters: W::Word,
    id: W::Object,
}

/// A semaphore cannot count that far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyPermits;

impl fmt::Display for TooManyPermits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a semaphore has at most {} permits", u32::MAX)
    }
}

impl std::error::Error for TooManyPermits {}

impl<W: World> Semaphore<W> {
    /// A semaphore with `permits` free ones, called `name` number `idx` in the log.
    pub fn new(world: &W, name: &'static str, idx: u16, permits: u32) -> Self {
        let id = world.register(ObjectKind::Semaphore, name, idx);
        Self { permits: world.word(id, permits), waiters: world.word(id, 0), id }
    }

    /// Takes a permit, waiting for as long as it takes.
    #[inline]
    #[track_caller]
    pub fn acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = Permit<'a, W>> + 'a {
        let operation = self.operation(Act::Acquire, None, Location::caller());
        w.operation(operation, async move {
            self.take(w, None).await;
            Permit { semaphore: self, w }
        })
    }

    /// Takes a permit if one is free.
    #[inline]
    #[track_caller]
    pub fn try_acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = Option<Permit<'a, W>>> + 'a {
        let operation = self.operation(Act::TryAcquire, None, Location::caller());
        w.operation(operation, async move {
            let got = self.try_take(w).await;
            w.note(self.id, if got { Note::Got } else { Note::GaveUp });
            got.then_some(Permit { semaphore: self, w })
        })
    }

    /// Takes a permit, or gives up after `timeout` of the world's time.
    #[track_caller]
    pub fn acquire_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Option<Permit<'a, W>>> + 'a {
        let deadline = Some(w.now() + timeout);
        let operation = self.operation(Act::AcquireTimeout, deadline, Location::caller());
        w.operation(operation, async move {
            self.take(w, deadline).await.then_some(Permit { semaphore: self, w })
        })
    }

    /// Gives a permit back, without a [`Permit`] to show for it.
    ///
    /// # Errors
    /// [`TooManyPermits`] when the count is at its end; nothing changes then.
    #[inline]
    #[track_caller]
    pub fn release<'a>(
        &'a self,
        w: &'a W,
    ) -> impl Future<Output = Result<(), TooManyPermits>> + 'a {
        let operation = self.operation(Act::Release, None, Location::caller());
        w.operation(operation, async move {
            // Relaxed: a full count is an error of the program, however soon it is seen.
            if self.permits.load(w, Ordering::Relaxed).await == u32::MAX {
                return Err(TooManyPermits);
            }
            self.give(w).await;
            Ok(())
        })
    }

    fn operation(&self, act: Act, deadline: Option<Duration>, place: Place) -> Operation<'_, W> {
        let test: fn(u32) -> bool = |word| word > 0;
        let ready_when = act.may_wait().then_some((&self.permits, test));
        Operation { act, object: self.id, ready_when, deadline, place }
    }

    #[inline]
    async fn try_take(&self, w: &W) -> bool {
        // Relaxed: only a guess, which the exchange below checks.
        let mut seen = self.permits.load(w, Ordering::Relaxed).await;
        while seen > 0 {
            // Acquire: see all that was done before the permit was given back. Relaxed: a new guess.
            let (acquire, relaxed) = (Ordering::Acquire, Ordering::Relaxed);
            match self.permits.compare_exchange(w, seen, seen - 1, acquire, relaxed).await {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    #[inline]
    async fn take(&self, w: &W, deadline: Option<Duration>) -> bool {
        let got = self.try_take(w).await || self.take_later(w, deadline).await;
        w.note(self.id, if got { Note::Got } else { Note::GaveUp });
        got
    }

    #[cold]
    async fn take_later(&self, w: &W, deadline: Option<Duration>) -> bool {
        for _ in 0..W::SPINS {
            if self.try_take(w).await {
                return true;
            }
            w.relax();
        }
        self.waiters.fetch_add(w, 1, Ordering::SeqCst).await;
        let got = loop {
            if self.try_take(w).await {
                break true;
            }
            if self.permits.wait(w, 0, deadline).await == Waited::TimedOut {
                break false;
            }
        };
        // Relaxed: too high a count for a moment costs an empty wakeup, no more.
        self.waiters.fetch_sub(w, 1, Ordering::Relaxed).await;
        got
    }

    #[inline]
    async fn give(&self, w: &W) {
        // Noted before it is done: whoever gets the permit next notes it after this.
        w.note(self.id, Note::GaveBack);
        self.permits.fetch_add(w, 1, Ordering::SeqCst).await;
        if self.waiters.load(w, Ordering::SeqCst).await > 0 {
            self.permits.wake(w, 1).await;
        }
    }
}

/// A permit is taken as long as this lives. Give it back by [`Permit::release`]; when it is merely
/// dropped, it goes back at once, with no turn for anybody in between.
#[must_use = "a permit that is dropped goes back"]
pub struct Permit<'a, W: World> {
    semaphore: &'a Semaphore<W>,
    w: &'a W,
}

impl<'a, W: World> Permit<'a, W> {
    /// Gives the permit back, as a step of its own.
    #[inline]
    #[track_caller]
    pub fn release(self) -> impl Future<Output = ()> + 'a {
        let (semaphore, w) = (self.semaphore, self.w);
        let operation = semaphore.operation(Act::Release, None, Location::caller());
        w.operation(operation, async move {
            semaphore.give(w).await;
            std::mem::forget(self);
        })
    }

    /// Keeps the permit for good: only [`Semaphore::release`] brings it back.
    pub fn forget(self) {
        std::mem::forget(self);
    }
}

impl<W: World> Drop for Permit<'_, W> {
    fn drop(&mut self) {
        self.w.at_once(self.semaphore.give(self.w));
    }
}
