//! The rules of the primitives, in every world: what holds after a timeout, an abort, a reset, a
//! failed action, a release too many; who may starve by which rule, and who never does.
//!
//! A rule is a program that checks itself. It runs in the model at both grains under many random
//! schedules, each of them twice, and on threads. Small ones are exhausted.

mod everywhere;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::explore::{Every, Search};
use engine::log::{EventKind, Log, Scene};
use engine::model::{Config, Ending, Grain, Model, Pct, Random, RoundRobin, Run, Time};
use engine::sync::{
    Barrier, BoundedPermit, BoundedSemaphore, Broken, Condition, Lock, NotOwner, Once, Precedence,
    ReadGuard, ReadersWriter, Semaphore, TooManyPermits, TooManyReleases, WriteGuard,
};
use engine::world::{ActorId, ObjectKind, Shared};
use engine::{World, real};
use everywhere::{finishes, twice};
use proptest::prelude::*;

const OPERATIONS: Config = Config {
    grain: Grain::Operations,
    time: Time::Virtual,
    seed: 0,
    max_turns: 20_000,
    record: true,
    explored: false,
    races: true,
    spurious: false,
};
const WORDS: Config = Config { grain: Grain::Words, ..OPERATIONS };

const PRECEDENCES: [Precedence; 3] =
    [Precedence::ReadersFirst, Precedence::WritersFirst, Precedence::Fair];

fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

// --- the worlds --------------------------------------------------------------------------------

fn in_the_model(program: impl Fn(&Model) + Clone + 'static) {
    for config in [OPERATIONS, WORDS] {
        let program = program.clone();
        let mut run = Run::new(config, move |world| program(world));
        for seed in 0..60 {
            let ending = twice(&mut run, |run| match seed % 3 {
                0 => run.finish(&mut Pct::new(seed, 3, 200)),
                _ => run.finish(&mut Random::new(seed)),
            });
            assert_eq!(ending, Ending::Finished, "{:?}, seed {seed}", config.grain);
        }
    }
}

fn on_threads<R: real::Record>(program: impl Fn(&real::Real<R>)) {
    for _ in 0..5 {
        let run = real::Run::start(real::Threads, real::Config::default(), &program);
        assert_eq!(run.join(), Ending::Finished);
    }
}

/// Runs a program in all worlds; everybody comes to the end and every claim holds.
macro_rules! everywhere {
    ($program:ident $(, $parameter:expr)*) => {{
        in_the_model(move |world| $program(world $(, $parameter)*));
        on_threads(move |world: &real::Plain| $program(world $(, $parameter)*));
        on_threads(move |world: &real::Recorded| $program(world $(, $parameter)*));
    }};
}

/// Waits until `n` actors stand at the barrier.
async fn until_waiting<W: World>(w: &W, barrier: &Barrier<W>, n: u32) {
    while barrier.n_waiting(w).await != n {
        w.sleep(millis(1)).await;
    }
}

// --- semaphores --------------------------------------------------------------------------------

fn many_permits_wake_many<W: World>(world: &W) {
    let seats = Arc::new(Semaphore::new(world, "seats", 0, 0));
    for idx in 0..3 {
        let seats = seats.clone();
        world.spawn("guest", idx, move |w| async move { seats.acquire(&w).await.forget() });
    }
    world.spawn("host", 0, move |w| async move {
        w.check(seats.release_many(&w, 0).await.is_ok(), "none is none");
        w.check(seats.release_many(&w, 3).await.is_ok(), "far from the end");
    });
}

#[test]
fn a_release_of_three_lets_three_in() {
    everywhere!(many_permits_wake_many);
}

fn bound_is_kept<W: World>(world: &W) {
    let seats = Arc::new(BoundedSemaphore::new(world, "seats", 0, 2));
    let n_inside = Arc::new(AtomicU32::new(0));
    for idx in 0..3 {
        let (seats, n_inside) = (seats.clone(), n_inside.clone());
        world.spawn("guest", idx, move |w| async move {
            for round in 0..3 {
                let permit = match round {
                    1 => seats.acquire_timeout(&w, millis(1)).await,
                    _ => Some(seats.acquire(&w).await),
                };
                let Some(permit) = permit else { continue };
                let others = n_inside.fetch_add(1, Ordering::SeqCst);
                w.check(others < 2, "no more than two");
                w.sleep(millis(1)).await;
                n_inside.fetch_sub(1, Ordering::SeqCst);
                w.check(permit.release().await.is_ok(), "it was taken");
            }
            // Whoever comes here has given back all of its own; the others have at most one each.
            let excess = seats.release_many(&w, 3).await;
            w.check(excess == Err(TooManyReleases { bound: 2 }), "three were never out");
        });
    }
}

#[test]
fn a_bounded_semaphore_keeps_its_bound_after_timeouts_and_errors() {
    everywhere!(bound_is_kept);
}

#[test]
fn a_release_too_many_changes_nothing() {
    let w = real::Plain::solo();
    let now = |future| engine::block(future).unwrap();
    let seats = Semaphore::new(&w, "seats", 0, u32::MAX - 1);
    assert_eq!(now(seats.release_many(&w, 2)), Err(TooManyPermits));
    assert_eq!(now(seats.release_many(&w, 1)), Ok(()));
    assert_eq!(now(seats.release_many(&w, 1)), Err(TooManyPermits));
    assert_eq!(now(seats.release_many(&w, u32::MAX)), Err(TooManyPermits));
    assert_eq!(now(seats.release_many(&w, 0)), Ok(()));
}

// --- barrier -----------------------------------------------------------------------------------

fn rounds<W: World>(world: &W, n_actors: u16, parties: u32) {
    const N_ROUNDS: usize = 4;
    let barrier = Arc::new(Barrier::new(world, "barrier", 0, parties));
    let seen = Arc::new([const { AtomicU32::new(0) }; N_ROUNDS]);
    for idx in 0..n_actors {
        let (barrier, seen) = (barrier.clone(), seen.clone());
        world.spawn("actor", idx, move |w| async move {
            for round in 0..N_ROUNDS {
                let Ok(idx) = barrier.wait(&w).await else { return w.check(false, "whole") };
                w.check(idx < parties, "an index below the number of parties");
                let before = seen[round].fetch_or(1 << idx, Ordering::SeqCst);
                w.check(before & (1 << idx) == 0, "each index once");
                let complete = (1 << parties) - 1;
                let last = round.checked_sub(2).map(|round| seen[round].load(Ordering::SeqCst));
                w.check(last.is_none_or(|last| last == complete), "nobody is two rounds ahead");
            }
        });
    }
}

