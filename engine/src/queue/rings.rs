//! A row of items without a bound: rings, each with twice the room of the one before.
//!
//! | word | meaning |
//! | --- | --- |
//! | `newest` | twice the number of the ring where items come in; its lowest bit: nothing more comes in |
//! | `oldest` | the number of the ring where items go out |
//!
//! Whoever finds the newest ring full closes it and makes the next one. So all items of a ring came in
//! before all of the next, and whoever finds a ring closed and empty may go on to the next. A ring goes
//! round as long as what lies there has room in it; hence there are few rings in the life of a queue,
//! the last one has room for most that ever lay there at once, and nothing needs to be freed while
//! others may still look at it. That a ring is added, the only thing done behind a lock, happens at
//! most [`N_RINGS`] times.
//!
//! The positions of a ring go on where those of the one before ended. So the position of the next put
//! says how many items ever came in.
//!
//! **Nobody sleeps through an item**, for the reason in `waiting.rs`: `newest`, like the two ends of a
//! ring, is sequentially consistent wherever somebody learns that there is nothing.

use std::future::Future;
use std::sync::OnceLock;

use super::ring::Ring;
use super::store::{Nothing, Refused};
use super::tag::Tag;
use crate::sync::locked::Locked;
use crate::world::{Ordering, Word, World};

const CLOSED: u32 = 1;
const STEP: u32 = 2;
/// How much room the first ring has: a power of two, and so are the others.
const FIRST_ROOM: u32 = 4;
/// How many rings there can be. The last is for 2^28 items; when it is full too, putters have to wait.
const N_RINGS: usize = 27;

/// On lines of the cache of its own: it hardly ever changes.
#[repr(align(128))]
struct Apart<T>(T);

/// A row of items without a bound.
pub(crate) struct Rings<W: World, T> {
    ends: Apart<Ends<W>>,
    rings: [OnceLock<Box<Ring<W, T>>>; N_RINGS],
    growth: Locked<W, ()>,
    object: W::Object,
}

struct Ends<W: World> {
    newest: W::Word,
    oldest: W::Word,
}

/// The number of the ring where items come in.
#[inline]
fn number(newest: u32) -> u32 {
    newest / STEP
}

