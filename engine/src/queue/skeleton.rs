//! The one queue behind all orders.

use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use super::error::{GetError, PutError, TooManyTaskDone};
use super::store::{End, Nothing, Store};
use super::tag::Tag;
use super::tasks::Tasks;
use super::waiting::{Lists, Patience};
use crate::sync::locked::Locked;
use crate::world::{Act, Note, ObjectKind, Operation, Ordering, Place, Word, World};

/// Where actors hand items to each other, in the order of its store `S`; see [`super::Fifo`],
/// [`super::Lifo`], [`super::Priority`] and [`super::Deque`].
///
/// As Python's `queue.Queue`, with the shutting down of 3.13. Unlike there, capacity 0 means that
/// nothing ever lies in the queue: each item goes from one who puts to one who gets, and both wait
/// for each other. Without a bound is `None`. Those who wait are served in the order in which they
/// came, and whoever comes then may overtake only who has not been woken yet.
///
/// ```
/// use engine::{World, block, queue::{Fifo, GetError, PutError}, real::Plain};
///
/// let w = Plain::solo();
/// let queue = Fifo::new(&w, "queue", 0, Some(2));
/// assert_eq!(block(queue.put(&w, 1)).unwrap(), Ok(()));
/// assert_eq!(block(queue.put(&w, 2)).unwrap(), Ok(()));
/// assert_eq!(block(queue.try_put(&w, 3)).unwrap(), Err(PutError::Full(3)));
/// assert_eq!(block(queue.get(&w)).unwrap(), Ok(1));
/// block(queue.shutdown(&w, false));
/// assert_eq!(block(queue.put(&w, 4)).unwrap(), Err(PutError::ShutDown(4)));
/// assert_eq!(block(queue.get(&w)).unwrap(), Ok(2));
/// assert_eq!(block(queue.get(&w)).unwrap(), Err(GetError::ShutDown));
/// ```
pub struct Queue<W: World, T, S> {
    pub(super) store: S,
    pub(super) waiters: W::Word,
    pub(super) lists: Locked<W, Lists<W, T>>,
    pub(super) tasks: Tasks<W, T>,
    pub(super) capacity: Option<u32>,
    pub(super) id: W::Object,
}

