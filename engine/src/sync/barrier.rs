//! A barrier: whoever comes waits until all have come.
//!
//! The word is what anybody may look at; it is written only by whoever is alone with the line.
//!
//! | the word holds | meaning |
//! | --- | --- |
//! | 2 · n | filling: n actors wait |
//! | 1 | broken: nobody waits, and nobody will |
//!
//! Those who wait stand in a line, and their place in it is their index. Whoever comes last calls
//! them all while it is still alone with the line, so whoever is called has passed: no round can
//! overtake the one before, and there is nothing to drain. An action runs while the last one keeps
//! the line: whoever comes meanwhile, aborts or resets waits until it is done.
//!
//! Source: `threading.Barrier` of CPython 3.13, `Lib/threading.py`. There those who were let go look
//! at the state once more when they wake up, and an `abort` in between sends them away after all;
//! here they are told what happened when it happens, and later comers need not wait for them.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use super::line::Line;
use super::locked::{Hold, Locked};
use crate::world::{Act, Note, ObjectKind, Operation, Ordering, Place, Word, World};

const BROKEN: u32 = 1;

/// The word of a barrier at which `n` actors wait.
fn filling(n: u32) -> u32 {
    n << 1
}

type Waiters<W> = Line<W, Result<u32, Broken>>;

/// A place where `parties` actors wait for each other, again and again.
///
/// As in Python, whoever loses patience breaks the barrier for everybody, until somebody resets it.
/// Unlike Python's, the action comes with the wait, not with the barrier: of those who come, the
/// last one runs its own.
///
/// ```
/// use engine::{World, block, real::Plain, sync::{Barrier, Broken}};
/// use std::time::Duration;
///
/// let w = Plain::solo();
/// let alone = Barrier::new(&w, "barrier", 0, 1);
/// assert_eq!(block(alone.wait(&w)), Some(Ok(0)));
///
/// let pair = Barrier::new(&w, "barrier", 1, 2);
/// assert_eq!(block(pair.wait_timeout(&w, Duration::from_millis(1))), Some(Err(Broken)));
/// assert_eq!(block(pair.wait(&w)), Some(Err(Broken)), "for everybody");
/// block(pair.reset(&w));
/// assert_eq!(block(pair.is_broken(&w)), Some(false));
/// ```
pub struct Barrier<W: World> {
    word: W::Word,
    waiters: Locked<W, Waiters<W>>,
    parties: u32,
    id: W::Object,
}

/// The barrier broke, or was reset, before all had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the barrier broke before all had come")
    }
}

impl std::error::Error for Broken {}

impl<W: World> Barrier<W> {
    /// A barrier for `parties` actors, called `name` number `idx` in the log. Python refuses 0
    /// parties; here they are like 1: nobody has to wait.
    pub fn new(world: &W, name: &'static str, idx: u16, parties: u32) -> Self {
        let id = world.register(ObjectKind::Barrier { parties }, name, idx);
        let waiters = Locked::new(world, id, Line::default());
        Self { word: world.word(id, filling(0)), waiters, parties, id }
    }

    /// How many must come.
    pub fn parties(&self) -> u32 {
        self.parties
    }

