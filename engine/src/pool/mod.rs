//! Pools: workers that do tasks, and futures of what the tasks will give.
//!
//! - [`Executor`]: a fixed number of workers and one queue, as Python's `ThreadPoolExecutor`;
//! - [`ForkJoin`]: workers that steal halves of tasks from each other, as Java's `ForkJoinPool`;
//! - [`Future`]: what a task will give, as Python's `concurrent.futures.Future`;
//! - [`as_completed`], [`wait`]: for many futures at once.

mod executor;
mod fork_join;
mod future;
mod many;
mod staff;
mod task;

pub use executor::{Executor, Map, ShutDown};
pub use fork_join::{ForkJoin, Scope, Worker};
pub use future::{Future, TaskError};
pub use many::{AsCompleted, Until, as_completed, wait};
pub use task::Exception;
