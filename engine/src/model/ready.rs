//! The set of actors that could take the next turn.

use crate::world::ActorId;

/// A set of actors, as bits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    bits: Vec<u64>,
    len: usize,
}

impl Ready {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether `actor` is one of them.
    pub fn contains(&self, actor: ActorId) -> bool {
        self.bits.get(actor.idx() / 64).is_some_and(|word| word >> (actor.idx() % 64) & 1 == 1)
    }

    /// All of them, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = ActorId> + '_ {
        self.bits.iter().enumerate().flat_map(|(at, word)| {
            let rest = |word: &u64| (*word & (*word - 1) != 0).then_some(*word & (*word - 1));
            std::iter::successors((*word != 0).then_some(*word), rest)
                .map(move |word| ActorId((at * 64) as u16 + word.trailing_zeros() as u16))
        })
    }

    /// The first one whose id is greater than `actor`'s, or the first of all.
    pub fn after(&self, actor: Option<ActorId>) -> Option<ActorId> {
        let start = actor.map_or(0, |actor| actor.idx() + 1);
        let later = self.bits.iter().enumerate().skip(start / 64).find_map(|(at, word)| {
            let mask = if at == start / 64 { u64::MAX << (start % 64) } else { u64::MAX };
            let word = word & mask;
            (word != 0).then(|| ActorId((at * 64) as u16 + word.trailing_zeros() as u16))
        });
        later.or_else(|| self.iter().next())
    }

    pub(super) fn insert(&mut self, actor: ActorId) {
        let at = actor.idx() / 64;
        if self.bits.len() <= at {
            self.bits.resize(at + 1, 0);
        }
        let bit = 1 << (actor.idx() % 64);
        self.len += usize::from(self.bits[at] & bit == 0);
        self.bits[at] |= bit;
    }

    pub(super) fn remove(&mut self, actor: ActorId) {
        if let Some(word) = self.bits.get_mut(actor.idx() / 64) {
            let bit = 1 << (actor.idx() % 64);
            self.len -= usize::from(*word & bit != 0);
            *word &= !bit;
        }
    }

    pub(super) fn clear(&mut self) {
        self.bits.fill(0);
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn is_a_set(operations in prop::collection::vec((any::<bool>(), 0u16..200), 0..100)) {
            let (mut ready, mut set) = (Ready::default(), BTreeSet::new());
            for (insert, id) in operations {
                let actor = ActorId(id);
                if insert {
                    ready.insert(actor);
                    set.insert(actor);
                } else {
                    ready.remove(actor);
                    set.remove(&actor);
                }
                prop_assert!(ready.iter().eq(set.iter().copied()));
                prop_assert_eq!(ready.len(), set.len());
                prop_assert_eq!(ready.contains(actor), set.contains(&actor));
                let after = set.range(ActorId(id + 1)..).next().or(set.first());
                prop_assert_eq!(ready.after(Some(actor)), after.copied());
            }
        }
    }
}