    /// Waits until all have come, for as long as it takes. Gives how many had come before: a
    /// different number below [`Barrier::parties`] for each.
    ///
    /// # Errors
    /// [`Broken`] when the barrier is broken, breaks meanwhile, or is reset.
    #[track_caller]
    pub fn wait<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<u32, Broken>> + 'a {
        let operation = self.operation(Act::Wait, None, Location::caller());
        w.operation(operation, self.pass(w, None))
    }

    /// Comes to the barrier if it is the last one, and lets all go; else nobody has come. Gives how many
    /// had come before, or nothing if more must come or somebody else is just at it, be it for a whole
    /// action. It has no action of its own. Python has no such thing: there whoever comes waits, and with a
    /// timeout of 0 breaks the barrier.
    ///
    /// # Errors
    /// [`Broken`] when the barrier is broken.
    #[track_caller]
    pub fn try_wait<'a>(
        &'a self,
        w: &'a W,
    ) -> impl Future<Output = Result<Option<u32>, Broken>> + 'a {
        let operation = self.operation(Act::Ask, None, Location::caller());
        w.operation(operation, async move {
            // Whoever is at the line has not come yet, or acts for all of a round before this one.
            let Some(line) = self.waiters.try_hold(w).await else { return Ok(None) };
            match self.enter(w, line).await? {
                Entered::Last(last) => last.let_go().await.map(Some),
                Entered::Early(line) => {
                    line.release().await;
                    Ok(None)
                }
            }
        })
    }

    /// Waits until all have come, or breaks the barrier after `timeout` of the world's time. Gives
    /// the same as [`Barrier::wait`].
    ///
    /// # Errors
    /// [`Broken`] when the time is over, or as for [`Barrier::wait`].
    #[track_caller]
    pub fn wait_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Result<u32, Broken>> + 'a {
        let deadline = w.deadline(timeout);
        let operation = self.operation(Act::WaitTimeout, deadline, Location::caller());
        w.operation(operation, self.pass(w, deadline))
    }

    /// Waits as [`Barrier::wait`] does. Whoever comes last runs its `action`, and only then are all
    /// let go, itself included. If the action gives `false` or panics, the barrier breaks instead.
    ///
    /// The action has the barrier to itself and must not use it.
    ///
    /// # Errors
    /// As for [`Barrier::wait`], and [`Broken`] for all when the action fails.
    #[track_caller]
    pub fn wait_with<'a>(
        &'a self,
        w: &'a W,
        action: impl AsyncFnOnce() -> bool + 'a,
    ) -> impl Future<Output = Result<u32, Broken>> + 'a {
        let operation = self.operation(Act::Wait, None, Location::caller());
        self.pass_with(w, operation, action)
    }

    /// Waits as [`Barrier::wait_timeout`] does, with an action as [`Barrier::wait_with`]. No time
    /// runs out while an action runs.
    ///
    /// # Errors
    /// As for these two.
    #[track_caller]
    pub fn wait_timeout_with<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
        action: impl AsyncFnOnce() -> bool + 'a,
    ) -> impl Future<Output = Result<u32, Broken>> + 'a {
        let deadline = w.deadline(timeout);
        let operation = self.operation(Act::WaitTimeout, deadline, Location::caller());
        self.pass_with(w, operation, action)
    }

    /// Breaks the barrier: all who wait and all who come get [`Broken`], until it is reset.
    #[track_caller]
    pub fn abort<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        let operation = self.operation(Act::Abort, None, Location::caller());
        w.operation(operation, async move { self.send_away(w, self.alone(w).await, BROKEN).await })
    }

    /// Begins anew: all who wait get [`Broken`], and whoever comes finds the barrier whole and empty.
    #[track_caller]
    pub fn reset<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        let operation = self.operation(Act::Reset, None, Location::caller());
        w.operation(operation, async move {
            self.send_away(w, self.alone(w).await, filling(0)).await;
        })
    }

    /// How many wait, as of a moment ago; all parties while an action runs.
    #[track_caller]
    pub fn n_waiting<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        let operation = self.operation(Act::Ask, None, Location::caller());
        w.operation(operation, async move { self.look(w).await >> 1 })
    }

    /// Whether the barrier is broken, as of a moment ago.
    #[track_caller]
    pub fn is_broken<'a>(&'a self, w: &'a W) -> impl Future<Output = bool> + 'a {
        let operation = self.operation(Act::Ask, None, Location::caller());
        w.operation(operation, async move { self.look(w).await == BROKEN })
    }

    /// It is never known beforehand whether a wait will block: it may be the last one, and it
    /// stands in line from when it comes.
    fn operation(&self, act: Act, deadline: Option<Duration>, place: Place) -> Operation<'_, W> {
        Operation { act, object: self.id, ready_when: None, deadline, place }
    }

    async fn look(&self, w: &W) -> u32 {
        // Relaxed: the answer may be old before it is read, and whoever is alone with the line has
        // the last one's writes by that.
        self.word.load(w, Ordering::Relaxed).await
    }

    async fn show(&self, w: &W, word: u32) {
        // Relaxed: see `look`.
        self.word.store(w, word, Ordering::Relaxed).await;
    }

    async fn alone<'a>(&'a self, w: &'a W) -> Hold<'a, W, Waiters<W>> {
        self.waiters.hold(w).await
    }

    /// A wait without an action.
    async fn pass(&self, w: &W, deadline: Option<Duration>) -> Result<u32, Broken> {
        match self.come(w, deadline).await {
            Come::Through(outcome) => outcome,
            Come::Last(last) => last.let_go().await,
        }
    }

    /// A wait with an action, which is no part of the operations before and after it: its steps are
    /// everybody's to see.
    async fn pass_with<'a>(
        &'a self,
        w: &'a W,
        operation: Operation<'a, W>,
        action: impl AsyncFnOnce() -> bool,
    ) -> Result<u32, Broken> {
        let (deadline, place) = (operation.deadline, operation.place);
        let last = match w.operation(operation, self.come(w, deadline)).await {
            Come::Through(outcome) => return outcome,
            Come::Last(last) => last,
        };
        // Until it is done, everybody waits for whoever acts.
        w.note(self.id, Note::Got);
        self.show(w, filling(self.parties)).await;
        let is_done = action().await;
        let act = if is_done { Act::Release } else { Act::Abort };
        let end = async move {
            w.note(self.id, Note::GaveBack);
            if is_done { last.let_go().await } else { last.fail().await }
        };
        w.operation(self.operation(act, None, place), end).await
    }

    /// Comes to the line, unless the barrier is broken.
    async fn enter<'a>(
        &'a self,
        w: &'a W,
        line: Hold<'a, W, Waiters<W>>,
    ) -> Result<Entered<'a, W>, Broken> {
        if self.look(w).await == BROKEN {
            line.release().await;
            return Err(Broken);
        }
        // Below the number of actors.
        let idx = line.len() as u32;
        if idx + 1 < self.parties {
            return Ok(Entered::Early(line));
        }
        Ok(Entered::Last(Last { barrier: self, w, line: Some(line), idx }))
    }

    /// Comes to the barrier and, unless it is the last one, waits to be called.
    async fn come<'a>(&'a self, w: &'a W, deadline: Option<Duration>) -> Come<'a, W> {
        let mut line = match self.enter(w, self.alone(w).await).await {
            Err(Broken) => return Come::Through(Err(Broken)),
            Ok(Entered::Last(last)) => return Come::Last(last),
            Ok(Entered::Early(line)) => line,
        };
        let waiting = line.join(w, self.id, None);
        self.show(w, filling(line.len() as u32)).await;
        line.release().await;
        if !waiting.wait(w, deadline).await {
            let mut line = self.alone(w).await;
            if line.leave(&waiting) {
                w.note(self.id, Note::GaveUp);
                self.send_away(w, line, BROKEN).await;
                return Come::Through(Err(Broken));
            }
            // Called after all, by somebody who was alone with the line before.
            line.release().await;
        }
        Come::Through(waiting.into_parcel().unwrap_or(Err(Broken)))
    }

    /// Tells all who wait that it was in vain, and leaves the barrier as `word` says.
    async fn send_away(&self, w: &W, mut line: Hold<'_, W, Waiters<W>>, word: u32) {
        let was_broken = self.look(w).await == BROKEN;
        if was_broken != (word == BROKEN) {
            w.note(self.id, Note::State(u32::from(!was_broken)));
        }
        self.show(w, word).await;
        while let Some(mut called) = line.next() {
            *called.parcel() = Some(Err(Broken));
            called.call(w).await;
        }
        line.release().await;
    }
}

