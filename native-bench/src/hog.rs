//! How long one waits for what others hardly ever let go of.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::crew::{self, Actor, Apart};
use crate::lock::{self, work};
use crate::readers_writer;
use crate::stats::Histogram;

/// The work that a hog does each time it has the lock; it wants it again at once.
const HOGGED: u32 = 200;
/// The work that the victim does between two times.
const ELSEWHERE: u32 = 2_000;
/// Somebody may starve, and then this is enough.
const AT_MOST: Duration = Duration::from_millis(100);

/// What the victim waited.
#[derive(Clone, Debug)]
pub struct Waits {
    /// All waits together.
    pub total: Duration,
    /// Each of them.
    pub each: Histogram,
}

/// Beside one hog, the victim takes a lock up to `n_ops` times.
///
/// # Panics
/// When both were inside at once.
pub fn of_lock<L: lock::Contestant>(n_ops: u64) -> Waits {
    let (lock, room) = (Apart(L::new()), Apart(Room::default()));
    beside::<L::Actor>(
        1,
        n_ops,
        |hog| lock.0.with(hog, || room.0.alone(|| work(HOGGED))),
        |victim, got| lock.0.with(victim, || room.0.alone(&mut *got)),
    )
}

/// Beside two hogs that read, the victim takes a lock up to `n_ops` times to write.
///
/// # Panics
/// When a reader was inside together with the writer.
pub fn of_readers_writer<L: readers_writer::Contestant>(n_ops: u64) -> Waits {
    let (lock, room) = (Apart(L::new()), Apart(Room::default()));
    beside::<L::Actor>(
        2,
        n_ops,
        |hog| lock.0.read(hog, || room.0.among_others(|| work(HOGGED))),
        |victim, got| lock.0.write(victim, || room.0.alone(&mut *got)),
    )
}

/// Where one may be alone, or with others who may be there too.
#[derive(Default)]
struct Room {
    is_taken: AtomicBool,
}

impl Room {
    // Relaxed, here and below: what is checked is that the lock orders them.
    fn alone(&self, body: impl FnOnce()) {
        assert!(!self.is_taken.load(Ordering::Relaxed), "somebody is inside");
        self.is_taken.store(true, Ordering::Relaxed);
        body();
        self.is_taken.store(false, Ordering::Relaxed);
    }

    fn among_others(&self, body: impl FnOnce()) {
        let is_taken = || self.is_taken.load(Ordering::Relaxed);
        assert!(!is_taken(), "somebody wants to be alone");
        body();
        assert!(!is_taken(), "somebody wants to be alone");
    }
}

fn beside<A: Actor>(
    n_hogs: usize,
    n_ops: u64,
    hog: impl Fn(&A) + Sync,
    victim: impl Fn(&A, &mut dyn FnMut()) + Sync,
) -> Waits {
    let is_over = AtomicBool::new(false);
    let actors = A::several(n_hogs + 1).into_iter().enumerate().collect();
    let (_, waits) = crew::run(actors, |(idx, actor)| {
        let (mut total, mut each) = (Duration::ZERO, Histogram::default());
        if idx > 0 {
            // Relaxed: it may hog once more.
            while !is_over.load(Ordering::Relaxed) {
                hog(&actor);
            }
            return Waits { total, each };
        }
        let start = Instant::now();
        while each.is_empty() || (each.len() < n_ops && start.elapsed() < AT_MOST) {
            work(ELSEWHERE);
            let wants = Instant::now();
            let mut wait = None;
            victim(&actor, &mut || wait = Some(wants.elapsed()));
            let wait = wait.expect("it ran inside the lock");
            total += wait;
            each.add(wait.as_nanos() as u64);
        }
        is_over.store(true, Ordering::Relaxed);
        Waits { total, each }
    });
    waits.into_iter().next().expect("the victim is the first")
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::real::Plain;
    use engine::sync::{Lock, ReadersWriter};

    #[test]
    fn a_victim_gets_through() {
        let waits = of_lock::<Lock<Plain>>(20);
        assert!((1..=20).contains(&waits.each.len()));
        assert!(waits.total >= Duration::from_nanos(waits.each.quantile_ns(0.0)));
        assert!(!of_readers_writer::<ReadersWriter<Plain>>(20).each.is_empty());
    }
}
