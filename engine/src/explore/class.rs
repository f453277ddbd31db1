//! What all executions of a class have in common.

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
}
