//! Random programs on the primitives themselves, with time, failures and daemons.

use std::sync::Arc;
use std::time::Duration;

use engine::World;
use engine::explore::verify;
use engine::model::{Config, Grain, Model};
use engine::queue::Fifo;
use engine::sync::{Condition, Event, Lock, RLock, Semaphore};
use engine::world::{Role, Shared};

use super::{Freedom, check_random, compare};

#[derive(Clone, Copy, Debug)]
enum Step {
    Locked(usize),
    Nested(usize, usize),
    TryLocked(usize),
    LockedInTime(usize, u64),
    Twice,
    Permit,
    Signal,
    Set,
    Clear,
    Pass,
    Wait,
    Notify(u32),
    Put,
    Get,
    TryGet,
    Sleep(u64),
    Increment,
    Print,
    Claim,
    Daemon,
}

struct Things {
    locks: [Lock<Model>; 2],
    rlock: RLock<Model>,
    permits: Semaphore<Model>,
    light: Event<Model>,
    condition: Condition<Model, Lock<Model>>,
    queue: Fifo<Model, u32>,
    x: Shared<Model>,
}

async fn increment(w: &Model, x: &Shared<Model>) {
    let seen = x.load(w).await;
    x.store(w, seen + 1).await;
}

async fn perform(w: &Model, things: &Arc<Things>, step: Step) {
    let Things { locks, rlock, permits, light, condition, queue, x } = &**things;
    match step {
        Step::Locked(lock) => {
            let guard = locks[lock].acquire(w).await;
            x.load(w).await;
            guard.release().await;
        }
        Step::Nested(one, other) => {
            let outer = locks[one].acquire(w).await;
            let inner = locks[other].acquire(w).await;
            inner.release().await;
            outer.release().await;
        }
        Step::TryLocked(lock) => {
            if let Some(guard) = locks[lock].try_acquire(w).await {
                guard.release().await;
            }
        }
        Step::LockedInTime(lock, ms) => {
            if let Some(guard) = locks[lock].acquire_timeout(w, Duration::from_millis(ms)).await {
                guard.release().await;
            }
        }
        Step::Twice => {
            let outer = rlock.acquire(w).await;
            rlock.acquire(w).await.release().await;
            outer.release().await;
        }
        Step::Permit => permits.acquire(w).await.release().await,
        Step::Signal => _ = permits.release(w).await,
        Step::Set => light.set(w).await,
        Step::Clear => light.clear(w).await,
        Step::Pass => light.wait(w).await,
        Step::Wait => {
            let guard = condition.lock().acquire(w).await;
            _ = condition.wait(w).await;
            guard.release().await;
        }
        Step::Notify(n) => {
            let guard = condition.lock().acquire(w).await;
            _ = condition.notify(w, n).await;
            guard.release().await;
        }
        Step::Put => _ = queue.put(w, 1).await,
        Step::Get => _ = queue.get(w).await,
        Step::TryGet => _ = queue.try_get(w).await,
        Step::Sleep(ms) => w.sleep(Duration::from_millis(ms)).await,
        Step::Increment => increment(w, x).await,
        Step::Print => w.print("{}", w.me().0.into()).await,
        Step::Claim => w.check(x.load(w).await == 0, "nobody has written"),
        Step::Daemon => {
            let things = things.clone();
            w.spawn_as(Role::Daemon, "daemon", 0, |w| async move {
                increment(&w, &things.x).await;
            });
        }
    }
}

fn program(world: &Model, actors: &[Vec<Step>]) {
    let things = Arc::new(Things {
        locks: [0, 1].map(|idx| Lock::new(world, "lock", idx)),
        rlock: RLock::new(world, "rlock", 0),
        permits: Semaphore::new(world, "permits", 0, 1),
        light: Event::new(world, "light", 0),
        condition: Condition::new(world, "condition", 0, Arc::new(Lock::new(world, "own", 0))),
        queue: Fifo::new(world, "queue", 0, Some(1)),
        x: Shared::new(world, "x", 0, 0),
    });
    for (idx, steps) in actors.iter().enumerate() {
        let (things, steps) = (things.clone(), steps.clone());
        world.spawn("actor", idx as u16, move |w| async move {
            for step in steps {
                perform(&w, &things, step).await;
            }
        });
    }
}

fn any_of(steps: &[Step]) -> impl Fn(&mut fastrand::Rng) -> Step {
    move |rng| steps[rng.usize(..steps.len())]
}

#[test]
fn locks() {
    use Step::{Locked, Nested, TryLocked, Twice};
    let steps = [Locked(0), Locked(1), Nested(0, 1), Nested(1, 0), TryLocked(0), Twice];
    check_random(200, any_of(&steps), Freedom::default(), program);
}

#[test]
fn turns_of_the_same_number_can_be_different_ones() {
    use Step::{Locked, Nested, TryLocked};
    let programs: [(usize, &[&[Step]]); 2] = [
        (34, &[&[TryLocked(0), Nested(0, 1)], &[Nested(1, 0)], &[TryLocked(0)]]),
        (95, &[&[Locked(1)], &[TryLocked(0), Nested(1, 0)], &[Nested(0, 1)], &[Nested(1, 0)]]),
    ];
    for (n_classes, actors) in programs {
        let actors: Vec<Vec<Step>> = actors.iter().map(|steps| steps.to_vec()).collect();
        let found = compare(Config::default(), false, move |world| program(world, &actors));
        assert_eq!(found, Ok(n_classes));
    }
}

#[test]
fn semaphores_and_events() {
    use Step::{Clear, Increment, Pass, Permit, Set, Signal};
    check_random(
        200,
        any_of(&[Permit, Signal, Set, Clear, Pass, Increment]),
        Freedom::default(),
        program,
    );
}

#[test]
fn conditions_and_queues() {
    use Step::{Get, Notify, Put, TryGet, Wait};
    check_random(
        200,
        any_of(&[Wait, Notify(1), Notify(2), Put, Get, TryGet]),
        Freedom::default(),
        program,
    );
}

/// Checks a program of two actors at the grain of words, each of whom may be woken for no reason.
fn verify_with_spurious_wakeups(actors: [&[Step]; 2]) -> u64 {
    let config = Config { grain: Grain::Words, spurious: true, ..Config::default() };
    let actors = actors.map(<[Step]>::to_vec);
    verify(config, move |world| program(world, &actors))
}

#[test]
fn wakeups_for_no_reason_harm_no_primitive() {
    use Step::{Get, Locked, Pass, Permit, Put, Set};
    let programs: [[&[Step]; 2]; 4] =
        [[&[Locked(0)], &[Locked(0)]], [&[Permit], &[Permit]], [&[Pass], &[Set]], [&[Get], &[Put]]];
    for actors in programs {
        let config = Config { grain: Grain::Words, ..Config::default() };
        let plain = verify(config, move |world| program(world, &actors.map(<[Step]>::to_vec)));
        let n = verify_with_spurious_wakeups(actors);
        assert!(n > plain, "{actors:?}: {n} executions, {plain} without");
    }
}

#[test]
fn time() {
    use Step::{Increment, Locked, LockedInTime, Pass, Set, Sleep};
    let steps = [Sleep(1), Sleep(2), LockedInTime(0, 1), Locked(0), Increment, Set, Pass];
    check_random(200, any_of(&steps), Freedom::default(), program);
}

#[test]
fn prints_failures_and_daemons() {
    use Step::{Claim, Daemon, Increment, Locked, Print};
    check_random(
        200,
        any_of(&[Print, Claim, Daemon, Increment, Locked(0)]),
        Freedom { may_cut_off: true, ..Freedom::default() },
        program,
    );
}
