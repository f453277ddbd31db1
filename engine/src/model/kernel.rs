//! The kernel of the model: words, actors, wait sets and the virtual clock.
//!
//! It knows no policy and polls no future; it keeps the books that both need.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::ready::Ready;
use crate::log::{Event, EventKind, Holdings, Label, Log};
use crate::world::{Act, ActorId, Failure, Note, ObjectId, ObjectKind, Place, Role, Waited};

/// What a single turn of an actor is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Grain {
    /// A whole operation (acquire, release …), unless it blocks in the middle.
    #[default]
    Operations,
    /// One access to one word: a look inside the lock.
    Words,
}

/// How a model runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// What a single turn is.
    pub grain: Grain,
    /// Where the actors' random sequences begin.
    pub seed: u64,
    /// After how many turns the run ends with [`crate::log::Ending::TurnLimit`].
    pub max_turns: u64,
    /// Whether the log is written; a run that is only counted is faster without.
    pub record: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { grain: Grain::Operations, seed: 0, max_turns: 1_000_000, record: true }
    }
}

pub(super) type Body = Pin<Box<dyn Future<Output = ()>>>;

/// The test that an operation's word must pass before the operation can go ahead.
#[derive(Clone, Copy)]
pub(super) struct Guard {
    pub word: usize,
    pub test: fn(u32, u32) -> bool,
    pub arg: u32,
}

#[derive(Clone, Copy)]
enum Status {
    /// It can take a turn.
    Ready,
    /// It can take a turn when its guard's test passes, and comes and goes with it.
    Guarded(Guard),
    /// It is in the wait set of a word.
    Waiting(usize),
    /// It sleeps.
    Sleeping,
    Finished,
}

struct Actor {
    role: Role,
    status: Status,
    deadline_ns: Option<u64>,
    timed_out: bool,
    rng: fastrand::Rng,
}

struct WordState {
    value: u32,
    object: ObjectId,
    /// Who waits on the word or is guarded by it, in the order in which they came.
    watchers: Vec<ActorId>,
}

#[derive(Default)]
pub(super) struct State {
    config: Config,
    words: Vec<WordState>,
    actors: Vec<Actor>,
    pub ready: Ready,
    /// How many regular actors are not through.
    pub n_live: usize,
    clock_ns: u64,
    /// How many operations enclose what the current actor does.
    pub depth: u32,
    /// Whether what is polled must run to its end without a turn in between.
    pub at_once: bool,
    /// Whether the run is being taken down: nothing that still happens counts.
    pub dead: bool,
    pub failure: Option<(ActorId, Failure)>,
    pub holdings: Holdings,
    n_objects: u16,
    pub log: Log,
}

#[derive(Default)]
pub(super) struct Kernel {
    pub state: RefCell<State>,
    /// Actors that were spawned and are not yet taken over by the run.
    pub spawned: RefCell<Vec<(ActorId, Body)>>,
}

impl State {
    /// Begins anew and keeps the memory.
    pub fn reset(&mut self, config: Config) {
        self.config = config;
        self.words.clear();
        self.actors.clear();
        self.ready.clear();
        self.n_live = 0;
        self.clock_ns = 0;
        self.depth = 0;
        self.at_once = false;
        self.dead = false;
        self.failure = None;
        self.holdings.clear();
        self.n_objects = 0;
        self.log = Log::default();
    }

    pub fn now(&self) -> Duration {
        Duration::from_nanos(self.clock_ns)
    }

    pub fn random(&mut self, actor: ActorId, bound: u32) -> u32 {
        let actor = self.actors.get_mut(actor.idx());
        actor.map_or(0, |actor| actor.rng.u32(..bound.max(1)))
    }

    /// Whether an access of a word or a guarded operation is a turn of its own here.
    pub fn is_turn(&self) -> bool {
        !self.at_once && (self.config.grain == Grain::Words || self.depth == 0)
    }

    pub fn grain(&self) -> Grain {
        self.config.grain
    }

    // --- names and notes ---------------------------------------------------------------------

    pub fn register(&mut self, kind: ObjectKind, label: Label) -> ObjectId {
        let id = ObjectId(self.n_objects);
        // Those beyond the last number share it: they have no name in the log.
        self.n_objects = self.n_objects.saturating_add(1);
        if self.config.record {
            self.log.names.objects.push((kind, label));
        }
        id
    }

    pub fn add_word(&mut self, object: ObjectId, value: u32) -> usize {
        self.words.push(WordState { value, object, watchers: Vec::new() });
        self.words.len() - 1
    }

    /// The id of the next actor, or `None` when there are as many as there may be.
    pub fn add_actor(&mut self, role: Role, label: Label) -> Option<ActorId> {
        if self.actors.len() == ActorId::MAX_ACTORS {
            return None;
        }
        let id = ActorId(self.actors.len() as u16);
        let rng = id.rng(self.config.seed);
        let status = Status::Ready;
        self.actors.push(Actor { role, status, deadline_ns: None, timed_out: false, rng });
        self.ready.insert(id);
        self.n_live += usize::from(role == Role::Regular);
        if self.config.record {
            self.log.names.actors.push(label);
            self.log.events.push(Event::of_spawn(self.clock_ns, id, role));
        }
        Some(id)
    }

