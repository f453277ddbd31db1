//! The kernel of the model: words, actors, wait sets and the virtual clock.
//!
//! It knows no policy and polls no future; it keeps the books that both need.

pub(super) mod fingerprint;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::time::Duration;

use super::order::{Effect, MemoryOrder};
use super::ready::Ready;
use super::watch::{Condition, Kind, Looked, Spot, Test, Touch, Watched};
use crate::log::{Event, EventKind, Holdings, Label, Log, Race};
use crate::world::{
    Act, ActorId, Failure, Note, ObjectId, ObjectKind, Ordering, Place, Role, Waited,
};
use fingerprint::{Alike, Fingerprint, Histories, is_only_words};

/// What a single turn of an actor is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Grain {
    /// A whole operation (acquire, release …), unless it blocks in the middle.
    #[default]
    Operations,
    /// One access to one word: a look inside the lock.
    Words,
}

/// How time passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Time {
    /// Only when nobody is ready, and then as far as somebody waits for: a longer sleep ends after a
    /// shorter one.
    #[default]
    Virtual,
    /// As if durations were nobody's business: a sleep ends and a timeout is over at any moment, so
    /// both are turns like all others. What holds now holds however slow a machine is.
    Free,
}

/// How a model runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// What a single turn is.
    pub grain: Grain,
    /// How time passes.
    pub time: Time,
    /// Where the actors' random sequences begin.
    pub seed: u64,
    /// After how many turns the run ends with [`crate::log::Ending::TurnLimit`].
    pub max_turns: u64,
    /// Whether the log is written; a run that is only counted is faster without.
    pub record: bool,
    /// Whether the run is one of many that are explored. Then it is known what each turn touches; who
    /// fails stops alone; nobody stops because the others are through; and who looks at the same
    /// words again and again ([`crate::World::relax`]) is not ready before one of them changes.
    pub explored: bool,
    /// Whether data races are looked for; see [`super::Run::races`].
    pub races: bool,
    /// Whether each actor that the set-up spawns may be woken once for no reason, as systems do, at the
    /// grain of words. Who does it is a daemon, so it is a turn like all others.
    pub spurious: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            grain: Grain::Operations,
            time: Time::Virtual,
            seed: 0,
            max_turns: 1_000_000,
            record: true,
            explored: false,
            races: true,
            spurious: false,
        }
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
    /// It can take a turn when one of the words that it has seen has changed.
    Spinning,
    /// It sleeps.
    Sleeping,
    Finished,
}

/// What an actor has seen since it last relaxed.
struct Seen {
    words: Vec<(usize, u32)>,
    /// Whether it changed something since, so that its next round may be another one.
    wrote: bool,
    /// Whether it has relaxed after a round of mere looking, and not taken a turn since.
    relaxed: bool,
}

impl Seen {
    fn change(&mut self) {
        self.wrote = true;
        self.words.clear();
    }
}

struct Actor {
    role: Role,
    status: Status,
    deadline_ns: Option<u64>,
    timed_out: bool,
    /// The word on which it waits for as long as it likes.
    waits_freely: Option<usize>,
    rng: fastrand::Rng,
    /// How many words it made.
    n_words: u32,
    /// Whether its next turn is owed to another's.
    takes_leave: bool,
    seen: Seen,
}

struct WordState {
    value: u32,
    initial: u32,
    spot: Spot,
    object: ObjectId,
    /// Whether what it holds says who owns the object.
    has_owner: bool,
    /// What has become of the object, where it is more than its words.
    past: Option<Fingerprint>,
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
    /// Whether the current actor failed and goes no further, in a run that is explored.
    pub stop_actor: bool,
    /// Whether it is noted what each turn touches.
    pub watches: bool,
    pub watched: Watched,
    /// Whether states are told from each other.
    pub remembers: bool,
    histories: Histories,
    alike: Alike,
    n_setup_words: u32,
    /// Lists of the last execution that can be used again.
    spare_watchers: Vec<Vec<ActorId>>,
    spare_seen: Vec<Vec<(usize, u32)>>,
    pub holdings: Holdings,
    /// By object.
    kinds: Vec<ObjectKind>,
    order: MemoryOrder,
    pub log: Log,
}

/// An access of a word, but for what it makes of it.
#[derive(Clone, Copy)]
pub(super) struct Access {
    pub act: Act,
    pub word: usize,
    pub place: Place,
    pub order: Ordering,
    /// For a compare-exchange: what it wants to find, and the order when it does not.
    pub wants: Option<(u32, Ordering)>,
}

