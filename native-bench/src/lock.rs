//! Mutual exclusion: the engine's lock and its peers, alone and contended.
//!
//! The contended workload is that of parking_lot's own benchmark: some threads, each doing some
//! work inside the lock and some outside of it. Some pause now and then, all at the same time.

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
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

/// What is done while the lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// So many units of [`work`].
    Work(u32),
    /// Whatever keeps the thread busy for that long, by the clock.
    For(Duration),
}

impl Hold {
    #[inline]
    fn last(self) {
        match self {
            Self::Work(units) => work(units),
            Self::For(duration) => {
                let start = Instant::now();
                while start.elapsed() < duration {
                    std::hint::spin_loop();
                }
            }
        }
    }
}

impl std::fmt::Display for Hold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Work(units) => write!(f, "{units}"),
            Self::For(duration) => write!(f, "{} µs", duration.as_micros()),
        }
    }
}

/// A contended workload: the units of work are those of [`work`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// The name in tables.
    pub name: &'static str,
    /// How many threads want the lock.
    pub threads: usize,
    /// What is done while the lock is held.
    pub inside: Hold,
    /// Work done between giving it back and wanting it again.
    pub outside: u32,
    /// How often the lock is taken before all of them pause; `None`: they never do.
    pub burst: Option<u64>,
}

/// How long all threads sleep before a burst: long enough that each of them has to be woken, and what
/// the lock has learnt of its waiters is of no more use. It does not count.
const PAUSE: Duration = Duration::from_micros(200);

const fn steady(name: &'static str, threads: usize, inside: u32, outside: u32) -> Load {
    Load { name, threads, inside: Hold::Work(inside), outside, burst: None }
}

/// Far longer than anybody spins: all but the owner sleep.
const fn long_hold(threads: usize) -> Load {
    let inside = Hold::For(Duration::from_micros(500));
    Load { inside, ..steady("long hold", threads, 0, 50) }
}

/// As many acquisitions as take longer than it takes to wake the threads.
const fn burst(threads: usize) -> Load {
    Load { burst: Some(4_000), ..steady("burst", threads, 5, 50) }
}

/// The contended workloads: who hogs the lock, short and long work inside, mostly work outside; then
/// a lock that is held for really long, and one that nobody wants most of the time, and then all.
pub const LOADS: [Load; 12] = [
    steady("hog", 2, 0, 0),
    steady("short", 2, 5, 50),
    steady("long", 2, 500, 50),
    steady("rare", 2, 5, 500),
    steady("hog", 4, 0, 0),
    steady("short", 4, 5, 50),
    steady("long", 4, 500, 50),
    steady("rare", 4, 5, 500),
    long_hold(2),
    long_hold(4),
    burst(2),
    burst(4),
];

impl Load {
    /// The counts at which a pause begins, up to all `n_ops`.
    fn ends(self, n_ops: u64) -> impl Iterator<Item = u64> {
        let burst = self.burst.unwrap_or(n_ops).max(1);
        (0..n_ops).step_by(burst as usize).map(move |done| n_ops.min(done + burst))
    }
}

impl std::fmt::Display for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, threads, inside, outside, .. } = self;
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
    /// From the first beginning to the last end, but for pauses.
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
    let together = Barrier::new(load.threads);
    let (_, outcomes) = crew::run(L::Actor::several(load.threads), |actor| {
        let (mut share, mut waits, mut spans) = (0, Histogram::default(), Vec::new());
        for end in load.ends(n_ops) {
            if load.burst.is_some() {
                thread::sleep(PAUSE);
                together.wait();
            }
            let start = Instant::now();
            loop {
                let wants = WAITS.then(Instant::now);
                let (goes_on, got) = guarded.lock.with(&actor, || {
                    let got = WAITS.then(Instant::now);
                    let goes_on = guarded.count_to(end);
                    // Whoever finds that all is done holds nobody up.
                    if goes_on {
                        load.inside.last();
                    }
                    (goes_on, got)
                });
                if !goes_on {
                    break;
                }
                if let Some((wants, got)) = wants.zip(got) {
                    waits.add((got - wants).as_nanos() as u64);
                }
                share += 1;
                work(load.outside);
            }
            spans.push((start, Instant::now()));
        }
        (share, waits, spans)
    });
    let (mut shares, mut waits, mut spans) = (Vec::new(), Histogram::default(), Vec::new());
    for (share, waited, of_one) in outcomes {
        shares.push(share);
        waits.merge(&waited);
        spans.push(of_one);
    }
    assert_eq!(guarded.counter.into_inner(), n_ops, "an update was lost");
    assert_eq!(shares.iter().sum::<u64>(), n_ops, "somebody was counted wrongly");
    Contended { elapsed: busy_together(&spans), shares, waits }
}

/// The spans of all threads, as they were busy one burst after the other: from the first beginning to
/// the last end of each burst, all bursts together.
fn busy_together(spans: &[Vec<(Instant, Instant)>]) -> Duration {
    let n_bursts = spans.iter().map(Vec::len).min().unwrap_or(0);
    let of_burst = |burst: usize| {
        let start = spans.iter().map(|of_one| of_one[burst].0).min()?;
        let end = spans.iter().map(|of_one| of_one[burst].1).max()?;
        Some(end - start)
    };
    (0..n_bursts).filter_map(of_burst).sum()
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
            if let Hold::For(duration) = load.inside {
                assert!(contended.elapsed >= 200 * duration);
            }
        }
    }

    #[test]
    fn the_last_burst_is_what_is_left() {
        let ends = |burst, n_ops| Load { burst, ..LOADS[0] }.ends(n_ops).collect::<Vec<_>>();
        assert_eq!(ends(Some(4), 10), [4, 8, 10]);
        assert_eq!(ends(Some(4), 8), [4, 8]);
        assert_eq!(ends(None, 10), [10]);
        assert!(ends(None, 0).is_empty());
    }

    #[test]
    fn pauses_do_not_count() {
        let load = Load { burst: Some(1), ..LOADS[0] };
        let start = Instant::now();
        let contended = contended::<sync::Lock<Plain>>(load, 20);
        assert!(start.elapsed() >= contended.elapsed + 20 * PAUSE);
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
