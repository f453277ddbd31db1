//! Queues: messages from some threads to others. The engine's own next to the channels of the field,
//! and to buffers written by hand with a lock and two conditions.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crossfire::{BlockingRxTrait, BlockingTxTrait};
use engine::block;
use engine::queue::{Deque, Fifo, Lifo, Priority, Queue, Store, Tag};
use engine::real::Plain;

use crate::crew::{self, Actor, Apart};
use crate::monitor::{Monitor, Whom};
use crate::row::Outcome;

/// What is sent: 8·N bytes that begin with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message<const N: usize>([u64; N]);

impl<const N: usize> Message<N> {
    fn of(number: u64) -> Self {
        Self([number; N])
    }

    /// 0 where there is no room for a number.
    fn number(&self) -> u64 {
        self.0.first().copied().unwrap_or(0)
    }
}

impl<const N: usize> Tag for Message<N> {
    fn tag(&self) -> u32 {
        self.number() as u32
    }
}

/// How many threads put and how many get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The name in tables.
    pub name: &'static str,
    /// Who put.
    pub putters: usize,
    /// Who get.
    pub getters: usize,
}

/// One to one, many to one, many to many.
pub const SHAPES: [Shape; 3] = [
    Shape { name: "1 → 1", putters: 1, getters: 1 },
    Shape { name: "4 → 1", putters: 4, getters: 1 },
    Shape { name: "4 → 4", putters: 4, getters: 4 },
];

/// Each puts or gets an equal share of the messages; `None`: any number of them may lie in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Who.
    pub shape: Shape,
    /// How many messages there is room for.
    pub capacity: Option<usize>,
    /// How many messages there are in all, rounded up to equal shares.
    pub n_messages: u64,
}

enum Side<P, G> {
    Putter(P),
    Getter(G),
}

/// Sends the messages of `load`: the putters by `put`, the getters take them by `get`.
///
/// # Panics
/// When a message was lost, or came twice.
fn pass_on<const N: usize, P: Send, G: Send>(
    load: Load,
    (putters, getters): (Vec<P>, Vec<G>),
    put: impl Fn(&P, Message<N>) + Sync,
    get: impl Fn(&G) -> Message<N> + Sync,
) -> Outcome {
    let (n_putters, n_getters) = (putters.len() as u64, getters.len() as u64);
    // In all shapes one number divides the other.
    let share = load.n_messages.div_ceil(n_putters.max(n_getters)).max(1);
    let n_messages = share * n_putters.max(n_getters);
    let putters = putters.into_iter().map(Side::Putter).zip(0..);
    let actors = putters.chain(getters.into_iter().map(Side::Getter).zip(0..)).collect();
    let (elapsed, sums) = crew::run(actors, |(side, idx)| match &side {
        Side::Putter(putter) => {
            let share = n_messages / n_putters;
            (share * idx..share * (idx + 1)).for_each(|number| put(putter, Message::of(number)));
            0
        }
        Side::Getter(getter) => (0..n_messages / n_getters).map(|_| get(getter).number()).sum(),
    });
    let sum: u64 = sums.into_iter().sum();
    let expected = if N == 0 { 0 } else { n_messages * (n_messages - 1) / 2 };
    assert_eq!(sum, expected, "a message was lost");
    Outcome { n_ops: n_messages, elapsed, fairness: None }
}

fn both<P: Clone, G: Clone>(shape: Shape, (put, get): (P, G)) -> (Vec<P>, Vec<G>) {
    (vec![put; shape.putters], vec![get; shape.getters])
}

/// As many different actors as the shape has threads.
fn sides<A: Actor>(shape: Shape) -> (Vec<A>, Vec<A>) {
    let mut putters = A::several(shape.putters + shape.getters);
    let getters = putters.split_off(shape.putters);
    (putters, getters)
}

/// An engine's queue whose items are made of messages and give them back.
fn ours<T: Tag + Send + 'static, S: Store<Plain, T>, const N: usize>(
    load: Load,
    queue: Queue<Plain, T, S>,
    wrap: impl Fn(Message<N>) -> T + Sync,
    unwrap: impl Fn(T) -> Message<N> + Sync,
) -> Outcome {
    let queue = Apart(queue);
    let queue = &queue.0;
    pass_on(
        load,
        sides::<Plain>(load.shape),
        |w, message| {
            let put = block(queue.put(w, wrap(message))).expect("the run is not stopped");
            assert!(put.is_ok(), "nobody shuts it down");
        },
        |w| {
            let got = block(queue.get(w)).expect("the run is not stopped");
            unwrap(got.expect("nobody shuts it down"))
        },
    )
}

fn capacity_of(load: Load) -> Option<u32> {
    load.capacity.map(|capacity| capacity as u32)
}

/// The engine's queue, first in, first out.
pub fn our_fifo<const N: usize>(load: Load) -> Outcome {
    let queue = Fifo::new(&Plain::solo(), "queue", 0, capacity_of(load));
    ours(load, queue, |message: Message<N>| message, |message| message)
}

