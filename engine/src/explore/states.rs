//! Every state once: executions that come to where another one has been are given up there.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use super::Search;
use super::way::{Way, remembering};
use crate::model::{Fingerprint, Kind, Run, Touch};
use crate::world::ActorId;

/// Searches all states; see the README of this room. An execution that comes to a state in which another
/// one has been is given up there; for each state in which nobody can go on there is one that has ended.
///
/// It finds every way to end (stuck, failed, with these values in the words, with this printed), but of
/// the ways to come there only some, and of actors that do the same ([`crate::World::spawn_alike`]) only one
/// has to come to it. In return it is done where there are too many classes for
/// [`super::Reduced`]. It remembers each state.
///
/// ```
/// use engine::{World, explore::{Exploration, States}, model::{Config, Ending}, world::Shared};
/// use std::sync::Arc;
///
/// // Six actors add one to x in two steps each: 7,484,400 interleavings, and six different sums.
/// let mut exploration = Exploration::new(Config::default(), States::new(), |world| {
///     let x = Arc::new(Shared::new(world, "x", 0, 0));
///     for idx in 0..6 {
///         let x = x.clone();
///         world.spawn("adder", idx, move |w| async move {
///             let seen = x.load(&w).await;
///             x.store(&w, seen + 1).await;
///         });
///     }
/// });
/// let mut n_ended = 0;
/// while let Some(run) = exploration.next() {
///     n_ended += u32::from(run.ending().is_some());
/// }
/// assert_eq!((n_ended, exploration.search().n_states()), (6, 13_494));
/// ```
#[derive(Default)]
pub struct States {
    /// Each state that was come to, with those actors (by their bits) whose turns were not tried there.
    seen: HashMap<Fingerprint, u64, BuildHasherDefault<AsItIs>>,
    max_states: Option<usize>,
    /// Where the present execution has been.
    way: Way<Place>,
    /// Whose turn need not be tried, likewise.
    asleep: Vec<Asleep>,
    /// What turns touched.
    touches: Vec<Touch>,
    has_begun: bool,
}

/// A state on the way of the present execution.
#[derive(Clone, Copy)]
struct Place {
    /// Where its part of each list begins.
    asleep: usize,
    touches: usize,
    /// What the turn touched that was chosen last.
    touched: [usize; 2],
}

/// An actor whose turn need not be tried: it was tried at a place before, and what came since does not
/// meet it.
#[derive(Clone, Copy)]
struct Asleep {
    actor: ActorId,
    touched: [usize; 2],
}

