//! The model: a deterministic world in which a scheduler decides who takes the next turn.
//!
//! An actor is a future. An operation's first poll *declares* it (what, with which object, where in
//! the source), its second poll performs it; so before any turn it is known what each actor is
//! about to do, and why one that cannot move cannot. Time is virtual: it moves only when nobody is
//! ready (or when a schedule says so).
//!
//! - [`Run`]: one execution, turn by turn, to its [`Ending`];
//! - [`Scheduler`]: an oracle of one method, with a file for each policy;
//! - [`Replay`]: a policy and the turns at which somebody decided otherwise.

mod kernel;
mod order;
mod policy;
mod ready;
mod run;
mod watch;
mod world;

pub use crate::log::Ending;
pub(crate) use kernel::fingerprint::Fingerprint;
pub use kernel::{Config, Grain, Time};
pub use policy::{Pct, Person, Pick, Random, Replay, RoundRobin, Scheduler, View};
pub use ready::Ready;
pub use run::{NotReady, Run};
pub(crate) use watch::{Condition, Kind, Spot, Touch, Watched};
pub use world::{Model, ModelWord};