/// The engine's queue, last in, first out.
pub fn our_lifo<const N: usize>(load: Load) -> Outcome {
    let queue = Lifo::new(&Plain::solo(), "queue", 0, capacity_of(load));
    ours(load, queue, |message: Message<N>| message, |message| message)
}

/// The engine's queue of priorities.
pub fn our_priority<const N: usize>(load: Load) -> Outcome {
    let queue: Priority<Plain, Message<N>> =
        Priority::new(&Plain::solo(), "queue", 0, capacity_of(load));
    ours(load, queue, ranked, |(_, message)| message)
}

/// The engine's deque: everybody takes turns between its two ends.
pub fn our_deque<const N: usize>(load: Load) -> Outcome {
    let deque = Apart(Deque::new(&Plain::solo(), "deque", 0, capacity_of(load)));
    let deque = &deque.0;
    let (putters, getters) = sides::<Plain>(load.shape);
    let by_turns = |actors: Vec<_>| actors.into_iter().map(|w| (w, Turn::default())).collect();
    pass_on(
        load,
        (by_turns(putters), by_turns(getters)),
        |(w, turn): &(Plain, Turn), message: Message<N>| {
            let put = if turn.goes_to_the_back() {
                block(deque.put_back(w, message))
            } else {
                block(deque.put_front(w, message))
            };
            assert!(put.expect("the run is not stopped").is_ok(), "nobody shuts it down");
        },
        |(w, turn): &(Plain, Turn)| {
            let got = if turn.goes_to_the_back() {
                block(deque.get_back(w))
            } else {
                block(deque.get_front(w))
            };
            got.expect("the run is not stopped").expect("nobody shuts it down")
        },
    )
}

/// Which of the two ends of a deque is next.
#[derive(Default)]
struct Turn(Cell<bool>);

impl Turn {
    /// Every other time.
    #[inline]
    fn goes_to_the_back(&self) -> bool {
        self.0.replace(!self.0.get())
    }
}

/// A message with a priority that looks like chance.
fn ranked<const N: usize>(message: Message<N>) -> (u32, Message<N>) {
    (message.number().wrapping_mul(0x9e37_79b9) as u32 % 64, message)
}

/// kanal.
pub fn kanal<const N: usize>(load: Load) -> Outcome {
    let channel = match load.capacity {
        Some(capacity) => kanal::bounded(capacity),
        None => kanal::unbounded(),
    };
    pass_on(
        load,
        both(load.shape, channel),
        |sender, message: Message<N>| sender.send(message).expect("it is open"),
        |receiver| receiver.recv().expect("it is open"),
    )
}

/// crossbeam-channel.
pub fn crossbeam<const N: usize>(load: Load) -> Outcome {
    let channel = match load.capacity {
        Some(capacity) => crossbeam_channel::bounded(capacity),
        None => crossbeam_channel::unbounded(),
    };
    pass_on(
        load,
        both(load.shape, channel),
        |sender, message: Message<N>| sender.send(message).expect("it is open"),
        |receiver| receiver.recv().expect("it is open"),
    )
}

/// flume.
pub fn flume<const N: usize>(load: Load) -> Outcome {
    let channel = match load.capacity {
        Some(capacity) => flume::bounded(capacity),
        None => flume::unbounded(),
    };
    pass_on(
        load,
        both(load.shape, channel),
        |sender, message: Message<N>| sender.send(message).expect("it is open"),
        |receiver| receiver.recv().expect("it is open"),
    )
}

/// crossfire, in the flavour that it has for the shape. It takes a capacity of 0 for 1.
pub fn crossfire<const N: usize>(load: Load) -> Outcome {
    use crossfire::{mpmc, mpsc, spsc};

    fn through<const N: usize, P, G>(load: Load, sides: (Vec<P>, Vec<G>)) -> Outcome
    where
        P: BlockingTxTrait<Message<N>> + Send,
        G: BlockingRxTrait<Message<N>> + Send,
    {
        pass_on(
            load,
            sides,
            |sender, message| sender.send(message).expect("it is open"),
            |receiver| receiver.recv().expect("it is open"),
        )
    }
    fn one<P, G>((put, get): (P, G)) -> (Vec<P>, Vec<G>) {
        (vec![put], vec![get])
    }
    fn to_one<P: Clone, G>(shape: Shape, (put, get): (P, G)) -> (Vec<P>, Vec<G>) {
        (vec![put; shape.putters], vec![get])
    }

    // It says itself that one should call this on a small machine.
    crossfire::detect_backoff_cfg();
    let shape = load.shape;
    match (shape.putters, shape.getters, load.capacity) {
        (1, 1, Some(capacity)) => {
            through(load, one(spsc::bounded_blocking::<Message<N>>(capacity)))
        }
        (1, 1, None) => through(load, one(spsc::unbounded_blocking::<Message<N>>())),
        (_, 1, Some(capacity)) => {
            through(load, to_one(shape, mpsc::bounded_blocking::<Message<N>>(capacity)))
        }
        (_, 1, None) => through(load, to_one(shape, mpsc::unbounded_blocking::<Message<N>>())),
        (_, _, Some(capacity)) => {
            through(load, both(shape, mpmc::bounded_blocking::<Message<N>>(capacity)))
        }
        (_, _, None) => through(load, both(shape, mpmc::unbounded_blocking::<Message<N>>())),
    }
}

