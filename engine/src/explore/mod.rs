//! Exploring: what can happen at all, in every order in which actors can take their turns.
//!
//! - [`verify`]: all of it for a test of one's own algorithm;
//! - [`Exploration`]: a program and a [`Search`] through its executions, one at a time;
//! - [`Reduced`]: one execution for each class of those that nobody can tell apart;
//! - [`Every`]: every interleaving, or those with few preemptions;
//! - [`States`]: every state, for programs of too many classes;
//! - [`Counted`]: how many interleavings end in which way, and each of them, without running them all;
//! - [`Sampled`]: executions that a policy draws;
//! - [`InStep`]: executions in which everybody takes turns, round after round;
//! - [`Crew`]: several threads at one search, and [`Estimate`]: how long it may take them;
//! - [`litmus`]: programs that explorers are measured on.
#![doc = include_str!("README.md")]

mod class;
mod counted;
mod crew;
mod estimate;
mod every;
mod in_step;
pub mod litmus;
mod reduced;
mod sampled;
mod states;
mod trace;
mod verify;
mod way;

pub use class::Class;
pub use counted::{Counted, Interleavings};
pub use crew::{Crew, Share};
pub use estimate::Estimate;
pub use every::Every;
pub use in_step::InStep;
pub use reduced::Reduced;
pub use sampled::Sampled;
pub use states::States;
pub use verify::{replay, verify};

use crate::model::{Config, Model, Run};
use crate::world::ActorId;

/// A way through the executions of a program, one after the other.
pub trait Search {
    /// Brings `run` to the end of the next execution, or to where it is given up because what comes after
    /// is known, and the run has not ended; `false` when there is none left.
    fn next(&mut self, run: &mut Run) -> bool;

    /// Who took the turns of the present execution.
    fn order(&self) -> Vec<ActorId>;

    /// Whether it wants to know what each turn touches.
    fn looks_at_touches(&self) -> bool {
        false
    }

    /// Gives away a part of the executions that are left, to be looked at by another; `None` where it
    /// cannot, now or ever.
    fn split(&mut self) -> Option<Piece> {
        None
    }

    /// Whether all pieces together find what one search finds. Once one of them is not sure, what they
    /// found must be given up.
    fn is_sure(&self) -> bool {
        true
    }
}

/// A search, or a part of one, that any thread can take over.
pub type Piece = Box<dyn Search + Send>;

impl<S: Search + ?Sized> Search for Box<S> {
    fn next(&mut self, run: &mut Run) -> bool {
        (**self).next(run)
    }

    fn order(&self) -> Vec<ActorId> {
        (**self).order()
    }

    fn looks_at_touches(&self) -> bool {
        (**self).looks_at_touches()
    }

    fn split(&mut self) -> Option<Piece> {
        (**self).split()
    }

    fn is_sure(&self) -> bool {
        (**self).is_sure()
    }
}

/// The executions of a program, one at a time: it can be left and taken up again between any two.
///
/// ```
/// use engine::{World, explore::{Exploration, Reduced}, model::Config, world::Shared};
/// use std::{collections::BTreeMap, sync::Arc};
///
/// // Two actors add one to x, each in two steps.
/// let mut exploration = Exploration::new(Config::default(), Reduced::new(), |world| {
///     let x = Arc::new(Shared::new(world, "x", 0, 0));
///     for idx in 0..2 {
///         let x = x.clone();
///         world.spawn("adder", idx, move |w| async move {
///             let seen = x.load(&w).await;
///             x.store(&w, seen + 1).await;
///         });
///     }
/// });
/// let mut ends = BTreeMap::new();
/// while let Some(run) = exploration.next() {
///     let wrote = run.log().events.iter().rev().find(|e| e.value > 0).unwrap().value;
///     *ends.entry(wrote).or_insert(0) += 1;
/// }
/// assert_eq!(ends, BTreeMap::from([(1, 2), (2, 2)]), "of the six interleavings four differ");
/// ```
pub struct Exploration<S> {
    run: Run,
    search: S,
    n_executions: u64,
}

impl<S: Search> Exploration<S> {
    /// Nothing is explored yet. `setup` makes the objects and spawns the actors, each time anew.
    pub fn new(config: Config, search: S, setup: impl Fn(&Model) + 'static) -> Self {
        Self::of(Run::new(Config { explored: true, ..config }, setup), search)
    }

    /// The executions of what this run runs.
    pub fn of(mut run: Run, search: S) -> Self {
        run.watch(search.looks_at_touches());
        Self { run, search, n_executions: 0 }
    }

    /// The next execution, at its end.
    #[expect(clippy::should_implement_trait, reason = "what it gives borrows from it")]
    pub fn next(&mut self) -> Option<&Run> {
        let found = self.search.next(&mut self.run);
        self.n_executions += u64::from(found);
        found.then_some(&self.run)
    }

    /// The present execution; before the first one, a run that stands before its first turn.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// How many executions there were.
    pub fn n_executions(&self) -> u64 {
        self.n_executions
    }

    /// How they are searched.
    pub fn search(&self) -> &S {
        &self.search
    }
}
