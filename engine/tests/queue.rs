//! Queues: Python's rules one by one, and what threads hand to each other.

mod everywhere;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::log::{EventKind, Scene};
use engine::model::{self, Ending, Grain, Model, RoundRobin};
use engine::queue::{
    Deque, Ends, Fifo, GetError, Keep, LastIn, Lifo, Priority, PutError, Queue, Row, Store,
    TooManyTaskDone,
};
use engine::real::{self, Plain, Recorded, Threads};
use engine::sync::Semaphore;
use engine::{World, block};
use everywhere::{finishes, twice};

/// Runs a future outside of any run: nothing is ever stopped.
fn now<T>(future: impl Future<Output = T>) -> T {
    block(future).expect("nothing is stopped")
}

const MOMENT: Duration = Duration::from_millis(1);

// --- one actor ---------------------------------------------------------------------------------

#[test]
fn each_order_gives_in_its_order() {
    let w = Plain::solo();
    for capacity in [None, Some(3), Some(100_000)] {
        let fifo = Fifo::new(&w, "fifo", 0, capacity);
        let lifo = Lifo::new(&w, "lifo", 0, capacity);
        let priority = Priority::new(&w, "priority", 0, capacity);
        for (rank, item) in [(2, 1), (1, 2), (2, 3)] {
            now(fifo.put(&w, item)).unwrap();
            now(lifo.put(&w, item)).unwrap();
            now(priority.put(&w, (rank, item))).unwrap();
        }
        assert_eq!([1, 2, 3], [(); 3].map(|()| now(fifo.get(&w)).unwrap()));
        assert_eq!([3, 2, 1], [(); 3].map(|()| now(lifo.get(&w)).unwrap()));
        assert_eq!([(1, 2), (2, 1), (2, 3)], [(); 3].map(|()| now(priority.get(&w)).unwrap()));
    }
}

#[test]
fn a_deque_has_two_ends() {
    let w = Plain::solo();
    let deque = Deque::new(&w, "deque", 0, Some(4));
    now(deque.put(&w, 1)).unwrap();
    now(deque.put_back(&w, 2)).unwrap();
    now(deque.put_front(&w, 3)).unwrap();
    now(deque.try_put_front(&w, 4)).unwrap();
    assert_eq!(now(deque.try_put_back(&w, 5)), Err(PutError::Full(5)));
    assert_eq!(now(deque.put_front_timeout(&w, 5, MOMENT)), Err(PutError::Full(5)));
    assert_eq!(now(deque.get_back(&w)), Ok(2));
    assert_eq!(now(deque.get(&w)), Ok(4));
    assert_eq!(now(deque.try_get_front(&w)), Ok(3));
    assert_eq!(now(deque.try_get_back(&w)), Ok(1));
    assert_eq!(now(deque.get_back_timeout(&w, MOMENT)), Err(GetError::Empty));
}

fn full_and_empty<S: Store<Plain, u32>>(capacity: u32) {
    let w = Plain::solo();
    let queue = Queue::<Plain, u32, S>::new(&w, "queue", 0, Some(capacity));
    for _ in 0..3 {
        assert_eq!(now(queue.try_get(&w)), Err(GetError::Empty));
        assert_eq!(now(queue.get_timeout(&w, MOMENT)), Err(GetError::Empty));
        for item in 0..capacity {
            assert_eq!((now(queue.len(&w)), now(queue.is_full(&w))), (item, false));
            assert_eq!(now(queue.put_timeout(&w, item, MOMENT)), Ok(()));
        }
        assert!(now(queue.is_full(&w)));
        assert_eq!(now(queue.try_put(&w, 9)), Err(PutError::Full(9)));
        assert_eq!(now(queue.put_timeout(&w, 9, MOMENT)), Err(PutError::Full(9)));
        for n_taken in 1..=capacity {
            assert!(!now(queue.is_empty(&w)));
            assert!(now(queue.get_timeout(&w, Duration::MAX)).is_ok());
            assert_eq!(now(queue.len(&w)), capacity - n_taken);
        }
    }
    assert!(now(queue.is_empty(&w)));
}