/// A hash of what is one already.
#[derive(Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl States {
    /// A search that has not begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// A search whose store of states needs no more than so many bytes. When that is full, it forgets
    /// nothing and remembers nothing new: it still finds everything, but may take far longer.
    pub fn within(n_bytes: usize) -> Self {
        // The table has a power of two of places, seven eighths of which it fills, and when it grows it
        // needs half as many beside them for a moment.
        let n_places = n_bytes * 2 / 3 / (size_of::<(Fingerprint, u64)>() + 1);
        let n_places = n_places.checked_ilog2().map_or(0, |log| 1 << log);
        Self { max_states: Some(n_places / 8 * 7), ..Self::default() }
    }

    /// How many states are known.
    pub fn n_states(&self) -> usize {
        self.seen.len()
    }

    /// Brings the run to the next state that ends or is known; see [`Search::next`].
    fn search(&mut self, run: &mut Run) -> bool {
        // Whether the run is where the last place is.
        let mut is_there = false;
        if !std::mem::replace(&mut self.has_begun, true) {
            run.restart();
            self.arrive(run, 0);
            if run.ending().is_some() {
                return true;
            }
            is_there = true;
        }
        while let Some(actor) = self.choose(&mut is_there) {
            if !is_there {
                self.follow(run);
            }
            is_there = false;
            if run.turn(actor).is_err() {
                continue;
            }
            let n_asleep = self.asleep.len();
            self.fall_asleep(run);
            let is_new = self.arrive(run, n_asleep);
            let has_ended = run.ending().is_some();
            is_there = is_new && !has_ended;
            if !is_there {
                self.asleep.truncate(n_asleep);
            }
            if is_new == has_ended {
                return true;
            }
        }
        false
    }

    /// Who shall take the next turn, at what is then the last place; if that is another one than before,
    /// the run is not there.
    fn choose(&mut self, is_there: &mut bool) -> Option<ActorId> {
        loop {
            let Place { touched, .. } = *self.way.last()?;
            if let Some(actor) = self.way.chosen() {
                self.touches.truncate(touched[1]);
                self.asleep.push(Asleep { actor, touched });
            }
            if let Some(actor) = self.way.choose() {
                return Some(actor);
            }
            let place = self.way.leave()?;
            self.asleep.truncate(place.asleep);
            self.touches.truncate(place.touches);
            *is_there = false;
        }
    }

    /// Brings the run to the last place.
    fn follow(&self, run: &mut Run) {
        run.watch(false);
        self.way.follow(run, self.way.len() - 1);
        run.watch(true);
    }

    /// Notes what the last turn touched, and whose turns need not be tried after it.
    fn fall_asleep(&mut self, run: &Run) {
        let Some(place) = self.way.last_mut() else { return };
        let watched = run.watched();
        let from = self.touches.len();
        self.touches.extend_from_slice(&watched.touched);
        place.touched = [from, self.touches.len()];
        if watched.came_to_rest {
            return;
        }
        for at in place.asleep..self.asleep.len() {
            let Asleep { touched: [a, b], .. } = self.asleep[at];
            if !meet(&self.touches[a..b], &self.touches[from..]) {
                self.asleep.push(self.asleep[at]);
            }
        }
    }

    /// Looks at where the run is, of which those after the first `n_asleep` are asleep; `false` when
    /// there is nothing new.
    fn arrive(&mut self, run: &Run, n_asleep: usize) -> bool {
        let asleep = self.asleep[n_asleep..].iter().fold(0, |all, one| all | one.actor.bit());
        let is_full = self.max_states.is_some_and(|max| self.seen.len() >= max);
        let (state, places) = (run.fingerprint(), run.places());
        let in_places = renamed(asleep, places.iter().copied());
        let awake = match self.seen.entry(state) {
            Entry::Vacant(_) if is_full => !asleep,
            Entry::Vacant(entry) => {
                entry.insert(in_places);
                !asleep
            }
            Entry::Occupied(mut entry) => {
                let before = entry.insert(entry.get() & in_places);
                let before = renamed(before, places.iter().map(|[actor, place]| [*place, *actor]));
                let is_asleep = |one: &Asleep| before & one.actor.bit() != 0;
                let mut at = 0;
                self.asleep.retain(|one| {
                    at += 1;
                    at <= n_asleep || is_asleep(one)
                });
                if before & !asleep == 0 {
                    return false;
                }
                before & !asleep
            }
        };
        if run.ending().is_some() {
            return true;
        }
        let is_option = |actor: &ActorId| actor.bit() == 0 || awake & actor.bit() != 0;
        let touches = self.touches.len();
        let place = Place { asleep: n_asleep, touches, touched: [touches; 2] };
        self.way.enter(place, run.watch_ready().iter().filter(is_option));
        true
    }
}

/// These actors (by their bits) after each of some has become another.
fn renamed(actors: u64, pairs: impl Iterator<Item = [ActorId; 2]> + Clone) -> u64 {
    let stay = pairs.clone().fold(actors, |stay, [before, _]| stay & !before.bit());
    let moved = pairs.filter(|[before, _]| actors & before.bit() != 0);
    moved.fold(stay, |all, [_, after]| all | after.bit())
}

/// Whether turns that touch these may not change places.
fn meet(one: &[Touch], other: &[Touch]) -> bool {
    one.iter().any(|a| {
        let meets = |b: &Touch| a.spot == b.spot && (a.kind, b.kind) != (Kind::Read, Kind::Read);
        other.iter().any(meets)
    })
}

impl Search for States {
    fn next(&mut self, run: &mut Run) -> bool {
        remembering(run, self, Self::search, |it| &it.way)
    }

    fn order(&self) -> Vec<ActorId> {
        self.way.order()
    }

    fn looks_at_touches(&self) -> bool {
        true
    }
}
