//! Events.

use std::sync::Arc;
use std::time::Duration;

use engine::World;
use engine::sync::Event;
use proptest::prelude::*;

use super::{Book, Patience, Program, SOME, Thing, in_model, on_threads, patience, programs};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Set,
    Clear,
    IsSet,
    Wait(Patience),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PlainEvent {
    is_set: bool,
}

impl Thing for PlainEvent {
    type Act = Act;
    /// Whether it was set, for those who ask.
    type Gave = bool;
    type Real<W: World> = Event<W>;

    fn real<W: World>(&self, world: &W, _: &Arc<Book<Self>>) -> Event<W> {
        Event::new(world, "light", 0)
    }

    async fn perform<W: World>(w: &W, real: &Event<W>, act: Act) -> bool {
        match act {
            Act::Set => real.set(w).await,
            Act::Clear => real.clear(w).await,
            Act::IsSet => return real.is_set(w).await,
            Act::Wait(Patience::Endless) => real.wait(w).await,
            Act::Wait(Patience::Some) => return real.wait_timeout(w, SOME).await,
            Act::Wait(Patience::None) => return real.wait_timeout(w, Duration::ZERO).await,
        }
        true
    }

    fn after(&self, _: usize, act: Act, was_set: bool) -> Option<Self> {
        match act {
            Act::Set => Some(Self { is_set: true }),
            Act::Clear => Some(Self { is_set: false }),
            Act::IsSet | Act::Wait(_) => (was_set == self.is_set).then(|| self.clone()),
        }
    }

    fn may_rest(&self, stuck: &[(usize, Act)]) -> bool {
        stuck.is_empty() || !self.is_set
    }
}

/// An event that is not set, and lists with fewer than so many acts.
fn events(max_acts: usize) -> impl Strategy<Value = Program<PlainEvent>> {
    let act = prop_oneof![
        3 => Just(Act::Set),
        2 => Just(Act::Clear),
        1 => Just(Act::IsSet),
        5 => patience().prop_map(Act::Wait),
    ];
    programs(Just(PlainEvent { is_set: false }), act.prop_map(|act| vec![act]), max_acts)
}

#[test]
fn lists_in_the_model() {
    in_model(1_000, events(6));
}

#[test]
fn lists_on_threads() {
    on_threads(500, events(12));
}
