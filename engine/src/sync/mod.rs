//! Primitives, a file each, all built on words.
//!
//! Names and meanings are those of Python's `threading` where it has the thing; the page of each
//! primitive says where it differs.

mod barrier;
mod bounded_semaphore;
mod line;
mod lock;
mod locked;
mod once;
mod raw;
mod readers_writer;
mod semaphore;

pub use barrier::{Barrier, Broken};
pub use bounded_semaphore::{BoundedPermit, BoundedSemaphore, TooManyReleases};
pub use lock::{Guard, Lock, NotOwner};
pub use once::Once;
pub use readers_writer::{Precedence, ReadGuard, ReadersWriter, WriteGuard};
pub use semaphore::{Permit, Semaphore, TooManyPermits};
