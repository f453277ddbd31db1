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
use std::ops::ControlFlow::{Break, Continue};
use std::panic::Location;
use std::time::Duration;

use crate::world::{
    Act, Note, ObjectKind, Operation, Ordering, Place, ReadyWhen, Waited, Word, World,
};

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
        let id = world.register(ObjectKind::Semaphore { permits }, name, idx);
        Self { permits: world.word(id, permits), waiters: world.word(id, 0), id }
    }

    /// Takes a permit, waiting for as long as it takes.
    #[inline]
    #[track_caller]
    pub fn acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = Permit<'a, W>> + 'a {
        let operation = self.operation(Act::Acquire, None, Location::caller());
        w.operation(operation, async move {
            w.gist(move || w.often(move || self.take(w, None))).await;
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
            got.then(|| Permit { semaphore: self, w })
        })
    }

    /// Takes a permit, or gives up after `timeout` of the world's time.
    #[track_caller]
    pub fn acquire_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Option<Permit<'a, W>>> + 'a {
        let deadline = w.deadline(timeout);
        let operation = self.operation(Act::AcquireTimeout, deadline, Location::caller());
        w.operation(operation, async move {
            self.take(w, deadline).await.then(|| Permit { semaphore: self, w })
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
            if w.gist(move || w.often(move || self.give_within(w, 1, u32::MAX))).await {
                Ok(())
            } else {
                Err(TooManyPermits)
            }
        })
    }

    /// Gives `n` permits back in one step, as Python's `release(n)`. Python refuses 0; here it
    /// changes nothing.
    ///
    /// # Errors
    /// [`TooManyPermits`] when the count would pass its end; nothing changes then.
    #[track_caller]
    pub fn release_many<'a>(
        &'a self,
        w: &'a W,
        n: u32,
    ) -> impl Future<Output = Result<(), TooManyPermits>> + 'a {
        let operation = self.operation(Act::Release, None, Location::caller());
        w.operation(operation, async move {
            if self.give_within(w, n, u32::MAX).await { Ok(()) } else { Err(TooManyPermits) }
        })
    }

    pub(super) fn operation(
        &self,
        act: Act,
        deadline: Option<Duration>,
        place: Place,
    ) -> Operation<'_, W> {
        let ready_when = ReadyWhen { word: &self.permits, test: |permits, _| permits > 0, arg: 0 };
        let ready_when = act.may_wait().then_some(ready_when);
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
        let got = self.try_take(w).await || w.seldom(move || self.take_later(w, deadline)).await;
        w.note(self.id, if got { Note::Got } else { Note::GaveUp });
        got
    }

    async fn take_later(&self, w: &W, deadline: Option<Duration>) -> bool {
        for round in 0..w.spins() {
            if self.try_take(w).await {
                return true;
            }
            w.relax(round);
        }
        self.waiters.fetch_add(w, 1, Ordering::SeqCst).await;
        let once_more = |()| async {
            if self.try_take(w).await {
                return Break(true);
            }
            match self.permits.wait(w, 0, deadline).await {
                Waited::TimedOut => Break(false),
                Waited::Woken | Waited::Changed => Continue(()),
            }
        };
        let got = w.rounds((), once_more).await;
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
            w.seldom(move || self.permits.wake(w, 1)).await;
        }
    }

    /// Gives `n` permits back, unless there were more than `bound` free ones then.
    #[inline]
    pub(super) async fn give_within(&self, w: &W, n: u32, bound: u32) -> bool {
        let is_given = w.often(move || self.add(w, n, bound)).await;
        if is_given && self.waiters.load(w, Ordering::SeqCst).await > 0 {
            w.seldom(move || self.permits.wake(w, n)).await;
        }
        is_given
    }

    #[inline]
    async fn add(&self, w: &W, n: u32, bound: u32) -> bool {
        // Relaxed: a guess, which the exchange checks. Too many are an error of the program, however
        // soon it is seen.
        let seen = self.permits.load(w, Ordering::Relaxed).await;
        if !is_within(seen, n, bound) {
            return false;
        }
        // Noted before it is done, as in `give`.
        (0..n).for_each(|_| w.note(self.id, Note::GaveBack));
        match self.exchange(w, seen, seen + n).await {
            Ok(_) => true,
            Err(now) => w.seldom(move || self.add_later(w, now, n, bound)).await,
        }
    }

    /// The same after somebody else was quicker, and so there were `seen` free ones.
    async fn add_later(&self, w: &W, mut seen: u32, n: u32, bound: u32) -> bool {
        while is_within(seen, n, bound) {
            match self.exchange(w, seen, seen + n).await {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        // Others gave back meanwhile: it was noted too soon.
        (0..n).for_each(|_| w.note(self.id, Note::Got));
        false
    }

    /// Changes the count by giving back. It is the word's own future, as in `Raw`.
    #[inline]
    fn exchange<'a>(
        &'a self,
        w: &'a W,
        seen: u32,
        new: u32,
    ) -> impl Future<Output = Result<u32, u32>> + 'a {
        // SeqCst: in one order with what waiters do. Relaxed: a new guess.
        self.permits.compare_exchange(w, seen, new, Ordering::SeqCst, Ordering::Relaxed)
    }
}

