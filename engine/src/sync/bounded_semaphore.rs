//! A counting semaphore that knows how many permits there are.
//!
//! Its words are those of [`super::semaphore`]; only giving back differs: it looks at the count
//! first and changes it by an exchange, so a release too many is found and never done.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use super::semaphore::{Permit, Semaphore};
use crate::world::{Act, World};

/// A counting semaphore whose count never passes the one it began with.
///
/// As in Python, whoever has no permit may give one back all the same, if one is out; then it is the
/// permit given back last that is one too many.
///
/// ```
/// use engine::{World, block, real::Plain, sync::{BoundedSemaphore, TooManyReleases}};
///
/// let w = Plain::solo();
/// let seats = BoundedSemaphore::new(&w, "seats", 0, 2);
/// let seat = block(seats.acquire(&w)).unwrap();
/// assert_eq!(block(seat.release()).unwrap(), Ok(()));
/// assert_eq!(block(seats.release(&w)).unwrap(), Err(TooManyReleases { bound: 2 }));
/// ```
///
/// Source: `threading.BoundedSemaphore` of CPython 3.13, `Lib/threading.py`.
pub struct BoundedSemaphore<W: World> {
    semaphore: Semaphore<W>,
    bound: u32,
}

/// More permits were given back than were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyReleases {
    /// How many permits there are.
    pub bound: u32,
}

impl fmt::Display for TooManyReleases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a semaphore of {} was released too many times", self.bound)
    }
}

impl std::error::Error for TooManyReleases {}

impl<W: World> BoundedSemaphore<W> {
    /// A semaphore with `bound` permits, all free, called `name` number `idx` in the log.
    pub fn new(world: &W, name: &'static str, idx: u16, bound: u32) -> Self {
        Self { semaphore: Semaphore::new(world, name, idx, bound), bound }
    }

    /// How many permits there are, free or not.
    pub fn bound(&self) -> u32 {
        self.bound
    }

    /// Takes a permit, waiting for as long as it takes.
    #[inline]
    #[track_caller]
    pub fn acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = BoundedPermit<'a, W>> + 'a {
        let acquire = self.semaphore.acquire(w);
        async move { self.bind(acquire.await) }
    }

    /// Takes a permit if one is free.
    #[inline]
    #[track_caller]
    pub fn try_acquire<'a>(
        &'a self,
        w: &'a W,
    ) -> impl Future<Output = Option<BoundedPermit<'a, W>>> + 'a {
        let acquire = self.semaphore.try_acquire(w);
        async move { acquire.await.map(|permit| self.bind(permit)) }
    }

    /// Takes a permit, or gives up after `timeout` of the world's time.
    #[track_caller]
    pub fn acquire_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Option<BoundedPermit<'a, W>>> + 'a {
        let acquire = self.semaphore.acquire_timeout(w, timeout);
        async move { acquire.await.map(|permit| self.bind(permit)) }
    }

    /// Gives a permit back, without a [`BoundedPermit`] to show for it.
    ///
    /// # Errors
    /// [`TooManyReleases`] when all permits are free; nothing changes then.
    #[inline]
    #[track_caller]
    pub fn release<'a>(
        &'a self,
        w: &'a W,
    ) -> impl Future<Output = Result<(), TooManyReleases>> + 'a {
        self.release_many(w, 1)
    }

    /// Gives `n` permits back in one step, as Python's `release(n)`. Python refuses 0; here it
    /// changes nothing.
    ///
    /// # Errors
    /// [`TooManyReleases`] when fewer than `n` permits are out; nothing changes then.
    #[inline]
    #[track_caller]
    pub fn release_many<'a>(
        &'a self,
        w: &'a W,
        n: u32,
    ) -> impl Future<Output = Result<(), TooManyReleases>> + 'a {
        let operation = self.semaphore.operation(Act::Release, None, Location::caller());
        w.operation(operation, self.give(w, n))
    }

    #[inline]
    async fn give(&self, w: &W, n: u32) -> Result<(), TooManyReleases> {
        if self.semaphore.give_within(w, n, self.bound).await {
            Ok(())
        } else {
            Err(TooManyReleases { bound: self.bound })
        }
    }

    fn bind<'a>(&'a self, permit: Permit<'a, W>) -> BoundedPermit<'a, W> {
        let w = permit.w;
        // From here on it is the bound permit that gives it back.
        std::mem::forget(permit);
        BoundedPermit { semaphore: self, w }
    }
}

