//! Who takes the next turn: an oracle of one method, and a file for each policy.

mod pct;
mod person;
mod random;
mod replay;
mod round_robin;

pub use pct::Pct;
pub use person::Person;
pub use random::Random;
pub use replay::{Pick, Replay};
pub use round_robin::RoundRobin;

use super::ready::Ready;
use crate::world::ActorId;

/// What a scheduler sees.
pub struct View<'a> {
    /// Who could take the next turn; never empty.
    pub ready: &'a Ready,
    /// Who took the last one.
    pub last: Option<ActorId>,
    /// The number of the next turn, from 0.
    pub turn: u64,
}

/// Chooses who takes the next turn. Execution knows no policy, a policy knows no execution.
pub trait Scheduler {
    /// Names one who is ready (or [`ActorId::CLOCK`], where time can pass), or nobody, to pause.
    fn next(&mut self, view: &View<'_>) -> Option<ActorId>;
}