/// Whether `n` more permits are no more than `bound`.
#[inline]
fn is_within(free: u32, n: u32, bound: u32) -> bool {
    free.checked_add(n).is_some_and(|total| total <= bound)
}

/// A permit is taken as long as this lives. Give it back by [`Permit::release`]; when it is merely
/// dropped, it goes back at once, with no turn for anybody in between.
#[must_use = "a permit that is dropped goes back"]
pub struct Permit<'a, W: World> {
    pub(super) semaphore: &'a Semaphore<W>,
    pub(super) w: &'a W,
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

    /// Uses the permit up: only [`Semaphore::release`] brings one back.
    pub fn forget(self) {
        self.w.note(self.semaphore.id, Note::UsedUp);
        std::mem::forget(self);
    }
}

impl<W: World> Drop for Permit<'_, W> {
    fn drop(&mut self) {
        self.w.at_once(self.semaphore.give(self.w));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::{Config, Ending, Plain, Run, Threads};
    use crate::world::block;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;

    /// Few rounds where an interpreter runs them.
    const N_ROUNDS: u32 = if cfg!(miri) { 12 } else { 3_000 };

    #[test]
    fn threads_are_let_in_up_to_the_bound() {
        let run = Run::start(Threads, Config::default(), |world: &Plain| {
            let seats = Arc::new(Semaphore::new(world, "seats", 0, 2));
            let n_inside = Arc::new(AtomicU32::new(0));
            for idx in 0..4 {
                let (seats, n_inside) = (seats.clone(), n_inside.clone());
                world.spawn("actor", idx, move |w| async move {
                    for round in 0..N_ROUNDS {
                        let timeout = Duration::from_micros(u64::from(round));
                        let permit = match round % 3 {
                            0 => Some(seats.acquire(&w).await),
                            1 => seats.try_acquire(&w).await,
                            _ => seats.acquire_timeout(&w, timeout).await,
                        };
                        let Some(permit) = permit else { continue };
                        let others = n_inside.fetch_add(1, Ordering::SeqCst);
                        w.check(others < 2, "no more than two");
                        n_inside.fetch_sub(1, Ordering::SeqCst);
                        if round % 2 == 0 { permit.release().await } else { drop(permit) }
                    }
                });
            }
        });
        assert_eq!(run.join(), Ending::Finished);
    }

    #[test]
    fn signals_go_to_and_fro() {
        let run = Run::start(Threads, Config::default(), |world: &Plain| {
            let turns = Arc::new([0, 1].map(|idx| Semaphore::new(world, "turn", idx, 0)));
            for idx in 0..2 {
                let turns = turns.clone();
                world.spawn("player", idx, move |w| async move {
                    let (mine, other) = (&turns[usize::from(idx)], &turns[usize::from(1 - idx)]);
                    for round in 0..N_ROUNDS {
                        if idx == 1 || round > 0 {
                            mine.acquire(&w).await.forget();
                        }
                        w.check(other.release(&w).await.is_ok(), "far from the end");
                    }
                });
            }
        });
        assert_eq!(run.join(), Ending::Finished);
    }

    #[test]
    fn an_attempt_that_fails_changes_nothing() {
        let w = Plain::solo();
        let seats = Semaphore::new(&w, "seats", 0, 0);
        assert!(block(seats.try_acquire(&w)).unwrap().is_none());
        let in_vain = block(seats.acquire_timeout(&w, Duration::from_millis(1))).unwrap();
        assert!(in_vain.is_none());
        assert!(block(seats.try_acquire(&w)).unwrap().is_none(), "none was made");
        assert_eq!(block(seats.release(&w)).unwrap(), Ok(()));
        block(seats.acquire(&w)).unwrap().forget();
        assert!(block(seats.try_acquire(&w)).unwrap().is_none(), "it was used up");
    }
}
