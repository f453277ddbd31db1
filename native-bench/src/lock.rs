//! Mutual exclusion: the engine's lock and its peers, alone and contended.
//!
//! The contended workload is that of parking_lot's own benchmark: some threads, each doing some
//! work inside the lock and some outside of it.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use engine::real::{Plain, Recorded};
use engine::{block, sync};

use crate::crew::{self, Actor};
use crate::stats::Histogram;

/// Whoever can exclude others.
pub trait Contestant: Sync + Sized + 'static {
    /// The name in tables.
    const NAME: &'static str;
    /// What a thread needs to take the lock.
    type Actor: Actor;

    /// A free lock.
    fn new() -> Self;
    /// Runs `inside` while the lock is held.
    fn with<T>(&self, actor: &Self::Actor, inside: impl FnOnce() -> T) -> T;
}

impl Contestant for sync::Lock<Plain> {
    const NAME: &'static str = "five forks";
    type Actor = Plain;

    fn new() -> Self {
        Self::new(&Plain::solo(), "lock", 0)
    }

    #[inline]
    fn with<T>(&self, w: &Plain, inside: impl FnOnce() -> T) -> T {
        let guard = block(self.acquire(w)).expect("the run is not stopped");
        let output = inside();
        block(guard.release());
        output
    }
}

impl Contestant for std::sync::Mutex<()> {
    const NAME: &'static str = "std";
    type Actor = ();

    fn new() -> Self {
        Self::default()
    }

    #[inline]
    fn with<T>(&self, (): &(), inside: impl FnOnce() -> T) -> T {
        let _guard = self.lock().expect("nobody panics inside");
        inside()
    }
}

impl Contestant for parking_lot::Mutex<()> {
    const NAME: &'static str = "parking_lot";
    type Actor = ();

    fn new() -> Self {
        Self::default()
    }

    #[inline]
    fn with<T>(&self, (): &(), inside: impl FnOnce() -> T) -> T {
        let _guard = self.lock();
        inside()
    }
}

#[cfg(target_os = "linux")]
impl Contestant for crate::hand::Lock {
    const NAME: &'static str = "by hand";
    type Actor = u32;

    fn new() -> Self {
        Self::default()
    }

    #[inline]
    fn with<T>(&self, actor: &u32, inside: impl FnOnce() -> T) -> T {
        self.acquire(*actor);
        let output = inside();
        self.release();
        output
    }
}

/// The engine's lock where each step is recorded.
pub fn with_recorded<T>(
    lock: &sync::Lock<Recorded>,
    w: &Recorded,
    inside: impl FnOnce() -> T,
) -> T {
    let guard = block(lock.acquire(w)).expect("the run is not stopped");
    let output = inside();
    block(guard.release());
    output
}

/// A lock and what it guards, on a cache line that nothing else shares.
#[repr(align(128))]
struct Guarded<L> {
    lock: L,
    // Loaded and stored, never added to: a lock that lets two in loses an update here.
    counter: AtomicU64,
}

impl<L: Contestant> Guarded<L> {
    fn new() -> Self {
        Self { lock: L::new(), counter: AtomicU64::new(0) }
    }

    /// Adds one unless the counter is at `end`; gives whether it did.
    #[inline]
    fn count_to(&self, end: u64) -> bool {
        // Relaxed: the lock gives the order.
        let seen = self.counter.load(Ordering::Relaxed);
        let goes_on = seen < end;
        self.counter.store(seen + u64::from(goes_on), Ordering::Relaxed);
        goes_on
    }
}

/// One thread takes the lock `n_ops` times, and nobody else wants it.
///
/// # Panics
/// When the count is wrong.
pub fn uncontended<L: Contestant>(n_ops: u64) -> Duration {
    let guarded = Guarded::<L>::new();
    let actor = L::Actor::one();
    let guarded_ref = black_box(&guarded);
    let start = Instant::now();
    for _ in 0..n_ops {
        guarded_ref.lock.with(&actor, || guarded_ref.count_to(u64::MAX));
    }
    let elapsed = start.elapsed();
    assert_eq!(guarded.counter.into_inner(), n_ops);
    elapsed
}

