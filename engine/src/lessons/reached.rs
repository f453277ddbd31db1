//! Where in its source the executions of a program have been.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::Lesson;
use crate::world::Place;

/// The places that executions came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Reached {
    places: BTreeSet<Place>,
    /// How many of the places that the run knows are among them.
    n_noted: usize,
}

impl Reached {
    /// Takes note of the places that a run knows: always the same run, which never forgets any.
    pub fn look(&mut self, places: &[Place]) {
        if self.n_noted < places.len() {
            self.places.extend(&places[self.n_noted..]);
            self.n_noted = places.len();
        }
    }

    /// Takes over where others have been.
    pub fn merge(&mut self, other: Self) {
        self.places.extend(other.places);
    }

    /// The marked lines of a lesson that are not among them: of those between which there are no
    /// others, the first and the last.
    pub fn others(&self, lesson: &Lesson) -> Vec<RangeInclusive<u32>> {
        let own = self.places.iter().filter(|place| place.file() == lesson.file);
        let own: BTreeSet<u32> = own.map(|place| place.line()).collect();
        let lines: Vec<u32> = lesson.marked().iter().map(|line| u32::from(*line)).collect();
        let stretches = lines.chunk_by(|line, next| own.contains(line) == own.contains(next));
        let others = stretches.filter(|lines| !own.contains(&lines[0]));
        others.map(|lines| lines[0]..=lines[lines.len() - 1]).collect()
    }
}
