//! Queues: what goes in comes out once, or comes back, or is thrown away and counted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engine::World;
use engine::queue::{
    Deque, Fifo, GetError, Lifo, Priority, PutError, Queue, Store, Tag, TooManyTaskDone,
};

use crate::{Check, Count, Last, Memory, Numbers, both, moment, stress};

const N_PUTTERS: u16 = 3;
const N_GETTERS: u16 = 3;
const CAPACITIES: [Option<u32>; 5] = [Some(0), Some(1), Some(3), Some(100), None];

/// Something with a number of its own, on the heap, which its getter may write to.
struct Item {
    number: Box<u64>,
    touched: Memory,
    /// Counts those that were dropped.
    dropped: Arc<Count>,
}

impl Item {
    fn new(putter: u16, idx: u32, dropped: &Arc<Count>) -> Self {
        let number = Box::new((u64::from(putter) << 32) | u64::from(idx));
        Self { number, touched: Memory::default(), dropped: dropped.clone() }
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        self.touched.count();
        self.dropped.add(1);
    }
}

impl Tag for Item {
    fn tag(&self) -> u32 {
        *self.number as u32
    }
}

/// A queue of one order or another.
trait Post<W: World>: Send + Sync + 'static {
    /// Whether each putter's items come out in their order.
    const IN_ORDER: bool = false;

    fn new(world: &W, capacity: Option<u32>) -> Self;
    async fn put(&self, w: &W, item: Item) -> Result<(), PutError<Item>>;
    async fn get(&self, w: &W) -> Result<Item, GetError>;
    async fn task_done(&self, w: &W) -> Result<(), TooManyTaskDone>;
    async fn join(&self, w: &W);
    async fn shutdown(&self, w: &W, immediate: bool);
    async fn len(&self, w: &W) -> u32;
}

/// What the queues of all orders have in common.
macro_rules! post {
    ($queue:ident, $in_order:expr, $wrap:expr, $unwrap:expr) => {
        impl<W: World> Post<W> for $queue<W, Item> {
            const IN_ORDER: bool = $in_order;

            fn new(world: &W, capacity: Option<u32>) -> Self {
                Self::new(world, "queue", 0, capacity)
            }

            async fn put(&self, w: &W, item: Item) -> Result<(), PutError<Item>> {
                let put = put_somehow(self, w, $wrap(w, item)).await;
                put.map_err(|error| match error {
                    PutError::Full(item) => PutError::Full($unwrap(item)),
                    PutError::ShutDown(item) => PutError::ShutDown($unwrap(item)),
                })
            }

            async fn get(&self, w: &W) -> Result<Item, GetError> {
                get_somehow(self, w).await.map($unwrap)
            }

            async fn task_done(&self, w: &W) -> Result<(), TooManyTaskDone> {
                self.task_done(w).await
            }

            async fn join(&self, w: &W) {
                self.join(w).await;
            }

            async fn shutdown(&self, w: &W, immediate: bool) {
                self.shutdown(w, immediate).await;
            }

            async fn len(&self, w: &W) -> u32 {
                self.len(w).await
            }
        }
    };
}

post!(Fifo, true, |_, item| item, |item| item);
post!(Lifo, false, |_, item| item, |item| item);
post!(Priority, false, |w: &W, item| (w.random(3), item), |(_, item)| item);

async fn put_somehow<W: World, T: Tag + Send + 'static, S: Store<W, T>>(
    queue: &Queue<W, T, S>,
    w: &W,
    item: T,
) -> Result<(), PutError<T>> {
    match w.random(4) {
        0 | 1 => queue.put(w, item).await,
        2 => queue.try_put(w, item).await,
        _ => queue.put_timeout(w, item, moment(w)).await,
    }
}

async fn get_somehow<W: World, T: Tag + Send + 'static, S: Store<W, T>>(
    queue: &Queue<W, T, S>,
    w: &W,
) -> Result<T, GetError> {
    match w.random(4) {
        0 | 1 => queue.get(w).await,
        2 => queue.try_get(w).await,
        _ => queue.get_timeout(w, moment(w)).await,
    }
}

/// A deque, both of whose ends are used.
struct Ends<W: World>(Deque<W, Item>);

impl<W: World> Post<W> for Ends<W> {
    fn new(world: &W, capacity: Option<u32>) -> Self {
        Self(Deque::new(world, "deque", 0, capacity))
    }

