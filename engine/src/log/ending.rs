//! How a run ended: data, in every world.

use super::holdings::Deadlock;
use crate::world::{ActorId, Failure};

/// How a run ended, or why it does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every actor came to its end.
    Finished,
    /// Nobody can go on, and no time that passes changes that.
    Deadlock(Deadlock),
    /// A claim failed, or a primitive was used against its rules.
    Failed {
        /// Whose.
        actor: ActorId,
        /// How.
        failure: Failure,
    },
    /// A model's run took as many turns as it may.
    TurnLimit,
    /// The scheduler of a model named nobody who can move. The run can go on.
    Paused,
    /// A real run was stopped before its end.
    Stopped,
}
