//! Locks, semaphores and queues under weak orderings: every execution that the C11 memory model allows, up to
//! a bound on preemptions, by loom.
//!
//! The model of the engine is sequentially consistent, so it cannot see an ordering that is too
//! weak; this world can. It is the engine's own code on loom's atomics. Runs in a lane of its own:
//! `RUSTFLAGS="--cfg loom" cargo test -p engine --release --test loom`.

#![cfg(loom)]

use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;

use engine::queue::{Fifo, GetError, PutError, Tag};
use engine::sync::{Lock, NotOwner, Semaphore};
use engine::world::{
    ActorId, Boxed, Failure, Note, ObjectKind, Operation, Ordering, Role, Waited, Word, World,
    block,
};
use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicU32, fence};
use loom::sync::{Arc, Condvar, Mutex};

/// A world of loom's threads.
#[derive(Clone)]
struct Loom {
    me: ActorId,
}

/// A word of loom's. Its waiters stand in line behind a lock, as they do in the kernel's futex; that
/// the kernel's lock also orders what threads did before and after is hidden nowhere else.
struct LoomWord {
    value: AtomicU32,
    n_waiting: Mutex<u32>,
    wake: Condvar,
}

/// A future that does `work` when it is polled, as in the real world.
fn at_poll<'a, T>(mut work: impl FnMut() -> T + 'a) -> impl Future<Output = T> + 'a {
    poll_fn(move |_| Poll::Ready(work()))
}

/// Loom takes a sequentially consistent access for an acquiring and releasing one. With a fence
/// before each of them, they are in one order all the same; a fence after them as well would be
/// stronger than what was asked for, and hide where too little was.
fn ordered<T>(order: Ordering, access: impl FnOnce() -> T) -> T {
    if order == Ordering::SeqCst {
        fence(Ordering::SeqCst);
    }
    access()
}

impl World for Loom {
    type Word = LoomWord;
    type Object = ();

    const SPINS: u32 = 0;

    fn me(&self) -> ActorId {
        self.me
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn random(&self, _: u32) -> u32 {
        0
    }

    fn relax(&self, _: u32) {
        loom::thread::yield_now();
    }

    fn register(&self, _: ObjectKind, _: &'static str, _: u16) {}

    fn word(&self, (): (), initial: u32) -> LoomWord {
        let (n_waiting, wake) = (Mutex::new(0), Condvar::new());
        LoomWord { value: AtomicU32::new(initial), n_waiting, wake }
    }

    fn note(&self, (): (), _: Note) {}

    fn phase(&self, _: u32) {}

    fn operation<'a, F: Future + 'a>(
        &'a self,
        _: Operation<'a, Self>,
        body: F,
    ) -> impl Future<Output = F::Output> + 'a {
        body
    }

    fn boxed<F: Future<Output = ()> + 'static>(&self, body: F) -> Boxed {
        Box::pin(body)
    }

    async fn sleep(&self, _: Duration) {
        loom::thread::yield_now();
    }

    fn at_once<F: Future>(&self, body: F) -> Option<F::Output> {
        block(body)
    }

    async fn print_list(&self, _: &'static str, _: u32, _: Vec<u32>) {}

    fn spawn_as<F, Fut>(&self, _: Role, _: &'static str, _: u16, _: F)
    where
        F: FnOnce(Self) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        unreachable!("the tests start their threads themselves");
    }

    fn fail(&self, failure: Failure) {
        panic!("{failure}");
    }
}

impl Word<Loom> for LoomWord {
    fn load<'a>(&'a self, _: &'a Loom, order: Ordering) -> impl Future<Output = u32> + 'a {
        let weak = if order == Ordering::SeqCst { Ordering::Acquire } else { order };
        at_poll(move || ordered(order, || self.value.load(weak)))
    }

