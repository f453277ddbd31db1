//! A timer: a thread that does something after a while, unless it was cancelled before.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::{AlreadyStarted, JoinError, Thread};
use crate::sync::Event;
use crate::world::World;

/// As Python's `threading.Timer`.
///
/// ```
/// use engine::{World, model, thread::Timer};
/// use std::time::Duration;
///
/// let mut run = model::Run::new(model::Config::default(), |world| {
///     world.spawn("main", 0, |w| async move {
///         let cook = |w: model::Model| async move { w.print("the egg is done", 0).await };
///         let timer = Timer::new(&w, "timer", 0, Duration::from_secs(300), cook);
///         timer.start(&w).await.unwrap();
///         timer.cancel(&w).await;
///     });
/// });
/// assert_eq!(run.finish(&mut model::RoundRobin), model::Ending::Finished);
/// ```
pub struct Timer<W: World> {
    cancelled: Arc<Event<W>>,
    thread: Thread<W>,
}

impl<W: World> Timer<W> {
    /// A timer that will do `body` once `interval` of the world's time has passed since its start.
    pub fn new<F, Fut>(world: &W, name: &'static str, idx: u16, interval: Duration, body: F) -> Self
    where
        F: FnOnce(W) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        let cancelled = Arc::new(Event::new(world, "cancelled", idx));
        let off = cancelled.clone();
        let thread = Thread::new(world, name, idx, move |w: W, _| async move {
            if !off.wait_timeout(&w, interval).await {
                body(w).await;
            }
        });
        Self { cancelled, thread }
    }

    /// Starts to count.
    ///
    /// # Errors
    /// [`AlreadyStarted`] the second time.
    #[track_caller]
    pub fn start<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<(), AlreadyStarted>> + 'a {
        self.thread.start(w)
    }

    /// Calls it off, if it has not begun.
    #[track_caller]
    pub fn cancel<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        self.cancelled.set(w)
    }

    /// Waits until it has done its work or was cancelled.
    ///
    /// # Errors
    /// [`JoinError`] when that can never be waited for.
    #[track_caller]
    pub fn join<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<(), JoinError>> + 'a {
        self.thread.join(w)
    }
}
