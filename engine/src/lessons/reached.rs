//! Where in its source the executions of a program have been.

use std::ops::RangeInclusive;

use super::Lesson;
use crate::world::Place;

/// The places that executions came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Reached {
    /// Each once. There are no more than a program has operations.
    places: Vec<Place>,
    /// How many of the places that the run knows are among them.
    n_noted: usize,
}

impl Reached {
    /// Takes note of the places that a run knows: always the same run, which never forgets any.
    pub fn look(&mut self, places: &[Place]) {
        if self.n_noted < places.len() {
            self.add(&places[self.n_noted..]);
            self.n_noted = places.len();
        }
    }

    /// Takes over where others have been.
    pub fn merge(&mut self, other: Self) {
        self.add(&other.places);
    }

    fn add(&mut self, places: &[Place]) {
        for place in places {
            if !self.places.contains(place) {
                self.places.push(place);
            }
        }
    }

    /// The marked lines of a lesson that are not among them: of those between which there are no
    /// others, the first and the last.
    pub fn others(&self, lesson: &Lesson) -> Vec<RangeInclusive<u32>> {
        let mut others: Vec<RangeInclusive<u32>> = Vec::new();
        let mut goes_on = false;
        for line in lesson.marked().iter().map(|line| u32::from(*line)) {
            let is_here = |place: &&Place| place.line() == line && place.file() == lesson.file;
            let is_reached = self.places.iter().any(|place| is_here(&place));
            match others.last_mut() {
                _ if is_reached => {}
                Some(others) if goes_on => *others = *others.start()..=line,
                _ => others.push(line..=line),
            }
            goes_on = !is_reached;
        }
        others
    }
}
