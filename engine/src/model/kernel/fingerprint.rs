//! Whether two executions have come to the same state, told by a number for each state.
//!
//! Nobody can look into an actor. But actors are deterministic, and all they share is in the kernel: so
//! where one stands follows from what it was told since it began, its *history*. What an object keeps
//! beside its words (the items of a queue) is changed by actors only, so it follows from who changed the
//! object's words, each with which history, and in which order: the word's *past*.

use std::hash::{Hash, Hasher};

use super::{Access, State, Status};
use crate::world::{Act, ActorId, Failure, ObjectKind, Standing};

/// A number for a state. That two states have the same is as unlikely as a number of 128 bits drawn
/// twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fingerprint([u64; 2]);

/// An odd number without a pattern: the fraction of the golden ratio.
const SCATTER: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// What an actor is told when it forgets the rest: nothing else that is told is this.
const FORGOTTEN: u64 = u64::MAX;

impl Fingerprint {
    /// The number of what is told in this order after what is already in `self`.
    #[must_use]
    pub(super) fn and(self, told: u64) -> Self {
        // The sum, so that zeros told to zero are something too.
        let mixed = (self.number() ^ u128::from(told)).wrapping_add(SCATTER).wrapping_mul(SCATTER);
        Self::of_number((mixed ^ mixed >> 67).wrapping_mul(SCATTER))
    }

    /// The same with a number in the place of what is told.
    #[must_use]
    pub(super) fn and_all(self, Self([low, high]): Self) -> Self {
        self.and(low).and(high)
    }

    /// The number of several things that are in no order.
    #[must_use]
    pub(super) fn beside(self, other: Self) -> Self {
        let other = other.number();
        Self::of_number(self.number().wrapping_add(other ^ other >> 61))
    }

    fn number(self) -> u128 {
        u128::from(self.0[0]) | u128::from(self.0[1]) << 64
    }

    fn of_number(number: u128) -> Self {
        Self([number as u64, (number >> 64) as u64])
    }

    fn and_text(self, text: &str) -> Self {
        text.bytes().fold(self.and(text.len() as u64), |print, byte| print.and(byte.into()))
    }

    fn of_failure(failure: Failure) -> Self {
        match failure {
            Failure::Assertion(claim) => Self::default().and(0).and_text(claim),
            Failure::Misuse(rule) => Self::default().and(1).and_text(rule),
        }
    }
}

impl Hash for Fingerprint {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        // It is one already.
        hasher.write_u64(self.0[1]);
    }
}

impl From<Standing> for Fingerprint {
    fn from(Standing(number): Standing) -> Self {
        Self(number)
    }
}

impl From<Fingerprint> for Standing {
    fn from(Fingerprint(number): Fingerprint) -> Self {
        Self(number)
    }
}

/// Tells what can be hashed.
struct Telling(Fingerprint);

impl Hasher for Telling {
    fn finish(&self) -> u64 {
        self.0.0[0]
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |print, byte| print.and((*byte).into()));
    }

    fn write_u32(&mut self, told: u32) {
        self.0 = self.0.and(told.into());
    }
}

/// Whether all that such an object is can be seen from its words.
pub(super) fn is_only_words(kind: ObjectKind) -> bool {
    use ObjectKind::{Cell, Event, Lock, Once, RLock, Resource, Semaphore};
    matches!(kind, Lock | RLock | Semaphore { .. } | Cell { .. } | Resource | Event | Once)
}

/// What the actors have been told so far.
#[derive(Default)]
pub(super) struct Histories {
    of_actors: Vec<Fingerprint>,
    printed: Fingerprint,
    failed: Fingerprint,
}

impl Histories {
    /// Begins anew.
    pub fn clear(&mut self) {
        self.of_actors.clear();
        (self.printed, self.failed) = Default::default();
    }

    /// The actor was told this.
    pub fn tell(&mut self, actor: ActorId, what: u64) {
        if let Some(history) = self.of_actors.get_mut(actor.idx()) {
            *history = history.and(what);
        }
    }