/// How whoever is alone with the line would come.
enum Entered<'a, W: World> {
    /// More must come.
    Early(Hold<'a, W, Waiters<W>>),
    /// All others wait for it.
    Last(Last<'a, W>),
}

/// How somebody came to a barrier.
enum Come<'a, W: World> {
    /// It waited, if it had to, and knows what came of it.
    Through(Result<u32, Broken>),
    /// All others wait for it.
    Last(Last<'a, W>),
}

/// Being the last one, alone with the line. Whoever drops it, by a panic or when the run is stopped,
/// breaks the barrier.
struct Last<'a, W: World> {
    barrier: &'a Barrier<W>,
    w: &'a W,
    line: Option<Hold<'a, W, Waiters<W>>>,
    idx: u32,
}

impl<W: World> Last<'_, W> {
    /// Lets all go, and the barrier fill again.
    async fn let_go(mut self) -> Result<u32, Broken> {
        let Some(mut line) = self.line.take() else { return Err(Broken) };
        self.barrier.show(self.w, filling(0)).await;
        for idx in 0.. {
            let Some(mut called) = line.next() else { break };
            *called.parcel() = Some(Ok(idx));
            called.call(self.w).await;
        }
        line.release().await;
        Ok(self.idx)
    }

    /// Breaks the barrier: the action failed.
    async fn fail(mut self) -> Result<u32, Broken> {
        if let Some(line) = self.line.take() {
            self.barrier.send_away(self.w, line, BROKEN).await;
        }
        Err(Broken)
    }
}