    fn store<'a>(
        &'a self,
        _: &'a Loom,
        value: u32,
        order: Ordering,
    ) -> impl Future<Output = ()> + 'a {
        let weak = if order == Ordering::SeqCst { Ordering::Release } else { order };
        at_poll(move || ordered(order, || self.value.store(value, weak)))
    }

    fn swap<'a>(
        &'a self,
        _: &'a Loom,
        value: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        at_poll(move || ordered(order, || self.value.swap(value, order)))
    }

    fn compare_exchange<'a>(
        &'a self,
        _: &'a Loom,
        current: u32,
        new: u32,
        success: Ordering,
        failure: Ordering,
    ) -> impl Future<Output = Result<u32, u32>> + 'a {
        at_poll(move || {
            ordered(success, || self.value.compare_exchange(current, new, success, failure))
        })
    }

    fn fetch_add<'a>(
        &'a self,
        _: &'a Loom,
        n: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        at_poll(move || ordered(order, || self.value.fetch_add(n, order)))
    }

    fn fetch_sub<'a>(
        &'a self,
        _: &'a Loom,
        n: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        at_poll(move || ordered(order, || self.value.fetch_sub(n, order)))
    }

    fn fetch_or<'a>(
        &'a self,
        _: &'a Loom,
        bits: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        at_poll(move || ordered(order, || self.value.fetch_or(bits, order)))
    }

    fn fetch_and<'a>(
        &'a self,
        _: &'a Loom,
        bits: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        at_poll(move || ordered(order, || self.value.fetch_and(bits, order)))
    }

    fn wait<'a>(
        &'a self,
        _: &'a Loom,
        expected: u32,
        deadline: Option<Duration>,
    ) -> impl Future<Output = Waited> + 'a {
        at_poll(move || {
            let mut n_waiting = self.n_waiting.lock().unwrap();
            // futex(2) has a full barrier between the place in the line and the look at the word.
            fence(Ordering::SeqCst);
            if self.value.load(Ordering::Acquire) != expected {
                return Waited::Changed;
            }
            // No time passes here: whoever has a deadline has missed it.
            if deadline.is_some() {
                return Waited::TimedOut;
            }
            *n_waiting += 1;
            drop(self.wake.wait(n_waiting).unwrap());
            Waited::Woken
        })
    }

    fn wake<'a>(&'a self, _: &'a Loom, n: u32) -> impl Future<Output = u32> + 'a {
        at_poll(move || {
            let mut n_waiting = self.n_waiting.lock().unwrap();
            let n_woken = n.min(*n_waiting);
            *n_waiting -= n_woken;
            (0..n_woken).for_each(|_| self.wake.notify_one());
            n_woken
        })
    }
}

/// Plain memory: loom finds every two accesses that nothing orders.
struct Plain(UnsafeCell<u32>);

// SAFETY: that it is used by one thread at a time is what the tests are about; loom checks it.
unsafe impl Sync for Plain {}
// SAFETY: a number may move between threads.
unsafe impl Send for Plain {}

impl Plain {
    fn new() -> Self {
        Self(UnsafeCell::new(0))
    }

    fn increment(&self) {
        // SAFETY: loom checks that no other access is concurrent.
        self.0.with_mut(|number| unsafe { *number += 1 });
    }

    fn get(&self) -> u32 {
        // SAFETY: as above.
        self.0.with(|number| unsafe { *number })
    }
}

/// Runs `body` as each of `N` actors in all executions with up to 3 preemptions (or as many as
/// `LOOM_MAX_PREEMPTIONS` says), and `at_end` after each.
fn explore<T: Send + Sync + 'static, const N: usize>(
    make: impl Fn(&Loom) -> T + Send + Sync + 'static,
    actors: [fn(&Loom, &T); N],
    at_end: impl Fn(&Loom, &T) + Send + Sync + 'static,
) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(3));
    builder.check(move || {
        let setup = Loom { me: ActorId::SETUP };
        let things = Arc::new(make(&setup));
        let threads: Vec<_> = (1..N)
            .map(|idx| {
                let (w, things, actor) =
                    (Loom { me: ActorId(idx as u16) }, things.clone(), actors[idx]);
                loom::thread::spawn(move || actor(&w, &things))
            })
            .collect();
        actors[0](&Loom { me: ActorId(0) }, &things);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        at_end(&setup, &things);
    });
}

/// Runs a future of this world, in which nothing is ever stopped.
fn now<T>(future: impl Future<Output = T>) -> T {
    block(future).expect("every operation ends within its poll")
}

