//! What can stand in the way of putting and getting.

use std::fmt;

/// An item could not be put into a queue; it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutError<T> {
    /// There was no room, or none in time. Python's `queue.Full`.
    Full(T),
    /// The queue was shut down. Python's `queue.ShutDown`.
    ShutDown(T),
}

/// No item could be taken out of a queue.
// As wide as a register: what is copied in one piece with it then fits what was written.
#[repr(usize)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GetError {
    /// There was none, or none in time. Python's `queue.Empty`.
    Empty,
    /// There is none, and the queue was shut down. Python's `queue.ShutDown`.
    ShutDown,
}

/// More items were said to be done than were put into the queue. Python's `ValueError` of
/// `task_done`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyTaskDone;

const SHUT_DOWN: &str = "the queue was shut down";

impl<T> PutError<T> {
    /// The item.
    pub fn into_item(self) -> T {
        match self {
            Self::Full(item) | Self::ShutDown(item) => item,
        }
    }
}

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the queue is full",
            Self::ShutDown(_) => SHUT_DOWN,
        })
    }
}

impl fmt::Display for GetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the queue is empty",
            Self::ShutDown => SHUT_DOWN,
        })
    }
}

impl fmt::Display for TooManyTaskDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task_done was called more often than items were put into the queue")
    }
}

impl<T: fmt::Debug> std::error::Error for PutError<T> {}

impl std::error::Error for GetError {}

impl std::error::Error for TooManyTaskDone {}
