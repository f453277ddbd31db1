//! How many interleavings end in which way, without running each.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::Search;
use super::states::AsItIs;
use super::way::{Way, remembering};
use crate::model::{Fingerprint, Run};
use crate::world::ActorId;

/// Counts all interleavings by way of the states that they go through; see the README of this room. For
/// each state in which nobody can go on it runs one execution to its end; the others are given up where
/// they come to a state that is known. When it is done, [`Self::n_interleavings`] says how many
/// interleavings end in each of those states.
///
/// So it is for whatever follows from the state at the end, as the values in the words, and who is stuck;
/// not for what depends on the way there. It remembers each state, and each turn between two states.
///
/// ```
/// use engine::{World, explore::{Counted, Exploration}, model::Config, world::Shared};
/// use std::sync::Arc;
///
/// // Ten actors add one to x in two steps each.
/// let mut exploration = Exploration::new(Config::default(), Counted::new(), |world| {
///     let x = Arc::new(Shared::new(world, "x", 0, 0));
///     world.spawn_alike("adder", 10, move |w| async move {
///         let seen = x.load(&w).await;
///         x.store(&w, seen + 1).await;
///     });
/// });
/// while exploration.next().is_some() {}
/// let counts = exploration.search().n_interleavings().unwrap();
/// assert_eq!(counts.len(), 10, "x is 1 to 10 at the end");
/// assert_eq!(counts.iter().sum::<u128>(), 2_375_880_867_360_000, "20! / 2^10");
/// ```
#[derive(Default)]
pub struct Counted {
    /// The number of each state.
    known: HashMap<Fingerprint, usize, BuildHasherDefault<AsItIs>>,
    /// The states, but those where the present execution is, in such an order that all that can follow on
    /// one comes before it.
    done: Vec<usize>,
    /// Each turn between two states.
    turns: Vec<[usize; 2]>,
    /// The states at the end, as they were found.
    ends: Vec<usize>,
    /// The states where the present execution has been.
    way: Way<usize>,
    /// By state, whether the present execution has been there.
    is_open: Vec<bool>,
    /// Whether an execution came back to where it had been, or was cut off: then there may be others
    /// without end.
    is_endless: bool,
    has_begun: bool,
}

impl Counted {
    /// A search that has not begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many states are known.
    pub fn n_states(&self) -> usize {
        self.known.len()
    }

    /// How many interleavings end in each of the states in which executions ended, in the order in which
    /// these were found; `None` as long as it is not done, where some interleavings have no end, or where
    /// there are more than 2^128.
    pub fn n_interleavings(&self) -> Option<Vec<u128>> {
        let is_done = self.has_begun && self.way.is_empty() && !self.is_endless;
        if !is_done {
            return None;
        }
        let mut turns = self.turns.clone();
        turns.sort_unstable();
        // How many ways lead to each state. The first state is where all begin.
        let mut n_ways = vec![0_u128; self.known.len()];
        n_ways[0] = 1;
        for from in self.done.iter().rev() {
            let first = turns.partition_point(|[state, _]| state < from);
            for [_, to] in turns[first..].iter().take_while(|[state, _]| state == from) {
                n_ways[*to] = n_ways[*to].checked_add(n_ways[*from])?;
            }
        }
        Some(self.ends.iter().map(|end| n_ways[*end]).collect())
    }

    /// Who shall take the next turn, and whether the run stands before it.
    fn choose(&mut self) -> Option<(ActorId, bool)> {
        let mut is_there = true;
        loop {
            is_there &= self.way.n_chosen() == 0;
            if let Some(actor) = self.way.choose() {
                return Some((actor, is_there));
            }
            let state = self.way.leave()?;
            self.is_open[state] = false;
            self.done.push(state);
        }
    }

    /// Looks at where the run is, and gives whether it never was there before.
    fn arrive(&mut self, run: &Run) -> bool {
        let n_known = self.known.len();
        let state = *self.known.entry(run.fingerprint()).or_insert(n_known);
        self.turns.extend(self.way.last().map(|before| [*before, state]));
        if state < n_known {
            self.is_endless |= self.is_open[state];
            return false;
        }
        self.is_endless |= run.ending() == Some(&crate::log::Ending::TurnLimit);
        self.is_open.push(run.ending().is_none());
        if run.ending().is_some() {
            self.ends.push(state);
            self.done.push(state);
            return true;
        }
        self.way.enter(state, run.watch_ready().iter());
        true
    }

    /// Brings the run to the next state that ends or is known; see [`Search::next`].
    fn search(&mut self, run: &mut Run) -> bool {
        if !std::mem::replace(&mut self.has_begun, true) {
            run.restart();
            self.arrive(run);
            if run.ending().is_some() {
                return true;
            }
        }
        while let Some((actor, is_there)) = self.choose() {
            if !is_there {
                self.way.follow(run, self.way.len() - 1);
            }
            if run.turn(actor).is_err() {
                continue;
            }
            if self.arrive(run) == run.ending().is_some() {
                return true;
            }
        }
        false
    }
}

impl Search for Counted {
    fn next(&mut self, run: &mut Run) -> bool {
        remembering(run, self, Self::search, |it| &it.way)
    }

    fn order(&self) -> Vec<ActorId> {
        self.way.order()
    }
}
