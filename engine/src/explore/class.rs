//! What all executions of a class have in common, and how many there are.

use std::collections::BTreeMap;

use super::trace::Trace;
use crate::model::{NotReady, Run};
use crate::world::ActorId;

/// A class of executions that differ only in the order of turns that do not touch each other: which
/// turns there are, and which come before which others of necessity (a Mazurkiewicz trace).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Class(Vec<Vec<u32>>);

impl Class {
    /// The class of the execution in which the turns are taken in this order.
    ///
    /// # Errors
    /// [`NotReady`] when they cannot be.
    ///
    /// # Panics
    /// When `run` is not of [`crate::model::Config::explored`].
    ///
    /// ```
    /// use engine::{World, explore::Class, model::{Config, Run}, world::{ActorId, Shared}};
    ///
    /// let config = Config { explored: true, ..Config::default() };
    /// let mut run = Run::new(config, |world| {
    ///     for idx in 0..2 {
    ///         let own = Shared::new(world, "own", idx, 0);
    ///         world.spawn("writer", idx, move |w| async move { own.store(&w, 1).await });
    ///     }
    /// });
    /// let [one, other] = [ActorId(0), ActorId(1)];
    /// let [there, back] = [[one, other], [other, one]].map(|order| Class::of(&mut run, order));
    /// assert_eq!(there, back, "what is one's own nobody else sees");
    /// ```
    pub fn of(run: &mut Run, order: impl IntoIterator<Item = ActorId>) -> Result<Self, NotReady> {
        assert!(run.is_watched(), "nobody knows what the turns of this run touch");
        run.restart();
        let mut trace = Trace::default();
        for actor in order {
            run.turn(actor)?;
            trace.add(actor, &run.watched(), false);
        }
        Ok(Self(trace.pasts()))
    }

    /// How many interleavings are of this class: in how many orders its turns can be taken. `None` when
    /// there are more than 2^128, or `limit` is too low: from this it takes away in how many places it
    /// looked, each given by how many turns of each actor were taken. They must also fit into 128 bits.
    ///
    /// ```
    /// # use engine::{World, explore::Class, model::{Config, Run}, world::{ActorId, Shared}};
    /// # let config = Config { explored: true, ..Config::default() };
    /// # let mut run = Run::new(config, |world| {
    /// #     for idx in 0..2 {
    /// #         let own = Shared::new(world, "own", idx, 0);
    /// #         world.spawn("writer", idx, move |w| async move { own.store(&w, 1).await });
    /// #     }
    /// # });
    /// // Of the two writers from above, each with one turn:
    /// let class = Class::of(&mut run, [0, 1].map(ActorId)).unwrap();
    /// let mut limit = 100;
    /// assert_eq!(class.n_interleavings(&mut limit), Some(2));
    /// assert_eq!(limit, 96, "none, the one, the other, both");
    /// ```
    pub fn n_interleavings(&self, limit: &mut u64) -> Option<u128> {
        let turns = self.0.iter().filter_map(|past| match &past[..] {
            [actor, _, clock @ ..] => Some((*actor as usize, clock)),
            _ => None,
        });
        n_orders(turns, limit)
    }
}

/// In how many orders turns can be taken, each of an actor and by how many of those of each actor come
/// before it; those of one actor in their order. See [`Class::n_interleavings`].
pub(super) fn n_orders<'a>(
    turns: impl Iterator<Item = (usize, &'a [u32])>,
    limit: &mut u64,
) -> Option<u128> {
    let actors = actors(turns)?;
    let end = actors.iter().fold(0, |place, actor| place + actor.after(actor.turns.len()));
    let mut ways = BTreeMap::from([(0, 1_u128)]);
    loop {
        *limit = limit.checked_sub(ways.len() as u64)?;
        if let Some(n) = ways.get(&end) {
            return Some(*n);
        }
        let mut next = BTreeMap::new();
        for (place, n) in ways {
            for actor in actors.iter().filter(|actor| actor.can_go(place, &actors)) {
                let n_there = next.entry(place + actor.after(1)).or_insert(0_u128);
                *n_there = n_there.checked_add(n)?;
            }
        }
        ways = next;
    }
}

/// Those who take turns; `None` where there is no room for all of them in a place.
fn actors<'a>(turns: impl Iterator<Item = (usize, &'a [u32])>) -> Option<Vec<Actor<'a>>> {
    let mut actors: Vec<Actor> = Vec::new();
    // What comes before a moment of rest comes before all turns after it.
    for (idx, clock) in turns.filter(|(idx, _)| *idx != ActorId::CLOCK.idx()) {
        match actors.iter_mut().find(|actor| actor.idx == idx) {
            Some(actor) => actor.turns.push(clock),
            None => actors.push(Actor { idx, turns: vec![clock], bits: [0; 2] }),
        }
    }
    let mut n_bits = 0;
    for Actor { turns, bits, .. } in &mut actors {
        let first = n_bits;
        n_bits += turns.len().ilog2() + 1;
        *bits = [first, n_bits];
    }
    (n_bits <= u128::BITS).then_some(actors)
}

/// Whose turns are a part of a class.
struct Actor<'a> {
    idx: usize,
    /// Each turn, by how many of those of each actor come before it.
    turns: Vec<&'a [u32]>,
    /// Where in the number of a place it is how many of them were taken.
    bits: [u32; 2],
}

impl Actor<'_> {
    /// What the number of a place grows by with so many turns of this actor.
    fn after(&self, n_turns: usize) -> u128 {
        (n_turns as u128) << self.bits[0]
    }

    /// How many turns it has taken where this place is.
    fn taken(&self, place: u128) -> usize {
        let [first, end] = self.bits;
        (place >> first) as usize & ((1 << (end - first)) - 1)
    }

    /// Whether its next turn can be taken there.
    fn can_go(&self, place: u128, actors: &[Self]) -> bool {
        let turn = self.turns.get(self.taken(place));
        turn.is_some_and(|past| {
            actors.iter().filter(|other| other.idx != self.idx).all(|other| {
                past.get(other.idx).is_none_or(|needed| *needed as usize <= other.taken(place))
            })
        })
    }
}