#[test]
fn each_who_passes_a_barrier_has_an_index_of_its_own() {
    for n in [1, 2, 4] {
        everywhere!(rounds, n, u32::from(n));
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Blow {
    Abort,
    Reset,
    Timeout,
    ZeroTimeout,
    FailingAction,
}

/// Two wait; a third one deals the blow. Then whoever comes is sent away, until a reset.
fn blows<W: World>(world: &W, blow: Blow) {
    let barrier = Arc::new(Barrier::new(world, "barrier", 0, 3 + u32::from(blow_waits(blow))));
    let again = Arc::new(Semaphore::new(world, "again", 0, 0));
    for idx in 0..2 {
        let (barrier, again) = (barrier.clone(), again.clone());
        world.spawn("waiter", idx, move |w| async move {
            let acts = async || {
                w.check(false, "it is not the last");
                true
            };
            w.check(barrier.wait_with(&w, acts).await == Err(Broken), "sent away");
            again.acquire(&w).await.forget();
            // The barrier is whole again: two of four or three wait, and are let go by the others.
            w.check(barrier.wait(&w).await.is_ok(), "whole again");
        });
    }
    world.spawn("striker", 0, move |w| async move {
        until_waiting(&w, &barrier, 2).await;
        w.check(!barrier.is_broken(&w).await, "still whole");
        match blow {
            Blow::Abort => barrier.abort(&w).await,
            Blow::Reset => barrier.reset(&w).await,
            Blow::Timeout => {
                let outcome = barrier.wait_timeout(&w, millis(3)).await;
                w.check(outcome == Err(Broken), "nobody came");
            }
            Blow::ZeroTimeout => {
                let outcome = barrier.wait_timeout(&w, Duration::ZERO).await;
                w.check(outcome == Err(Broken), "nobody came");
            }
            Blow::FailingAction => {
                let outcome = barrier.wait_with(&w, async || false).await;
                w.check(outcome == Err(Broken), "the action failed");
            }
        }
        w.check(barrier.n_waiting(&w).await == 0, "nobody is left");
        w.check(barrier.is_broken(&w).await == (blow != Blow::Reset), "only a reset heals");
        if blow != Blow::Reset {
            for _ in 0..2 {
                w.check(barrier.wait(&w).await == Err(Broken), "whoever comes is sent away");
                let outcome = barrier.wait_timeout(&w, millis(1_000)).await;
                w.check(outcome == Err(Broken), "at once");
            }
            barrier.abort(&w).await;
            barrier.reset(&w).await;
            w.check(!barrier.is_broken(&w).await, "healed");
        }
        w.check(again.release_many(&w, 2).await.is_ok(), "far from the end");
        until_waiting(&w, &barrier, 2).await;
        if blow_waits(blow) {
            // One more is missing, who has the time.
            let (all, w2) = (barrier.clone(), w.clone());
            w2.spawn("fourth", 0, move |w| async move {
                w.check(all.wait(&w).await.is_ok(), "whole again");
            });
        }
        let passed = barrier.wait_timeout(&w, Duration::from_secs(600)).await;
        w.check(passed.is_ok(), "whole again");
    });
}

/// Whether the striker waits with the others, and must not be the last one.
fn blow_waits(blow: Blow) -> bool {
    matches!(blow, Blow::Timeout | Blow::ZeroTimeout)
}

#[test]
fn a_barrier_breaks_for_all_until_it_is_reset() {
    let all = [Blow::Abort, Blow::Reset, Blow::Timeout, Blow::ZeroTimeout, Blow::FailingAction];
    for blow in all {
        everywhere!(blows, blow);
    }
}

fn last_in_time<W: World>(world: &W) {
    let barrier = Arc::new(Barrier::new(world, "barrier", 0, 2));
    let other = barrier.clone();
    world.spawn("first", 0, move |w| async move {
        w.check(other.wait(&w).await == Ok(0), "it came first");
    });
    world.spawn("last", 0, move |w| async move {
        until_waiting(&w, &barrier, 1).await;
        let passed = barrier.wait_timeout(&w, Duration::ZERO).await;
        w.check(passed == Ok(1), "whoever is the last needs no time");
        w.check(barrier.n_waiting(&w).await == 0, "it fills again");
        w.check(!barrier.is_broken(&w).await, "and is whole");
    });
}

#[test]
fn the_last_one_needs_no_time() {
    everywhere!(last_in_time);
}

/// An abort while the action runs comes after it: all pass, and the barrier is broken then.
fn abort_waits_for_the_action<W: World>(world: &W) {
    let barrier = Arc::new(Barrier::new(world, "barrier", 0, 2));
    let acting = Arc::new(Semaphore::new(world, "acting", 0, 0));
    let n_acts = Arc::new(AtomicU32::new(0));
    for idx in 0..2 {
        let (barrier, acting, n_acts) = (barrier.clone(), acting.clone(), n_acts.clone());
        world.spawn("actor", idx, move |w| async move {
            let act = async || {
                w.check(barrier.n_waiting(&w).await == 2, "all are there");
                w.check(acting.release(&w).await.is_ok(), "far from the end");
                w.sleep(millis(5)).await;
                n_acts.fetch_add(1, Ordering::SeqCst);
                true
            };
            // The time of whoever waits is over before the action is.
            let passed = match w.me().0 {
                0 => barrier.wait_with(&w, act).await,
                _ => barrier.wait_timeout_with(&w, Duration::from_secs(600), act).await,
            };
            w.check(passed.is_ok(), "the action came before the abort");
            w.check(n_acts.load(Ordering::SeqCst) == 1, "one acts, before anybody goes");
        });
    }
    world.spawn("striker", 0, move |w| async move {
        acting.acquire(&w).await.forget();
        barrier.abort(&w).await;
        w.check(n_acts.load(Ordering::SeqCst) == 1, "the action has the barrier to itself");
        w.check(barrier.wait(&w).await == Err(Broken), "broken now");
    });
}

#[test]
fn an_action_has_the_barrier_to_itself() {
    everywhere!(abort_waits_for_the_action);
}

#[test]
fn no_time_runs_out_while_an_action_runs() {
    for config in [OPERATIONS, WORDS] {
        let mut run = Run::new(config, |world| {
            let barrier = Arc::new(Barrier::new(world, "barrier", 0, 2));
            let other = barrier.clone();
            world.spawn("hasty", 0, move |w| async move {
                let passed = other.wait_timeout(&w, millis(10)).await;
                w.check(passed == Ok(0), "all came in time");
                w.check(w.now() == millis(50), "and the action took its time");
            });
            world.spawn("actor", 0, move |w| async move {
                w.sleep(millis(5)).await;
                let act = async || {
                    w.sleep(millis(45)).await;
                    true
                };
                w.check(barrier.wait_with(&w, act).await == Ok(1), "the last one");
            });
        });
        (0..50).for_each(|seed| finishes(&mut run, seed));
    }
}

fn who_only_tries<W: World>(world: &W) {
    let barrier = Arc::new(Barrier::new(world, "barrier", 0, 3));
    let (first, second) = (barrier.clone(), barrier.clone());
    world.spawn("main", 0, move |w| async move {
        let other = Barrier::new(&w, "barrier", 1, 2);
        w.check(other.try_wait(&w).await == Ok(None), "one more must come");
        w.check(other.n_waiting(&w).await == 0, "nobody has come");
        let index = loop {
            match barrier.try_wait(&w).await {
                Ok(None) => w.sleep(millis(1)).await,
                Ok(Some(index)) => break index,
                Err(Broken) => w.check(false, "whoever tries breaks nothing"),
            }
        };
        w.check(index == 2, "the last one");
        w.check(barrier.n_waiting(&w).await == 0, "all have gone");
        barrier.abort(&w).await;
        w.check(barrier.try_wait(&w).await == Err(Broken), "it is broken");
        // While somebody acts for all, nobody can come, and nobody who only tries waits for it.
        let alone = Barrier::new(&w, "barrier", 2, 1);
        let act = async || alone.try_wait(&w).await == Ok(None);
        w.check(alone.wait_with(&w, act).await == Ok(0), "it acted");
        w.check(alone.try_wait(&w).await == Ok(Some(0)), "nobody else must come");
    });
    for (idx, barrier) in [(0, first), (1, second)] {
        world.spawn("actor", idx, move |w| async move {
            let index = barrier.wait(&w).await;
            w.check(index.is_ok_and(|index| index < 2), "whoever tried came last");
        });
    }
}

#[test]
fn who_only_tries_a_barrier_comes_last_or_not_at_all() {
    everywhere!(who_only_tries);
}

/// Whether somebody notified who waited for nothing but the lock.
fn let_go_for_a_moment<W: World>(world: &W, told: Arc<AtomicU32>) {
    let lock = Arc::new(Lock::new(world, "lock", 0));
    let changed = Arc::new(Condition::new(world, "changed", 0, lock.clone()));
    let (their_lock, theirs) = (lock.clone(), changed.clone());
    world.spawn("waiter", 0, move |w| async move {
        w.check(changed.try_wait(&w).await == Err(NotOwner), "it has no lock");
        let held = lock.acquire(&w).await;
        let notified = changed.try_wait(&w).await;
        w.check(notified.is_ok(), "it has the lock");
        w.check(lock.release(&w).await.is_ok(), "it has it again");
        std::mem::forget(held);
        told.store(1 + u32::from(notified == Ok(true)), Ordering::SeqCst);
    });
    world.spawn("notifier", 0, move |w| async move {
        let held = their_lock.acquire(&w).await;
        w.check(theirs.notify(&w, 1).await.is_ok(), "it has the lock");
        held.release().await;
    });
}

#[test]
fn who_lets_go_for_a_moment_may_be_notified_in_it() {
    let told = Arc::new(AtomicU32::new(0));
    let theirs = told.clone();
    let mut run = Run::new(WORDS, move |world| let_go_for_a_moment(world, theirs.clone()));
    let mut found = [false; 2];
    for seed in 0..300 {
        let notified = twice(&mut run, |run| {
            assert_eq!(run.finish(&mut Random::new(seed)), Ending::Finished);
            told.load(Ordering::SeqCst) == 2
        });
        found[usize::from(notified)] = true;
    }
    assert_eq!(found, [true; 2]);
}

#[test]
fn the_steps_of_an_action_are_seen_and_everybody_waits_for_it() {
    // An action that comes to its own barrier waits for itself, and says so.
    let mut run = Run::new(OPERATIONS, |world| {
        let barrier = Arc::new(Barrier::new(world, "barrier", 0, 1));
        world.spawn("actor", 0, move |w| async move {
            let _ = barrier.wait_with(&w, async || barrier.wait(&w).await.is_ok()).await;
        });
    });
    let ending = twice(&mut run, |run| run.finish(&mut RoundRobin));
    let Ending::Deadlock(deadlock) = ending else { panic!("{ending:?}") };
    assert_eq!(deadlock.cycle.len(), 1);
}

// --- readers and writers -----------------------------------------------------------------------

fn whole_writes<W: World>(world: &W, precedence: Precedence) {
    let lock = Arc::new(ReadersWriter::new(world, "book", 0, precedence));
    let pages = Arc::new([0, 1].map(|idx| Shared::new(world, "page", idx, 0)));
    for idx in 0..4 {
        let (lock, pages) = (lock.clone(), pages.clone());
        world.spawn("actor", idx, move |w| async move {
            for round in 0..3 {
                if idx % 2 == 0 {
                    let held = match round {
                        0 => lock.write_timeout(&w, millis(1)).await,
                        1 => lock.try_write(&w).await,
                        _ => Some(lock.write(&w).await),
                    };
                    let Some(held) = held else { continue };
                    let seen = pages[0].load(&w).await;
                    pages[0].store(&w, seen + 1).await;
                    w.sleep(millis(1)).await;
                    pages[1].store(&w, seen + 1).await;
                    if round == 2 { drop(held) } else { held.release().await }
                } else {
                    let held = match round {
                        0 => Some(lock.read(&w).await),
                        1 => lock.try_read(&w).await,
                        _ => lock.read_timeout(&w, millis(1)).await,
                    };
                    let Some(held) = held else { continue };
                    let seen = pages[0].load(&w).await;
                    w.sleep(millis(1)).await;
                    w.check(pages[1].load(&w).await == seen, "a whole write");
                    if round == 0 { drop(held) } else { held.release().await }
                }
            }
        });
    }
}

#[test]
fn writers_are_alone() {
    for precedence in PRECEDENCES {
        everywhere!(whole_writes, precedence);
    }
}

fn readers_meet<W: World>(world: &W, precedence: Precedence) {
    let lock = Arc::new(ReadersWriter::new(world, "book", 0, precedence));
    let inside = Arc::new(Barrier::new(world, "inside", 0, 3));
    for idx in 0..3 {
        let (lock, inside) = (lock.clone(), inside.clone());
        world.spawn("reader", idx, move |w| async move {
            let held = lock.read(&w).await;
            w.check(inside.wait(&w).await.is_ok(), "all are inside at the same time");
            held.release().await;
        });
    }
}

#[test]
fn readers_are_together() {
    for precedence in PRECEDENCES {
        everywhere!(readers_meet, precedence);
    }
}

/// In the model: who gets in when. Each actor comes at its time, tells the diary when it gets in,
/// stays, and goes. `r` reads, `w` writes; a number after a slash is when it gives up.
fn entries(precedence: Precedence, comers: &'static [(&'static str, u64, u64)]) -> String {
    let mut diaries = Vec::new();
    for config in [OPERATIONS, WORDS] {
        let diary = Arc::new(Mutex::new(Vec::new()));
        let theirs = diary.clone();
        let mut run = Run::new(config, move |world| {
            let lock = Arc::new(ReadersWriter::new(world, "book", 0, precedence));
            for (idx, &(what, at, stays)) in comers.iter().enumerate() {
                let (lock, diary) = (lock.clone(), theirs.clone());
                world.spawn("comer", idx as u16, move |w| async move {
                    w.sleep(millis(at)).await;
                    let (side, patience) = what.split_once('/').unwrap_or((what, "100000"));
                    let timeout = millis(patience.parse().unwrap());
                    let (read, written);
                    let got = if side == "r" {
                        read = lock.read_timeout(&w, timeout).await;
                        written = None;
                        read.is_some()
                    } else {
                        written = lock.write_timeout(&w, timeout).await;
                        read = None;
                        written.is_some()
                    };
                    let now = w.now().as_millis();
                    let sign = if got { "" } else { "-" };
                    diary.lock().unwrap().push((now, at, format!("{sign}{side}{at}@{now}")));
                    if got {
                        w.sleep(millis(stays)).await;
                    }
                    drop((read, written));
                });
            }
        });
        for seed in 0..30 {
            finishes(&mut run, seed);
            let mut entries = std::mem::take(&mut *diary.lock().unwrap());
            // Of those who get in together any may write first. It ran twice.
            entries.sort();
            entries.dedup();
            let entries: Vec<String> = entries.into_iter().map(|(_, _, entry)| entry).collect();
            diaries.push(entries.join(" "));
        }
    }
    diaries.dedup();
    assert_eq!(diaries.len(), 1, "the same at both grains and under every schedule: {diaries:?}");
    diaries.remove(0)
}

