//! Queues: where actors hand items to each other. One [`Queue`] for all orders; a file for each
//! place where items can lie.
//!
//! | queue | gives | Python |
//! | --- | --- | --- |
//! | [`Fifo`] | what went in first | `queue.Queue` |
//! | [`Lifo`] | what went in last | `queue.LifoQueue` |
//! | [`Priority`] | what has the lowest priority number | `queue.PriorityQueue` |
//! | [`Deque`] | what lies at the end that is asked for | `collections.deque`, but waiting |
//! | [`WorkDeque`] | to its owner what went in last, to thieves what went in first; nobody waits | |

mod chase_lev;
mod deque;
mod ends;
mod error;
mod fifo;
mod keep;
mod priority;
mod ring;
mod rings;
mod skeleton;
mod store;
mod tag;
mod tasks;
mod waiting;

pub use chase_lev::{Steal, Stealer, WorkDeque};
pub use ends::{Asked, Ends, FirstIn, LastIn, Rule};
pub use error::{GetError, PutError, TooManyTaskDone};
pub use fifo::Row;
pub use keep::Keep;
pub use priority::Heap;
pub use skeleton::Queue;
pub use store::{End, Nothing, Refused, Store};
pub use tag::Tag;

/// First in, first out: Python's `queue.Queue`.
pub type Fifo<W, T> = Queue<W, T, Row<W, T>>;

/// Last in, first out: Python's `queue.LifoQueue`.
pub type Lifo<W, T> = Queue<W, T, Keep<W, Ends<T, LastIn>>>;

/// Pairs of a priority and an item; the lowest priority first, and among equals first in, first out:
/// Python's `queue.PriorityQueue`.
pub type Priority<W, T, P = u32> = Queue<W, (P, T), Keep<W, Heap<P, T>>>;

/// In and out at both ends. Without an end, it is first in, first out.
pub type Deque<W, T> = Queue<W, T, Keep<W, Ends<T, Asked>>>;

/// What a future gives that never blocks.
#[cfg(test)]
fn now<T>(future: impl Future<Output = T>) -> T {
    crate::block(future).expect("nothing blocks")
}
