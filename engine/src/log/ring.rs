//! The ring an actor of a real run records into, and the merge of all rings into one log.
//!
//! Each ring has one writer (its actor) and one reader (whoever draws). A full ring drops the event
//! and counts it; the actor never waits. All rings of a run share one counter, from which an event
//! takes its number after it is sure of its slot, so the numbers have no gaps, and the merge knows
//! which event comes next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::event::Event;

/// A slot: the event's number and its three words.
type Slot = [AtomicU64; 4];

/// A ring of a fixed number of events with one writer and one reader.
///
/// ```
/// use engine::{log::{Event, EventKind, Merge, Ring}, world::ActorId};
/// use std::sync::atomic::AtomicU64;
///
/// let (ring, counter) = (Ring::new(2), AtomicU64::new(0));
/// for _ in 0..3 {
///     ring.push(&counter, Event::new(0, ActorId(0), EventKind::Spawned));
/// }
/// let mut merge = Merge::default();
/// let mut events = Vec::new();
/// merge.drain([&ring], &mut events);
/// assert_eq!((events.len(), ring.n_lost()), (2, 1));
/// ```
#[derive(Debug)]
pub struct Ring {
    slots: Box<[Slot]>,
    /// How many events were ever written; only the writer changes it.
    written: AtomicU64,
    /// How many events were ever read; only the reader changes it.
    read: AtomicU64,
    lost: AtomicU64,
}

impl Ring {
    /// A ring for `capacity` events, at least one.
    pub fn new(capacity: usize) -> Self {
        // Zeroed by the system, so that a large ring takes no memory before it is written.
        let slots = Box::<[Slot]>::new_zeroed_slice(capacity.max(1));
        // SAFETY: zeroes are a slot of atomics that hold 0.
        let slots = unsafe { slots.assume_init() };
        Self { slots, written: 0.into(), read: 0.into(), lost: 0.into() }
    }

    /// Writes an event under the next number of `counter`, or counts it as lost.
    #[inline]
    pub fn push(&self, counter: &AtomicU64, event: Event) {
        // Relaxed: only this thread writes `written`.
        let written = self.written.load(Ordering::Relaxed);
        // Acquire: the reader is done with the slot it gave free.
        if written - self.read.load(Ordering::Acquire) >= self.slots.len() as u64 {
            // Relaxed: a count, read for information.
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        // Relaxed: numbers on one counter follow happens-before, and that is all that is asked.
        let number = counter.fetch_add(1, Ordering::Relaxed);
        let [time, value, ids] = event.encode();
        let slot = &self.slots[(written % self.slots.len() as u64) as usize];
        for (cell, word) in slot.iter().zip([number, time, value, ids]) {
            // Relaxed: published by the release below.
            cell.store(word, Ordering::Relaxed);
        }
        self.written.store(written + 1, Ordering::Release);
    }

    /// How many events did not fit.
    pub fn n_lost(&self) -> u64 {
        // Relaxed: a count, read for information.
        self.lost.load(Ordering::Relaxed)
    }

    fn pop(&self) -> Option<(u64, Event)> {
        // Relaxed: only this thread writes `read`.
        let read = self.read.load(Ordering::Relaxed);
        // Acquire: what the writer published before it moved `written`.
        if read == self.written.load(Ordering::Acquire) {
            return None;
        }
        let slot = &self.slots[(read % self.slots.len() as u64) as usize];
        // Relaxed: ordered by the acquire above and the release below.
        let [number, words @ ..] = [0, 1, 2, 3].map(|idx: usize| slot[idx].load(Ordering::Relaxed));
        self.read.store(read + 1, Ordering::Release);
        Some((number, Event::decode(words).expect("only whole events are published")))
    }
}

/// Brings the events of many rings into their total order, as far as it is known.
#[derive(Debug, Default)]
pub struct Merge {
    next: u64,
    early: BinaryHeap<Reverse<(u64, [u64; 3])>>,
}

impl Merge {
    /// Takes what is in the rings and appends to `log` all events that no unseen one can precede.
    pub fn drain<'a>(&mut self, rings: impl IntoIterator<Item = &'a Ring>, log: &mut Vec<Event>) {
        for ring in rings {
            while let Some((number, event)) = ring.pop() {
                self.early.push(Reverse((number, event.encode())));
            }
        }
        while let Some(Reverse((number, words))) = self.early.peek()
            && *number == self.next
        {
            log.extend(Event::decode(*words));
            self.early.pop();
            self.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::EventKind;
    use super::*;
    use crate::world::ActorId;

    #[test]
    fn numbers_are_whole_across_threads_while_they_write() {
        let n_events = if cfg!(miri) { 40 } else { 20_000 };
        let rings: Vec<Ring> = (0..3).map(|_| Ring::new(16)).collect();
        let counter = AtomicU64::new(0);
        let mut events = Vec::new();
        let mut merge = Merge::default();
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..3u16)
                .map(|actor| {
                    let (ring, counter) = (&rings[usize::from(actor)], &counter);
                    scope.spawn(move || {
                        for time in 0..n_events {
                            let event = Event::new(time, ActorId(actor), EventKind::Spawned);
                            ring.push(counter, event);
                            if time % 8 == 0 {
                                std::thread::yield_now();
                            }
                        }
                    })
                })
                .collect();
            while writers.iter().any(|writer| !writer.is_finished()) {
                merge.drain(&rings, &mut events);
            }
        });
        merge.drain(&rings, &mut events);
        let n_lost: u64 = rings.iter().map(Ring::n_lost).sum();
        assert_eq!(events.len() as u64 + n_lost, 3 * n_events, "nothing vanishes uncounted");
        for actor in 0..3 {
            let mut times = events.iter().filter(|e| e.actor == ActorId(actor)).map(|e| e.time_ns);
            let first = times.next();
            assert!(first.is_some());
            times.fold(first, |last, time| {
                assert!(last < Some(time), "each actor's events stay in order");
                Some(time)
            });
        }
    }
}
