//! Semaphores: the engine's and its peers, alone and as a hand-over between two threads.

use std::hint::black_box;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use engine::real::Plain;
use engine::{block, sync};

use crate::crew;
use crate::lock::plain_actors;

/// Whoever can count permits.
pub trait Contestant: Sync + Sized + 'static {
    /// The name in tables.
    const NAME: &'static str;
    /// What a thread needs to use the semaphore.
    type Actor: Send;

    /// A semaphore with this many free permits.
    fn new(permits: u32) -> Self;
    /// Those who will use it.
    fn actors(n: usize) -> Vec<Self::Actor>;
    /// Takes a permit for good.
    fn acquire(&self, actor: &Self::Actor);
    /// Adds a permit.
    fn release(&self, actor: &Self::Actor);
}

impl Contestant for sync::Semaphore<Plain> {
    const NAME: &'static str = "five forks";
    type Actor = Plain;

    fn new(permits: u32) -> Self {
        Self::new(&Plain::solo(), "semaphore", 0, permits)
    }

    fn actors(n: usize) -> Vec<Plain> {
        plain_actors(n)
    }

    #[inline]
    fn acquire(&self, w: &Plain) {
        block(self.acquire(w)).expect("the run is not stopped").forget();
    }

    #[inline]
    fn release(&self, w: &Plain) {
        let released = block(self.release(w)).expect("the run is not stopped");
        released.expect("far fewer permits than fit");
    }
}

/// The usual semaphore of Rust programs, on the standard library.
pub struct StdCondvar(Mutex<u32>, Condvar);

impl Contestant for StdCondvar {
    const NAME: &'static str = "std condvar";
    type Actor = ();

    fn new(permits: u32) -> Self {
        Self(Mutex::new(permits), Condvar::new())
    }

    fn actors(n: usize) -> Vec<()> {
        vec![(); n]
    }

    #[inline]
    fn acquire(&self, (): &()) {
        let permits = self.0.lock().expect("nobody panics inside");
        *self.1.wait_while(permits, |permits| *permits == 0).expect("nobody panics inside") -= 1;
    }

    #[inline]
    fn release(&self, (): &()) {
        *self.0.lock().expect("nobody panics inside") += 1;
        self.1.notify_one();
    }
}

/// The usual semaphore of Rust programs, on parking_lot.
pub struct ParkingLotCondvar(parking_lot::Mutex<u32>, parking_lot::Condvar);

impl Contestant for ParkingLotCondvar {
    const NAME: &'static str = "parking_lot condvar";
    type Actor = ();

    fn new(permits: u32) -> Self {
        Self(parking_lot::Mutex::new(permits), parking_lot::Condvar::new())
    }

    fn actors(n: usize) -> Vec<()> {
        vec![(); n]
    }

    #[inline]
    fn acquire(&self, (): &()) {
        let mut permits = self.0.lock();
        self.1.wait_while(&mut permits, |permits| *permits == 0);
        *permits -= 1;
    }

    #[inline]
    fn release(&self, (): &()) {
        *self.0.lock() += 1;
        self.1.notify_one();
    }
}

/// A task is the thread that waits for it.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// tokio's semaphore, whose futures are driven by blocking the thread; its actor is a waker, made
/// once, because making one costs more than the semaphore.
pub type Tokio = tokio::sync::Semaphore;

impl Contestant for Tokio {
    const NAME: &'static str = "tokio";
    /// Made by the thread itself at its first use.
    type Actor = std::cell::OnceCell<Waker>;

    fn new(permits: u32) -> Self {
        Self::new(permits as usize)
    }

    fn actors(n: usize) -> Vec<Self::Actor> {
        vec![std::cell::OnceCell::new(); n]
    }

    #[inline]
    fn acquire(&self, waker: &Self::Actor) {
        let waker = waker.get_or_init(|| Waker::from(Arc::new(Unpark(thread::current()))));
        let mut acquire = pin!(self.acquire());
        loop {
            match acquire.as_mut().poll(&mut Context::from_waker(waker)) {
                Poll::Ready(permit) => return permit.expect("nobody closes it").forget(),
                Poll::Pending => thread::park(),
            }
        }
    }

    #[inline]
    fn release(&self, _: &Self::Actor) {
        self.add_permits(1);
    }
}

/// One thread takes and gives back a permit `n_ops` times.
///
/// # Panics
/// When a permit is missing in the end.
pub fn uncontended<S: Contestant>(n_ops: u64) -> Duration {
    let semaphore = S::new(1);
    let actor = S::actors(1).remove(0);
    let semaphore = black_box(&semaphore);
    let start = Instant::now();
    for _ in 0..n_ops {
        semaphore.acquire(&actor);
        semaphore.release(&actor);
    }
    let elapsed = start.elapsed();
    semaphore.acquire(&actor); // It would hang here.
    elapsed
}

/// On a cache line that nothing else shares.
#[repr(align(128))]
struct Alone<T>(T);

/// Two threads hand over to each other by two semaphores, `n_rounds` times to and fro.
///
/// # Panics
/// When one of them moved out of turn.
pub fn ping_pong<S: Contestant>(n_rounds: u64) -> Duration {
    let (ping, pong) = (Alone(S::new(1)), Alone(S::new(0)));
    let turns = std::sync::atomic::AtomicU64::new(0);
    let actors = S::actors(2).into_iter().zip(0_u64..).collect();
    let (elapsed, _) = crew::run(actors, |(actor, side)| {
        let (mine, other) = if side == 0 { (&ping, &pong) } else { (&pong, &ping) };
        for round in 0..n_rounds {
            mine.0.acquire(&actor);
            // Relaxed: the semaphores give the order; without it the count goes wrong.
            let turn = turns.load(std::sync::atomic::Ordering::Relaxed);
            assert_eq!(turn, 2 * round + side, "out of turn");
            turns.store(turn + 1, std::sync::atomic::Ordering::Relaxed);
            other.0.release(&actor);
        }
    });
    assert_eq!(turns.into_inner(), 2 * n_rounds);
    elapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<S: Contestant>() {
        uncontended::<S>(100);
        ping_pong::<S>(100);
    }

    #[test]
    fn all_contestants_hand_over() {
        check::<sync::Semaphore<Plain>>();
        check::<StdCondvar>();
        check::<ParkingLotCondvar>();
        check::<Tokio>();
    }
}
