//! The life of an actor as somebody else sees it: started, joined, asked for.
//!
//! As Python's `threading.Thread`: made first and started later, once; anybody may wait for its end,
//! as often as they like, but nobody for their own.

mod timer;

pub use timer::Timer;

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::sync::awaited::until;
use crate::world::{
    Act, ActorId, Boxed, Note, ObjectKind, Operation, Ordering, Place, Role, Word, World,
};

/// An actor that can be started, and joined by others.
///
/// | the word | meaning |
/// | --- | --- |
/// | 0 | new: nobody started it |
/// | 2 | started |
/// | 4 | finished |
/// | 6 + 2 · actor | alive: it runs, as this actor |
/// | + 1 | somebody waits for its end |
///
/// ```
/// use engine::{World, model, thread::{JoinError, Thread}};
///
/// let mut run = model::Run::new(model::Config::default(), |world| {
///     world.spawn("main", 0, |w| async move {
///         let thread = Thread::new(&w, "worker", 0, |w: model::Model, _| async move {
///             w.print("working", 0).await;
///         });
///         assert_eq!(thread.join(&w).await, Err(JoinError::NotStarted));
///         thread.start(&w).await.unwrap();
///         thread.join(&w).await.unwrap();
///         assert!(!thread.is_alive(&w).await);
///         assert!(thread.start(&w).await.is_err(), "a thread lives once");
///     });
/// });
/// assert_eq!(run.finish(&mut model::RoundRobin), model::Ending::Finished);
/// ```
pub struct Thread<W: World>(Arc<Life<W>>);

struct Life<W: World> {
    word: W::Word,
    id: W::Object,
    name: &'static str,
    idx: u16,
    role: Role,
    /// Gone once it was started.
    body: Mutex<Option<Body<W>>>,
}

/// In boxes, so that the life around it is compiled once for all threads.
type Body<W> = Box<dyn FnOnce(W, Thread<W>) -> Boxed<'static> + Send>;

const NEW: u32 = 0;
const STARTED: u32 = 2;
const FINISHED: u32 = 4;
const ALIVE: u32 = 6;
const AWAITED: u32 = 1;

/// The word of a thread that lives as `actor`.
fn alive(actor: ActorId) -> u32 {
    ALIVE + 2 * u32::from(actor.0)
}

/// A thread can be started only once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlreadyStarted;

/// Why nobody can wait for this thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinError {
    /// It was never started.
    NotStarted,
    /// It is the caller, who would wait for ever.
    Oneself,
}

impl fmt::Display for AlreadyStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a thread can be started only once")
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted => write!(f, "a thread cannot be joined before it is started"),
            Self::Oneself => write!(f, "a thread cannot join itself"),
        }
    }
}

impl std::error::Error for AlreadyStarted {}
impl std::error::Error for JoinError {}

impl<W: World> Clone for Thread<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: World> Thread<W> {
    /// A thread that will do `body` once it is started. `body` is handed the world as the new actor
    /// sees it, and the thread itself.
    pub fn new<F, Fut>(world: &W, name: &'static str, idx: u16, body: F) -> Self
    where
        F: FnOnce(W, Self) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        let body = Box::new(|w, me| Box::pin(body(w, me)) as Boxed<'static>);
        Self::with_role(world, Role::Regular, name, idx, body)
    }

    /// A thread that does not keep the run from ending.
    pub fn daemon<F, Fut>(world: &W, name: &'static str, idx: u16, body: F) -> Self
    where
        F: FnOnce(W, Self) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        let body = Box::new(|w, me| Box::pin(body(w, me)) as Boxed<'static>);
        Self::with_role(world, Role::Daemon, name, idx, body)
    }

    fn with_role(world: &W, role: Role, name: &'static str, idx: u16, body: Body<W>) -> Self {
        let id = world.register(ObjectKind::Thread, name, idx);
        let (word, body) = (world.word(id, NEW), Mutex::new(Some(body)));
        Self(Arc::new(Life { word, id, name, idx, role, body }))
    }

    /// Lets an actor live the thread's life.
    fn bring_up(self, w: &W, body: Body<W>) {
        let Life { name, idx, role, .. } = *self.0;
        w.spawn_as(role, name, idx, move |w| async move {
            self.begin(&w).await;
            let life = Alive { thread: &self, w: &w };
            body(w.clone(), self.clone()).await;
            life.end().await;
        });
    }

    /// What it is called: a name, and an index among those of that name.
    pub fn name(&self) -> (&'static str, u16) {
        (self.0.name, self.0.idx)
    }

    /// Whether the run ends without waiting for it.
    pub fn is_daemon(&self) -> bool {
        self.0.role == Role::Daemon
    }

    /// Brings it to life.
    ///
    /// # Errors
    /// [`AlreadyStarted`] the second time.
    #[track_caller]
    pub fn start<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<(), AlreadyStarted>> + 'a {
        w.operation(self.operation(Act::Start, Location::caller()), async move {
            let order = Ordering::SeqCst;
            let Life { word, body, .. } = &*self.0;
            word.compare_exchange(w, NEW, STARTED, order, order)
                .await
                .map_err(|_| AlreadyStarted)?;
            // Whoever changed the word is alone here; a poisoned lock holds what it held.
            let body = body.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
            if let Some(body) = body {
                self.clone().bring_up(w, body);
            }
            Ok(())
        })
    }

    /// Waits until it is through.
    ///
    /// # Errors
    /// [`JoinError`] when that can never be waited for.
    #[track_caller]
    pub fn join<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<(), JoinError>> + 'a {
        let operation = self.operation(Act::Join, Location::caller());
        w.operation(operation, async move { self.finished(w, None).await.map(|_| ()) })
    }

