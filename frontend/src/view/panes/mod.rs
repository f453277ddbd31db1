//! The side panes: who could go next, what can come out at all, the challenge, who waits for whom, what everybody got
//! or waited, and the homework's list.

mod actions;
mod challenge;
mod explore;
mod graph;
mod meals;
mod next;
mod tree;
mod waits;

pub use actions::{ActionsPane, LINES_SHOWN};
pub use challenge::ChallengePane;
pub use explore::ExplorePane;
pub use graph::GraphPane;
pub use meals::MealsPane;
pub use next::NextPane;
pub use tree::Here;
pub use waits::WaitsPane;