#[derive(Default)]
pub(super) struct Kernel {
    pub state: RefCell<State>,
    /// Actors that were spawned and are not yet taken over by the run.
    pub spawned: RefCell<VecDeque<(ActorId, Body)>>,
}

impl State {
    /// Begins anew and keeps the memory.
    pub fn reset(&mut self, config: Config) {
        self.config = config;
        self.spare_watchers.extend(self.words.drain(..).map(|word| word.watchers));
        self.spare_seen.extend(self.actors.drain(..).map(|actor| actor.seen.words));
        self.ready.clear();
        self.n_live = 0;
        self.clock_ns = 0;
        self.depth = 0;
        self.at_once = false;
        self.dead = false;
        self.failure = None;
        self.stop_actor = false;
        self.watched.begin_turn();
        self.n_setup_words = 0;
        self.holdings.clear();
        self.kinds.clear();
        self.histories.clear();
        self.alike.clear();
        self.order.clear();
        self.log.clear();
    }

    pub fn now(&mut self, actor: ActorId) -> Duration {
        self.tell(actor, self.clock_ns);
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
        // Those beyond the last number share it: they have no name in the log.
        let id = ObjectId(self.kinds.len().try_into().unwrap_or(u16::MAX));
        self.kinds.push(kind);
        if self.config.record {
            self.log.names.objects.push((kind, label));
        }
        id
    }

    pub fn add_word(&mut self, maker: ActorId, object: ObjectId, value: u32) -> usize {
        let n_made = match self.actors.get_mut(maker.idx()) {
            Some(actor) => &mut actor.n_words,
            None => &mut self.n_setup_words,
        };
        let nth = std::mem::replace(n_made, *n_made + 1);
        let spot = Spot::word(maker, nth);
        let mut watchers = self.spare_watchers.pop().unwrap_or_default();
        watchers.clear();
        let kind = self.kinds.get(object.idx());
        let is_only_words = !self.remembers || kind.is_some_and(|kind| is_only_words(*kind));
        let past = (!is_only_words).then(Fingerprint::default);
        let (initial, has_owner) = (value, false);
        self.words.push(WordState { value, initial, spot, object, has_owner, past, watchers });
        if self.config.races {
            let is_data = kind.is_some_and(|kind| matches!(kind, ObjectKind::Cell { .. }));
            self.order.add_word(is_data.then_some(object));
        }
        if self.config.explored && nth == Spot::MAX_WORDS {
            self.fail(maker, Failure::Misuse("more words than can be explored"));
        }
        self.alike.knows(maker);
        self.words.len() - 1
    }

    /// What the word holds says who owns its object.
    pub fn add_owner_word(&mut self, word: usize) {
        self.words[word].has_owner = true;
    }

    /// The id of the next actor, or `None` when there are as many as there may be.
    pub fn add_actor(&mut self, by: ActorId, role: Role, label: Label) -> Option<ActorId> {
        if self.actors.len() == ActorId::MAX_ACTORS {
            return None;
        }
        let id = ActorId(self.actors.len() as u16);
        let rng = id.rng(self.config.seed);
        let mut words = self.spare_seen.pop().unwrap_or_default();
        words.clear();
        self.actors.push(Actor {
            role,
            status: Status::Ready,
            deadline_ns: None,
            timed_out: false,
            waits_freely: None,
            rng,
            n_words: 0,
            takes_leave: by != ActorId::SETUP,
            seen: Seen { words, wrote: false, relaxed: false },
        });
        self.ready.insert(id);
        if self.config.races {
            self.order.add_actor(by);
        }
        if self.watches && by != ActorId::SETUP {
            self.watched.touch(Spot::NUMBERS, Kind::Write);
            self.watched.touch(Spot::leave(id), Kind::Give);
        }
        if self.remembers {
            self.histories.begin(by);
            self.alike.knows(by);
        }
        self.n_live += usize::from(role == Role::Regular);
        if self.config.record {
            self.log.names.actors.push(label);
            self.log.events.push(Event::of_spawn(self.clock_ns, id, role));
        }
        Some(id)
    }

    pub fn n_actors(&self) -> usize {
        self.actors.len()
    }

    pub fn finish_actor(&mut self, actor: ActorId) {
        self.retire(actor);
        self.emit(actor, EventKind::Finished, ObjectId::NONE);
    }

