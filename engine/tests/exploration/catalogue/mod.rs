//! Algorithms that are known to be broken, each with its failure, and beside each a sibling that is
//! mended and passes in every execution.

mod exclusion;
mod memory;
mod monitors;
mod signals;

use std::future::Future;
use std::panic::catch_unwind;
use std::sync::Arc;

use engine::World;
use engine::explore::{replay, verify};
use engine::lessons::End;
use engine::model::{Config, Ending, Model};
use engine::world::{ObjectKind, Ordering, Waited, Word};
use expect_test::expect;

/// An algorithm in two versions.
struct Pair {
    name: &'static str,
    /// Where it is known from.
    source: &'static str,
    /// What goes wrong in the broken version.
    failure: Failure,
    program: fn(&Model, Version),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Broken,
    Mended,
}
use Version::{Broken, Mended};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// This does not hold.
    Claim(&'static str),
    /// Somebody waits for what nobody will give.
    Stuck,
}
use Failure::{Claim, Stuck};

impl Failure {
    fn of(ending: &Ending) -> Option<Self> {
        match End::of(ending) {
            End::Assertion(claim) => Some(Claim(claim)),
            End::Deadlock | End::LostWakeup => Some(Stuck),
            _ => None,
        }
    }
}

/// A word with a name. Every access is one step.
struct Atom(<Model as World>::Word);

impl Atom {
    const ORDER: Ordering = Ordering::SeqCst;

    fn new(world: &Model, name: &'static str, initial: u32) -> Self {
        Self::nth(world, name, 0, initial)
    }

    fn nth(world: &Model, name: &'static str, idx: u16, initial: u32) -> Self {
        Self(world.word(world.register(ObjectKind::Cell { initial }, name, idx), initial))
    }

    fn row<const N: usize>(world: &Model, name: &'static str, initial: u32) -> [Self; N] {
        std::array::from_fn(|idx| Self::nth(world, name, idx as u16, initial))
    }

    #[track_caller]
    fn load<'a>(&'a self, w: &'a Model) -> impl Future<Output = u32> + 'a {
        self.0.load(w, Self::ORDER)
    }

    #[track_caller]
    fn store<'a>(&'a self, w: &'a Model, value: u32) -> impl Future<Output = ()> + 'a {
        self.0.store(w, value, Self::ORDER)
    }

    #[track_caller]
    fn swap<'a>(&'a self, w: &'a Model, value: u32) -> impl Future<Output = u32> + 'a {
        self.0.swap(w, value, Self::ORDER)
    }

    /// Adds, and gives what was there.
    #[track_caller]
    fn add<'a>(&'a self, w: &'a Model, n: u32) -> impl Future<Output = u32> + 'a {
        self.0.fetch_add(w, n, Self::ORDER)
    }

    /// Subtracts, and gives what was there.
    #[track_caller]
    fn sub<'a>(&'a self, w: &'a Model, n: u32) -> impl Future<Output = u32> + 'a {
        self.0.fetch_sub(w, n, Self::ORDER)
    }

    /// Writes `new` if `current` is there, and says whether it was.
    #[track_caller]
    fn exchange<'a>(
        &'a self,
        w: &'a Model,
        current: u32,
        new: u32,
    ) -> impl Future<Output = bool> + 'a {
        let exchange = self.0.compare_exchange(w, current, new, Self::ORDER, Self::ORDER);
        async move { exchange.await.is_ok() }
    }

    /// Sleeps while `expected` is there, until somebody wakes the actor.
    #[track_caller]
    fn wait<'a>(&'a self, w: &'a Model, expected: u32) -> impl Future<Output = Waited> + 'a {
        self.0.wait(w, expected, None)
    }

    /// Wakes one of those who sleep.
    #[track_caller]
    fn wake<'a>(&'a self, w: &'a Model) -> impl Future<Output = u32> + 'a {
        self.0.wake(w, 1)
    }

    /// Looks until it holds what is wanted.
    async fn until(&self, w: &Model, is_wanted: impl Fn(u32) -> bool) {
        while !is_wanted(self.load(w).await) {
            w.relax(0);
        }
    }
}

/// A room for one.
struct Room(Atom);

impl Room {
    const CLAIM: &str = "nobody else is inside";

    fn new(world: &Model) -> Self {
        Self(Atom::new(world, "inside", 0))
    }

    async fn visit(&self, w: &Model) {
        w.check(self.0.add(w, 1).await == 0, Self::CLAIM);
        self.0.sub(w, 1).await;
    }
}

/// Spawns an actor that has a share in `things`.
fn spawn<T: Send + Sync + 'static, Fut: Future<Output = ()> + 'static>(
    world: &Model,
    name: &'static str,
    idx: u16,
    things: &Arc<T>,
    body: impl FnOnce(Model, Arc<T>) -> Fut + Send + 'static,
) {
    let things = things.clone();
    world.spawn(name, idx, move |w| body(w, things));
}

