//! Pools: workers that do tasks, and futures of what the tasks will give.
//!
//! - [`Executor`]: a fixed number of workers and one queue, as Python's `ThreadPoolExecutor`;
//! - [`Future`]: what a task will give, as Python's `concurrent.futures.Future`;
//! - [`as_completed`], [`wait`]: for many futures at once.

mod executor;
mod future;
mod many;
mod task;

pub use executor::{Executor, Map, ShutDown};
pub use future::{Future, TaskError};
pub use many::{AsCompleted, Until, as_completed, wait};
pub use task::Exception;