    /// The actor takes no more turns.
    pub fn retire(&mut self, actor: ActorId) {
        let book = &mut self.actors[actor.idx()];
        book.status = Status::Finished;
        book.deadline_ns = None;
        self.n_live -= usize::from(book.role == Role::Regular);
        self.ready.remove(actor);
        if self.remembers {
            self.histories.end(actor);
        }
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
        if self.watches {
            self.watched.touch(Spot::OUTPUT, Kind::Write);
        }
        if self.remembers {
            self.histories.print(text, value);
        }
        if self.config.record {
            let text = self.log.names.intern_text(text);
            self.log.events.push(Event::of_print(self.clock_ns, actor, text, value));
        }
    }

    pub fn fail(&mut self, actor: ActorId, failure: Failure) {
        if self.dead {
            return;
        }
        self.stop_actor = self.config.explored;
        // In a run that is explored, turns that do not touch each other may come in another order.
        if self.failure.is_some_and(|(first, _)| !self.config.explored || first <= actor) {
            return;
        }
        self.failure = Some((actor, failure));
        if self.remembers {
            self.histories.fail(actor, failure);
            self.alike.knows(actor);
        }
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
        if deadline.is_some() && self.config.time == Time::Free {
            return;
        }
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
        if self.watches {
            self.watch_turn(actor);
        }
        if self.config.explored {
            self.stop_spinning(actor);
        }
        // That it goes on, also where it is told nothing else.
        self.tell(actor, 0);
        let book = &mut self.actors[actor.idx()];
        book.waits_freely = None;
        if let Status::Guarded(Guard { word, .. }) | Status::Waiting(word) = book.status {
            book.status = Status::Ready;
            book.deadline_ns = None;
            self.forget_watcher(word, actor);
        }
    }

    fn watch_turn(&mut self, actor: ActorId) {
        self.watched.begin_turn();
        self.watched.condition = self.condition(actor);
        for word in self.words_looked_at(actor) {
            self.watch_word(word, None, None);
        }
        let book = &mut self.actors[actor.idx()];
        if let Some(word) = book.waits_freely {
            self.watched.touch(self.words[word].spot.wait_set(), Kind::Write);
            self.watch_sleeper(actor);
        }
        let book = &mut self.actors[actor.idx()];
        if std::mem::take(&mut book.takes_leave) {
            self.watched.touch(Spot::leave(actor), Kind::Take);
        }
    }

    fn stop_spinning(&mut self, actor: ActorId) {
        self.stop_actor = false;
        let book = &mut self.actors[actor.idx()];
        book.seen.relaxed = false;
        if matches!(book.status, Status::Spinning) {
            book.status = Status::Ready;
            let mut words = std::mem::take(&mut book.seen.words);
            for (word, _) in words.drain(..) {
                self.forget_watcher(word, actor);
            }
            self.actors[actor.idx()].seen.words = words;
        }
    }

    /// What must hold before the actor's next turn, as long as it is declared.
    fn condition(&self, actor: ActorId) -> Condition {
        let book = &self.actors[actor.idx()];
        match book.status {
            Status::Guarded(guard) => {
                Condition::Passes(self.looked(guard.word), Test(guard.test, guard.arg))
            }
            Status::Spinning => {
                let seen = book.seen.words.iter();
                Condition::Differs(seen.map(|&(word, was)| (self.looked(word), was)).collect())
            }
            _ => Condition::Always,
        }
    }

    fn words_looked_at(&self, actor: ActorId) -> Vec<usize> {
        let book = &self.actors[actor.idx()];
        match book.status {
            Status::Guarded(guard) => vec![guard.word],
            Status::Spinning => book.seen.words.iter().map(|(word, _)| *word).collect(),
            _ => Vec::new(),
        }
    }

    fn looked(&self, word: usize) -> Looked {
        let WordState { spot, initial, .. } = self.words[word];
        Looked { spot, initial }
    }

    /// Nobody can move; `self` is as they left it.
    pub fn come_to_rest(&mut self) {
        let blocked = (0..self.actors.len()).map(|idx| ActorId(idx as u16));
        let blocked = blocked.filter(|actor| !self.ready.contains(*actor));
        let held_up = blocked.map(|actor| (actor, self.condition(actor)));
        let held_up = held_up.filter(|(_, condition)| *condition != Condition::Always).collect();
        self.watched.held_up = held_up;
        self.watched.came_to_rest = true;
    }

