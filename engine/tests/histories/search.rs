//! The search for an order that explains a history.

use std::collections::HashSet;

use super::{Entry, Thing};

/// A part of an act that came to its end: one moment between these two.
struct Part<T: Thing> {
    actor: usize,
    act: T::Act,
    gave: T::Gave,
    begin: usize,
    end: usize,
    /// Whether the part before it belongs to the same act.
    follows: bool,
}

struct Search<'a, T: Thing> {
    parts: &'a [Part<T>],
    stuck: &'a [(usize, T::Act)],
    /// Where it has been: what was done, and what the thing was then.
    seen: HashSet<(u128, T)>,
}

/// Whether the acts can be put into an order that keeps those apart that did not overlap, and in
/// which the plain thing would have given what they gave.
pub fn is_explained<T: Thing>(thing: &T, history: &[Entry<T::Act, T::Gave>]) -> bool {
    let (mut parts, mut stuck) = (Vec::new(), Vec::new());
    for Entry { actor, act, begin, end } in history {
        let (actor, begin, ended) = (*actor, *begin, end.map_or(usize::MAX, |(end, _)| end));
        for (idx, (act, gave)) in T::parts(*act, end.map(|(_, gave)| gave)).into_iter().enumerate()
        {
            match gave {
                Some(gave) => {
                    let follows = idx > 0;
                    parts.push(Part { actor, act, gave, begin, end: ended, follows });
                }
                None => stuck.push((actor, act)),
            }
        }
    }
    assert!(parts.len() <= 128, "too many to search");
    let mut search = Search { parts: &parts, stuck: &stuck, seen: HashSet::new() };
    search.goes_on(0, usize::MAX, thing.clone())
}

impl<T: Thing> Search<'_, T> {
    /// Whether what is not `done` can follow. `last_end` is when the act ended that was last.
    fn goes_on(&mut self, done: u128, last_end: usize, thing: T) -> bool {
        let parts = self.parts;
        let is_done = |idx: usize| done >> idx & 1 != 0;
        let left = || parts.iter().enumerate().filter(|(idx, _)| !is_done(*idx));
        let Some(first_end) = left().map(|(_, part)| part.end).min() else {
            return thing.may_rest(self.stuck);
        };
        if !self.seen.insert((done, thing.clone())) {
            return false;
        }
        let latest = if thing.is_passing() { last_end.min(first_end) } else { first_end };
        let may_be_next = |(idx, part): &(usize, &Part<T>)| {
            part.begin < latest && !(part.follows && !is_done(idx - 1))
        };
        left().filter(may_be_next).any(|(idx, part)| {
            let next = thing.after(part.actor, part.act, part.gave);
            next.is_some_and(|next| self.goes_on(done | 1 << idx, part.end, next))
        })
    }
}
