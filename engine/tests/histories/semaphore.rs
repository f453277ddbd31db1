//! Semaphores, with a bound and without.

use std::mem::forget;
use std::sync::Arc;

use engine::World;
use engine::sync::{BoundedSemaphore, Semaphore};
use proptest::prelude::*;

use super::{Book, Patience, Program, SOME, Thing, in_model, on_threads, patience, programs};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Acquire(Patience),
    Release(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gave {
    Nothing,
    InVain,
    TooMany,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PlainSemaphore {
    free: u32,
    bound: Option<u32>,
}

enum Seats<W: World> {
    Endless(Semaphore<W>),
    Bounded(BoundedSemaphore<W>),
}

macro_rules! ask {
    ($real:expr, $it:ident => $ask:expr) => {
        match $real {
            Seats::Endless($it) => $ask,
            Seats::Bounded($it) => $ask,
        }
    };
}

impl Thing for PlainSemaphore {
    type Act = Act;
    type Gave = Gave;
    type Real<W: World> = Seats<W>;

    fn real<W: World>(&self, world: &W, _: &Arc<Book<Self>>) -> Seats<W> {
        match self.bound {
            Some(bound) => Seats::Bounded(BoundedSemaphore::new(world, "seats", 0, bound)),
            None => Seats::Endless(Semaphore::new(world, "seats", 0, self.free)),
        }
    }

    async fn perform<W: World>(w: &W, real: &Seats<W>, act: Act) -> Gave {
        let or = |done: bool, otherwise| if done { Gave::Nothing } else { otherwise };
        match act {
            Act::Acquire(Patience::Endless) => {
                ask!(real, it => forget(it.acquire(w).await));
                Gave::Nothing
            }
            Act::Acquire(Patience::None) => {
                or(ask!(real, it => it.try_acquire(w).await.map(forget).is_some()), Gave::InVain)
            }
            Act::Acquire(Patience::Some) => {
                let got = ask!(real, it => it.acquire_timeout(w, SOME).await.map(forget).is_some());
                or(got, Gave::InVain)
            }
            Act::Release(1) => or(ask!(real, it => it.release(w).await.is_ok()), Gave::TooMany),
            Act::Release(n) => {
                or(ask!(real, it => it.release_many(w, n).await.is_ok()), Gave::TooMany)
            }
        }
    }

    fn after(&self, _: usize, act: Act, gave: Gave) -> Option<Self> {
        let total = |n| self.free.checked_add(n).filter(|n| *n <= self.bound.unwrap_or(u32::MAX));
        let free = match (act, gave) {
            (Act::Acquire(_), Gave::Nothing) => self.free.checked_sub(1),
            (Act::Acquire(_), Gave::InVain) => (self.free == 0).then_some(0),
            (Act::Release(n), Gave::Nothing) => total(n),
            (Act::Release(n), Gave::TooMany) => total(n).is_none().then_some(self.free),
            _ => None,
        };
        Some(Self { free: free?, ..*self })
    }

    fn may_rest(&self, stuck: &[(usize, Act)]) -> bool {
        stuck.is_empty() || self.free == 0
    }
}

/// A semaphore with few permits, and lists with fewer than so many acts.
fn semaphores(max_acts: usize) -> impl Strategy<Value = Program<PlainSemaphore>> {
    let act = prop_oneof![
        6 => patience().prop_map(Act::Acquire),
        5 => Just(Act::Release(1)),
        1 => (0u32..4).prop_map(Act::Release),
    ];
    let seats = (0u32..4, any::<bool>())
        .prop_map(|(free, is_bounded)| PlainSemaphore { free, bound: is_bounded.then_some(free) });
    programs(seats, act.prop_map(|act| vec![act]), max_acts)
}

#[test]
fn lists_in_the_model() {
    in_model(1_000, semaphores(6));
}

#[test]
fn lists_on_threads() {
    on_threads(500, semaphores(12));
}
