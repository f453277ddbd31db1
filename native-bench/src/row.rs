//! Rows: workloads, and who does them. The report and the criterion benches go through the same ones.

use std::time::Duration;

use crate::stats::Histogram;

/// What one run of a contestant gave.
pub struct Outcome {
    /// How many operations were done; it may have had to round.
    pub n_ops: u64,
    /// How long they took.
    pub elapsed: Duration,
    /// Jain's index, where shares were counted.
    pub fairness: Option<f64>,
}

/// Somebody who can do the work, here a number of operations.
pub struct Contestant {
    /// The name in tables.
    pub name: &'static str,
    /// Does so many operations.
    pub run: Box<dyn Fn(u64) -> Outcome>,
    /// The waits of a run of its own, because measuring them takes time.
    pub waits: Option<Box<dyn Fn(u64) -> Histogram>>,
}

/// A workload and those who do it, the engine's own first.
pub struct Row {
    /// What is measured.
    pub group: &'static str,
    /// The workload.
    pub name: String,
    /// What one operation is.
    pub unit: &'static str,
    /// Who does it.
    pub contestants: Vec<Contestant>,
}

impl Contestant {
    /// How many operations take about a `slice` of time. It warms up, too.
    pub fn calibrate(&self, slice: Duration) -> u64 {
        let mut n_ops = 64;
        loop {
            let Outcome { n_ops: n_done, elapsed, .. } = (self.run)(n_ops);
            // Who does fewer than it is told is not told to do more.
            if elapsed * 4 >= slice || n_done < n_ops {
                let scale = slice.as_secs_f64() / elapsed.as_secs_f64();
                return ((n_ops as f64 * scale) as u64).max(1);
            }
            n_ops *= 4;
        }
    }
}
