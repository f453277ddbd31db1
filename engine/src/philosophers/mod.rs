//! The dining philosophers: one table, seven solutions, a file each.
//!
//! Source: Edsger W. Dijkstra, "Hierarchical ordering of sequential processes" (EWD 310, 1971). The
//! right fork of philosopher i is fork i, the left one is fork (i + 1) mod K.
//!
//! - [`set_table`] makes the forks and seats everyone, in any world;
//! - [`Tally`] counts meals, waits and hunger from the log of any world;
//! - [`actions`] reads the course homework's list `[philosopher, fork, action]` out of a log.

mod actions;
mod etiquette;

mod table;
mod tally;

mod both_or_none;
mod chandy_misra;
mod naive;
mod odd_even;
mod ordered;
mod try_lock;
mod waiter;

pub use actions::{Action, action, actions};
pub use etiquette::{Phase, Seat, Settings, Solution};
pub use table::set_table;
pub use tally::{SeatTally, Tally};
