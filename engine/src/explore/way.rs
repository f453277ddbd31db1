//! Where a search in depth is: the way of the present execution, and who else could go at each place.

use crate::model::Run;
use crate::world::ActorId;

/// The places that the present execution has come through, each with what the search knows of it.
pub(super) struct Way<P> {
    places: Vec<Place<P>>,
    /// Who shall take the next turn at each place, one place's after the other's.
    options: Vec<ActorId>,
}

/// A place on the way.
struct Place<P> {
    /// Where its options begin.
    options: usize,
    /// How many of them were chosen.
    n_chosen: usize,
    known: P,
}

impl<P> Default for Way<P> {
    fn default() -> Self {
        Self { places: Vec::new(), options: Vec::new() }
    }
}

impl<P> Way<P> {
    /// How many places there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether it is at no place.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Goes on to another place, where these shall take the next turn, one after the other.
    pub fn enter(&mut self, known: P, options: impl IntoIterator<Item = ActorId>) {
        self.places.push(Place { options: self.options.len(), n_chosen: 0, known });
        self.options.extend(options);
    }

    /// What is known of the last place.
    pub fn last(&self) -> Option<&P> {
        self.places.last().map(|place| &place.known)
    }

    /// The same, to be changed.
    pub fn last_mut(&mut self) -> Option<&mut P> {
        self.places.last_mut().map(|place| &mut place.known)
    }

    /// How many of the options of the last place were chosen.
    pub fn n_chosen(&self) -> usize {
        self.places.last().map_or(0, |place| place.n_chosen)
    }

    /// Who was chosen last at the last place.
    pub fn chosen(&self) -> Option<ActorId> {
        self.places.last().and_then(|place| self.chosen_at(place))
    }

    /// Chooses the next option of the last place; `None` when there is none left.
    pub fn choose(&mut self) -> Option<ActorId> {
        let place = self.places.last_mut()?;
        let actor = self.options.get(place.options + place.n_chosen).copied()?;
        place.n_chosen += 1;
        Some(actor)
    }

    /// Leaves the last place, for the one before it.
    pub fn leave(&mut self) -> Option<P> {
        let place = self.places.pop()?;
        self.options.truncate(place.options);
        Some(place.known)
    }

    /// Lets the run begin anew and take the turns that were chosen at the first `n_places`.
    pub fn follow(&self, run: &mut Run, n_places: usize) {
        run.restart();
        for place in &self.places[..n_places] {
            let followed = self.chosen_at(place).is_some_and(|actor| run.turn(actor).is_ok());
            debug_assert!(followed, "an execution is always the same");
        }
    }

    /// Who was chosen at each place where somebody was.
    pub fn order(&self) -> Vec<ActorId> {
        self.places.iter().filter_map(|place| self.chosen_at(place)).collect()
    }

    fn chosen_at(&self, place: &Place<P>) -> Option<ActorId> {
        place.n_chosen.checked_sub(1).map(|nth| self.options[place.options + nth])
    }
}

/// Brings a run to where `search` does, by its way, and writes no log but of an execution that has ended:
/// states are told from each other meanwhile.
pub(super) fn remembering<S, P>(
    run: &mut Run,
    it: &mut S,
    search: fn(&mut S, &mut Run) -> bool,
    way: fn(&S) -> &Way<P>,
) -> bool {
    // It may be another run than the last time.
    run.remember(true);
    let (watches, records) = (run.is_watched(), run.record(false));
    let found = search(it, run);
    run.record(records);
    if found && records && run.ending().is_some() {
        // Of those that are given up nobody wants a log.
        run.watch(false);
        way(it).follow(run, way(it).len());
        run.watch(watches);
    }
    run.remember(false);
    found
}
