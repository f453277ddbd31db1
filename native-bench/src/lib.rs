//! Workloads that the criterion benches and the report share, so both measure the same code.
//!
//! Each workload is one function: it does a number of operations, checks their result, and gives
//! the time they took. A contestant is whoever can do the work: the engine's own primitive, a peer,
//! or the same algorithm written by hand.
//!
//! | module | what is measured |
//! | --- | --- |
//! | [`lock`] | mutual exclusion, alone and contended: time, fairness, waits |
//! | [`semaphore`] | permits: alone, and handed to and fro between two threads |
//! | [`recording`] | what it costs that the engine can record, switched off and on |
//! | [`table`] | the dining philosophers on threads |
//! | [`turns`] | the model: turns and complete executions |

pub mod crew;
#[cfg(target_os = "linux")]
pub mod hand;
pub mod lock;
pub mod recording;
pub mod semaphore;
pub mod stats;
pub mod table;
pub mod turns;
