//! Primitives, a file each, all built on words.
//!
//! Names and meanings are those of Python's `threading` where it has the thing; the page of each
//! primitive says where it differs. Below them lie what several share: `raw` (the word of every
//! lock), `locked` (data behind one), `line` (actors that wait, each on a word of its own) and `awaited` (a
//! word that says whether somebody waits for it).

pub(crate) mod awaited;
mod barrier;
mod bounded_semaphore;
mod condition;
mod event;
pub(crate) mod line;
mod lock;
pub(crate) mod locked;
mod mutual;
mod once;
mod raw;
mod readers_writer;
mod rlock;
mod semaphore;

pub use barrier::{Barrier, Broken};
pub use bounded_semaphore::{BoundedPermit, BoundedSemaphore, TooManyReleases};
pub use condition::Condition;
pub use event::Event;
pub use lock::Lock;
pub use mutual::{Guard, Mutual, NotOwner};
pub use once::Once;
pub use readers_writer::{Precedence, ReadGuard, ReadersWriter, WriteGuard};
pub use rlock::RLock;
pub use semaphore::{Permit, Semaphore, TooManyPermits};
