//! Programs on words: those of the literature, and random ones.

use std::ops::ControlFlow;
use std::sync::Arc;

use engine::World;
use engine::explore::{Every, Exploration, Reduced, litmus};
use engine::model::{Config, Ending, Grain, Model};
use engine::sync::Lock;
use engine::world::{Act, ObjectId, ObjectKind, Operation, Ordering, ReadyWhen, Shared, Word};

use super::{Freedom, check_random, count};

const SEQ_CST: Ordering = Ordering::SeqCst;

fn lockinc(world: &Model, n: u16) {
    let lock = Arc::new(Lock::new(world, "lock", 0));
    let x = Arc::new(Shared::new(world, "x", 0, 0));
    for idx in 0..n {
        let (lock, x) = (lock.clone(), x.clone());
        world.spawn("adder", idx, move |w| async move {
            let guard = lock.acquire(&w).await;
            let seen = x.load(&w).await;
            x.store(&w, seen + 1).await;
            guard.release().await;
        });
    }
}

#[test]
fn counts_are_those_of_the_literature() {
    let check = |name: &str, program: fn(&Model, u16), counts: &[(u16, u64)]| {
        for &(n, expected) in counts {
            let found = count(Grain::Operations, Reduced::new(), move |w| program(w, n));
            assert_eq!(found, expected, "{name} {n}");
        }
    };
    check("ainc", litmus::ainc, &[(1, 1), (2, 2), (3, 6), (4, 24), (5, 120), (6, 720)]);
    check("readers", litmus::readers, &[(1, 2), (2, 4), (5, 32), (10, 1024)]);
    check("casrot", litmus::casrot, &[(2, 2), (3, 5), (4, 14), (5, 43)]);
    check("lastzero", litmus::lastzero, &[(5, 64), (10, 3328)]);
    check("indexer", litmus::indexer, &[(12, 8)]);
    check("lockinc", lockinc, &[(1, 1), (2, 2), (3, 6), (4, 24), (5, 120)]);
}

#[test]
fn every_interleaving_is_counted() {
    assert_eq!(count(Grain::Operations, Every::new(), |w| litmus::ainc(w, 4)), 24);
}
#[derive(Clone, Copy, Debug)]
enum Step {
    Load(usize),
    Store(usize, u32),
    Add(usize),
    Exchange(usize, u32, u32),
    /// Stores to the second word what it loads from the first.
    Copy(usize, usize),
    /// An operation that waits until a word is not zero, and takes one from it.
    Take(usize),
    Give(usize),
    /// The same, and looks at another word as well.
    TakeAndLook(usize, usize),
    Wait(usize, u32),
    Wake(usize, u32),
    SpinUntil(usize, u32),
    /// Claims that a word does not hold this.
    Claim(usize, u32),
    /// Stores to the second word whether it holds the same as the first, and nothing else of them.
    Compare(usize, usize),
    /// Adds one to a word, in rounds.
    Raise(usize),
}

async fn take(w: &Model, word: &<Model as World>::Word, other: Option<&<Model as World>::Word>) {
    let ready_when = Some(ReadyWhen { word, test: |value, _| value > 0, arg: 0 });
    let place = std::panic::Location::caller();
    let (act, object, deadline) = (Act::Acquire, ObjectId::NONE, None);
    w.operation(Operation { act, object, ready_when, deadline, place }, async move {
        if let Some(other) = other {
            other.load(w, SEQ_CST).await;
        }
        word.fetch_sub(w, 1, SEQ_CST).await;
    })
    .await;
}

