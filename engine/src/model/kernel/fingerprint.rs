//! Whether two executions have come to the same state, told by a number for each state.
//!
//! Nobody can look into an actor. But actors are deterministic, and all they share is in the kernel: so
//! where one stands follows from what it was told since it began, its *history*. What an object keeps
//! beside its words (the items of a queue) is changed by actors only, so it follows from who changed the
//! object's words, each with which history, and in which order: the word's *past*.
//!
//! Actors that do the same ([`crate::World::spawn_alike`]) can change places, and nobody could tell; so
//! states that differ in nothing else are one. What an actor is to the words (it owns one, it is the
//! third who waits for one) is told of the actor then, not of the word; and whoever is known to others
//! by its number keeps its place.

use std::hash::{Hash, Hasher};

use super::{Access, State, Status, WordState};
use crate::world::{Act, ActorId, Failure, ObjectKind, Standing};

/// A number for a state. That two states have the same is as unlikely as a number of 128 bits drawn
/// twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fingerprint([u64; 2]);

/// An odd number without a pattern: the fraction of the golden ratio.
const SCATTER: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// What an actor is told when it forgets the rest: nothing else that is told is this.
const FORGOTTEN: u64 = u64::MAX;

/// What an actor is told by a word that says that it owns something itself.
const MINE: u64 = 1 << 32;

/// What is in the place of a number that does not matter.
const SOMEBODY: u64 = 1 << 32;
const OWNED: u32 = 1 << 31;
const OWNS: u32 = u32::MAX;

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

/// Which actors do the same.
#[derive(Default)]
pub(super) struct Alike {
    /// By actor the first of those that do the same; empty where nobody does the same as another.
    firsts: Vec<ActorId>,
    /// Those that do the same as others, as bits.
    members: u64,
    /// Those that are known by their numbers for good, as bits.
    known: u64,
    /// In the state looked at last: the actors that can change places, and whose each has.
    places: Vec<[ActorId; 2]>,
    prints: Vec<Fingerprint>,
}

impl Alike {
    /// Begins anew.
    pub fn clear(&mut self) {
        self.firsts.clear();
        (self.members, self.known) = (0, 0);
    }

    /// Somebody knows the actor by its number from now on.
    pub fn knows(&mut self, actor: ActorId) {
        self.known |= actor.bit();
    }
}

/// What an actor has been told so far.
#[derive(Clone, Copy, Default)]
struct History {
    told: Fingerprint,
    /// Of which others it was told, as bits.
    others: u64,
}