impl<W: World> Drop for Last<'_, W> {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            self.w.note(self.barrier.id, Note::GaveBack);
            self.w.at_once(self.barrier.send_away(self.w, line, BROKEN));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::{Config, Ending, Plain, Run, Threads};
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;

    /// Few rounds where an interpreter runs them.
    const N_ROUNDS: u32 = if cfg!(miri) { 8 } else { 500 };

    #[test]
    fn nobody_is_a_round_ahead_and_one_acts_in_each() {
        let run = Run::start(Threads, Config::default(), |world: &Plain| {
            let barrier = Arc::new(Barrier::new(world, "barrier", 0, 3));
            let n_acts = Arc::new(AtomicU32::new(0));
            let sum = Arc::new(AtomicU32::new(0));
            for idx in 0..3 {
                let (barrier, n_acts, sum) = (barrier.clone(), n_acts.clone(), sum.clone());
                world.spawn("actor", idx, move |w| async move {
                    for round in 0..N_ROUNDS {
                        let act = async || n_acts.fetch_add(1, Ordering::Relaxed) == round;
                        let hour = Duration::from_secs(3_600);
                        let passed = match (u32::from(idx) + round) % 2 {
                            0 => barrier.wait_with(&w, act).await,
                            _ => barrier.wait_timeout_with(&w, hour, act).await,
                        };
                        w.check(n_acts.load(Ordering::Relaxed) == round + 1, "one acts before all");
                        sum.fetch_add(passed.unwrap_or(100), Ordering::Relaxed);
                        let all = if round % 2 == 0 { barrier.wait(&w).await } else { Ok(0) };
                        w.check(all.is_ok(), "nobody breaks it");
                        let ahead = barrier.wait(&w).await;
                        w.check(ahead.is_ok(), "nobody breaks it");
                        let expected = 3 * (round + 1);
                        w.check(
                            sum.load(Ordering::Relaxed) == expected,
                            "0, 1 and 2 in each round",
                        );
                        w.check(barrier.wait(&w).await.is_ok(), "nobody breaks it");
                    }
                });
            }
        });
        assert_eq!(run.join(), Ending::Finished);
    }
}
