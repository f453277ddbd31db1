//! What comes before what by the rules of memory, and the accesses of plain data that it leaves
//! unordered: data races.
//!
//! Each actor has a vector clock. A word that was written with release hands the clock of its writer
//! to whoever reads it with acquire, also by way of read-modify-writes in between (the release
//! sequence of C++20). For each actor the last access of each sort is kept, as in Flanagan and Freund,
//! "FastTrack" (PLDI 2009): what is ordered after the last one is ordered after all.

use crate::log::{DataAccess, Race};
use crate::world::{ActorId, ObjectId, Ordering, Place};

/// What an access does to its word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effect {
    pub reads: bool,
    pub writes: bool,
    pub order: Ordering,
    pub place: Place,
}

impl Effect {
    fn acquires(self) -> bool {
        self.reads && matches!(self.order, Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst)
    }

    fn releases(self) -> bool {
        self.writes && matches!(self.order, Ordering::Release | Ordering::AcqRel | Ordering::SeqCst)
    }

    /// Whether it is how one reads or writes what nobody else uses meanwhile.
    fn is_plain(self) -> bool {
        // Relaxed is not an order here but the sign of a plain access: see `Shared`.
        self.order == Ordering::Relaxed && self.reads != self.writes
    }
}

/// By actor: how much of what it did is known.
#[derive(Clone, Debug, Default)]
struct Clock(Vec<u32>);

impl Clock {
    fn of(&self, actor: ActorId) -> u32 {
        self.0.get(actor.idx()).copied().unwrap_or(0)
    }

    fn join(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own = (*own).max(*other));
    }

    fn tick(&mut self, actor: ActorId) {
        self.0.resize(self.0.len().max(actor.idx() + 1), 0);
        self.0[actor.idx()] += 1;
    }
}

#[derive(Default)]
struct Word {
    /// What whoever reads it with acquire comes to know.
    released: Clock,
    /// The object whose plain data it is.
    data: Option<ObjectId>,
    accesses: Vec<Access>,
}

/// The last access of its sort by an actor.
struct Access {
    actor: ActorId,
    /// By the actor's own clock.
    time: u32,
    effect: Effect,
}

/// The clocks of a run. What it kept of an earlier run lends its memory.
#[derive(Default)]
pub(super) struct MemoryOrder {
    actors: Vec<Clock>,
    n_actors: usize,
    words: Vec<Word>,
    n_words: usize,
    races: Vec<Race>,
}

impl MemoryOrder {
    pub fn clear(&mut self) {
        (self.n_actors, self.n_words) = (0, 0);
        self.races.clear();
    }

    /// The next actor, who knows what `by` knows.
    pub fn add_actor(&mut self, by: ActorId) {
        let new = ActorId(self.n_actors as u16);
        self.n_actors += 1;
        if self.actors.len() < self.n_actors {
            self.actors.push(Clock::default());
        }
        let mut clock = std::mem::take(&mut self.actors[new.idx()]);
        clock.0.clear();
        if by.idx() < new.idx() {
            clock.join(&self.actors[by.idx()]);
            self.actors[by.idx()].tick(by);
        }
        clock.tick(new);
        self.actors[new.idx()] = clock;
    }

    /// The next word; `data` when it is the plain data of an object.
    pub fn add_word(&mut self, data: Option<ObjectId>) {
        if self.words.len() == self.n_words {
            self.words.push(Word::default());
        }
        let word = &mut self.words[self.n_words];
        word.released.0.clear();
        word.accesses.clear();
        word.data = data;
        self.n_words += 1;
    }

    /// The actor accesses a word; `true` when that is the first race for its data.
    pub fn access(&mut self, actor: ActorId, word: usize, effect: Effect) -> bool {
        // Whoever sets up comes before everybody.
        if actor.idx() >= self.n_actors {
            return false;
        }
        let (clock, word) = (&mut self.actors[actor.idx()], &mut self.words[word]);
        if effect.acquires() {
            clock.join(&word.released);
        }
        let is_first = word.data.is_some_and(|object| {
            let is_known = self.races.iter().any(|race| race.object == object);
            word.races(
                object,
                Access { actor, time: clock.of(actor), effect },
                clock,
                &mut self.races,
            );
            !is_known && self.races.iter().any(|race| race.object == object)
        });
        if effect.writes && !effect.reads {
            word.released.0.clear();
        }
        if effect.releases() {
            word.released.join(clock);
            clock.tick(actor);
        }
        is_first
    }

    pub fn races(&self) -> &[Race] {
        &self.races
    }
}

impl Access {
    fn is_like(&self, other: &Self) -> bool {
        let sort = |access: &Self| (access.actor, access.effect.writes, access.effect.is_plain());
        sort(self) == sort(other)
    }

    /// Whether it would be a race if nothing ordered them.
    fn conflicts(&self, other: &Self) -> bool {
        self.actor != other.actor
            && (self.effect.writes || other.effect.writes)
            && (self.effect.is_plain() || other.effect.is_plain())
    }

    fn of_data(&self) -> DataAccess {
        let Effect { writes, place, .. } = self.effect;
        DataAccess { actor: self.actor, writes, place }
    }
}

impl Word {
    /// Adds to `found` the races of an access that knows so much with earlier ones, and keeps it.
    fn races(&mut self, object: ObjectId, access: Access, clock: &Clock, found: &mut Vec<Race>) {
        let is_unordered = |earlier: &&Access| clock.of(earlier.actor) < earlier.time;
        let before = self.accesses.iter().filter(|earlier| earlier.conflicts(&access));
        for earlier in before.filter(is_unordered) {
            let race = Race { object, accesses: [earlier.of_data(), access.of_data()] };
            if !found.iter().any(|known| known.is_like(&race)) {
                found.push(race);
            }
        }
        match self.accesses.iter_mut().find(|known| known.is_like(&access)) {
            Some(known) => *known = access,
            None => self.accesses.push(access),
        }
    }
}
