//! Something that is done once.
//!
//! | the word holds | meaning |
//! | --- | --- |
//! | 0 | not begun, or begun in vain |
//! | 1 | somebody is at it |
//! | 2 | somebody is at it, and others may wait |
//! | 3 | done |
//!
//! The first three states are those of the futex mutex in Ulrich Drepper, "Futexes Are Tricky"
//! (2011), `mutex2`, as in [`super::raw`]: a failure gives the lock to the next one, which keeps
//! the mark because others may still wait. Success is a lock that is never given back, and lets
//! everybody through. Whoever was woken by a failure and finds that somebody else was faster and is
//! done wakes the others: the one who was faster knew of none.

use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use crate::world::{
    Act, Note, ObjectKind, Operation, Ordering, Place, ReadyWhen, Waited, Word, World,
};

const NEW: u32 = 0;
const BEGUN: u32 = 1;
const AWAITED: u32 = 2;
const DONE: u32 = 3;

/// How the states are numbered in the log.
const NOTE_NEW: Note = Note::State(0);
const NOTE_BEGUN: Note = Note::State(1);
const NOTE_DONE: Note = Note::State(2);

/// Something that is done once, by whoever comes first; the others wait until it is.
///
/// When it fails, nothing has been done, and the next caller tries again. `std::sync::Once` knows
/// failure only as a panic and is poisoned by it: every later `call_once` panics too, unless it asks
/// to be forced. Here a panic is one more failure. Python's `threading` has no such thing.
///
/// ```
/// use engine::{World, block, real::Plain, sync::Once};
///
/// let w = Plain::solo();
/// let once = Once::new(&w, "once", 0);
/// let mut n = 0;
/// assert_eq!(block(once.call(&w, async || Err("no luck"))), Some(Err("no luck")));
/// for _ in 0..3 {
///     let done = block(once.call(&w, async || { n += 1; Ok::<(), ()>(()) }));
///     assert_eq!(done, Some(Ok(())));
/// }
/// assert_eq!(n, 1);
/// ```
pub struct Once<W: World> {
    word: W::Word,
    id: W::Object,
}

impl<W: World> Once<W> {
    /// Something that has not begun, called `name` number `idx` in the log.
    pub fn new(world: &W, name: &'static str, idx: u16) -> Self {
        let id = world.register(ObjectKind::Once, name, idx);
        Self { word: world.word(id, NEW), id }
    }

