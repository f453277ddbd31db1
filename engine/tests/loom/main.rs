//! The primitives under weak orderings: every execution that the C11 memory model allows, up to
//! a bound on preemptions, by loom.
//!
//! The model of the engine is sequentially consistent, so it cannot see an ordering that is too
//! weak; this world can. It is the engine's own code on loom's atomics. Runs in a lane of its own:
//! `RUSTFLAGS="--cfg loom" cargo test -p engine --release --test loom`.

#![cfg(loom)]

mod barrier;
mod bounded_semaphore;
mod condition;
mod event;
mod fork_join;
mod lock;
mod once;
mod queue;
mod readers_writer;
mod rlock;
mod semaphore;
mod work_deque;

use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;

use engine::world::{
    ActorId, Failure, Note, ObjectKind, Operation, Ordering, Role, Waited, Word, World, block,
};
use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicU32, fence};
use loom::sync::{Arc, Condvar, Mutex};

/// Above all actors of a test.
const FIRST_WORKER: u16 = 8;

/// A world of loom's threads.
#[derive(Clone)]
struct Loom {
    me: ActorId,
    spins: u32,
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

    fn spins(&self) -> u32 {
        self.spins
    }

    fn light_fence(&self) {
        fence(Ordering::SeqCst);
    }

    fn heavy_fence(&self) {
        fence(Ordering::SeqCst);
    }

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

    async fn print_list(&self, _: &'static str, _: u32, _: Vec<u32>) {}

    /// The tests start their own actors themselves, so these are the workers of a pool.
    fn spawn_as<F, Fut>(&self, _: Role, _: &'static str, idx: u16, body: F)
    where
        F: FnOnce(Self) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        let w = Loom { me: ActorId(FIRST_WORKER + idx), ..*self };
        loom::thread::spawn(move || block(body(w)));
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
    explore_by(0, max_preemptions, make, actors, at_end);
}

/// The same where whoever may look again before it waits does so once.
fn explore_looking<T: Send + Sync + 'static, const N: usize>(
    make: impl Fn(&Loom) -> T + Send + Sync + 'static,
    actors: [fn(&Loom, &T); N],
    at_end: impl Fn(&Loom, &T) + Send + Sync + 'static,
) {
    explore_by(1, 2, make, actors, at_end);
}

fn explore_by<T: Send + Sync + 'static, const N: usize>(
    spins: u32,
    max_preemptions: usize,
    make: impl Fn(&Loom) -> T + Send + Sync + 'static,
    actors: [fn(&Loom, &T); N],
    at_end: impl Fn(&Loom, &T) + Send + Sync + 'static,
) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(max_preemptions));
    builder.check(move || {
        let setup = Loom { me: ActorId::SETUP, spins };
        let things = Arc::new(make(&setup));
        let threads: Vec<_> = (1..N)
            .map(|idx| {
                let (w, things, actor) =
                    (Loom { me: ActorId(idx as u16), spins }, things.clone(), actors[idx]);
                loom::thread::spawn(move || actor(&w, &things))
            })
            .collect();
        actors[0](&Loom { me: ActorId(0), spins }, &things);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        at_end(&setup, &things);
    });
}

/// Runs a future of this world, in which nothing is ever stopped.
fn now<T>(future: impl Future<Output = T>) -> T {
    block(future).expect("every operation ends within its poll")
}
