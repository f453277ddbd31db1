//! What every solution shares: seats, phases, settings, and how to come by both forks.

use std::time::Duration;

use crate::sync::{Guard, Lock};
use crate::world::World;

/// How philosophers get both forks, or do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Solution {
    /// Left fork, then right fork. Deadlocks in some schedules.
    Naive,
    /// The fork with the lower number first.
    Ordered,
    /// Odd seats take the left fork first, even seats the right one.
    OddEven,
    /// A waiter lets at most K − 1 to the table.
    Waiter,
    /// Both forks at once or none, by a monitor.
    BothOrNone,
    /// Try the second fork; when it is taken, put the first one back and try again later.
    TryLock,
    /// Forks are dirty or clean, and a dirty one is handed over on request.
    ChandyMisra,
}

impl Solution {
    /// Every solution, in the order in which one teaches them.
    pub const ALL: [Self; 7] = [
        Self::Naive,
        Self::Ordered,
        Self::OddEven,
        Self::Waiter,
        Self::BothOrNone,
        Self::TryLock,
        Self::ChandyMisra,
    ];

    /// The name on the command line and in links.
    pub fn id(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Ordered => "ordered",
            Self::OddEven => "odd-even",
            Self::Waiter => "waiter",
            Self::BothOrNone => "both-or-none",
            Self::TryLock => "try-lock",
            Self::ChandyMisra => "chandy-misra",
        }
    }

    /// The solution with this name.
    ///
    /// ```
    /// use engine::philosophers::Solution;
    ///
    /// assert!(Solution::ALL.iter().all(|s| Solution::from_id(s.id()) == Some(*s)));
    /// assert_eq!(Solution::from_id("hope"), None);
    /// ```
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|solution| solution.id() == id)
    }

    /// Whether some schedule ends with everybody waiting.
    pub fn can_deadlock(self) -> bool {
        self == Self::Naive
    }
}

/// What a philosopher is at; the number is the phase in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Phase {
    /// Needs no fork.
    #[default]
    Thinking = 0,
    /// Wants both forks.
    Hungry = 1,
    /// Has both forks.
    Eating = 2,
    /// Has eaten as often as there are meals.
    Done = 3,
}

impl Phase {
    /// Every phase, at the index that is its number.
    pub const ALL: [Self; 4] = [Self::Thinking, Self::Hungry, Self::Eating, Self::Done];

    /// The names of the phases, at the index that is their number.
    pub const NAMES: [&str; 4] = ["thinking", "hungry", "eating", "done"];

    /// The phase with this number, or the last one.
    pub fn from_number(number: u32) -> Self {
        *Self::ALL.get(number as usize).unwrap_or(&Self::Done)
    }
}

/// One dinner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// How many philosophers sit at the table, and forks lie on it; at least 2.
    pub philosophers: u16,
    /// How often each of them eats.
    pub meals: u32,
    /// How they get their forks.
    pub solution: Solution,
    /// How long one thinks, on average: each time between half and one and a half of it.
    pub think: Duration,
    /// How long one eats, on average: likewise.
    pub eat: Duration,
    /// Try-lock only: how long one waits at most before the next try; zero: not at all.
    pub backoff: Duration,
}

/// A philosopher's place at the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Which one, from 0.
    pub idx: u16,
    /// How many there are.
    pub of: u16,
}

impl Seat {
    /// The fork to the right: the seat's own number.
    pub fn right(self) -> usize {
        usize::from(self.idx)
    }

    /// The fork to the left: the next number, around the table.
    pub fn left(self) -> usize {
        usize::from((self.idx + 1) % self.of)
    }
}

/// How to come by both forks. What `pick_up` gives is put down again: holding it is eating.
pub(super) trait Etiquette<W: World>: Send + Sync + 'static {
    type Forks<'a>;

    async fn pick_up<'a>(&'a self, w: &'a W, seat: Seat) -> Self::Forks<'a>;
    async fn put_down<'a>(&'a self, w: &'a W, seat: Seat, forks: Self::Forks<'a>);
}

/// The forks of the solutions in which a fork is a lock.
pub(super) fn forks<W: World>(world: &W, settings: &Settings) -> Vec<Lock<W>> {
    (0..settings.philosophers).map(|idx| Lock::new(world, "fork", idx)).collect()
}

/// Takes two forks, one after the other.
pub(super) async fn take_both<'a, W: World>(
    w: &'a W,
    forks: &'a [Lock<W>],
    first: usize,
    second: usize,
) -> [Guard<'a, W>; 2] {
    let first = forks[first].acquire(w).await; //: take-first
    let second = forks[second].acquire(w).await; //: take-second
    [first, second]
}

/// Puts two forks down, the one taken first first.
pub(super) async fn put_both<W: World>([first, second]: [Guard<'_, W>; 2]) {
    first.release().await; //: put-down
    second.release().await; //: put-down
}