#[test]
fn a_wait_that_is_over_leaves_no_trace() {
    for capacity in [0, 1, 2, 3, 4, 7, 8] {
        full_and_empty::<Row<Plain, u32>>(capacity);
        full_and_empty::<Keep<Plain, Ends<u32, LastIn>>>(capacity);
    }
}

#[test]
fn no_more_can_be_done_than_was_put() {
    let w = Plain::solo();
    for capacity in [Some(1), Some(2), Some(3), None] {
        let queue = Fifo::new(&w, "queue", 0, capacity);
        now(queue.join(&w));
        for round in 0..20_u32 {
            assert_eq!(now(queue.task_done(&w)), Err(TooManyTaskDone));
            now(queue.put(&w, round)).unwrap();
            assert_eq!(now(queue.get(&w)), Ok(round));
            assert!(!now(queue.try_join(&w)) && !now(queue.join_timeout(&w, MOMENT)));
            assert_eq!(now(queue.task_done(&w)), Ok(()));
            assert!(now(queue.try_join(&w)) && now(queue.join_timeout(&w, Duration::MAX)));
            now(queue.join(&w));
        }
    }
}

#[test]
fn after_shutting_down_puts_fail_at_once_and_gets_in_the_end() {
    let w = Plain::solo();
    for capacity in [Some(3), None] {
        let queue = Fifo::new(&w, "queue", 0, capacity);
        (0..3).for_each(|item| now(queue.put(&w, item)).unwrap());
        now(queue.shutdown(&w, false));
        assert_eq!(now(queue.try_put(&w, 9)), Err(PutError::ShutDown(9)), "although it is full");
        assert_eq!(now(queue.put(&w, 9)), Err(PutError::ShutDown(9)));
        assert_eq!(now(queue.get(&w)), Ok(0));
        assert_eq!(now(queue.put_timeout(&w, 9, MOMENT)), Err(PutError::ShutDown(9)));
        assert_eq!(now(queue.task_done(&w)), Ok(()));
        now(queue.shutdown(&w, true));
        assert_eq!(now(queue.len(&w)), 0);
        now(queue.join(&w));
        assert_eq!(now(queue.task_done(&w)), Err(TooManyTaskDone));
        assert_eq!(now(queue.try_get(&w)), Err(GetError::ShutDown));
        assert_eq!(now(queue.get(&w)), Err(GetError::ShutDown));
        assert_eq!(now(queue.get_timeout(&w, MOMENT)), Err(GetError::ShutDown));
    }
    let meeting = Fifo::new(&w, "meeting", 0, Some(0));
    now(meeting.shutdown(&w, false));
    assert_eq!(now(meeting.try_put(&w, 1)), Err(PutError::ShutDown(1)));
    assert_eq!(now(meeting.try_get(&w)), Err(GetError::ShutDown));
}

#[test]
fn items_left_in_a_queue_are_dropped_with_it() {
    let w = Plain::solo();
    let item = Arc::new(7_u32);
    for capacity in [Some(3), None] {
        let queue = Fifo::new(&w, "queue", 0, capacity);
        (0..3).for_each(|_| assert!(now(queue.put(&w, item.clone())).is_ok()));
        drop(now(queue.get(&w)));
        assert_eq!(Arc::strong_count(&item), 3);
    }
    assert_eq!(Arc::strong_count(&item), 1);
}

/// The items of four queues as a list that is in no queue has them, each time that one comes or goes.
type Shadows = Arc<Mutex<Vec<Vec<u32>>>>;