// --- lock --------------------------------------------------------------------------------------

type Counter = (Lock<Loom>, Plain);

fn counter(w: &Loom) -> Counter {
    (Lock::new(w, "lock", 0), Plain::new())
}

fn count(w: &Loom, (lock, number): &Counter) {
    let held = now(lock.acquire(w));
    number.increment();
    now(held.release());
}

fn count_twice(w: &Loom, counter: &Counter) {
    count(w, counter);
    count(w, counter);
}

fn count_and_drop(w: &Loom, (lock, number): &Counter) {
    let _held = now(lock.acquire(w));
    number.increment();
}

fn count_if_free(w: &Loom, (lock, number): &Counter) {
    if let Some(held) = now(lock.try_acquire(w)) {
        number.increment();
        now(held.release());
    }
}

fn count_in_time(w: &Loom, (lock, number): &Counter) {
    if let Some(_held) = now(lock.acquire_timeout(w, Duration::from_secs(1))) {
        number.increment();
    }
}

fn count_and_release(w: &Loom, (lock, number): &Counter) {
    std::mem::forget(now(lock.acquire(w)));
    number.increment();
    assert_eq!(now(lock.release(w)), Ok(()));
}

fn release_foreign(w: &Loom, (lock, _): &Counter) {
    assert_eq!(now(lock.release(w)), Err(NotOwner));
}

/// The lock is free again, and whoever takes it sees all that was done under it.
fn counted(n: u32) -> impl Fn(&Loom, &Counter) + Send + Sync {
    move |w, (lock, number)| {
        let held = now(lock.try_acquire(w)).expect("it was given back");
        assert_eq!(number.get(), n);
        drop(held);
    }
}

#[test]
fn a_lock_orders_two() {
    explore(counter, [count_twice, count_twice], counted(4));
}

#[test]
fn a_lock_orders_three() {
    explore(counter, [count, count, count], counted(3));
}

#[test]
fn a_dropped_guard_gives_back() {
    explore(counter, [count_and_drop, count_and_drop, count], counted(3));
}

#[test]
fn a_try_orders_as_well() {
    explore(counter, [count, count_if_free, count_if_free], |w, (lock, number)| {
        assert!((1..=3).contains(&number.get()));
        assert!(now(lock.try_acquire(w)).is_some());
    });
}

#[test]
fn who_gives_up_waiting_leaves_the_lock_in_order() {
    explore(counter, [count, count_in_time, count], |w, (lock, number)| {
        assert!((2..=3).contains(&number.get()));
        assert!(now(lock.try_acquire(w)).is_some());
    });
}

#[test]
fn only_the_owner_releases() {
    explore(counter, [count_and_release, release_foreign, count_and_release], counted(2));
}

// --- semaphore ---------------------------------------------------------------------------------

/// A semaphore, plain memory, and how many are inside by an atomic that orders nothing.
struct Room {
    seats: Semaphore<Loom>,
    number: Plain,
    n_inside: AtomicU32,
}

fn room(permits: u32) -> impl Fn(&Loom) -> Room + Send + Sync {
    move |w| Room {
        seats: Semaphore::new(w, "seats", 0, permits),
        number: Plain::new(),
        n_inside: AtomicU32::new(0),
    }
}

fn visit(w: &Loom, Room { seats, n_inside, .. }: &Room) {
    let permit = now(seats.acquire(w));
    // Relaxed: it counts, and orders nothing.
    let others = n_inside.fetch_add(1, Ordering::Relaxed);
    assert!(others < 2, "no more inside than there are permits");
    n_inside.fetch_sub(1, Ordering::Relaxed);
    now(permit.release());
}

fn count_alone(w: &Loom, Room { seats, number, .. }: &Room) {
    let permit = now(seats.acquire(w));
    number.increment();
    now(permit.release());
}

fn count_if_alone(w: &Loom, Room { seats, number, .. }: &Room) {
    if let Some(_permit) = now(seats.try_acquire(w)) {
        number.increment();
    }
}

