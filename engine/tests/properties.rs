//! Random programs in the model: nothing they do makes it panic or differ from itself, and what
//! happens to locks and semaphores agrees with a plain sequential account of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engine::World;
use engine::log::{Event, EventKind, Log, Scene};
use engine::model::{Config, Ending, Grain, Model, Pct, Pick, Random, Replay, RoundRobin, Run};
use engine::sync::{Guard, Lock, Permit, Semaphore};
use engine::world::{ActorId, ObjectId, ObjectKind, Place, Shared};
use proptest::prelude::*;

const N_LOCKS: usize = 2;
const PERMITS: [u32; 2] = [0, 2];

/// One thing that an actor does.
#[derive(Clone, Debug)]
enum Step {
    Acquire(usize),
    TryAcquire(usize),
    AcquireTimeout(usize, u64),
    /// Gives the last lock back, by its guard or by dropping that.
    PutLock {
        drop: bool,
    },
    /// Releases a lock that may well be another's, or nobody's.
    ForeignRelease(usize),
    TakePermit(usize),
    TryPermit(usize),
    PermitTimeout(usize, u64),
    PutPermit {
        drop: bool,
    },
    UsePermitUp,
    Signal(usize),
    Increment,
    Sleep(u64),
    Spawn(Vec<Step>),
    Claim(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let leaf = prop_oneof![
        4 => (0..N_LOCKS).prop_map(Step::Acquire),
        2 => (0..N_LOCKS).prop_map(Step::TryAcquire),
        2 => (0..N_LOCKS, 0u64..4).prop_map(|(lock, ms)| Step::AcquireTimeout(lock, ms)),
        5 => any::<bool>().prop_map(|drop| Step::PutLock { drop }),
        1 => (0..N_LOCKS).prop_map(Step::ForeignRelease),
        3 => (0..PERMITS.len()).prop_map(Step::TakePermit),
        2 => (0..PERMITS.len()).prop_map(Step::TryPermit),
        2 => (0..PERMITS.len(), 0u64..4).prop_map(|(seats, ms)| Step::PermitTimeout(seats, ms)),
        3 => any::<bool>().prop_map(|drop| Step::PutPermit { drop }),
        1 => Just(Step::UsePermitUp),
        3 => (0..PERMITS.len()).prop_map(Step::Signal),
        2 => Just(Step::Increment),
        2 => (0u64..4).prop_map(Step::Sleep),
        1 => prop::bool::weighted(0.9).prop_map(Step::Claim),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(Step::Spawn))
}

fn program() -> impl Strategy<Value = Vec<Vec<Step>>> {
    prop::collection::vec(prop::collection::vec(step(), 0..8), 1..5)
}

/// What all actors use.
struct Things {
    locks: Vec<Lock<Model>>,
    seats: Vec<Semaphore<Model>>,
    x: Shared<Model>,
}

fn start(world: &Model, actors: &[Vec<Step>]) {
    let lock = |idx| Lock::new(world, "lock", idx);
    let seats = |(idx, n): (usize, &u32)| Semaphore::new(world, "seats", idx as u16, *n);
    let things = Arc::new(Things {
        locks: (0..N_LOCKS as u16).map(lock).collect(),
        seats: PERMITS.iter().enumerate().map(seats).collect(),
        x: Shared::new(world, "x", 0, 0),
    });
    for (idx, steps) in actors.iter().enumerate() {
        spawn(world, idx, steps.clone(), things.clone());
    }
}

fn spawn(world: &Model, idx: usize, steps: Vec<Step>, things: Arc<Things>) {
    world.spawn("actor", idx as u16, move |w| async move { live(&w, steps, &things).await });
}

async fn live(w: &Model, steps: Vec<Step>, things: &Arc<Things>) {
    let millis = Duration::from_millis;
    let mut guards: Vec<Guard<'_, Model>> = Vec::new();
    let mut permits: Vec<Permit<'_, Model>> = Vec::new();
    for step in steps {
        match step {
            Step::Acquire(at) => guards.push(things.locks[at].acquire(w).await),
            Step::TryAcquire(at) => guards.extend(things.locks[at].try_acquire(w).await),
            Step::AcquireTimeout(at, ms) => {
                guards.extend(things.locks[at].acquire_timeout(w, millis(ms)).await);
            }
            Step::PutLock { drop: false } => {
                if let Some(guard) = guards.pop() {
                    guard.release().await;
                }
            }
            Step::PutLock { drop: true } => drop(guards.pop()),
            Step::ForeignRelease(at) => {
                let is_mine = things.locks[at].release(w).await.is_ok();
                // Its guard must not give it back a second time.
                if is_mine {
                    return guards.into_iter().for_each(std::mem::forget);
                }
            }
            Step::TakePermit(at) => permits.push(things.seats[at].acquire(w).await),
            Step::TryPermit(at) => permits.extend(things.seats[at].try_acquire(w).await),
            Step::PermitTimeout(at, ms) => {
                permits.extend(things.seats[at].acquire_timeout(w, millis(ms)).await);
            }
            Step::PutPermit { drop: false } => {
                if let Some(permit) = permits.pop() {
                    permit.release().await;
                }
            }
            Step::PutPermit { drop: true } => drop(permits.pop()),
            Step::UsePermitUp => permits.pop().into_iter().for_each(Permit::forget),
            Step::Signal(at) => drop(things.seats[at].release(w).await),
            Step::Increment => {
                let seen = things.x.load(w).await;
                things.x.store(w, seen + 1).await;
            }
            Step::Sleep(ms) => w.sleep(millis(ms)).await,
            Step::Spawn(steps) => spawn(w, 100, steps, things.clone()),
            Step::Claim(holds) => w.check(holds, "as the dice fell"),
        }
    }
}

/// A schedule: which policy, its seed, and turns at which somebody goes whom it does not expect.
#[derive(Clone, Debug)]
struct Schedule {
    policy: u8,
    seed: u64,
    picks: Vec<(u64, u16)>,
}

fn schedule() -> impl Strategy<Value = Schedule> {
    let pick = (0u64..60, prop_oneof![0u16..6, Just(ActorId::CLOCK.0)]);
    let picks = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(pick, 0..4)];
    (0u8..3, any::<u64>(), picks).prop_map(|(policy, seed, picks)| Schedule { policy, seed, picks })
}

