//! Threads that are started, joined and left alone; and runs that are stopped at any moment.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::World;
use engine::pool::Executor;
use engine::queue::Fifo;
use engine::real::{Config, Ending, Real, Record, Run, Threads};
use engine::sync::{Barrier, Condition, Event, Lock, Precedence, ReadersWriter, Semaphore};
use engine::thread::{Thread, Timer};

use crate::{Check, Count, Memory, both, moment, stress, watch};

/// Several wait for each thread; all see what it did.
pub fn lives<W: World>(world: &W, n_rounds: u32) -> Check {
    let n_threads = (n_rounds / 10) as u16;
    let n_ended = Arc::new(Count::default());
    let ended = n_ended.clone();
    world.spawn("main", 0, move |w| async move {
        let done: Arc<Vec<_>> = Arc::new((0..n_threads).map(|_| Memory::default()).collect());
        let threads: Arc<Vec<_>> = Arc::new(
            (0..n_threads)
                .map(|idx| {
                    let (done, ended) = (done.clone(), ended.clone());
                    Thread::new(&w, "thread", idx, move |w: W, _| async move {
                        w.sleep(moment(&w)).await;
                        done[usize::from(idx)].count();
                        ended.add(1);
                    })
                })
                .collect(),
        );
        for idx in 0..2 {
            let (threads, done) = (threads.clone(), done.clone());
            w.spawn("joiner", idx, move |w| async move {
                for (thread, done) in threads.iter().zip(&*done) {
                    while thread.join_timeout(&w, moment(&w)).await != Ok(true) {
                        w.sleep(Duration::ZERO).await;
                    }
                    w.check(done.get() == 1 && !thread.is_alive(&w).await, "it is over");
                }
            });
        }
        for thread in &*threads {
            w.check(thread.start(&w).await.is_ok(), "the first time");
            w.check(thread.start(&w).await.is_err(), "the second time");
        }
        for (thread, done) in threads.iter().zip(&*done) {
            w.check(thread.join(&w).await.is_ok(), "it was started");
            w.check(done.get() == 1, "it is over");
        }
    });
    Box::new(move || {
        assert_eq!(n_ended.get(), u64::from(n_threads));
        5 * n_ended.get()
    })
}

/// Daemons that work or wait for ever do not keep a run from its end, nor are they left behind.
pub fn daemons<W: World>(world: &W, n_rounds: u32) -> Check {
    let alive = Arc::new(());
    let lock = Arc::new(Lock::new(world, "lock", 0));
    let (inside, n_inside) = (Arc::new(Memory::default()), Arc::new(Count::default()));
    let queue = Arc::new(Fifo::<W, u32>::new(world, "queue", 0, Some(1)));
    for idx in 0..4 {
        let (lock, queue, token) = (lock.clone(), queue.clone(), alive.clone());
        let (inside, n_inside) = (inside.clone(), n_inside.clone());
        let daemon = Thread::daemon(world, "daemon", idx, move |w: W, _| async move {
            let _token = token;
            loop {
                match idx {
                    0 => drop(queue.get(&w).await),
                    1 => w.sleep(Duration::from_secs(3_600)).await,
                    _ => {
                        let guard = lock.acquire(&w).await;
                        inside.count();
                        n_inside.add(1);
                        guard.release().await;
                        w.sleep(Duration::ZERO).await;
                    }
                }
            }
        });
        world.spawn("starter", idx, move |w| async move {
            w.check(daemon.start(&w).await.is_ok(), "the first time");
        });
    }
    let (guarded, n_guarded) = (inside.clone(), n_inside.clone());
    world.spawn("main", 0, move |w| async move {
        for idx in 0..n_rounds {
            let guard = lock.acquire(&w).await;
            guarded.count();
            n_guarded.add(1);
            drop(guard);
            let _ = queue.try_put(&w, idx).await;
        }
    });
    Box::new(move || {
        assert_eq!(Arc::strong_count(&alive), 1, "a daemon lives on");
        assert_eq!(inside.get(), n_inside.get());
        n_inside.get()
    })
}