    /// The actor was told what has become of an object.
    pub fn tell_past(&mut self, actor: ActorId, past: Fingerprint) {
        if let Some(history) = self.of_actors.get_mut(actor.idx()) {
            *history = history.and_all(past);
        }
    }

    /// What an object has become by a change that the actor made.
    pub fn after_change(&self, actor: ActorId, past: Fingerprint) -> Fingerprint {
        past.and(actor.0.into()).and_all(self.of(actor))
    }

    /// The next actor begins; who brought it to life knows its number.
    pub fn begin(&mut self, by: ActorId) {
        let number = self.of_actors.len() as u64;
        self.of_actors.push(self.of(by).and(number));
        self.tell(by, number);
    }

    /// The actor has come to its end: where it has been matters to nobody any more.
    pub fn end(&mut self, actor: ActorId) {
        self.of_actors[actor.idx()] = Fingerprint::default();
    }

    /// The actor is where it was then, but for what is left of what it was told since.
    pub fn go_back(&mut self, actor: ActorId, then: Fingerprint, left: impl Hash) {
        if let Some(history) = self.of_actors.get_mut(actor.idx()) {
            let mut telling = Telling(then.and(FORGOTTEN));
            left.hash(&mut telling);
            *history = telling.0;
        }
    }

    /// Somebody printed this.
    pub fn print(&mut self, text: &str, value: u32) {
        self.printed = self.printed.and_text(text).and(value.into());
    }

    /// The run has failed, and this is the failure that counts.
    pub fn fail(&mut self, actor: ActorId, failure: Failure) {
        self.failed = Fingerprint::of_failure(failure).and(actor.0.into());
    }

    /// The history of an actor.
    pub fn of(&self, actor: ActorId) -> Fingerprint {
        self.of_actors.get(actor.idx()).copied().unwrap_or_default()
    }

    /// What is known of no single actor.
    pub fn in_common(&self) -> Fingerprint {
        self.printed.and_all(self.failed)
    }
}

impl State {
    pub(super) fn tell(&mut self, actor: ActorId, what: u64) {
        if self.remembers {
            self.histories.tell(actor, what);
        }
    }

    /// An actor is told what is in a word, and the object becomes what it makes of it.
    pub(super) fn remember(&mut self, actor: ActorId, access: Access, seen: u32, writes: bool) {
        let Access { act, word, .. } = access;
        if act != Act::Store {
            self.histories.tell(actor, seen.into());
        }
        if let Some(past) = &mut self.words[word].past {
            self.histories.tell_past(actor, *past);
            if writes {
                *past = self.histories.after_change(actor, *past);
            }
        }
    }

    pub fn standing(&self, actor: ActorId) -> Standing {
        self.histories.of(actor).into()
    }

    pub fn stand_again(&mut self, actor: ActorId, then: Standing, left: impl Hash) {
        if self.remembers {
            self.histories.go_back(actor, then.into(), left);
        }
    }

    /// The number of the present state, where states are told from each other.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut print = self.histories.in_common().and(self.clock_ns);
        for word in &self.words {
            let mut one = Fingerprint::default().and(word.spot.number(word.value));
            if let Some(past) = word.past {
                one = one.and_all(past);
            }
            for watcher in &word.watchers {
                if matches!(self.actors[watcher.idx()].status, Status::Waiting(_)) {
                    one = one.and(watcher.0.into());
                }
            }
            print = print.beside(one);
        }
        for (idx, actor) in self.actors.iter().enumerate() {
            let mut one = self.histories.of(ActorId(idx as u16)).and(idx as u64);
            if !matches!(actor.status, Status::Finished) {
                let can_move = self.ready.contains(ActorId(idx as u16));
                one = one.and(u64::from(actor.timed_out) << 1 | u64::from(can_move));
                one = one.and(actor.deadline_ns.unwrap_or(u64::MAX));
                one = one.and(actor.rng.get_seed());
                // What it has seen decides whether it spins.
                one = one.and(u64::from(actor.seen.wrote) << 1 | u64::from(actor.seen.relaxed));
                for (word, value) in &actor.seen.words {
                    one = one.and(self.words[*word].spot.number(*value));
                }
            }
            print = print.beside(one);
        }
        print
    }
}
