//! An event: a light that is red or green, and actors that wait at red.
//!
//! | word | meaning |
//! | --- | --- |
//! | `light` | even: red (clear), odd: green (set); each change adds one |
//! | `n_waiting` | how many actors wait or are about to |
//!
//! Because the light counts its changes, a waiter that was there when it turned green gets through,
//! even if it is red again before the waiter looks: as in CPython. Nobody sleeps through a change: a
//! waiter first counts itself and then looks at the light (inside the wait), a setter first changes
//! the light and then looks at the count, all of it sequentially consistent.

use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use crate::world::{Act, Note, ObjectKind, Operation, Ordering, Place, Waited, Word, World};

/// An event, as Python's `threading.Event`.
///
/// ```
/// use engine::{block, real::Plain, sync::Event};
/// use std::time::Duration;
///
/// let w = Plain::solo();
/// let green = Event::new(&w, "light", 0);
/// assert_eq!(block(green.wait_timeout(&w, Duration::from_millis(1))), Some(false));
/// block(green.set(&w));
/// assert_eq!(block(green.is_set(&w)), Some(true));
/// block(green.wait(&w));
/// ```
pub struct Event<W: World> {
    light: W::Word,
    n_waiting: W::Word,
    id: W::Object,
}

fn is_green(light: u32) -> bool {
    light % 2 == 1
}

impl<W: World> Event<W> {
    /// An event that is not set, called `name` number `idx` in the log.
    pub fn new(world: &W, name: &'static str, idx: u16) -> Self {
        let id = world.register(ObjectKind::Event, name, idx);
        Self { light: world.word(id, 0), n_waiting: world.word(id, 0), id }
    }

    /// Turns it green: all who wait go on, and whoever comes does not wait.
    #[track_caller]
    pub fn set<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        w.operation(self.operation(Act::Set, Location::caller()), async move {
            w.note(self.id, Note::State(1));
            if self.change(w, true).await && self.n_waiting.load(w, Ordering::SeqCst).await > 0 {
                self.light.wake(w, u32::MAX).await;
            }
        })
    }

    /// Turns it red: whoever comes waits.
    #[track_caller]
    pub fn clear<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        w.operation(self.operation(Act::Clear, Location::caller()), async move {
            w.note(self.id, Note::State(0));
            self.change(w, false).await;
        })
    }

    /// Whether it is green, as of a moment ago: the wait that does not wait.
    #[track_caller]
    pub fn is_set<'a>(&'a self, w: &'a W) -> impl Future<Output = bool> + 'a {
        w.operation(self.operation(Act::Ask, Location::caller()), async move {
            // Acquire: see all that was done before it was set.
            is_green(self.light.load(w, Ordering::Acquire).await)
        })
    }

    /// Waits until it is green.
    #[track_caller]
    pub fn wait<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        w.operation(self.operation(Act::Wait, Location::caller()), async move {
            self.pass(w, None).await;
        })
    }

    /// Waits until it is green, for at most `timeout` of the world's time. Gives whether it was.
    #[track_caller]
    pub fn wait_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = bool> + 'a {
        self.wait_timeout_at(w, timeout, Location::caller())
    }

    /// The same, asked for at another place in the source.
    pub(crate) fn wait_timeout_at<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
        place: Place,
    ) -> impl Future<Output = bool> + 'a {
        w.operation(self.operation(Act::WaitTimeout, place), async move {
            self.pass(w, w.deadline(timeout)).await
        })
    }

    fn operation(&self, act: Act, place: Place) -> Operation<'_, W> {
        Operation { act, object: self.id, ready_when: None, deadline: None, place }
    }

    /// Makes the light green or red; `false` when it was so already.
    async fn change(&self, w: &W, green: bool) -> bool {
        let order = Ordering::SeqCst;
        let mut seen = self.light.load(w, order).await;
        while is_green(seen) != green {
            match self.light.compare_exchange(w, seen, seen.wrapping_add(1), order, order).await {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    async fn pass(&self, w: &W, deadline: Option<Duration>) -> bool {
        // Acquire, here and below: see all that was done before it was set.
        let seen = self.light.load(w, Ordering::Acquire).await;
        is_green(seen) || w.seldom(move || self.wait_for_change(w, seen, deadline)).await
    }

    async fn wait_for_change(&self, w: &W, red: u32, deadline: Option<Duration>) -> bool {
        for round in 0..w.spins() {
            if self.light.load(w, Ordering::Acquire).await != red {
                return true;
            }
            w.relax(round);
        }
        self.n_waiting.fetch_add(w, 1, Ordering::SeqCst).await;
        let passed = loop {
            let waited = self.light.wait(w, red, deadline).await;
            if self.light.load(w, Ordering::Acquire).await != red {
                break true;
            }
            if waited == Waited::TimedOut {
                w.note(self.id, Note::GaveUp);
                break false;
            }
        };
        // Relaxed: too high a count for a moment costs an empty wakeup, no more.
        self.n_waiting.fetch_sub(w, 1, Ordering::Relaxed).await;
        passed
    }
}
