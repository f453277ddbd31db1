//! One event: what an actor did, in 24 bytes.

use std::time::Duration;

use crate::world::{Act, ActorId, Failure, Note, ObjectId, Role};

/// What kind of thing happened. The numbers are part of the log's format and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum EventKind {
    /// An actor came to life; `value` is 1 for a daemon, 0 for any other.
    Spawned = 0,
    /// An actor is through.
    Finished = 1,
    /// Model only: the scheduler gave the next turn to the actor (or to the clock).
    Turn = 2,
    /// The actor is about to act on the object, at a place in the source.
    Declared = 3,
    /// The actor cannot go on before the object changes.
    Blocked = 4,
    /// The actor can go on.
    Woken = 5,
    /// The actor has the object.
    Got = 6,
    /// The actor gave the object back.
    GaveBack = 7,
    /// The actor no longer tries to get the object.
    GaveUp = 8,
    /// The actor read `value`.
    Read = 9,
    /// The actor wrote `value`.
    Wrote = 10,
    /// The actor entered phase `value` of its lesson.
    Phase = 11,
    /// Model, grain of words: the actor accessed a word of the object and found `value`.
    Accessed = 12,
    /// A claim of the program does not hold; the run ends.
    AssertionFailed = 13,
    /// A primitive was used against its rules; the run ends.
    Misused = 14,
    /// The actor used the object up; nobody holds it now.
    UsedUp = 15,
    /// The actor brought the object into state `value`, by the numbering of its kind.
    State = 16,
    /// The actor put item `value` into the object.
    Put = 17,
    /// The actor took item `value` out of the object.
    Took = 18,
    /// The actor printed the text with number `place`, and `value` in it.
    Printed = 19,
    /// Model only: nothing orders the actor's access of plain data, the object, and an earlier one by
    /// the actor with number `value`; for each object the first time.
    Raced = 20,
}

impl EventKind {
    /// Every kind, at the index that is its number.
    pub const ALL: [Self; 21] = [
        Self::Spawned,
        Self::Finished,
        Self::Turn,
        Self::Declared,
        Self::Blocked,
        Self::Woken,
        Self::Got,
        Self::GaveBack,
        Self::GaveUp,
        Self::Read,
        Self::Wrote,
        Self::Phase,
        Self::Accessed,
        Self::AssertionFailed,
        Self::Misused,
        Self::UsedUp,
        Self::State,
        Self::Put,
        Self::Took,
        Self::Printed,
        Self::Raced,
    ];
}

/// What happened at one moment to one actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The world's time since the run began, in nanoseconds.
    pub time_ns: u64,
    /// Meaning depends on the kind. For a declared sleep: its length in microseconds.
    pub value: u32,
    /// To whom.
    pub actor: ActorId,
    /// With which object, or [`ObjectId::NONE`].
    pub object: ObjectId,
    /// The number of the place in the source; see [`super::Names::place`]. For what was printed, the
    /// number of the text; see [`super::Names::text`]. For what was put: how many of those in the object
    /// come out after it; [`u16::MAX`]: all of them.
    pub place: u16,
    /// What.
    pub kind: EventKind,
    /// For a declaration or an access: what is done.
    pub act: Act,
}

impl Event {
    /// An event that has neither object nor value.
    pub fn new(time_ns: u64, actor: ActorId, kind: EventKind) -> Self {
        let (object, act) = (ObjectId::NONE, Act::Load);
        Self { time_ns, value: 0, actor, object, place: 0, kind, act }
    }

    /// The event that begins an actor's life.
    pub fn of_spawn(time_ns: u64, actor: ActorId, role: Role) -> Self {
        let value = u32::from(role == Role::Daemon);
        Self { value, ..Self::new(time_ns, actor, EventKind::Spawned) }
    }