#[test]
fn who_goes_first_is_a_matter_of_the_rule() {
    let queue: &[_] =
        &[("w", 0, 100), ("r", 1, 10), ("r", 2, 20), ("w", 3, 10), ("r", 4, 10), ("w", 5, 10)];
    let table = [
        (Precedence::Fair, "w0@0 r1@100 r2@100 w3@120 r4@130 w5@140"),
        (Precedence::ReadersFirst, "w0@0 r1@100 r2@100 r4@100 w3@120 w5@130"),
        (Precedence::WritersFirst, "w0@0 w3@100 w5@110 r1@120 r2@120 r4@120"),
    ];
    for (precedence, expected) in table {
        assert_eq!(entries(precedence, queue), expected, "{precedence:?}");
    }
}

#[test]
fn whoever_gives_up_lets_those_behind_go() {
    let queue: &[_] = &[("r", 0, 100), ("w/10", 5, 1), ("r", 6, 1), ("w", 7, 1), ("r", 8, 1)];
    let table = [
        // The second writer still stands between the readers.
        (Precedence::Fair, "r0@0 -w5@15 r6@15 w7@100 r8@101"),
        (Precedence::ReadersFirst, "r0@0 r6@6 r8@8 -w5@15 w7@100"),
        (Precedence::WritersFirst, "r0@0 -w5@15 w7@100 r6@101 r8@101"),
    ];
    for (precedence, expected) in table {
        assert_eq!(entries(precedence, queue), expected, "{precedence:?}");
    }
    let alone: &[_] = &[("r", 0, 100), ("w/10", 5, 1), ("r", 6, 1), ("r", 20, 1)];
    for precedence in [Precedence::Fair, Precedence::WritersFirst] {
        assert_eq!(entries(precedence, alone), "r0@0 -w5@15 r6@15 r20@20", "{precedence:?}");
    }
    let readers: &[_] = &[("w", 0, 50), ("r/10", 5, 1), ("w/100", 6, 1), ("r/60", 7, 1)];
    assert_eq!(entries(Precedence::Fair, readers), "w0@0 -r5@15 w6@50 r7@51");
}

