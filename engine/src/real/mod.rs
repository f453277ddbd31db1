//! The real world: actors are threads, words are atomics, and blocking blocks.
//!
//! - [`Run`]: actors at work, watched from outside without ever blocking them;
//! - [`Recorded`] writes the log into one lock-free ring an actor; [`Plain`] records nothing, and
//!   that costs nothing: its object ids are zero-sized and its notes empty;
//! - [`Spawner`]: where threads come from ([`Threads`] natively, a worker pool in a browser).
//!
//! One file a platform says how to wait on a word, see `park`; and `fence` has what the kernel can do to
//! make an actor's fast path faster.

mod config;
mod fence;
mod hub;
mod park;
mod record;
mod run;
mod world;

pub use crate::log::Ending;
#[cfg(not(target_family = "wasm"))]
pub use config::monotonic;
pub use config::{Clock, Config};
#[cfg(not(target_family = "wasm"))]
pub use hub::Threads;
pub use hub::{Job, Spawner};
pub use record::{Off, On, Record};
pub use run::Run;
pub use world::{Plain, Real, RealWord, Recorded};
