//! Real threads under load: every primitive, with timeouts that race against releases.
//!
//! What is checked is exact: each item has a number of its own and comes out once, what is told
//! equals what is heard, and memory behind a lock is plain, so that a sanitizer sees whoever gets in
//! besides. `FIVE_FORKS_STRESS_SECONDS` says how long each test goes on; by default it is a moment.

mod memory;
mod pools;
mod queues;
mod soak;
mod sync;
mod threads;

use std::cell::UnsafeCell;
use std::collections::BTreeSet;
use std::env;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use engine::World;
use engine::real::{Config, Ending, Plain, Real, Record, Recorded, Run, Threads};

/// No run takes a tenth of this, on whatever machine, unless it hangs.
const HANGS: Duration = Duration::from_secs(100);

/// A program under stress. It is given how many rounds each actor should do, and gives what must
/// hold when all are through.
type Program<W> = fn(&W, u32) -> Check;

/// Checks what a run has left behind, and says how many operations it has done.
type Check = Box<dyn FnOnce() -> u64>;

/// A program in the world that records nothing, and in the one that does.
#[derive(Clone, Copy)]
struct Both {
    name: &'static str,
    plain: Program<Plain>,
    recorded: Program<Recorded>,
}

macro_rules! both {
    ($program:path) => {
        $crate::Both { name: stringify!($program), plain: $program, recorded: $program }
    };
}
pub(crate) use both;

/// Runs a program again and again, each time with other numbers, for as long as was asked for.
fn stress(program: Both) {
    const SECONDS: &str = "FIVE_FORKS_STRESS_SECONDS";
    let seconds = match env::var(SECONDS) {
        Ok(seconds) => seconds.parse().expect("it is a number of seconds"),
        Err(_) => 0.2,
    };
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    for seed in 0.. {
        once(program, seed);
        if Instant::now() >= end {
            return;
        }
    }
}

/// Runs a program once, and gives how many operations it has done.
fn once(program: Both, seed: u64) -> u64 {
    // Recording makes everything slower, and moves what comes before what.
    if seed % 4 == 3 {
        run(program.name, program.recorded, seed)
    } else {
        run(program.name, program.plain, seed)
    }
}

fn run<R: Record>(name: &str, program: Program<Real<R>>, seed: u64) -> u64 {
    let config = Config { seed, max_actors: 1024, ring_capacity: 64, ..Config::default() };
    let mut check = None;
    let mut run = Run::start(Threads, config, |world| check = Some(program(world, 200)));
    let ending = watch(&mut run, &format!("{name}, seed {seed}"));
    assert_eq!(ending, Ending::Finished, "{name}, seed {seed}");
    check.take().expect("it was set up")()
}

/// Waits until a run has ended and all its threads are through; a run that hangs is a failure.
fn watch<R: Record>(run: &mut Run<R>, name: &str) -> Ending {
    let late = Instant::now() + HANGS;
    loop {
        let ending = run.look().cloned();
        match ending {
            Some(ending) if run.n_live() == 0 => return ending,
            _ => assert!(Instant::now() < late, "{name}: it hangs, after {ending:?}"),
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// A timeout that often passes just when what it waits for comes.
fn moment<W: World>(w: &W) -> Duration {
    Duration::from_micros(u64::from(w.random(60)))
}

/// Plain memory. Only one actor may be at it.
#[derive(Default)]
struct Memory(UnsafeCell<u64>);

// SAFETY: that it is used by one actor at a time is what the tests are about. If that fails, the sums
// are wrong, and a sanitizer says where.
unsafe impl Sync for Memory {}

impl Memory {
    /// Adds 1, in two steps. The caller is alone with it.
    fn count(&self) {
        let seen = self.get();
        std::hint::spin_loop();
        self.set(seen + 1);
    }

    /// The caller is alone with it.
    fn set(&self, value: u64) {
        // SAFETY: as above.
        unsafe { self.0.get().write_volatile(value) }
    }

    /// Nobody writes to it meanwhile.
    fn get(&self) -> u64 {
        // SAFETY: as above.
        unsafe { self.0.get().read_volatile() }
    }
}

/// Counts what actors do, and orders nothing.
#[derive(Default)]
struct Count(AtomicU64);

impl Count {
    fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Finds out which of some actors is through last.
struct Last(AtomicU32);

impl Last {
    fn of(n_actors: u16) -> Arc<Self> {
        Arc::new(Self(AtomicU32::new(n_actors.into())))
    }

    fn is_me(&self) -> bool {
        self.0.fetch_sub(1, Ordering::AcqRel) == 1
    }
}

/// Numbers that nobody may give twice.
#[derive(Default)]
struct Numbers(Mutex<BTreeSet<u64>>);

impl Numbers {
    fn add(&self, numbers: impl IntoIterator<Item = u64>) {
        let mut all = self.0.lock().unwrap();
        for number in numbers {
            assert!(all.insert(number), "{number} comes twice");
        }
    }

    /// All of them, once.
    fn take(&self) -> BTreeSet<u64> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}