    /// The actor has looked in vain: in a run that is explored its next turn waits for a change.
    pub fn relax(&mut self, actor: ActorId) {
        if let Some(book) = self.actors.get_mut(actor.idx()) {
            let wrote = std::mem::take(&mut book.seen.wrote);
            book.seen.relaxed = !wrote && !book.seen.words.is_empty();
        }
    }

    /// The actor has declared its next turn; if it spins, it may have to wait for it.
    pub fn spin(&mut self, actor: ActorId) {
        let book = &mut self.actors[actor.idx()];
        if !std::mem::take(&mut book.seen.relaxed) {
            return;
        }
        book.status = Status::Spinning;
        for at in 0..self.actors[actor.idx()].seen.words.len() {
            let (word, _) = self.actors[actor.idx()].seen.words[at];
            self.words[word].watchers.push(actor);
        }
        if !self.sees_change(actor) {
            let (word, _) = self.actors[actor.idx()].seen.words[0];
            self.block(actor, word);
        }
    }

    fn sees_change(&self, actor: ActorId) -> bool {
        let mut seen = self.actors[actor.idx()].seen.words.iter();
        seen.any(|&(word, was)| self.words[word].value != was)
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
        access: Access,
        change: impl FnOnce(u32) -> Option<u32>,
    ) -> u32 {
        let Access { act, word, wants, .. } = access;
        let seen = self.words[word].value;
        self.log_access(actor, act, word, seen);
        let change = change(seen);
        if self.watches {
            self.watch_word(word, change, wants.map(|(wanted, _)| wanted));
        }
        if self.config.explored {
            self.see(actor, word, seen, change.is_some());
        }
        if self.remembers {
            self.remember(actor, access, seen, change.is_some());
        }
        if self.config.races {
            self.find_races(actor, access, change.is_some());
        }
        if let Some(new) = change {
            self.words[word].value = new;
            if !self.words[word].watchers.is_empty() && new != seen {
                self.test_guards(word);
            }
        }
        seen
    }

    fn find_races(&mut self, actor: ActorId, access: Access, writes: bool) {
        let Access { act, word, place, order, wants } = access;
        let order = wants.filter(|_| !writes).map_or(order, |(_, in_vain)| in_vain);
        let effect = Effect { reads: act != Act::Store, writes, order, place };
        if self.order.access(actor, word, effect)
            && self.config.record
            && let Some(Race { accesses: [earlier, _], .. }) = self.races().last()
        {
            let event = Event::new(self.clock_ns, actor, EventKind::Raced);
            let (object, value) = (self.words[word].object, earlier.actor.0.into());
            self.log.events.push(Event { object, value, ..event });
        }
    }

    pub fn races(&self) -> &[Race] {
        self.order.races()
    }

    /// The actor has looked at a word, or changed it: that decides whether it spins.
    fn see(&mut self, actor: ActorId, word: usize, seen: u32, changed: bool) {
        let Some(book) = self.actors.get_mut(actor.idx()) else { return };
        if changed {
            book.seen.change();
        } else if !book.seen.wrote {
            match book.seen.words.iter().find(|(known, _)| *known == word) {
                // Somebody changed it meanwhile: the next round may be another one.
                Some((_, was)) if *was != seen => book.seen.change(),
                Some(_) => {}
                None => book.seen.words.push((word, seen)),
            }
        }
    }

    /// The current turn looks at a word, or changes it.
    fn watch_word(&mut self, word: usize, change: Option<u32>, wants: Option<u32>) {
        let WordState { value: found, initial, spot, .. } = self.words[word];
        let kind = if change.is_some() { Kind::Write } else { Kind::Read };
        let left = change.unwrap_or(found);
        self.watched.touched.push(Touch { spot, kind, found, left, initial, wants });
    }

