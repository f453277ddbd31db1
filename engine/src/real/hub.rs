//! What the actors of one real run share, besides their own words.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::config::Config;
use super::park::{self, Parked};
use super::record::Record;
use crate::log::{Event, EventKind, Label, Names};
use crate::world::{ActorId, Failure, ObjectId, ObjectKind, Place, Role, Waited};

/// What a thread is given to do.
pub type Job = Box<dyn FnOnce() + Send>;

/// Where threads come from.
pub trait Spawner: Send + Sync + 'static {
    /// Runs `job` on a thread of its own: it may block for as long as it likes.
    fn spawn(&self, label: Label, job: Job);
}

/// A new OS thread for each actor.
#[cfg(not(target_family = "wasm"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads;

#[cfg(not(target_family = "wasm"))]
impl Spawner for Threads {
    fn spawn(&self, label: Label, job: Job) {
        let builder = std::thread::Builder::new().name(label.to_string());
        builder.spawn(job).expect("the system has no thread left");
    }
}

/// How long a wait lasts before the actor looks around: whether the run was stopped (a stop wakes
/// everyone at once; this only catches whoever was just on the way to sleep), and to confirm that it
/// still has to wait, which is how a deadlock is known.
const SLICE: Duration = Duration::from_millis(50);

/// What the actors share.
pub struct Hub<R> {
    pub config: Config,
    pub recorder: R,
    start_ns: u64,
    spawner: Box<dyn Spawner>,
    names: Mutex<Names>,
    /// Actors spawned by the set-up wait here until it is done.
    held_back: Mutex<Option<Vec<(Label, Job)>>>,
    failure: Mutex<Option<(ActorId, Failure)>>,
    stop: AtomicBool,
    n_live: AtomicU32,
    /// How many of them are no daemons.
    n_regular: AtomicU32,
    /// How many actors wait without a deadline.
    n_parked: AtomicU32,
    /// How often an actor began or ended such a wait or came to its end, wrapping around.
    n_moves: AtomicU32,
    waits: Vec<Wait>,
}

/// What an actor says of its wait.
#[derive(Default)]
struct Wait {
    /// The address of the word it waits on, or 0.
    address: AtomicUsize,
    /// The `n_moves` at which it last confirmed that the word still holds what it waits on.
    confirmed: AtomicU32,
}

