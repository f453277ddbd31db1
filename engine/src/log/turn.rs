//! The turns of a model's run.

use super::{Declared, Event, EventKind, Names};
use crate::world::ActorId;

/// A turn of a model's run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Whose.
    pub actor: ActorId,
    /// What was to be done in it, as far as the actor said.
    pub declared: Option<Declared>,
}

impl Turn {
    /// What was to be done in it: `acquire fork 3`.
    pub fn told(&self, names: &Names) -> String {
        let Some(Declared { act, object, .. }) = self.declared else {
            return "goes on".to_owned();
        };
        let object = names.object(object).map_or(String::new(), |label| format!(" {label}"));
        format!("{}{object}", act.name())
    }

    /// The turns in the first events of a model's run, in order. That time passes is nobody's turn.
    pub fn all(events: &[Event]) -> impl Iterator<Item = Self> + '_ {
        let mut declared: Vec<Option<Declared>> = Vec::new();
        events.iter().filter_map(move |event| {
            let idx = event.actor.idx();
            match event.kind {
                EventKind::Turn if event.actor != ActorId::CLOCK => {
                    let declared = declared.get(idx).copied().flatten();
                    Some(Self { actor: event.actor, declared })
                }
                EventKind::Declared => {
                    declared.resize(declared.len().max(idx + 1), None);
                    let (act, object, place) = (event.act, event.object, event.place);
                    declared[idx] = Some(Declared { act, object, place });
                    None
                }
                _ => None,
            }
        })
    }
}
