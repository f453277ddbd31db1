//! Which workloads are measured, and who takes part in each.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use engine::philosophers::Solution;
use engine::real::Plain;
use engine::sync;

use crate::hog::{self, Waits};
use crate::life::{self, Fate};
use crate::lock::{self, LOADS};
use crate::monitor::{Ours, ParkingLot, Std, Whom};
use crate::queue::{self, Message, SHAPES, Shape};
use crate::row::{Contestant, Outcome, Row};
use crate::stats::{Histogram, jain};
use crate::{
    barrier, event, explore, fork_join, once, pool, readers_writer, recording, rlock, semaphore,
    table, turns,
};

type OurLock = sync::Lock<Plain>;
type StdLock = std::sync::Mutex<()>;
type ParkingLotLock = parking_lot::Mutex<()>;

pub const LOCK: &str = "lock";
pub const RLOCK: &str = "reentrant lock";
pub const RECORDING: &str = "recording";
pub const SEMAPHORE: &str = "semaphore";
pub const BOUNDED: &str = "bounded semaphore";
pub const CONDITION: &str = "condition";
pub const EVENT: &str = "event";
pub const BARRIER: &str = "barrier";
pub const READERS_WRITER: &str = "readers-writer";
pub const ONCE: &str = "once";
pub const QUEUE: &str = "queue";
pub const LIFO: &str = "stack";
pub const PRIORITY: &str = "priority queue";
pub const DEQUE: &str = "deque";
pub const THREAD: &str = "thread";
pub const TIMER: &str = "timer";
pub const POOL: &str = "pool";
pub const PHILOSOPHERS: &str = "philosophers";
pub const MODEL: &str = "model";
pub const EXPLORING: &str = "exploring";

const TAKE_AND_GIVE: &str = "acquire + release";

/// All rows, in the order of the table.
pub fn all() -> Vec<Row> {
    let groups = [
        locks(),
        rlocks(),
        recordings(),
        semaphores(),
        conditions(),
        events(),
        barriers(),
        readers_writers(),
        onces(),
        queues(),
        stacks(),
        priorities(),
        deques(),
        threads(),
        timers(),
        pools(),
        tables(),
        models(),
        searches(),
    ];
    groups.into_iter().flatten().collect()
}

fn row(
    group: &'static str,
    name: impl Into<String>,
    unit: &'static str,
    contestants: impl Into<Vec<Contestant>>,
) -> Row {
    Row { group, name: name.into(), unit, contestants: contestants.into() }
}

/// A contestant that does exactly as many operations as it is told to.
fn plain(name: &'static str, run: impl Fn(u64) -> Duration + 'static) -> Contestant {
    let run = move |n_ops| Outcome { n_ops, elapsed: run(n_ops), fairness: None };
    Contestant { name, run: Box::new(run), waits: None }
}

fn contended<L: lock::Contestant>(load: lock::Load) -> Contestant {
    let run = move |n_ops| {
        let contended = lock::contended::<L>(load, n_ops);
        let fairness = Some(jain(&contended.shares));
        Outcome { n_ops, elapsed: contended.elapsed, fairness }
    };
    let waits = move |n_ops| -> Histogram { lock::contended_with_waits::<L>(load, n_ops).waits };
    Contestant { name: L::NAME, run: Box::new(run), waits: Some(Box::new(waits)) }
}

fn uncontended<L: lock::Contestant>() -> Contestant {
    plain(L::NAME, lock::uncontended::<L>)
}

fn locks() -> Vec<Row> {
    fn of_lock<L: lock::Contestant>() -> Contestant {
        victim(L::NAME, hog::of_lock::<L>)
    }
    let alone =
        [uncontended::<OurLock>(), uncontended::<StdLock>(), uncontended::<ParkingLotLock>()];
    let mut rows = vec![row(LOCK, "uncontended", TAKE_AND_GIVE, alone)];
    rows.extend(LOADS.into_iter().map(|load| {
        let all = [
            contended::<OurLock>(load),
            contended::<StdLock>(load),
            contended::<ParkingLotLock>(load),
        ];
        row(LOCK, load.to_string(), TAKE_AND_GIVE, all)
    }));
    let beside = [of_lock::<OurLock>(), of_lock::<StdLock>(), of_lock::<ParkingLotLock>()];
    rows.push(row(LOCK, "one beside a hog", "wait", beside));
    rows
}

/// Somebody who waits: its operations are its waits.
fn victim(name: &'static str, run: fn(u64) -> Waits) -> Contestant {
    let outcome = move |n_ops| {
        let waits = run(n_ops);
        Outcome { n_ops: waits.each.len(), elapsed: waits.total, fairness: None }
    };
    Contestant { name, run: Box::new(outcome), waits: Some(Box::new(move |n| run(n).each)) }
}

