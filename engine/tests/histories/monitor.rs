//! Locks, reentrant ones, and conditions on either.
//!
//! A wait is up to three moments: it lets go of the lock, it may give up, and it takes the lock again.

use std::mem::forget;
use std::sync::Arc;
use std::time::Duration;

use engine::World;
use engine::log::{EventKind, Log};
use engine::sync::{Condition, Lock, NotOwner, RLock};
use engine::world::{ActorId, ObjectKind};
use proptest::prelude::*;

use super::search::is_explained;
use super::{
    Book, Entry, Patience, Program, SOME, Thing, in_model, on_threads, patience, programs,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Acquire(Patience),
    Release,
    Notify(u32),
    Wait(Patience),
    // Not chosen, but parts of a wait.
    LetGo,
    GiveUp,
    /// Gives up unless it was notified: what becomes of a wait that is never over.
    MayGiveUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gave {
    Nothing,
    InVain,
    NotOwner,
    Notified(u32),
}

/// Where somebody stands who has let go of the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stand {
    Waits,
    Notified,
    GaveUp,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PlainMonitor {
    is_reentrant: bool,
    /// Who has the lock, and how often.
    owner: Option<(usize, u32)>,
    /// Who has let go of it and how often they had it, in the order in which they did.
    away: Vec<(usize, u32, Stand)>,
}

impl PlainMonitor {
    fn new(is_reentrant: bool) -> Self {
        Self { is_reentrant, owner: None, away: Vec::new() }
    }

    /// How often somebody has the lock.
    fn depth_of(&self, actor: usize) -> u32 {
        self.owner.map_or(0, |(owner, depth)| if owner == actor { depth } else { 0 })
    }

    fn may_acquire(&self, actor: usize) -> bool {
        self.owner.is_none() || self.is_reentrant && self.depth_of(actor) > 0
    }

    fn stand_of(&self, actor: usize) -> Option<Stand> {
        self.away.iter().find(|(who, ..)| *who == actor).map(|(.., stand)| *stand)
    }

    /// Somebody no longer waits to be notified; `false` when it does not anyway.
    fn give_up(&mut self, actor: usize) -> bool {
        let place = self.away.iter_mut().find(|(who, ..)| *who == actor);
        let stand = place.map(|(.., stand)| stand).filter(|stand| **stand == Stand::Waits);
        stand.map(|stand| *stand = Stand::GaveUp).is_some()
    }

    /// Tells up to `n` of those who wait, and says how many.
    fn notify(&mut self, n: u32) -> u32 {
        let waiting = self.away.iter_mut().filter(|(.., stand)| *stand == Stand::Waits);
        let told = waiting.take(n as usize).map(|(.., stand)| *stand = Stand::Notified);
        told.count() as u32
    }

    /// Takes the lock again after a wait, as often as before.
    fn come_back(&mut self, actor: usize, stood: Stand) -> bool {
        let Some(at) = self.away.iter().position(|(who, ..)| *who == actor) else { return false };
        let (_, depth, stand) = self.away.remove(at);
        let may = self.owner.is_none() && stand == stood;
        self.owner = Some((actor, depth));
        may
    }
}

enum Monitor<W: World> {
    Lock(Condition<W>),
    RLock(Condition<W, RLock<W>>),
}

/// Asks the condition, or its lock, whichever lock that is.
macro_rules! ask {
    ($real:expr, $it:ident => $ask:expr) => {
        match $real {
            Monitor::Lock($it) => $ask.await,
            Monitor::RLock($it) => $ask.await,
        }
    };
}

impl Thing for PlainMonitor {
    type Act = Act;
    type Gave = Gave;
    type Real<W: World> = Monitor<W>;

    fn real<W: World>(&self, world: &W, _: &Arc<Book<Self>>) -> Monitor<W> {
        let name = "condition";
        if self.is_reentrant {
            let lock = Arc::new(RLock::new(world, "lock", 0));
            Monitor::RLock(Condition::new(world, name, 0, lock))
        } else {
            let lock = Arc::new(Lock::new(world, "lock", 0));
            Monitor::Lock(Condition::new(world, name, 0, lock))
        }
    }

    async fn perform<W: World>(w: &W, real: &Monitor<W>, act: Act) -> Gave {
        let got = |got: bool| if got { Gave::Nothing } else { Gave::InVain };
        let owned = |done: Result<Gave, NotOwner>| done.unwrap_or(Gave::NotOwner);
        match act {
            Act::Acquire(Patience::Endless) => {
                ask!(real, it => async { forget(it.lock().acquire(w).await) });
                Gave::Nothing
            }
            Act::Acquire(Patience::None) => got(
                ask!(real, it => async { it.lock().try_acquire(w).await.map(forget).is_some() }),
            ),
            Act::Acquire(Patience::Some) => got(ask!(real, it => async {
                it.lock().acquire_timeout(w, SOME).await.map(forget).is_some()
            })),
            Act::Release => owned(ask!(real, it => it.lock().release(w)).map(|()| Gave::Nothing)),
            Act::Notify(n) => owned(ask!(real, it => it.notify(w, n)).map(Gave::Notified)),
            Act::Wait(Patience::Endless) => {
                owned(ask!(real, it => it.wait(w)).map(|()| Gave::Nothing))
            }
            Act::Wait(patience) => {
                let timeout = if patience == Patience::None { Duration::ZERO } else { SOME };
                owned(ask!(real, it => it.wait_timeout(w, timeout)).map(got))
            }
            Act::LetGo | Act::GiveUp | Act::MayGiveUp => unreachable!("they are not chosen"),
        }
    }

    fn parts(act: Act, gave: Option<Gave>) -> Vec<(Act, Option<Gave>)> {
        let Act::Wait(patience) = act else { return vec![(act, gave)] };
        let done = |act| (act, Some(Gave::Nothing));
        match gave {
            Some(Gave::NotOwner) => vec![(act, gave)],
            Some(Gave::InVain) => vec![done(Act::LetGo), done(Act::GiveUp), (act, gave)],
            None if patience != Patience::Endless => {
                vec![done(Act::LetGo), done(Act::MayGiveUp), (act, gave)]
            }
            _ => vec![done(Act::LetGo), (act, gave)],
        }
    }

    fn after(&self, actor: usize, act: Act, gave: Gave) -> Option<Self> {
        let mut next = self.clone();
        let depth = self.depth_of(actor);
        let is_fine = match (act, gave) {
            (Act::Acquire(_), Gave::Nothing) => {
                next.owner = Some((actor, depth + 1));
                self.may_acquire(actor)
            }
            (Act::Acquire(_), Gave::InVain) => !self.may_acquire(actor),
            (Act::Release, Gave::Nothing) => {
                next.owner = (depth > 1).then(|| (actor, depth - 1));
                depth > 0
            }
            (Act::Notify(n), Gave::Notified(n_told)) => depth > 0 && next.notify(n) == n_told,
            (Act::Release | Act::Notify(_) | Act::Wait(_), Gave::NotOwner) => depth == 0,
            (Act::LetGo, _) => {
                next.owner = None;
                next.away.push((actor, depth, Stand::Waits));
                depth > 0
            }
            (Act::GiveUp, _) => next.give_up(actor),
            (Act::MayGiveUp, _) => {
                next.give_up(actor);
                true
            }
            (Act::Wait(_), Gave::Nothing) => next.come_back(actor, Stand::Notified),
            (Act::Wait(_), Gave::InVain) => next.come_back(actor, Stand::GaveUp),
            _ => false,
        };
        is_fine.then_some(next)
    }

    fn may_rest(&self, stuck: &[(usize, Act)]) -> bool {
        stuck.iter().all(|(actor, act)| match act {
            Act::Acquire(_) => !self.may_acquire(*actor),
            // Whoever is called needs the lock again.
            _ => self.owner.is_some() || self.stand_of(*actor) == Some(Stand::Waits),
        })
    }

    fn assert_log(log: &Log) {
        let mut held: Option<(ActorId, u32)> = None;
        for event in &log.events {
            let object = log.names.objects.get(event.object.idx());
            if !object.is_some_and(|(kind, _)| [ObjectKind::Lock, ObjectKind::RLock].contains(kind))
            {
                continue;
            }
            match (event.kind, held) {
                (EventKind::Got, None) => held = Some((event.actor, 1)),
                (EventKind::Got, Some((owner, depth))) => {
                    assert_eq!(owner, event.actor, "one owner at a time");
                    held = Some((owner, depth + 1));
                }
                (EventKind::GaveBack, held_before) => {
                    let (owner, depth) = held_before.expect("it is held");
                    assert_eq!(owner, event.actor, "only the owner");
                    held = (depth > 1).then_some((owner, depth - 1));
                }
                _ => {}
            }
        }
    }
}

/// A lock of either kind, and lists with fewer than so many deeds: most give back what they take.
fn monitors(has_waits: bool, max_deeds: usize) -> impl Strategy<Value = Program<PlainMonitor>> {
    let acquire = || patience().prop_map(Act::Acquire);
    let tell = prop_oneof![
        3 => patience().prop_map(Act::Wait),
        3 => (0u32..4).prop_map(Act::Notify),
    ];
    let tell = prop::collection::vec(tell, if has_waits { 1..3 } else { 0..1 });
    let held = (acquire(), tell)
        .prop_map(|(acquire, told)| [vec![acquire], told, vec![Act::Release]].concat());
    let twice = (acquire(), acquire())
        .prop_map(|(one, other)| vec![one, other, Act::Release, Act::Release]);
    let misused =
        prop_oneof![Just(Act::Release), Just(Act::Notify(1)), Just(Act::Wait(Patience::None))];
    let deed = prop_oneof![
        12 => held,
        1 => twice,
        1 => acquire().prop_map(|acquire| vec![acquire]),
        1 => misused.prop_map(|act| vec![act]),
    ];
    programs(any::<bool>().prop_map(PlainMonitor::new), deed, max_deeds)
}

#[test]
fn lists_on_locks_in_the_model() {
    in_model(1_000, monitors(false, 4));
}

#[test]
fn lists_on_locks_on_threads() {
    on_threads(500, monitors(false, 7));
}

#[test]
fn lists_on_conditions_in_the_model() {
    in_model(1_000, monitors(true, 3));
}

#[test]
fn lists_on_conditions_on_threads() {
    on_threads(500, monitors(true, 5));
}

/// The plain thing, checked: it does not explain what is wrong.
#[test]
fn histories_that_no_condition_can_have_are_found() {
    let is_explained =
        |history: &[Entry<Act, Gave>]| is_explained(&PlainMonitor::new(false), history);
    let entry = |actor, act, begin, end, gave| Entry { actor, act, begin, end: Some((end, gave)) };
    let take = |actor, begin| {
        entry(actor, Act::Acquire(Patience::Endless), begin, begin + 1, Gave::Nothing)
    };
    let release = |actor, begin| entry(actor, Act::Release, begin, begin + 1, Gave::Nothing);
    let tell = |n, told| entry(1, Act::Notify(n), 22, 23, Gave::Notified(told));
    let wait = |end| Entry { actor: 0, act: Act::Wait(Patience::Endless), begin: 10, end };
    let woken = wait(Some((40, Gave::Nothing)));

    assert!(!is_explained(&[take(0, 0), take(1, 2)]), "two owners");
    assert!(!is_explained(&[take(0, 0), release(1, 2)]), "not the owner's");
    let told = [take(0, 0), woken, take(1, 20), tell(2, 1), release(1, 24)];
    assert!(is_explained(&told));
    assert!(!is_explained(&told[..4]), "the lock was not free");
    assert!(!is_explained(&[take(0, 0), woken, take(1, 20), tell(2, 2), release(1, 24)]), "one");
    assert!(!is_explained(&[take(0, 0), woken, take(1, 20), release(1, 24)]), "nobody told it");
    let asleep = [take(0, 0), wait(None), take(1, 20), tell(1, 1), release(1, 24)];
    assert!(!is_explained(&asleep), "it was told, and the lock is free");
    assert!(is_explained(&asleep[..4]), "the lock is not free");
}