fn count_alone_in_time(w: &Loom, Room { seats, number, .. }: &Room) {
    if let Some(_permit) = now(seats.acquire_timeout(w, Duration::from_secs(1))) {
        number.increment();
    }
}

fn write_and_signal(w: &Loom, Room { seats, number, .. }: &Room) {
    number.increment();
    assert!(now(seats.release(w)).is_ok());
}

fn signal(w: &Loom, Room { seats, .. }: &Room) {
    assert!(now(seats.release(w)).is_ok());
}

fn signal_twice(w: &Loom, room: &Room) {
    signal(w, room);
    signal(w, room);
}

fn await_and_read(w: &Loom, Room { seats, number, .. }: &Room) {
    now(seats.acquire(w)).forget();
    assert_eq!(number.get(), 1, "what was done before the signal is seen after it");
}

fn await_signal(w: &Loom, Room { seats, .. }: &Room) {
    now(seats.acquire(w)).forget();
}

/// All permits are back, and whoever takes them sees all that was done.
fn emptied(permits: u32, n: u32) -> impl Fn(&Loom, &Room) + Send + Sync {
    move |w, Room { seats, number, .. }| {
        (0..permits).for_each(|_| now(seats.try_acquire(w)).expect("it was given back").forget());
        assert!(now(seats.try_acquire(w)).is_none(), "and no more than that");
        assert_eq!(number.get(), n);
    }
}

#[test]
fn a_semaphore_of_one_orders_two() {
    explore(room(1), [count_alone, count_alone], emptied(1, 2));
}

#[test]
fn a_semaphore_of_one_orders_three() {
    explore(room(1), [count_alone, count_alone, count_alone], emptied(1, 3));
}

#[test]
fn a_semaphore_keeps_its_bound() {
    explore(room(2), [visit, visit, visit], emptied(2, 0));
}

#[test]
fn a_try_for_a_permit_orders_as_well() {
    explore(room(1), [count_alone, count_if_alone, count_if_alone], |w, room| {
        assert!((1..=3).contains(&room.number.get()));
        assert!(now(room.seats.try_acquire(w)).is_some());
    });
}

#[test]
fn who_gives_up_waiting_leaves_the_semaphore_in_order() {
    explore(room(1), [count_alone, count_alone_in_time, count_alone], |w, room| {
        assert!((2..=3).contains(&room.number.get()));
        assert!(now(room.seats.try_acquire(w)).is_some());
    });
}

#[test]
fn a_signal_is_never_lost_and_brings_what_was_written() {
    explore(room(0), [await_and_read, write_and_signal], emptied(0, 1));
}

#[test]
fn two_signals_wake_two() {
    explore(room(0), [await_signal, await_signal, signal_twice], emptied(0, 0));
}

// --- queue -------------------------------------------------------------------------------------

/// An item in plain memory: loom finds it when the getter does not see all that the putter did.
struct Letter(Plain);

impl Tag for Letter {
    fn tag(&self) -> u32 {
        0
    }
}

/// A queue, and how many letters were read, by an atomic that orders nothing.
struct Post {
    queue: Fifo<Loom, Letter>,
    n_read: AtomicU32,
}

fn post(capacity: Option<u32>) -> impl Fn(&Loom) -> Post + Send + Sync {
    move |w| Post { queue: Fifo::new(w, "queue", 0, capacity), n_read: AtomicU32::new(0) }
}

fn letter() -> Letter {
    let letter = Letter(Plain::new());
    letter.0.increment();
    letter
}

fn read(letter: &Letter, n_read: &AtomicU32) {
    letter.0.increment();
    assert_eq!(letter.0.get(), 2);
    // Relaxed: it counts, and orders nothing.
    n_read.fetch_add(1, Ordering::Relaxed);
}

fn send(w: &Loom, Post { queue, .. }: &Post) {
    assert!(now(queue.put(w, letter())).is_ok());
}

fn send_twice(w: &Loom, post: &Post) {
    send(w, post);
    send(w, post);
}

fn send_if_open(w: &Loom, Post { queue, n_read }: &Post) {
    if let Err(PutError::ShutDown(letter)) = now(queue.put(w, letter())) {
        read(&letter, n_read);
    }
}