fn rlocks() -> Vec<Row> {
    fn nested<L: rlock::Reentrant>() -> Contestant {
        plain(L::NAME, rlock::nested::<L>)
    }
    type Our = sync::RLock<Plain>;
    type Peer = parking_lot::ReentrantMutex<()>;
    let once = [uncontended::<Our>(), uncontended::<Peer>()];
    let nested = [nested::<Our>(), nested::<Peer>()];
    let load = LOADS[1];
    let both = [contended::<Our>(load), contended::<Peer>(load)];
    vec![
        row(RLOCK, "uncontended", TAKE_AND_GIVE, once),
        row(RLOCK, "uncontended, nested to depth 4", TAKE_AND_GIVE, nested),
        row(RLOCK, load.to_string(), TAKE_AND_GIVE, both),
    ]
}

#[cfg(target_os = "linux")]
fn recordings() -> Vec<Row> {
    use crate::hand;
    let off = [uncontended::<OurLock>(), uncontended::<hand::Lock>()];
    let busy = [contended::<OurLock>(LOADS[1]), contended::<hand::Lock>(LOADS[1])];
    vec![
        row(RECORDING, "off, uncontended", TAKE_AND_GIVE, off),
        row(RECORDING, format!("off, {}", LOADS[1]), TAKE_AND_GIVE, busy),
        recorded(),
    ]
}

#[cfg(not(target_os = "linux"))]
fn recordings() -> Vec<Row> {
    vec![recorded()]
}

/// For information: what it costs to record.
fn recorded() -> Row {
    let off = plain("recording off", lock::uncontended::<OurLock>);
    let on = plain("recording on", recording::recorded);
    row(RECORDING, "on, uncontended", TAKE_AND_GIVE, [on, off])
}

fn semaphores() -> Vec<Row> {
    fn rows<S: semaphore::Contestant>(group: &'static str) -> [Row; 2] {
        fn alone<S: semaphore::Contestant>() -> Contestant {
            plain(S::NAME, semaphore::uncontended::<S>)
        }
        type StdCondvar = semaphore::Counter<Std<u32>>;
        type ParkingLotCondvar = semaphore::Counter<ParkingLot<u32>>;
        use semaphore::Tokio;
        let uncontended = [
            alone::<S>(),
            alone::<StdCondvar>(),
            alone::<ParkingLotCondvar>(),
            alone::<Tokio>(),
            #[cfg(target_os = "linux")]
            alone::<crate::hand::Semaphore>(),
        ];
        let to_and_fro = [
            ping_pong::<S>(),
            ping_pong::<StdCondvar>(),
            ping_pong::<ParkingLotCondvar>(),
            ping_pong::<Tokio>(),
            #[cfg(target_os = "linux")]
            ping_pong::<crate::hand::Semaphore>(),
        ];
        [
            row(group, "uncontended", TAKE_AND_GIVE, uncontended),
            row(group, "ping-pong, 2 threads", "round trip", to_and_fro),
        ]
    }
    let bounded = rows::<sync::BoundedSemaphore<Plain>>(BOUNDED);
    rows::<sync::Semaphore<Plain>>(SEMAPHORE).into_iter().chain(bounded).collect()
}

fn ping_pong<S: semaphore::Contestant>() -> Contestant {
    plain(S::NAME, semaphore::ping_pong::<S>)
}

fn events() -> Vec<Row> {
    let all = [
        ping_pong::<sync::Event<Plain>>(),
        ping_pong::<event::Flag<Std<bool>>>(),
        ping_pong::<event::Flag<ParkingLot<bool>>>(),
        ping_pong::<event::Listened>(),
    ];
    vec![row(EVENT, "ping-pong, 2 threads", "round trip", all)]
}

fn barriers() -> Vec<Row> {
    fn rounds<B: barrier::Contestant>(parties: usize) -> Contestant {
        plain(B::NAME, move |n| barrier::rounds::<B>(parties, n))
    }
    let of = |parties| {
        let both = [rounds::<sync::Barrier<Plain>>(parties), rounds::<std::sync::Barrier>(parties)];
        row(BARRIER, format!("{parties} threads"), "round", both)
    };
    [2, 4].map(of).into()
}