/// Two actors of one side keep the lock between them for 20 rounds; one of the other side comes in
/// between. Gives how many rounds were over when it got in.
fn rounds_before_the_other(precedence: Precedence, crowd_reads: bool, grain: Grain) -> Vec<u32> {
    let theirs = Arc::new(AtomicU32::new(0));
    let waited = Arc::new(AtomicU32::new(u32::MAX));
    let its = waited.clone();
    let mut run = Run::new(Config { grain, ..OPERATIONS }, move |world| {
        theirs.store(0, Ordering::SeqCst);
        let lock = Arc::new(ReadersWriter::new(world, "book", 0, precedence));
        for idx in 0..2 {
            let (lock, n_rounds) = (lock.clone(), theirs.clone());
            world.spawn("crowd", idx, move |w| async move {
                w.sleep(millis(5 * u64::from(idx))).await;
                for _ in 0..10 {
                    if crowd_reads {
                        let held = lock.read(&w).await;
                        w.sleep(millis(10)).await;
                        held.release().await;
                    } else {
                        let held = lock.write(&w).await;
                        w.sleep(millis(10)).await;
                        held.release().await;
                    }
                    n_rounds.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let (n_rounds, waited) = (theirs.clone(), its.clone());
        world.spawn("other", 0, move |w| async move {
            w.sleep(millis(7)).await;
            if crowd_reads {
                lock.write(&w).await.release().await;
            } else {
                lock.read(&w).await.release().await;
            }
            waited.store(n_rounds.load(Ordering::SeqCst), Ordering::SeqCst);
        });
    });
    let each = |seed| {
        finishes(&mut run, seed);
        waited.load(Ordering::SeqCst)
    };
    (0..50).map(each).collect()
}

#[test]
fn each_rule_starves_whom_it_says_and_fair_nobody() {
    for grain in [Grain::Operations, Grain::Words] {
        let starves = |precedence, crowd_reads, [least, most]: [u32; 2]| {
            let waited = rounds_before_the_other(precedence, crowd_reads, grain);
            let is_so = waited.iter().all(|n| (least..=most).contains(n));
            assert!(is_so, "{precedence:?}, readers {crowd_reads}, {grain:?}: {waited:?}");
        };
        // Of 20 rounds in all, the last one or two may end at the same time.
        starves(Precedence::ReadersFirst, true, [19, 20]);
        starves(Precedence::WritersFirst, false, [19, 20]);
        // Whoever is inside comes out, and then it is the other's turn.
        starves(Precedence::Fair, true, [0, 4]);
        starves(Precedence::WritersFirst, true, [0, 4]);
        starves(Precedence::Fair, false, [0, 4]);
        starves(Precedence::ReadersFirst, false, [0, 4]);
    }
}

/// On threads nobody's pace is known; but the crowd goes on until the other one has got in.
fn crowd_until_served<W: World>(world: &W, crowd_reads: bool) {
    let lock = Arc::new(ReadersWriter::new(world, "book", 0, Precedence::Fair));
    let served = Arc::new(AtomicU32::new(0));
    for idx in 0..3 {
        let (lock, served) = (lock.clone(), served.clone());
        world.spawn("crowd", idx, move |w| async move {
            while served.load(Ordering::SeqCst) == 0 {
                if crowd_reads {
                    lock.read(&w).await.release().await;
                } else {
                    lock.write(&w).await.release().await;
                }
            }
        });
    }
    world.spawn("other", 0, move |w| async move {
        for _ in 0..5 {
            if crowd_reads {
                lock.write(&w).await.release().await;
            } else {
                lock.read(&w).await.release().await;
            }
        }
        served.store(1, Ordering::SeqCst);
    });
}

#[test]
fn fair_serves_everybody_in_the_end() {
    for crowd_reads in [true, false] {
        for config in [OPERATIONS, WORDS] {
            // No policy that may leave somebody out for ever, as PCT may.
            let mut run = Run::new(config, move |world| crowd_until_served(world, crowd_reads));
            (0..60).for_each(|seed| finishes(&mut run, seed));
        }
        on_threads(move |world: &real::Plain| crowd_until_served(world, crowd_reads));
        on_threads(move |world: &real::Recorded| crowd_until_served(world, crowd_reads));
    }
}

// --- once --------------------------------------------------------------------------------------

fn third_time_lucky<W: World>(world: &W) {
    let once = Arc::new(Once::new(world, "once", 0));
    let [n_calls, errors] = [(); 2].map(|()| Arc::new(AtomicU32::new(0)));
    let result = Arc::new(Shared::new(world, "result", 0, 0));
    for idx in 0..4 {
        let (once, result) = (once.clone(), result.clone());
        let (n_calls, errors) = (n_calls.clone(), errors.clone());
        world.spawn("actor", idx, move |w| async move {
            let job = async || {
                w.check(!once.is_done(&w).await, "not yet");
                let seen = result.load(&w).await;
                w.sleep(millis(1)).await;
                result.store(&w, seen + 1).await;
                match n_calls.fetch_add(1, Ordering::SeqCst) {
                    2 => Ok(()),
                    n => Err(n),
                }
            };
            // Whoever fails is told by what, and tries again.
            while let Err(n) = once.call(&w, job).await {
                // In any order: the next may try before this one is told.
                let told = errors.fetch_or(1 << n, Ordering::SeqCst);
                w.check(n < 2 && told & 1 << n == 0, "each failure is told once");
            }
            w.check(once.is_done(&w).await, "done");
            w.check(result.load(&w).await == 3, "all that was done is seen");
            w.check(once.try_call(&w, job).await == Ok(true), "and it is not done again");
            w.check(once.call_timeout(&w, Duration::ZERO, job).await == Ok(true), "nor so");
        });
    }
}

#[test]
fn a_once_is_tried_until_it_is_done_and_then_no_more() {
    everywhere!(third_time_lucky);
}

fn impatient<W: World>(world: &W) {
    let once = Arc::new(Once::new(world, "once", 0));
    let [begun, go] = ["begun", "go"].map(|name| Arc::new(Semaphore::new(world, name, 0, 0)));
    let (theirs, begun2, go2) = (once.clone(), begun.clone(), go.clone());
    world.spawn("actor", 0, move |w| async move {
        let job = async || {
            w.check(begun2.release(&w).await.is_ok(), "far from the end");
            go2.acquire(&w).await.forget();
            Err("in vain")
        };
        w.check(theirs.call(&w, job).await == Err("in vain"), "its own error");
    });
    world.spawn("impatient", 0, move |w| async move {
        begun.acquire(&w).await.forget();
        let never = async || Err("not this one");
        w.check(once.try_call(&w, never).await == Ok(false), "somebody is at it");
        w.check(once.call_timeout(&w, Duration::ZERO, never).await == Ok(false), "still");
        w.check(once.call_timeout(&w, millis(2), never).await == Ok(false), "and still");
        w.check(!once.is_done(&w).await, "not done");
        w.check(go.release(&w).await.is_ok(), "far from the end");
        let done = once.call(&w, async || Ok::<(), ()>(())).await;
        w.check(done == Ok(()), "its own attempt, after the other failed");
        w.check(once.is_done(&w).await, "done");
    });
}

#[test]
fn whoever_has_no_time_is_told_that_it_is_not_done() {
    everywhere!(impatient);
}

/// One is at it and wants a lock; the other has the lock and waits for it to be done.
fn once_and_lock<W: World>(world: &W) {
    let once = Arc::new(Once::new(world, "once", 0));
    let lock = Arc::new(Lock::new(world, "lock", 0));
    let [begun, held] = ["begun", "held"].map(|name| Arc::new(Semaphore::new(world, name, 0, 0)));
    let (once2, lock2, begun2, held2) = (once.clone(), lock.clone(), begun.clone(), held.clone());
    world.spawn("maker", 0, move |w| async move {
        let job = async || {
            let _ = begun2.release(&w).await;
            held2.acquire(&w).await.forget();
            lock2.acquire(&w).await.release().await;
            Ok::<(), ()>(())
        };
        let _ = once2.call(&w, job).await;
    });
    world.spawn("user", 0, move |w| async move {
        begun.acquire(&w).await.forget();
        let _held = lock.acquire(&w).await;
        let _ = held.release(&w).await;
        let _ = once.call(&w, async || Ok::<(), ()>(())).await;
    });
}

#[test]
fn who_waits_for_a_once_waits_for_whoever_is_at_it() {
    for config in [OPERATIONS, WORDS] {
        let mut run = Run::new(config, once_and_lock);
        let ending = twice(&mut run, |run| run.finish(&mut Random::new(1)));
        let Ending::Deadlock(deadlock) = ending else { panic!("{ending:?}") };
        assert_eq!(deadlock.cycle.len(), 2);
    }
    let run = real::Run::start(real::Threads, real::Config::default(), once_and_lock);
    let (ending, _): (_, Log) = real::Run::<real::On>::join_with_log(run);
    let Ending::Deadlock(deadlock) = ending else { panic!("{ending:?}") };
    assert_eq!(deadlock.cycle.len(), 2);
}

// --- every interleaving ------------------------------------------------------------------------

const UNCOUNTED: Config = Config { record: false, ..WORDS };

/// Explores a program of which nobody may ever be stuck and no claim fail.
fn assert_always_finishes(max_preemptions: usize, program: impl Fn(&Model) + 'static) {
    let mut run = Run::new(UNCOUNTED, program);
    let mut every = Every::bounded(max_preemptions);
    let mut n_runs = 0;
    while every.next(&mut run) {
        assert_eq!(run.ending(), Some(&Ending::Finished));
        n_runs += 1;
    }
    assert!(n_runs > 50, "{n_runs} are too few to mean much");
}

/// Actors with numbers that all do the same with one thing.
fn all_do<T: Send + Sync + 'static>(
    n_actors: u16,
    make: impl Fn(&Model) -> T + 'static,
    act: impl AsyncFn(&Model, &T) + Clone + Send + 'static,
) -> impl Fn(&Model) + 'static {
    move |world| {
        let thing = Arc::new(make(world));
        for idx in 0..n_actors {
            let (thing, act) = (thing.clone(), act.clone());
            world.spawn("actor", idx, move |w| async move { act(&w, &thing).await });
        }
    }
}

async fn pass_twice(w: &Model, barrier: &Barrier<Model>) {
    w.check(barrier.wait(w).await.is_ok(), "nobody breaks it");
    w.check(barrier.wait(w).await.is_ok(), "nobody breaks it");
}

async fn pass_or_break(w: &Model, barrier: &Barrier<Model>) {
    if w.me() == ActorId(0) {
        barrier.abort(w).await;
    } else {
        let passed = barrier.wait(w).await;
        // Both or neither: the abort comes before or after the last one.
        w.check(passed.is_ok() || barrier.is_broken(w).await, "who is sent away sees why");
    }
}

#[test]
fn a_barrier_in_every_interleaving_of_its_words() {
    let barrier = |parties| move |w: &Model| Barrier::new(w, "barrier", 0, parties);
    // Two actors: up to 5 preemptions. Three: up to 2 and 3.
    assert_always_finishes(5, all_do(2, barrier(2), pass_twice));
    assert_always_finishes(2, all_do(3, barrier(3), pass_twice));
    assert_always_finishes(3, all_do(3, barrier(2), pass_or_break));
}

struct Book {
    lock: ReadersWriter<Model>,
    step: Shared<Model>,
    n_inside: AtomicU32,
}

/// The first actors write, the others read. Every other one drops its guard, which must not block,
/// while others may be alone with the lines.
async fn visit_book(w: &Model, book: &Book, n_writers: u16) {
    let drops = w.me().0 % 2 == 1;
    if w.me().0 < n_writers {
        let held = book.lock.write(w).await;
        w.check(book.n_inside.fetch_add(100, Ordering::SeqCst) == 0, "alone");
        book.step.load(w).await;
        book.n_inside.fetch_sub(100, Ordering::SeqCst);
        if drops { drop(held) } else { held.release().await }
    } else {
        let held = book.lock.read(w).await;
        w.check(book.n_inside.fetch_add(1, Ordering::SeqCst) < 100, "no writer");
        book.step.load(w).await;
        book.n_inside.fetch_sub(1, Ordering::SeqCst);
        if drops { drop(held) } else { held.release().await }
    }
}

async fn visit_book_twice(w: &Model, book: &Book) {
    visit_book(w, book, 1).await;
    visit_book(w, book, 1).await;
}

#[test]
fn readers_and_writers_in_every_interleaving_of_their_words() {
    for precedence in PRECEDENCES {
        let book = move |w: &Model| Book {
            lock: ReadersWriter::new(w, "book", 0, precedence),
            step: Shared::new(w, "step", 0, 0),
            n_inside: AtomicU32::new(0),
        };
        // Two actors, twice: up to 4 preemptions. Three, of whom one to three write: up to 2.
        assert_always_finishes(4, all_do(2, book, visit_book_twice));
        assert_always_finishes(2, all_do(3, book, async |w, book| visit_book(w, book, 1).await));
        assert_always_finishes(2, all_do(3, book, async |w, book| visit_book(w, book, 2).await));
        assert_always_finishes(2, all_do(3, book, async |w, book| visit_book(w, book, 3).await));
    }
}

async fn call_once(w: &Model, (once, n_calls): &(Once<Model>, AtomicU32)) {
    let job = async || match n_calls.fetch_add(1, Ordering::SeqCst) {
        0 => Err(()),
        _ => Ok(()),
    };
    if once.call(w, job).await.is_ok() {
        w.check(n_calls.load(Ordering::SeqCst) == 2, "done by the second attempt");
    }
}

#[test]
fn a_once_in_every_interleaving_of_its_words() {
    let once = |w: &Model| (Once::new(w, "once", 0), AtomicU32::new(0));
    // Two actors: everything. Three: up to 4 preemptions.
    assert_always_finishes(usize::MAX, all_do(2, once, call_once));
    assert_always_finishes(4, all_do(3, once, call_once));
    // Whoever fails is there at once to try again, before those who were woken come.
    let again = async |w: &Model, once: &(Once<Model>, AtomicU32)| {
        call_once(w, once).await;
        call_once(w, once).await;
    };
    assert_always_finishes(3, all_do(3, once, again));
}

// --- random programs ---------------------------------------------------------------------------

const BOUND: u32 = 2;
const PARTIES: u32 = 2;

/// One thing that an actor does.
#[derive(Clone, Debug)]
enum Step {
    Read,
    TryRead,
    ReadTimeout(u64),
    Write,
    TryWrite,
    WriteTimeout(u64),
    /// Gives the last guard or permit back, as a step or by dropping it.
    Put {
        drop: bool,
    },
    /// Gives back what may well be another's, or nobody's.
    ForeignRead,
    ForeignWrite,
    Permit,
    PermitTimeout(u64),
    Signal(u32),
    Wait,
    WaitTimeout(u64),
    WaitWith(bool),
    Abort,
    Reset,
    Call(bool),
    TryCall(bool),
    CallTimeout(u64, bool),
    Sleep(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Read),
        1 => Just(Step::TryRead),
        2 => (0u64..4).prop_map(Step::ReadTimeout),
        3 => Just(Step::Write),
        1 => Just(Step::TryWrite),
        2 => (0u64..4).prop_map(Step::WriteTimeout),
        8 => any::<bool>().prop_map(|drop| Step::Put { drop }),
        1 => Just(Step::ForeignRead),
        1 => Just(Step::ForeignWrite),
        2 => Just(Step::Permit),
        2 => (0u64..4).prop_map(Step::PermitTimeout),
        1 => (0u32..4).prop_map(Step::Signal),
        2 => Just(Step::Wait),
        3 => (0u64..4).prop_map(Step::WaitTimeout),
        1 => any::<bool>().prop_map(Step::WaitWith),
        1 => Just(Step::Abort),
        2 => Just(Step::Reset),
        2 => any::<bool>().prop_map(Step::Call),
        1 => any::<bool>().prop_map(Step::TryCall),
        1 => (0u64..4, any::<bool>()).prop_map(|(ms, ok)| Step::CallTimeout(ms, ok)),
        2 => (0u64..4).prop_map(Step::Sleep),
    ]
}

struct Things {
    book: ReadersWriter<Model>,
    seats: BoundedSemaphore<Model>,
    barrier: Barrier<Model>,
    once: Once<Model>,
    /// How many passed the barrier with which index; and how many jobs succeeded.
    passed: [AtomicU32; PARTIES as usize],
    n_done: AtomicU32,
}

enum Held<'a> {
    Read(ReadGuard<'a, Model>),
    Write(WriteGuard<'a, Model>),
    Permit(BoundedPermit<'a, Model>),
}

async fn live(w: &Model, steps: Vec<Step>, things: &Things) {
    let mut held: Vec<Held<'_>> = Vec::new();
    let Things { book, seats, barrier, once, passed, n_done } = things;
    let pass = |outcome: Result<u32, Broken>| {
        if let Ok(idx) = outcome {
            passed[idx as usize].fetch_add(1, Ordering::SeqCst);
        }
    };
    let job = async |ok: bool| {
        w.sleep(millis(1)).await;
        n_done.fetch_add(u32::from(ok), Ordering::SeqCst);
        if ok { Ok(()) } else { Err(()) }
    };
    for step in steps {
        match step {
            Step::Read => held.push(Held::Read(book.read(w).await)),
            Step::TryRead => held.extend(book.try_read(w).await.map(Held::Read)),
            Step::ReadTimeout(ms) => {
                held.extend(book.read_timeout(w, millis(ms)).await.map(Held::Read));
            }
            Step::Write => held.push(Held::Write(book.write(w).await)),
            Step::TryWrite => held.extend(book.try_write(w).await.map(Held::Write)),
            Step::WriteTimeout(ms) => {
                held.extend(book.write_timeout(w, millis(ms)).await.map(Held::Write));
            }
            Step::Put { drop: true } => drop(held.pop()),
            Step::Put { drop: false } => match held.pop() {
                Some(Held::Read(guard)) => guard.release().await,
                Some(Held::Write(guard)) => guard.release().await,
                Some(Held::Permit(permit)) => drop(permit.release().await),
                None => {}
            },
            Step::ForeignRead => drop(book.release_read(w).await),
            Step::ForeignWrite => drop(book.release_write(w).await),
            Step::Permit => held.push(Held::Permit(seats.acquire(w).await)),
            Step::PermitTimeout(ms) => {
                held.extend(seats.acquire_timeout(w, millis(ms)).await.map(Held::Permit));
            }
            Step::Signal(n) => drop(seats.release_many(w, n).await),
            Step::Wait => pass(barrier.wait(w).await),
            Step::WaitTimeout(ms) => pass(barrier.wait_timeout(w, millis(ms)).await),
            Step::WaitWith(ok) => {
                let act = async || {
                    w.sleep(millis(1)).await;
                    ok
                };
                pass(barrier.wait_with(w, act).await);
            }
            Step::Abort => barrier.abort(w).await,
            Step::Reset => barrier.reset(w).await,
            Step::Call(ok) => drop(once.call(w, async || job(ok).await).await),
            Step::TryCall(ok) => drop(once.try_call(w, async || job(ok).await).await),
            Step::CallTimeout(ms, ok) => {
                let _ = once.call_timeout(w, millis(ms), async || job(ok).await).await;
            }
            Step::Sleep(ms) => w.sleep(millis(ms)).await,
        }
    }
}

fn run(actors: &[Vec<Step>], config: Config, pct: bool, seed: u64) -> (Ending, Log, [u32; 3]) {
    let actors = actors.to_vec();
    let outcome = Arc::new(Mutex::new(None));
    let theirs = outcome.clone();
    let precedence = PRECEDENCES[(seed % 3) as usize];
    let mut run = Run::new(config, move |world| {
        let things = Arc::new(Things {
            book: ReadersWriter::new(world, "book", 0, precedence),
            seats: BoundedSemaphore::new(world, "seats", 0, BOUND),
            barrier: Barrier::new(world, "barrier", 0, PARTIES),
            once: Once::new(world, "once", 0),
            passed: Default::default(),
            n_done: AtomicU32::new(0),
        });
        *theirs.lock().unwrap() = Some(things.clone());
        for (idx, steps) in actors.iter().cloned().enumerate() {
            let things = things.clone();
            world.spawn(
                "actor",
                idx as u16,
                move |w| async move { live(&w, steps, &things).await },
            );
        }
    });
    let (ending, counts) = twice(&mut run, |run| {
        let ending = match pct {
            true => run.finish(&mut Pct::new(seed, 3, 60)),
            false => run.finish(&mut Random::new(seed)),
        };
        let things = outcome.lock().unwrap().take().unwrap();
        let [one, other] = &things.passed;
        (ending, [one, other, &things.n_done].map(|count| count.load(Ordering::SeqCst)))
    });
    (ending, run.into_log(), counts)
}

/// The plain account of what was noted.
fn assert_sequential(log: &Log, check_readers: bool) {
    let (mut readers, mut writer) = (Vec::new(), None);
    let (mut free, mut at_it, mut state) = (BOUND, None, 0);
    for (at, event) in log.events.iter().enumerate() {
        let Some((kind, _)) = log.names.objects.get(event.object.idx()) else { continue };
        match (kind, event.kind) {
            (ObjectKind::ReadersWriter, EventKind::Got) if check_readers => {
                assert_eq!(writer, None, "a writer is alone");
                // A writer says what it is right after that it got the lock.
                let writes = log.events.get(at + 1).is_some_and(|next| {
                    (next.kind, next.object, next.value) == (EventKind::State, event.object, 1)
                });
                if writes {
                    assert!(readers.is_empty(), "a writer is alone");
                    writer = Some(event.actor);
                } else {
                    readers.push(event.actor);
                }
            }
            (ObjectKind::ReadersWriter, EventKind::GaveBack) if check_readers => {
                if writer.is_some() {
                    assert_eq!(writer.take(), Some(event.actor), "only the writer");
                } else {
                    let own = readers.iter().position(|reader| *reader == event.actor);
                    readers.swap_remove(own.expect("whoever gives it back has it"));
                }
            }
            (ObjectKind::Semaphore { .. }, EventKind::Got) => {
                assert!(free > 0, "no more permits than there are");
                free -= 1;
            }
            (ObjectKind::Semaphore { .. }, EventKind::GaveBack) => {
                free += 1;
                assert!(free <= BOUND, "none too many");
            }
            (ObjectKind::Once, EventKind::Got) => {
                assert_eq!(at_it.replace(event.actor), None, "one at a time");
                assert_ne!(state, 2, "it is done once");
            }
            (ObjectKind::Once, EventKind::GaveBack) => assert_eq!(at_it.take(), Some(event.actor)),
            (ObjectKind::Once, EventKind::State) => state = event.value,
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn random_programs_keep_the_rules(
        actors in prop::collection::vec(prop::collection::vec(step(), 0..10), 1..5),
        words: bool,
        pct: bool,
        seed: u64,
    ) {
        let config = if words { WORDS } else { OPERATIONS };
        let (ending, log, counts) = run(&actors, config, pct, seed);
        prop_assert!(matches!(ending, Ending::Finished | Ending::Deadlock(_)), "{:?}", ending);
        let [one, other, n_done] = counts;
        prop_assert_eq!(one, other, "whoever passes a barrier passes with all others");
        prop_assert!(n_done <= 1, "done once");
        let all = || actors.iter().flatten();
        let has_signals = all().any(|step| matches!(step, Step::Signal(1..)));
        // A foreign reader may give back what another one has got and not yet noted.
        let is_foreign = all().any(|step| matches!(step, Step::ForeignRead));
        // At the grain of words two who give the same permit back may both have noted it.
        if !words || !has_signals {
            assert_sequential(&log, !is_foreign);
        }
        if let Ending::Deadlock(deadlock) = &ending {
            prop_assert_eq!(&Scene::of(&log.events).waits(), deadlock);
            for link in &deadlock.blocked {
                let (kind, _) = log.names.objects[link.object.idx()];
                let is_held = matches!(kind, ObjectKind::ReadersWriter | ObjectKind::Once);
                prop_assert!(
                    !is_held || is_foreign || link.holder.is_some(),
                    "nobody waits for what nobody holds: {:?}", link
                );
            }
        }
    }
}