fn scheduler(Schedule { policy, seed, picks }: &Schedule) -> Replay {
    let picks = picks.iter().map(|(turn, actor)| Pick { turn: *turn, actor: ActorId(*actor) });
    Replay::new(
        match policy {
            0 => Box::new(RoundRobin),
            1 => Box::new(Random::new(*seed)),
            _ => Box::new(Pct::new(*seed, 3, 60)),
        },
        picks.collect(),
    )
}

fn run(actors: &[Vec<Step>], config: Config, schedule: &Schedule) -> (Ending, Log) {
    let actors = actors.to_vec();
    let mut run = Run::new(config, move |world| start(world, &actors));
    let ending = run.finish(&mut scheduler(schedule));
    (ending, run.into_log())
}

/// The plain account: who has each lock, and how many permits are free.
fn assert_sequential(log: &Log, grain: Grain) {
    let mut owner: BTreeMap<ObjectId, ActorId> = BTreeMap::new();
    let mut free: BTreeMap<ObjectId, u32> = BTreeMap::new();
    for event in &log.events {
        let Some((kind, label)) = log.names.objects.get(event.object.idx()) else { continue };
        let is_lock = *kind == ObjectKind::Lock;
        let left = || PERMITS[usize::from(label.idx)];
        match event.kind {
            EventKind::Got if is_lock => {
                assert_eq!(owner.insert(event.object, event.actor), None, "one owner at a time");
            }
            EventKind::GaveBack if is_lock => {
                assert_eq!(owner.remove(&event.object), Some(event.actor), "only the owner");
            }
            EventKind::Got if matches!(kind, ObjectKind::Semaphore { .. }) => {
                let left = free.entry(event.object).or_insert_with(left);
                assert!(*left > 0, "no more permits than there are");
                *left -= 1;
            }
            EventKind::GaveBack if matches!(kind, ObjectKind::Semaphore { .. }) => {
                *free.entry(event.object).or_insert_with(left) += 1;
            }
            // Where words are turns, what is given back is noted before it is free.
            EventKind::GaveUp if grain == Grain::Operations => {
                let is_free = if is_lock {
                    !owner.contains_key(&event.object)
                } else {
                    *free.entry(event.object).or_insert_with(left) > 0
                };
                assert!(!is_free, "nobody gives up on what is free");
            }
            _ => {}
        }
    }
}