fn send_in_time(w: &Loom, Post { queue, n_read }: &Post) {
    if let Err(PutError::Full(letter)) = now(queue.put_timeout(w, letter(), Duration::ZERO)) {
        read(&letter, n_read);
    }
}

fn receive(w: &Loom, Post { queue, n_read }: &Post) {
    let letter = now(queue.get(w));
    read(&letter.unwrap_or_else(|_| panic!("nobody shuts the queue down")), n_read);
}

fn receive_twice(w: &Loom, post: &Post) {
    receive(w, post);
    receive(w, post);
}

fn receive_if_there(w: &Loom, Post { queue, n_read }: &Post) {
    if let Ok(letter) = now(queue.try_get(w)) {
        read(&letter, n_read);
    }
}

fn receive_in_time(w: &Loom, Post { queue, n_read }: &Post) {
    if let Ok(letter) = now(queue.get_timeout(w, Duration::ZERO)) {
        read(&letter, n_read);
    }
}

fn receive_if_open(w: &Loom, Post { queue, n_read }: &Post) {
    match now(queue.get(w)) {
        Ok(letter) => read(&letter, n_read),
        Err(error) => assert_eq!(error, GetError::ShutDown),
    }
}

fn receive_and_finish(w: &Loom, post: &Post) {
    receive(w, post);
    assert!(now(post.queue.task_done(w)).is_ok());
}

fn send_and_join(w: &Loom, post: &Post) {
    send(w, post);
    now(post.queue.join(w));
    // Relaxed: the join orders it, and loom shows if it does not.
    assert_eq!(post.n_read.load(Ordering::Relaxed), 1);
}

fn shut_down(w: &Loom, Post { queue, .. }: &Post) {
    now(queue.shutdown(w, false));
}

/// Whatever was sent and not yet read is still there: `n` letters in all.
fn delivered(n: u32) -> impl Fn(&Loom, &Post) + Send + Sync {
    move |w, Post { queue, n_read }| {
        while let Ok(letter) = now(queue.try_get(w)) {
            read(&letter, n_read);
        }
        assert_eq!(n_read.load(Ordering::Relaxed), n);
    }
}

#[test]
fn a_ring_hands_over_what_two_put() {
    explore(post(Some(2)), [send, send, receive_if_there], delivered(2));
}

#[test]
fn a_ring_goes_round() {
    explore(post(Some(1)), [send_twice, receive_twice], delivered(2));
}

#[test]
fn a_ring_gives_each_letter_to_one() {
    explore(post(Some(2)), [send, receive_if_there, receive_if_there], delivered(1));
}

#[test]
fn a_getter_is_never_left_asleep() {
    explore(post(Some(1)), [receive, send], delivered(1));
    explore(post(Some(1)), [receive, receive, send_twice], delivered(2));
    explore(post(None), [receive, send], delivered(1));
}

#[test]
fn a_putter_is_never_left_asleep() {
    explore(post(Some(1)), [send, send, receive_twice], delivered(2));
}

#[test]
fn a_meeting_hands_over() {
    explore(post(Some(0)), [send, receive], delivered(1));
    explore(post(Some(0)), [send, send, receive_twice], delivered(2));
}

#[test]
fn who_gives_up_waiting_leaves_the_queue_in_order() {
    explore(post(Some(1)), [receive_in_time, send, receive_in_time], delivered(1));
    explore(post(Some(1)), [send_in_time, send_in_time, receive], delivered(2));
    explore(post(Some(0)), [send_in_time, receive_in_time], delivered(1));
}

#[test]
fn shutting_down_sends_all_away() {
    explore(post(Some(1)), [receive_if_open, receive_if_open, shut_down], delivered(0));
    explore(post(Some(1)), [send_if_open, send_if_open, shut_down], delivered(2));
    explore(post(Some(1)), [send_if_open, receive_if_open, shut_down], delivered(1));
    explore(post(Some(0)), [send_if_open, receive_if_open, shut_down], delivered(1));
}

#[test]
fn who_joins_sees_what_was_done() {
    explore(post(Some(1)), [send_and_join, receive_and_finish], delivered(1));
}
