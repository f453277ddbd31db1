//! What the actors of one real run share, besides their own words.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::config::Config;
use super::fence;
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

/// What an actor adds to `parks` when it begins to wait without a deadline.
const PARKED: u64 = (1 << 32) + 1;

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
    /// How many actors wait without a deadline, in the lower half; in the upper half how often one
    /// began to, wrapping around. It grows by [`PARKED`] and shrinks by 1.
    parks: AtomicU64,
    /// What `parks` was when somebody last asked whether the run is stuck.
    parks_before: AtomicU64,
    /// Whether somebody is just finding out if all are asleep. Nobody leaves a wait meanwhile.
    is_probing: AtomicBool,
    /// The address of the word on which each actor waits, or 0.
    addresses: Vec<AtomicUsize>,
}

/// Nothing can panic while it holds one of these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<R: Record> Hub<R> {
    pub fn new(spawner: impl Spawner, config: Config) -> Self {
        fence::prepare();
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
            parks: AtomicU64::new(0),
            parks_before: AtomicU64::new(0),
            is_probing: AtomicBool::new(false),
            addresses: (0..config.max_actors).map(|_| AtomicUsize::new(0)).collect(),
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
        park::wait(&self.n_live, n_live, Some(timeout));
    }

    /// Stops the run if nobody can ever go on, and says whether that is so. It shows when all have
    /// waited since the last call.
    ///
    /// Who looks parked may have been woken already and be about to come back, so everybody is woken
    /// once more: a wakeup counts only those who were still asleep. That makes it certain. From the
    /// second look at `parks` on, none of the parked leaves its wait; when there are as many live
    /// actors, there is nobody else; and when as many were asleep, nobody was left to wake them.
    /// Otherwise those who were woken in vain look at their words and wait again.
    pub fn stop_if_stuck(&self) -> bool {
        let parks = self.parks.load(Ordering::SeqCst);
        let n_parked = parks as u32;
        // Relaxed: only whether it is worth the trouble.
        let is_quiet = self.parks_before.swap(parks, Ordering::Relaxed) == parks;
        if n_parked == 0 || !is_quiet || self.is_stopped() {
            return false;
        }
        self.is_probing.store(true, Ordering::SeqCst);
        let is_stuck = self.parks.load(Ordering::SeqCst) == parks
            && self.n_live() == n_parked
            // Daemons that nobody needs any more are not stuck.
            && self.n_regular() > 0
            && self.wake_all() == n_parked;
        if is_stuck {
            // Before anybody is let go, so that they all give up.
            self.stop.store(true, Ordering::SeqCst);
        }
        self.is_probing.store(false, Ordering::SeqCst);
        is_stuck
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
        self.rouse();
    }

    /// After a stop, sees to it that nobody sleeps on. An actor first gives its address and then looks
    /// whether the run was stopped, so whoever goes to sleep all the same is seen here; but no wakeup
    /// reaches it until it sleeps. So this goes on until somebody was woken, who then does the same
    /// on the way out, or nobody waits any more. It never waits for a sleeper or for a lock, only for
    /// actors between their last look and their sleep, or between their wakeup and their return.
    fn rouse(&self) {
        let is_waiting = |address: &AtomicUsize| address.load(Ordering::SeqCst) != 0;
        while self.wake_all() == 0 && self.addresses.iter().any(is_waiting) {
            std::thread::yield_now();
        }
    }

    /// Wakes all who wait, and says how many were asleep.
    fn wake_all(&self) -> u32 {
        let addresses = self.addresses.iter().map(|address| address.load(Ordering::SeqCst));
        addresses.filter(|address| *address != 0).map(|at| park::wake(at, u32::MAX)).sum()
    }

    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    // --- words -------------------------------------------------------------------------------

    /// Waits on a word; `None` when the run was stopped. It may come back as woken though nobody
    /// meant it.
    pub fn wait(
        &self,
        actor: ActorId,
        word: &AtomicU32,
        expected: u32,
        deadline: Option<Duration>,
    ) -> Option<Waited> {
        let address = self.addresses.get(actor.idx());
        if let Some(address) = address {
            address.store(word.as_ptr().expose_provenance(), Ordering::SeqCst);
        }
        let is_parked = u64::from(deadline.is_none());
        self.parks.fetch_add(is_parked * PARKED, Ordering::SeqCst);
        let waited = (!self.is_stopped()).then(|| self.sleep(word, expected, deadline));
        self.parks.fetch_sub(is_parked, Ordering::SeqCst);
        while self.is_probing.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        if let Some(address) = address {
            address.store(0, Ordering::SeqCst);
        }
        if self.is_stopped() {
            self.rouse();
            return None;
        }
        waited
    }

    fn sleep(&self, word: &AtomicU32, expected: u32, deadline: Option<Duration>) -> Waited {
        loop {
            let left = deadline.map(|at| at.saturating_sub(Duration::from_nanos(self.now_ns())));
            if left.is_some_and(|left| left.is_zero()) {
                return Waited::TimedOut;
            }
            match park::wait(word, expected, left) {
                Parked::Woken => return Waited::Woken,
                Parked::Changed => return Waited::Changed,
                // The run's clock may not be the system's: what is left is looked up again.
                Parked::TimedOut => {}
            }
        }
    }

    pub fn wake(&self, word: &AtomicU32, n: u32) -> u32 {
        park::wake(word.as_ptr().expose_provenance(), n)
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Off;
    use super::*;
    use std::thread;
    use std::time::Instant;

    const MOMENT: Duration = Duration::from_millis(20);

    fn hub_of(n_actors: u16) -> Hub<Off> {
        let hub = Hub::new(Threads, Config::default());
        for idx in 0..n_actors {
            hub.add_actor(Role::Regular, Label { name: "actor", idx });
        }
        hub
    }

    #[test]
    fn a_stop_reaches_who_is_about_to_sleep() {
        let (hub, word) = (hub_of(1), AtomicU32::new(0));
        // The actor gave its address, saw no stop, and is held up.
        hub.addresses[0].store(word.as_ptr().expose_provenance(), Ordering::SeqCst);
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(MOMENT);
                assert_eq!(park::wait(&word, 0, None), Parked::Woken);
                hub.addresses[0].store(0, Ordering::SeqCst);
            });
            hub.stop();
        });
        assert_eq!(
            hub.wait(ActorId(0), &word, 0, None),
            None,
            "and who comes later does not sleep"
        );
    }

    #[test]
    fn who_was_woken_and_is_not_back_yet_is_not_stuck() {
        let (hub, word) = (hub_of(2), AtomicU32::new(0));
        let sleep = |actor| while hub.wait(actor, &word, 0, None).is_some() {};
        thread::scope(|scope| {
            scope.spawn(|| sleep(ActorId(0)));
            // The other is awake, but still counted.
            hub.parks.fetch_add(PARKED, Ordering::SeqCst);
            let begin = Instant::now();
            while begin.elapsed() < MOMENT {
                assert!(!hub.stop_if_stuck());
                thread::yield_now();
            }
            hub.parks.fetch_sub(1, Ordering::SeqCst);
            // Now it does sleep.
            scope.spawn(|| sleep(ActorId(1)));
            while !hub.stop_if_stuck() {
                thread::yield_now();
            }
        });
        assert!(hub.is_stopped());
    }

    #[test]
    fn nobody_leaves_a_wait_while_the_sleepers_are_counted() {
        let (hub, word) = (hub_of(1), AtomicU32::new(0));
        hub.is_probing.store(true, Ordering::SeqCst);
        thread::scope(|scope| {
            let sleeper = scope.spawn(|| hub.wait(ActorId(0), &word, 0, None));
            while hub.wake(&word, 1) == 0 {
                thread::yield_now();
            }
            thread::sleep(MOMENT);
            assert!(!sleeper.is_finished());
            hub.is_probing.store(false, Ordering::SeqCst);
            assert_eq!(sleeper.join().unwrap(), Some(Waited::Woken));
        });
    }
}