#[test]
fn the_log_has_items_in_the_order_in_which_they_come_out() {
    let shadows = Shadows::default();
    let theirs = shadows.clone();
    let mut run = model::Run::new(model::Config::default(), move |world| {
        let fifo = Fifo::new(world, "fifo", 0, None);
        let lifo = Lifo::new(world, "lifo", 0, None);
        let priority = Priority::new(world, "priority", 0, None);
        let deque = Deque::new(world, "deque", 0, None);
        let shadows = theirs.clone();
        world.spawn("actor", 0, move |w| async move {
            let mut rows = [const { Vec::new() }; 4];
            for item in 0..400 {
                let (which, puts, at_front) = (w.random(4), w.random(5) < 3, w.random(2) == 0);
                let row: &mut Vec<(u32, u32)> = &mut rows[which as usize];
                if puts {
                    let rank = w.random(4);
                    let place = match which {
                        0 => row.len(),
                        1 => 0,
                        2 => row.partition_point(|(other, _)| *other <= rank),
                        _ => {
                            if at_front {
                                0
                            } else {
                                row.len()
                            }
                        }
                    };
                    row.insert(place, (rank, item));
                    let put = match which {
                        0 => fifo.put(&w, item).await.is_ok(),
                        1 => lifo.put(&w, item).await.is_ok(),
                        2 => priority.put(&w, (rank, item)).await.is_ok(),
                        _ if at_front => deque.put_front(&w, item).await.is_ok(),
                        _ => deque.put_back(&w, item).await.is_ok(),
                    };
                    w.check(put, "there is room");
                } else if !row.is_empty() {
                    let from = if which == 3 && !at_front { row.len() - 1 } else { 0 };
                    let (_, item) = row.remove(from);
                    let got = match which {
                        0 => fifo.get(&w).await,
                        1 => lifo.get(&w).await,
                        2 => priority.get(&w).await.map(|(_, item)| item),
                        _ if at_front => deque.get_front(&w).await,
                        _ => deque.get_back(&w).await,
                    };
                    w.check(got == Ok(item), "it is next");
                } else {
                    continue;
                }
                let row = rows[which as usize].iter().map(|(_, item)| *item);
                shadows.lock().unwrap().push(row.collect());
            }
        });
    });
    let shadows = twice(&mut run, |run| {
        assert_eq!(run.finish(&mut RoundRobin), Ending::Finished);
        std::mem::take(&mut *shadows.lock().unwrap())
    });
    let (mut scene, mut shadows) = (Scene::default(), shadows.into_iter());
    for event in &run.log().events {
        scene.apply(event);
        if matches!(event.kind, EventKind::Put | EventKind::Took) {
            assert_eq!(Some(&scene.object(event.object).items), shadows.next().as_ref());
        }
    }
    assert_eq!(shadows.next(), None);
}

// --- several actors, one turn after the other --------------------------------------------------

/// Runs a program at both grains and under some schedules: all its claims hold, and it ends.
fn always(program: fn(&Model)) {
    for grain in [Grain::Operations, Grain::Words] {
        let config = model::Config { grain, ..model::Config::default() };
        let mut run = model::Run::new(config, program);
        assert_eq!(twice(&mut run, |run| run.finish(&mut RoundRobin)), Ending::Finished);
        (0..300).for_each(|seed| finishes(&mut run, seed));
    }
}

const LONG: Duration = Duration::from_secs(1);

#[test]
fn a_meeting_needs_two() {
    always(|world| {
        let queue = Arc::new(Fifo::new(world, "meeting", 0, Some(0)));
        let other = queue.clone();
        world.spawn("putter", 0, move |w| async move {
            w.check(queue.try_put(&w, 0).await == Err(PutError::Full(0)), "nobody waits");
            w.sleep(LONG).await;
            w.check(queue.try_put(&w, 1).await == Ok(()), "somebody waits");
            w.check(queue.put(&w, 2).await == Ok(()), "somebody comes");
            w.check(w.now() == 3 * LONG, "when it comes");
        });
        world.spawn("getter", 0, move |w| async move {
            w.sleep(MOMENT).await;
            w.check(other.get(&w).await == Ok(1), "from hand to hand");
            w.check(w.now() == LONG, "when somebody brings it");
            w.sleep(2 * LONG).await;
            w.check(other.try_get(&w).await == Ok(2), "somebody waits");
            w.check(other.try_get(&w).await == Err(GetError::Empty), "and nobody any more");
        });
    });
}