fn readers_writers() -> Vec<Row> {
    use readers_writer::Contestant as Candidate;
    type Our = sync::ReadersWriter<Plain>;
    type StdRwLock = std::sync::RwLock<()>;
    type ParkingLotRwLock = parking_lot::RwLock<()>;
    fn alone<L: Candidate>(writes: bool) -> Contestant {
        plain(L::NAME, move |n| readers_writer::uncontended::<L>(writes, n))
    }
    fn alone_all(writes: bool) -> [Contestant; 3] {
        [alone::<Our>(writes), alone::<StdRwLock>(writes), alone::<ParkingLotRwLock>(writes)]
    }
    fn waits<L: Candidate>() -> Contestant {
        victim(L::NAME, hog::of_readers_writer::<L>)
    }
    fn mostly_read<L: Candidate>() -> Contestant {
        plain(L::NAME, |n| readers_writer::mostly_read::<L>(4, n))
    }
    let read =
        [mostly_read::<Our>(), mostly_read::<StdRwLock>(), mostly_read::<ParkingLotRwLock>()];
    let beside = [waits::<Our>(), waits::<StdRwLock>(), waits::<ParkingLotRwLock>()];
    vec![
        row(READERS_WRITER, "uncontended read", TAKE_AND_GIVE, alone_all(false)),
        row(READERS_WRITER, "uncontended write", TAKE_AND_GIVE, alone_all(true)),
        row(READERS_WRITER, "4 threads, 95 % reads", "one by each thread", read),
        row(READERS_WRITER, "a writer beside two hogs that read", "wait", beside),
    ]
}

fn onces() -> Vec<Row> {
    fn done<O: once::Contestant>() -> Contestant {
        plain(O::NAME, once::done::<O>)
    }
    let all = [done::<sync::Once<Plain>>(), done::<std::sync::Once>(), done::<parking_lot::Once>()];
    vec![row(ONCE, "when it is done", "call", all)]
}

/// A contestant that sends messages.
fn sends(
    name: &'static str,
    shape: Shape,
    capacity: Option<usize>,
    run: impl Fn(queue::Load) -> Outcome + 'static,
) -> Contestant {
    let run = move |n_messages| run(queue::Load { shape, capacity, n_messages });
    Contestant { name, run: Box::new(run), waits: None }
}

fn conditions() -> Vec<Row> {
    type Shelf = VecDeque<Message<1>>;
    let mut rows = Vec::new();
    for n in [1, 2, 4, 10] {
        for slots in [1, 100] {
            for (whom, told) in [(Whom::One, "one"), (Whom::All, "all")] {
                let shape = Shape { name: "", putters: n, getters: n };
                let by = |name, run: fn(Whom, queue::Load) -> Outcome| {
                    sends(name, shape, Some(slots), move |load| run(whom, load))
                };
                let all = [
                    by("five forks", queue::by_hand::<Ours<_>, Shelf, 1>),
                    by("std", queue::by_hand::<Std<_>, Shelf, 1>),
                    by("parking_lot", queue::by_hand::<ParkingLot<_>, Shelf, 1>),
                ];
                let name = format!("{n} → {n}, buffer of {slots}, notify {told}");
                rows.push(row(CONDITION, name, "message", all));
            }
        }
    }
    rows
}

fn queues() -> Vec<Row> {
    fn with_messages<const N: usize>(shape: Shape, capacity: Option<usize>) -> Row {
        let by = |name, run: fn(queue::Load) -> Outcome| sends(name, shape, capacity, run);
        let mut all = vec![
            by("five forks", queue::our_fifo::<N>),
            by("kanal", queue::kanal::<N>),
            by("crossbeam", queue::crossbeam::<N>),
            by("flume", queue::flume::<N>),
        ];
        if capacity != Some(0) {
            all.push(by("crossfire", queue::crossfire::<N>));
        }
        let room = capacity.map_or("unbounded".to_owned(), |n| format!("capacity {n}"));
        row(QUEUE, format!("{}, {room}, {} bytes", shape.name, 8 * N), "message", all)
    }
    let mut rows = Vec::new();
    for shape in SHAPES {
        for capacity in [Some(0), Some(1), Some(100), None] {
            rows.push(with_messages::<0>(shape, capacity));
            rows.push(with_messages::<1>(shape, capacity));
            rows.push(with_messages::<4>(shape, capacity));
        }
    }
    rows
}

/// A queue of 100 next to buffers written by hand that keep messages on a shelf.
fn kept<S: queue::Shelf<1> + 'static>(
    group: &'static str,
    ours: fn(queue::Load) -> Outcome,
) -> Vec<Row> {
    let of = |shape: Shape| {
        let by = |name, run: fn(Whom, queue::Load) -> Outcome| {
            sends(name, shape, Some(100), move |load| run(Whom::One, load))
        };
        let all = [
            sends("five forks", shape, Some(100), ours),
            by("std condvar", queue::by_hand::<Std<_>, S, 1>),
            by("parking_lot condvar", queue::by_hand::<ParkingLot<_>, S, 1>),
        ];
        row(group, format!("{}, capacity 100, 8 bytes", shape.name), "message", all)
    };
    SHAPES.map(of).into()
}

