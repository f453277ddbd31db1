//! A data race: two accesses of plain data that nothing orders.

use crate::world::{ActorId, ObjectId, Place};

/// An access of plain data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataAccess {
    /// Whose.
    pub actor: ActorId,
    /// Whether it writes.
    pub writes: bool,
    /// Where in the source.
    pub place: Place,
}

/// Two accesses of the same plain data by different actors, of which at least one writes, and nothing
/// says which comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Race {
    /// The data.
    pub object: ObjectId,
    /// The accesses, as they happened to come.
    pub accesses: [DataAccess; 2],
}

impl Race {
    /// Whether it is one of the same accesses in the source to the same data, by whomever.
    pub fn is_like(&self, other: &Self) -> bool {
        let sorts = |race: &Self| {
            let mut sorts = race.accesses.map(|access| (access.place, access.writes));
            sorts.sort();
            sorts
        };
        self.object == other.object && sorts(self) == sorts(other)
    }
}
