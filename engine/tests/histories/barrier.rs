//! Barriers.
//!
//! A wait is two moments: it comes, and it goes. Whoever comes last and brings an action has one more
//! between them, at which the action is done.

use std::sync::Arc;
use std::time::Duration;

use engine::World;
use engine::sync::{Barrier, Broken};
use proptest::prelude::*;

use super::search::is_explained;
use super::{
    Book, Entry, Patience, Program, SOME, Thing, in_model, on_threads, patience, programs,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// For how long, and whether the action succeeds if there is one.
    Wait(Patience, Option<bool>),
    Abort,
    Reset,
    IsBroken,
    NWaiting,
    // Not chosen, but parts of a wait.
    Come(Option<bool>),
    Acted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gave {
    Nothing,
    /// Who passed, and how many had come before.
    Passed(Result<u32, Broken>),
    IsBroken(bool),
    NWaiting(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PlainBarrier {
    parties: usize,
    is_broken: bool,
    /// Who waits, in the order in which they came.
    waiting: Vec<usize>,
    /// Who came last and is at its action, and whether that will succeed.
    acting: Option<(usize, bool)>,
    /// Who may go, with what; `None` for those who are sent away.
    going: Vec<(usize, Option<u32>)>,
}

impl PlainBarrier {
    fn new(parties: usize) -> Self {
        let (waiting, acting, going) = (Vec::new(), None, Vec::new());
        Self { parties, is_broken: false, waiting, acting, going }
    }

    fn send_away(&mut self) {
        self.going.extend(self.waiting.drain(..).map(|actor| (actor, None)));
    }

    fn let_go(&mut self) {
        let all = self.waiting.drain(..).zip(0..).map(|(actor, idx)| (actor, Some(idx)));
        self.going.extend(all);
    }

    fn come(&mut self, actor: usize, action: Option<bool>) {
        if self.is_broken {
            return self.going.push((actor, None));
        }
        self.waiting.push(actor);
        match action {
            _ if self.waiting.len() < self.parties => {}
            Some(succeeds) => self.acting = Some((actor, succeeds)),
            None => self.let_go(),
        }
    }

    /// Whoever comes last is through with its action. Others have none.
    fn act(&mut self, actor: usize) {
        let Some((_, succeeds)) = self.acting.take_if(|(last, _)| *last == actor) else { return };
        if succeeds {
            self.let_go();
        } else {
            self.is_broken = true;
            self.send_away();
        }
    }

    /// Somebody goes; whoever was not told to has lost patience.
    fn go(&mut self, actor: usize, patience: Patience, passed: Result<u32, Broken>) -> bool {
        if let Some(at) = self.going.iter().position(|(who, _)| *who == actor) {
            return self.going.swap_remove(at).1 == passed.ok();
        }
        let Some(at) = self.waiting.iter().position(|who| *who == actor) else { return false };
        self.waiting.remove(at);
        self.is_broken = true;
        self.send_away();
        patience != Patience::Endless && passed == Err(Broken)
    }
}

impl Thing for PlainBarrier {
    type Act = Act;
    type Gave = Gave;
    type Real<W: World> = Barrier<W>;

    fn real<W: World>(&self, world: &W, _: &Arc<Book<Self>>) -> Barrier<W> {
        Barrier::new(world, "barrier", 0, self.parties as u32)
    }

    async fn perform<W: World>(w: &W, real: &Barrier<W>, act: Act) -> Gave {
        match act {
            Act::Wait(patience, action) => {
                let timeout = if patience == Patience::None { Duration::ZERO } else { SOME };
                let action = action.map(|succeeds| {
                    async move || {
                        w.sleep(Duration::ZERO).await;
                        succeeds
                    }
                });
                Gave::Passed(match (patience, action) {
                    (Patience::Endless, None) => real.wait(w).await,
                    (Patience::Endless, Some(action)) => real.wait_with(w, action).await,
                    (_, None) => real.wait_timeout(w, timeout).await,
                    (_, Some(action)) => real.wait_timeout_with(w, timeout, action).await,
                })
            }
            Act::Abort => {
                real.abort(w).await;
                Gave::Nothing
            }
            Act::Reset => {
                real.reset(w).await;
                Gave::Nothing
            }
            Act::IsBroken => Gave::IsBroken(real.is_broken(w).await),
            Act::NWaiting => Gave::NWaiting(real.n_waiting(w).await),
            Act::Come(_) | Act::Acted => unreachable!("they are not chosen"),
        }
    }

    fn parts(act: Act, gave: Option<Gave>) -> Vec<(Act, Option<Gave>)> {
        let done = |act| (act, Some(Gave::Nothing));
        match act {
            Act::Wait(_, None) => vec![done(Act::Come(None)), (act, gave)],
            Act::Wait(_, action) => vec![done(Act::Come(action)), done(Act::Acted), (act, gave)],
            _ => vec![(act, gave)],
        }
    }

    fn after(&self, actor: usize, act: Act, gave: Gave) -> Option<Self> {
        let mut next = self.clone();
        let is_fine = match (act, gave) {
            (Act::IsBroken, Gave::IsBroken(is_broken)) => is_broken == self.is_broken,
            (Act::NWaiting, Gave::NWaiting(n)) => n as usize == self.waiting.len(),
            (Act::Acted, _) => {
                next.act(actor);
                true
            }
            // Whoever was let go before can go meanwhile; everybody else waits.
            (Act::Wait(patience, _), Gave::Passed(passed)) => {
                next.go(actor, patience, passed)
                    && (self.acting.is_none() || self.waiting == next.waiting)
            }
            _ if self.acting.is_some() => false,
            (Act::Come(action), _) => {
                next.come(actor, action);
                true
            }
            (Act::Abort, _) => {
                next.is_broken = true;
                next.send_away();
                true
            }
            (Act::Reset, _) => {
                next.is_broken = false;
                next.send_away();
                true
            }
            _ => false,
        };
        is_fine.then_some(next)
    }

    fn may_rest(&self, stuck: &[(usize, Act)]) -> bool {
        let is_endless = |act: &Act| matches!(act, Act::Wait(Patience::Endless, _));
        stuck.iter().all(|(actor, act)| self.waiting.contains(actor) && is_endless(act))
    }
}

/// A barrier for up to three, and lists with fewer than so many acts.
fn barriers(max_acts: usize) -> impl Strategy<Value = Program<PlainBarrier>> {
    let action = prop_oneof![3 => Just(None), 2 => Just(Some(true)), 1 => Just(Some(false))];
    let act = prop_oneof![
        12 => (patience(), action).prop_map(|(patience, action)| Act::Wait(patience, action)),
        1 => Just(Act::Abort),
        3 => Just(Act::Reset),
        1 => Just(Act::IsBroken),
        1 => Just(Act::NWaiting),
    ];
    programs((1usize..4).prop_map(PlainBarrier::new), act.prop_map(|act| vec![act]), max_acts)
}

#[test]
fn lists_in_the_model() {
    in_model(1_000, barriers(5));
}

#[test]
fn lists_on_threads() {
    on_threads(500, barriers(9));
}

/// The plain thing, checked: it does not explain what is wrong.
#[test]
fn histories_that_no_barrier_can_have_are_found() {
    let is_explained = |history: &[Entry<Act, Gave>]| is_explained(&PlainBarrier::new(2), history);
    let wait = |actor, begin, end, gave| Entry {
        actor,
        act: Act::Wait(Patience::Endless, None),
        begin,
        end: Some((end, Gave::Passed(gave))),
    };
    assert!(is_explained(&[wait(0, 0, 5, Ok(0)), wait(1, 1, 6, Ok(1))]));
    assert!(!is_explained(&[wait(0, 0, 5, Ok(0)), wait(1, 1, 6, Ok(0))]), "the same index");
    assert!(!is_explained(&[wait(0, 0, 1, Ok(0)), wait(1, 2, 3, Ok(1))]), "alone");
    assert!(!is_explained(&[wait(0, 0, 5, Err(Broken))]), "nobody broke it");
    let stuck = Entry { end: None, ..wait(0, 0, 0, Ok(0)) };
    assert!(is_explained(&[stuck]));
    assert!(!is_explained(&[stuck, wait(1, 1, 6, Ok(1))]), "it was let go");
}
