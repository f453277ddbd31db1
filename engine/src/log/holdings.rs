//! Who holds what, and the cycle in who waits for whom.

use crate::world::{ActorId, ObjectId};

/// For each object, the actors that hold it, in the order in which they got it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    holders: Vec<Vec<ActorId>>,
}

impl Holdings {
    /// `actor` now has `object`.
    pub fn got(&mut self, object: ObjectId, actor: ActorId) {
        if self.holders.len() <= object.idx() {
            self.holders.resize(object.idx() + 1, Vec::new());
        }
        self.holders[object.idx()].push(actor);
    }

    /// `actor` gave `object` back. Where permits are passed on, whoever gives one back need not be
    /// the one who took it: then the first holder's is gone. Says whose it was, if anybody's.
    pub fn gave_back(&mut self, object: ObjectId, actor: ActorId) -> Option<ActorId> {
        let holders = self.holders.get_mut(object.idx()).filter(|holders| !holders.is_empty())?;
        let at = holders.iter().position(|holder| *holder == actor).unwrap_or(0);
        Some(holders.remove(at))
    }

    /// Who holds `object`.
    pub fn holders(&self, object: ObjectId) -> &[ActorId] {
        self.holders.get(object.idx()).map_or(&[], Vec::as_slice)
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        self.holders.iter_mut().for_each(Vec::clear);
    }
}

/// One arrow of the wait-for graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// Who waits.
    pub actor: ActorId,
    /// For what.
    pub object: ObjectId,
    /// Who holds it, when somebody does.
    pub holder: Option<ActorId>,
}

/// Why nobody can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadlock {
    /// Everyone who waits, and for whom.
    pub blocked: Vec<Link>,
    /// The shortest closed chain among them, each waiting for the next and the last for the first;
    /// empty when there is none, as after a lost wakeup.
    pub cycle: Vec<Link>,
}

impl Deadlock {
    /// The graph of `waits` (who waits for which object), given who holds what.
    ///
    /// ```
    /// use engine::{log::{Deadlock, Holdings}, world::{ActorId, ObjectId}};
    ///
    /// let (a, b, x, y) = (ActorId(0), ActorId(1), ObjectId(0), ObjectId(1));
    /// let mut holdings = Holdings::default();
    /// holdings.got(x, a);
    /// holdings.got(y, b);
    /// let deadlock = Deadlock::new([(a, y), (b, x)], &holdings);
    /// assert_eq!(deadlock.cycle.len(), 2);
    /// ```
    pub fn new(waits: impl IntoIterator<Item = (ActorId, ObjectId)>, holdings: &Holdings) -> Self {
        let links = waits.into_iter().flat_map(|(actor, object)| {
            let holders = holdings.holders(object);
            let nobody = holders.is_empty().then_some(None);
            let holders = holders.iter().copied().map(Some).chain(nobody);
            holders.map(move |holder| Link { actor, object, holder })
        });
        let blocked: Vec<Link> = links.collect();
        let cycles = blocked.iter().filter_map(|link| shortest_back_to(link.actor, &blocked));
        let cycle = cycles.min_by_key(Vec::len).unwrap_or_default();
        Self { blocked, cycle }
    }
}

/// The shortest chain of links from `start` back to it: a breadth-first search.
fn shortest_back_to(start: ActorId, links: &[Link]) -> Option<Vec<Link>> {
    // Each entry: a link, and the entry through which it was reached.
    let mut reached: Vec<(Link, Option<usize>)> = Vec::new();
    let from = |actor| links.iter().copied().filter(move |link| link.actor == actor);
    reached.extend(from(start).map(|link| (link, None)));
    let mut at = 0;
    while let Some(&(link, _)) = reached.get(at) {
        if link.holder == Some(start) {
            let chain = std::iter::successors(Some(at), |idx| reached[*idx].1);
            let mut cycle: Vec<Link> = chain.map(|idx| reached[idx].0).collect();
            cycle.reverse();
            return Some(cycle);
        }
        if let Some(next) = link.holder
            && !reached[..at].iter().any(|(earlier, _)| earlier.holder == link.holder)
        {
            reached.extend(from(next).map(|link| (link, Some(at))));
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycle_len(holds: &[(u16, u16)], waits: &[(u16, u16)]) -> usize {
        let mut holdings = Holdings::default();
        holds.iter().for_each(|(actor, object)| holdings.got(ObjectId(*object), ActorId(*actor)));
        let waits = waits.iter().map(|(actor, object)| (ActorId(*actor), ObjectId(*object)));
        Deadlock::new(waits, &holdings).cycle.len()
    }

    #[test]
    fn cycles_are_found_and_only_cycles() {
        assert_eq!(cycle_len(&[(0, 0), (1, 1), (2, 2)], &[(0, 1), (1, 2), (2, 0)]), 3);
        assert_eq!(cycle_len(&[(0, 0), (1, 1), (2, 2)], &[(0, 1), (1, 2)]), 0, "a chain is none");
        assert_eq!(cycle_len(&[(0, 0)], &[(0, 0)]), 1, "who waits for oneself");
        assert_eq!(cycle_len(&[], &[(0, 0), (1, 0)]), 0, "a lost wakeup has no cycle");
        let tail = cycle_len(&[(0, 0), (1, 1), (2, 2)], &[(0, 1), (1, 2), (2, 1)]);
        assert_eq!(tail, 2, "who only waits for the cycle is not in it");
    }
}
