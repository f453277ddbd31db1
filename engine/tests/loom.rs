//! The primitives under weak orderings: every execution that the C11 memory model allows, up to
//! a bound on preemptions, by loom.
//!
//! The model of the engine is sequentially consistent, so it cannot see an ordering that is too
//! weak; this world can. It is the engine's own code on loom's atomics. Runs in a lane of its own:
//! `RUSTFLAGS="--cfg loom" cargo test -p engine --release --test loom`.

#![cfg(loom)]

use std::future::{Future, poll_fn};
use std::ops::RangeInclusive;
use std::task::Poll;
use std::time::Duration;

use engine::sync::{
    Barrier, BoundedSemaphore, Broken, Lock, NotOwner, Once, Precedence, ReadersWriter, Semaphore,
};
use engine::world::{
    ActorId, Failure, Note, ObjectKind, Operation, Ordering, Role, Waited, Word, World, block,
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

    async fn sleep(&self, _: Duration) {
        loom::thread::yield_now();
    }

    fn at_once<F: Future>(&self, body: F) -> Option<F::Output> {
        block(body)
    }

    async fn print(&self, _: u32) {}

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
    explore_up_to(3, make, actors, at_end);
}

/// The same with another bound, unless the environment has one.
fn explore_up_to<T: Send + Sync + 'static, const N: usize>(
    max_preemptions: usize,
    make: impl Fn(&Loom) -> T + Send + Sync + 'static,
    actors: [fn(&Loom, &T); N],
    at_end: impl Fn(&Loom, &T) + Send + Sync + 'static,
) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(max_preemptions));
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

// --- bounded semaphore -------------------------------------------------------------------------

fn give_too_much(w: &Loom, seats: &BoundedSemaphore<Loom>) {
    let permit = now(seats.acquire(w));
    let _ = now(permit.release());
    let _ = now(seats.release(w));
}

#[test]
fn a_release_too_many_is_never_done() {
    let seats = |w: &Loom| BoundedSemaphore::new(w, "seats", 0, 1);
    explore(seats, [give_too_much, give_too_much], |w, seats| {
        let excess = now(seats.release(w)).is_err();
        now(seats.try_acquire(w)).expect("one is free").forget();
        assert!(now(seats.try_acquire(w)).is_none(), "and no more than one");
        assert!(excess, "all are given back in the end");
    });
}

// --- barrier -----------------------------------------------------------------------------------

/// A barrier, and plain memory that is everybody's between two waits, in turns.
type Meeting = (Barrier<Loom>, Plain);

fn meeting(w: &Loom) -> Meeting {
    (Barrier::new(w, "barrier", 0, 2), Plain::new())
}

fn write_and_meet(w: &Loom, (barrier, number): &Meeting) {
    number.increment();
    assert!(now(barrier.wait(w)).is_ok());
}

fn meet_and_read(w: &Loom, (barrier, number): &Meeting) {
    assert!(now(barrier.wait(w)).is_ok());
    assert_eq!(number.get(), 1, "what was done before the barrier is seen after it");
}

fn meet_twice(w: &Loom, (barrier, number): &Meeting) {
    let first = now(barrier.wait_with(w, async || {
        number.increment();
        true
    }));
    assert!(first.is_ok() && number.get() == 1, "whoever is let go sees what the action did");
    let second = now(barrier.wait(w));
    assert!(second.is_ok() && number.get() == 1);
}

fn meet_if_whole(w: &Loom, (barrier, _): &Meeting) {
    let _ = now(barrier.wait(w));
}

fn meet_in_time(w: &Loom, (barrier, _): &Meeting) {
    if now(barrier.wait_timeout(w, Duration::from_secs(1))).is_err() {
        assert!(now(barrier.is_broken(w)));
    }
}

fn abort(w: &Loom, (barrier, _): &Meeting) {
    now(barrier.abort(w));
    assert_eq!(now(barrier.wait(w)), Err(Broken));
}

#[test]
fn a_barrier_orders_before_and_after() {
    explore(meeting, [write_and_meet, meet_and_read], |_, _| {});
}

#[test]
fn a_barrier_is_used_again_and_an_action_is_seen_by_all() {
    explore(meeting, [meet_twice, meet_twice], |_, (_, number)| assert_eq!(number.get(), 1));
}

#[test]
fn a_broken_barrier_keeps_nobody() {
    explore(meeting, [meet_if_whole, meet_in_time], |_, _| {});
    explore(meeting, [meet_if_whole, abort], |w, (barrier, _)| {
        assert!(now(barrier.is_broken(w)));
    });
    explore(meeting, [meet_if_whole, meet_if_whole, abort], |w, (barrier, _)| {
        assert!(now(barrier.is_broken(w)));
    });
}