#[test]
fn shutting_down_sends_away_who_waits() {
    always(|world| {
        let empty = Arc::new(Fifo::<Model, u32>::new(world, "empty", 0, Some(2)));
        let full = Arc::new(Lifo::new(world, "full", 0, Some(1)));
        for idx in 0..2 {
            let (empty, full) = (empty.clone(), full.clone());
            world.spawn("getter", idx, move |w| async move {
                w.check(empty.get(&w).await == Err(GetError::ShutDown), "sent away");
            });
            world.spawn("putter", idx, move |w| async move {
                w.sleep(MOMENT).await;
                w.check(full.put(&w, 1).await == Err(PutError::ShutDown(1)), "sent away");
            });
        }
        world.spawn("boss", 0, move |w| async move {
            w.check(full.put(&w, 0).await == Ok(()), "the only one");
            w.sleep(LONG).await;
            empty.shutdown(&w, false).await;
            full.shutdown(&w, false).await;
            w.check(full.get(&w).await == Ok(0), "what is in may go out");
            w.check(full.get(&w).await == Err(GetError::ShutDown), "and nothing else");
        });
    });
}

#[test]
fn who_joins_waits_for_the_last_or_for_throwing_it_away() {
    always(|world| {
        let queue = Arc::new(Fifo::new(world, "queue", 0, None));
        let (boss, other) = (queue.clone(), queue.clone());
        world.spawn("joiner", 0, move |w| async move {
            w.sleep(MOMENT).await;
            w.check(!queue.try_join(&w).await, "nothing is done");
            w.check(!queue.join_timeout(&w, LONG).await, "one is still under way");
            w.check(w.now() == MOMENT + LONG, "it was patient");
            queue.join(&w).await;
            w.check(w.now() >= 2 * LONG, "both are done");
            w.check(queue.join_timeout(&w, LONG).await, "at once");
        });
        world.spawn("worker", 0, move |w| async move {
            w.check(other.get(&w).await == Ok(0), "there is one");
            w.sleep(2 * LONG).await;
            w.check(other.task_done(&w).await == Ok(()), "this one");
        });
        world.spawn("boss", 0, move |w| async move {
            w.check(boss.put(&w, 0).await.is_ok() && boss.put(&w, 1).await.is_ok(), "room");
            w.sleep(LONG).await;
            boss.shutdown(&w, true).await;
        });
    });
}

#[test]
fn at_the_grain_of_operations_nobody_overtakes_who_waits() {
    let mut run = model::Run::new(model::Config::default(), |world| {
        let queue = Arc::new(Fifo::new(world, "queue", 0, Some(1)));
        for idx in 0..4 {
            let queue = queue.clone();
            world.spawn("putter", idx, move |w| async move {
                w.sleep(MOMENT * u32::from(idx)).await;
                let _ = queue.put(&w, u32::from(idx)).await;
            });
        }
        world.spawn("getter", 0, move |w| async move {
            w.sleep(LONG).await;
            for item in 0..4 {
                w.check(queue.get(&w).await == Ok(item), "in the order in which they came");
            }
        });
    });
    (0..100).for_each(|seed| finishes(&mut run, seed));
}

// --- threads -----------------------------------------------------------------------------------

const N_ITEMS: u32 = 1_500;
const N_PUTTERS: u32 = 2;

async fn put_all<W: World, S: Store<W, u32>>(w: &W, queue: &Queue<W, u32, S>, putter: u32) {
    for n in 0..N_ITEMS {
        let mut item = putter * N_ITEMS + n;
        let mut round = n;
        loop {
            let put = match round % 3 {
                0 => queue.put(w, item).await,
                1 => queue.try_put(w, item).await,
                _ => queue.put_timeout(w, item, Duration::from_micros(u64::from(n % 90))).await,
            };
            match put {
                Ok(()) => break,
                Err(PutError::Full(again)) => item = again,
                Err(PutError::ShutDown(_)) => return w.check(false, "not yet"),
            }
            round += 1;
        }
    }
}

async fn get_all<W: World, S: Store<W, u32>>(w: &W, queue: &Queue<W, u32, S>) -> Vec<u32> {
    let mut got = Vec::new();
    for round in 0.. {
        let item = match round % 3 {
            0 => queue.get(w).await,
            1 => queue.try_get(w).await,
            _ => queue.get_timeout(w, Duration::from_micros(round % 70)).await,
        };
        match item {
            Ok(item) => {
                got.push(item);
                w.check(queue.task_done(w).await.is_ok(), "it was put in");
            }
            Err(GetError::Empty) => {}
            Err(GetError::ShutDown) => break,
        }
    }
    got
}

