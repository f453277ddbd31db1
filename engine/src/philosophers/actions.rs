//! The course homework's list: `[philosopher, fork, action]`.
//!
//! Fork 1 is the left one, 2 the right one, 0 stands for eating; action 1 is to pick up, 2 to put
//! down, 3 to eat.

use super::etiquette::{Phase, Seat};
use crate::log::{Event, EventKind, Log, Names};

/// One line of the homework's list.
pub type Action = [u32; 3];

const EATING: u32 = 0;
const LEFT: u32 = 1;
const RIGHT: u32 = 2;

const PICK_UP: u32 = 1;
const PUT_DOWN: u32 = 2;
const EAT: u32 = 3;

/// What the event is in the homework's list, if anything.
pub fn action(event: &Event, names: &Names) -> Option<Action> {
    let philosopher = u32::from(event.actor.0);
    let is_eating = event.kind == EventKind::Phase && event.value == Phase::Eating as u32;
    if is_eating {
        return Some([philosopher, EATING, EAT]);
    }
    let action = match event.kind {
        EventKind::Got => PICK_UP,
        EventKind::GaveBack => PUT_DOWN,
        _ => return None,
    };
    let label = names.object(event.object).filter(|label| label.name == "fork")?;
    let of = u16::try_from(names.actors.len()).ok()?;
    let seat = Seat { idx: event.actor.0, of };
    let side = if usize::from(label.idx) == seat.left() { LEFT } else { RIGHT };
    Some([philosopher, side, action])
}

/// The homework's list of a whole dinner.
pub fn actions(log: &Log) -> Vec<Action> {
    log.events.iter().filter_map(|event| action(event, &log.names)).collect()
}
