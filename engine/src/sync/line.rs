//! A line of actors that wait, each on a word of its own, first come first served.
//!
//! Conditions, barriers, queues and futures are all made of it. The line itself lies in a
//! [`super::locked::Locked`] (or behind any other exclusion): whoever is alone with it joins it,
//! leaves it, or calls the next one. What is called is called for certain: exactly one caller can
//! take a place out of the line, so a call is neither lost nor given twice, and there is nothing to
//! look at again.
//!
//! | the word of a place holds | meaning |
//! | --- | --- |
//! | 0 | it waits, and is still awake |
//! | 1 | it waits, and sleeps or is about to |
//! | 2 | it was called |
//!
//! Source: the waiter lists of Andrew Birrell, "An Introduction to Programming with Threads" (DEC
//! SRC report 35, 1989), with one word for each waiter, as in CPython's `threading.Condition`.

use std::cell::UnsafeCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::world::{Ordering, Waited, Word, World};

const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;
const CALLED: u32 = 2;

/// How often an actor may look again before it stands in line, or sleeps. Only as long as that is a
/// pause: who gives the processor away while nobody knows that it waits is overtaken, and whoever comes
/// then cannot do its part for it. Those who stand in line are served by whoever runs, many in one turn.
pub(crate) fn glances<W: World>(w: &W) -> u32 {
    w.spins().min(3)
}

/// Actors that wait, each with a parcel: something it brought or will be given.
pub(crate) struct Line<W: World, T> {
    places: VecDeque<Arc<Place<W, T>>>,
}

struct Place<W: World, T> {
    word: W::Word,
    parcel: UnsafeCell<Option<T>>,
}

// SAFETY: the parcel is reached by one side at a time. Before the place is in the line and after it
// was called that is whoever waits; in between it is whoever is alone with the line, and then whoever
// took the place out of it. The line is locked, and the call is a release that the waiter acquires.
unsafe impl<W: World, T: Send> Sync for Place<W, T> {}

/// The side of whoever waits.
pub(crate) struct Waiting<W: World, T>(Arc<Place<W, T>>);

/// The side of whoever took a place out of the line and has yet to call it.
#[must_use = "whoever was taken out of the line waits to be called"]
pub(crate) struct Called<W: World, T>(Arc<Place<W, T>>);

impl<W: World, T> Default for Line<W, T> {
    fn default() -> Self {
        Self { places: VecDeque::new() }
    }
}

impl<W: World, T> Line<W, T> {
    /// A new place at the end of the line, whose word is a part of `object`.
    pub fn join(&mut self, w: &W, object: W::Object, parcel: Option<T>) -> Waiting<W, T> {
        let parcel = UnsafeCell::new(parcel);
        let place = Arc::new(Place { word: w.word(object, AWAKE), parcel });
        self.places.push_back(place.clone());
        Waiting(place)
    }

    /// Takes a place out of the line; `false` when somebody has already done so, in order to call.
    pub fn leave(&mut self, waiting: &Waiting<W, T>) -> bool {
        let at = self.places.iter().position(|place| Arc::ptr_eq(place, &waiting.0));
        at.map(|at| self.places.remove(at)).is_some()
    }

    /// The parcel of the first in the line, who stays there.
    pub fn first(&mut self) -> Option<&mut Option<T>> {
        // SAFETY: the place is in the line, and whoever has the line to itself has its parcels.
        self.places.front().map(|place| unsafe { &mut *place.parcel.get() })
    }

    /// Takes the first place out of the line.
    pub fn next(&mut self) -> Option<Called<W, T>> {
        self.places.pop_front().map(Called)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

impl<W: World, T> Waiting<W, T> {
    /// Waits to be called; `false` when the deadline passed first. Then one must leave the line,
    /// and if that fails, one was called after all.
    pub async fn wait(&self, w: &W, deadline: Option<Duration>) -> bool {
        let word = &self.0.word;
        // Acquire, here and below: see what the caller put into the parcel.
        for round in 0..w.spins_in_line() {
            if word.load(w, Ordering::Acquire).await == CALLED {
                return true;
            }
            if deadline.is_some_and(|deadline| deadline <= w.now()) {
                break;
            }
            w.relax(round);
        }
        let acquire = Ordering::Acquire;
        if word.compare_exchange(w, AWAKE, ASLEEP, acquire, acquire).await.is_err() {
            return true;
        }
        loop {
            let waited = word.wait(w, ASLEEP, deadline).await;
            if word.load(w, acquire).await == CALLED {
                return true;
            }
            if waited == Waited::TimedOut {
                return false;
            }
        }
    }

    /// What is in the parcel, for whoever was called or has left the line.
    pub fn into_parcel(self) -> Option<T> {
        // SAFETY: `self` is not in the line any more, and whoever took it out is done with it.
        unsafe { (*self.0.parcel.get()).take() }
    }
}

impl<W: World, T> Called<W, T> {
    /// The parcel of whoever waits.
    pub fn parcel(&mut self) -> &mut Option<T> {
        // SAFETY: only one can take a place out of the line, and the waiter looks after the call.
        unsafe { &mut *self.0.parcel.get() }
    }

    /// Lets the waiter go on.
    pub async fn call(self, w: &W) {
        // Release: the waiter sees what is in the parcel.
        if self.0.word.swap(w, CALLED, Ordering::Release).await == ASLEEP {
            self.0.word.wake(w, 1).await;
        }
    }
}
