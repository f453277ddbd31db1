//! A check by several threads at once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::check::{self, Tally};
use super::{Check, Outcome, Progress, Scenario};
use crate::explore::{Crew, Estimate};

impl Check {
    /// Looks at what is left with so many threads, until there are `limit` executions in all or
    /// `goes_on` says no; it is asked after each tick. What is found is what [`Check::next`] finds: where
    /// that is not sure (see [`crate::explore::Search::is_sure`]), it begins again with one thread.
    ///
    /// ```
    /// use engine::lessons::{Check, Plan, Scenario};
    /// use std::time::Duration;
    ///
    /// let scenario: Scenario =
    ///     "philosophers?solution=waiter&philosophers=3&meals=1&time=free".parse().unwrap();
    /// let mut check = Check::new(&scenario, Plan::Classes, 1_000);
    /// check.together(2, u64::MAX, Duration::from_millis(100), |_| true);
    /// assert_eq!((check.n_executions(), check.is_exhausted()), (126, true));
    /// ```
    pub fn together(
        &mut self,
        n_threads: usize,
        limit: u64,
        tick: Duration,
        mut goes_on: impl FnMut(&Progress) -> bool,
    ) {
        if !self.work(n_threads, limit, tick, &mut goes_on) {
            self.begin_again();
            self.work(1, limit, tick, &mut goes_on);
        }
        while self.looks_in_step() {}
    }

    /// Gives whether what was found is sure.
    fn work(
        &mut self,
        n_threads: usize,
        limit: u64,
        tick: Duration,
        goes_on: &mut dyn FnMut(&Progress) -> bool,
    ) -> bool {
        let n_left = limit.saturating_sub(self.n_executions());
        let crew = Crew::new(std::mem::take(&mut self.pieces), n_left);
        let tally = Mutex::new(std::mem::take(&mut self.tally));
        let estimate = self.estimate.take().map(Mutex::new);
        let looks_at_touches = self.run.is_watched();
        let (scenario, max_turns) = (&self.scenario, self.max_turns);
        let job = Job { scenario, max_turns, looks_at_touches };
        std::thread::scope(|scope| {
            for _ in 0..n_threads {
                scope.spawn(|| job.work(&crew, &tally, estimate.as_ref()));
            }
            while !crew.wait(tick) {
                let estimate = estimate.as_ref().map(lock);
                let n_estimated = estimate.and_then(|estimate| estimate.n_executions());
                let progress = lock(&tally).progress(n_estimated);
                if !goes_on(&progress) {
                    crew.stop();
                }
            }
        });
        self.tally = into_inner(tally);
        self.estimate = estimate.map(into_inner);
        let pieces = crew.into_pieces();
        let is_sure = pieces.is_some();
        self.pieces = pieces.unwrap_or_default();
        is_sure
    }
}

/// What every thread has to know.
#[derive(Clone, Copy)]
struct Job<'a> {
    scenario: &'a Scenario,
    max_turns: u64,
    looks_at_touches: bool,
}

impl Job<'_> {
    fn work(self, crew: &Crew, tally: &Mutex<Tally>, estimate: Option<&Mutex<Estimate>>) {
        let mut run = check::start(self.scenario, self.max_turns, self.looks_at_touches);
        while let Some(mut share) = crew.share() {
            let mut own = Tally::default();
            while share.next(&mut run) {
                own.note(Outcome::of(self.scenario, &run), &run, || share.search().order());
            }
            let n_executions = {
                let mut tally = lock(tally);
                tally.merge(own);
                tally.n_executions
            };
            if let Some(Ok(mut estimate)) = estimate.map(Mutex::try_lock) {
                check::draw(&mut estimate, n_executions, &mut run);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}