    /// The event that a primitive's note becomes.
    pub fn of_note(time_ns: u64, actor: ActorId, object: ObjectId, note: Note) -> Self {
        let event = |kind, value| Self { value, object, ..Self::new(time_ns, actor, kind) };
        match note {
            Note::Got => event(EventKind::Got, 0),
            Note::GaveBack => event(EventKind::GaveBack, 0),
            Note::UsedUp => event(EventKind::UsedUp, 0),
            Note::GaveUp => event(EventKind::GaveUp, 0),
            Note::Read(value) => event(EventKind::Read, value),
            Note::Wrote(value) => event(EventKind::Wrote, value),
            Note::Phase(phase) => event(EventKind::Phase, phase),
            Note::State(state) => event(EventKind::State, state),
            Note::Put { item, behind } => Self { place: behind, ..event(EventKind::Put, item) },
            Note::Took(item) => event(EventKind::Took, item),
        }
    }

    /// The event of a line that was printed; `text` is the number of the text.
    pub fn of_print(time_ns: u64, actor: ActorId, text: u16, value: u32) -> Self {
        Self { value, place: text, ..Self::new(time_ns, actor, EventKind::Printed) }
    }

    /// The event that ends a run with a failure.
    pub fn of_failure(time_ns: u64, actor: ActorId, failure: Failure) -> Self {
        let kind = match failure {
            Failure::Assertion(_) => EventKind::AssertionFailed,
            Failure::Misuse(_) => EventKind::Misused,
        };
        Self::new(time_ns, actor, kind)
    }

    /// For what was put: its index among those in the object, of which there are `n`, in the order in
    /// which they come out.
    pub fn index_among(&self, n: usize) -> usize {
        n.saturating_sub(self.place.into())
    }

    /// The value of a declared sleep. Rounded up: only a sleep of no time at all is zero.
    pub fn sleep_micros(duration: Duration) -> u32 {
        duration.as_nanos().div_ceil(1_000).try_into().unwrap_or(u32::MAX)
    }

    /// The world's time since the run began.
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.time_ns)
    }

    /// The event as three 64-bit words, as it lies in a ring.
    pub fn encode(&self) -> [u64; 3] {
        let ids = u64::from(self.actor.0)
            | u64::from(self.object.0) << 16
            | u64::from(self.place) << 32
            | u64::from(self.kind as u8) << 48
            | u64::from(self.act as u8) << 56;
        [self.time_ns, u64::from(self.value), ids]
    }

    /// The event behind three words; `None` when they are none of this version.
    ///
    /// ```
    /// use engine::{log::{Event, EventKind}, world::ActorId};
    ///
    /// let event = Event::new(7, ActorId(3), EventKind::Spawned);
    /// assert_eq!(Event::decode(event.encode()), Some(event));
    /// assert_eq!(Event::decode([0, 0, u64::MAX]), None);
    /// ```
    pub fn decode([time_ns, value, ids]: [u64; 3]) -> Option<Self> {
        let short = |shift: u32| (ids >> shift) as u16;
        Some(Self {
            time_ns,
            value: u32::try_from(value).ok()?,
            actor: ActorId(short(0)),
            object: ObjectId(short(16)),
            place: short(32),
            kind: *EventKind::ALL.get((ids >> 48 & 0xff) as usize)?,
            act: *Act::ALL.get((ids >> 56) as usize)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            time_ns: u64, value: u32, actor: u16, object: u16, place: u16,
            kind in 0..EventKind::ALL.len(), act in 0..Act::ALL.len(),
        ) {
            let (kind, act) = (EventKind::ALL[kind], Act::ALL[act]);
            let (actor, object) = (ActorId(actor), ObjectId(object));
            let event = Event { time_ns, value, actor, object, place, kind, act };
            prop_assert_eq!(Event::decode(event.encode()), Some(event));
        }

        #[test]
        fn any_words_are_an_event_or_none(words: [u64; 3]) {
            if let Some(event) = Event::decode(words) {
                prop_assert_eq!(event.encode(), words);
            }
        }
    }

    #[test]
    fn kinds_and_acts_stand_at_their_numbers() {
        assert!(EventKind::ALL.iter().enumerate().all(|(idx, kind)| *kind as usize == idx));
        assert!(Act::ALL.iter().enumerate().all(|(idx, act)| *act as usize == idx));
        assert_eq!(size_of::<Event>(), 24);
    }
}