/// Nothing can panic while it holds one of these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<R: Record> Hub<R> {
    pub fn new(spawner: impl Spawner, config: Config) -> Self {
        Self {
            recorder: R::new(&config),
            start_ns: (config.clock)(),
            spawner: Box::new(spawner),
            names: Mutex::default(),
            held_back: Mutex::new(Some(Vec::new())),
            failure: Mutex::default(),
            stop: AtomicBool::new(false),
            n_live: AtomicU32::new(0),
            n_regular: AtomicU32::new(0),
            n_parked: AtomicU32::new(0),
            n_moves: AtomicU32::new(0),
            waits: (0..config.max_actors).map(|_| Wait::default()).collect(),
            config,
        }
    }

    pub fn now_ns(&self) -> u64 {
        (self.config.clock)().saturating_sub(self.start_ns)
    }

    // --- names -------------------------------------------------------------------------------

    pub fn register(&self, kind: ObjectKind, label: Label) -> ObjectId {
        let mut names = lock(&self.names);
        names.objects.push((kind, label));
        // Those beyond the last number share it: they have no name in the log.
        ObjectId(u16::try_from(names.objects.len() - 1).unwrap_or(u16::MAX))
    }

    /// The names, unless an actor is just registering one: this never waits.
    pub fn try_names(&self) -> Option<Names> {
        self.names.try_lock().ok().map(|names| names.clone())
    }

    /// The number of a place in the source text, which events carry.
    pub fn intern(&self, place: Place) -> u16 {
        lock(&self.names).intern(place)
    }

    /// The number of a text that is printed, which events carry.
    pub fn intern_text(&self, text: &'static str) -> u16 {
        lock(&self.names).intern_text(text)
    }

    // --- actors ------------------------------------------------------------------------------

    /// The id of the next actor, or `None` when there are as many as there may be.
    pub fn add_actor(&self, role: Role, label: Label) -> Option<ActorId> {
        let mut names = lock(&self.names);
        if names.actors.len() >= self.config.max_actors.min(ActorId::MAX_ACTORS) {
            return None;
        }
        let id = ActorId(names.actors.len() as u16);
        names.actors.push(label);
        drop(names);
        self.n_live.fetch_add(1, Ordering::SeqCst);
        self.n_regular.fetch_add(u32::from(role == Role::Regular), Ordering::SeqCst);
        if R::ON {
            self.recorder.push(Event::of_spawn(self.now_ns(), id, role));
        }
        Some(id)
    }

    pub fn start(&self, label: Label, job: Job) {
        if let Some(held_back) = lock(&self.held_back).as_mut() {
            held_back.push((label, job));
            return;
        }
        self.spawner.spawn(label, job);
    }

    /// The set-up is done: the actors may begin.
    pub fn open(&self) {
        let held_back = lock(&self.held_back).take();
        for (label, job) in held_back.into_iter().flatten() {
            self.spawner.spawn(label, job);
        }
    }

    pub fn finish_actor(&self, role: Role, actor: ActorId) {
        if R::ON && !self.is_stopped() {
            self.recorder.push(Event::new(self.now_ns(), actor, EventKind::Finished));
        }
        self.n_moves.fetch_add(1, Ordering::SeqCst);
        self.n_regular.fetch_sub(u32::from(role == Role::Regular), Ordering::SeqCst);
        self.n_live.fetch_sub(1, Ordering::SeqCst);
        park::wake(self.n_live.as_ptr().expose_provenance(), u32::MAX);
    }

    pub fn n_live(&self) -> u32 {
        self.n_live.load(Ordering::SeqCst)
    }

    /// How many of the live actors are no daemons.
    pub fn n_regular(&self) -> u32 {
        self.n_regular.load(Ordering::SeqCst)
    }

    /// Blocks until the number of live actors changes from `n_live`, or `timeout` is over.
    pub fn wait_for_change(&self, n_live: u32, timeout: Duration) {
        park::wait(&self.n_live, n_live, timeout);
    }

    /// Whether nobody can ever go on. That is certain when every live actor waits without a deadline
    /// and, since the last move of anybody, each has confirmed that its word still holds what it
    /// waits on: there is nobody left to change a word, and whoever was woken before would come back
    /// instead of confirming. It shows within two slices.
    pub fn is_stuck(&self) -> bool {
        let n_moves = self.n_moves.load(Ordering::SeqCst);
        let n_live = self.n_live();
        let has_confirmed = |wait: &&Wait| wait.confirmed.load(Ordering::SeqCst) == n_moves;
        n_live > 0
            && self.n_parked.load(Ordering::SeqCst) == n_live
            && self.waits.iter().filter(has_confirmed).count() == n_live as usize
            && self.n_moves.load(Ordering::SeqCst) == n_moves
    }

    // --- ends --------------------------------------------------------------------------------

    pub fn fail(&self, actor: ActorId, failure: Failure) {
        {
            let mut first = lock(&self.failure);
            if first.is_some() || self.is_stopped() {
                return;
            }
            *first = Some((actor, failure));
        }
        if R::ON {
            self.recorder.push(Event::of_failure(self.now_ns(), actor, failure));
        }
        self.stop();
    }

    pub fn failure(&self) -> Option<(ActorId, Failure)> {
        self.failure.try_lock().ok().and_then(|failure| *failure)
    }

    /// Makes every actor give up at its next wait, and wakes those who wait.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        for wait in &self.waits {
            match wait.address.load(Ordering::SeqCst) {
                0 => {}
                address => {
                    park::wake(address, u32::MAX);
                }
            }
        }
    }

    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    // --- words -------------------------------------------------------------------------------

    /// Waits on a word; `None` when the run was stopped.
    pub fn wait(
        &self,
        actor: ActorId,
        word: &AtomicU32,
        expected: u32,
        deadline: Option<Duration>,
    ) -> Option<Waited> {
        let wait = self.waits.get(actor.idx());
        if let Some(wait) = wait {
            wait.address.store(word.as_ptr().expose_provenance(), Ordering::SeqCst);
        }
        let is_parked = u32::from(deadline.is_none());
        self.n_parked.fetch_add(is_parked, Ordering::SeqCst);
        self.n_moves.fetch_add(is_parked, Ordering::SeqCst);
        let waited = loop {
            if self.is_stopped() {
                break None;
            }
            let left = deadline.map(|at| at.saturating_sub(Duration::from_nanos(self.now_ns())));
            if left.is_some_and(|left| left.is_zero()) {
                break Some(Waited::TimedOut);
            }
            let slice = left.map_or(SLICE, |left| left.min(SLICE));
            match park::wait(word, expected, slice) {
                Parked::Woken => break Some(Waited::Woken),
                Parked::Changed => break Some(Waited::Changed),
                Parked::TimedOut => {
                    let n_moves = self.n_moves.load(Ordering::SeqCst);
                    if let Some(wait) = wait
                        && deadline.is_none()
                        && word.load(Ordering::SeqCst) == expected
                    {
                        wait.confirmed.store(n_moves, Ordering::SeqCst);
                    }
                }
            }
        };
        self.n_moves.fetch_add(is_parked, Ordering::SeqCst);
        self.n_parked.fetch_sub(is_parked, Ordering::SeqCst);
        if let Some(wait) = wait {
            wait.address.store(0, Ordering::SeqCst);
        }
        waited.filter(|_| !self.is_stopped())
    }

    pub fn wake(&self, word: &AtomicU32, n: u32) -> u32 {
        park::wake(word.as_ptr().expose_provenance(), n)
    }
}
