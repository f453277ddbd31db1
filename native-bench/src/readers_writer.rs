//! Locks for many readers or one writer: alone, and mostly read.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use engine::block;
use engine::real::Plain;
use engine::sync::{Precedence, ReadersWriter};

use crate::crew::{self, Actor, Apart};
use crate::lock::work;

/// Whoever can let in many readers or one writer.
pub trait Contestant: Sync + Sized + 'static {
    /// The name in tables.
    const NAME: &'static str;
    /// What a thread needs to take the lock.
    type Actor: Actor;

    /// A free lock.
    fn new() -> Self;
    /// Runs `inside` while the lock is held together with other readers.
    fn read<T>(&self, actor: &Self::Actor, inside: impl FnOnce() -> T) -> T;
    /// Runs `inside` while the lock is held alone.
    fn write<T>(&self, actor: &Self::Actor, inside: impl FnOnce() -> T) -> T;
}

impl Contestant for ReadersWriter<Plain> {
    const NAME: &'static str = "five forks";
    type Actor = Plain;

    fn new() -> Self {
        // As both peers do: a reader waits while a writer does.
        Self::new(&Plain::solo(), "lock", 0, Precedence::WritersFirst)
    }

    #[inline]
    fn read<T>(&self, w: &Plain, inside: impl FnOnce() -> T) -> T {
        let guard = block(self.read(w)).expect("the run is not stopped");
        let output = inside();
        block(guard.release());
        output
    }

    #[inline]
    fn write<T>(&self, w: &Plain, inside: impl FnOnce() -> T) -> T {
        let guard = block(self.write(w)).expect("the run is not stopped");
        let output = inside();
        block(guard.release());
        output
    }
}

impl Contestant for std::sync::RwLock<()> {
    const NAME: &'static str = "std";
    type Actor = ();

    fn new() -> Self {
        Self::default()
    }

    #[inline]
    fn read<T>(&self, (): &(), inside: impl FnOnce() -> T) -> T {
        let _guard = self.read().expect("nobody panics inside");
        inside()
    }

    #[inline]
    fn write<T>(&self, (): &(), inside: impl FnOnce() -> T) -> T {
        let _guard = self.write().expect("nobody panics inside");
        inside()
    }
}

impl Contestant for parking_lot::RwLock<()> {
    const NAME: &'static str = "parking_lot";
    type Actor = ();

    fn new() -> Self {
        Self::default()
    }

    #[inline]
    fn read<T>(&self, (): &(), inside: impl FnOnce() -> T) -> T {
        let _guard = self.read();
        inside()
    }

    #[inline]
    fn write<T>(&self, (): &(), inside: impl FnOnce() -> T) -> T {
        let _guard = self.write();
        inside()
    }
}

/// Two counts that are equal whenever nobody writes.
#[derive(Default)]
struct Twins([AtomicU64; 2]);

impl Twins {
    #[inline]
    fn add_one(&self) {
        // Relaxed, here and below: the lock gives the order. Loaded and stored, never added to: two
        // writers at a time lose an update.
        for count in &self.0 {
            count.store(count.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        }
    }

    #[inline]
    fn look(&self) -> u64 {
        let [one, other] = &self.0;
        let seen = one.load(Ordering::Relaxed);
        assert_eq!(seen, other.load(Ordering::Relaxed), "read while somebody wrote");
        seen
    }
}

/// One thread takes the lock `n_ops` times to write or to read.
///
/// # Panics
/// When a write is missing.
pub fn uncontended<L: Contestant>(writes: bool, n_ops: u64) -> Duration {
    let (lock, twins, actor) = (L::new(), Twins::default(), L::Actor::one());
    let lock = black_box(&lock);
    let start = Instant::now();
    for _ in 0..n_ops {
        if writes {
            lock.write(&actor, || twins.add_one());
        } else {
            lock.read(&actor, || black_box(twins.look()));
        }
    }
    let elapsed = start.elapsed();
    assert_eq!(twins.look(), if writes { n_ops } else { 0 });
    elapsed
}

/// Each thread writes once in so many times.
const ONE_WRITE_IN: u64 = 20;

/// `threads` threads take the lock `n_ops` times each, one time in 20 to write.
///
/// # Panics
/// When a write is missing, or somebody read while another wrote.
pub fn mostly_read<L: Contestant>(threads: usize, n_ops: u64) -> Duration {
    let shared = Apart((L::new(), Twins::default()));
    let Apart((lock, twins)) = &shared;
    let actors: Vec<_> = L::Actor::several(threads).into_iter().zip(0..).collect();
    let (elapsed, n_writes) = crew::run(actors, |(actor, idx)| {
        let mut n_writes = 0;
        for op in 0..n_ops {
            // Not all threads at the same time.
            if (op + 5 * idx).is_multiple_of(ONE_WRITE_IN) {
                lock.write(&actor, || (work(5), twins.add_one()));
                n_writes += 1;
            } else {
                lock.read(&actor, || (work(5), twins.look()));
            }
            work(50);
        }
        n_writes
    });
    assert_eq!(twins.look(), n_writes.into_iter().sum::<u64>(), "an update was lost");
    elapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<L: Contestant>() {
        uncontended::<L>(false, 100);
        uncontended::<L>(true, 100);
        mostly_read::<L>(4, 200);
    }

    #[test]
    fn all_contestants_let_in_readers_or_one_writer() {
        check::<ReadersWriter<Plain>>();
        check::<std::sync::RwLock<()>>();
        check::<parking_lot::RwLock<()>>();
    }
}
