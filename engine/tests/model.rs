//! The model: what a turn is, how time passes, what is declared, how runs end, and every
//! interleaving of small programs.

mod everywhere;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::World;
use engine::explore::{Every, Search};
use engine::log::{Activity, EventKind, Scene};
use engine::model::{
    Config, Ending, Grain, Model, NotReady, Person, Pick, Random, Replay, RoundRobin, Run, Time,
};
use engine::sync::{Lock, Semaphore};
use engine::world::{Act, ActorId, Failure, ObjectId, Shared};
use everywhere::{finishes, twice};

const OPERATIONS: Config = Config {
    grain: Grain::Operations,
    time: Time::Virtual,
    seed: 0,
    max_turns: 1_000,
    record: true,
    explored: false,
    races: true,
    spurious: false,
};
const WORDS: Config = Config { grain: Grain::Words, ..OPERATIONS };

// --- every interleaving ------------------------------------------------------------------------

#[test]
fn two_unlocked_increments_have_six_interleavings_and_four_lose_one() {
    for grain in [Grain::Operations, Grain::Words] {
        let mut run = Run::new(Config { grain, ..WORDS }, |world| {
            let x = Arc::new(Shared::new(world, "x", 0, 0));
            for idx in 0..2 {
                let x = x.clone();
                world.spawn("adder", idx, move |w| async move {
                    let seen = x.load(&w).await;
                    x.store(&w, seen + 1).await;
                });
            }
        });
        let mut results = BTreeMap::new();
        let mut every = Every::new();
        while every.next(&mut run) {
            assert_eq!(run.ending(), Some(&Ending::Finished));
            let scene = Scene::of(&run.log().events);
            *results.entry(scene.object(ObjectId(0)).value).or_insert(0) += 1;
        }
        assert_eq!(results, BTreeMap::from([(Some(1), 4), (Some(2), 2)]));
    }
}

/// Actors that go in and out of a place where at most `bound` may be.
fn rooms<Room: Send + Sync + 'static>(
    config: Config,
    [n_actors, n_rounds]: [u16; 2],
    bound: u32,
    make: impl Fn(&Model) -> Room + 'static,
    visit: impl AsyncFn(&Model, &Room, &Shared<Model>, &AtomicU32, u32) + Clone + Send + 'static,
) -> Run {
    Run::new(config, move |world| {
        let room = Arc::new(make(world));
        let step = Arc::new(Shared::new(world, "step", 0, 0));
        let n_inside = Arc::new(AtomicU32::new(0));
        for idx in 0..n_actors {
            let (room, step, n_inside) = (room.clone(), step.clone(), n_inside.clone());
            let visit = visit.clone();
            world.spawn("actor", idx, move |w| async move {
                for _ in 0..n_rounds {
                    visit(&w, &room, &step, &n_inside, bound).await;
                }
            });
        }
    })
}

/// A turn inside, seen by a counter that is no part of the model.
async fn be_inside(w: &Model, step: &Shared<Model>, n_inside: &AtomicU32, bound: u32) {
    let others = n_inside.fetch_add(1, Ordering::SeqCst);
    w.check(others < bound, "no more inside than may be");
    step.load(w).await;
    n_inside.fetch_sub(1, Ordering::SeqCst);
}

async fn visit_lock(
    w: &Model,
    lock: &Lock<Model>,
    step: &Shared<Model>,
    n_inside: &AtomicU32,
    bound: u32,
) {
    let held = lock.acquire(w).await;
    be_inside(w, step, n_inside, bound).await;
    held.release().await;
}

async fn visit_seats(
    w: &Model,
    seats: &Semaphore<Model>,
    step: &Shared<Model>,
    n_inside: &AtomicU32,
    bound: u32,
) {
    let permit = seats.acquire(w).await;
    be_inside(w, step, n_inside, bound).await;
    permit.release().await;
}

/// Explores a program of which nobody may ever be stuck and no claim fail.
fn assert_always_finishes(mut run: Run, max_preemptions: usize) {
    let mut every = Every::bounded(max_preemptions);
    let mut n_runs = 0;
    while every.next(&mut run) {
        assert_eq!(run.ending(), Some(&Ending::Finished));
        n_runs += 1;
    }
    assert!(n_runs > 50, "{n_runs} are too few to mean much");
}

const UNCOUNTED: Config = Config { record: false, ..WORDS };