/// A timer goes off or is called off, and everybody agrees on which it was.
pub fn timers<W: World>(world: &W, n_rounds: u32) -> Check {
    let n_timers = (n_rounds / 10) as u16;
    let n_rings = Arc::new(Count::default());
    let rings = n_rings.clone();
    world.spawn("main", 0, move |w| async move {
        for idx in 0..n_timers {
            let rung = Arc::new(Memory::default());
            let (bell, all) = (rung.clone(), rings.clone());
            let ring = move |_: W| async move {
                bell.count();
                all.add(1);
            };
            let timer = Timer::new(&w, "timer", idx, moment(&w), ring);
            w.check(timer.start(&w).await.is_ok(), "the first time");
            w.sleep(moment(&w)).await;
            let is_called_off = w.random(2) == 0;
            if is_called_off {
                timer.cancel(&w).await;
            }
            w.check(timer.join(&w).await.is_ok(), "it was started");
            w.check(rung.get() == 1 || is_called_off && rung.get() == 0, "it rings once");
        }
    });
    Box::new(move || {
        assert!(n_rings.get() <= u64::from(n_timers));
        3 * u64::from(n_timers)
    })
}

/// Actors that wait in every way there is, most of them for ever.
fn wait_for_ever<W: World>(world: &W, alive: &Arc<()>) {
    let lock = Arc::new(Lock::new(world, "lock", 0));
    let never = Arc::new(Semaphore::new(world, "never", 0, 0));
    let event = Arc::new(Event::new(world, "event", 0));
    let barrier = Arc::new(Barrier::new(world, "barrier", 0, 100));
    let book = Arc::new(ReadersWriter::new(world, "book", 0, Precedence::Fair));
    let condition = Arc::new(Condition::new(world, "condition", 0, lock.clone()));
    let queue = Arc::new(Fifo::<W, Arc<()>>::new(world, "queue", 0, Some(1)));
    for idx in 0..12 {
        let (lock, never, event) = (lock.clone(), never.clone(), event.clone());
        let (barrier, book) = (barrier.clone(), book.clone());
        let (condition, queue) = (condition.clone(), queue.clone());
        let token = alive.clone();
        world.spawn("actor", idx, move |w| async move {
            loop {
                // Who never waits is never stopped.
                w.sleep(Duration::ZERO).await;
                match (u32::from(idx) + w.random(2)) % 12 {
                    0 => drop(never.acquire(&w).await),
                    1 => drop(never.acquire_timeout(&w, Duration::from_secs(3_600)).await),
                    2 => event.wait(&w).await,
                    3 => drop(barrier.wait(&w).await),
                    4 => book.read(&w).await.release().await,
                    5 => drop(book.write(&w).await),
                    6 => {
                        let _guard = lock.acquire(&w).await;
                        let _ = condition.wait(&w).await;
                    }
                    7 => drop(queue.put(&w, token.clone()).await),
                    8 => drop(queue.get(&w).await),
                    9 => w.sleep(Duration::from_secs(3_600)).await,
                    10 => lock.acquire(&w).await.release().await,
                    _ => {
                        let pool = Executor::new(&w, "pool", 0, 1);
                        let token = token.clone();
                        let task = move |w: W| async move {
                            w.sleep(Duration::from_secs(3_600)).await;
                            Ok(token)
                        };
                        if let Ok(future) = pool.submit(&w, task).await {
                            let _ = future.result(&w).await;
                        }
                    }
                }
            }
        });
    }
}

fn stop_sometime<R: Record>(seed: u64) {
    let alive = Arc::new(());
    let config = Config { seed, max_actors: 1024, ring_capacity: 64, ..Config::default() };
    let setup = |world: &Real<R>| wait_for_ever(world, &alive);
    let mut run = Run::<R>::start(Threads, config, setup);
    std::thread::sleep(Duration::from_micros(seed * 37 % 2_000));
    if seed % 3 == 0 {
        drop(run);
    } else {
        run.stop();
        assert_eq!(watch(&mut run, "stop"), Ending::Stopped);
        drop(run);
    }
    let late = Instant::now() + crate::HANGS;
    while Arc::strong_count(&alive) > 1 {
        assert!(Instant::now() < late, "a thread lives on, seed {seed}");
        std::thread::sleep(Duration::from_micros(100));
    }
}

/// Not a program, because it never ends by itself: one stop with a recording and one without.
pub fn stops(seed: u64) -> u64 {
    stop_sometime::<engine::real::Off>(seed);
    stop_sometime::<engine::real::On>(seed);
    24
}

#[test]
fn whoever_joins_a_thread_sees_what_it_did() {
    stress(both!(lives));
}

#[test]
fn daemons_keep_no_run_from_its_end() {
    stress(both!(daemons));
}

#[test]
fn timers_go_off_once_or_not_at_all() {
    stress(both!(timers));
}

#[test]
fn a_stop_ends_everybody_at_any_moment() {
    (0..60).for_each(|seed| {
        stops(seed);
    });
}