    /// Sees to it that it is done: does `job`, or waits for whoever is at it. Whoever returns from
    /// it sees all that was done. A job that calls its own `Once` waits for itself.
    ///
    /// # Errors
    /// What the job gave, if it was this one that ran and failed. The next caller, or one that
    /// waits, tries again with its own job.
    #[inline]
    #[track_caller]
    pub fn call<'a, E: 'a>(
        &'a self,
        w: &'a W,
        job: impl AsyncFnOnce() -> Result<(), E> + 'a,
    ) -> impl Future<Output = Result<(), E>> + 'a {
        let place = Location::caller();
        let run = w.often(move || self.run(w, Act::Acquire, None, place, job));
        // Without a deadline nobody gives up.
        async move { run.await.map(|_| ()) }
    }

    /// Does `job`, unless it is done or somebody is at it. Gives whether it is done now.
    ///
    /// # Errors
    /// As for [`Once::call`].
    #[track_caller]
    pub fn try_call<'a, E: 'a>(
        &'a self,
        w: &'a W,
        job: impl AsyncFnOnce() -> Result<(), E> + 'a,
    ) -> impl Future<Output = Result<bool, E>> + 'a {
        self.run(w, Act::TryAcquire, None, Location::caller(), job)
    }

    /// Sees to it that it is done as [`Once::call`] does, or gives up waiting for whoever is at it
    /// after `timeout` of the world's time. Gives whether it is done now. The timeout does not
    /// interrupt a job.
    ///
    /// # Errors
    /// As for [`Once::call`].
    #[track_caller]
    pub fn call_timeout<'a, E: 'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
        job: impl AsyncFnOnce() -> Result<(), E> + 'a,
    ) -> impl Future<Output = Result<bool, E>> + 'a {
        self.run(w, Act::AcquireTimeout, w.deadline(timeout), Location::caller(), job)
    }

    /// Whether it is done. Whoever is told so sees all that was done.
    #[inline]
    #[track_caller]
    pub fn is_done<'a>(&'a self, w: &'a W) -> impl Future<Output = bool> + 'a {
        let operation = self.operation(Act::Ask, None, Location::caller());
        // Acquire: see all that was done.
        w.operation(operation, async move { self.word.load(w, Ordering::Acquire).await == DONE })
    }

    fn operation(&self, act: Act, deadline: Option<Duration>, place: Place) -> Operation<'_, W> {
        let test = |word, _| word == NEW || word == DONE;
        let ready_when = act.may_wait().then_some(ReadyWhen { word: &self.word, test, arg: 0 });
        Operation { act, object: self.id, ready_when, deadline, place }
    }

    #[inline]
    fn run<'a, E: 'a>(
        &'a self,
        w: &'a W,
        act: Act,
        deadline: Option<Duration>,
        place: Place,
        job: impl AsyncFnOnce() -> Result<(), E> + 'a,
    ) -> impl Future<Output = Result<bool, E>> + 'a {
        let begin = w.operation(self.operation(act, deadline, place), async move {
            // Acquire: see all that was done, or what was tried before in vain.
            match self.word.load(w, Ordering::Acquire).await {
                DONE => {
                    w.note(self.id, Note::GaveUp);
                    Entrance::Done
                }
                seen => w.seldom(move || self.begin(w, seen, act.may_wait(), deadline)).await,
            }
        });
        async move {
            match begin.await {
                Entrance::Done => Ok(true),
                Entrance::Closed => Ok(false),
                Entrance::Open(attempt) => w.seldom(move || attempt.make(job, place)).await,
            }
        }
    }

    /// Begins, unless somebody else did; goes on after a look that has `seen` it not done.
    async fn begin<'a>(
        &'a self,
        w: &'a W,
        seen: u32,
        may_wait: bool,
        deadline: Option<Duration>,
    ) -> Entrance<'a, W> {
        let seen = if seen == NEW { self.exchange(w, BEGUN).await } else { seen };
        let seen = match seen {
            BEGUN | AWAITED if may_wait => self.wait(w, deadline).await,
            seen => seen,
        };
        if seen == NEW {
            w.note(self.id, Note::Got);
            w.note(self.id, NOTE_BEGUN);
            return Entrance::Open(Attempt { once: self, w });
        }
        // Nobody is after it any more, whether it was done or not.
        w.note(self.id, Note::GaveUp);
        if seen == DONE { Entrance::Done } else { Entrance::Closed }
    }

    /// Begins if nobody has. Gives what it found: [`NEW`] when it began.
    async fn exchange(&self, w: &W, begun: u32) -> u32 {
        // Acquire: as in `run`.
        let acquire = Ordering::Acquire;
        self.word.compare_exchange(w, NEW, begun, acquire, acquire).await.unwrap_or_else(|now| now)
    }

    /// Waits for whoever is at it. Gives [`DONE`], or [`NEW`] when it is now the caller's to do, or
    /// something else when the deadline passed first.
    async fn wait(&self, w: &W, deadline: Option<Duration>) -> u32 {
        let mut n_spins = 0;
        // Whoever has slept cannot know whether others still do.
        let mut begun = BEGUN;
        loop {
            match self.word.load(w, Ordering::Acquire).await {
                DONE => {
                    if begun == AWAITED {
                        self.word.wake(w, u32::MAX).await;
                    }
                    return DONE;
                }
                NEW => match self.exchange(w, begun).await {
                    NEW => return NEW,
                    _ => continue,
                },
                BEGUN if n_spins < w.spins() => {
                    w.relax(n_spins);
                    n_spins += 1;
                    continue;
                }
                BEGUN => {
                    let relaxed = Ordering::Relaxed; // The mark only speaks to whoever ends.
                    let mark = self.word.compare_exchange(w, BEGUN, AWAITED, relaxed, relaxed);
                    if mark.await.is_err() {
                        continue;
                    }
                }
                _ => {}
            }
            if self.word.wait(w, AWAITED, deadline).await == Waited::TimedOut {
                return AWAITED;
            }
            begun = AWAITED;
            n_spins = 0;
        }
    }
}