/// A contended workload: the units of work are those of [`work`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// The name in tables.
    pub name: &'static str,
    /// How many threads want the lock.
    pub threads: usize,
    /// Work done while the lock is held.
    pub inside: u32,
    /// Work done between giving it back and wanting it again.
    pub outside: u32,
}

/// The contended workloads: who hogs the lock, short and long work inside, mostly work outside.
pub const LOADS: [Load; 8] = [
    Load { name: "hog", threads: 2, inside: 0, outside: 0 },
    Load { name: "short", threads: 2, inside: 5, outside: 50 },
    Load { name: "long", threads: 2, inside: 500, outside: 50 },
    Load { name: "rare", threads: 2, inside: 5, outside: 500 },
    Load { name: "hog", threads: 4, inside: 0, outside: 0 },
    Load { name: "short", threads: 4, inside: 5, outside: 50 },
    Load { name: "long", threads: 4, inside: 500, outside: 50 },
    Load { name: "rare", threads: 4, inside: 5, outside: 500 },
];

impl std::fmt::Display for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, threads, inside, outside } = self;
        write!(f, "{threads} threads, {name} ({inside} in, {outside} out)")
    }
}

/// `n` dependent multiplications, some 1 ns each, that touch no memory.
#[inline]
pub fn work(n: u32) {
    let mut x = black_box(1_u64);
    for _ in 0..n {
        x = black_box(x.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }
    black_box(x);
}

/// What came out of a contended run.
#[derive(Clone, Debug)]
pub struct Contended {
    /// From the first beginning to the last end.
    pub elapsed: Duration,
    /// How often each thread had the lock.
    pub shares: Vec<u64>,
    /// How long each acquisition (with the work inside) took; empty when not measured.
    pub waits: Histogram,
}

/// The threads of `load` take the lock `n_ops` times between them: each goes on until the count is
/// full, so all of them contend to the end.
///
/// # Panics
/// When the count is wrong.
pub fn contended<L: Contestant>(load: Load, n_ops: u64) -> Contended {
    contend::<L, false>(load, n_ops)
}

/// As [`contended`], but each wait is measured, which makes the time outside the lock longer.
pub fn contended_with_waits<L: Contestant>(load: Load, n_ops: u64) -> Contended {
    contend::<L, true>(load, n_ops)
}

fn contend<L: Contestant, const WAITS: bool>(load: Load, n_ops: u64) -> Contended {
    let guarded = Guarded::<L>::new();
    let (elapsed, outcomes) = crew::run(L::Actor::several(load.threads), |actor| {
        let (mut share, mut waits) = (0, Histogram::default());
        loop {
            let wants = WAITS.then(Instant::now);
            let (goes_on, got) = guarded.lock.with(&actor, || {
                let got = WAITS.then(Instant::now);
                work(load.inside);
                (guarded.count_to(n_ops), got)
            });
            if !goes_on {
                return (share, waits);
            }
            if let Some((wants, got)) = wants.zip(got) {
                waits.add((got - wants).as_nanos() as u64);
            }
            share += 1;
            work(load.outside);
        }
    });
    let (shares, histograms): (Vec<u64>, Vec<Histogram>) = outcomes.into_iter().unzip();
    assert_eq!(guarded.counter.into_inner(), n_ops, "an update was lost");
    assert_eq!(shares.iter().sum::<u64>(), n_ops, "somebody was counted wrongly");
    let mut waits = Histogram::default();
    histograms.iter().for_each(|histogram| waits.merge(histogram));
    Contended { elapsed, shares, waits }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<L: Contestant>() {
        uncontended::<L>(100);
        for load in LOADS {
            let contended = contended_with_waits::<L>(load, 200);
            assert_eq!(contended.shares.len(), load.threads);
            assert_eq!(contended.waits.len(), 200);
        }
    }

    #[test]
    fn all_contestants_exclude() {
        check::<sync::Lock<Plain>>();
        check::<std::sync::Mutex<()>>();
        check::<parking_lot::Mutex<()>>();
        #[cfg(target_os = "linux")]
        check::<crate::hand::Lock>();
    }
}