    /// Whether an operation that has begun can go on without a turn of its own.
    pub fn may_go_on(&mut self, guard: Guard) -> bool {
        if self.watches {
            self.watch_word(guard.word, None, None);
        }
        self.passes(guard)
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
            let can_go = match self.actors[actor.idx()].status {
                Status::Guarded(guard) => self.passes(guard),
                Status::Spinning => self.sees_change(actor),
                _ => continue,
            };
            match (can_go, self.ready.contains(actor)) {
                (true, false) => self.unblock(actor, word),
                (false, true) => self.block(actor, word),
                _ => {}
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
        if self.config.explored {
            self.see(actor, word, seen, false);
        }
        if self.watches {
            self.watch_word(word, None, None);
            // Whether it comes to wait or not: what it touches shall not depend on what it finds.
            self.watched.touch(self.words[word].spot.wait_set(), Kind::Write);
            self.watch_sleeper(actor);
        }
        let deadline_ns = deadline.map(nanos);
        let waited = if seen != expected {
            Some(Waited::Changed)
        } else if deadline_ns.is_some_and(|deadline| deadline <= self.clock_ns) {
            Some(Waited::TimedOut)
        } else {
            None
        };
        if let Some(waited) = waited {
            self.tell(actor, waited as u64);
            return Some(waited);
        }
        let book = &mut self.actors[actor.idx()];
        book.status = Status::Waiting(word);
        book.seen.change();
        let is_free = deadline.is_some() && self.config.time == Time::Free;
        // Who waits freely is over time unless somebody wakes it first.
        book.timed_out = is_free;
        self.words[word].watchers.push(actor);
        if is_free {
            book.waits_freely = Some(word);
            return None;
        }
        book.deadline_ns = deadline_ns;
        self.block(actor, word);
        None
    }

    /// The second half of a wait, at the turn after the wakeup.
    pub fn end_wait(&mut self, actor: ActorId) -> Waited {
        let timed_out = self.actors[actor.idx()].timed_out;
        let waited = if timed_out { Waited::TimedOut } else { Waited::Woken };
        self.tell(actor, waited as u64);
        waited
    }

    /// Wakes up to `n` of those in the wait set, first come, first woken.
    pub fn wake(&mut self, actor: ActorId, word: usize, n: u32) -> u32 {
        let mut n_woken = 0;
        let mut at = 0;
        while n_woken < n && at < self.words[word].watchers.len() {
            let sleeper = self.words[word].watchers[at];
            if matches!(self.actors[sleeper.idx()].status, Status::Waiting(_)) {
                self.wake_one(sleeper, word);
                n_woken += 1;
            } else {
                at += 1;
            }
        }
        self.log_access(actor, Act::Wake, word, n_woken);
        self.tell(actor, n_woken.into());
        if self.watches {
            // Whether there is anybody or not, as for a wait.
            self.watched.touch(self.words[word].spot.wait_set(), Kind::Write);
            if self.config.spurious {
                self.watched.touch(Spot::SLEEPERS, Kind::Write);
            }
        }
        n_woken
    }

    fn wake_one(&mut self, sleeper: ActorId, word: usize) {
        self.release_waiter(sleeper, word, false);
        if !self.watches {
            return;
        }
        // Who waits freely could have gone on without.
        if self.actors[sleeper.idx()].waits_freely.is_none() {
            self.actors[sleeper.idx()].takes_leave = true;
            self.watched.touch(Spot::leave(sleeper), Kind::Give);
        }
    }

    /// Wakes the actor for no reason, if it waits.
    pub fn wake_for_no_reason(&mut self, sleeper: ActorId) {
        if self.watches {
            self.watch_sleeper(sleeper);
            self.watched.touch(Spot::SLEEPERS, Kind::Read);
        }
        if let Status::Waiting(word) = self.actors[sleeper.idx()].status {
            self.wake_one(sleeper, word);
        }
    }

    /// The current turn decides, or looks at, whether the actor is in a wait set.
    fn watch_sleeper(&mut self, actor: ActorId) {
        if self.config.spurious {
            self.watched.touch(Spot::asleep(actor), Kind::Write);
        }
    }

    /// The regular actors so far.
    pub fn regular_actors(&self) -> Vec<ActorId> {
        let regular = |(idx, actor): (usize, &Actor)| {
            (actor.role == Role::Regular).then_some(ActorId(idx as u16))
        };
        self.actors.iter().enumerate().filter_map(regular).collect()
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
        if duration.is_zero() || self.config.time == Time::Free {
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
                Status::Ready | Status::Spinning | Status::Finished => {}
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
                Status::Spinning => actor.seen.words.first()?.0,
                _ => return None,
            };
            Some((ActorId(idx as u16), self.words[word].object))
        })
    }

    pub fn config(&self) -> Config {
        self.config
    }
}

fn nanos(duration: Duration) -> u64 {
    duration.as_nanos().try_into().unwrap_or(u64::MAX)
}