/// What somebody finds who comes to do it.
enum Entrance<'a, W: World> {
    /// It is the caller's to do.
    Open(Attempt<'a, W>),
    /// It is done.
    Done,
    /// Somebody else is at it.
    Closed,
}

/// Being at it. Whoever drops it, by a panic or when the run is stopped, has failed.
struct Attempt<'a, W: World> {
    once: &'a Once<W>,
    w: &'a W,
}

impl<W: World> Attempt<'_, W> {
    /// Does the job. It is no part of the operations before and after it: its steps are everybody's
    /// to see.
    async fn make<E>(
        self,
        job: impl AsyncFnOnce() -> Result<(), E>,
        place: Place,
    ) -> Result<bool, E> {
        let (once, w) = (self.once, self.w);
        let result = job().await;
        let end = self.end(if result.is_ok() { DONE } else { NEW });
        w.operation(once.operation(Act::Release, None, place), end).await;
        result.map(|()| true)
    }

    /// Ends the attempt: [`DONE`], or [`NEW`] again.
    async fn end(self, word: u32) {
        let (once, w) = (self.once, self.w);
        // From here on it is ended below, not by `Drop`.
        std::mem::forget(self);
        once.end(w, word).await;
    }
}

impl<W: World> Once<W> {
    async fn end(&self, w: &W, word: u32) {
        // Noted before it is done: whoever begins next notes it after this.
        w.note(self.id, if word == DONE { NOTE_DONE } else { NOTE_NEW });
        w.note(self.id, Note::GaveBack);
        // Release: others see all that was done, or what was tried in vain.
        if self.word.swap(w, word, Ordering::Release).await == AWAITED {
            self.word.wake(w, if word == DONE { u32::MAX } else { 1 }).await;
        }
    }
}

impl<W: World> Drop for Attempt<'_, W> {
    fn drop(&mut self) {
        self.w.at_once(self.once.end(self.w, NEW));
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
    const N_ROUNDS: u16 = if cfg!(miri) { 6 } else { 300 };

    #[test]
    fn the_third_attempt_succeeds_and_is_the_last() {
        let run = Run::start(Threads, Config::default(), |world: &Plain| {
            let rounds =
                (0..N_ROUNDS).map(|idx| (Once::new(world, "once", idx), AtomicU32::new(0)));
            let rounds: Arc<[_]> = rounds.collect();
            for idx in 0..3 {
                let rounds = rounds.clone();
                world.spawn("actor", idx, move |w| async move {
                    for (round, (once, n_calls)) in rounds.iter().enumerate() {
                        let timeout = Duration::from_micros(round as u64);
                        // Relaxed: it only counts.
                        let job = async || match n_calls.fetch_add(1, Ordering::Relaxed) {
                            2 => Ok(()),
                            _ => Err(()),
                        };
                        loop {
                            let done = match (round + usize::from(idx)) % 3 {
                                0 => once.call(&w, job).await.map(|()| true),
                                1 => once.try_call(&w, job).await,
                                _ => once.call_timeout(&w, timeout, job).await,
                            };
                            if done == Ok(true) {
                                break;
                            }
                        }
                        w.check(once.is_done(&w).await, "it is done");
                        w.check(n_calls.load(Ordering::Relaxed) == 3, "and not again");
                    }
                });
            }
        });
        assert_eq!(run.join(), Ending::Finished);
    }

    #[test]
    fn a_panic_is_a_failure_and_no_poison() {
        let w = Plain::solo();
        let once = Once::new(&w, "once", 0);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            block(once.call::<()>(&w, async || std::panic::resume_unwind(Box::new(()))))
        }));
        assert!(panicked.is_err());
        assert_eq!(block(once.is_done(&w)), Some(false));
        assert_eq!(block(once.try_call(&w, async || Ok::<(), ()>(()))), Some(Ok(true)));
        assert_eq!(block(once.try_call(&w, async || Err("never runs"))), Some(Ok(true)));
    }
}
