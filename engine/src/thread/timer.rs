//! A timer: a thread that does something after a while, unless it was cancelled before.

use std::future::Future;
use std::panic::Location;
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
    /// It waits at the place in the source where it was made.
    #[track_caller]
    pub fn new<F, Fut>(world: &W, name: &'static str, idx: u16, interval: Duration, body: F) -> Self
    where
        F: FnOnce(W) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        let cancelled = Arc::new(Event::new(world, "cancelled", idx));
        let (off, place) = (cancelled.clone(), Location::caller());
        let thread = Thread::new(world, name, idx, move |w: W, _| async move {
            if !off.wait_timeout_at(&w, interval, place).await {
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

    /// Whether it is through; does not wait for it.
    ///
    /// # Errors
    /// [`JoinError`] when that can never be waited for.
    #[track_caller]
    pub fn try_join<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<bool, JoinError>> + 'a {
        self.thread.try_join(w)
    }

    /// Waits the same for at most `timeout` of the world's time. Gives whether it is through.
    ///
    /// # Errors
    /// [`JoinError`] when that can never be waited for.
    #[track_caller]
    pub fn join_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Result<bool, JoinError>> + 'a {
        self.thread.join_timeout(w, timeout)
    }

    /// Whether it was started and is not through, as of a moment ago.
    #[track_caller]
    pub fn is_alive<'a>(&'a self, w: &'a W) -> impl Future<Output = bool> + 'a {
        self.thread.is_alive(w)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Log;
    use crate::model::{Config, Ending, Model, RoundRobin, Run};
    use crate::real::{self, Recorded, Threads};
    use crate::world::{Act, Either};

    /// The log of a run that finishes; it does so twice.
    fn log_of(mut run: Run) -> Log {
        let mut once = || {
            run.restart();
            assert_eq!(run.finish(&mut RoundRobin), Ending::Finished);
            run.log().clone()
        };
        let log = once();
        assert!(log == once(), "the second run differs");
        log
    }

    #[test]
    fn a_timer_waits_where_it_was_made() {
        let log = log_of(Run::new(Config::default(), |world| {
            world.spawn("main", 0, |w| async move {
                let ring = |w: Model| async move { w.print("ring", 0).await };
                let timer = Timer::new(&w, "timer", 0, Duration::from_millis(1), ring);
                timer.start(&w).await.unwrap();
                timer.join(&w).await.unwrap();
            });
        }));
        let wait = log.events.iter().find(|event| event.act == Act::WaitTimeout).unwrap();
        assert_eq!(log.names.place(wait.place).unwrap().file(), file!());
    }

    #[test]
    fn a_timer_goes_off_in_either_world() {
        fn program(world: &Either<Model, Recorded>) {
            world.spawn("main", 0, |w| async move {
                let ring = |w: Either<_, _>| async move { w.print("ring", 0).await };
                let timer = Timer::new(&w, "timer", 0, Duration::from_millis(1), ring);
                timer.start(&w).await.unwrap();
                w.check(timer.is_alive(&w).await || timer.join(&w).await.is_ok(), "it was started");
                w.check(timer.join_timeout(&w, Duration::MAX).await == Ok(true), "it is through");
                w.check(!timer.is_alive(&w).await, "it is through");
            });
        }
        let setup = |world: &Model| program(&Either::First(world.clone()));
        log_of(Run::new(Config::default(), setup));
        let setup = |world: &Recorded| program(&Either::Second(world.clone()));
        let run = real::Run::start(Threads, real::Config::default(), setup);
        assert_eq!(run.join(), Ending::Finished);
    }
}
