//! Executions in rounds: the fair ones in which actors stay out of each other's way least.

use super::Search;
use crate::model::Run;
use crate::world::ActorId;

/// Searches the executions in which everybody who can move takes one turn in each round, in an order
/// that stays the same: for few actors every order, for many those that go round by one step.
///
/// Whoever livelocks mostly does so in step.
///
/// ```
/// use engine::{World, explore::{Exploration, InStep}, model::Config, world::Shared};
/// use std::sync::Arc;
///
/// // Each takes back its own wish when it sees the other's.
/// let config = Config { max_turns: 100, ..Config::default() };
/// let mut exploration = Exploration::new(config, InStep::new(), |world| {
///     let wants = Arc::new([0, 1].map(|idx| Shared::new(world, "wants", idx, 0)));
///     for idx in 0..2 {
///         let wants = wants.clone();
///         world.spawn("polite", idx as u16, move |w| async move {
///             wants[idx].store(&w, 1).await;
///             while wants[1 - idx].load(&w).await == 1 {
///                 wants[idx].store(&w, 0).await;
///                 wants[idx].store(&w, 1).await;
///             }
///         });
///     }
/// });
/// let run = exploration.next().unwrap();
/// assert_eq!(run.n_turns(), 100, "it has no end");
/// ```
#[derive(Default)]
pub struct InStep {
    /// How many orders were tried.
    n_tried: usize,
    order: Vec<ActorId>,
}

/// Up to how many actors every order is tried.
const FEW: usize = 4;

impl InStep {
    /// A search that has not begun.
    pub fn new() -> Self {
        Self::default()
    }
}

/// The `nth` order of so many actors; `None` when there are no more.
fn nth_order(nth: usize, n_actors: usize) -> Option<Vec<ActorId>> {
    let mut left: Vec<ActorId> = (0..n_actors).map(|idx| ActorId(idx as u16)).collect();
    if n_actors > FEW {
        left.rotate_left(nth % n_actors);
        return (nth < n_actors).then_some(left);
    }
    let mut rest = nth;
    let order = (1..=n_actors).rev().map(|n| {
        let at = rest % n;
        rest /= n;
        left.remove(at)
    });
    let order = order.collect();
    (rest == 0).then_some(order)
}

impl Search for InStep {
    fn next(&mut self, run: &mut Run) -> bool {
        run.restart();
        // Whoever is brought to life later goes after all others.
        let n_actors = run.watch_ready().iter().last().map_or(0, |last| last.idx() + 1);
        let Some(order) = nth_order(self.n_tried, n_actors) else { return false };
        self.n_tried += 1;
        self.order.clear();
        while run.ending().is_none() {
            let ready = run.ready();
            let late = ready.iter().filter(|actor| actor.idx() >= n_actors);
            for actor in order.iter().copied().chain(late) {
                if run.turn(actor).is_ok() {
                    self.order.push(actor);
                }
            }
        }
        true
    }

    fn order(&self) -> Vec<ActorId> {
        self.order.clone()
    }
}