    pub fn finish_actor(&mut self, actor: ActorId) {
        let book = &mut self.actors[actor.idx()];
        book.status = Status::Finished;
        self.n_live -= usize::from(book.role == Role::Regular);
        self.ready.remove(actor);
        self.emit(actor, EventKind::Finished, ObjectId::NONE);
    }

    pub fn note(&mut self, actor: ActorId, object: ObjectId, note: Note) {
        if self.dead {
            return;
        }
        match note {
            Note::Got => self.holdings.got(object, actor),
            Note::GaveBack | Note::UsedUp => {
                self.holdings.gave_back(object, actor);
            }
            _ => {}
        }
        if self.config.record {
            self.log.events.push(Event::of_note(self.clock_ns, actor, object, note));
        }
    }

    pub fn print(&mut self, actor: ActorId, text: &'static str, value: u32) {
        if self.config.record {
            let text = self.log.names.intern_text(text);
            self.log.events.push(Event::of_print(self.clock_ns, actor, text, value));
        }
    }

    pub fn fail(&mut self, actor: ActorId, failure: Failure) {
        if self.dead || self.failure.is_some() {
            return;
        }
        self.failure = Some((actor, failure));
        if self.config.record {
            self.log.events.push(Event::of_failure(self.clock_ns, actor, failure));
        }
    }

    fn emit(&mut self, actor: ActorId, kind: EventKind, object: ObjectId) {
        if self.config.record {
            self.log.events.push(Event { object, ..Event::new(self.clock_ns, actor, kind) });
        }
    }

    // --- turns -------------------------------------------------------------------------------

    /// The actor says what it will do with its next turn.
    pub fn declare(
        &mut self,
        actor: ActorId,
        act: Act,
        object: ObjectId,
        place: Place,
        value: u32,
    ) {
        if self.config.record {
            let place = self.log.names.intern(place);
            let event = Event::new(self.clock_ns, actor, EventKind::Declared);
            self.log.events.push(Event { act, object, place, value, ..event });
        }
    }

    /// The actor's next turn has to wait until the guard's test passes or the deadline is over.
    pub fn guard(&mut self, actor: ActorId, guard: Guard, deadline: Option<Duration>) {
        self.words[guard.word].watchers.push(actor);
        let book = &mut self.actors[actor.idx()];
        book.status = Status::Guarded(guard);
        book.deadline_ns = deadline.map(nanos);
        if !self.passes(guard) {
            self.block(actor, guard.word);
        }
    }

    pub fn passes(&self, guard: Guard) -> bool {
        (guard.test)(self.words[guard.word].value, guard.arg)
    }

    /// The turn goes to `actor`, or to the clock.
    pub fn begin_turn(&mut self, actor: ActorId) {
        self.emit(actor, EventKind::Turn, ObjectId::NONE);
        if actor == ActorId::CLOCK {
            return;
        }
        let book = &mut self.actors[actor.idx()];
        if let Status::Guarded(guard) = book.status {
            book.status = Status::Ready;
            book.deadline_ns = None;
            self.forget_watcher(guard.word, actor);
        }
    }

    fn block(&mut self, actor: ActorId, word: usize) {
        self.ready.remove(actor);
        self.emit(actor, EventKind::Blocked, self.words[word].object);
    }

    fn unblock(&mut self, actor: ActorId, word: usize) {
        self.ready.insert(actor);
        self.emit(actor, EventKind::Woken, self.words[word].object);
    }

    fn forget_watcher(&mut self, word: usize, actor: ActorId) {
        self.words[word].watchers.retain(|watcher| *watcher != actor);
    }

    // --- words -------------------------------------------------------------------------------

    /// Performs an access: gives what was in the word and writes what `change` makes of it.
    pub fn access(
        &mut self,
        actor: ActorId,
        act: Act,
        word: usize,
        change: impl FnOnce(u32) -> Option<u32>,
    ) -> u32 {
        let seen = self.words[word].value;
        self.log_access(actor, act, word, seen);
        if let Some(new) = change(seen) {
            self.words[word].value = new;
            if !self.words[word].watchers.is_empty() && new != seen {
                self.test_guards(word);
            }
        }
        seen
    }

    fn log_access(&mut self, actor: ActorId, act: Act, word: usize, value: u32) {
        if self.config.record && self.config.grain == Grain::Words {
            let event = Event::new(self.clock_ns, actor, EventKind::Accessed);
            let object = self.words[word].object;
            self.log.events.push(Event { act, value, object, ..event });
        }
    }

