//! Timers. That one goes off is an act of its own, which is nobody's.

use std::sync::Arc;
use std::time::Duration;

use engine::World;
use engine::thread::{JoinError, Timer};
use proptest::prelude::*;

use super::{Book, Program, SOME, Thing, in_model, on_threads, programs};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Start,
    Cancel,
    Join,
    JoinTimeout,
    IsAlive,
    /// Not chosen.
    GoOff,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gave {
    Nothing,
    AlreadyStarted,
    NotStarted,
    /// Whether it is through, or whether it is not.
    Is(bool),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PlainTimer {
    interval: Duration,
    is_started: bool,
    is_cancelled: bool,
    went_off: bool,
}

impl PlainTimer {
    fn new(interval: Duration) -> Self {
        Self { interval, is_started: false, is_cancelled: false, went_off: false }
    }

    fn is_through(&self) -> bool {
        self.is_started && (self.is_cancelled || self.went_off)
    }
}

impl Thing for PlainTimer {
    type Act = Act;
    type Gave = Gave;
    type Real<W: World> = Timer<W>;

    fn real<W: World>(&self, world: &W, book: &Arc<Book<Self>>) -> Timer<W> {
        let book = book.clone();
        Timer::new(world, "timer", 0, self.interval, move |_| async move {
            // It was decided some time before.
            book.note(Act::GoOff, Gave::Nothing, 0, book.moment());
        })
    }

    async fn perform<W: World>(w: &W, real: &Timer<W>, act: Act) -> Gave {
        match act {
            Act::Start => real.start(w).await.map_or(Gave::AlreadyStarted, |()| Gave::Nothing),
            Act::Cancel => {
                real.cancel(w).await;
                Gave::Nothing
            }
            Act::Join => match real.join(w).await {
                Ok(()) => Gave::Nothing,
                Err(JoinError::NotStarted) => Gave::NotStarted,
                Err(JoinError::Oneself) => unreachable!("a timer does not join itself"),
            },
            Act::JoinTimeout => real.join_timeout(w, SOME).await.map_or(Gave::NotStarted, Gave::Is),
            Act::IsAlive => Gave::Is(real.is_alive(w).await),
            Act::GoOff => unreachable!("it is not chosen"),
        }
    }

    fn after(&self, _: usize, act: Act, gave: Gave) -> Option<Self> {
        let mut next = self.clone();
        let is_fine = match (act, gave) {
            (Act::Start, Gave::Nothing) => {
                next.is_started = true;
                !self.is_started
            }
            (Act::Start, _) => self.is_started,
            (Act::Cancel, _) => {
                next.is_cancelled = true;
                true
            }
            (Act::Join, Gave::Nothing) => self.is_through(),
            (Act::JoinTimeout, Gave::Is(true)) => self.is_through(),
            // A thread may be called off, or at its work, and not yet be through.
            (Act::JoinTimeout, Gave::Is(_)) => self.is_started,
            (Act::Join | Act::JoinTimeout, _) => !self.is_started,
            (Act::IsAlive, Gave::Is(is_alive)) => {
                if is_alive {
                    self.is_started
                } else {
                    !self.is_started || self.is_through()
                }
            }
            (Act::IsAlive, _) => false,
            (Act::GoOff, _) => {
                next.went_off = true;
                self.is_started && !self.is_cancelled && !self.went_off
            }
        };
        is_fine.then_some(next)
    }

    fn may_rest(&self, stuck: &[(usize, Act)]) -> bool {
        match self.is_started && !self.is_through() {
            true => self.interval == Duration::MAX,
            false => stuck.is_empty(),
        }
    }
}

/// A timer that goes off at once, soon or never, and lists with fewer than so many acts.
fn timers(max_acts: usize) -> impl Strategy<Value = Program<PlainTimer>> {
    let act = prop_oneof![
        3 => Just(Act::Start),
        2 => Just(Act::Cancel),
        3 => Just(Act::Join),
        1 => Just(Act::JoinTimeout),
        1 => Just(Act::IsAlive),
    ];
    let interval = prop::sample::select(vec![Duration::ZERO, SOME, Duration::MAX]);
    programs(interval.prop_map(PlainTimer::new), act.prop_map(|act| vec![act]), max_acts)
}

#[test]
fn lists_in_the_model() {
    in_model(1_000, timers(5));
}

#[test]
fn lists_on_threads() {
    on_threads(500, timers(6));
}
