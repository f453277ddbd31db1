//! How often and how long each actor had to wait: a fold over the log of any world.

use super::event::{Event, EventKind};
use crate::world::ActorId;

/// The waits of one actor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActorWaits {
    /// How many there were: whoever is woken and finds that another was quicker waits on.
    pub n: u32,
    /// When the present one began, if there is one, in nanoseconds since the run began.
    pub since_ns: Option<u64>,
    /// The longest that is over, in nanoseconds of the world's time.
    pub longest_ns: u64,
    /// All that are over, in nanoseconds of the world's time.
    pub total_ns: u64,
    /// Whether it has waited for what it is at.
    has_waited: bool,
}

impl ActorWaits {
    /// The longest wait up to `now_ns`, the present one included.
    pub fn longest_at(&self, now_ns: u64) -> u64 {
        let present = self.since_ns.map_or(0, |since| now_ns.saturating_sub(since));
        self.longest_ns.max(present)
    }
}

/// The waits of all actors.
///
/// ```
/// use engine::{log::{Event, EventKind, Waits}, world::ActorId};
///
/// let mut waits = Waits::default();
/// waits.apply(&Event::new(10, ActorId(0), EventKind::Blocked));
/// waits.apply(&Event::new(25, ActorId(0), EventKind::Woken));
/// assert_eq!((waits.actors[0].n, waits.actors[0].total_ns), (1, 15));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// By actor, for those that waited or whose ids are smaller.
    pub actors: Vec<ActorWaits>,
}

impl Waits {
    /// The waits after `events`.
    pub fn of(events: &[Event]) -> Self {
        let mut waits = Self::default();
        events.iter().for_each(|event| waits.apply(event));
        waits
    }

    /// Takes one more event into account.
    pub fn apply(&mut self, event: &Event) {
        if event.actor.idx() >= ActorId::MAX_ACTORS {
            return;
        }
        if self.actors.len() <= event.actor.idx() {
            self.actors.resize(event.actor.idx() + 1, ActorWaits::default());
        }
        let waits = &mut self.actors[event.actor.idx()];
        match event.kind {
            EventKind::Declared => waits.has_waited = false,
            EventKind::Blocked => {
                waits.n += u32::from(!std::mem::replace(&mut waits.has_waited, true));
                waits.since_ns = Some(event.time_ns);
            }
            EventKind::Woken => {
                // A sleeper wakes too, and has not waited for anything.
                let Some(since_ns) = waits.since_ns.take() else { return };
                let length_ns = event.time_ns.saturating_sub(since_ns);
                waits.longest_ns = waits.longest_ns.max(length_ns);
                waits.total_ns += length_ns;
            }
            _ => {}
        }
    }
}
