//! A condition: where actors let go of a lock and wait until another tells them to look again.
//!
//! | word | meaning |
//! | --- | --- |
//! | `n_waiting` | how many stand in the line; 0 makes a notification cost nothing |
//! | those of the line | see [`super::line`] |
//!
//! Source: Tony Hoare, "Monitors: an operating system structuring concept" (1974), in the form that
//! Lampson and Redell gave it (Mesa, 1980): whoever is told only looks again. As in CPython, each
//! notification goes to exactly one waiter, in the order in which they came, and is never lost on one
//! that gave up.

use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::line::Line;
use super::lock::Lock;
use super::locked::Locked;
use super::mutual::{Mutual, NotOwner};
use crate::world::{Act, Note, ObjectKind, Operation, Ordering, Place, Word, World};

/// A condition on a [`Lock`] or an [`super::RLock`]. Several conditions may share a lock.
///
/// ```
/// use engine::{World, model, sync::{Condition, Lock}, world::Shared};
/// use std::sync::Arc;
///
/// let mut run = model::Run::new(model::Config::default(), |world| {
///     let lock = Arc::new(Lock::new(world, "lock", 0));
///     let filled = Arc::new(Condition::new(world, "filled", 0, lock.clone()));
///     let loaves = Arc::new(Shared::new(world, "loaves", 0, 0));
///     let (l, f, n) = (lock.clone(), filled.clone(), loaves.clone());
///     world.spawn("guest", 0, move |w| async move {
///         let guard = l.acquire(&w).await;
///         f.wait_for(&w, async || n.load(&w).await > 0).await.unwrap();
///         guard.release().await;
///     });
///     world.spawn("baker", 0, move |w| async move {
///         assert!(filled.notify(&w, 1).await.is_err(), "only with the lock");
///         let guard = lock.acquire(&w).await;
///         loaves.store(&w, 1).await;
///         filled.notify(&w, 1).await.unwrap();
///         guard.release().await;
///     });
/// });
/// assert_eq!(run.finish(&mut model::RoundRobin), model::Ending::Finished);
/// ```
pub struct Condition<W: World, L: Mutual<W> = Lock<W>> {
    lock: Arc<L>,
    line: Locked<W, Line<W, ()>>,
    n_waiting: W::Word,
    id: W::Object,
}

// The line's own lock orders all changes of the count; without it, it is only a hint of whether to
// look there. Whoever notifies has the condition's lock, and so sees all who let go of it to wait.
const HINT: Ordering = Ordering::Relaxed;

impl<W: World, L: Mutual<W>> Condition<W, L> {
    /// A condition that nobody waits on, called `name` number `idx` in the log.
    pub fn new(world: &W, name: &'static str, idx: u16, lock: Arc<L>) -> Self {
        let id = world.register(ObjectKind::Condition, name, idx);
        let (line, n_waiting) = (Locked::new(world, id, Line::default()), world.word(id, 0));
        Self { lock, line, n_waiting, id }
    }

    /// The lock that goes with it.
    pub fn lock(&self) -> &L {
        &self.lock
    }