#[test]
fn a_lock_excludes_in_every_interleaving_of_its_words() {
    let lock = |world: &Model| Lock::new(world, "lock", 0);
    // Two actors go in once: everything. Twice: up to 7 preemptions. Three actors: up to 5.
    let bounds = [([2, 1], usize::MAX), ([2, 2], 7), ([3, 1], 5)];
    for (size, max_preemptions) in bounds {
        assert_always_finishes(rooms(UNCOUNTED, size, 1, lock, visit_lock), max_preemptions);
    }
}

#[test]
fn a_semaphore_keeps_its_bound_in_every_interleaving_of_its_words() {
    let seats = |n| move |world: &Model| Semaphore::new(world, "seats", 0, n);
    // Two actors go in once: everything. Twice: up to 5 preemptions. Three actors: up to 4.
    let bounds = [([2, 1], 1, usize::MAX), ([2, 2], 1, 5), ([3, 1], 1, 4), ([3, 1], 2, 4)];
    for (size, n, max_preemptions) in bounds {
        assert_always_finishes(rooms(UNCOUNTED, size, n, seats(n), visit_seats), max_preemptions);
    }
}

#[test]
fn two_who_embrace_are_stuck_in_some_interleavings_and_not_in_others() {
    let mut run = Run::new(OPERATIONS, |world| {
        let locks = Arc::new([0, 1].map(|idx| Lock::new(world, "lock", idx)));
        for idx in 0..2 {
            let locks = locks.clone();
            world.spawn("actor", idx, move |w| async move {
                let first = locks[usize::from(idx)].acquire(&w).await;
                let second = locks[usize::from(1 - idx)].acquire(&w).await;
                second.release().await;
                first.release().await;
            });
        }
    });
    let (mut n_stuck, mut n_finished) = (0, 0);
    let mut every = Every::new();
    while every.next(&mut run) {
        if let Some(Ending::Deadlock(deadlock)) = run.ending() {
            assert_eq!(deadlock.cycle.len(), 2);
            n_stuck += 1;
        } else {
            assert_eq!(run.ending(), Some(&Ending::Finished));
            n_finished += 1;
        }
    }
    // Stuck: each takes one lock, in either order. Otherwise one takes both and gives the other's
    // back, and then either the other one goes on at once or the first one does.
    assert_eq!((n_stuck, n_finished), (2, 4));
}

// --- time --------------------------------------------------------------------------------------

/// Where actors write down who they are and what time it is.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<(u16, u64)>>>);

impl Diary {
    fn write(&self, w: &Model) {
        let entry = (w.me().0, w.now().as_millis() as u64);
        self.0.lock().unwrap().push(entry);
    }