/// What the actors have been told so far.
#[derive(Default)]
pub(super) struct Histories {
    of_actors: Vec<History>,
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
            history.told = history.told.and(what);
        }
    }

    /// The actor was told what has become of an object.
    pub fn tell_past(&mut self, actor: ActorId, past: Fingerprint) {
        if let Some(history) = self.of_actors.get_mut(actor.idx()) {
            history.told = history.told.and_all(past);
        }
    }

    /// The actor was told by a word who owns something.
    pub fn tell_owner(&mut self, actor: ActorId, word: u32) {
        let what = match ActorId::owner(word) {
            Some(owner) if owner == actor => MINE | u64::from(word & 1),
            owner => {
                if let Some(history) = self.of_actors.get_mut(actor.idx()) {
                    history.others |= owner.map_or(0, ActorId::bit);
                }
                word.into()
            }
        };
        self.tell(actor, what);
    }

    /// What an object has become by a change that the actor made.
    pub fn after_change(&self, actor: ActorId, past: Fingerprint) -> Fingerprint {
        past.and(actor.0.into()).and_all(self.of(actor))
    }

    /// The next actor begins; who brought it to life knows its number.
    pub fn begin(&mut self, by: ActorId) {
        let number = self.of_actors.len() as u64;
        let told = self.of(by).and(number);
        self.of_actors.push(History { told, others: 0 });
        self.tell(by, number);
    }

    /// The actor has come to its end: where it has been matters to nobody any more.
    pub fn end(&mut self, actor: ActorId) {
        self.of_actors[actor.idx()] = History::default();
    }

    /// The actor is where it was then, but for what is left of what it was told since.
    pub fn go_back(&mut self, actor: ActorId, then: Standing, left: impl Hash) {
        if let Some(history) = self.of_actors.get_mut(actor.idx()) {
            let mut telling = Telling(Fingerprint(then.told).and(FORGOTTEN));
            left.hash(&mut telling);
            *history = History { told: telling.0, others: then.others };
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
        self.history(actor).told
    }

    fn history(&self, actor: ActorId) -> History {
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
        let word = &mut self.words[word];
        match act {
            Act::Store => {}
            _ if word.has_owner => self.histories.tell_owner(actor, seen),
            _ => self.histories.tell(actor, seen.into()),
        }
        if let Some(past) = &mut word.past {
            self.histories.tell_past(actor, *past);
            if writes {
                *past = self.histories.after_change(actor, *past);
                self.alike.knows(actor);
            }
        }
    }

    pub fn standing(&self, actor: ActorId) -> Standing {
        let History { told: Fingerprint(told), others } = self.histories.history(actor);
        Standing { told, others }
    }

    pub fn stand_again(&mut self, actor: ActorId, then: Standing, left: impl Hash) {
        if self.remembers {
            self.histories.go_back(actor, then, left);
        }
    }

    /// The actors from this one on do the same.
    pub fn are_alike(&mut self, by: ActorId, from: usize) {
        let members = from..self.actors.len();
        for member in members.clone() {
            self.actors[member].rng = self.actors[from].rng.clone();
        }
        let can_be = self.remembers && by == ActorId::SETUP && !self.config.spurious;
        if !can_be || members.len() < 2 || members.end > u64::BITS as usize {
            return;
        }
        let first = ActorId(from as u16);
        let known = self.alike.firsts.len() as u16..first.0;
        self.alike.firsts.extend(known.map(ActorId));
        self.alike.firsts.resize(members.end, first);
        for member in members {
            self.alike.members |= ActorId(member as u16).bit();
            self.histories.of_actors[member] = self.histories.of_actors[from];
        }
    }

    /// Which actors can change places with others that do the same: those whose number nobody knows.
    fn movable(&self) -> u64 {
        if self.alike.members == 0 {
            return 0;
        }
        let mut known = self.alike.known;
        for (idx, actor) in self.actors.iter().enumerate() {
            let me = ActorId(idx as u16);
            if matches!(actor.status, Status::Finished) {
                continue;
            }
            known |= self.histories.history(me).others;
            let seen = actor.seen.words.iter().filter(|(word, _)| self.words[*word].has_owner);
            let owners = seen.filter_map(|(_, value)| ActorId::owner(*value));
            known = owners.filter(|owner| *owner != me).fold(known, |known, one| known | one.bit());
        }
        self.alike.members & !known
    }

    /// The number of the present state, where states are told from each other.
    pub fn fingerprint(&mut self) -> Fingerprint {
        let movable = self.movable();
        let mut prints = std::mem::take(&mut self.alike.prints);
        prints.clear();
        prints
            .extend((0..self.actors.len()).map(|idx| self.print_of(ActorId(idx as u16), movable)));
        let mut print = self.histories.in_common().and(self.clock_ns);
        for word in &self.words {
            print = print.beside(self.print_of_word(word, movable, &mut prints));
        }
        print = prints.iter().fold(print, |print, one| print.beside(*one));
        self.find_places(movable, &prints);
        self.alike.prints = prints;
        print
    }

    /// The number of an actor, but for what it is to the words.
    fn print_of(&self, me: ActorId, movable: u64) -> Fingerprint {
        let (actor, history) = (&self.actors[me.idx()], self.histories.of(me));
        let mut print = match movable & me.bit() {
            0 => history.and(me.0.into()),
            _ => history.and(SOMEBODY | u64::from(self.alike.firsts[me.idx()].0)),
        };
        if matches!(actor.status, Status::Finished) {
            return print;
        }
        let can_move = self.ready.contains(me);
        print = print.and(u64::from(actor.timed_out) << 1 | u64::from(can_move));
        print = print.and(actor.deadline_ns.unwrap_or(u64::MAX));
        print = print.and(actor.rng.get_seed());
        // What it has seen decides whether it spins.
        print = print.and(u64::from(actor.seen.wrote) << 1 | u64::from(actor.seen.relaxed));
        for (word, value) in &actor.seen.words {
            let WordState { spot, has_owner, .. } = self.words[*word];
            let is_mine = has_owner && ActorId::owner(*value) == Some(me);
            print = print.and(spot.number(if is_mine { OWNED | value & 1 } else { *value }));
        }
        print
    }

    /// The number of a word; what movable actors are to it goes to theirs.
    fn print_of_word(
        &self,
        word: &WordState,
        movable: u64,
        prints: &mut [Fingerprint],
    ) -> Fingerprint {
        let mut tell = |actor: ActorId, what: u32| {
            let moves = movable & actor.bit() != 0;
            if moves {
                prints[actor.idx()] = prints[actor.idx()].and(word.spot.number(what));
            }
            moves
        };
        let owner = if word.has_owner { ActorId::owner(word.value) } else { None };
        let is_somebodys = owner.is_some_and(|owner| tell(owner, OWNS));
        let value = if is_somebodys { OWNED | word.value & 1 } else { word.value };
        let mut print = Fingerprint::default().and(word.spot.number(value));
        if let Some(past) = word.past {
            print = print.and_all(past);
        }
        let is_waiting =
            |watcher: &&ActorId| matches!(self.actors[watcher.idx()].status, Status::Waiting(_));
        for (nth, watcher) in word.watchers.iter().filter(is_waiting).enumerate() {
            if !tell(*watcher, nth as u32) {
                print = print.and(watcher.0.into());
            }
        }
        print
    }

    /// Puts those who can change places in an order that does not depend on their numbers.
    fn find_places(&mut self, movable: u64, prints: &[Fingerprint]) {
        let Alike { firsts, places, .. } = &mut self.alike;
        places.clear();
        let bits = std::iter::successors(Some(movable), |bits| Some(bits & bits.wrapping_sub(1)));
        let movable = bits.take_while(|bits| *bits != 0);
        places.extend(movable.map(|bits| [ActorId(bits.trailing_zeros() as u16); 2]));
        let mut actors: Vec<_> = places.iter().map(|[actor, _]| *actor).collect();
        actors.sort_unstable_by_key(|actor| (firsts[actor.idx()], prints[actor.idx()]));
        places.iter_mut().zip(actors).for_each(|([in_order, _], actor)| *in_order = actor);
    }

    /// In the state looked at last: each actor that can change places with others, and whose place it
    /// has among them whatever their numbers are.
    pub fn places(&self) -> &[[ActorId; 2]] {
        &self.alike.places
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Config, Model, Run};
    use crate::world::{ActorId, ObjectKind, Ordering, Word, World};
    use std::sync::Arc;

    type Words = [<Model as World>::Word; 2];
    const SEQ_CST: Ordering = Ordering::SeqCst;

    /// Owns the first word from now on or no more, if that can be, and forgets what it found.
    async fn toggle(w: &Model, [owner, _]: &Words) {
        let mine = w.me().as_owner();
        let toggle = w.gist(|| async {
            if owner.compare_exchange(w, 0, mine, SEQ_CST, SEQ_CST).await == Err(mine) {
                owner.store(w, 0, SEQ_CST).await;
            }
        });
        toggle.await;
    }

    /// The state after these turns of two who do the same, and of a third.
    fn after<A, B>(
        turns: &[u16],
        two: fn(Model, Arc<Words>) -> A,
        third: fn(Model, Arc<Words>) -> B,
    ) -> Fingerprint
    where
        A: Future<Output = ()> + 'static,
        B: Future<Output = ()> + 'static,
    {
        let mut run = Run::new(Config { explored: true, ..Config::default() }, move |world| {
            let object = world.register(ObjectKind::Cell { initial: 0 }, "words", 0);
            let words = Arc::new([world.owner_word(object), world.word(object, 0)]);
            let theirs = words.clone();
            world.spawn_alike("one of two", 2, move |w| two(w, theirs));
            world.spawn("third", 0, move |w| third(w, words));
        });
        run.remember(true);
        run.restart();
        turns.iter().for_each(|actor| run.turn(ActorId(*actor)).unwrap());
        run.fingerprint()
    }

    async fn nothing(_: Model, _: Arc<Words>) {}

    #[test]
    fn who_waits_first_is_seen() {
        async fn add_and_wait(w: Model, words: Arc<Words>) {
            words[1].fetch_add(&w, 1, SEQ_CST).await;
            words[0].wait(&w, 0, None).await;
        }
        let state = |turns: &[u16]| after(turns, add_and_wait, nothing);
        assert_eq!(state(&[0, 1, 0, 1]), state(&[1, 0, 1, 0]), "whoever added first waits first");
        assert_ne!(state(&[0, 1, 0, 1]), state(&[0, 1, 1, 0]), "and here it waits last");
    }

    #[test]
    fn who_owns_is_seen() {
        async fn own_and_add(w: Model, words: Arc<Words>) {
            toggle(&w, &words).await;
            words[1].fetch_add(&w, 1, SEQ_CST).await;
            words[1].load(&w, SEQ_CST).await;
        }
        let state = |turns: &[u16]| after(turns, own_and_add, nothing);
        assert_eq!(state(&[0, 1, 0, 1]), state(&[1, 0, 1, 0]), "the owner has added first");
        assert_ne!(state(&[0, 1, 0, 1]), state(&[0, 1, 1, 0]), "the other one has");
    }

    #[test]
    fn of_whom_somebody_knows_is_seen() {
        async fn own_and_disown(w: Model, words: Arc<Words>) {
            toggle(&w, &words).await;
            toggle(&w, &words).await;
        }
        async fn look_twice(w: Model, words: Arc<Words>) {
            words[0].load(&w, SEQ_CST).await;
            words[1].store(&w, 1, SEQ_CST).await;
            words[0].load(&w, SEQ_CST).await;
        }
        let state = |turns: &[u16]| after(turns, own_and_disown, look_twice);
        assert_eq!(state(&[0, 1, 1]), state(&[1, 0, 0]), "it does not matter who owns");
        // One owns, the third looks; in the end one owns, and the other is through.
        let (still, no_more) = (state(&[0, 2, 2, 1, 1]), state(&[0, 2, 2, 0, 0, 1]));
        assert_eq!(still, state(&[0, 1, 1, 2, 2]), "it is the one whom the third knows");
        assert_ne!(still, no_more, "it is another one");
    }
}
