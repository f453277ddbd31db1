//! A check by several threads at once.

use std::time::Duration;

use super::errand::lock;
use super::{Check, Progress};

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
        let errand = self.send(limit);
        std::thread::scope(|scope| {
            for _ in 0..n_threads {
                scope.spawn(|| errand.work());
            }
            while !errand.crew.wait(tick) {
                self.collect(&errand, |_, _| ());
                let estimate = errand.estimate.as_ref().map(lock);
                let n_estimated = estimate.and_then(|estimate| estimate.n_executions());
                if !goes_on(&self.tally.progress(n_estimated)) {
                    errand.stop();
                }
            }
        });
        self.take_back(errand, |_, _| ())
    }
}
