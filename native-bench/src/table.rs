//! The dining philosophers on threads: meals in a time, and who got how hungry.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use engine::log::EventKind;
use engine::philosophers::{self, Settings, Solution, Tally};
use engine::real::{Config, Ending, Plain, Recorded, Run, Threads};

use crate::crew;
use crate::stats::jain;

/// The sizes of the table.
pub const SIZES: [u16; 3] = [2, 5, 16];

/// More than a philosopher leaves in the log for a meal, with all the waits.
const EVENTS_PER_MEAL: usize = 256;

/// The solutions that always come to an end.
pub fn solutions() -> impl Iterator<Item = Solution> {
    Solution::ALL.into_iter().filter(|solution| !solution.can_deadlock())
}

/// A dinner where only the forks take time: a philosopher who thinks or eats lets others run.
fn settings(solution: Solution, philosophers: u16, meals: u32) -> Settings {
    let (think, eat, backoff) = (Duration::ZERO, Duration::ZERO, Duration::from_micros(1));
    Settings { philosophers, meals, solution, think, eat, backoff }
}

/// `philosophers` threads eat `meals` times each; the time includes their start.
///
/// # Panics
/// When the dinner does not come to its end.
pub fn dinner(solution: Solution, philosophers: u16, meals: u32) -> Duration {
    let settings = settings(solution, philosophers, meals);
    let start = Instant::now();
    let run = Run::start(Threads, Config::default(), move |w: &Plain| {
        philosophers::set_table(w, &settings);
    });
    assert_eq!(run.join(), Ending::Finished, "{}", solution.id());
    start.elapsed()
}

/// What the log of a dinner tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunger {
    /// All the hunger of each seat, in nanoseconds.
    pub by_seat_ns: Vec<u64>,
    /// The longest single hunger, in nanoseconds.
    pub longest_ns: u64,
    /// How many meals each seat had when the first one was through.
    pub meals_by_seat: Vec<u64>,
}

impl Hunger {
    /// Jain's index of the meals that each seat had when the first one was through.
    pub fn fairness(&self) -> f64 {
        jain(&self.meals_by_seat)
    }
}

/// As [`dinner`], recorded.
///
/// # Panics
/// When the dinner does not come to its end, or the log has lost something.
pub fn recorded_dinner(solution: Solution, philosophers: u16, meals: u32) -> Hunger {
    let settings = settings(solution, philosophers, meals);
    // Enough for the busiest solution to lose nothing although nobody looks at the rings meanwhile,
    // as on a machine that is busy with something else.
    let ring_capacity = (meals as usize * EVENTS_PER_MEAL).next_power_of_two();
    let max_actors = usize::from(philosophers);
    let config = Config { max_actors, ring_capacity, ..Config::default() };
    let run = Run::start(Threads, config, move |w: &Recorded| {
        philosophers::set_table(w, &settings);
    });
    let (ending, log) = run.join_with_log();
    assert_eq!(ending, Ending::Finished, "{}", solution.id());
    assert_eq!(log.n_lost, 0, "{}: the rings are too small", solution.id());
    let tally = Tally::of(philosophers, &log.events);
    assert_eq!(tally.n_meals(), u32::from(philosophers) * meals);
    let first_through = log.events.iter().position(|event| event.kind == EventKind::Finished);
    let until_then = &log.events[..first_through.unwrap_or(log.events.len())];
    let meals_by_seat =
        Tally::of(philosophers, until_then).seats.iter().map(|s| u64::from(s.meals)).collect();
    Hunger {
        by_seat_ns: tally.seats.iter().map(|seat| seat.total_hunger_ns).collect(),
        longest_ns: tally.seats.iter().map(|seat| seat.longest_hunger_ns).max().unwrap_or(0),
        meals_by_seat,
    }
}

/// The ordered solution as one writes it with the standard library, for comparison.
///
/// # Panics
/// When a meal is missing.
pub fn std_dinner(philosophers: u16, meals: u32) -> Duration {
    let start = Instant::now();
    let forks: Vec<_> = (0..philosophers).map(|_| Mutex::new(0_u32)).collect();
    let n_seats = usize::from(philosophers);
    crew::run((0..n_seats).collect(), |seat| {
        let (right, left) = (seat, (seat + 1) % n_seats);
        for _ in 0..meals {
            thread::yield_now();
            let mut low = forks[right.min(left)].lock().expect("nobody panics");
            let mut high = forks[right.max(left)].lock().expect("nobody panics");
            thread::yield_now();
            *low += 1;
            *high += 1;
        }
    });
    let uses: u32 = forks.into_iter().map(|fork| fork.into_inner().expect("nobody panics")).sum();
    assert_eq!(uses, 2 * u32::from(philosophers) * meals);
    start.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_eats() {
        for solution in solutions() {
            dinner(solution, 5, 20);
            let hunger = recorded_dinner(solution, 5, 20);
            assert_eq!(hunger.by_seat_ns.len(), 5);
            assert!(hunger.fairness() > 0.0 && hunger.fairness() <= 1.0);
        }
        std_dinner(5, 20);
    }
}
