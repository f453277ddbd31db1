//! Events. Two threads hand over to each other by them: whoever gets through turns the event off
//! again. That is a semaphore's ping-pong, so they are contestants of [`crate::semaphore`].

use std::sync::atomic::{AtomicBool, Ordering};

use engine::real::Plain;
use engine::{block, sync};
use event_listener::Listener as _;

use crate::monitor::{Monitor, Whom};
use crate::semaphore::Contestant;

impl Contestant for sync::Event<Plain> {
    const NAME: &'static str = "five forks";
    type Actor = Plain;

    fn new(permits: u32) -> Self {
        let w = Plain::solo();
        let event = Self::new(&w, "event", 0);
        if permits > 0 {
            block(event.set(&w));
        }
        event
    }

    #[inline]
    fn acquire(&self, w: &Plain) {
        block(self.wait(w));
        block(self.clear(w));
    }

    #[inline]
    fn release(&self, w: &Plain) {
        block(self.set(w));
    }
}

/// As one writes it by hand: a flag behind a lock with a condition, in two steps as well.
pub struct Flag<M>(M);

impl<M: Monitor<bool> + 'static> Contestant for Flag<M> {
    const NAME: &'static str = M::NAME;
    type Actor = M::Actor;

    fn new(permits: u32) -> Self {
        Self(M::new(permits > 0))
    }

    #[inline]
    fn acquire(&self, actor: &M::Actor) {
        self.0.change(actor, 0, |is_set| is_set.then_some(()), None);
        self.0.change(
            actor,
            0,
            |is_set| {
                *is_set = false;
                Some(())
            },
            None,
        );
    }

    #[inline]
    fn release(&self, actor: &M::Actor) {
        self.0.change(
            actor,
            0,
            |is_set| {
                *is_set = true;
                Some(())
            },
            Some((0, Whom::All)),
        );
    }
}

/// A flag, and event-listener's list of those who wait for it.
#[derive(Default)]
pub struct Listened {
    flag: AtomicBool,
    listeners: event_listener::Event,
}

impl Contestant for Listened {
    const NAME: &'static str = "event-listener";
    type Actor = ();

    fn new(permits: u32) -> Self {
        Self { flag: AtomicBool::new(permits > 0), ..Self::default() }
    }

    #[inline]
    fn acquire(&self, (): &()) {
        while !self.flag.load(Ordering::SeqCst) {
            let listener = self.listeners.listen();
            if !self.flag.load(Ordering::SeqCst) {
                listener.wait();
            }
        }
        self.flag.store(false, Ordering::SeqCst);
    }

    #[inline]
    fn release(&self, (): &()) {
        self.flag.store(true, Ordering::SeqCst);
        self.listeners.notify(usize::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::{ParkingLot, Std};
    use crate::semaphore::ping_pong;

    #[test]
    fn all_contestants_hand_over() {
        ping_pong::<sync::Event<Plain>>(100);
        ping_pong::<Flag<Std<bool>>>(100);
        ping_pong::<Flag<ParkingLot<bool>>>(100);
        ping_pong::<Listened>(100);
    }
}
