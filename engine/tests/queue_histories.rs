//! Random programs on queues, in the model and on threads: what each operation gave can be put into one
//! order that a plain sequential queue would have had (linearizability), and whoever is stuck is rightly
//! so.
//!
//! The checker is the search of Jeannette Wing and Chun Gong, "Testing and verifying concurrent
//! objects" (1993), with the memory of Gavin Lowe, "Testing for linearizability" (2017).

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::World;
use engine::log::{EventKind, Log};
use engine::model::{Config, Ending, Grain, Model, Pct, Random, RoundRobin, Run, Scheduler};
use engine::queue::{Deque, Fifo, GetError, Lifo, Priority, PutError};
use engine::real::{self, Plain, Threads};
use engine::world::Order;
use proptest::prelude::*;

/// One thing that an actor does. Items are numbered when the program is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Act {
    Put(u32, Patience),
    PutFront(u32),
    Get(Patience),
    GetBack,
    TaskDone,
    Join,
    Close,
    /// The second half of shutting down at once; not chosen, but a part of the history.
    Clear,
    ShutdownNow,
    Sleep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Patience {
    None,
    Some,
    Endless,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Gave {
    Nothing,
    Item(u32),
    /// Full, empty, or nothing left to be done.
    InVain,
    ShutDown,
}

/// An act with the moments at which it began and ended; `None` when it never did.
#[derive(Clone, Copy, Debug)]
struct Entry {
    act: Act,
    begin: usize,
    end: Option<(usize, Gave)>,
}

// --- the plain queue ---------------------------------------------------------------------------

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PlainQueue {
    order: Order,
    capacity: Option<u32>,
    items: VecDeque<u32>,
    n_unfinished: u32,
    is_closed: bool,
}

/// Lower comes first. Many items share one.
fn priority(item: u32) -> u32 {
    item % 3
}

impl PlainQueue {
    fn is_full(&self) -> bool {
        self.capacity.is_some_and(|capacity| self.items.len() as u32 >= capacity)
    }

    fn is_rendezvous(&self) -> bool {
        self.capacity == Some(0)
    }

    fn take(&mut self, back: bool) -> Option<u32> {
        match self.order {
            Order::Lifo => self.items.pop_back(),
            Order::Deque if back => self.items.pop_back(),
            Order::Priority => {
                let best = self.items.iter().copied().min_by_key(|item| priority(*item))?;
                let at = self.items.iter().position(|item| *item == best)?;
                self.items.remove(at)
            }
            _ => self.items.pop_front(),
        }
    }

    /// What the queue is after an act that gave this; `None` when it cannot have.
    fn after(&self, act: Act, gave: Gave) -> Option<Self> {
        let mut next = self.clone();
        // An item that only passes is taken before anything else happens.
        let passing = self.is_rendezvous() && !self.items.is_empty();
        let is_get = matches!(act, Act::Get(_) | Act::GetBack);
        if passing && !is_get {
            return None;
        }
        let is_fine = match (act, gave) {
            (Act::Put(item, _) | Act::PutFront(item), Gave::Nothing) => {
                let is_front = matches!(act, Act::PutFront(_)) && self.order == Order::Deque;
                match is_front {
                    true => next.items.push_front(item),
                    false => next.items.push_back(item),
                }
                next.n_unfinished += 1;
                !self.is_closed && (!self.is_full() || self.is_rendezvous())
            }
            (Act::Put(..) | Act::PutFront(_), Gave::InVain) => self.is_full() && !self.is_closed,
            (Act::Put(..) | Act::PutFront(_), Gave::ShutDown) => self.is_closed,
            (_, Gave::Item(item)) => is_get && next.take(act == Act::GetBack) == Some(item),
            (Act::Get(_) | Act::GetBack, Gave::InVain) => self.items.is_empty() && !self.is_closed,
            (Act::Get(_) | Act::GetBack, Gave::ShutDown) => self.items.is_empty() && self.is_closed,
            (Act::TaskDone, Gave::Nothing) => {
                next.n_unfinished = self.n_unfinished.checked_sub(1)?;
                true
            }
            (Act::TaskDone, Gave::InVain) => self.n_unfinished == 0,
            (Act::Join, Gave::Nothing) => self.n_unfinished == 0,
            (Act::Close, Gave::Nothing) => {
                next.is_closed = true;
                true
            }
            (Act::Clear, Gave::Nothing) => {
                next.n_unfinished = self.n_unfinished.saturating_sub(self.items.len() as u32);
                next.items.clear();
                self.is_closed
            }
            _ => false,
        };
        is_fine.then_some(next)
    }

    /// Whether all these may wait for ever.
    fn may_wait(&self, acts: &[Act]) -> bool {
        let n_puts = acts.iter().filter(|act| matches!(act, Act::Put(..) | Act::PutFront(_)));
        let n_gets = acts.iter().filter(|act| matches!(act, Act::Get(_) | Act::GetBack));
        let (puts, gets) = (n_puts.count() > 0, n_gets.count() > 0);
        !((puts || gets) && self.is_closed)
            && !(puts && !self.is_full())
            && !(gets && !self.items.is_empty())
            && !(puts && gets && self.is_rendezvous())
            && !(acts.contains(&Act::Join) && self.n_unfinished == 0)
    }
}

// --- the checker -------------------------------------------------------------------------------

/// Whether the entries can be put into an order that keeps those apart that did not overlap, and in
/// which a plain queue would have given what they gave.
fn is_linearizable(history: &[Entry], queue: PlainQueue) -> bool {
    let stuck: Vec<Act> = history.iter().filter(|e| e.end.is_none()).map(|e| e.act).collect();
    let ended: Vec<&Entry> = history.iter().filter(|e| e.end.is_some()).collect();
    search(&ended, &stuck, 0, usize::MAX, queue, &mut HashSet::new())
}

/// `last_end` is when the last act ended. Where nothing lies in the queue, who takes an item must have
/// begun before that.
fn search(
    ended: &[&Entry],
    stuck: &[Act],
    done: u64,
    last_end: usize,
    queue: PlainQueue,
    seen: &mut HashSet<(u64, PlainQueue)>,
) -> bool {
    let left = || ended.iter().enumerate().filter(|(idx, _)| done >> idx & 1 == 0);
    let Some(first_end) = left().filter_map(|(_, entry)| Some(entry.end?.0)).min() else {
        return queue.may_wait(stuck);
    };
    if !seen.insert((done, queue.clone())) {
        return false;
    }
    let is_passing = queue.is_rendezvous() && !queue.items.is_empty();
    let latest = if is_passing { last_end } else { usize::MAX };
    left().filter(|(_, entry)| entry.begin < first_end.min(latest)).any(|(idx, entry)| {
        let Some((end, gave)) = entry.end else { return false };
        let next = queue.after(entry.act, gave);
        next.is_some_and(|next| search(ended, stuck, done | 1 << idx, end, next, seen))
    })
}

// --- the programs ------------------------------------------------------------------------------

enum Queue<W: World> {
    Fifo(Box<Fifo<W, u32>>),
    Lifo(Lifo<W, u32>),
    Priority(Priority<W, u32>),
    Deque(Deque<W, u32>),
}

macro_rules! ask {
    ($queue:expr, $it:ident => $ask:expr) => {
        match $queue {
            Queue::Fifo($it) => $ask.await,
            Queue::Lifo($it) => $ask.await,
            Queue::Priority($it) => $ask.await,
            Queue::Deque($it) => $ask.await,
        }
    };
}

macro_rules! put {
    ($queue:expr, $w:expr, $item:expr, $put:ident $(, $timeout:expr)?) => {
        match $queue {
            Queue::Fifo(it) => put_gave(it.$put($w, $item $(, $timeout)?).await),
            Queue::Lifo(it) => put_gave(it.$put($w, $item $(, $timeout)?).await),
            Queue::Priority(it) => {
                put_gave(it.$put($w, (priority($item), $item) $(, $timeout)?).await)
            }
            Queue::Deque(it) => put_gave(it.$put($w, $item $(, $timeout)?).await),
        }
    };
}

macro_rules! get {
    ($queue:expr, $w:expr, $get:ident $(, $timeout:expr)?) => {
        get_gave(match $queue {
            Queue::Fifo(it) => it.$get($w $(, $timeout)?).await,
            Queue::Lifo(it) => it.$get($w $(, $timeout)?).await,
            Queue::Priority(it) => it.$get($w $(, $timeout)?).await.map(|(_, item)| item),
            Queue::Deque(it) => it.$get($w $(, $timeout)?).await,
        })
    };
}

fn put_gave<T>(put: Result<(), PutError<T>>) -> Gave {
    match put {
        Ok(()) => Gave::Nothing,
        Err(PutError::Full(_)) => Gave::InVain,
        Err(PutError::ShutDown(_)) => Gave::ShutDown,
    }
}

fn get_gave(got: Result<u32, GetError>) -> Gave {
    match got {
        Ok(item) => Gave::Item(item),
        Err(GetError::Empty) => Gave::InVain,
        Err(GetError::ShutDown) => Gave::ShutDown,
    }
}

async fn perform<W: World>(w: &W, queue: &Queue<W>, act: Act) -> Gave {
    let timeout = Duration::from_millis(2);
    match (act, queue) {
        (Act::PutFront(item), Queue::Deque(deque)) => put_gave(deque.put_front(w, item).await),
        (Act::GetBack, Queue::Deque(deque)) => get_gave(deque.get_back(w).await),
        (Act::Put(item, Patience::Endless) | Act::PutFront(item), _) => put!(queue, w, item, put),
        (Act::Put(item, Patience::None), _) => put!(queue, w, item, try_put),
        (Act::Put(item, Patience::Some), _) => put!(queue, w, item, put_timeout, timeout),
        (Act::Get(Patience::Endless) | Act::GetBack, _) => get!(queue, w, get),
        (Act::Get(Patience::None), _) => get!(queue, w, try_get),
        (Act::Get(Patience::Some), _) => get!(queue, w, get_timeout, timeout),
        (Act::TaskDone, _) => {
            ask!(queue, it => it.task_done(w)).map_or(Gave::InVain, |()| Gave::Nothing)
        }
        (Act::Join, _) => {
            ask!(queue, it => it.join(w));
            Gave::Nothing
        }
        (Act::Close | Act::Clear, _) => {
            ask!(queue, it => it.shutdown(w, false));
            Gave::Nothing
        }
        (Act::ShutdownNow, _) => {
            ask!(queue, it => it.shutdown(w, true));
            Gave::Nothing
        }
        (Act::Sleep, _) => {
            w.sleep(Duration::from_millis(1)).await;
            Gave::Nothing
        }
    }
}

#[derive(Clone, Debug)]
struct Program {
    order: Order,
    capacity: Option<u32>,
    actors: Vec<Vec<Act>>,
}

impl Program {
    /// The plain queue at its beginning.
    fn queue(&self) -> PlainQueue {
        PlainQueue {
            order: self.order,
            capacity: self.capacity,
            items: VecDeque::new(),
            n_unfinished: 0,
            is_closed: false,
        }
    }
}

fn act() -> impl Strategy<Value = Act> {
    let patience = || prop_oneof![1 => Just(Patience::None), 1 => Just(Patience::Some), 3 => Just(Patience::Endless)];
    prop_oneof![
        10 => patience().prop_map(|patience| Act::Put(0, patience)),
        2 => Just(Act::PutFront(0)),
        10 => patience().prop_map(Act::Get),
        2 => Just(Act::GetBack),
        2 => Just(Act::TaskDone),
        1 => Just(Act::Join),
        1 => Just(Act::Close),
        1 => Just(Act::ShutdownNow),
        2 => Just(Act::Sleep),
    ]
}

/// For up to 4 actors, each with fewer than so many acts.
fn program(max_acts: usize) -> impl Strategy<Value = Program> {
    let orders = vec![Order::Fifo, Order::Lifo, Order::Priority, Order::Deque];
    let order = prop::sample::select(orders);
    let capacity = prop::sample::select(vec![Some(0), Some(1), Some(2), Some(3), None]);
    let actors = prop::collection::vec(prop::collection::vec(act(), 1..max_acts), 1..5);
    (order, capacity, actors).prop_map(|(order, capacity, mut actors)| {
        let all = actors.iter().flatten().copied().collect::<Vec<_>>();
        let mut number = 0;
        for act in actors.iter_mut().flatten() {
            number += 1;
            match act {
                Act::Put(item, _) | Act::PutFront(item) => *item = number,
                // What is thrown away counts as done one by one, which is no single moment.
                Act::TaskDone | Act::Join if all.contains(&Act::ShutdownNow) => *act = Act::Sleep,
                _ => {}
            }
        }
        Program { order, capacity, actors }
    })
}

fn scheduler() -> impl Strategy<Value = (u8, u64)> {
    (0u8..3, any::<u64>())
}

fn make_scheduler((policy, seed): (u8, u64)) -> Box<dyn Scheduler> {
    match policy {
        0 => Box::new(RoundRobin),
        1 => Box::new(Random::new(seed)),
        _ => Box::new(Pct::new(seed, 3, 60)),
    }
}

/// What happened so far: the time, and what was done and is being done.
type History = Arc<Mutex<(usize, Vec<Entry>)>>;

/// Has the actors of a program at work, who tell what they do. They wait for each other first.
fn start<W: World>(world: &W, program: &Program, told: &History, wait: fn(&W, &AtomicUsize)) {
    let capacity = program.capacity;
    let queue = Arc::new(match program.order {
        Order::Fifo => Queue::Fifo(Box::new(Fifo::new(world, "queue", 0, capacity))),
        Order::Lifo => Queue::Lifo(Lifo::new(world, "queue", 0, capacity)),
        Order::Priority => Queue::Priority(Priority::new(world, "queue", 0, capacity)),
        Order::Deque => Queue::Deque(Deque::new(world, "queue", 0, capacity)),
    });
    let n_missing = Arc::new(AtomicUsize::new(program.actors.len()));
    for (idx, acts) in program.actors.iter().enumerate() {
        let (queue, acts, told) = (queue.clone(), acts.clone(), told.clone());
        let n_missing = n_missing.clone();
        world.spawn("actor", idx as u16, move |w| async move {
            wait(&w, &n_missing);
            for act in acts {
                let at = {
                    let (time, entries) = &mut *told.lock().unwrap();
                    *time += 1;
                    entries.push(Entry { act, begin: *time, end: None });
                    entries.len() - 1
                };
                let gave = perform(&w, &queue, act).await;
                let (time, entries) = &mut *told.lock().unwrap();
                *time += 1;
                entries[at].end = Some((*time, gave));
            }
        });
    }
}

fn run(program: &Program, grain: Grain, scheduler: (u8, u64)) -> (Ending, Log, Vec<Entry>) {
    let history = History::default();
    let (told, program) = (history.clone(), program.clone());
    let config = Config { grain, max_turns: 50_000, ..Config::default() };
    let setup = move |world: &Model| start(world, &program, &told, |_, _| ());
    let mut run = Run::new(config, setup);
    let ending = run.finish(&mut *make_scheduler(scheduler));
    let history = history.lock().unwrap().1.clone();
    (ending, run.into_log(), history)
}

fn run_on_threads(program: &Program) -> (Ending, Vec<Entry>) {
    let history = History::default();
    let setup = |world: &Plain| {
        start(world, program, &history, |_, n_missing| {
            n_missing.fetch_sub(1, Ordering::SeqCst);
            while n_missing.load(Ordering::SeqCst) > 0 {
                std::thread::yield_now();
            }
        });
    };
    let ending = real::Run::start(Threads, real::Config::default(), setup).join();
    let history = history.lock().unwrap().1.clone();
    (ending, history)
}

/// Without sleeps, and with shutting down at once in its two halves.
fn refined(history: &[Entry]) -> Vec<Entry> {
    let halves = history.iter().flat_map(|entry| match entry.act {
        Act::Sleep => vec![],
        Act::ShutdownNow => {
            vec![Entry { act: Act::Close, ..*entry }, Entry { act: Act::Clear, ..*entry }]
        }
        _ => vec![*entry],
    });
    halves.collect()
}

fn assert_what_went_out_was_in(log: &Log) {
    let mut inside: Vec<u32> = Vec::new();
    for event in &log.events {
        match event.kind {
            EventKind::Put => inside.push(event.value),
            EventKind::Took => {
                let at = inside.iter().position(|item| *item == event.value);
                inside.remove(at.expect("an item is noted in before it is noted out"));
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn random_programs_are_linearizable(
        program in program(5), scheduler in scheduler(), words: bool,
    ) {
        let grain = if words { Grain::Words } else { Grain::Operations };
        let (ending, log, history) = run(&program, grain, scheduler);
        prop_assert!(
            matches!(ending, Ending::Finished | Ending::Deadlock(_)), "{:?}", ending
        );
        let again = run(&program, grain, scheduler);
        prop_assert!(again.0 == ending && again.1 == log, "the second run differs");
        assert_what_went_out_was_in(&log);
        let history = refined(&history);
        prop_assert!(is_linearizable(&history, program.queue()), "{:?} {:#?}", ending, history);
    }
}

proptest! {
    // On threads a case that fails cannot be made smaller: it is another one each time.
    #![proptest_config(ProptestConfig { cases: 1_000, max_shrink_iters: 0, ..Default::default() })]

    #[test]
    fn random_programs_on_threads_are_linearizable(program in program(9)) {
        let (ending, history) = run_on_threads(&program);
        prop_assert!(
            matches!(ending, Ending::Finished | Ending::Deadlock(_)), "{:?}", ending
        );
        let history = refined(&history);
        prop_assert!(is_linearizable(&history, program.queue()), "{:?} {:#?}", ending, history);
    }
}

/// The checker, checked: it finds what is wrong.
#[test]
fn histories_that_no_queue_can_have_are_found() {
    let queue = |capacity| PlainQueue {
        order: Order::Fifo,
        capacity,
        items: VecDeque::new(),
        n_unfinished: 0,
        is_closed: false,
    };
    let endless = Patience::Endless;
    let entry = |act, begin, end, gave| Entry { act, begin, end: Some((end, gave)) };
    let (put, get) = (|item| Act::Put(item, endless), Act::Get(endless));
    let put_1 = entry(put(1), 0, 1, Gave::Nothing);
    let put_2 = entry(put(2), 2, 3, Gave::Nothing);
    let got = |item| entry(get, 4, 5, Gave::Item(item));
    assert!(is_linearizable(&[put_1, put_2, got(1)], queue(None)));
    assert!(!is_linearizable(&[put_1, put_2, got(2)], queue(None)), "out of order");
    assert!(!is_linearizable(&[put_1, put_2], queue(Some(1))), "too many");
    assert!(!is_linearizable(&[put_1, got(1)], queue(Some(0))), "they never met");
    let empty = entry(Act::Get(Patience::None), 2, 3, Gave::InVain);
    assert!(!is_linearizable(&[put_1, empty], queue(None)), "there was one");
    let stuck = Entry { act: get, begin: 2, end: None };
    assert!(!is_linearizable(&[put_1, stuck], queue(None)), "a lost wakeup");
    let overlapping = entry(put(2), 0, 9, Gave::Nothing);
    assert!(is_linearizable(&[put_1, overlapping, got(2)], queue(None)), "either was first");
}
