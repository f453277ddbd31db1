//! Things that are done once. A call that does the job is two moments: it begins, and it ends.

use std::sync::Arc;
use std::time::Duration;

use engine::World;
use engine::sync::Once;
use proptest::prelude::*;

use super::{Book, Patience, Program, SOME, Thing, in_model, on_threads, patience, programs};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// For how long, and whether the job succeeds.
    Call(Patience, bool),
    IsDone,
    /// Not chosen, but a part of a call.
    Begin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gave {
    /// The job was done by this call, and succeeded or not.
    Did(bool),
    /// It is done, or not.
    IsDone(bool),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum PlainOnce {
    New,
    Begun(usize),
    Done,
}

impl Thing for PlainOnce {
    type Act = Act;
    type Gave = Gave;
    type Real<W: World> = Once<W>;

    fn real<W: World>(&self, world: &W, _: &Arc<Book<Self>>) -> Once<W> {
        Once::new(world, "once", 0)
    }

    async fn perform<W: World>(w: &W, real: &Once<W>, act: Act) -> Gave {
        let Act::Call(patience, succeeds) = act else {
            return Gave::IsDone(real.is_done(w).await);
        };
        let mut did = false;
        let job = async || {
            did = true;
            w.sleep(Duration::ZERO).await;
            succeeds.then_some(()).ok_or(())
        };
        let is_done = match patience {
            Patience::Endless => real.call(w, job).await.map(|()| true),
            Patience::None => real.try_call(w, job).await,
            Patience::Some => real.call_timeout(w, SOME, job).await,
        };
        match is_done {
            Ok(is_done) if !did => Gave::IsDone(is_done),
            result => Gave::Did(result == Ok(true)),
        }
    }

    fn parts(act: Act, gave: Option<Gave>) -> Vec<(Act, Option<Gave>)> {
        match gave {
            Some(Gave::Did(_)) => vec![(Act::Begin, gave), (act, gave)],
            _ => vec![(act, gave)],
        }
    }

    fn after(&self, actor: usize, act: Act, gave: Gave) -> Option<Self> {
        let (is_fine, next) = match (act, gave) {
            (Act::Begin, _) => (*self == Self::New, Self::Begun(actor)),
            (Act::Call(_, succeeds), Gave::Did(succeeded)) => {
                let next = if succeeds { Self::Done } else { Self::New };
                (*self == Self::Begun(actor) && succeeded == succeeds, next)
            }
            // Nobody is sent away whose turn it would be.
            (Act::Call(patience, _), Gave::IsDone(false)) => {
                let may = matches!(self, Self::Begun(_)) && patience != Patience::Endless;
                (may, self.clone())
            }
            (_, Gave::IsDone(is_done)) => ((*self == Self::Done) == is_done, self.clone()),
            _ => (false, self.clone()),
        };
        is_fine.then_some(next)
    }

    fn may_rest(&self, stuck: &[(usize, Act)]) -> bool {
        stuck.is_empty()
    }
}

/// Something that has not begun, and lists with fewer than so many acts.
fn onces(max_acts: usize) -> impl Strategy<Value = Program<PlainOnce>> {
    let call = (patience(), prop::bool::weighted(0.3));
    let act = prop_oneof![
        5 => call.prop_map(|(patience, succeeds)| Act::Call(patience, succeeds)),
        1 => Just(Act::IsDone),
    ];
    programs(Just(PlainOnce::New), act.prop_map(|act| vec![act]), max_acts)
}

#[test]
fn lists_in_the_model() {
    in_model(1_000, onces(5));
}

#[test]
fn lists_on_threads() {
    on_threads(500, onces(9));
}
