//! Real threads: how runs end, are stopped, are recorded, and what the primitives keep under stress.

mod everywhere;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use engine::log::{Ending, EventKind, Log};
use engine::pool::{Exception, Executor, Future, TaskError};
use engine::queue::{Fifo, TooManyTaskDone};
use engine::real::{Config, Plain, Record, Recorded, Run, Threads};
use engine::sync::{
    Barrier, BoundedSemaphore, Condition, Event, Lock, Mutual, NotOwner, Once, Permit, Precedence,
    RLock, ReadersWriter, Semaphore, TooManyPermits, TooManyReleases,
};
use engine::thread::Thread;
use engine::world::{ActorId, Failure, Shared};
use engine::{World, model};
use everywhere::{finishes, twice};

fn run_recorded(config: Config, setup: impl FnOnce(&Recorded)) -> (Ending, Log) {
    Run::start(Threads, config, setup).join_with_log()
}

/// Two actors, two locks, each holds one before either asks for the other: a deadlock for certain.
fn embrace<W: World>(world: &W) {
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

fn assert_embrace(ending: &Ending) {
    let Ending::Deadlock(deadlock) = ending else { panic!("{ending:?}") };
    assert_eq!(deadlock.blocked.len(), 2, "{deadlock:?}");
    let [a, b] = deadlock.cycle[..] else { panic!("{deadlock:?}") };
    assert_eq!((a.holder, b.holder), (Some(b.actor), Some(a.actor)));
    assert_ne!(a.object, b.object);
}

#[test]
fn a_certain_deadlock_ends_by_itself_with_its_cycle_in_both_worlds() {
    let mut in_model = model::Run::new(model::Config::default(), embrace);
    assert_embrace(&twice(&mut in_model, |run| run.finish(&mut model::RoundRobin)));
    for _ in 0..5 {
        let (ending, log) = run_recorded(Config::default(), embrace);
        assert_embrace(&ending);
        // What the threads do while they are taken down is not part of the recording.
        let last = log.events.last().unwrap();
        assert_eq!(last.kind, EventKind::Blocked);
        assert!(!log.events.iter().any(|e| matches!(e.kind, EventKind::Finished)));
    }
    // Without a recording the end is the same, only nobody knows who holds what.
    let ending = Run::start(Threads, Config::default(), embrace::<Plain>).join();
    assert!(matches!(ending, Ending::Deadlock(_)), "{ending:?}");
}

#[test]
fn busy_threads_are_no_deadlock() {
    // Somebody always waits for the lock, mostly everybody but one; that one may be held up long.
    fn program<W: World>(world: &W) {
        let lock = Arc::new(Lock::new(world, "lock", 0));
        for idx in 0..8 {
            let lock = lock.clone();
            world.spawn("actor", idx, move |w| async move {
                for _ in 0..3 {
                    let held = lock.acquire(&w).await;
                    // Blocks in a way that the world does not see.
                    std::thread::sleep(Duration::from_millis(25));
                    held.release().await;
                }
            });
        }
    }
    assert_eq!(Run::start(Threads, Config::default(), program::<Plain>).join(), Ending::Finished);
}

#[test]
fn stopping_a_run_ends_all_its_threads() {
    fn program<W: World>(world: &W, alive: &Arc<()>) {
        let lock = Arc::new(Lock::new(world, "lock", 0));
        let never = Arc::new(Semaphore::new(world, "never", 0, 0));
        let tries = [0, 1, 2, 3, 4];
        for idx in tries {
            let (lock, never, alive) = (lock.clone(), never.clone(), alive.clone());
            world.spawn("actor", idx, move |w| async move {
                let _alive = alive;
                match idx {
                    0 => never.acquire(&w).await.forget(),
                    1 => w.sleep(Duration::from_secs(3600)).await,
                    2 => drop(never.acquire_timeout(&w, Duration::from_secs(3600)).await),
                    // Never blocks for long, and never comes to an end.
                    3 => loop {
                        lock.acquire(&w).await.release().await;
                    },
                    _ => loop {
                        w.sleep(Duration::ZERO).await;
                    },
                }
            });
        }
    }
    for n_micros in [0, 1, 100, 10_000, 70_000] {
        let alive = Arc::new(());
        let mut run = Run::start(Threads, Config::default(), |w: &Recorded| program(w, &alive));
        std::thread::sleep(Duration::from_micros(n_micros));
        assert_eq!(run.look(), None);
        run.stop();
        assert_eq!(run.join(), Ending::Stopped);
        let deadline = Instant::now() + Duration::from_secs(20);
        while Arc::strong_count(&alive) > 1 {
            assert!(Instant::now() < deadline, "a thread lives on");
            std::thread::yield_now();
        }
    }
    // A run that nobody looks at any more is stopped too.
    let alive = Arc::new(());
    drop(Run::start(Threads, Config::default(), |w: &Recorded| program(w, &alive)));
    while Arc::strong_count(&alive) > 1 {
        std::thread::yield_now();
    }
}

#[test]
fn a_stop_reaches_who_is_about_to_sleep() {
    // Nobody looks at the run any more after it, and nobody else is there who could help.
    for round in 0..500 {
        let alive = Arc::new(());
        let n_begun = Arc::new(AtomicU32::new(0));
        let n_actors = 1 + round % 3;
        let run = Run::start(Threads, Config::default(), |world: &Plain| {
            let never = Arc::new(Semaphore::new(world, "never", 0, 0));
            for idx in 0..n_actors {
                let (never, alive, n_begun) = (never.clone(), alive.clone(), n_begun.clone());
                world.spawn("actor", idx, move |w| async move {
                    let _alive = alive;
                    n_begun.fetch_add(1, Ordering::SeqCst);
                    never.acquire(&w).await.forget();
                });
            }
        });
        while n_begun.load(Ordering::SeqCst) < u32::from(n_actors) {
            std::hint::spin_loop();
        }
        (0..u32::from(round) * 7 % 1_000).for_each(|_| std::hint::spin_loop());
        drop(run);
        let deadline = Instant::now() + Duration::from_secs(20);
        while Arc::strong_count(&alive) > 1 {
            assert!(Instant::now() < deadline, "a thread lives on");
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_deadlock_is_found_soon_however_many_it_holds() {
    fn program(world: &Plain, n_actors: u16) {
        let never = Arc::new([0, 1].map(|idx| Semaphore::new(world, "never", idx, 0)));
        for idx in 0..n_actors {
            let never = never.clone();
            world.spawn("actor", idx, move |w| async move {
                never[usize::from(idx % 2)].acquire(&w).await.forget();
            });
        }
    }
    for n_actors in [1, 2, 100] {
        // The best of some: the machine may be busy with something else.
        let tries = (0..5).map(|_| {
            let begin = Instant::now();
            let run = Run::start(Threads, Config::default(), |world| program(world, n_actors));
            let ending = run.join();
            assert!(matches!(ending, Ending::Deadlock(_)), "{ending:?}");
            begin.elapsed()
        });
        let best = tries.min().unwrap();
        assert!(best < Duration::from_millis(100), "{n_actors} actors: {best:?}");
    }
}

#[test]
fn actors_that_hand_over_all_the_time_are_never_taken_for_stuck() {
    // All but one wait, and often that one is woken and not there yet. Whoever looks without a pause
    // comes upon many such moments.
    for n_actors in [2, 3, 7] {
        let mut run = Run::start(Threads, Config::default(), |world: &Plain| {
            let turns: Arc<Vec<_>> =
                Arc::new((0..n_actors).map(|idx| Semaphore::new(world, "turn", idx, 0)).collect());
            for idx in 0..n_actors {
                let turns = turns.clone();
                world.spawn("actor", idx, move |w| async move {
                    let next = &turns[usize::from((idx + 1) % n_actors)];
                    for round in 0..3_000 {
                        if idx > 0 || round > 0 {
                            turns[usize::from(idx)].acquire(&w).await.forget();
                        }
                        w.check(next.release(&w).await.is_ok(), "the count is far from its end");
                    }
                });
            }
        });
        let ending = loop {
            match run.look() {
                Some(ending) => break ending.clone(),
                None => std::thread::yield_now(),
            }
        };
        assert_eq!(ending, Ending::Finished);
        assert_eq!(run.join(), Ending::Finished);
    }
}

/// One actor holds the lock while the other releases it.
fn misuse<W: World>(world: &W) {
    let lock = Arc::new(Lock::new(world, "lock", 0));
    let held = Arc::new(Semaphore::new(world, "held", 0, 0));
    let tried = Arc::new(Semaphore::new(world, "tried", 0, 0));
    let (lock2, held2, tried2) = (lock.clone(), held.clone(), tried.clone());
    world.spawn("owner", 0, move |w| async move {
        let guard = lock2.acquire(&w).await;
        w.check(held2.release(&w).await.is_ok(), "the count is far from its end");
        tried2.acquire(&w).await.forget();
        guard.release().await;
        w.check(lock2.release(&w).await == Err(NotOwner), "it is free now");
    });
    world.spawn("other", 0, move |w| async move {
        held.acquire(&w).await.forget();
        w.check(lock.release(&w).await == Err(NotOwner), "it is another's");
        w.check(lock.try_acquire(&w).await.is_none(), "and still held");
        w.check(tried.release(&w).await.is_ok(), "the count is far from its end");
        lock.acquire(&w).await.release().await;
    });
}

fn too_many<W: World>(world: &W) {
    let full = Arc::new(Semaphore::new(world, "full", 0, u32::MAX));
    world.spawn("actor", 0, move |w| async move {
        w.check(full.release(&w).await == Err(TooManyPermits), "there are as many as can be");
        w.check(full.release_many(&w, 0).await.is_ok(), "that is none");
        let permit = full.try_acquire(&w).await;
        w.check(permit.is_some(), "and they are all there");
        w.check(full.release_many(&w, 2).await == Err(TooManyPermits), "one is out");
        w.check(full.release_many(&w, 1).await.is_ok(), "one is out");
        permit.into_iter().for_each(Permit::forget);

        let seats = BoundedSemaphore::new(&w, "seats", 0, 2);
        let permit = seats.acquire(&w).await;
        let too_many = Err(TooManyReleases { bound: 2 });
        w.check(seats.release_many(&w, 2).await == too_many, "one is out");
        w.check(permit.release().await.is_ok(), "one is out");
        w.check(seats.release(&w).await == too_many, "none is out");

        let queue = Fifo::new(&w, "queue", 0, Some(2));
        w.check(queue.task_done(&w).await == Err(TooManyTaskDone), "nothing came in");
        w.check(queue.put(&w, 7_u32).await.is_ok(), "there is room");
        w.check(queue.task_done(&w).await.is_ok(), "one came in");
        w.check(queue.task_done(&w).await == Err(TooManyTaskDone), "one came in");
        w.check(queue.try_join(&w).await, "it is done");
    });
}

#[test]
fn misuse_is_an_error_and_changes_nothing_in_both_worlds() {
    for seed in 0..50 {
        for grain in [model::Grain::Operations, model::Grain::Words] {
            let config = model::Config { grain, ..Default::default() };
            finishes(&mut model::Run::new(config, misuse), seed);
            finishes(&mut model::Run::new(config, too_many), seed);
        }
    }
    for program in [misuse::<Recorded>, too_many::<Recorded>] {
        assert_eq!(run_recorded(Config::default(), program).0, Ending::Finished);
    }
    for program in [misuse::<Plain>, too_many::<Plain>] {
        assert_eq!(Run::start(Threads, Config::default(), program).join(), Ending::Finished);
    }
}

#[test]
fn a_failed_claim_ends_both_worlds() {
    fn program<W: World>(world: &W) {
        let never = Arc::new(Semaphore::new(world, "never", 0, 0));
        for idx in 0..3 {
            let never = never.clone();
            world.spawn("actor", idx, move |w| async move {
                w.check(idx != 1, "nobody is number 1");
                never.acquire(&w).await.forget();
            });
        }
    }
    let failed =
        Ending::Failed { actor: ActorId(1), failure: Failure::Assertion("nobody is number 1") };
    let mut run = model::Run::new(model::Config::default(), program);
    assert_eq!(twice(&mut run, |run| run.finish(&mut model::RoundRobin)), failed);
    let (ending, log) = run_recorded(Config::default(), program);
    assert_eq!(ending, failed);
    let n_failures = log.events.iter().filter(|e| e.kind == EventKind::AssertionFailed).count();
    assert_eq!(n_failures, 1);
}

#[test]
fn an_actor_too_many_is_misuse() {
    let config = Config { max_actors: 2, ..Config::default() };
    let (ending, log) = run_recorded(config, |world| {
        (0..3).for_each(|idx| world.spawn("actor", idx, |_| async {}));
    });
    let failure = Failure::Misuse("more actors than the run has room for");
    assert_eq!(ending, Ending::Failed { actor: ActorId::SETUP, failure });
    assert_eq!(log.names.actors.len(), 2);
}

#[test]
fn an_empty_run_is_finished_and_a_panic_is_the_end_of_its_actor_only() {
    assert_eq!(run_recorded(Config::default(), |_| {}).0, Ending::Finished);
    let (ending, log) = run_recorded(Config::default(), |world| {
        let lock = Arc::new(Lock::new(world, "lock", 0));
        let other = lock.clone();
        world.spawn("clumsy", 0, move |w| async move {
            let _held = lock.acquire(&w).await;
            std::panic::resume_unwind(Box::new("no message on the terminal"));
        });
        world.spawn("patient", 0, move |w| async move {
            other.acquire(&w).await.release().await;
        });
    });
    assert_eq!(ending, Ending::Finished);
    let n_finished = log.events.iter().filter(|e| e.kind == EventKind::Finished).count();
    assert_eq!(n_finished, 2);
}

#[test]
fn what_does_not_fit_into_a_ring_is_counted() {
    const N_VALUES: u32 = 1_000;
    let config = Config { ring_capacity: 8, ..Config::default() };
    let gate = Arc::new(AtomicU32::new(0));
    let opened = gate.clone();
    let mut run = Run::start(Threads, config, |world: &Recorded| {
        let cell = Arc::new(Shared::new(world, "cell", 0, 0));
        for idx in 0..2 {
            let (cell, gate) = (cell.clone(), gate.clone());
            world.spawn("writer", idx, move |w| async move {
                for value in 0..N_VALUES {
                    cell.store(&w, value).await;
                }
                gate.fetch_add(1, Ordering::SeqCst);
            });
        }
    });
    // A reader that comes late.
    while opened.load(Ordering::SeqCst) < 2 {
        std::thread::yield_now();
    }
    run.look();
    let first = run.log().clone();
    let n_seen = |log: &Log| log.events.len() as u64 + log.n_lost;
    let (ending, log) = run.join_with_log();
    assert_eq!(ending, Ending::Finished);
    assert!(log.events.starts_with(&first.events), "a log only grows");
    // Each actor: spawned, its values, finished.
    assert_eq!(n_seen(&log), 2 * (u64::from(N_VALUES) + 2), "none vanishes uncounted");
    assert!(log.n_lost >= 2 * (u64::from(N_VALUES) - 8 - 1), "{}", log.n_lost);
    for actor in [0, 1].map(ActorId) {
        let of_actor = log.events.iter().filter(|e| e.actor == actor);
        let values: Vec<u32> =
            of_actor.filter(|e| e.kind == EventKind::Wrote).map(|e| e.value).collect();
        assert!(values.is_sorted(), "{values:?}");
    }
}

#[test]
fn blocked_and_woken_come_in_pairs_around_every_wait() {
    let (ending, log) = run_recorded(Config::default(), |world| {
        let lock = Arc::new(Lock::new(world, "lock", 0));
        for idx in 0..3 {
            let lock = lock.clone();
            world.spawn("actor", idx, move |w| async move {
                for _ in 0..200 {
                    let held = lock.acquire(&w).await;
                    w.sleep(Duration::from_micros(20)).await;
                    held.release().await;
                }
            });
        }
    });
    assert_eq!(ending, Ending::Finished);
    let mut n_waits = 0;
    for actor in [0, 1, 2].map(ActorId) {
        let mut is_blocked = false;
        for event in log.events.iter().filter(|event| event.actor == actor) {
            match event.kind {
                EventKind::Blocked => {
                    assert!(!is_blocked);
                    assert_eq!(log.names.object(event.object).map(|l| l.name), Some("lock"));
                    is_blocked = true;
                    n_waits += 1;
                }
                EventKind::Woken if event.object != engine::world::ObjectId::NONE => {
                    assert!(is_blocked);
                    is_blocked = false;
                }
                EventKind::Got | EventKind::GaveBack => assert!(!is_blocked),
                _ => {}
            }
        }
        assert!(!is_blocked);
    }
    assert!(n_waits > 0, "they got into each other's way");
}

/// Adds under a lock to a cell that is not atomic as a whole; gives what was counted.
fn count_under_lock<R: Record>(n_actors: u16, n_rounds: u32) -> Ending
where
    engine::real::Real<R>: World,
{
    let setup = |world: &engine::real::Real<R>| {
        let lock = Arc::new(Lock::new(world, "lock", 0));
        let x = Arc::new(Shared::new(world, "x", 0, 0));
        let n_done = Arc::new(AtomicU32::new(0));
        for idx in 0..n_actors {
            let (lock, x, n_done) = (lock.clone(), x.clone(), n_done.clone());
            world.spawn("actor", idx, move |w| async move {
                for round in 0..n_rounds {
                    // Each way to get it, and each way to give it back.
                    let guard = match round % 3 {
                        0 => lock.acquire(&w).await,
                        1 => loop {
                            match lock.try_acquire(&w).await {
                                Some(guard) => break guard,
                                None => w.sleep(Duration::ZERO).await,
                            }
                        },
                        _ => loop {
                            let timeout = Duration::from_micros(u64::from(w.random(50)));
                            if let Some(guard) = lock.acquire_timeout(&w, timeout).await {
                                break guard;
                            }
                        },
                    };
                    let seen = x.load(&w).await;
                    x.store(&w, seen + 1).await;
                    if round % 2 == 0 {
                        guard.release().await;
                    } else {
                        drop(guard);
                    }
                }
                if n_done.fetch_add(1, Ordering::SeqCst) + 1 == u32::from(n_actors) {
                    let total = x.load(&w).await;
                    w.check(total == u32::from(n_actors) * n_rounds, "no update is lost");
                }
            });
        }
    };
    Run::<R>::start(Threads, Config::default(), setup).join()
}

#[test]
fn no_update_is_lost_under_a_lock() {
    assert_eq!(count_under_lock::<engine::real::Off>(4, 6_000), Ending::Finished);
    assert_eq!(count_under_lock::<engine::real::On>(4, 2_000), Ending::Finished);
}

/// Never more inside than the semaphore has permits, whichever way they come and go.
fn crowd<R: Record>(n_actors: u16, bound: u32, n_rounds: u32) -> Ending
where
    engine::real::Real<R>: World,
{
    let setup = |world: &engine::real::Real<R>| {
        let seats = Arc::new(Semaphore::new(world, "seats", 0, bound));
        let n_inside = Arc::new(AtomicU32::new(0));
        for idx in 0..n_actors {
            let (seats, n_inside) = (seats.clone(), n_inside.clone());
            world.spawn("actor", idx, move |w| async move {
                for round in 0..n_rounds {
                    let timeout = Duration::from_micros(u64::from(w.random(50)));
                    let permit = match round % 3 {
                        0 => Some(seats.acquire(&w).await),
                        1 => seats.try_acquire(&w).await,
                        _ => seats.acquire_timeout(&w, timeout).await,
                    };
                    let Some(permit) = permit else { continue };
                    let others = n_inside.fetch_add(1, Ordering::SeqCst);
                    w.check(others < bound, "no more inside than there are permits");
                    n_inside.fetch_sub(1, Ordering::SeqCst);
                    match round % 4 {
                        0 => drop(permit),
                        1 => {
                            permit.forget();
                            w.check(seats.release(&w).await.is_ok(), "far from the end");
                        }
                        _ => permit.release().await,
                    }
                }
            });
        }
    };
    Run::<R>::start(Threads, Config::default(), setup).join()
}

#[test]
fn a_semaphore_lets_no_more_in_than_it_has_permits() {
    for bound in [1, 2, 5] {
        assert_eq!(crowd::<engine::real::Off>(6, bound, 3_000), Ending::Finished);
        assert_eq!(crowd::<engine::real::On>(6, bound, 1_000), Ending::Finished);
    }
}

#[test]
fn a_timeout_is_neither_early_nor_for_ever() {
    let (ending, log) = run_recorded(Config::default(), |world| {
        let lock = Arc::new(Lock::new(world, "lock", 0));
        let seats = Arc::new(Semaphore::new(world, "seats", 0, 0));
        let holder = lock.clone();
        world.spawn("holder", 0, move |w| async move {
            let held = holder.acquire(&w).await;
            w.sleep(Duration::from_millis(300)).await;
            held.release().await;
        });
        world.spawn("impatient", 0, move |w| async move {
            w.sleep(Duration::from_millis(50)).await;
            for timeout in [0, 1, 60].map(Duration::from_millis) {
                let begin = w.now();
                w.check(lock.acquire_timeout(&w, timeout).await.is_none(), "it is held");
                w.check(w.now() - begin >= timeout, "it waits that long");
                let begin = w.now();
                w.check(seats.acquire_timeout(&w, timeout).await.is_none(), "there is none");
                w.check(w.now() - begin >= timeout, "it waits that long");
            }
            let late = lock.acquire_timeout(&w, Duration::from_secs(600)).await;
            w.check(late.is_some(), "and in the end it gets it");
        });
    });
    assert_eq!(ending, Ending::Finished);
    let n_given_up = log.events.iter().filter(|e| e.kind == EventKind::GaveUp).count();
    assert_eq!(n_given_up, 6);
}

#[test]
fn actors_spawn_actors_and_each_has_its_own_random_sequence() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let (ending, log) = run_recorded(Config { seed: 7, ..Config::default() }, |world| {
        world.spawn("parent", 0, move |w| async move {
            for idx in 0..3 {
                let sender = sender.clone();
                w.spawn("child", idx, move |w| async move {
                    let numbers: Vec<u32> = (0..4).map(|_| w.random(1_000_000)).collect();
                    sender.send((w.me(), numbers)).expect("the test listens");
                });
            }
        });
    });
    assert_eq!(ending, Ending::Finished);
    assert_eq!(log.names.actors.len(), 4);
    let mut drawn: Vec<(ActorId, Vec<u32>)> = receiver.iter().collect();
    drawn.sort();
    assert_eq!(drawn.len(), 3);
    assert!(drawn.windows(2).all(|pair| pair[0].1 != pair[1].1), "{drawn:?}");
}

/// While one holds the lock, another that has let go of it to wait is taken down.
fn give_up_a_wait<L: Mutual<Plain>>(make: fn(&Plain) -> L) {
    let (alive, is_waiting) = (Arc::new(()), Arc::new(AtomicU32::new(0)));
    let (is_held, was_mine) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let run = Run::start(Threads, Config::default(), |world: &Plain| {
        let lock = Arc::new(make(world));
        let condition = Arc::new(Condition::new(world, "condition", 0, lock.clone()));
        let (waited, token) = (is_waiting.clone(), alive.clone());
        let waiters_lock = lock.clone();
        world.spawn("waiter", 0, move |w| async move {
            let _token = token;
            let _guard = waiters_lock.acquire(&w).await;
            waited.store(1, Ordering::SeqCst);
            let _ = condition.wait(&w).await;
        });
        let (is_held, was_mine) = (is_held.clone(), was_mine.clone());
        let (is_waiting, alive) = (is_waiting.clone(), alive.clone());
        world.spawn("holder", 0, move |w| async move {
            while is_waiting.load(Ordering::SeqCst) == 0 {
                std::thread::yield_now();
            }
            // The other has it until it waits.
            let guard = lock.acquire(&w).await;
            is_held.store(1, Ordering::SeqCst);
            while Arc::strong_count(&alive) > 2 {
                std::thread::yield_now();
            }
            was_mine.store(lock.is_mine(&w).await.into(), Ordering::SeqCst);
            drop(guard);
        });
    });
    while is_held.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    run.stop();
    assert_eq!(run.join(), Ending::Stopped);
    assert_eq!(was_mine.load(Ordering::SeqCst), 1, "it was given back by another");
}

#[test]
fn who_gives_up_a_wait_does_not_give_back_a_lock_that_another_holds() {
    give_up_a_wait(|w| Lock::new(w, "lock", 0));
    give_up_a_wait(|w| RLock::new(w, "lock", 0));
}

/// Uses everything that takes a timeout with the longest there is, where nobody has to wait.
fn be_patient<W: World>(world: &W) {
    world.spawn("patient", 0, move |w| async move {
        const EVER: Duration = Duration::MAX;
        // So that its time is not 0.
        w.sleep(Duration::from_micros(1)).await;
        let lock = Arc::new(Lock::new(&w, "lock", 0));
        w.check(lock.acquire_timeout(&w, EVER).await.is_some(), "it is free");
        w.check(RLock::new(&w, "lock", 1).acquire_timeout(&w, EVER).await.is_some(), "it is free");
        let seats = Semaphore::new(&w, "seats", 0, 1);
        w.check(seats.acquire_timeout(&w, EVER).await.is_some(), "one is free");
        let seats = BoundedSemaphore::new(&w, "seats", 1, 1);
        w.check(seats.acquire_timeout(&w, EVER).await.is_some(), "one is free");
        let event = Event::new(&w, "event", 0);
        event.set(&w).await;
        w.check(event.wait_timeout(&w, EVER).await, "it is set");
        let barrier = Barrier::new(&w, "barrier", 0, 1);
        w.check(barrier.wait_timeout(&w, EVER).await.is_ok(), "nobody else must come");
        let acted = barrier.wait_timeout_with(&w, EVER, async || true).await;
        w.check(acted.is_ok(), "nobody else must come");
        let done = Once::new(&w, "once", 0).call_timeout(&w, EVER, async || Ok::<(), ()>(())).await;
        w.check(done == Ok(true), "nobody is at it");
        let book = ReadersWriter::new(&w, "book", 0, Precedence::Fair);
        w.check(book.read_timeout(&w, EVER).await.is_some(), "it is free");
        w.check(book.write_timeout(&w, EVER).await.is_some(), "it is free");
        let pool = Executor::new(&w, "pool", 0, 1);
        let futures: [Future<W, u32>; 1] =
            [pool.submit(&w, |_| async { Ok(7) }).await.expect("it is open")];
        w.check(futures[0].result_timeout(&w, EVER).await == Ok(7), "it comes");
        let until = engine::pool::Until::All;
        let [done, _] = engine::pool::wait(&w, &futures, until, Some(EVER)).await;
        w.check(done.len() == 1, "it has come");

        // One waits for another here, but not for ever.
        let condition = Arc::new(Condition::new(&w, "condition", 0, lock.clone()));
        let (inner, told) = (lock.clone(), condition.clone());
        let thread = Thread::new(&w, "teller", 0, move |w: W, _| async move {
            let guard = inner.acquire(&w).await;
            w.check(told.notify_all(&w).await == Ok(1), "one waits");
            guard.release().await;
        });
        let guard = lock.acquire(&w).await;
        w.check(thread.start(&w).await.is_ok(), "the first time");
        w.check(condition.wait_timeout(&w, EVER).await == Ok(true), "it is told");
        let holds = condition.wait_for_timeout(&w, EVER, async || true).await;
        w.check(holds == Ok(true), "it holds");
        guard.release().await;
        w.check(thread.join_timeout(&w, EVER).await == Ok(true), "it is over");
    });
    world.spawn_as(engine::world::Role::Daemon, "sleeper", 0, |w| async move {
        w.sleep(Duration::from_micros(1)).await;
        w.sleep(Duration::MAX).await;
    });
}

#[test]
fn the_longest_timeout_is_for_ever_in_both_worlds() {
    for grain in [model::Grain::Operations, model::Grain::Words] {
        let config = model::Config { grain, ..Default::default() };
        let mut run = model::Run::new(config, be_patient);
        let ending = twice(&mut run, |run| run.finish(&mut model::RoundRobin));
        assert_eq!(ending, Ending::Finished);
    }
    assert_eq!(run_recorded(Config::default(), be_patient).0, Ending::Finished);
    assert_eq!(
        Run::start(Threads, Config::default(), be_patient::<Plain>).join(),
        Ending::Finished
    );
}

#[test]
fn a_thread_that_panics_is_over() {
    let run = Run::start(Threads, Config::default(), |world: &Plain| {
        world.spawn("main", 0, |w| async move {
            let clumsy = Thread::new(&w, "clumsy", 0, |_: Plain, _| async {
                std::panic::resume_unwind(Box::new("no message on the terminal"));
            });
            w.check(clumsy.start(&w).await.is_ok(), "the first time");
            w.check(clumsy.join(&w).await.is_ok(), "it was started");
            w.check(!clumsy.is_alive(&w).await, "it is over");
        });
    });
    assert_eq!(run.join(), Ending::Finished);
}

#[test]
fn a_callback_that_panics_takes_nobody_along() {
    fn panic() {
        std::panic::resume_unwind(Box::new("no message on the terminal"));
    }
    let n_called = Arc::new(AtomicU32::new(0));
    let called = n_called.clone();
    let run = Run::start(Threads, Config::default(), |world: &Plain| {
        world.spawn("main", 0, move |w| async move {
            let pool = Executor::new(&w, "pool", 0, 1);
            let gate = Arc::new(Event::new(&w, "gate", 0));
            let opened = gate.clone();
            let task = move |w: Plain| async move {
                opened.wait(&w).await;
                Err::<u32, _>(Exception::new("ValueError"))
            };
            let future = pool.submit(&w, task).await.expect("it is open");
            let tell = called.clone();
            future.add_done_callback(&w, |_, _| async { panic() }).await;
            future
                .add_done_callback(&w, |_, _| async move {
                    tell.fetch_add(1, Ordering::SeqCst);
                })
                .await;
            gate.set(&w).await;
            let failed = Err(TaskError::Failed(Exception::new("ValueError")));
            w.check(future.result(&w).await == failed, "what the task raised");
            future.add_done_callback(&w, |_, _| async { panic() }).await;
            // The worker is still there.
            let next = pool.submit(&w, |_| async { Ok(8) }).await.expect("it is open");
            w.check(next.result(&w).await == Ok(8), "what the task gave");
            pool.shutdown(&w, true, false).await;
            called.fetch_add(1, Ordering::SeqCst);
        });
    });
    assert_eq!(run.join(), Ending::Finished);
    assert_eq!(n_called.load(Ordering::SeqCst), 2, "the next callback, and whoever called");
}

/// A handler of its own makes the system cut a wait short.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_does_not_cut_a_sleep_short() {
    use std::sync::atomic::AtomicU64;

    extern "C" fn nothing(_: libc::c_int) {}
    // SAFETY: all zeros is a valid action, and the handler does nothing at all.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as *const () as usize;
        assert_eq!(libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut()), 0);
    }
    let (sleeper, slept) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (me, micros) = (sleeper.clone(), slept.clone());
    let mut run = Run::start(Threads, Config::default(), |world: &Plain| {
        world.spawn("sleeper", 0, move |w| async move {
            // SAFETY: it only asks.
            me.store(unsafe { libc::pthread_self() }, Ordering::SeqCst);
            let begin = w.now();
            w.sleep(Duration::from_millis(100)).await;
            micros.store((w.now() - begin).as_micros() as u64, Ordering::SeqCst);
            me.store(0, Ordering::SeqCst);
            // The last signal comes before the thread is gone.
            w.sleep(Duration::from_millis(100)).await;
        });
    });
    while run.look().is_none() {
        let thread = sleeper.load(Ordering::SeqCst);
        if thread != 0 {
            // SAFETY: the thread sleeps on for long after it has taken its name back.
            unsafe { libc::pthread_kill(thread, libc::SIGUSR1) };
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(slept.load(Ordering::SeqCst) >= 100_000, "{slept:?}");
}

#[test]
fn what_was_done_before_a_release_is_seen_after_an_acquire() {
    let run = Run::start(Threads, Config::default(), |world: &Plain| {
        let data = Arc::new(Shared::new(world, "data", 0, 0));
        let is_ready = Arc::new(Shared::new(world, "is ready", 0, 0));
        let (d, r) = (data.clone(), is_ready.clone());
        world.spawn("writer", 0, move |w| async move {
            d.store(&w, 42).await;
            r.store_release(&w, 1).await;
        });
        world.spawn("reader", 0, move |w| async move {
            while is_ready.load_acquire(&w).await == 0 {
                std::thread::yield_now();
            }
            w.check(data.load(&w).await == 42, "what is ready is there");
        });
    });
    assert_eq!(run.join(), Ending::Finished);
}
