//! Recording is a choice of type: [`On`] writes every note into a ring, [`Off`] is nothing at all.

use std::sync::atomic::AtomicU64;

use super::config::Config;
use crate::log::{Event, Merge, Ring};
use crate::world::ObjectId;

/// Whether and where a real run writes its log.
pub trait Record: Send + Sync + Sized + 'static {
    /// Whether anything is written; the compiler drops the rest.
    const ON: bool;
    /// The id of an object; zero-sized where nothing is written.
    type Object: Copy + Send + Sync + 'static;
    /// What is kept until it is written; zero-sized where nothing is.
    type Kept<T>;

    /// Makes room for all the actors there may be.
    fn new(config: &Config) -> Self;
    /// The id an object gets.
    fn object(id: ObjectId) -> Self::Object;
    /// The number of an object.
    fn object_id(object: Self::Object) -> ObjectId;
    /// Keeps what is to be written.
    fn keep<T>(value: T) -> Self::Kept<T>;
    /// What was kept; `None` where nothing is written.
    fn kept<T>(kept: &Self::Kept<T>) -> Option<&T>;
    /// Writes an event of its actor.
    fn push(&self, event: Event);
    /// Brings what was written since the last call into `log`.
    fn drain(&self, merge: &mut Merge, log: &mut Vec<Event>);
    /// How many events did not fit.
    fn n_lost(&self) -> u64;
}

/// Records nothing, and costs nothing.
#[derive(Debug)]
pub struct Off;

impl Record for Off {
    const ON: bool = false;
    type Object = ();
    type Kept<T> = ();

    fn new(_: &Config) -> Self {
        Self
    }

    #[inline]
    fn object(_: ObjectId) {}

    #[inline]
    fn object_id((): ()) -> ObjectId {
        ObjectId::NONE
    }

    #[inline]
    fn keep<T>(_: T) {}

    #[inline]
    fn kept<T>((): &()) -> Option<&T> {
        None
    }

    #[inline]
    fn push(&self, _: Event) {}

    fn drain(&self, _: &mut Merge, _: &mut Vec<Event>) {}

    fn n_lost(&self) -> u64 {
        0
    }
}

/// Records into one ring an actor.
#[derive(Debug)]
pub struct On {
    counter: AtomicU64,
    rings: Vec<Ring>,
}

impl Record for On {
    const ON: bool = true;
    type Object = ObjectId;
    type Kept<T> = T;

    fn new(config: &Config) -> Self {
        let rings = (0..config.max_actors).map(|_| Ring::new(config.ring_capacity)).collect();
        Self { counter: AtomicU64::new(0), rings }
    }

    #[inline]
    fn object(id: ObjectId) -> ObjectId {
        id
    }

    #[inline]
    fn object_id(object: ObjectId) -> ObjectId {
        object
    }

    #[inline]
    fn keep<T>(value: T) -> T {
        value
    }

    #[inline]
    fn kept<T>(kept: &T) -> Option<&T> {
        Some(kept)
    }

    #[inline]
    fn push(&self, event: Event) {
        // The set-up is no actor and has no ring.
        if let Some(ring) = self.rings.get(event.actor.idx()) {
            ring.push(&self.counter, event);
        }
    }

    fn drain(&self, merge: &mut Merge, log: &mut Vec<Event>) {
        merge.drain(&self.rings, log);
    }

    fn n_lost(&self) -> u64 {
        self.rings.iter().map(Ring::n_lost).sum()
    }
}