    fn entries(&self) -> Vec<(u16, u64)> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Actor i sleeps `millis[i]`, writes, sleeps as long again and writes.
fn sleepers<const N: usize>(millis: [u64; N]) -> (Run, Diary) {
    let diary = Diary::default();
    let theirs = diary.clone();
    let run = Run::new(OPERATIONS, move |world| {
        for (idx, millis) in millis.into_iter().enumerate() {
            let diary = theirs.clone();
            world.spawn("sleeper", idx as u16, move |w| async move {
                for _ in 0..2 {
                    w.sleep(Duration::from_millis(millis)).await;
                    diary.write(&w);
                }
            });
        }
    });
    (run, diary)
}

#[test]
fn time_moves_only_when_nobody_is_ready_and_wakes_in_order() {
    let (mut run, diary) = sleepers([30, 20, 0]);
    // The third does not really sleep: it goes first, and no time passes for it.
    let entries = twice(&mut run, |run| {
        assert_eq!(run.finish(&mut RoundRobin), Ending::Finished);
        diary.entries()
    });
    assert_eq!(entries, [(2, 0), (2, 0), (1, 20), (0, 30), (1, 40), (0, 60)]);
    let log = run.log();
    assert!(log.events.is_sorted_by_key(|event| event.time_ns));
}

#[test]
fn the_clock_can_be_chosen_while_others_are_ready() {
    let (mut run, diary) = sleepers([30, 20, 0]);
    let by_hand = twice(&mut run, |run| {
        assert!(run.can_pass_time());
        assert_eq!(run.ready().iter().collect::<Vec<_>>(), [ActorId(2)]);
        run.turn(ActorId::CLOCK).unwrap();
        assert_eq!(run.ready().iter().collect::<Vec<_>>(), [ActorId(1), ActorId(2)]);
        run.turn(ActorId::CLOCK).unwrap();
        assert_eq!(run.turn(ActorId::CLOCK), Err(NotReady(ActorId::CLOCK)), "all are awake");
        assert_eq!(run.finish(&mut RoundRobin), Ending::Finished);
        diary.entries()
    });
    assert_eq!(by_hand, [(0, 30), (1, 30), (2, 30), (2, 30), (1, 50), (0, 60)]);

    // The same as picks, on a policy that never would.
    let picks = [0, 1].map(|turn| Pick { turn, actor: ActorId::CLOCK });
    let by_picks = twice(&mut run, |run| {
        let ending = run.finish(&mut Replay::new(Box::new(RoundRobin), picks.to_vec()));
        assert_eq!(ending, Ending::Finished);
        diary.entries()
    });
    assert_eq!(by_picks, by_hand);
}

#[test]
fn a_timeout_fires_at_its_time_and_not_when_the_lock_comes_first() {
    for grain in [Grain::Operations, Grain::Words] {
        let diary = Diary::default();
        let theirs = diary.clone();
        let mut run = Run::new(Config { grain, ..OPERATIONS }, move |world| {
            let lock = Arc::new(Lock::new(world, "lock", 0));
            let seats = Arc::new(Semaphore::new(world, "seats", 0, 0));
            let holder = lock.clone();
            world.spawn("holder", 0, move |w| async move {
                let held = holder.acquire(&w).await;
                w.sleep(Duration::from_millis(50)).await;
                held.release().await;
            });
            let diary = theirs.clone();
            world.spawn("impatient", 0, move |w| async move {
                w.sleep(Duration::from_millis(1)).await;
                for timeout in [0, 10, 20] {
                    let timeout = Duration::from_millis(timeout);
                    w.check(lock.acquire_timeout(&w, timeout).await.is_none(), "it is held");
                    diary.write(&w);
                }
                w.check(seats.acquire_timeout(&w, Duration::ZERO).await.is_none(), "none");
                let timeout = Duration::from_millis(5);
                w.check(seats.acquire_timeout(&w, timeout).await.is_none(), "none");
                diary.write(&w);
                let timeout = Duration::from_millis(1_000);
                let held = lock.acquire_timeout(&w, timeout).await;
                diary.write(&w);
                w.check(held.is_some(), "it comes in time");
            });
        });
        for seed in 0..20 {
            let entries = twice(&mut run, |run| {
                assert_eq!(run.finish(&mut Random::new(seed)), Ending::Finished);
                diary.entries()
            });
            assert_eq!(entries, [(1, 1), (1, 11), (1, 31), (1, 36), (1, 50)]);
        }
    }
}

// --- turns and endings -------------------------------------------------------------------------

#[test]
fn operations_are_declared_with_the_place_that_asks_for_them() {
    let mut run = Run::new(OPERATIONS, |world| {
        let lock = Arc::new(Lock::new(world, "lock", 0));
        world.spawn("actor", 0, move |w| async move {
            let held = lock.acquire(&w).await;
            w.sleep(Duration::from_millis(1)).await;
            held.release().await;
        });
    });
    // Three lines, one below the other.
    let first = line!() - 6;
    let places = twice(&mut run, |run| {
        let mut places = Vec::new();
        loop {
            let log = run.log();
            let scene = Scene::of(&log.events);
            let Some(declared) = scene.actors[0].declared else { return places };
            let place = log.names.place(declared.place).unwrap();
            assert_eq!(place.file(), file!());
            places.push((declared.act, place.line()));
            drop(log);
            run.turn(ActorId(0)).unwrap();
        }
    });
    let expected = [(Act::Acquire, first), (Act::Sleep, first + 1), (Act::Release, first + 2)];
    assert_eq!(places, expected);
    assert_eq!(run.ending(), Some(&Ending::Finished));
}

#[test]
fn whoever_cannot_move_says_why() {
    let mut run = Run::new(OPERATIONS, |world| {
        let lock = Arc::new(Lock::new(world, "lock", 0));
        for idx in 0..2 {
            let lock = lock.clone();
            world.spawn("actor", idx, move |w| async move {
                lock.acquire(&w).await.release().await;
            });
        }
    });
    twice(&mut run, |run| {
        run.turn(ActorId(1)).unwrap();
        assert_eq!(run.turn(ActorId(0)), Err(NotReady(ActorId(0))));
        let scene = Scene::of(&run.log().events);
        assert_eq!(scene.actors[0].activity, Activity::Blocked(ObjectId(0)));
        assert_eq!(scene.holdings.holders(ObjectId(0)), [ActorId(1)]);
        assert_eq!(scene.objects[0].waiting, [ActorId(0)]);
        run.turn(ActorId(1)).unwrap();
        assert_eq!(Scene::of(&run.log().events).actors[0].activity, Activity::Ready);
    });
}

#[test]
fn a_dropped_guard_gives_back_at_once() {
    for config in [OPERATIONS, WORDS] {
        let mut run = Run::new(config, |world| {
            let lock = Arc::new(Lock::new(world, "lock", 0));
            let seats = Arc::new(Semaphore::new(world, "seats", 0, 1));
            for idx in 0..3 {
                let (lock, seats) = (lock.clone(), seats.clone());
                world.spawn("actor", idx, move |w| async move {
                    let permit = seats.acquire(&w).await;
                    let guard = lock.acquire(&w).await;
                    drop(guard);
                    drop(permit);
                });
            }
        });
        for seed in 0..200 {
            finishes(&mut run, seed);
            let log = run.log();
            // Between both drops and the actor's end there is no turn for anybody.
            let stops: Vec<usize> = log.stops();
            for actor in (0..3).map(ActorId) {
                let turn_of = |kind, object| {
                    let at = log.events.iter().position(|event| {
                        (event.actor, event.kind, event.object) == (actor, kind, ObjectId(object))
                    });
                    stops.partition_point(|stop| *stop <= at.unwrap())
                };
                let lock_back = turn_of(EventKind::GaveBack, 0);
                assert_eq!(lock_back, turn_of(EventKind::GaveBack, 1));
                assert_eq!(lock_back, turn_of(EventKind::Finished, ObjectId::NONE.0));
            }
        }
    }
}

#[test]
fn an_actor_can_spawn_actors_whose_ids_follow() {
    let diary = Diary::default();
    let theirs = diary.clone();
    let mut run = Run::new(OPERATIONS, move |world| {
        let diary = theirs.clone();
        world.spawn("parent", 0, move |w| async move {
            w.sleep(Duration::from_millis(1)).await;
            for idx in 0..2 {
                let diary = diary.clone();
                w.spawn("child", idx, move |w| async move {
                    w.sleep(Duration::from_millis(u64::from(w.me().0))).await;
                    diary.write(&w);
                });
            }
            diary.write(&w);
        });
    });
    let entries = twice(&mut run, |run| {
        assert_eq!(run.finish(&mut RoundRobin), Ending::Finished);
        diary.entries()
    });
    assert_eq!(entries, [(0, 1), (1, 2), (2, 3)]);
    let labels: Vec<_> = run.log().names.actors.iter().map(ToString::to_string).collect();
    assert_eq!(labels, ["parent 0", "child 0", "child 1"]);
}

#[test]
fn a_body_can_spawn_while_it_is_being_made() {
    let diary = Diary::default();
    let theirs = diary.clone();
    let mut run = Run::new(OPERATIONS, move |world| {
        let diary = theirs.clone();
        world.spawn("outer", 0, move |w| {
            let inner = diary.clone();
            w.spawn("inner", 0, move |w| async move {
                w.sleep(Duration::from_millis(1)).await;
                inner.write(&w);
            });
            async move {
                w.sleep(Duration::from_millis(2)).await;
                diary.write(&w);
            }
        });
    });
    let entries = twice(&mut run, |run| {
        assert_eq!(run.finish(&mut RoundRobin), Ending::Finished);
        diary.entries()
    });
    assert_eq!(entries, [(1, 1), (0, 2)]);
}

#[test]
fn a_run_that_never_ends_reaches_its_limit() {
    let config = Config { max_turns: 100, ..OPERATIONS };
    let mut run = Run::new(config, |world| {
        world.spawn("hamster", 0, |w| async move {
            loop {
                w.sleep(Duration::from_secs(1_000_000)).await;
            }
        });
    });
    twice(&mut run, |run| {
        assert_eq!(run.finish(&mut RoundRobin), Ending::TurnLimit);
        assert_eq!(run.n_turns(), 100);
        assert_eq!(run.turn(ActorId(0)), Err(NotReady(ActorId(0))));
        assert_eq!(run.finish(&mut RoundRobin), Ending::TurnLimit, "it stays at its end");
    });
}

#[test]
fn an_empty_run_is_finished_and_a_failed_set_up_failed() {
    assert_eq!(Run::new(OPERATIONS, |_| {}).ending(), Some(&Ending::Finished));
    let run = Run::new(OPERATIONS, |world| world.check(false, "never"));
    let failure = Failure::Assertion("never");
    assert_eq!(run.ending(), Some(&Ending::Failed { actor: ActorId::SETUP, failure }));
}

#[test]
fn a_lost_wakeup_is_a_deadlock_without_a_cycle() {
    let mut run = Run::new(OPERATIONS, |world| {
        let never = Arc::new(Semaphore::new(world, "never", 0, 0));
        world.spawn("actor", 0, move |w| async move { never.acquire(&w).await.forget() });
    });
    let ending = twice(&mut run, |run| run.finish(&mut RoundRobin));
    let Ending::Deadlock(deadlock) = ending else { panic!("{ending:?}") };
    assert_eq!((deadlock.blocked.len(), deadlock.cycle.len()), (1, 0));
    assert_eq!(deadlock.blocked[0].holder, None);
}

#[test]
fn who_takes_a_lock_twice_waits_for_oneself() {
    for config in [OPERATIONS, WORDS] {
        let mut run = Run::new(config, |world| {
            let lock = Arc::new(Lock::new(world, "lock", 0));
            world.spawn("actor", 0, move |w| async move {
                let _first = lock.acquire(&w).await;
                let _second = lock.acquire(&w).await;
            });
        });
        let ending = twice(&mut run, |run| run.finish(&mut RoundRobin));
        let Ending::Deadlock(deadlock) = ending else { panic!("{ending:?}") };
        assert_eq!(deadlock.cycle.len(), 1);
        assert_eq!(deadlock.cycle[0].holder, Some(ActorId(0)));
    }
}

#[test]
fn a_permit_that_is_used_up_is_held_by_nobody() {
    let mut run = Run::new(OPERATIONS, |world| {
        let signal = Arc::new(Semaphore::new(world, "signal", 0, 0));
        let other = signal.clone();
        world.spawn("waits", 0, move |w| async move {
            signal.acquire(&w).await.forget();
            signal.acquire(&w).await.forget();
        });
        world.spawn("signals", 0, move |w| async move {
            w.check(other.release(&w).await.is_ok(), "far from the end");
        });
    });
    let ending = twice(&mut run, |run| run.finish(&mut RoundRobin));
    let Ending::Deadlock(deadlock) = ending else { panic!("{ending:?}") };
    assert_eq!(deadlock.cycle, [], "it does not wait for itself");
}

#[test]
fn a_person_chooses_one_turn_at_a_time() {
    let (mut run, diary) = sleepers([0, 0]);
    twice(&mut run, |run| {
        let mut person = Person::default();
        assert_eq!(run.finish(&mut person), Ending::Paused);
        for actor in [1, 1, 0] {
            person.choice = Some(ActorId(actor));
            assert_eq!(run.finish(&mut person), Ending::Paused);
        }
        assert_eq!(diary.entries(), [(1, 0), (1, 0), (0, 0)]);
        person.choice = Some(ActorId(1));
        assert_eq!(run.finish(&mut person), Ending::Paused, "who is through cannot go");
        assert_eq!(run.n_turns(), 3);
        person.choice = Some(ActorId(0));
        assert_eq!(run.finish(&mut person), Ending::Finished);
        assert_eq!(diary.entries(), [(0, 0)]);
    });
}

#[test]
fn more_actors_than_there_are_numbers_are_misuse() {
    let config = Config { record: false, ..OPERATIONS };
    let run = Run::new(config, |world| {
        (0..=ActorId::MAX_ACTORS).for_each(|_| world.spawn("actor", 0, |_| async {}));
    });
    let Some(Ending::Failed { failure: Failure::Misuse(_), .. }) = run.ending() else {
        panic!("{:?}", run.ending())
    };
}

#[test]
fn a_run_without_a_record_takes_the_same_course() {
    let program = |world: &Model| {
        let lock = Arc::new(Lock::new(world, "lock", 0));
        for idx in 0..3 {
            let lock = lock.clone();
            world.spawn("actor", idx, move |w| async move {
                for _ in 0..3 {
                    let held = lock.acquire(&w).await;
                    w.sleep(Duration::from_micros(w.random(9).into())).await;
                    held.release().await;
                }
            });
        }
    };
    for (seed, grain) in (0..50).flat_map(|seed| [(seed, OPERATIONS), (seed, WORDS)]) {
        let [recorded, not] = [true, false].map(|record| {
            let mut run = Run::new(Config { record, seed, ..grain }, program);
            finishes(&mut run, seed);
            assert_eq!(run.log().events.is_empty(), !record);
            run.n_turns()
        });
        assert_eq!(recorded, not);
    }
}
