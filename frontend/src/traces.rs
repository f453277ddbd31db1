//! What the picture needs beyond the scene, folded from the same events: which item is which, what
//! everybody saw last, and who took the last turn.

use engine::log::{Event, EventKind};
use engine::world::{ActorId, ObjectId};

/// One item, told from others that look the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which of all that were ever put into its queue.
    pub serial: u32,
    /// What it is.
    pub value: u32,
    /// Who put it in, or took it out.
    pub by: ActorId,
}

/// The items of one queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Belt {
    /// In it, in the order in which they come out.
    pub items: Vec<Item>,
    /// The one that left last.
    pub gone: Option<Item>,
    n_put: u32,
}

/// What an actor read and has not written since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Where.
    pub object: ObjectId,
    /// What.
    pub value: u32,
}

/// The fold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// By object, for those that were put into or whose ids are smaller.
    pub belts: Vec<Belt>,
    /// By actor, for those that read or whose ids are smaller.
    pub seen: Vec<Option<Seen>>,
    /// Who took the last turn: in the model by the scheduler's word, else who did something last.
    pub ran: Option<ActorId>,
}

impl Traces {
    /// Takes one more event into account.
    pub fn apply(&mut self, event: &Event) {
        match event.kind {
            EventKind::Turn => self.ran = Some(event.actor),
            EventKind::Put => {
                let belt = slot(&mut self.belts, event.object.idx());
                let item = Item { serial: belt.n_put, value: event.value, by: event.actor };
                belt.items.insert(event.index_among(belt.items.len()), item);
                belt.n_put += 1;
            }
            EventKind::Took => {
                let belt = slot(&mut self.belts, event.object.idx());
                // Of equal items the one that comes out first: they look the same.
                if let Some(at) = belt.items.iter().position(|item| item.value == event.value) {
                    belt.gone = Some(Item { by: event.actor, ..belt.items.remove(at) });
                }
            }
            // The setup is no actor.
            EventKind::Read | EventKind::Wrote if event.actor.idx() >= ActorId::MAX_ACTORS => {}
            EventKind::Read => {
                let Event { object, value, .. } = *event;
                *slot(&mut self.seen, event.actor.idx()) = Some(Seen { object, value });
            }
            EventKind::Wrote => {
                let seen = slot(&mut self.seen, event.actor.idx());
                *seen = seen.filter(|seen| seen.object != event.object);
            }
            _ => {}
        }
    }

    /// The items of a queue.
    pub fn belt(&self, object: ObjectId) -> Option<&Belt> {
        self.belts.get(object.idx())
    }

    /// What an actor has in mind.
    pub fn seen(&self, actor: ActorId) -> Option<Seen> {
        self.seen.get(actor.idx()).copied().flatten()
    }
}

fn slot<T: Default>(list: &mut Vec<T>, idx: usize) -> &mut T {
    if list.len() <= idx {
        list.resize_with(idx + 1, T::default);
    }
    &mut list[idx]
}