async fn perform(w: &Model, words: &[<Model as World>::Word], step: Step) {
    match step {
        Step::Load(x) => _ = words[x].load(w, SEQ_CST).await,
        Step::Store(x, value) => words[x].store(w, value, SEQ_CST).await,
        Step::Add(x) => _ = words[x].fetch_add(w, 1, SEQ_CST).await,
        Step::Exchange(x, old, new) => {
            _ = words[x].compare_exchange(w, old, new, SEQ_CST, SEQ_CST).await;
        }
        Step::Copy(x, y) => {
            let seen = words[x].load(w, SEQ_CST).await;
            words[y].store(w, seen, SEQ_CST).await;
        }
        Step::Take(x) => take(w, &words[x], None).await,
        Step::TakeAndLook(x, y) => take(w, &words[x], Some(&words[y])).await,
        Step::Give(x) => _ = words[x].fetch_add(w, 1, SEQ_CST).await,
        Step::Wait(x, value) => _ = words[x].wait(w, value, None).await,
        Step::Wake(x, n) => _ = words[x].wake(w, n).await,
        Step::SpinUntil(x, value) => {
            while words[x].load(w, SEQ_CST).await != value {
                w.relax(0);
            }
        }
        Step::Compare(x, y) => {
            let is_same = w.gist(|| async {
                words[x].load(w, SEQ_CST).await == words[y].load(w, SEQ_CST).await
            });
            let is_same = is_same.await;
            words[y].store(w, is_same.into(), SEQ_CST).await;
        }
        Step::Raise(x) => {
            let guess = words[x].load(w, SEQ_CST).await;
            w.rounds(guess, |seen| async move {
                match words[x].compare_exchange(w, seen, seen + 1, SEQ_CST, SEQ_CST).await {
                    Ok(_) => ControlFlow::Break(()),
                    Err(now) => ControlFlow::Continue(now),
                }
            })
            .await;
        }
        Step::Claim(x, value) => {
            w.check(words[x].load(w, SEQ_CST).await != value, "the word does not hold it");
        }
    }
}

fn program(world: &Model, actors: &[Vec<Step>]) {
    let id = world.register(ObjectKind::Resource, "words", 0);
    let words: Arc<Vec<_>> = Arc::new((0..3).map(|_| world.word(id, 0)).collect());
    for (idx, steps) in actors.iter().enumerate() {
        let (words, steps) = (words.clone(), steps.clone());
        world.spawn("actor", idx as u16, move |w| async move {
            for step in steps {
                perform(&w, &words, step).await;
            }
        });
    }
}

fn random_step(rng: &mut fastrand::Rng, kinds: &[u8]) -> Step {
    let (x, y, value) = (rng.usize(..2), rng.usize(..3), rng.u32(..3));
    match kinds[rng.usize(..kinds.len())] {
        0 => Step::Load(x),
        1 => Step::Store(x, value),
        2 => Step::Add(x),
        3 => Step::Exchange(x, value, rng.u32(..3)),
        4 => Step::Copy(x, y),
        5 => Step::Take(x),
        6 => Step::Give(x),
        7 => Step::TakeAndLook(x, y),
        8 => Step::Wait(x, value),
        9 => Step::Wake(x, 1 + value),
        10 => Step::SpinUntil(x, value),
        11 => Step::Claim(x, value),
        12 => Step::Compare(x, y),
        _ => Step::Raise(x),
    }
}

/// A step of one of these kinds.
fn any_of(kinds: &[u8]) -> impl Fn(&mut fastrand::Rng) -> Step {
    move |rng| random_step(rng, kinds)
}

#[test]
fn loads_and_stores() {
    check_random(400, any_of(&[0, 1, 4]), Freedom::default(), program);
}

#[test]
fn claims() {
    check_random(400, any_of(&[0, 1, 2, 3, 4, 11]), Freedom::default(), program);
}

#[test]
fn what_is_forgotten() {
    check_random(300, any_of(&[1, 2, 4, 11, 12, 13]), Freedom::default(), program);
}

#[test]
fn exchanges() {
    check_random(400, any_of(&[0, 1, 2, 3, 4]), Freedom::default(), program);
}

#[test]
fn operations_that_wait() {
    check_random(400, any_of(&[5, 6, 6]), Freedom::default(), program);
}

#[test]
fn operations_that_wait_among_others() {
    check_random(400, any_of(&[0, 1, 2, 5, 6, 6]), Freedom::default(), program);
}

#[test]
fn operations_that_wait_and_look_elsewhere() {
    check_random(400, any_of(&[1, 2, 6, 6, 7]), Freedom::default(), program);
}

#[test]
fn waits_and_wakes() {
    check_random(400, any_of(&[1, 2, 8, 9, 9]), Freedom::default(), program);
}