    async fn put(&self, w: &W, item: Item) -> Result<(), PutError<Item>> {
        match w.random(7) {
            0 => self.0.put_front(w, item).await,
            1 => self.0.put_back(w, item).await,
            2 => self.0.try_put_front(w, item).await,
            3 => self.0.try_put_back(w, item).await,
            4 => self.0.put_front_timeout(w, item, moment(w)).await,
            5 => self.0.put_back_timeout(w, item, moment(w)).await,
            _ => self.0.put(w, item).await,
        }
    }

    async fn get(&self, w: &W) -> Result<Item, GetError> {
        match w.random(7) {
            0 => self.0.get_front(w).await,
            1 => self.0.get_back(w).await,
            2 => self.0.try_get_front(w).await,
            3 => self.0.try_get_back(w).await,
            4 => self.0.get_front_timeout(w, moment(w)).await,
            5 => self.0.get_back_timeout(w, moment(w)).await,
            _ => self.0.get(w).await,
        }
    }

    async fn task_done(&self, w: &W) -> Result<(), TooManyTaskDone> {
        self.0.task_done(w).await
    }

    async fn join(&self, w: &W) {
        self.0.join(w).await;
    }

    async fn shutdown(&self, w: &W, immediate: bool) {
        self.0.shutdown(w, immediate).await;
    }

    async fn len(&self, w: &W) -> u32 {
        self.0.len(w).await
    }
}

/// What has become of the items.
#[derive(Default)]
struct Fates {
    n_made: Count,
    got: Numbers,
    came_back: Numbers,
    dropped: Arc<Count>,
}

/// How a queue comes to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// When everything has been put in.
    AtLast,
    /// At some moment; what is in it may still be taken out.
    Sometime,
    /// At some moment, and what is in it is thrown away.
    AtOnce,
}

async fn putter<W: World, Q: Post<W>>(w: &W, queue: &Q, fates: &Fates, idx: u16, n_items: u32) {
    for nth in 0..n_items {
        let mut item = Item::new(idx, nth, &fates.dropped);
        fates.n_made.add(1);
        loop {
            match queue.put(w, item).await {
                Ok(()) => break,
                Err(PutError::Full(again)) => item = again,
                Err(PutError::ShutDown(item)) => {
                    fates.came_back.add([*item.number]);
                    return;
                }
            }
            w.sleep(Duration::ZERO).await;
        }
    }
}

async fn getter<W: World, Q: Post<W>>(w: &W, queue: &Q, fates: &Fates) {
    let (mut got, mut latest) = (Vec::new(), BTreeMap::new());
    loop {
        match queue.get(w).await {
            Ok(item) => {
                item.touched.count();
                let number = *item.number;
                let before = latest.insert(number >> 32, number);
                let is_later = before.is_none_or(|before| before < number);
                w.check(is_later || !Q::IN_ORDER, "each putter's come in their order");
                got.push(number);
                drop(item);
                w.check(queue.task_done(w).await.is_ok(), "it was not done before");
            }
            Err(GetError::Empty) => w.sleep(Duration::ZERO).await,
            Err(GetError::ShutDown) => break,
        }
    }
    fates.got.add(got);
}

