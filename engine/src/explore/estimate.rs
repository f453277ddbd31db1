//! How many executions there may be: known long before they are all looked at, but never for sure.

use super::Reduced;
use crate::model::Run;

/// An estimate of how many executions a [`Reduced`] search has, from some ways through it that are
/// drawn at random: at each execution one of the next ones is drawn, and counts for all of them. On
/// average that is right. But few ways lead to where most executions are, so it is often too low, for
/// long searches by a factor of ten.
///
/// Source: Donald Knuth, "Estimating the efficiency of backtrack programs", Mathematics of Computation
/// 29 (1975).
///
/// ```
/// use engine::explore::{Estimate, litmus};
/// use engine::model::{Config, Run};
///
/// let config = Config { explored: true, record: false, ..Config::default() };
/// let mut run = Run::new(config, |w| litmus::readers(w, 10));
/// let mut estimate = Estimate::default();
/// for _ in 0..1_000 {
///     estimate.step(&mut run);
/// }
/// assert!((1_000..1_050).contains(&estimate.n_executions().unwrap()), "there are 1024");
/// ```
pub struct Estimate {
    random: fastrand::Rng,
    search: Reduced,
    /// How many executions there are if all ways are like the present one, as far as that goes, and how
    /// many of them are as far down as this.
    n: f64,
    n_alike: f64,
    /// Of all ways that came to their end.
    sum: f64,
    n_ways: u64,
    n_steps: u64,
}

impl Default for Estimate {
    fn default() -> Self {
        let (random, search) = (fastrand::Rng::with_seed(1), Reduced::new());
        Self { random, search, n: 0.0, n_alike: 1.0, sum: 0.0, n_ways: 0, n_steps: 0 }
    }
}

impl Estimate {
    /// Goes one step further on the present way, or begins another one. It takes about as long as an
    /// execution, and leaves `run` anywhere.
    pub fn step(&mut self, run: &mut Run) {
        let random = &mut self.random;
        self.n_steps += 1;
        if let Some(n_alike) = self.search.step_down(run, |n| draw(random, n)) {
            self.n_alike *= n_alike;
            self.n += self.n_alike;
        } else {
            self.sum += self.n;
            self.n_ways += 1;
            (self.n, self.n_alike) = (0.0, 1.0);
        }
    }

    /// How many steps it went.
    pub fn n_steps(&self) -> u64 {
        self.n_steps
    }

    /// How many executions there may be; `None` as long as nothing is known.
    pub fn n_executions(&self) -> Option<u64> {
        (self.n_ways > 0).then(|| (self.sum / self.n_ways as f64) as u64)
    }
}

/// Draws one of so many, and gives for how many it counts. The later ones are reversals nearer to the
/// beginning, and more comes of them: where all turns meet only one other, as much as of all before it
/// together, and so often it is drawn.
fn draw(random: &mut fastrand::Rng, n: usize) -> (usize, f64) {
    let before_last = random.u64(..).trailing_zeros() as usize % n;
    let share = |before_last: usize| 0.5_f64.powi(before_last as i32 + 1);
    // What would come beyond the first begins again with the last.
    let all: f64 = (before_last..64).step_by(n).map(share).sum();
    (n - 1 - before_last, 1.0 / all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::litmus;
    use crate::model::{Config, Model};

    fn estimated(program: fn(&Model, u16), n: u16) -> u64 {
        let config = Config { explored: true, record: false, ..Config::default() };
        let mut run = Run::new(config, move |w| program(w, n));
        let mut estimate = Estimate::default();
        (0..10_000).for_each(|_| estimate.step(&mut run));
        estimate.n_executions().unwrap()
    }

    #[test]
    fn it_comes_near() {
        for (program, n, n_classes) in [
            (litmus::ainc as fn(&Model, u16), 6, 720),
            (litmus::readers, 12, 4_096),
            (litmus::lastzero, 10, 3_328),
        ] {
            let estimated = estimated(program, n);
            assert!((n_classes / 3..3 * n_classes).contains(&estimated), "{estimated}");
        }
    }

    #[test]
    fn whoever_is_drawn_counts_for_all() {
        let mut random = fastrand::Rng::with_seed(1);
        for n in 1..8_usize {
            let sum: f64 = (0..20_000).map(|_| draw(&mut random, n).1).sum();
            let mean = sum / 20_000.0;
            assert!((mean - n as f64).abs() < 0.1 * n as f64, "{mean} of {n}");
        }
    }
}