    /// Lets go of the lock, waits until somebody notifies, and takes the lock again.
    ///
    /// # Errors
    /// [`NotOwner`] when the calling actor does not hold the lock; nothing happens then.
    #[track_caller]
    pub fn wait<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<(), NotOwner>> + 'a {
        let waited = self.wait_until(w, None, Location::caller());
        async move { waited.await.map(|_| ()) }
    }

    /// The same for at most `timeout` of the world's time. Gives whether somebody notified; the lock
    /// is taken again in either case, however long that takes.
    ///
    /// # Errors
    /// [`NotOwner`] when the calling actor does not hold the lock; nothing happens then.
    #[track_caller]
    pub fn wait_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Result<bool, NotOwner>> + 'a {
        self.wait_until(w, w.deadline(timeout), Location::caller())
    }

    /// Lets go of the lock and takes it again, and gives whether somebody notified in between: a wait that
    /// waits for nothing but the lock, as Python's with a timeout of 0.
    ///
    /// # Errors
    /// [`NotOwner`] when the calling actor does not hold the lock; nothing happens then.
    #[track_caller]
    pub fn try_wait<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<bool, NotOwner>> + 'a {
        self.wait_until(w, Some(w.now()), Location::caller())
    }

    /// Waits, as often as needed, until `holds` gives true; not at all when it does at once.
    ///
    /// # Errors
    /// [`NotOwner`] when it has to wait and the calling actor does not hold the lock.
    #[track_caller]
    pub fn wait_for<'a>(
        &'a self,
        w: &'a W,
        mut holds: impl AsyncFnMut() -> bool + 'a,
    ) -> impl Future<Output = Result<(), NotOwner>> + 'a {
        let place = Location::caller();
        async move {
            while !holds().await {
                self.wait_until(w, None, place).await?;
            }
            Ok(())
        }
    }

    /// The same for at most `timeout` of the world's time. Gives what `holds` gave last.
    ///
    /// # Errors
    /// [`NotOwner`] when it has to wait and the calling actor does not hold the lock.
    #[track_caller]
    pub fn wait_for_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
        mut holds: impl AsyncFnMut() -> bool + 'a,
    ) -> impl Future<Output = Result<bool, NotOwner>> + 'a {
        let (deadline, place) = (w.deadline(timeout), Location::caller());
        async move {
            // Where time is free a wait can be over before its deadline.
            let mut is_over = false;
            while !holds().await {
                if is_over || deadline.is_some_and(|deadline| w.now() >= deadline) {
                    return Ok(false);
                }
                is_over = !self.wait_until(w, deadline, place).await?;
            }
            Ok(true)
        }
    }

    /// Tells up to `n` of those who wait to go on, first come first served, and gives how many that
    /// were. They go on when they get the lock.
    ///
    /// # Errors
    /// [`NotOwner`] when the calling actor does not hold the lock; nothing happens then.
    #[track_caller]
    pub fn notify<'a>(
        &'a self,
        w: &'a W,
        n: u32,
    ) -> impl Future<Output = Result<u32, NotOwner>> + 'a {
        w.operation(self.operation(Act::Notify, Location::caller()), async move {
            if !self.lock.is_mine(w).await {
                return Err(NotOwner);
            }
            if self.n_waiting.load(w, HINT).await == 0 {
                return Ok(0);
            }
            Ok(w.seldom(move || self.call(w, n)).await)
        })
    }

    /// Tells all who wait to go on, and gives how many that were.
    ///
    /// # Errors
    /// [`NotOwner`] when the calling actor does not hold the lock; nothing happens then.
    #[track_caller]
    pub fn notify_all<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<u32, NotOwner>> + 'a {
        self.notify(w, u32::MAX)
    }

    fn operation(&self, act: Act, place: Place) -> Operation<'_, W> {
        Operation { act, object: self.id, ready_when: None, deadline: None, place }
    }

    fn wait_until<'a>(
        &'a self,
        w: &'a W,
        deadline: Option<Duration>,
        place: Place,
    ) -> impl Future<Output = Result<bool, NotOwner>> + 'a {
        let act = if deadline.is_some() { Act::WaitTimeout } else { Act::Wait };
        w.operation(self.operation(act, place), async move {
            if !self.lock.is_mine(w).await {
                return Err(NotOwner);
            }
            let mut line = self.line.hold(w).await;
            let waiting = line.join(w, self.id, None);
            self.n_waiting.fetch_add(w, 1, HINT).await;
            line.release().await;

            let depth = self.lock.let_go(w).await;
            let notified = waiting.wait(w, deadline).await || {
                let mut line = self.line.hold(w).await;
                let left = line.leave(&waiting);
                if left {
                    // Noted before anybody can find it gone.
                    w.note(self.id, Note::GaveUp);
                    self.n_waiting.fetch_sub(w, 1, HINT).await;
                }
                line.release().await;
                !left
            };
            let again = self.lock.operation(w, Act::Acquire, None, place);
            w.operation(again, self.lock.take_again(w, depth)).await;
            Ok(notified)
        })
    }

    async fn call(&self, w: &W, n: u32) -> u32 {
        let mut line = self.line.hold(w).await;
        let n = n.min(u32::try_from(line.len()).unwrap_or(u32::MAX));
        let called: Vec<_> = (0..n).filter_map(|_| line.next()).collect();
        self.n_waiting.fetch_sub(w, n, HINT).await;
        line.release().await;
        for waiter in called {
            waiter.call(w).await;
        }
        n
    }
}
