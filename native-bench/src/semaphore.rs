//! Semaphores: the engine's and its peers, alone and as a hand-over between two threads.

use std::cell::OnceCell;
use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use engine::real::Plain;
use engine::{block, sync};

use crate::crew::{self, Actor, Apart};
use crate::monitor::{Monitor, Whom};

/// Whoever can count permits.
pub trait Contestant: Sync + Sized + 'static {
    /// The name in tables.
    const NAME: &'static str;
    /// What a thread needs to use the semaphore.
    type Actor: Actor;

    /// A semaphore with this many free permits.
    fn new(permits: u32) -> Self;
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

impl Contestant for sync::BoundedSemaphore<Plain> {
    const NAME: &'static str = "five forks";
    type Actor = Plain;

    fn new(permits: u32) -> Self {
        // What is not free at first has been taken: one can be given back.
        let w = Plain::solo();
        let semaphore = Self::new(&w, "semaphore", 0, permits.max(1));
        for _ in permits..1 {
            block(semaphore.acquire(&w)).expect("the run is not stopped").forget();
        }
        semaphore
    }

    #[inline]
    fn acquire(&self, w: &Plain) {
        block(self.acquire(w)).expect("the run is not stopped").forget();
    }

    #[inline]
    fn release(&self, w: &Plain) {
        let released = block(self.release(w)).expect("the run is not stopped");
        released.expect("only what was taken is given back");
    }
}

#[cfg(target_os = "linux")]
impl Contestant for crate::hand::Semaphore {
    const NAME: &'static str = "futex by hand";
    type Actor = ();

    fn new(permits: u32) -> Self {
        Self::new(permits)
    }

    #[inline]
    fn acquire(&self, (): &()) {
        self.acquire();
    }

    #[inline]
    fn release(&self, (): &()) {
        self.release();
    }
}

/// The usual semaphore of Rust programs: a number behind a lock with a condition.
pub struct Counter<M>(M);

impl<M: Monitor<u32> + 'static> Contestant for Counter<M> {
    const NAME: &'static str = M::NAME;
    type Actor = M::Actor;

    fn new(permits: u32) -> Self {
        Self(M::new(permits))
    }

    #[inline]
    fn acquire(&self, actor: &M::Actor) {
        let take = |permits: &mut u32| {
            *permits = permits.checked_sub(1)?;
            Some(())
        };
        self.0.change(actor, 0, take, None);
    }

    #[inline]
    fn release(&self, actor: &M::Actor) {
        self.0.change(
            actor,
            0,
            |permits| {
                *permits += 1;
                Some(())
            },
            Some((0, Whom::One)),
        );
    }
}

/// A task is the thread that waits for it.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Made by the thread itself at its first use.
#[derive(Default)]
pub struct OwnWaker(OnceCell<Waker>);

impl Actor for OwnWaker {
    fn several(n: usize) -> Vec<Self> {
        (0..n).map(|_| Self::default()).collect()
    }
}

/// tokio's semaphore, whose futures are driven by blocking the thread; its actor is a waker, made
/// once, because making one costs more than the semaphore.
pub type Tokio = tokio::sync::Semaphore;

impl Contestant for Tokio {
    const NAME: &'static str = "tokio";
    type Actor = OwnWaker;

    fn new(permits: u32) -> Self {
        Self::new(permits as usize)
    }

    #[inline]
    fn acquire(&self, waker: &Self::Actor) {
        let waker = waker.0.get_or_init(|| Waker::from(Arc::new(Unpark(thread::current()))));
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
    let actor = S::Actor::one();
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

/// Two threads hand over to each other by two semaphores, `n_rounds` times to and fro.
///
/// # Panics
/// When one of them moved out of turn.
pub fn ping_pong<S: Contestant>(n_rounds: u64) -> Duration {
    let (ping, pong) = (Apart(S::new(1)), Apart(S::new(0)));
    let turns = std::sync::atomic::AtomicU64::new(0);
    let actors = S::Actor::several(2).into_iter().zip(0_u64..).collect();
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
        check::<sync::BoundedSemaphore<Plain>>();
        check::<Counter<crate::monitor::Std<u32>>>();
        check::<Counter<crate::monitor::ParkingLot<u32>>>();
        check::<Tokio>();
        #[cfg(target_os = "linux")]
        check::<crate::hand::Semaphore>();
    }
}
