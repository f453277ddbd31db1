//! What is left of a check, while others look at it.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::check::{self, Tally};
use super::{Check, Found, Outcome, Scenario};
use crate::explore::{Crew, Estimate};

/// What is left of a check, for as many threads as one likes to [work](Self::work) on. Whoever holds the
/// check never waits for them: it asks for what they have found, and tells them to stop.
///
/// ```
/// use engine::lessons::{Check, Plan, Scenario};
/// use std::sync::Arc;
/// use std::thread;
///
/// let scenario: Scenario =
///     "philosophers?solution=waiter&philosophers=3&meals=1&time=free".parse().unwrap();
/// let mut check = Check::new(&scenario, Plan::Classes, 1_000);
/// let errand = Arc::new(check.send(u64::MAX));
/// let theirs = errand.clone();
/// thread::spawn(move || theirs.work());
/// // When it is over, nobody else holds it any more.
/// while Arc::strong_count(&errand) > 1 {
///     check.collect(&errand, |_, _| ());
///     thread::yield_now();
/// }
/// check.take_back(Arc::into_inner(errand).unwrap(), |_, _| ());
/// assert_eq!((check.n_executions(), check.is_exhausted()), (126, true));
/// ```
pub struct Errand {
    scenario: Scenario,
    max_turns: u64,
    looks_at_touches: bool,
    pub(super) crew: Crew,
    is_unwanted: AtomicBool,
    /// What was found since somebody asked.
    tally: Mutex<Tally>,
    /// How many executions the check has looked at, with those of this errand.
    n_executions: AtomicU64,
    /// How many threads have looked at any.
    n_at_work: AtomicUsize,
    pub(super) estimate: Option<Mutex<Estimate>>,
}

impl Errand {
    /// Looks at executions until there is nothing left to look at, or nobody wants it. Several threads
    /// may do so, each once; they may have to wait for each other.
    pub fn work(&self) {
        let mut run = check::start(&self.scenario, self.max_turns, self.looks_at_touches);
        let mut is_new = true;
        while let Some(mut share) = self.crew.share() {
            let newcomers = usize::from(std::mem::take(&mut is_new));
            self.n_at_work.fetch_add(newcomers, Ordering::Relaxed);
            let mut own = Tally::default();
            while !self.is_unwanted() && share.next(&mut run) {
                if run.ending().is_none() {
                    own.n_executions += 1;
                    continue;
                }
                own.note(Outcome::of(&self.scenario, &run), &run, || share.search().order());
            }
            drop(share);
            let n_own = own.n_executions;
            lock(&self.tally).merge(own);
            if self.is_unwanted() {
                return self.crew.stop();
            }
            let n_executions = self.n_executions.fetch_add(n_own, Ordering::Relaxed) + n_own;
            if let Some(Ok(mut estimate)) = self.estimate.as_ref().map(Mutex::try_lock) {
                check::draw(&mut estimate, n_executions, &mut run);
            }
        }
    }

    /// How many threads have found something to do here. Not all programs can be divided.
    pub fn n_at_work(&self) -> usize {
        self.n_at_work.load(Ordering::Relaxed)
    }

    /// How many executions there may be; `None` as long as nothing is known, and also while that is being
    /// found out: it never waits.
    pub fn n_estimated(&self) -> Option<u64> {
        self.estimate.as_ref()?.try_lock().ok()?.n_executions()
    }

    /// Tells everybody who works on it to leave after the present execution. It does not wait for that.
    pub fn stop(&self) {
        self.is_unwanted.store(true, Ordering::Relaxed);
    }

    fn is_unwanted(&self) -> bool {
        self.is_unwanted.load(Ordering::Relaxed)
    }
}

impl Check {
    /// Gives away what is left to look at, until there are `limit` executions in all. Until it is taken
    /// back, [`Check::next`] finds nothing.
    pub fn send(&mut self, limit: u64) -> Errand {
        self.is_out = true;
        let n_left = limit.saturating_sub(self.n_executions());
        Errand {
            scenario: self.scenario.clone(),
            max_turns: self.max_turns,
            looks_at_touches: self.run.is_watched(),
            crew: Crew::new(std::mem::take(&mut self.pieces), n_left),
            is_unwanted: AtomicBool::new(false),
            tally: Mutex::default(),
            n_executions: AtomicU64::new(self.n_executions()),
            n_at_work: AtomicUsize::new(0),
            estimate: self.estimate.take().map(Mutex::new),
        }
    }

    /// Whether what is left to look at was given away.
    pub fn is_out(&self) -> bool {
        self.is_out
    }

    /// Takes over what was found on this errand so far, unless that is being written down right now: it
    /// never waits. What came out for the first time is shown.
    pub fn collect(&mut self, errand: &Errand, show: impl FnMut(&Outcome, &Found)) {
        if let Ok(mut tally) = errand.tally.try_lock() {
            self.take_over(std::mem::take(&mut tally), show);
        }
    }

    /// Takes back what is left when everybody has left off, and gives whether what they found is sure
    /// (see [`crate::explore::Search::is_sure`]): if not, it begins again.
    pub fn take_back(&mut self, errand: Errand, show: impl FnMut(&Outcome, &Found)) -> bool {
        let Errand { crew, tally, estimate, .. } = errand;
        self.is_out = false;
        self.estimate = estimate.map(into_inner);
        let pieces = crew.into_pieces();
        let is_sure = pieces.is_some();
        match pieces {
            Some(pieces) => {
                self.pieces = pieces;
                self.take_over(into_inner(tally), show);
            }
            None => self.begin_again(),
        }
        is_sure
    }

    fn take_over(&mut self, tally: Tally, mut show: impl FnMut(&Outcome, &Found)) {
        for (outcome, found) in &tally.outcomes {
            if !self.tally.outcomes.contains_key(outcome) {
                show(outcome, found);
            }
        }
        self.tally.merge(tally);
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}
