//! Real Web Workers: the same pool as on the page, driven from a worker, which may wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use engine::World;
use engine::lessons::{Kind, Scenario, Values, catalogue};
use engine::log::{Ending, Label, Log};
use engine::model;
use engine::philosophers::{Solution, actions};
use engine::real::{Config, Job, Record, Recorded, Run, Spawner};
use engine::sync::{Lock, Semaphore};
use frontend::bridge::{self, N_WORKERS, init_thread_pool};
use frontend::recording::Recording;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// How long any one run may take here. None needs a second; a machine may be busy.
const PATIENCE_MS: f64 = 20_000.0;

/// Starts the workers before the first test that needs them: there is one pool for the whole file.
async fn pool() {
    thread_local! {
        static IS_UP: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }
    if !IS_UP.replace(true) {
        JsFuture::from(init_thread_pool(N_WORKERS)).await.expect("the pool starts");
    }
}

struct OnRayon;

impl Spawner for OnRayon {
    fn spawn(&self, _: Label, job: Job) {
        rayon::spawn(job);
    }
}

fn config() -> Config {
    let clock = || (bridge::now_ms() * 1e6) as u64;
    Config { seed: 1, max_actors: N_WORKERS, ring_capacity: 1 << 14, clock }
}

/// Looks at a run as the page does, until it has ended. It never hangs: it fails.
fn watch<R: Record>(run: &mut Run<R>, what: &str) -> Ending {
    let start_ms = bridge::now_ms();
    loop {
        if let Some(ending) = run.look() {
            return ending.clone();
        }
        if bridge::now_ms() - start_ms > PATIENCE_MS {
            run.stop();
            panic!("{what}: no end in sight, {} actors live", run.n_live());
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn watch_page_run(run: &mut bridge::Run, what: &str) -> (Ending, Log) {
    let start_ms = bridge::now_ms();
    loop {
        if let Some(ending) = run.look().cloned() {
            return (ending, run.log().clone());
        }
        if bridge::now_ms() - start_ms > PATIENCE_MS {
            run.stop();
            panic!("{what}: no end in sight");
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn values(text: &str) -> Values {
    let scenario: Scenario = text.parse().unwrap_or_else(|invalid| panic!("{text}: {invalid}"));
    scenario.values
}

#[wasm_bindgen_test]
async fn a_lock_that_all_want_lets_no_update_be_lost() {
    pool().await;
    const N_ACTORS: u16 = 8;
    const N_ROUNDS: u32 = 2_000;
    // Load and store apart, so that only the lock keeps the sum right.
    let sum = Arc::new(AtomicU32::new(0));
    let mut run = Run::start(OnRayon, config(), |world: &Recorded| {
        let lock = Arc::new(Lock::new(world, "lock", 0));
        for idx in 0..N_ACTORS {
            let (lock, sum) = (lock.clone(), sum.clone());
            world.spawn("adder", idx, move |w| async move {
                for _ in 0..N_ROUNDS {
                    let held = lock.acquire(&w).await;
                    let seen = sum.load(Ordering::Relaxed);
                    std::hint::spin_loop();
                    sum.store(seen + 1, Ordering::Relaxed);
                    held.release().await;
                }
            });
        }
    });
    assert_eq!(watch(&mut run, "the lock"), Ending::Finished);
    assert_eq!(sum.load(Ordering::SeqCst), u32::from(N_ACTORS) * N_ROUNDS);
}

#[wasm_bindgen_test]
async fn a_semaphore_never_lets_more_in_than_it_has_permits() {
    pool().await;
    const N_PERMITS: u32 = 3;
    let inside = Arc::new(AtomicU32::new(0));
    let most = Arc::new(AtomicU32::new(0));
    let entered = Arc::new(AtomicU32::new(0));
    let mut run = Run::start(OnRayon, config(), |world: &Recorded| {
        let room = Arc::new(Semaphore::new(world, "room", 0, N_PERMITS));
        for idx in 0..10 {
            let (room, inside) = (room.clone(), inside.clone());
            let (most, entered) = (most.clone(), entered.clone());
            world.spawn("guest", idx, move |w| async move {
                for round in 0..150 {
                    let permit = room.acquire(&w).await;
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    entered.fetch_add(1, Ordering::SeqCst);
                    // Now and then somebody stays, so that the others have to wait for real.
                    if round % 50 == 0 {
                        w.sleep(Duration::from_millis(1)).await;
                    }
                    inside.fetch_sub(1, Ordering::SeqCst);
                    permit.release().await;
                }
            });
        }
    });
    assert_eq!(watch(&mut run, "the semaphore"), Ending::Finished);
    assert_eq!(entered.load(Ordering::SeqCst), 10 * 150);
    let most = most.load(Ordering::SeqCst);
    assert!((1..=N_PERMITS).contains(&most), "{most} inside");
}

#[wasm_bindgen_test]
async fn every_solution_that_cannot_deadlock_feeds_everybody() {
    pool().await;
    for solution in Solution::ALL.into_iter().filter(|solution| !solution.can_deadlock()) {
        let id = solution.id();
        // Five, and as many as the page lets sit down.
        for (philosophers, meals) in [(5, 10), (12, 3)] {
            let text = format!(
                "philosophers?solution={id}&philosophers={philosophers}&meals={meals}&think=1&eat=1"
            );
            let mut run = bridge::Run::start(&values(&text), 3);
            let (ending, log) = watch_page_run(&mut run, &text);
            assert_eq!(ending, Ending::Finished, "{text}");
            assert_eq!(log.n_lost, 0, "{text}");
            let list = actions(&log);
            let n_eaten = list.iter().filter(|[_, _, action]| *action == 3).count();
            assert_eq!(n_eaten, philosophers * meals, "{text}");

            let mut recording = Recording::new(&text.parse().unwrap(), false);
            recording.follow(&log);
            let tally = recording.frame(recording.last_stop()).tally;
            assert_eq!(tally.n_meals() as usize, n_eaten, "{text}");
            let of_recording: Vec<_> = recording.actions(recording.last_stop()).collect();
            assert_eq!(of_recording, list, "{text}");
        }
    }
}

#[wasm_bindgen_test]
async fn every_lesson_has_room_as_it_is_by_default() {
    pool().await;
    for lesson in catalogue() {
        let mut run = bridge::Run::start(&values(lesson.id), 1);
        let (ending, _) = watch_page_run(&mut run, lesson.id);
        assert!(
            matches!(ending, Ending::Finished | Ending::Deadlock(_)),
            "{}: {ending:?}",
            lesson.id
        );
    }
}

/// However large its numbers are, and whichever its variant.
#[wasm_bindgen_test]
fn no_lesson_asks_for_more_workers_than_there_are() {
    for lesson in catalogue() {
        let mut scenario = Scenario::new(lesson);
        let mut choices = Vec::new();
        for param in lesson.params {
            match param.kind {
                Kind::Number { max_real, .. } => {
                    scenario.values.set(param.id, &max_real.to_string()).unwrap();
                }
                Kind::Choice { options, .. } => {
                    choices.extend(options.iter().map(|option| (param.id, option.id)));
                }
            }
        }
        let mut n_actors = vec![n_at_most(&scenario)];
        for (id, option) in choices {
            scenario.values.set(id, option).unwrap();
            n_actors.push(n_at_most(&scenario));
        }
        assert!(n_actors.iter().all(|n| *n <= N_WORKERS), "{}: {n_actors:?}", lesson.id);
    }
}

/// How many actors there are in the beginning of a run.
fn n_at_most(scenario: &Scenario) -> usize {
    let mut run = scenario.run(model::Config { max_turns: 3_000, ..Default::default() });
    run.finish(&mut scenario.scheduler());
    run.log().names.actors.len()
}

/// Two actors, two locks, each holds one before either asks for the other: a deadlock for certain.
fn embrace(world: &Recorded) {
    let locks = Arc::new([0, 1].map(|idx| Lock::new(world, "lock", idx)));
    let ready = Arc::new([0, 1].map(|idx| Semaphore::new(world, "ready", idx, 0)));
    for idx in 0..2 {
        let (locks, ready) = (locks.clone(), ready.clone());
        world.spawn("actor", idx, move |w| async move {
            let (mine, other) = (usize::from(idx), usize::from(1 - idx));
            let _held = locks[mine].acquire(&w).await;
            w.check(ready[mine].release(&w).await.is_ok(), "the count is far from its end");
            ready[other].acquire(&w).await.forget();
            let _never = locks[other].acquire(&w).await;
            w.check(false, "nobody gets here");
        });
    }
}

#[wasm_bindgen_test]
async fn a_certain_deadlock_ends_by_itself_with_its_cycle() {
    pool().await;
    for round in 0..5 {
        let mut run = Run::start(OnRayon, config(), embrace);
        let ending = watch(&mut run, "the embrace");
        let Ending::Deadlock(deadlock) = ending else { panic!("round {round}: {ending:?}") };
        let [a, b] = deadlock.cycle[..] else { panic!("round {round}: {deadlock:?}") };
        assert_eq!((a.holder, b.holder), (Some(b.actor), Some(a.actor)), "round {round}");
        assert_ne!(a.object, b.object, "round {round}");
        all_leave(|| run.n_live() == 0);
    }
}

/// Waits until all actors of a run have given their workers back.
fn all_leave(has_none: impl Fn() -> bool) {
    let start_ms = bridge::now_ms();
    while !has_none() {
        assert!(bridge::now_ms() - start_ms < PATIENCE_MS, "an actor keeps its worker");
        thread::sleep(Duration::from_millis(1));
    }
}

#[wasm_bindgen_test]
async fn a_stop_ends_sleepers_waiters_and_the_busy_alike() {
    pool().await;
    for n_ms in [0, 1, 30] {
        let mut run = Run::start(OnRayon, config(), |world: &Recorded| {
            let never = Arc::new(Semaphore::new(world, "never", 0, 0));
            let lock = Arc::new(Lock::new(world, "lock", 0));
            for idx in 0..12 {
                let (never, lock) = (never.clone(), lock.clone());
                world.spawn("actor", idx, move |w| async move {
                    match idx % 3 {
                        0 => w.sleep(Duration::from_secs(3_600)).await,
                        1 => never.acquire(&w).await.forget(),
                        _ => loop {
                            lock.acquire(&w).await.release().await;
                        },
                    }
                });
            }
        });
        thread::sleep(Duration::from_millis(n_ms));
        assert_eq!(run.look(), None);
        run.stop();
        assert_eq!(watch(&mut run, "the stop"), Ending::Stopped);
        all_leave(|| run.n_live() == 0);
    }
}

#[wasm_bindgen_test]
async fn runs_that_nobody_watches_any_more_leave_the_pool_to_the_next_one() {
    pool().await;
    let slow = values("philosophers?solution=ordered&philosophers=12&think=10000&eat=10000");
    for _ in 0..5 {
        drop(bridge::Run::start(&slow, 1));
    }
    let quick = "philosophers?solution=ordered&philosophers=12&meals=1&think=0&eat=0";
    let (ending, _) = watch_page_run(&mut bridge::Run::start(&values(quick), 1), quick);
    assert_eq!(ending, Ending::Finished);
}
