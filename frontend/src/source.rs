//! Where everybody is in the source: who is at which line, in which file, in Rust and in Python.
//!
//! Nothing in here knows the web. No line number is kept by hand: a run says where in the Rust source
//! it is, and lines with the same mark in both listings do the same.

use engine::lessons::Listing;
use engine::log::{EventKind, Names, Scene};
use engine::world::{ActorId, Place};

use crate::recording::Recording;

/// The languages of the listings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tongue {
    /// What runs.
    #[default]
    Rust,
    /// The same for CPython.
    Python,
}

impl Tongue {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Rust, Self::Python];

    /// Its name in links.
    pub fn id(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
        }
    }

    /// Its own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::Python => "Python",
        }
    }
}

/// An actor at a place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Who.
    pub actor: ActorId,
    /// Where.
    pub place: Place,
}

/// Where everybody goes on: what they declared and have not done yet.
pub fn spots(scene: &Scene, names: &Names) -> Vec<Spot> {
    let actors = scene.actors.iter().enumerate();
    let spots = actors.filter_map(|(idx, actor)| {
        let place = names.place(actor.declared?.place)?;
        Some(Spot { actor: ActorId(idx as u16), place })
    });
    spots.collect()
}

/// Who took the step to a stop, and where: what that actor had declared before.
pub fn taken(recording: &Recording, stop: usize) -> Option<Spot> {
    use EventKind::{Finished, Phase, Read, Wrote};
    let events = recording.events_of(stop);
    // A stop of the model begins with the turn that was given; one of a real run ends with what
    // happened. There, what is not part of an operation says nothing of where it happened.
    let (by, before) = if recording.is_model() {
        (events.first()?, &[][..])
    } else {
        let (last, before) = events.split_last()?;
        (Some(last).filter(|last| !matches!(last.kind, Read | Wrote | Phase | Finished))?, before)
    };
    let mut scene = recording.frame(stop.checked_sub(1)?).scene;
    before.iter().for_each(|event| scene.apply(event));
    // The clock is nowhere.
    let declared = scene.actors.get(by.actor.idx())?.declared?;
    Some(Spot { actor: by.actor, place: recording.names().place(declared.place)? })
}

/// The number of a spot's line in a listing: in the Rust listing of its own file, or in a Python
/// listing the line with the same mark.
pub fn line_in(spot: Spot, own: &Listing, python: Option<&Listing>) -> Option<u32> {
    let line = spot.place.line();
    match python {
        Some(python) => python.line_of(own.mark_at(line)?),
        None => own.lines.iter().any(|known| known.number == line).then_some(line),
    }
}

/// Where the page finds a file of the engine: `dist/` has a copy of its sources.
pub fn url(file: &str) -> String {
    format!("source/{}", short(file))
}

/// A file's path without what all have in common.
pub fn short(file: &str) -> &str {
    file.strip_prefix("engine/src/").unwrap_or(file)
}
