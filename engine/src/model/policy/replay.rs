//! Replay: a policy, and the turns at which somebody decided otherwise.

use super::{Scheduler, View};
use crate::world::ActorId;

/// At this turn this actor goes, whatever the policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pick {
    /// The number of the turn, from 0.
    pub turn: u64,
    /// Who takes it.
    pub actor: ActorId,
}

/// Follows a policy except at its picks. Because the policy is asked at every turn, the same picks
/// on the same policy always give the same run.
pub struct Replay {
    policy: Box<dyn Scheduler>,
    picks: std::iter::Peekable<std::vec::IntoIter<Pick>>,
}

impl Replay {
    /// `picks` have ascending turns; one that comes after a later one is passed over.
    pub fn new(policy: Box<dyn Scheduler>, picks: Vec<Pick>) -> Self {
        Self { policy, picks: picks.into_iter().peekable() }
    }
}

impl Scheduler for Replay {
    fn next(&mut self, view: &View<'_>) -> Option<ActorId> {
        let by_policy = self.policy.next(view);
        while self.picks.next_if(|pick| pick.turn < view.turn).is_some() {}
        let pick = self.picks.next_if(|pick| pick.turn == view.turn);
        pick.map(|pick| pick.actor).or(by_policy)
    }
}
