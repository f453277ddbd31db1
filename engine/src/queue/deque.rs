//! In and out at both ends.

use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use super::Deque;
use super::error::{GetError, PutError};
use super::store::End;
use super::tag::Tag;
use crate::world::{Act, World};

/// A deque can be asked for either end. [`put`](super::Queue::put) means the back,
/// [`get`](super::Queue::get) the front.
///
/// ```
/// use engine::{block, queue::Deque, real::Plain};
///
/// let w = Plain::solo();
/// let deque = Deque::new(&w, "deque", 0, None);
/// for item in [1, 2, 3] {
///     assert!(block(deque.put_back(&w, item)).unwrap().is_ok());
/// }
/// assert!(block(deque.put_front(&w, 0)).unwrap().is_ok());
/// assert_eq!(block(deque.get_back(&w)).unwrap(), Ok(3));
/// assert_eq!(block(deque.get_front(&w)).unwrap(), Ok(0));
/// ```
impl<W: World, T: Tag + Send + 'static> Deque<W, T> {
    /// Puts an item in at the front, waiting for room.
    ///
    /// # Errors
    /// [`PutError::ShutDown`], with the item.
    #[track_caller]
    pub fn put_front<'a>(
        &'a self,
        w: &'a W,
        item: T,
    ) -> impl Future<Output = Result<(), PutError<T>>> + 'a {
        self.put_at(w, item, End::Front, Act::Put, None, Location::caller())
    }

    /// Puts an item in at the front if there is room.
    ///
    /// # Errors
    /// [`PutError`], with the item.
    #[track_caller]
    pub fn try_put_front<'a>(
        &'a self,
        w: &'a W,
        item: T,
    ) -> impl Future<Output = Result<(), PutError<T>>> + 'a {
        self.put_at(w, item, End::Front, Act::TryPut, None, Location::caller())
    }

    /// Puts an item in at the front, or gives up after `timeout` of the world's time.
    ///
    /// # Errors
    /// [`PutError`], with the item.
    #[track_caller]
    pub fn put_front_timeout<'a>(
        &'a self,
        w: &'a W,
        item: T,
        timeout: Duration,
    ) -> impl Future<Output = Result<(), PutError<T>>> + 'a {
        let deadline = w.deadline(timeout);
        self.put_at(w, item, End::Front, Act::PutTimeout, deadline, Location::caller())
    }

    /// Takes the item at the front, waiting for one.
    ///
    /// # Errors
    /// [`GetError::ShutDown`].
    #[track_caller]
    pub fn get_front<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<T, GetError>> + 'a {
        self.get_at(w, End::Front, Act::Get, None, Location::caller())
    }

    /// Takes the item at the front if there is one.
    ///
    /// # Errors
    /// [`GetError`].
    #[track_caller]
    pub fn try_get_front<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<T, GetError>> + 'a {
        self.get_at(w, End::Front, Act::TryGet, None, Location::caller())
    }

    /// Takes the item at the front, or gives up after `timeout` of the world's time.
    ///
    /// # Errors
    /// [`GetError`].
    #[track_caller]
    pub fn get_front_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Result<T, GetError>> + 'a {
        let deadline = w.deadline(timeout);
        self.get_at(w, End::Front, Act::GetTimeout, deadline, Location::caller())
    }

    /// Puts an item in at the back, waiting for room.
    ///
    /// # Errors
    /// [`PutError::ShutDown`], with the item.
    #[track_caller]
    pub fn put_back<'a>(
        &'a self,
        w: &'a W,
        item: T,
    ) -> impl Future<Output = Result<(), PutError<T>>> + 'a {
        self.put_at(w, item, End::Back, Act::Put, None, Location::caller())
    }

    /// Puts an item in at the back if there is room.
    ///
    /// # Errors
    /// [`PutError`], with the item.
    #[track_caller]
    pub fn try_put_back<'a>(
        &'a self,
        w: &'a W,
        item: T,
    ) -> impl Future<Output = Result<(), PutError<T>>> + 'a {
        self.put_at(w, item, End::Back, Act::TryPut, None, Location::caller())
    }

    /// Puts an item in at the back, or gives up after `timeout` of the world's time.
    ///
    /// # Errors
    /// [`PutError`], with the item.
    #[track_caller]
    pub fn put_back_timeout<'a>(
        &'a self,
        w: &'a W,
        item: T,
        timeout: Duration,
    ) -> impl Future<Output = Result<(), PutError<T>>> + 'a {
        let deadline = w.deadline(timeout);
        self.put_at(w, item, End::Back, Act::PutTimeout, deadline, Location::caller())
    }

    /// Takes the item at the back, waiting for one.
    ///
    /// # Errors
    /// [`GetError::ShutDown`].
    #[track_caller]
    pub fn get_back<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<T, GetError>> + 'a {
        self.get_at(w, End::Back, Act::Get, None, Location::caller())
    }

    /// Takes the item at the back if there is one.
    ///
    /// # Errors
    /// [`GetError`].
    #[track_caller]
    pub fn try_get_back<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<T, GetError>> + 'a {
        self.get_at(w, End::Back, Act::TryGet, None, Location::caller())
    }

    /// Takes the item at the back, or gives up after `timeout` of the world's time.
    ///
    /// # Errors
    /// [`GetError`].
    #[track_caller]
    pub fn get_back_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Result<T, GetError>> + 'a {
        let deadline = w.deadline(timeout);
        self.get_at(w, End::Back, Act::GetTimeout, deadline, Location::caller())
    }
}
