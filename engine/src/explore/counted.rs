//! How many interleavings there are, and each of them, without running them all.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::Search;
use super::states::AsItIs;
use super::way::{Way, remembering};
use crate::log::Ending;
use crate::model::{Fingerprint, Run};
use crate::world::ActorId;

/// Counts all interleavings by way of the states that they go through; see the README of this room. For
/// each state in which nobody can go on it runs one execution to its end; the others are given up where
/// they come to a state that is known. When it is done, [`Self::n_interleavings`] says how many
/// interleavings end in each of those states, and [`Self::interleavings`] lists them.
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
    /// Each turn between two states; once all are known, in the order of the states that they begin in.
    turns: Vec<Turn>,
    /// Who is meant, where a turn comes to a state in which actors that do the same are in other places
    /// than when it was found: whoever was there, and who is there now.
    renamed: Vec<[ActorId; 2]>,
    /// Each actor that could change places with others in each state, and its place.
    places: Vec<[ActorId; 2]>,
    /// The states at the end, as they were found.
    ends: Vec<usize>,
    /// The states where the present execution has been.
    way: Way<usize>,
    /// All states, at their numbers.
    states: Vec<State>,
    /// Whether an execution came back to where it had been, or was cut off: then there may be others
    /// without end.
    is_endless: bool,
    has_begun: bool,
}

/// What is known of a state.
struct State {
    /// Whether the present execution has been there.
    is_open: bool,
    /// Its part of the places.
    places: [usize; 2],
}

/// A turn that leads from one state to another.
struct Turn {
    from: usize,
    to: usize,
    actor: ActorId,
    /// Its part of the list of those renamed.
    renamed: [usize; 2],
}

impl Counted {
    /// A search that has not begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many states are known.
    pub fn n_states(&self) -> usize {
        self.states.len()
    }

    /// How many interleavings end in each of the states in which executions ended, in the order in which
    /// these were found; `None` as long as it is not done, where some interleavings have no end, or where
    /// there are more than 2^128.
    pub fn n_interleavings(&self) -> Option<Vec<u128>> {
        let firsts = self.firsts()?;
        // How many ways lead to each state. The first state is where all begin.
        let mut n_ways = vec![0_u128; self.states.len()];
        n_ways[0] = 1;
        for from in self.done.iter().rev() {
            for turn in &self.turns[firsts[*from]..firsts[from + 1]] {
                n_ways[turn.to] = n_ways[turn.to].checked_add(n_ways[*from])?;
            }
        }
        Some(self.ends.iter().map(|end| n_ways[*end]).collect())
    }