impl<W: World, T: Tag + Send + 'static, S: Store<W, T>> Queue<W, T, S> {
    /// An empty queue for up to `capacity` items, or any number of them, called `name` number `idx`
    /// in the log.
    pub fn new(world: &W, name: &'static str, idx: u16, capacity: Option<u32>) -> Self {
        let kind = ObjectKind::Queue { order: S::ORDER, capacity };
        let id = world.register(kind, name, idx);
        Self {
            store: S::new(world, id, capacity),
            waiters: world.word(id, 0),
            lists: Locked::new(world, id, Lists::default()),
            tasks: Tasks::new(world, id),
            capacity,
            id,
        }
    }

    /// How many items it holds; `None`: any number.
    pub fn capacity(&self) -> Option<u32> {
        self.capacity
    }

    /// Puts an item in, waiting for room for as long as it takes.
    ///
    /// # Errors
    /// [`PutError::ShutDown`], with the item.
    #[inline]
    #[track_caller]
    pub fn put<'a>(
        &'a self,
        w: &'a W,
        item: T,
    ) -> impl Future<Output = Result<(), PutError<T>>> + 'a {
        self.put_at(w, item, S::IN, Act::Put, None, Location::caller())
    }

    /// Puts an item in if there is room. Python's `put_nowait`.
    ///
    /// # Errors
    /// [`PutError`], with the item.
    #[inline]
    #[track_caller]
    pub fn try_put<'a>(
        &'a self,
        w: &'a W,
        item: T,
    ) -> impl Future<Output = Result<(), PutError<T>>> + 'a {
        self.put_at(w, item, S::IN, Act::TryPut, None, Location::caller())
    }

    /// Puts an item in, or gives up after `timeout` of the world's time.
    ///
    /// # Errors
    /// [`PutError`], with the item.
    #[track_caller]
    pub fn put_timeout<'a>(
        &'a self,
        w: &'a W,
        item: T,
        timeout: Duration,
    ) -> impl Future<Output = Result<(), PutError<T>>> + 'a {
        let deadline = w.deadline(timeout);
        self.put_at(w, item, S::IN, Act::PutTimeout, deadline, Location::caller())
    }

    /// Takes an item out, waiting for one for as long as it takes.
    ///
    /// # Errors
    /// [`GetError::ShutDown`].
    #[inline]
    #[track_caller]
    pub fn get<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<T, GetError>> + 'a {
        self.get_at(w, S::OUT, Act::Get, None, Location::caller())
    }

    /// Takes an item out in one of the three forms, asked for at another place in the source.
    pub(crate) fn get_for<'a>(
        &'a self,
        w: &'a W,
        act: Act,
        deadline: Option<Duration>,
        place: Place,
    ) -> impl Future<Output = Result<T, GetError>> + 'a {
        self.get_at(w, S::OUT, act, deadline, place)
    }

    /// Takes an item out if there is one. Python's `get_nowait`.
    ///
    /// # Errors
    /// [`GetError`].
    #[inline]
    #[track_caller]
    pub fn try_get<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<T, GetError>> + 'a {
        self.get_at(w, S::OUT, Act::TryGet, None, Location::caller())
    }

    /// Takes an item out, or gives up after `timeout` of the world's time.
    ///
    /// # Errors
    /// [`GetError`].
    #[track_caller]
    pub fn get_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Result<T, GetError>> + 'a {
        let deadline = w.deadline(timeout);
        self.get_at(w, S::OUT, Act::GetTimeout, deadline, Location::caller())
    }

    /// How many items there are, as of a moment ago. Python's `qsize`.
    #[track_caller]
    pub fn len<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        w.operation(self.operation(Act::Ask, None, Location::caller()), self.store.len(w))
    }

    /// Whether there was no item a moment ago. Python's `empty`.
    #[track_caller]
    pub fn is_empty<'a>(&'a self, w: &'a W) -> impl Future<Output = bool> + 'a {
        let operation = self.operation(Act::Ask, None, Location::caller());
        w.operation(operation, async move { self.store.len(w).await == 0 })
    }

    /// Whether there was no room a moment ago. Python's `full`.
    #[track_caller]
    pub fn is_full<'a>(&'a self, w: &'a W) -> impl Future<Output = bool> + 'a {
        let operation = self.operation(Act::Ask, None, Location::caller());
        w.operation(operation, async move {
            let len = self.store.len(w).await;
            self.capacity.is_some_and(|capacity| len >= capacity)
        })
    }

    /// Says that an item that was taken out is done. [`Self::join`] waits for that.
    ///
    /// # Errors
    /// [`TooManyTaskDone`] when all items that were ever put in are done; nothing changes then.
    #[track_caller]
    pub fn task_done<'a>(
        &'a self,
        w: &'a W,
    ) -> impl Future<Output = Result<(), TooManyTaskDone>> + 'a {
        let operation = self.operation(Act::TaskDone, None, Location::caller());
        w.operation(operation, self.tasks.finish(w, &self.store))
    }

    /// Waits until all items that were put in are done.
    #[track_caller]
    pub fn join<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
        let operation = self.operation(Act::Join, None, Location::caller());
        w.operation(operation, async move {
            self.tasks.join(w, &self.store, None).await;
        })
    }

    /// Whether all items that were put in are done; does not wait for it.
    #[track_caller]
    pub fn try_join<'a>(&'a self, w: &'a W) -> impl Future<Output = bool> + 'a {
        let operation = self.operation(Act::Ask, None, Location::caller());
        w.operation(operation, self.tasks.are_done(w, &self.store))
    }

    /// Waits until all items that were put in are done, for at most `timeout` of the world's time. Gives
    /// whether they are. Python's `join` has no timeout.
    #[track_caller]
    pub fn join_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = bool> + 'a {
        let operation = self.operation(Act::JoinTimeout, None, Location::caller());
        w.operation(
            operation,
            async move { self.tasks.join(w, &self.store, w.deadline(timeout)).await },
        )
    }

    /// Lets nothing more in: from now on, and for all who wait for room, putting fails. Getting goes
    /// on until nothing is left and then fails too. With `immediate`, what is in the queue is thrown
    /// away and counts as done: first nothing more comes in, and then it is thrown away. Who gets an item
    /// between the two has it, although a put fails already; in Python nobody comes in between.
    #[track_caller]
    pub fn shutdown<'a>(&'a self, w: &'a W, immediate: bool) -> impl Future<Output = ()> + 'a {
        let operation = self.operation(Act::Shutdown, None, Location::caller());
        w.operation(operation, self.shut_down(w, immediate))
    }

    /// Whether items go from hand to hand and never lie in the queue.
    #[inline]
    pub(super) fn is_rendezvous(&self) -> bool {
        self.capacity == Some(0)
    }

    fn operation(&self, act: Act, deadline: Option<Duration>, place: Place) -> Operation<'_, W> {
        Operation { act, object: self.id, ready_when: None, deadline, place }
    }

    #[inline]
    pub(super) fn put_at<'a>(
        &'a self,
        w: &'a W,
        item: T,
        end: End,
        act: Act,
        deadline: Option<Duration>,
        place: Place,
    ) -> impl Future<Output = Result<(), PutError<T>>> + 'a {
        let put = move || async move {
            match self.store.push(w, item, end, false).await {
                Ok(()) => {
                    // SeqCst: see `waiting.rs`.
                    if self.waiters.load(w, Ordering::SeqCst).await != 0 {
                        w.seldom(move || self.serve(w)).await;
                    }
                    Ok(())
                }
                Err(refused) => {
                    let patience = patience(act, deadline);
                    w.seldom(move || self.put_later(w, refused, end, patience)).await
                }
            }
        };
        w.operation(self.operation(act, deadline, place), w.often(put))
    }

    #[inline]
    pub(super) fn get_at<'a>(
        &'a self,
        w: &'a W,
        end: End,
        act: Act,
        deadline: Option<Duration>,
        place: Place,
    ) -> impl Future<Output = Result<T, GetError>> + 'a {
        let get = move || async move {
            let popped = match self.is_rendezvous() {
                true => Err(Nothing::Empty),
                false => self.store.pop(w, end).await,
            };
            match popped {
                Ok(item) => {
                    w.note(self.id, Note::Took(item.tag()));
                    // SeqCst: see `waiting.rs`.
                    if self.waiters.load(w, Ordering::SeqCst).await != 0 {
                        w.seldom(move || self.serve(w)).await;
                    }
                    Ok(item)
                }
                Err(nothing) => {
                    let patience = patience(act, deadline);
                    w.seldom(move || self.get_later(w, nothing, end, patience)).await
                }
            }
        };
        w.operation(self.operation(act, deadline, place), w.often(get))
    }
}

fn patience(act: Act, deadline: Option<Duration>) -> Patience {
    if act.may_wait() { Patience::Until(deadline) } else { Patience::None }
}
