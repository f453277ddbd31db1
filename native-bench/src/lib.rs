//! Workloads that the criterion benches and the report share, so both measure the same code.
//!
//! Each workload is one function: it does a number of operations, checks their result, and gives
//! the time they took. A contestant is whoever can do the work: the engine's own primitive, a peer,
//! or the same algorithm written by hand.
//!
//! | module | what is measured |
//! | --- | --- |
//! | [`lock`], [`rlock`] | mutual exclusion, alone and contended: time, fairness, waits |
//! | [`hog`] | how long one waits for what others hardly ever let go of |
//! | [`semaphore`], [`event`] | permits: alone, and handed to and fro between two threads |
//! | [`monitor`] | locks with conditions, of which buffers, semaphores and flags are made |
//! | [`barrier`], [`readers_writer`], [`once`] | what their names say |
//! | [`queue`] | messages, by the number of threads and the room in between |
//! | [`life`] | threads and timers, from their start to their end |
//! | [`pool`] | tasks and their results |
//! | [`fork_join`] | tasks that fork, and workers that steal from each other |
//! | [`recording`] | what it costs that the engine can record, switched off and on |
//! | [`table`] | the dining philosophers on threads |
//! | [`turns`] | the model: turns and complete executions |
//! | [`explore`] | searches through all executions, by the engine and by other explorers |
//!
//! [`rows`] says which of it is measured, and who takes part in each.

pub mod barrier;
pub mod crew;
pub mod event;
pub mod explore;
pub mod fork_join;
#[cfg(target_os = "linux")]
pub mod hand;
pub mod hog;
pub mod life;
pub mod lock;
pub mod monitor;
pub mod once;
pub mod pool;
pub mod queue;
pub mod readers_writer;
pub mod recording;
pub mod rlock;
pub mod row;
pub mod rows;
pub mod semaphore;
pub mod stats;
pub mod table;
pub mod turns;