    /// All interleavings, one after the other; `None` as long as it is not done, and where some have no
    /// end.
    ///
    /// ```
    /// # use engine::{World, explore::{Counted, Exploration}, model::Config, world::Shared};
    /// # use std::sync::Arc;
    /// let mut exploration = Exploration::new(Config::default(), Counted::new(), |world| {
    ///     let x = Arc::new(Shared::new(world, "x", 0, 0));
    ///     for idx in 0..2 {
    ///         let x = x.clone();
    ///         world.spawn("adder", idx, move |w| async move {
    ///             let seen = x.load(&w).await;
    ///             x.store(&w, seen + 1).await;
    ///         });
    ///     }
    /// });
    /// while exploration.next().is_some() {}
    /// let mut all = exploration.search().interleavings().unwrap();
    /// let mut ends = Vec::new();
    /// while let Some((order, end)) = all.next() {
    ///     ends.push((order.iter().map(|actor| actor.0).collect::<Vec<_>>(), end));
    /// }
    /// assert_eq!(ends.len(), 6);
    /// assert_eq!(ends[0], (vec![0, 0, 1, 1], 0), "one after the other: x is 2");
    /// assert_eq!(ends[1], (vec![0, 1, 0, 1], 1), "one update is lost: x is 1");
    /// ```
    pub fn interleavings(&self) -> Option<Interleavings<'_>> {
        let mut end_of = vec![usize::MAX; self.states.len()];
        self.ends.iter().enumerate().for_each(|(nth, end)| end_of[*end] = nth);
        // Where nobody is renamed, all are who they are.
        let n_names = self.renamed.iter().flatten().map(|actor| actor.idx() + 1).max().unwrap_or(0);
        Some(Interleavings {
            counted: self,
            firsts: self.firsts()?,
            end_of,
            way: Vec::new(),
            order: Vec::new(),
            names: (0..n_names).map(|idx| ActorId(idx as u16)).collect(),
            n_names,
            has_begun: false,
        })
    }

    /// Where the turns begin that lead on from each state, and where the last ones end; `None` as long as
    /// it is not done, and where an execution has no end.
    fn firsts(&self) -> Option<Vec<usize>> {
        let is_done = self.has_begun && self.way.is_empty() && !self.is_endless;
        let first = |state| self.turns.partition_point(|turn| turn.from < state);
        is_done.then(|| (0..=self.states.len()).map(first).collect())
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
            self.states[state].is_open = false;
            self.done.push(state);
        }
    }

    /// Looks at where the run is, and gives whether it never was there before.
    fn arrive(&mut self, run: &Run) -> bool {
        let (n_known, here) = (self.states.len(), run.fingerprint());
        let state = *self.known.entry(here).or_insert(n_known);
        let is_new = state == n_known;
        if let Some((from, actor)) = self.way.last().copied().zip(self.way.chosen()) {
            let n_renamed = self.renamed.len();
            if !is_new {
                self.rename(state, &run.places());
            }
            let renamed = [n_renamed, self.renamed.len()];
            self.turns.push(Turn { from, to: state, actor, renamed });
        }
        let has_ended = run.ending().is_some();
        if !is_new {
            self.is_endless |= self.states[state].is_open;
            return false;
        }
        self.is_endless |= run.ending() == Some(&Ending::TurnLimit);
        let n_places = self.places.len();
        self.places.extend_from_slice(&run.places());
        self.states.push(State { is_open: !has_ended, places: [n_places, self.places.len()] });
        if has_ended {
            self.ends.push(state);
            self.done.push(state);
            return true;
        }
        self.way.enter(state, run.watch_ready().iter());
        true
    }

    /// Notes who is now in the places of others, in a state that is known.
    fn rename(&mut self, state: usize, now: &[[ActorId; 2]]) {
        let [first, end] = self.states[state].places;
        for [actor, place] in &self.places[first..end] {
            let is_there = now.iter().find(|[_, other]| other == place);
            let others = is_there.filter(|[other, _]| other != actor);
            self.renamed.extend(others.map(|[other, _]| [*actor, *other]));
        }
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
        self.turns.sort_by_key(|turn| turn.from);
        false
    }
}

/// All interleavings of a program of which the states are known, each by who takes its turns; see
/// [`Counted::interleavings`].
pub struct Interleavings<'a> {
    counted: &'a Counted,
    /// Where the turns begin that lead on from each state, and where the last ones end.
    firsts: Vec<usize>,
    /// Which end each state is.
    end_of: Vec<usize>,
    /// The turns of the present interleaving, and who takes them.
    way: Vec<usize>,
    order: Vec<ActorId>,
    /// For each state on the way, who is meant by each of so many actors.
    names: Vec<ActorId>,
    n_names: usize,
    has_begun: bool,
}

impl Interleavings<'_> {
    /// Who takes the turns of the next interleaving, and in which state it ends: the how manieth of those
    /// in which executions ended, in the order in which these were found. After the first one it costs as
    /// much as the turns by which one differs from the one before it.
    #[expect(clippy::should_implement_trait, reason = "what it gives borrows from it")]
    pub fn next(&mut self) -> Option<(&[ActorId], usize)> {
        let mut state = 0;
        if std::mem::replace(&mut self.has_begun, true) {
            // The last state in which somebody else could go.
            let other = loop {
                let other = self.leave()? + 1;
                let from = self.counted.turns[other - 1].from;
                if other < self.firsts[from + 1] {
                    break other;
                }
            };
            state = self.take(other);
        }
        while self.firsts[state] < self.firsts[state + 1] {
            state = self.take(self.firsts[state]);
        }
        Some((&self.order, self.end_of[state]))
    }

    /// Takes a turn, and gives the state that it leads to.
    fn take(&mut self, turn: usize) -> usize {
        self.way.push(turn);
        let Turn { to, actor, renamed: [first, end], .. } = self.counted.turns[turn];
        let names = self.names.len() - self.n_names;
        self.order.push(self.names[names..].get(actor.idx()).copied().unwrap_or(actor));
        self.names.extend_from_within(names..);
        for [there, here] in &self.counted.renamed[first..end] {
            self.names[names + self.n_names + there.idx()] = self.names[names + here.idx()];
        }
        to
    }

    /// Takes the last turn back.
    fn leave(&mut self) -> Option<usize> {
        self.order.pop();
        self.names.truncate(self.names.len() - self.n_names);
        self.way.pop()
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