#[test]
fn spinning() {
    check_random(400, any_of(&[1, 1, 2, 10]), Freedom::default(), program);
}

#[test]
fn wakeups_for_no_reason() {
    let freedom = Freedom { may_cut_off: true, spurious: true };
    check_random(200, any_of(&[1, 2, 8, 8, 9]), freedom, program);
}

/// Plain data, and words that order its accesses or do not.
#[derive(Clone, Copy, Debug)]
enum Shares {
    Read,
    Write,
    ReadAcquire,
    WriteRelease,
    Signal(Ordering),
    Look(Ordering),
    Add(Ordering),
}

fn sharing(world: &Model, actors: &[Vec<Shares>]) {
    let id = world.register(ObjectKind::Resource, "flag", 0);
    let things = Arc::new((Shared::new(world, "x", 0, 0), world.word(id, 0)));
    for (idx, steps) in actors.iter().enumerate() {
        let (things, steps) = (things.clone(), steps.clone());
        world.spawn("actor", idx as u16, move |w| async move {
            let (x, flag) = &*things;
            for step in steps {
                match step {
                    Shares::Read => _ = x.load(&w).await,
                    Shares::Write => x.store(&w, 1).await,
                    Shares::ReadAcquire => _ = x.load_acquire(&w).await,
                    Shares::WriteRelease => x.store_release(&w, 1).await,
                    Shares::Signal(order) => flag.store(&w, 1, order).await,
                    Shares::Look(order) => _ = flag.load(&w, order).await,
                    Shares::Add(order) => _ = flag.fetch_add(&w, 1, order).await,
                }
            }
        });
    }
}

#[test]
fn data_races() {
    use Ordering::{AcqRel, Acquire, Relaxed, Release};
    use Shares::{Add, Look, Read, ReadAcquire, Signal, Write, WriteRelease};
    let steps = [
        Read,
        Write,
        ReadAcquire,
        WriteRelease,
        Signal(Release),
        Signal(Relaxed),
        Look(Acquire),
        Look(Relaxed),
        Add(AcqRel),
        Add(Relaxed),
    ];
    check_random(400, move |rng| steps[rng.usize(..steps.len())], Freedom::default(), sharing);
}

/// Hands a value over by way of a flag, and gives the races over all executions.
fn n_races_of_handing_over([write, add, read]: [Ordering; 3]) -> usize {
    let config = Config { grain: Grain::Words, ..Config::default() };
    let mut exploration = Exploration::new(config, Reduced::new(), move |world| {
        let id = world.register(ObjectKind::Resource, "flag", 0);
        let things = Arc::new((Shared::new(world, "x", 0, 0), world.word(id, 0)));
        let [giver, middle, taker] = [things.clone(), things.clone(), things];
        world.spawn("giver", 0, move |w| async move {
            giver.0.store(&w, 7).await;
            giver.1.store(&w, 1, write).await;
        });
        world.spawn("middle", 0, move |w| async move {
            middle.1.fetch_add(&w, 2, add).await;
        });
        world.spawn("taker", 0, move |w| async move {
            // 3: the giver came before the one in the middle.
            if taker.1.load(&w, read).await == 3 {
                let x = taker.0.load(&w).await;
                w.check(x == 7, "it was handed over");
            }
        });
    });
    let mut n_races = 0;
    while let Some(run) = exploration.next() {
        assert_eq!(run.ending(), Some(&Ending::Finished), "in the model all is in one order");
        n_races += run.races().len();
    }
    n_races
}

#[test]
fn only_release_and_acquire_order_plain_data() {
    use Ordering::{AcqRel, Acquire, Relaxed, Release};
    assert_eq!(n_races_of_handing_over([Release, AcqRel, Acquire]), 0);
    assert_eq!(n_races_of_handing_over([Release, Relaxed, Acquire]), 0, "a release sequence");
    assert_eq!(n_races_of_handing_over([Relaxed, AcqRel, Acquire]), 1);
    assert_eq!(n_races_of_handing_over([Release, AcqRel, Relaxed]), 1);
}