/// Two put, two get, and one shuts down when all is done: nothing is lost, nothing is doubled.
fn hand_over<W: World, S: Store<W, u32>>(world: &W, capacity: Option<u32>, got: Got) {
    let queue = Arc::new(Queue::<W, u32, S>::new(world, "queue", 0, capacity));
    let ready = Arc::new(Semaphore::new(world, "ready", 0, 0));
    for idx in 0..2 {
        let (putters, getters) = (queue.clone(), queue.clone());
        let (ready, got) = (ready.clone(), got.clone());
        world.spawn("putter", idx, move |w| async move {
            put_all(&w, &putters, u32::from(idx)).await;
            w.check(ready.release(&w).await.is_ok(), "far from the end");
        });
        world.spawn("getter", idx, move |w| async move {
            let mine = get_all(&w, &getters).await;
            got.lock().unwrap().push(mine);
        });
    }
    world.spawn("closer", 0, move |w| async move {
        for _ in 0..N_PUTTERS {
            ready.acquire(&w).await.forget();
        }
        queue.join(&w).await;
        w.check(queue.is_empty(&w).await, "all of it is done");
        queue.shutdown(&w, false).await;
    });
}

type Got = Arc<Mutex<Vec<Vec<u32>>>>;

const CAPACITIES: [Option<u32>; 5] = [Some(0), Some(1), Some(3), Some(100), None];

fn threads_hand_over<S: Store<Plain, u32>>(is_fifo: bool) {
    for capacity in CAPACITIES {
        let got = Got::default();
        let setup = |world: &Plain| hand_over::<_, S>(world, capacity, got.clone());
        let run = real::Run::start(Threads, real::Config::default(), setup);
        assert_eq!(run.join(), Ending::Finished, "{capacity:?}");
        let got = got.lock().unwrap();
        if is_fifo {
            for putter in 0..N_PUTTERS {
                let is_theirs = |item: &&u32| *item / N_ITEMS == putter;
                assert!(got.iter().all(|items| items.iter().filter(is_theirs).is_sorted()));
            }
        }
        let mut all: Vec<u32> = got.iter().flatten().copied().collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..N_PUTTERS * N_ITEMS), "{capacity:?}");
    }
}

#[test]
fn threads_lose_nothing_in_a_row() {
    threads_hand_over::<Row<Plain, u32>>(true);
}

#[test]
fn threads_lose_nothing_on_a_stack() {
    threads_hand_over::<Keep<Plain, Ends<u32, LastIn>>>(false);
}

#[test]
fn threads_note_an_item_in_before_they_note_it_out() {
    for capacity in CAPACITIES {
        let config = real::Config { max_actors: 5, ring_capacity: 1 << 16, ..Default::default() };
        let setup =
            |world: &Recorded| hand_over::<_, Row<Recorded, u32>>(world, capacity, Got::default());
        let (ending, log) = real::Run::start(Threads, config, setup).join_with_log();
        assert_eq!((ending, log.n_lost), (Ending::Finished, 0), "{capacity:?}");
        let mut inside = vec![false; (N_PUTTERS * N_ITEMS) as usize];
        for event in &log.events {
            let is_put = event.kind == EventKind::Put;
            if is_put || event.kind == EventKind::Took {
                let was_inside = std::mem::replace(&mut inside[event.value as usize], is_put);
                assert_eq!(was_inside, !is_put, "in, then out");
            }
        }
        assert!(!inside.contains(&true));
    }
}

#[test]
fn whoever_waits_at_a_queue_can_be_stopped() {
    let item = Arc::new(1_u32);
    let held = item.clone();
    let run = real::Run::start(Threads, real::Config::default(), move |world: &Plain| {
        let queue = Arc::new(Fifo::new(world, "queue", 0, Some(1)));
        for idx in 0..3 {
            let (queue, held) = (queue.clone(), held.clone());
            world.spawn("putter", idx, move |w| async move {
                let _ = queue.put(&w, held).await;
            });
        }
    });
    std::thread::sleep(Duration::from_millis(20));
    run.stop();
    assert!(matches!(run.join(), Ending::Stopped | Ending::Deadlock(_)));
    assert_eq!(Arc::strong_count(&item), 1, "what was to be put is dropped with its putter");
}
