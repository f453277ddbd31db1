//! Queues of all orders.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use engine::World;
use engine::log::{EventKind, Log};
use engine::queue::{Deque, Fifo, GetError, Lifo, Priority, PutError};
use engine::world::Order;
use proptest::prelude::*;

use super::search::is_explained;
use super::{Book, Entry, Patience, Program, Thing, in_model, on_threads, patience, programs};

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

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Gave {
    Nothing,
    Item(u32),
    /// Full, empty, or nothing left to be done.
    InVain,
    ShutDown,
}

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
    fn new(order: Order, capacity: Option<u32>) -> Self {
        Self { order, capacity, items: VecDeque::new(), n_unfinished: 0, is_closed: false }
    }

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
}

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

impl Thing for PlainQueue {
    type Act = Act;
    type Gave = Gave;
    type Real<W: World> = Queue<W>;

    fn real<W: World>(&self, world: &W, _: &Arc<Book<Self>>) -> Queue<W> {
        let capacity = self.capacity;
        match self.order {
            Order::Fifo => Queue::Fifo(Box::new(Fifo::new(world, "queue", 0, capacity))),
            Order::Lifo => Queue::Lifo(Lifo::new(world, "queue", 0, capacity)),
            Order::Priority => Queue::Priority(Priority::new(world, "queue", 0, capacity)),
            Order::Deque => Queue::Deque(Deque::new(world, "queue", 0, capacity)),
        }
    }

    async fn perform<W: World>(w: &W, real: &Queue<W>, act: Act) -> Gave {
        let timeout = Duration::from_millis(2);
        match (act, real) {
            (Act::PutFront(item), Queue::Deque(deque)) => put_gave(deque.put_front(w, item).await),
            (Act::GetBack, Queue::Deque(deque)) => get_gave(deque.get_back(w).await),
            (Act::Put(item, Patience::Endless) | Act::PutFront(item), _) => {
                put!(real, w, item, put)
            }
            (Act::Put(item, Patience::None), _) => put!(real, w, item, try_put),
            (Act::Put(item, Patience::Some), _) => put!(real, w, item, put_timeout, timeout),
            (Act::Get(Patience::Endless) | Act::GetBack, _) => get!(real, w, get),
            (Act::Get(Patience::None), _) => get!(real, w, try_get),
            (Act::Get(Patience::Some), _) => get!(real, w, get_timeout, timeout),
            (Act::TaskDone, _) => {
                ask!(real, it => it.task_done(w)).map_or(Gave::InVain, |()| Gave::Nothing)
            }
            (Act::Join, _) => {
                ask!(real, it => it.join(w));
                Gave::Nothing
            }
            (Act::Close | Act::Clear, _) => {
                ask!(real, it => it.shutdown(w, false));
                Gave::Nothing
            }
            (Act::ShutdownNow, _) => {
                ask!(real, it => it.shutdown(w, true));
                Gave::Nothing
            }
            (Act::Sleep, _) => {
                w.sleep(Duration::from_millis(1)).await;
                Gave::Nothing
            }
        }
    }

    fn parts(act: Act, gave: Option<Gave>) -> Vec<(Act, Option<Gave>)> {
        match act {
            Act::Sleep => vec![],
            Act::ShutdownNow => vec![(Act::Close, gave), (Act::Clear, gave)],
            _ => vec![(act, gave)],
        }
    }

    fn after(&self, _: usize, act: Act, gave: Gave) -> Option<Self> {
        let mut next = self.clone();
        let is_get = matches!(act, Act::Get(_) | Act::GetBack);
        // An item that only passes is taken before anything else happens.
        if self.is_passing() && !is_get {
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

    fn may_rest(&self, stuck: &[(usize, Act)]) -> bool {
        let has = |wanted: fn(&Act) -> bool| stuck.iter().any(|(_, act)| wanted(act));
        let puts = has(|act| matches!(act, Act::Put(..) | Act::PutFront(_)));
        let gets = has(|act| matches!(act, Act::Get(_) | Act::GetBack));
        !((puts || gets) && self.is_closed)
            && !(puts && !self.is_full())
            && !(gets && !self.items.is_empty())
            && !(puts && gets && self.is_rendezvous())
            && !(has(|act| *act == Act::Join) && self.n_unfinished == 0)
    }

    fn is_passing(&self) -> bool {
        self.is_rendezvous() && !self.items.is_empty()
    }

    fn assert_log(log: &Log) {
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
}

/// A queue of any order and capacity, and lists with fewer than so many acts.
fn queues(max_acts: usize) -> impl Strategy<Value = Program<PlainQueue>> {
    let act = prop_oneof![
        10 => patience().prop_map(|patience| Act::Put(0, patience)),
        2 => Just(Act::PutFront(0)),
        10 => patience().prop_map(Act::Get),
        2 => Just(Act::GetBack),
        2 => Just(Act::TaskDone),
        1 => Just(Act::Join),
        1 => Just(Act::Close),
        1 => Just(Act::ShutdownNow),
        2 => Just(Act::Sleep),
    ];
    let orders = vec![Order::Fifo, Order::Lifo, Order::Priority, Order::Deque];
    let order = prop::sample::select(orders);
    let capacity = prop::sample::select(vec![Some(0), Some(1), Some(2), Some(3), None]);
    let queue = (order, capacity).prop_map(|(order, capacity)| PlainQueue::new(order, capacity));
    programs(queue, act.prop_map(|act| vec![act]), max_acts).prop_map(|mut program| {
        let all = program.lists.concat();
        let mut number = 0;
        for act in program.lists.iter_mut().flatten() {
            number += 1;
            match act {
                Act::Put(item, _) | Act::PutFront(item) => *item = number,
                // What is thrown away counts as done one by one, which is no single moment.
                Act::TaskDone | Act::Join if all.contains(&Act::ShutdownNow) => *act = Act::Sleep,
                _ => {}
            }
        }
        program
    })
}

#[test]
fn lists_in_the_model() {
    in_model(4_000, queues(5));
}

#[test]
fn lists_on_threads() {
    on_threads(1_000, queues(9));
}

/// The checker, checked: it finds what is wrong.
#[test]
fn histories_that_no_queue_can_have_are_found() {
    let is_explained = |history: &[Entry<Act, Gave>], capacity| {
        is_explained(&PlainQueue::new(Order::Fifo, capacity), history)
    };
    let endless = Patience::Endless;
    let entry = |act, begin, end, gave| Entry { actor: 0, act, begin, end: Some((end, gave)) };
    let (put, get) = (|item| Act::Put(item, endless), Act::Get(endless));
    let put_1 = entry(put(1), 0, 1, Gave::Nothing);
    let put_2 = entry(put(2), 2, 3, Gave::Nothing);
    let got = |item| entry(get, 4, 5, Gave::Item(item));
    assert!(is_explained(&[put_1, put_2, got(1)], None));
    assert!(!is_explained(&[put_1, put_2, got(2)], None), "out of order");
    assert!(!is_explained(&[put_1, put_2], Some(1)), "too many");
    assert!(!is_explained(&[put_1, got(1)], Some(0)), "they never met");
    let empty = entry(Act::Get(Patience::None), 2, 3, Gave::InVain);
    assert!(!is_explained(&[put_1, empty], None), "there was one");
    let stuck = Entry { actor: 0, act: get, begin: 2, end: None };
    assert!(!is_explained(&[put_1, stuck], None), "a lost wakeup");
    let overlapping = entry(put(2), 0, 9, Gave::Nothing);
    assert!(is_explained(&[put_1, overlapping, got(2)], None), "either was first");
}