impl<W: World, T: Tag + Send + 'static> Rings<W, T> {
    /// An empty row, a part of `object`.
    pub fn new(world: &W, object: W::Object) -> Self {
        let rings = [const { OnceLock::new() }; N_RINGS];
        rings[0].get_or_init(|| Box::new(Ring::new(world, object, FIRST_ROOM, 0)));
        let ends = Ends { newest: world.word(object, 0), oldest: world.word(object, 0) };
        Self { ends: Apart(ends), rings, growth: Locked::new(world, object, ()), object }
    }

    /// The ring with a number that was read in one of the words.
    #[inline]
    fn ring(&self, number: u32) -> &Ring<W, T> {
        self.rings[number as usize].get().expect("it was made before the word was changed")
    }

    /// Brings an item in at the back.
    #[inline]
    pub fn push<'a>(
        &'a self,
        w: &'a W,
        item: T,
    ) -> impl Future<Output = Result<(), Refused<T>>> + 'a {
        w.often(move || async move {
            // Acquire: whoever made the ring is done with it.
            let newest = self.ends.0.newest.load(w, Ordering::Acquire).await;
            match self.ring(number(newest)).push(w, item).await {
                Ok(()) => Ok(()),
                Err(refused) => w.seldom(move || self.push_later(w, newest, refused)).await,
            }
        })
    }

    /// Brings in an item that was refused by the ring that was the newest.
    async fn push_later(
        &self,
        w: &W,
        mut seen: u32,
        mut refused: Refused<T>,
    ) -> Result<(), Refused<T>> {
        loop {
            let is_last = number(seen) as usize + 1 == N_RINGS;
            let item = match refused {
                Refused::Full(item) if is_last => return Err(Refused::Full(item)),
                Refused::Full(item) | Refused::Closed(item) => item,
            };
            if seen & CLOSED == 0 && !is_last {
                self.add_ring_after(w, seen).await;
            }
            // SeqCst: see above.
            seen = self.ends.0.newest.load(w, Ordering::SeqCst).await;
            let ring = self.ring(number(seen));
            if seen & CLOSED != 0 {
                // Whoever closes the row may not have come to this yet, and who is refused says that
                // nothing more comes in.
                ring.close(w).await;
                return Err(Refused::Closed(item));
            }
            match ring.push(w, item).await {
                Ok(()) => return Ok(()),
                Err(again) => refused = again,
            }
        }
    }

    /// Makes another ring the newest one, unless `newest` is not so any more.
    async fn add_ring_after(&self, w: &W, newest: u32) {
        let ring = self.ring(number(newest));
        ring.close(w).await;
        let first = ring.mark(w).await;
        let next = number(newest) + 1;
        let made = self.growth.with(w, move |()| {
            let room = FIRST_ROOM << next;
            let make = || Box::new(Ring::new(w, self.object, room, first));
            self.rings[next as usize].get_or_init(make);
        });
        made.await;
        // SeqCst: see above. Relaxed: nothing is read when it failed.
        let (success, failure) = (Ordering::SeqCst, Ordering::Relaxed);
        let moved = self.ends.0.newest.compare_exchange(w, newest, newest + STEP, success, failure);
        let _ = moved.await;
    }

    /// Takes the item at the front out.
    #[inline]
    pub fn pop<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<T, Nothing>> + 'a {
        w.often(move || async move {
            // Acquire: whoever made the ring is done with it.
            let oldest = self.ends.0.oldest.load(w, Ordering::Acquire).await;
            match self.ring(oldest).pop(w).await {
                // Not whatever it is as a whole: the compiler would copy it through memory.
                Ok(item) => Ok(item),
                Err(Nothing::Empty) => Err(Nothing::Empty),
                Err(Nothing::Closed) => w.seldom(move || self.pop_later(w, oldest)).await,
            }
        })
    }

    /// Takes an item out when there is none in the ring that was the oldest, and will be none.
    async fn pop_later(&self, w: &W, mut oldest: u32) -> Result<T, Nothing> {
        loop {
            // SeqCst: see above.
            let newest = self.ends.0.newest.load(w, Ordering::SeqCst).await;
            if number(newest) == oldest {
                // If somebody is about to add a ring, nothing came in there yet.
                return Err(if newest & CLOSED == 0 { Nothing::Empty } else { Nothing::Closed });
            }
            // Release: whoever finds the number finds the ring. Acquire: so does this actor.
            let (success, failure) = (Ordering::AcqRel, Ordering::Acquire);
            let moved =
                self.ends.0.oldest.compare_exchange(w, oldest, oldest + 1, success, failure);
            oldest = moved.await.map_or_else(|now| now, |before| before + 1);
            match self.ring(oldest).pop(w).await {
                Err(Nothing::Closed) => {}
                popped => return popped,
            }
        }
    }

    /// Lets nothing more in.
    pub async fn close(&self, w: &W) {
        // SeqCst: no ring is added from now on.
        let newest = self.ends.0.newest.fetch_or(w, CLOSED, Ordering::SeqCst).await;
        self.ring(number(newest)).close(w).await;
    }

    /// Takes all items out at one moment, from a row that is closed.
    pub async fn clear(&self, w: &W) -> Vec<T> {
        // Acquire: as in `push` and `pop`.
        let newest = number(self.ends.0.newest.load(w, Ordering::Acquire).await);
        let oldest = self.ends.0.oldest.load(w, Ordering::Acquire).await;
        let mut items = Vec::new();
        // From the newest to the oldest: who takes an item out meanwhile does so before all of this.
        for number in (oldest..=newest).rev() {
            let mut older = self.ring(number).clear(w).await;
            older.append(&mut items);
            items = older;
        }
        items
    }

    /// The position of the next put.
    pub async fn mark(&self, w: &W) -> u32 {
        // SeqCst: see `tasks.rs`. When another ring is added meanwhile, then it is what it was at the
        // moment when this one was closed.
        let newest = self.ends.0.newest.load(w, Ordering::SeqCst).await;
        self.ring(number(newest)).mark(w).await
    }

    /// The mark that follows.
    #[inline]
    pub fn after(&self, mark: u32) -> u32 {
        self.ring(0).after(mark)
    }

    /// How many items there were between two moments of this call.
    pub async fn len(&self, w: &W) -> u32 {
        // Nothing came in between two equal marks, and nothing went out of a newer ring as long as
        // this one was the oldest.
        let mut tail = self.mark(w).await;
        loop {
            let oldest = self.ends.0.oldest.load(w, Ordering::Acquire).await;
            let head = self.ring(oldest).next(w).await;
            let is_oldest = self.ends.0.oldest.load(w, Ordering::Acquire).await == oldest;
            let again = self.mark(w).await;
            if is_oldest && again == tail {
                return tail.wrapping_sub(head) / STEP;
            }
            tail = again;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::now;
    use crate::real::Plain;

    #[test]
    fn what_comes_in_goes_through_all_rings_in_order() {
        let w = Plain::solo();
        let rings = Rings::new(&w, ());
        let (mut n_in, mut n_out) = (0, 0);
        for (puts, gets) in [(3, 2), (40, 1), (1, 41), (7, 3), (100, 0)] {
            for _ in 0..puts {
                assert!(now(rings.push(&w, Box::new(n_in))).is_ok());
                n_in += 1;
            }
            for _ in 0..gets {
                assert_eq!(now(rings.pop(&w)), Ok(Box::new(n_out)));
                n_out += 1;
            }
            assert_eq!(now(rings.len(&w)), n_in - n_out);
        }
        let marks = std::iter::successors(Some(0), |mark| Some(rings.after(*mark)));
        assert_eq!(marks.take(n_in as usize + 1).last(), Some(now(rings.mark(&w))));
        now(rings.close(&w));
        assert!(matches!(now(rings.push(&w, Box::new(0))), Err(Refused::Closed(_))));
        assert_eq!(now(rings.pop(&w)), Ok(Box::new(n_out)));
        let left: Vec<_> = (n_out + 1..n_in).map(Box::new).collect();
        assert_eq!(now(rings.clear(&w)), left);
        assert_eq!(now(rings.pop(&w)), Err(Nothing::Closed));
        assert_eq!(now(rings.len(&w)), 0);
    }
}
