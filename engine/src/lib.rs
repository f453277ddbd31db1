//! The engine of Five Forks: concurrency algorithms written once and run in many worlds.
//!
//! Every lock, semaphore and philosopher is an `async fn`, generic over a [`World`]. **Every
//! `.await` is a place where another actor may run.** What that means is up to the world:
//!
//! - in [`model::Model`] an actor is a future, and a scheduler decides who takes the next step, so
//!   a run can be stepped, replayed and branched;
//! - in [`real::Real`] an actor is an OS thread (or a Web Worker), an operation blocks inside
//!   `poll`, and [`block`] drives a future to its end with a single poll.
//!
//! Both write the same [`log`], and a picture of the run is a fold over it.
//!
//! ```
//! use engine::{World, model, real, sync::Lock};
//! use std::sync::Arc;
//!
//! // Written once …
//! fn program<W: World>(world: &W) {
//!     let lock = Arc::new(Lock::new(world, "lock", 0));
//!     for idx in 0..2 {
//!         let lock = lock.clone();
//!         world.spawn("worker", idx, move |w| async move {
//!             lock.acquire(&w).await.release().await;
//!         });
//!     }
//! }
//!
//! // … run in the model …
//! let mut run = model::Run::new(model::Config::default(), program);
//! assert_eq!(run.finish(&mut model::RoundRobin), model::Ending::Finished);
//!
//! // … and on real threads.
//! let run = real::Run::start(real::Threads, real::Config::default(), program::<real::Recorded>);
//! assert_eq!(run.join(), real::Ending::Finished);
//! ```
//!
//! The rooms, from the ground up: [`world`] ← [`log`] ← [`model`], [`real`] ← [`explore`], [`sync`] ←
//! [`thread`], [`queue`] ← [`pool`], [`philosophers`] ← [`lessons`]. A lower one never names a
//! higher one.

#![warn(missing_docs)]
// Waiting on shared memory is still unstable on wasm; the toolchain is pinned.
#![cfg_attr(target_family = "wasm", feature(stdarch_wasm_atomic_wait))]

pub mod explore;
pub mod lessons;
pub mod log;
pub mod model;
pub mod philosophers;
pub mod pool;
pub mod queue;
pub mod real;
pub mod sync;
pub mod thread;
pub mod world;

pub use world::{World, block};