fn stacks() -> Vec<Row> {
    kept::<Vec<Message<1>>>(LIFO, queue::our_lifo::<1>)
}

fn priorities() -> Vec<Row> {
    kept::<BinaryHeap<Reverse<(u32, Message<1>)>>>(PRIORITY, queue::our_priority::<1>)
}

fn deques() -> Vec<Row> {
    kept::<queue::TwoEnds<1>>(DEQUE, queue::our_deque::<1>)
}

fn threads() -> Vec<Row> {
    let both = [plain("five forks", life::our_threads), plain("std", life::std_threads)];
    vec![row(THREAD, "start + join", "thread", both)]
}

fn timers() -> Vec<Row> {
    let of = |fate, name: &str, unit| {
        let by = |name, run: fn(Fate, u64) -> Duration| plain(name, move |n| run(fate, n));
        let all = [
            by("five forks", life::our_timers),
            by("std thread + condvar", life::condvar_timers),
            by("std thread + channel", life::channel_timers),
        ];
        row(TIMER, name, unit, all)
    };
    let micros = life::INTERVAL.as_micros();
    vec![
        of(Fate::Cancelled, "start + cancel + join", "timer"),
        of(
            Fate::Fires,
            &format!("start + fire after {micros} µs + join"),
            "timer, without its wait",
        ),
    ]
}

fn pools() -> Vec<Row> {
    let of = |(name, units): (&str, u32)| {
        let scopes = [
            plain("five forks, scope", move |n| fork_join::our_scope(units, n)),
            plain("rayon, scope", move |n| pool::rayon_scope(units, n)),
        ];
        // A future for each task, which somebody outside of the pool waits for.
        let futures = [
            plain("five forks", move |n| pool::ours(units, n)),
            plain("rayon, channels", move |n| pool::rayon_submit(units, n)),
        ];
        [
            row(POOL, format!("{name} of a scope, 2 workers"), "task", scopes),
            row(POOL, format!("{name} from outside, 2 workers"), "task with its result", futures),
        ]
    };
    let tasks = [("empty tasks", 0), ("tasks of 1 µs", 1_000)].into_iter().flat_map(of);
    let calls = [
        plain("five forks", fork_join::our_call),
        plain("rayon, install", fork_join::rayon_install),
    ];
    let calls = row(POOL, "a call from outside and back, 2 workers", "call", calls);
    let forks = [
        forks::<2>(32, "fib(32) by join, 2 workers"),
        forks::<12>(27, "fib(27) by join, cut off below 12, 2 workers"),
    ];
    tasks.chain([calls]).chain(forks).collect()
}

fn forks<const CUT_OFF: u32>(number: u32, name: &str) -> Row {
    let all = [
        counted("five forks", move |n| fork_join::ours::<CUT_OFF>(number, n)),
        counted("rayon, join", move |n| fork_join::rayon_join::<CUT_OFF>(number, n)),
    ];
    row(POOL, name, "join", all)
}

/// A contestant that rounds the number of operations.
fn counted(name: &'static str, run: impl Fn(u64) -> (u64, Duration) + 'static) -> Contestant {
    let run = move |n_ops| {
        let (n_ops, elapsed) = run(n_ops);
        Outcome { n_ops, elapsed, fairness: None }
    };
    Contestant { name, run: Box::new(run), waits: None }
}

/// Everybody eats equally often, so the number of meals is rounded up.
fn dinner(name: &'static str, k: u16, run: impl Fn(u32) -> Duration + 'static) -> Contestant {
    let run = move |n_ops: u64| {
        let meals = n_ops.div_ceil(u64::from(k)) as u32;
        Outcome { n_ops: u64::from(meals) * u64::from(k), elapsed: run(meals), fairness: None }
    };
    Contestant { name, run: Box::new(run), waits: None }
}

fn with_fairness(contestant: Contestant, solution: Solution, k: u16) -> Contestant {
    /// Recorded, so every event is kept: enough to tell the shares, little enough to keep.
    const MEALS: u64 = 2_000;
    let run = move |n_ops| {
        let recorded = table::recorded_dinner(solution, k, (MEALS / u64::from(k)) as u32);
        Outcome { fairness: Some(recorded.fairness()), ..(contestant.run)(n_ops) }
    };
    Contestant { run: Box::new(run), ..contestant }
}