/// A permit is taken as long as this lives. Give it back by [`BoundedPermit::release`]; when it is
/// merely dropped, it goes back at once, with no turn for anybody in between, if there is room.
#[must_use = "a permit that is dropped goes back"]
pub struct BoundedPermit<'a, W: World> {
    semaphore: &'a BoundedSemaphore<W>,
    w: &'a W,
}

impl<'a, W: World> BoundedPermit<'a, W> {
    /// Gives the permit back, as a step of its own.
    ///
    /// # Errors
    /// [`TooManyReleases`] when somebody without a permit has given this one back already.
    #[inline]
    #[track_caller]
    pub fn release(self) -> impl Future<Output = Result<(), TooManyReleases>> + 'a {
        let (semaphore, w) = (self.semaphore, self.w);
        let operation = semaphore.semaphore.operation(Act::Release, None, Location::caller());
        w.operation(operation, async move {
            // From here on the permit is given back below, not by `Drop`.
            std::mem::forget(self);
            semaphore.give(w, 1).await
        })
    }

    /// Uses the permit up: only [`BoundedSemaphore::release`] brings one back.
    pub fn forget(self) {
        Permit { semaphore: &self.semaphore.semaphore, w: self.w }.forget();
        std::mem::forget(self);
    }
}

impl<W: World> Drop for BoundedPermit<'_, W> {
    fn drop(&mut self) {
        self.w.at_once(self.semaphore.give(self.w, 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::{Config, Ending, Plain, Run, Threads};
    use crate::sync::Barrier;
    use crate::world::block;
    use std::sync::Arc;

    /// Few rounds where an interpreter runs them.
    const N_ROUNDS: u32 = if cfg!(miri) { 12 } else { 3_000 };

    #[test]
    fn releases_in_excess_never_let_more_in() {
        let run = Run::start(Threads, Config::default(), |world: &Plain| {
            let seats = Arc::new(BoundedSemaphore::new(world, "seats", 0, 2));
            let all = Arc::new(Barrier::new(world, "all", 0, 4));
            for idx in 0..4 {
                let (seats, all) = (seats.clone(), all.clone());
                world.spawn("actor", idx, move |w| async move {
                    for round in 0..N_ROUNDS {
                        if (round + u32::from(idx)).is_multiple_of(2) {
                            seats.acquire(&w).await.forget();
                        }
                        // Every other time it is another's permit, or one too many.
                        let _ = seats.release(&w).await;
                    }
                    // When all are through, one counts what is free.
                    if all.wait(&w).await != Ok(0) {
                        return;
                    }
                    let n_taken = async || {
                        let mut n_taken = 0;
                        while let Some(permit) = seats.try_acquire(&w).await {
                            permit.forget();
                            n_taken += 1;
                        }
                        n_taken
                    };
                    let n_free = n_taken().await;
                    w.check((1..=2).contains(&n_free), "the last release left one at least");
                    w.check(seats.release_many(&w, 3).await.is_err(), "never more than there are");
                    w.check(seats.release_many(&w, 2).await.is_ok(), "none is free");
                    w.check(n_taken().await == 2, "both are");
                });
            }
        });
        assert_eq!(run.join(), Ending::Finished);
    }

    #[test]
    fn whoever_gives_back_last_gives_too_much() {
        let w = Plain::solo();
        let seats = BoundedSemaphore::new(&w, "seats", 0, 2);
        let seat = block(seats.acquire(&w)).unwrap();
        assert_eq!(block(seats.release(&w)).unwrap(), Ok(()), "somebody's is out");
        assert_eq!(block(seat.release()).unwrap(), Err(TooManyReleases { bound: 2 }));
        let both = || [(); 2].map(|()| block(seats.try_acquire(&w)).unwrap().unwrap());
        let seat = both();
        assert_eq!(block(seats.release_many(&w, 3)).unwrap(), Err(TooManyReleases { bound: 2 }));
        assert!(block(seats.try_acquire(&w)).unwrap().is_none(), "nothing changed");
        drop(seat);
        assert_eq!(both().map(BoundedPermit::forget).len(), 2);
        assert_eq!(block(seats.release_many(&w, 2)).unwrap(), Ok(()));
        assert_eq!(block(seats.release_many(&w, 0)).unwrap(), Ok(()));
    }
}
