//! Interleaved measurement: every round measures every contestant once, so that what the machine
//! does meanwhile happens to all of them, and ratios are taken within a round.

use std::time::Duration;

use native_bench::row::Row;
use native_bench::stats::{Histogram, median};

/// How long to measure.
#[derive(Clone, Copy)]
pub struct Effort {
    pub n_rounds: usize,
    pub slice: Duration,
}

/// What one contestant achieved in all rounds.
pub struct Standing {
    pub name: &'static str,
    /// Nanoseconds per operation, by round.
    pub ns: Vec<f64>,
    pub fairness: Option<f64>,
    pub waits: Option<Histogram>,
}

impl Standing {
    pub fn ns(&self) -> f64 {
        median(&self.ns)
    }
}

/// A median and the smallest and largest value.
#[derive(Clone, Copy)]
pub struct Spread {
    pub median: f64,
    pub min: f64,
    pub max: f64,
}

impl Spread {
    pub fn of(values: &[f64]) -> Self {
        let min = values.iter().copied().fold(f64::INFINITY, f64::min);
        let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { median: median(values), min, max }
    }
}

/// A measured row.
pub struct Finding {
    pub group: &'static str,
    pub name: String,
    pub unit: &'static str,
    pub standings: Vec<Standing>,
}

impl Finding {
    pub fn ours(&self) -> &Standing {
        &self.standings[0]
    }

    /// The peer with the lowest median.
    pub fn best_peer(&self) -> Option<&Standing> {
        self.standings[1..].iter().min_by(|a, b| a.ns().total_cmp(&b.ns()))
    }

    /// Our fastest round divided by the fastest of any peer: what is left when the machine, which
    /// can only hold up, did so the least.
    pub fn ratio_of_fastest(&self) -> Option<f64> {
        let fastest = |standing: &Standing| Spread::of(&standing.ns).min;
        let peer = self.standings[1..].iter().map(fastest).min_by(f64::total_cmp)?;
        Some(fastest(self.ours()) / peer)
    }

    /// Ours divided by the best peer's, round by round: above 1 we are slower.
    pub fn ratio(&self) -> Option<Spread> {
        let peer = self.best_peer()?;
        let ratios: Vec<_> = self.ours().ns.iter().zip(&peer.ns).map(|(a, b)| a / b).collect();
        Some(Spread::of(&ratios))
    }
}

/// Measures a row.
pub fn measure(row: Row, effort: Effort) -> Finding {
    let n_ops = row.contestants[0].calibrate(effort.slice);
    let n_contestants = row.contestants.len();
    let mut ns = vec![Vec::new(); n_contestants];
    let mut fairness = vec![Vec::new(); n_contestants];
    for round in 0..effort.n_rounds {
        for place in 0..n_contestants {
            // Somebody else begins in every round.
            let idx = (round + place) % n_contestants;
            let outcome = (row.contestants[idx].run)(n_ops);
            ns[idx].push(outcome.elapsed.as_nanos() as f64 / outcome.n_ops as f64);
            fairness[idx].extend(outcome.fairness);
        }
    }
    let Row { group, name, unit, contestants } = row;
    let results = contestants.into_iter().zip(ns).zip(fairness);
    let standings = results.map(|((contestant, ns), fairness)| Standing {
        name: contestant.name,
        ns,
        fairness: (!fairness.is_empty()).then(|| median(&fairness)),
        waits: contestant.waits.map(|waits| waits(n_ops)),
    });
    Finding { group, name, unit, standings: standings.collect() }
}