    /// After a change: some who were guarded by the word can go on now, and some no longer can.
    fn test_guards(&mut self, word: usize) {
        for at in 0..self.words[word].watchers.len() {
            let actor = self.words[word].watchers[at];
            if let Status::Guarded(guard) = self.actors[actor.idx()].status {
                match (self.passes(guard), self.ready.contains(actor)) {
                    (true, false) => self.unblock(actor, word),
                    (false, true) => self.block(actor, word),
                    _ => {}
                }
            }
        }
    }

    /// The first half of a wait: `None` when the actor is now in the wait set.
    pub fn begin_wait(
        &mut self,
        actor: ActorId,
        word: usize,
        expected: u32,
        deadline: Option<Duration>,
    ) -> Option<Waited> {
        let seen = self.words[word].value;
        self.log_access(actor, Act::Wait, word, seen);
        if seen != expected {
            return Some(Waited::Changed);
        }
        let deadline_ns = deadline.map(nanos);
        if deadline_ns.is_some_and(|deadline| deadline <= self.clock_ns) {
            return Some(Waited::TimedOut);
        }
        let book = &mut self.actors[actor.idx()];
        book.status = Status::Waiting(word);
        book.deadline_ns = deadline_ns;
        book.timed_out = false;
        self.words[word].watchers.push(actor);
        self.block(actor, word);
        None
    }

    /// The second half of a wait, at the turn after the wakeup.
    pub fn end_wait(&self, actor: ActorId) -> Waited {
        if self.actors[actor.idx()].timed_out { Waited::TimedOut } else { Waited::Woken }
    }

    /// Wakes up to `n` of those in the wait set, first come, first woken.
    pub fn wake(&mut self, actor: ActorId, word: usize, n: u32) -> u32 {
        let mut n_woken = 0;
        let mut at = 0;
        while n_woken < n && at < self.words[word].watchers.len() {
            let sleeper = self.words[word].watchers[at];
            if matches!(self.actors[sleeper.idx()].status, Status::Waiting(_)) {
                self.release_waiter(sleeper, word, false);
                n_woken += 1;
            } else {
                at += 1;
            }
        }
        self.log_access(actor, Act::Wake, word, n_woken);
        n_woken
    }

    fn release_waiter(&mut self, actor: ActorId, word: usize, timed_out: bool) {
        self.forget_watcher(word, actor);
        let book = &mut self.actors[actor.idx()];
        book.status = Status::Ready;
        book.deadline_ns = None;
        book.timed_out = timed_out;
        self.unblock(actor, word);
    }

    // --- time --------------------------------------------------------------------------------

    pub fn begin_sleep(&mut self, actor: ActorId, duration: Duration, place: Place) {
        self.declare(actor, Act::Sleep, ObjectId::NONE, place, Event::sleep_micros(duration));
        if duration.is_zero() {
            return;
        }
        let book = &mut self.actors[actor.idx()];
        book.status = Status::Sleeping;
        book.deadline_ns = Some(self.clock_ns.saturating_add(nanos(duration)));
        self.ready.remove(actor);
    }

    /// When the next sleeper or waiter with a deadline is due.
    pub fn next_deadline_ns(&self) -> Option<u64> {
        let asleep = self.actors.iter().enumerate().filter(|(idx, actor)| {
            actor.deadline_ns.is_some() && !self.ready.contains(ActorId(*idx as u16))
        });
        asleep.filter_map(|(_, actor)| actor.deadline_ns).min()
    }

    /// Moves the clock to the next deadline; `false` when there is none.
    pub fn pass_time(&mut self) -> bool {
        let Some(deadline_ns) = self.next_deadline_ns() else { return false };
        self.clock_ns = self.clock_ns.max(deadline_ns);
        for idx in 0..self.actors.len() {
            let actor = ActorId(idx as u16);
            let is_due = self.actors[idx].deadline_ns.is_some_and(|at| at <= self.clock_ns);
            if !is_due || self.ready.contains(actor) {
                continue;
            }
            match self.actors[idx].status {
                Status::Waiting(word) => self.release_waiter(actor, word, true),
                // Its operation begins, finds the word as it is, and gives up.
                Status::Guarded(guard) => self.release_waiter(actor, guard.word, true),
                Status::Sleeping => {
                    self.actors[idx].status = Status::Ready;
                    self.actors[idx].deadline_ns = None;
                    self.ready.insert(actor);
                    self.emit(actor, EventKind::Woken, ObjectId::NONE);
                }
                Status::Ready | Status::Finished => {}
            }
        }
        true
    }

    /// Who waits for which object.
    pub fn waits(&self) -> impl Iterator<Item = (ActorId, ObjectId)> + '_ {
        self.actors.iter().enumerate().filter_map(|(idx, actor)| {
            let word = match actor.status {
                Status::Waiting(word) => word,
                Status::Guarded(guard) => guard.word,
                _ => return None,
            };
            Some((ActorId(idx as u16), self.words[word].object))
        })
    }

    pub fn max_turns(&self) -> u64 {
        self.config.max_turns
    }
}

fn nanos(duration: Duration) -> u64 {
    duration.as_nanos().try_into().unwrap_or(u64::MAX)
}