// --- readers and writers -----------------------------------------------------------------------

type Book = (ReadersWriter<Loom>, Plain);

fn book(precedence: Precedence) -> impl Fn(&Loom) -> Book + Send + Sync {
    move |w| (ReadersWriter::new(w, "book", 0, precedence), Plain::new())
}

fn write(w: &Loom, (lock, number): &Book) {
    let held = now(lock.write(w));
    number.increment();
    now(held.release());
}

fn write_in_time(w: &Loom, (lock, number): &Book) {
    if let Some(_held) = now(lock.write_timeout(w, Duration::from_secs(1))) {
        number.increment();
    }
}

fn read(w: &Loom, (lock, number): &Book) {
    let held = now(lock.read(w));
    assert!(number.get() <= 2);
    now(held.release());
}

fn read_if_open(w: &Loom, (lock, number): &Book) {
    if let Some(_held) = now(lock.try_read(w)) {
        assert!(number.get() <= 2);
    }
}

/// The lock is free again, and whoever takes it sees all that was written.
fn written(numbers: RangeInclusive<u32>) -> impl Fn(&Loom, &Book) + Send + Sync {
    move |w, (lock, number)| {
        let held = now(lock.try_write(w)).expect("it was given back");
        assert!(numbers.contains(&number.get()));
        drop(held);
    }
}

const PRECEDENCES: [Precedence; 3] =
    [Precedence::ReadersFirst, Precedence::WritersFirst, Precedence::Fair];

#[test]
fn a_lock_orders_writers_and_readers() {
    for precedence in PRECEDENCES {
        explore(book(precedence), [write, read], written(1..=1));
        explore(book(precedence), [write, write], written(2..=2));
    }
}

#[test]
fn a_lock_orders_a_writer_and_two_readers() {
    for precedence in PRECEDENCES {
        explore_up_to(2, book(precedence), [read, write, read], written(1..=1));
    }
}

#[test]
fn a_lock_orders_two_writers_and_a_reader() {
    for precedence in PRECEDENCES {
        explore_up_to(2, book(precedence), [write, write, read], written(2..=2));
        explore_up_to(2, book(precedence), [write, write, read_if_open], written(2..=2));
    }
}

#[test]
fn who_gives_up_the_line_leaves_it_in_order() {
    for precedence in PRECEDENCES {
        explore_up_to(2, book(precedence), [read, write_in_time, read], written(0..=1));
        explore_up_to(2, book(precedence), [write, write_in_time, read], written(1..=2));
    }
}

// --- once --------------------------------------------------------------------------------------

type Task = (Once<Loom>, Plain);

fn task(w: &Loom) -> Task {
    (Once::new(w, "once", 0), Plain::new())
}

fn do_once(w: &Loom, (once, number): &Task) {
    let job = async || {
        number.increment();
        Ok::<(), ()>(())
    };
    assert_eq!(now(once.call(w, job)), Ok(()));
    assert_eq!(number.get(), 1, "done once, and seen by whoever did not do it");
}

fn fail_once(w: &Loom, (once, number): &Task) {
    let in_vain = async || {
        number.increment();
        // As if it had not been.
        number.0.with_mut(|number| {
            // SAFETY: loom checks that no other access is concurrent.
            unsafe { *number -= 1 }
        });
        Err(())
    };
    let _ = now(once.call(w, in_vain));
}

fn look_if_done(w: &Loom, (once, number): &Task) {
    if now(once.is_done(w)) {
        assert_eq!(number.get(), 1, "whoever is told so sees it");
    }
    let timeout = Duration::from_secs(1);
    if now(once.call_timeout(w, timeout, async || Err("not this one"))) == Ok(true) {
        assert_eq!(number.get(), 1);
    }
}

fn done(w: &Loom, (once, number): &Task) {
    assert!(now(once.is_done(w)));
    assert_eq!(number.get(), 1);
}

#[test]
fn a_once_is_done_once_and_orders_those_who_wait() {
    explore(task, [do_once, do_once], done);
    explore(task, [do_once, do_once, do_once], done);
}

#[test]
fn a_once_that_failed_is_done_by_the_next() {
    explore(task, [fail_once, do_once], done);
    explore(task, [fail_once, do_once, do_once], done);
}

#[test]
fn who_asks_for_a_once_sees_what_was_done() {
    explore(task, [do_once, look_if_done], done);
    explore(task, [fail_once, do_once, look_if_done], done);
}