    /// Whether it is through; does not wait for it.
    ///
    /// # Errors
    /// [`JoinError`] when that can never be waited for.
    #[track_caller]
    pub fn try_join<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<bool, JoinError>> + 'a {
        w.operation(self.operation(Act::Ask, Location::caller()), async move {
            self.is_through(w, self.0.word.load(w, Ordering::SeqCst).await)
        })
    }

    /// Waits until it is through, for at most `timeout` of the world's time. Gives whether it is.
    ///
    /// # Errors
    /// [`JoinError`] when that can never be waited for.
    #[track_caller]
    pub fn join_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Result<bool, JoinError>> + 'a {
        let place = Location::caller();
        w.operation(self.operation(Act::JoinTimeout, place), async move {
            self.finished(w, w.deadline(timeout)).await
        })
    }

    /// Whether it was started and is not through, as of a moment ago.
    #[track_caller]
    pub fn is_alive<'a>(&'a self, w: &'a W) -> impl Future<Output = bool> + 'a {
        w.operation(self.operation(Act::Ask, Location::caller()), async move {
            let seen = self.0.word.load(w, Ordering::SeqCst).await;
            ![NEW, FINISHED].contains(&(seen & !AWAITED))
        })
    }

    fn operation(&self, act: Act, place: Place) -> Operation<'_, W> {
        Operation { act, object: self.0.id, ready_when: None, deadline: None, place }
    }

    #[track_caller]
    fn begin<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        w.operation(self.operation(Act::Begin, Location::caller()), async move {
            w.note(self.0.id, Note::Got);
            // Added, so that who waits already is not forgotten.
            self.0.word.fetch_add(w, alive(w.me()) - STARTED, Ordering::SeqCst).await;
        })
    }

    async fn finish(&self, w: &W) {
        w.note(self.0.id, Note::GaveBack);
        if self.0.word.swap(w, FINISHED, Ordering::SeqCst).await & AWAITED != 0 {
            self.0.word.wake(w, u32::MAX).await;
        }
    }

    /// Whether a thread with this word is through.
    fn is_through(&self, w: &W, seen: u32) -> Result<bool, JoinError> {
        match seen & !AWAITED {
            FINISHED => Ok(true),
            NEW => Err(JoinError::NotStarted),
            own if own == alive(w.me()) => Err(JoinError::Oneself),
            _ => Ok(false),
        }
    }

    async fn finished(&self, w: &W, deadline: Option<Duration>) -> Result<bool, JoinError> {
        if self.is_through(w, self.0.word.load(w, Ordering::SeqCst).await)? {
            return Ok(true);
        }
        // It sleeps at once: a thread takes longer to start than one may look, and whoever looks holds it up.
        let is_over = |seen| seen & !AWAITED == FINISHED;
        Ok(until(w, &self.0.word, AWAITED, 0, deadline, is_over).await.is_ok())
    }
}

/// A thread is alive as long as this is. When it is merely dropped, because the body panicked, the
/// thread is through all the same.
struct Alive<'a, W: World> {
    thread: &'a Thread<W>,
    w: &'a W,
}

impl<'a, W: World> Alive<'a, W> {
    #[track_caller]
    fn end(self) -> impl Future<Output = ()> + 'a {
        let (thread, w) = (self.thread, self.w);
        w.operation(thread.operation(Act::End, Location::caller()), async move {
            std::mem::forget(self);
            thread.finish(w).await;
        })
    }
}

impl<W: World> Drop for Alive<'_, W> {
    fn drop(&mut self) {
        self.w.at_once(self.thread.finish(self.w));
    }
}