fn tables() -> Vec<Row> {
    let mut rows = Vec::new();
    for k in table::SIZES {
        for solution in table::solutions() {
            let ours = dinner("five forks", k, move |meals| table::dinner(solution, k, meals));
            let mut contestants = vec![with_fairness(ours, solution, k)];
            if solution == Solution::Ordered {
                contestants.push(dinner("std", k, move |meals| table::std_dinner(k, meals)));
            }
            rows.push(row(
                PHILOSOPHERS,
                format!("{}, K = {k}", solution.id()),
                "meal",
                contestants,
            ));
        }
    }
    rows
}

fn models() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, grain, record) in turns::VARIANTS {
        let run = move |at_least| {
            let (n_ops, elapsed) = turns::turns(grain, record, at_least);
            Outcome { n_ops, elapsed, fairness: None }
        };
        let ours = Contestant { name: "five forks", run: Box::new(run), waits: None };
        rows.push(row(MODEL, format!("turns, {name}"), "turn", [ours]));
        let executions = plain("five forks", move |n| turns::executions(grain, record, n));
        rows.push(row(MODEL, format!("executions, {name}"), "execution", [executions]));
    }
    rows
}

fn searches() -> Vec<Row> {
    let every = "lock and increment, 3 actors, every interleaving";
    let shuttle = || executions("shuttle", |n| explore::shuttle_lock_and_increment(3, n));
    let by_operations = |_| explore::every_lock_and_increment_by_operations(3);
    let to_the_end = |what: &str| format!("{what}, to the end");
    vec![
        row(
            EXPLORING,
            format!("{every} of operations"),
            "execution",
            [executions("five forks", by_operations), shuttle()],
        ),
        row(
            EXPLORING,
            format!("{every} of accesses"),
            "execution",
            [executions("five forks", |n| explore::every_lock_and_increment(3, n)), shuttle()],
        ),
        row(
            EXPLORING,
            format!("{every} of accesses, listed"),
            "execution",
            [executions("five forks", |n| explore::listed_lock_and_increment(3, n)), shuttle()],
        ),
        row(
            EXPLORING,
            to_the_end(&format!("{every} of accesses, counted")),
            "search",
            [
                whole("five forks", || explore::counted_lock_and_increment(3)),
                whole("shuttle", || explore::shuttle_lock_and_increment(3, u64::MAX)),
            ],
        ),
        row(
            EXPLORING,
            to_the_end("lock and increment by operations, 4 actors"),
            "search",
            [
                whole("five forks", || explore::lock_and_increment_by_operations(4)),
                whole("loom", || explore::loom_lock_and_increment(4)),
            ],
        ),
        row(
            EXPLORING,
            to_the_end("lock and increment by words, 3 actors"),
            "search",
            [
                whole("five forks", || explore::lock_and_increment_by_words(3)),
                whole("loom", || explore::loom_lock_and_increment(3)),
            ],
        ),
        row(
            EXPLORING,
            to_the_end("lock and increment by words, 4 actors, each state"),
            "search",
            [
                whole("five forks", || explore::states_of_lock_and_increment_by_words(4)),
                whole("loom", || explore::loom_lock_and_increment(4)),
            ],
        ),
        row(
            EXPLORING,
            to_the_end("readers 13"),
            "search",
            [
                whole("five forks", || explore::readers(13)),
                whole("interweave", || explore::interweave_readers(13)),
            ],
        ),
        row(EXPLORING, "casrot 9", "execution", [executions("five forks", |_| explore::casrot(9))]),
        row(
            EXPLORING,
            "lastzero 15",
            "execution",
            [executions("five forks", |_| explore::lastzero(15))],
        ),
    ]
}

/// A contestant that looks at executions, of as many searches as it takes.
fn executions(name: &'static str, run: impl Fn(u64) -> explore::Searched + 'static) -> Contestant {
    let run = move |at_least| {
        let (mut n_ops, mut elapsed) = (0, Duration::ZERO);
        while n_ops < at_least {
            let (n_more, took) = run(at_least - n_ops);
            (n_ops, elapsed) = (n_ops + n_more, elapsed + took);
        }
        Outcome { n_ops, elapsed, fairness: None }
    };
    Contestant { name, run: Box::new(run), waits: None }
}

/// A contestant that does one whole search, however many it shall do: it may take seconds.
fn whole(name: &'static str, run: impl Fn() -> explore::Searched + 'static) -> Contestant {
    let run = move |_| Outcome { n_ops: 1, elapsed: run().1, fairness: None };
    Contestant { name, run: Box::new(run), waits: None }
}