/// Where messages lie in a buffer written by hand.
pub trait Shelf<const N: usize>: Default + Send {
    /// Puts one there.
    fn put(&mut self, message: Message<N>);
    /// Takes the next one.
    fn take(&mut self) -> Option<Message<N>>;
    /// How many there are.
    fn len(&self) -> usize;
    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<const N: usize> Shelf<N> for VecDeque<Message<N>> {
    fn put(&mut self, message: Message<N>) {
        self.push_back(message);
    }

    fn take(&mut self) -> Option<Message<N>> {
        self.pop_front()
    }

    fn len(&self) -> usize {
        self.len()
    }
}

impl<const N: usize> Shelf<N> for Vec<Message<N>> {
    fn put(&mut self, message: Message<N>) {
        self.push(message);
    }

    fn take(&mut self) -> Option<Message<N>> {
        self.pop()
    }

    fn len(&self) -> usize {
        self.len()
    }
}

impl<const N: usize> Shelf<N> for BinaryHeap<Reverse<(u32, Message<N>)>> {
    fn put(&mut self, message: Message<N>) {
        self.push(Reverse(ranked(message)));
    }

    fn take(&mut self) -> Option<Message<N>> {
        self.pop().map(|Reverse((_, message))| message)
    }

    fn len(&self) -> usize {
        self.len()
    }
}

/// A shelf with two ends, at which things are put and taken by turns.
#[derive(Default)]
pub struct TwoEnds<const N: usize> {
    messages: VecDeque<Message<N>>,
    puts: Turn,
    takes: Turn,
}

impl<const N: usize> Shelf<N> for TwoEnds<N> {
    fn put(&mut self, message: Message<N>) {
        if self.puts.goes_to_the_back() {
            self.messages.push_back(message);
        } else {
            self.messages.push_front(message);
        }
    }

    fn take(&mut self) -> Option<Message<N>> {
        if self.takes.goes_to_the_back() {
            self.messages.pop_back()
        } else {
            self.messages.pop_front()
        }
    }

    fn len(&self) -> usize {
        self.messages.len()
    }
}

const ROOM: usize = 0;
const FILLED: usize = 1;

/// A buffer written by hand: a shelf behind a lock, a condition for room and one for messages.
/// Whoever puts or gets one tells `whom` of those on the other side.
pub fn by_hand<M: Monitor<S>, S: Shelf<N>, const N: usize>(whom: Whom, load: Load) -> Outcome {
    let monitor = Apart(M::new(S::default()));
    let monitor = &monitor.0;
    let capacity = load.capacity.unwrap_or(usize::MAX);
    let put = |actor: &M::Actor, message| {
        let step = |shelf: &mut S| (shelf.len() < capacity).then(|| shelf.put(message));
        monitor.change(actor, ROOM, step, Some((FILLED, whom)));
    };
    let get = |actor: &M::Actor| monitor.change(actor, FILLED, S::take, Some((ROOM, whom)));
    pass_on(load, sides::<M::Actor>(load.shape), put, get)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::{Ours, ParkingLot, Std};

    fn check<const N: usize>(load: Load) {
        let outcomes = [
            our_fifo::<N>(load),
            our_lifo::<N>(load),
            our_priority::<N>(load),
            our_deque::<N>(load),
            kanal::<N>(load),
            crossbeam::<N>(load),
            crossfire::<N>(load),
            flume::<N>(load),
        ];
        assert!(outcomes.iter().all(|outcome| outcome.n_ops >= load.n_messages));
    }

    fn check_by_hand<const N: usize>(whom: Whom, load: Load) {
        by_hand::<Ours<_>, VecDeque<_>, N>(whom, load);
        by_hand::<Std<_>, Vec<_>, N>(whom, load);
        by_hand::<ParkingLot<_>, BinaryHeap<_>, N>(whom, load);
        by_hand::<ParkingLot<_>, TwoEnds<N>, N>(whom, load);
    }

    #[test]
    fn all_contestants_pass_on_everything() {
        for shape in SHAPES {
            for capacity in [Some(0), Some(1), Some(100), None] {
                let load = Load { shape, capacity, n_messages: 203 };
                check::<0>(load);
                check::<1>(load);
                check::<4>(load);
                if capacity != Some(0) {
                    check_by_hand::<1>(Whom::One, load);
                    check_by_hand::<4>(Whom::All, load);
                }
            }
        }
    }
}
