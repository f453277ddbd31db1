//! The side panes: who could go next, who waits for whom, what everybody got or waited, and the
//! homework's list.

mod actions;
mod graph;
mod meals;
mod next;
mod waits;

pub use actions::{ActionsPane, LINES_SHOWN};
pub use graph::GraphPane;
pub use meals::MealsPane;
pub use next::NextPane;
pub use waits::WaitsPane;
