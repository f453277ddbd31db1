//! What each seat got out of the dinner, counted from the log.

use super::etiquette::Phase;
use crate::log::{Event, EventKind};
use crate::world::ActorId;

/// What one philosopher got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatTally {
    /// How often it began to eat.
    pub meals: u32,
    /// How often it had to wait for something: whoever is woken and finds that another was quicker
    /// waits on.
    pub waits: u32,
    /// When it became hungry, if it is, in nanoseconds since the run began.
    pub hungry_since_ns: Option<u64>,
    /// The longest hunger that was stilled, in nanoseconds of the world's time.
    pub longest_hunger_ns: u64,
    /// All hunger that was stilled, in nanoseconds of the world's time.
    pub total_hunger_ns: u64,
    /// Whether it has waited for what it is at.
    has_waited: bool,
}

impl SeatTally {
    /// The longest hunger up to `now_ns`, the present one included.
    pub fn longest_hunger_at(&self, now_ns: u64) -> u64 {
        let present = self.hungry_since_ns.map_or(0, |since| now_ns.saturating_sub(since));
        self.longest_hunger_ns.max(present)
    }
}

/// What all seats got: a fold over the log of any world, like the scene.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// By seat.
    pub seats: Vec<SeatTally>,
}

impl Tally {
    /// The tally after `events`, for a table of `philosophers`.
    pub fn of(philosophers: u16, events: &[Event]) -> Self {
        let mut tally = Self::new(philosophers);
        events.iter().for_each(|event| tally.apply(event));
        tally
    }

    /// The tally of a table where nothing happened yet.
    pub fn new(philosophers: u16) -> Self {
        Self { seats: vec![SeatTally::default(); usize::from(philosophers)] }
    }

    /// Takes one more event into the tally.
    pub fn apply(&mut self, event: &Event) {
        let Some(seat) = self.seats.get_mut(event.actor.idx()) else { return };
        match event.kind {
            EventKind::Declared => seat.has_waited = false,
            EventKind::Blocked => {
                seat.waits += u32::from(!std::mem::replace(&mut seat.has_waited, true));
            }
            EventKind::Phase => match Phase::from_number(event.value) {
                Phase::Hungry => seat.hungry_since_ns = Some(event.time_ns),
                Phase::Eating => {
                    let since_ns = seat.hungry_since_ns.take().unwrap_or(event.time_ns);
                    let hunger_ns = event.time_ns.saturating_sub(since_ns);
                    seat.meals += 1;
                    seat.total_hunger_ns += hunger_ns;
                    seat.longest_hunger_ns = seat.longest_hunger_ns.max(hunger_ns);
                }
                Phase::Thinking | Phase::Done => {}
            },
            _ => {}
        }
    }

    /// All meals.
    pub fn n_meals(&self) -> u32 {
        self.seats.iter().map(|seat| seat.meals).sum()
    }

    /// How many meals the philosopher with the most has more than the one with the fewest.
    pub fn meal_gap(&self) -> u32 {
        let meals = || self.seats.iter().map(|seat| seat.meals);
        meals().max().unwrap_or(0) - meals().min().unwrap_or(0)
    }

    /// Jain's fairness index of the time that each has been hungry up to `now_ns`: 1 when all were
    /// hungry equally long, 1/K when only one was.
    ///
    /// Source: R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness and Discrimination",
    /// DEC-TR-301, 1984.
    pub fn fairness(&self, now_ns: u64) -> f64 {
        let hunger = self.seats.iter().map(|seat| {
            let present = seat.hungry_since_ns.map_or(0, |since| now_ns.saturating_sub(since));
            (seat.total_hunger_ns + present) as f64
        });
        let (sum, squares) = hunger.fold((0.0, 0.0), |(sum, sq), x| (sum + x, sq + x * x));
        if squares == 0.0 { 1.0 } else { sum * sum / (self.seats.len() as f64 * squares) }
    }

    /// The seat that is or was hungry longest, up to `now_ns`.
    pub fn hungriest(&self, now_ns: u64) -> Option<ActorId> {
        let longest = |(_, seat): &(usize, &SeatTally)| seat.longest_hunger_at(now_ns);
        self.seats.iter().enumerate().max_by_key(longest).map(|(idx, _)| ActorId(idx as u16))
    }
}