fn assert_ending_is_true(ending: &Ending, log: &Log) {
    let scene = Scene::of(&log.events);
    match ending {
        Ending::Finished => {
            let n_finished = log.events.iter().filter(|e| e.kind == EventKind::Finished).count();
            assert_eq!(n_finished, log.names.actors.len());
        }
        Ending::Deadlock(deadlock) => {
            assert_eq!(&scene.waits(), deadlock, "the picture shows who waits for whom");
            assert!(!deadlock.blocked.is_empty());
            for link in &deadlock.blocked {
                let (kind, _) = log.names.objects[link.object.idx()];
                let is_lock = kind == ObjectKind::Lock;
                assert!(!is_lock || link.holder.is_some(), "a lock one waits for is held");
            }
        }
        Ending::Failed { .. } => {
            let n = log.events.iter().filter(|e| e.kind == EventKind::AssertionFailed).count();
            assert_eq!(n, 1);
        }
        Ending::Paused => {}
        Ending::TurnLimit | Ending::Stopped => panic!("{ending:?}"),
    }
}

/// What happened and where. A run that is restarted still knows the places where it has been, so the
/// same place may have another number.
fn told(log: &Log) -> Vec<(Event, Option<Place>)> {
    let place = |event: &Event| log.names.place(event.place);
    log.events.iter().map(|event| (Event { place: 0, ..*event }, place(event))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn random_programs_are_repeatable_and_sequential(
        actors in program(),
        schedule in schedule(),
        words: bool,
        seed: u64,
    ) {
        let grain = if words { Grain::Words } else { Grain::Operations };
        let config = Config { grain, seed, max_turns: 10_000, ..Config::default() };
        let first = run(&actors, config, &schedule);
        prop_assert!(first == run(&actors, config, &schedule), "the second run differs");
        let (ending, log) = first;
        prop_assert!(ending != Ending::Paused || !schedule.picks.is_empty());
        prop_assert!(log.events.is_sorted_by_key(|event| event.time_ns));
        assert_sequential(&log, grain);
        assert_ending_is_true(&ending, &log);
    }

    #[test]
    fn a_restarted_run_is_like_new(actors in program(), first in schedule(), second in schedule()) {
        let config = Config { max_turns: 10_000, ..Config::default() };
        let program = actors.clone();
        let mut restarted = Run::new(config, move |world| start(world, &program));
        restarted.finish(&mut scheduler(&first));
        restarted.restart();
        let ending = restarted.finish(&mut scheduler(&second));
        let (new_ending, new_log) = run(&actors, config, &second);
        prop_assert_eq!(ending, new_ending);
        prop_assert_eq!(told(&restarted.into_log()), told(&new_log));
    }

    #[test]
    fn whoever_is_ready_can_take_a_turn_and_nobody_else(
        actors in program(),
        choices in prop::collection::vec(any::<u16>(), 1..40),
    ) {
        let mut run = Run::new(Config::default(), move |world| start(world, &actors));
        for choice in choices {
            let actor = ActorId(choice % 8);
            let n_turns = run.n_turns();
            let may = run.ending().is_none() && run.ready().contains(actor);
            prop_assert_eq!(run.turn(actor).is_ok(), may);
            prop_assert_eq!(run.n_turns(), n_turns + u64::from(may));
            if choice % 5 == 0 {
                let may = run.can_pass_time();
                prop_assert_eq!(run.turn(ActorId::CLOCK).is_ok(), may);
            }
        }
    }
}