fn hand_over<W: World, Q: Post<W>>(world: &W, n_items: u32, n: Option<u32>, end: End) -> Check {
    let queue = Arc::new(Q::new(world, n));
    let fates = Arc::new(Fates::default());
    let (last_putter, last) = (Last::of(N_PUTTERS), Last::of(N_PUTTERS + N_GETTERS));
    let finish = async |w: &W, queue: &Q| {
        queue.join(w).await;
        w.check(queue.task_done(w).await.is_err(), "all that went in are done");
        w.check(queue.len(w).await == 0, "nothing is left");
    };
    for idx in 0..N_PUTTERS {
        let (queue, fates) = (queue.clone(), fates.clone());
        let (last_putter, last) = (last_putter.clone(), last.clone());
        world.spawn("putter", idx, move |w| async move {
            putter(&w, &*queue, &fates, idx, n_items).await;
            if last_putter.is_me() {
                queue.shutdown(&w, false).await;
            }
            if last.is_me() {
                finish(&w, &queue).await;
            }
        });
    }
    for idx in 0..N_GETTERS {
        let (queue, fates, last) = (queue.clone(), fates.clone(), last.clone());
        world.spawn("getter", idx, move |w| async move {
            getter(&w, &*queue, &fates).await;
            if last.is_me() {
                finish(&w, &queue).await;
            }
        });
    }
    if end != End::AtLast {
        let queue = queue.clone();
        world.spawn("boss", 0, move |w| async move {
            w.sleep(Duration::from_micros(w.random(1_500).into())).await;
            queue.shutdown(&w, end == End::AtOnce).await;
        });
    }
    Box::new(move || {
        // What it holds, if anything, is dropped too.
        drop(queue);
        let [got, came_back] = [&fates.got, &fates.came_back].map(Numbers::take);
        let n_made = fates.n_made.get();
        assert_eq!(fates.dropped.get(), n_made, "each is dropped once");
        assert!(got.is_disjoint(&came_back));
        let n_known = (got.len() + came_back.len()) as u64;
        match end {
            End::AtLast => assert_eq!(got.len() as u64, u64::from(N_PUTTERS) * u64::from(n_items)),
            End::Sometime => assert_eq!(n_known, n_made),
            End::AtOnce => assert!(n_known <= n_made),
        }
        2 * n_made
    })
}

fn in_all_ways<W: World, Q: Post<W>>(world: &W, n_rounds: u32) -> Check {
    // One capacity and one end a run, by the run's seed.
    let pick = world.random(15);
    let capacity = CAPACITIES[(pick % 5) as usize];
    let end = [End::AtLast, End::Sometime, End::AtOnce][(pick / 5) as usize];
    hand_over::<W, Q>(world, n_rounds * 2, capacity, end)
}

pub fn fifos<W: World>(world: &W, n_rounds: u32) -> Check {
    in_all_ways::<W, Fifo<W, Item>>(world, n_rounds)
}

pub fn lifos<W: World>(world: &W, n_rounds: u32) -> Check {
    in_all_ways::<W, Lifo<W, Item>>(world, n_rounds)
}

pub fn priorities<W: World>(world: &W, n_rounds: u32) -> Check {
    in_all_ways::<W, Priority<W, Item>>(world, n_rounds)
}

pub fn deques<W: World>(world: &W, n_rounds: u32) -> Check {
    in_all_ways::<W, Ends<W>>(world, n_rounds)
}

/// Items that make the round: each is put back by whoever got it, and all are there in the end.
pub fn rings<W: World>(world: &W, n_rounds: u32) -> Check {
    const N_ACTORS: u16 = 4;
    let queue = Arc::new(Fifo::new(world, "queue", 0, Some(3)));
    let dropped = Arc::new(Count::default());
    let last = Last::of(N_ACTORS);
    let sums = Arc::new(Count::default());
    for idx in 0..N_ACTORS {
        let (queue, dropped, sums) = (queue.clone(), dropped.clone(), sums.clone());
        let last = last.clone();
        world.spawn("actor", idx, move |w| async move {
            // Three items for four actors.
            if idx < 3 {
                let put = queue.put(&w, Item::new(0, idx.into(), &dropped)).await;
                w.check(put.is_ok(), "nobody shuts it down");
            }
            for _ in 0..n_rounds {
                let Ok(item) = queue.get(&w).await else { continue };
                item.touched.count();
                w.check(queue.put(&w, item).await.is_ok(), "there is room");
            }
            if last.is_me() {
                for _ in 0..3 {
                    let Ok(item) = queue.try_get(&w).await else { continue };
                    sums.add(item.touched.get() << 8 | 1 << *item.number);
                }
            }
        });
    }
    Box::new(move || {
        let n_rounds = u64::from(N_ACTORS) * u64::from(n_rounds);
        assert_eq!(sums.get(), n_rounds << 8 | 0b111, "all three, and each round once");
        assert_eq!(dropped.get(), 3);
        2 * n_rounds
    })
}

#[test]
fn fifos_lose_and_double_nothing() {
    stress(both!(fifos));
}

#[test]
fn lifos_lose_and_double_nothing() {
    stress(both!(lifos));
}

#[test]
fn priorities_lose_and_double_nothing() {
    stress(both!(priorities));
}

#[test]
fn deques_lose_and_double_nothing() {
    stress(both!(deques));
}

#[test]
fn items_make_the_round() {
    stress(both!(rings));
}
