//! What must hold in a lesson, and where a run broke it.

use serde::Serialize;

use super::{Text, Values};
use crate::log::{Ending, EventKind, Log};

/// What must hold when a run has ended, beside that it ends at all and that no check in it fails.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Property {
    /// As a clause.
    #[serde(flatten)]
    pub text: Text,
    /// The index of the event that broke it.
    #[serde(skip)]
    pub broken_at: fn(&Values, &Log) -> Option<usize>,
}

/// Whether the property held in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The run has not ended, or not all that happened is known.
    Open,
    /// It held.
    Holds,
    /// It did not.
    Broken {
        /// The index of the event that broke it.
        event: usize,
    },
}

impl Property {
    /// Whether it held in a run that ended like this.
    pub fn verdict(&self, values: &Values, log: &Log, ending: &Ending) -> Verdict {
        let event = match ending {
            // What is missing may be just what would have kept it.
            Ending::Finished if log.n_lost > 0 => return Verdict::Open,
            Ending::Finished => match (self.broken_at)(values, log) {
                None => return Verdict::Holds,
                Some(event) => Some(event),
            },
            // The last one who had to wait closed the trap.
            Ending::Deadlock(_) => log.events.iter().rposition(|e| e.kind == EventKind::Blocked),
            Ending::Failed { .. } => log.events.iter().rposition(|event| {
                matches!(event.kind, EventKind::AssertionFailed | EventKind::Misused)
            }),
            Ending::TurnLimit | Ending::Paused | Ending::Stopped => return Verdict::Open,
        };
        Verdict::Broken { event: event.unwrap_or(0) }
    }
}
