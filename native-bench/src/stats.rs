//! Medians, quantiles and fairness.

/// The middle value; the mean of the two middle ones where there are two.
///
/// # Panics
/// When there is no value.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// Jain's fairness index: 1 when all shares are equal, 1/n when one has everything.
///
/// Source: Jain, Chiu, Hawe, "A quantitative measure of fairness" (DEC-TR-301, 1984).
pub fn jain(shares: &[u64]) -> f64 {
    let sum: f64 = shares.iter().map(|share| *share as f64).sum();
    let squares: f64 = shares.iter().map(|share| (*share as f64).powi(2)).sum();
    if squares == 0.0 { 1.0 } else { sum * sum / (shares.len() as f64 * squares) }
}

/// How finely a [`Histogram`] divides each power of two: 16 parts, so a quantile is at most 1/16
/// too low.
const PARTS_LOG2: u32 = 4;

/// Counts of durations, in buckets that grow with the duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    buckets: Vec<u64>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; bucket(u64::MAX) + 1] }
    }
}

fn bucket(ns: u64) -> usize {
    let parts = 1 << PARTS_LOG2;
    if ns < parts {
        return ns as usize;
    }
    let shift = ns.ilog2() - PARTS_LOG2;
    let within = (ns >> shift) - parts;
    (u64::from(shift + 1) * parts + within) as usize
}

/// The shortest duration of a bucket.
fn floor_of(bucket: usize) -> u64 {
    let parts = 1 << PARTS_LOG2;
    let bucket = bucket as u64;
    if bucket < parts { bucket } else { (parts + bucket % parts) << (bucket / parts - 1) }
}

impl Histogram {
    /// Counts a duration.
    #[inline]
    pub fn add(&mut self, ns: u64) {
        self.buckets[bucket(ns)] += 1;
    }

    /// Counts all that `other` counted.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
    }

    /// How many durations were counted.
    pub fn len(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// Whether none was counted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The duration below which `share` of all lie, in nanoseconds.
    pub fn quantile_ns(&self, share: f64) -> u64 {
        let rank = (self.len() as f64 * share) as u64;
        let mut n_seen = 0;
        let found = self.buckets.iter().position(|count| {
            n_seen += count;
            n_seen > rank
        });
        floor_of(found.or(self.buckets.iter().rposition(|count| *count > 0)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_its_floor_and_is_narrow() {
        for ns in (0..2_000).chain((0..64).map(|shift| 1 << shift)).chain([u64::MAX]) {
            let floor = floor_of(bucket(ns));
            assert!(floor <= ns && ns - floor <= ns / 16, "{ns} lies in the bucket of {floor}");
            assert_eq!(bucket(floor), bucket(ns));
        }
    }

    #[test]
    fn quantiles_of_a_hundred() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile_ns(0.5), 0);
        (0..16).for_each(|ns| histogram.add(ns));
        assert_eq!(histogram.quantile_ns(0.5), 8);
        assert_eq!(histogram.quantile_ns(1.0), 15);
    }

    #[test]
    fn fairness_lies_between_one_and_its_nth() {
        assert_eq!(jain(&[5, 5, 5, 5]), 1.0);
        assert_eq!(jain(&[7, 0, 0, 0]), 0.25);
        assert_eq!(jain(&[0, 0]), 1.0);
    }

    #[test]
    fn median_of_odd_and_even() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