/// The schedule of the simplest failure, and what is said of it.
fn broken_schedule(program: fn(&Model, Version)) -> Option<(String, String)> {
    let verified = catch_unwind(|| verify(Config::default(), move |world| program(world, Broken)));
    let error = verified.err()?;
    let told = error.downcast_ref::<String>()?;
    let (what, rest) = told.split_once("\n\n")?;
    let (_, schedule) = rest.split_once("schedule: \"")?;
    Some((schedule.strip_suffix('"')?.to_owned(), what.to_owned()))
}

/// How the run ends that follows this schedule.
fn replayed(program: fn(&Model, Version), schedule: &str) -> Option<Failure> {
    // Somebody spins for ever, which only a run that is explored takes for an ending.
    [false, true].into_iter().find_map(|explored| {
        let config = Config { explored, ..Config::default() };
        let run = replay(config, move |world| program(world, Broken), schedule).ok()?;
        Failure::of(run.ending()?)
    })
}

fn check(pairs: &[Pair]) -> String {
    let lines = pairs.iter().map(|Pair { name, source, failure, program }| {
        let program = *program;
        assert!(!source.is_empty(), "{name} is from nowhere");
        let Some((schedule, told)) = broken_schedule(program) else {
            panic!("{name}: nothing is found");
        };
        assert_eq!(replayed(program, &schedule), Some(*failure), "{name}: {told}");
        let n_turns = schedule.split_whitespace().count();
        let n_classes = verify(Config::default(), move |world| program(world, Mended));
        assert!(n_classes > 1, "{name}: nobody meets anybody");
        format!("{name}\n    {n_turns} turns: {told}\n    mended: {n_classes} classes\n")
    });
    lines.collect()
}

#[test]
fn exclusion() {
    expect![[r#"
        Hyman's algorithm, and Peterson's
            9 turns: visitor 1: the claim does not hold: nobody else is inside
            mended: 24 classes
        one bit each, and nobody steps back
            7 turns: nobody can go on: first 0 waits for flag 1, second 0 waits for flag 0
            mended: 16 classes
        fast mutual exclusion that does not wait for those who are on their way
            14 turns: visitor 0: the claim does not hold: nobody else is inside
            mended: 56 classes
        a CLH lock whose nodes go back to their makers
            14 turns: nobody can go on: visitor 0 waits for node 0, visitor 1 waits for node 0
            mended: 78 classes
        readers who look before they count themselves
            12 turns: reader 1: the claim does not hold: nobody writes while it is read
            mended: 5364 classes
        two readers who both become writers
            14 turns: nobody can go on: editor 0 waits for readers 0, editor 1 waits for readers 0
            mended: 338 classes
    "#]]
    .assert_eq(&check(exclusion::PAIRS));
}

#[test]
fn signals() {
    expect![[r#"
        a semaphore of two words that looks for waiters before it counts
            11 turns: nobody can go on: taker 0 waits for count 0
            mended: 412 classes
        an event that is set before its value is there
            4 turns: waiter 0: the claim does not hold: the value is there
            mended: 4 classes
        once, by looking and then setting
            8 turns: caller 0: the claim does not hold: it is made once
            mended: 27 classes
        a barrier whose counter is reset by whoever leaves first
            9 turns: nobody can go on: walker 0 waits for here 0, walker 1 waits for here 0
            mended: 36 classes
        stopping after a look into the inbox
            5 turns: reader 0: the claim does not hold: every message was read
            mended: 8 classes
    "#]]
    .assert_eq(&check(signals::PAIRS));
}

#[test]
fn monitors() {
    expect![[r#"
        a condition with `if` instead of `while`
            14 turns: taker 0: the claim does not hold: there is something to take
            mended: 96 classes
        waiting without a look
            6 turns: nobody can go on: waiter 0 waits for changed 0
            mended: 3 classes
        one condition for those who put and those who take, and one of them is told
            22 turns: nobody can go on: taker 1 waits for changed 0, maker 0 waits for changed 0
            mended: 658 classes
        a rendezvous of two who wait before they signal
            2 turns: nobody can go on: friend 0 waits for here 1, friend 1 waits for here 0
            mended: 2 classes
        an item that is waited for inside the lock
            1 turns: nobody can go on: taker 0 waits for items 0, taker 1 waits for lock 0, maker 0 waits for lock 0
            mended: 10 classes
    "#]].assert_eq(&check(monitors::PAIRS));
}

#[test]
fn memory() {
    expect![[r#"
        a ring that publishes a slot before its item is there
            19 turns: taker 0: the claim does not hold: the item is there
            mended: 60 classes
        double-checked locking that publishes early
            6 turns: user 1: the claim does not hold: what is published is filled
            mended: 4 classes
        a reference count that is loaded and then stored
            7 turns: owner 0: the claim does not hold: what one has is not freed
            mended: 4 classes
        a reference count that is looked at again after it was lowered
            6 turns: owner 0: the claim does not hold: it is freed once
            mended: 2 classes
        a hazard pointer that is not looked at again
            6 turns: reader 0: the claim does not hold: what one has is not freed
            mended: 13 classes
        a deque to steal from, whose owner takes the last item without asking
            11 turns: thief 0: the claim does not hold: nobody takes what another has
            mended: 12 classes
    "#]]
    .assert_eq(&check(memory::PAIRS));
}
