//! What every world has in common: a log of small events of a fixed size, and what is made of it.
//!
//! - [`Event`]: what happened, in 24 bytes; [`Log`]: the events of one run with the names in it;
//! - [`Ring`]: where the actor of a real run writes its events without ever waiting;
//! - [`Turn`]: who took each turn of a model's run, and what for;
//! - [`Scene`]: the picture after a prefix of the log, as a pure fold;
//! - [`trace_events`]: the JSON that Perfetto opens.

mod ending;
mod event;
mod holdings;
mod perfetto;
mod race;
mod ring;
mod scene;
mod turn;
mod waits;

pub use ending::Ending;
pub use event::{Event, EventKind};
pub use holdings::{Deadlock, Holdings, Link};
pub use perfetto::trace_events;
pub use race::{DataAccess, Race};
pub use ring::{Merge, Ring};
pub use scene::{Activity, ActorScene, Declared, Loss, ObjectScene, Printed, Scene};
pub use turn::Turn;

pub use waits::{ActorWaits, Waits};

use crate::world::{ActorId, ObjectId, ObjectKind, Place};

/// The text of a value that goes on the line that its actor printed last.
pub const CONTINUED: &str = " {}";

/// The version of the events' meaning. A reader that meets a newer one must say so.
pub const VERSION: u32 = 3;

/// The name of an actor or an object: a word and an index among those of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    /// The word, in English and singular; a page may translate it.
    pub name: &'static str,
    /// Which of them.
    pub idx: u16,
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.idx)
    }
}

/// The names that events refer to by number; each is registered once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Actor `i` is called `actors[i]`.
    pub actors: Vec<Label>,
    /// Object `i` is of this kind and name.
    pub objects: Vec<(ObjectKind, Label)>,
    places: Vec<Place>,
    texts: Vec<&'static str>,
}

impl Names {
    /// The label of an actor; the clock and the set-up have names of their own.
    pub fn actor(&self, actor: ActorId) -> Label {
        match actor {
            ActorId::CLOCK => Label { name: "clock", idx: 0 },
            _ => self.actors.get(actor.idx()).copied().unwrap_or(Label { name: "setup", idx: 0 }),
        }
    }

    /// The label of an object, if it is one.
    pub fn object(&self, object: ObjectId) -> Option<Label> {
        self.objects.get(object.idx()).map(|(_, label)| *label)
    }

    /// The number of a place in the source text, which events carry.
    pub fn intern(&mut self, place: Place) -> u16 {
        // A `Location` is a constant of the program: the same place mostly has the same address.
        let found = self.places.iter().position(|p| std::ptr::eq(*p, place) || *p == place);
        let idx = found.unwrap_or_else(|| {
            self.places.push(place);
            self.places.len() - 1
        });
        u16::try_from(idx).map_or(0, |idx| idx + 1)
    }

    /// The number of a text that is printed, which events carry.
    pub fn intern_text(&mut self, text: &'static str) -> u16 {
        let found = self.texts.iter().position(|known| *known == text);
        let idx = found.unwrap_or_else(|| {
            self.texts.push(text);
            self.texts.len() - 1
        });
        u16::try_from(idx).map_or(0, |idx| idx + 1)
    }

    /// The text with this number, with `{}` where a value belongs; empty for an unknown one.
    pub fn text(&self, number: u16) -> &'static str {
        let idx = usize::from(number).checked_sub(1);
        idx.and_then(|idx| self.texts.get(idx)).copied().unwrap_or("")
    }

    /// The places that have a number, in the order of these.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The place with this number; 0 stands for an unknown one.
    pub fn place(&self, number: u16) -> Option<Place> {
        self.places.get(usize::from(number).checked_sub(1)?).copied()
    }
}

/// The events of one run, in their total order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// What the numbers in the events stand for.
    pub names: Names,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// How many events of a real run were dropped because a ring was full.
    pub n_lost: u64,
}

impl Log {
    /// Forgets what happened, for another run of the same program. Places stay known, so one can tell
    /// where all its runs together have been.
    pub(crate) fn clear(&mut self) {
        let Names { actors, objects, texts, places: _ } = &mut self.names;
        actors.clear();
        objects.clear();
        texts.clear();
        self.events.clear();
        self.n_lost = 0;
    }

    /// The positions where a player stops: in a model's run after each turn (and once before the
    /// first), in a real run after each event. A position counts the events before it.
    pub fn stops(&self) -> Vec<usize> {
        let is_turn = |event: &Event| event.kind == EventKind::Turn;
        if self.events.iter().any(is_turn) {
            let turns = self.events.iter().enumerate().filter(|(_, event)| is_turn(event));
            turns.map(|(idx, _)| idx).chain([self.events.len()]).collect()
        } else {
            (0..=self.events.len()).collect()
        }
    }
}
