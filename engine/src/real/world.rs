//! The real world as its actors see it: every operation is done, or blocks, inside its poll.

use std::future::{Future, poll_fn};
use std::hash::Hash;
use std::panic::Location;
use std::pin::Pin;
use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use super::fence;
use super::hub::Hub;
use super::record::{Off, On, Record};
use crate::log::{CONTINUED, Event, EventKind, Label};
use crate::world::{
    Act, ActorId, Boxed, Failure, Note, ObjectId, ObjectKind, Operation, Ordering, Place, Role,
    Waited, Word, World, block,
};

/// The real world as one actor sees it. All clones of a view are one: they draw from the same random
/// sequence.
pub struct Real<R> {
    me: ActorId,
    view: Arc<View<R>>,
}

/// What one actor alone reads and writes. Atomics, so that an actor can move from thread to thread;
/// they order nothing.
struct View<R> {
    /// The state of the random sequence.
    seed: AtomicU64,
    /// What its present operation is about; only where that is recorded.
    doing: AtomicU16,
    /// The numbers of the places it has been at; only where they are recorded.
    places: Mutex<Vec<(Place, u16)>>,
    hub: Arc<Hub<R>>,
}

/// A real world that writes its log.
pub type Recorded = Real<On>;

/// A real world that writes nothing.
pub type Plain = Real<Off>;

/// A word of the real world: an atomic of the machine.
#[derive(Debug)]
pub struct RealWord(AtomicU32);

impl<R> Clone for Real<R> {
    #[inline]
    fn clone(&self) -> Self {
        Self { me: self.me, view: self.view.clone() }
    }
}

impl<R: Record> Real<R> {
    pub(super) fn new(hub: Arc<Hub<R>>, me: ActorId) -> Self {
        let seed = AtomicU64::new(me.rng(hub.config.seed).get_seed());
        let doing = AtomicU16::new(ObjectId::NONE.0);
        Self { me, view: Arc::new(View { seed, doing, places: Mutex::default(), hub }) }
    }

    /// A world outside of any run, for code that brings its own threads.
    ///
    /// ```
    /// use engine::{block, real::Plain, sync::Lock, world::ActorId};
    ///
    /// let world = Plain::solo();
    /// let lock = Lock::new(&world, "lock", 0);
    /// let other = world.as_actor(ActorId(1));
    /// let guard = block(lock.acquire(&world)).unwrap();
    /// assert!(block(lock.try_acquire(&other)).unwrap().is_none());
    /// drop(guard);
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn solo() -> Self {
        let hub = Hub::new(super::hub::Threads, super::config::Config::default());
        Self::new(Arc::new(hub), ActorId(0))
    }

    /// The same world, seen by another actor.
    pub fn as_actor(&self, me: ActorId) -> Self {
        Self::new(self.view.hub.clone(), me)
    }

    /// What actors still do when the run was stopped is not part of it.
    #[inline]
    fn emit(&self, event: impl FnOnce(u64) -> Event) {
        if R::ON && !self.view.hub.is_stopped() {
            self.view.hub.recorder.push(event(self.view.hub.now_ns()));
        }
    }

    fn emit_about(&self, kind: EventKind, act: Act, object: ObjectId) {
        self.emit(|now| Event { act, object, ..Event::new(now, self.me, kind) });
    }

    /// What the present operation is about.
    fn doing(&self) -> ObjectId {
        ObjectId(self.view.doing.load(Ordering::Relaxed))
    }

    /// The actor is about to act.
    fn declare(&self, act: Act, object: ObjectId, place: Place, value: u32) {
        self.emit(|now| {
            let place = self.number_of(place);
            let event = Event::new(now, self.me, EventKind::Declared);
            Event { act, object, place, value, ..event }
        });
    }

    /// The number of a place in the source. An actor asks the hub once for each.
    fn number_of(&self, place: Place) -> u16 {
        // Nothing can panic while it is locked.
        let mut places = self.view.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, number)) = places.iter().find(|(known, _)| std::ptr::eq(*known, place)) {
            return *number;
        }
        let number = self.view.hub.intern(place);
        places.push((place, number));
        number
    }
}

impl<R: Record> World for Real<R> {
    type Word = RealWord;
    type Object = R::Object;

    #[inline]
    fn spins(&self) -> u32 {
        10
    }

    #[inline]
    fn spins_in_line(&self) -> u32 {
        // Where one cannot give the processor away, to look for longer takes it from others.
        if cfg!(target_family = "wasm") { self.spins() } else { 64 }
    }

    #[inline]
    fn light_fence(&self) {
        fence::light();
    }

    fn heavy_fence(&self) {
        fence::heavy();
    }

    #[inline]
    fn me(&self) -> ActorId {
        self.me
    }

    fn now(&self) -> Duration {
        Duration::from_nanos(self.view.hub.now_ns())
    }

    fn random(&self, bound: u32) -> u32 {
        let mut rng = fastrand::Rng::with_seed(self.view.seed.load(Ordering::Relaxed));
        let number = rng.u32(..bound.max(1));
        self.view.seed.store(rng.get_seed(), Ordering::Relaxed);
        number
    }

    #[inline]
    fn relax(&self, round: u32) {
        // At first a pause that doubles, so that those who wait do not take the word's cache line
        // from each other all the time; then, where there is a scheduler to ask, a turn for others.
        // Who spins without an end in sight must not pause longer and longer.
        if round < 3 || cfg!(target_family = "wasm") {
            (0..2_u32 << round.min(10)).for_each(|_| std::hint::spin_loop());
        } else {
            std::thread::yield_now();
        }
    }

    #[cfg(not(target_family = "wasm"))]
    #[inline]
    fn linger(&self, round: u32) -> bool {
        // Each look takes the word's cache line from the owner. So there are few, further and further
        // apart: after a pause, and after one, two and three turns for others.
        match round {
            0 => std::hint::spin_loop(),
            1..4 => (0..round).for_each(|_| std::thread::yield_now()),
            _ => return false,
        }
        true
    }

    fn register(&self, kind: ObjectKind, name: &'static str, idx: u16) -> R::Object {
        let label = Label { name, idx };
        R::object(if R::ON { self.view.hub.register(kind, label) } else { ObjectId::NONE })
    }

    fn word(&self, _: R::Object, initial: u32) -> RealWord {
        RealWord(AtomicU32::new(initial))
    }

    #[inline]
    fn note(&self, object: R::Object, note: Note) {
        self.emit(|now| Event::of_note(now, self.me, R::object_id(object), note));
    }

    #[inline]
    fn phase(&self, phase: u32) {
        self.emit(|now| Event::of_note(now, self.me, ObjectId::NONE, Note::Phase(phase)));
    }

    #[inline]
    fn operation<'a, F: Future + 'a>(
        &'a self,
        operation: Operation<'a, Self>,
        body: F,
    ) -> impl Future<Output = F::Output> + 'a {
        Performing { w: self, operation: R::keep(operation), body }
    }

    #[inline]
    fn seldom<'a, F: Future + 'a>(
        &'a self,
        body: impl FnOnce() -> F + 'a,
    ) -> impl Future<Output = F::Output> + 'a {
        let mut body = Some(body);
        AtPoll(move || body.take().and_then(apart))
    }

    fn boxed<'a, F: Future<Output = ()> + 'a>(body: F) -> Boxed<'a> {
        // Neither holds any data, so neither box is allocated.
        match block(body) {
            Some(()) => Box::pin(poll_fn(|_| Poll::Ready(()))),
            None => Box::pin(poll_fn(|_| Poll::Pending)),
        }
    }

    #[inline]
    fn gist<'a, F: Future<Output: Hash> + 'a>(
        &'a self,
        body: impl FnOnce() -> F + 'a,
    ) -> impl Future<Output = F::Output> + 'a {
        body()
    }

    #[inline]
    fn often<'a, F: Future + 'a>(
        &'a self,
        body: impl FnOnce() -> F + 'a,
    ) -> impl Future<Output = F::Output> + 'a {
        Self::nested(body)
    }

    #[inline]
    fn nested<'a, F: Future + 'a>(
        body: impl FnOnce() -> F + 'a,
    ) -> impl Future<Output = F::Output> + 'a {
        let mut body = Some(body);
        AtPoll(move || body.take().and_then(|body| block(body())))
    }

    #[track_caller]
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + '_ {
        let place = Location::caller();
        poll_fn(move |_| {
            self.declare(Act::Sleep, ObjectId::NONE, place, Event::sleep_micros(duration));
            if duration.is_zero() {
                std::thread::yield_now();
            } else {
                let deadline = self.deadline(duration);
                let word = AtomicU32::new(0);
                // A signal may cut the wait short, as if the word had changed.
                let sleep = || self.view.hub.wait(self.me, &word, 0, deadline);
                while sleep().is_some_and(|waited| waited != Waited::TimedOut) {}
            }
            if self.view.hub.is_stopped() {
                return Poll::Pending;
            }
            self.emit_about(EventKind::Woken, Act::Sleep, ObjectId::NONE);
            Poll::Ready(())
        })
    }

    #[track_caller]
    fn print_list(
        &self,
        text: &'static str,
        value: u32,
        more: Vec<u32>,
    ) -> impl Future<Output = ()> + '_ {
        let place = Location::caller();
        poll_fn(move |_| {
            if self.view.hub.is_stopped() {
                return Poll::Pending;
            }
            self.declare(Act::Print, ObjectId::NONE, place, 0);
            let print = |text, value| {
                self.emit(|now| {
                    Event::of_print(now, self.me, self.view.hub.intern_text(text), value)
                });
            };
            print(text, value);
            more.iter().for_each(|value| print(CONTINUED, *value));
            Poll::Ready(())
        })
    }

    #[inline]
    fn at_once<F: Future>(&self, body: F) -> Option<F::Output> {
        block(body)
    }

    fn spawn_as<F, Fut>(&self, role: Role, name: &'static str, idx: u16, body: F)
    where
        F: FnOnce(Self) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        let label = Label { name, idx };
        let Some(me) = self.view.hub.add_actor(role, label) else {
            return self.fail(Failure::Misuse("more actors than the run has room for"));
        };
        let hub = self.view.hub.clone();
        let job = move || {
            // Also when the body panics, the run must learn that the actor is gone.
            let _life = Life { hub: hub.clone(), role, me };
            block(body(Self::new(hub, me)));
        };
        self.view.hub.start(label, Box::new(job));
    }

    fn fail(&self, failure: Failure) {
        self.view.hub.fail(self.me, failure);
    }
}

/// An operation and what is recorded around it: nothing at all where recording is off, not even a
/// coroutine's state, so that an operation costs what its body costs.
struct Performing<'a, R: Record, F> {
    w: &'a Real<R>,
    operation: R::Kept<Operation<'a, Real<R>>>,
    body: F,
}

impl<R: Record, F: Future> Future for Performing<'_, R, F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: nothing is moved out of `this`.
        let Self { w, operation, body } = unsafe { self.get_unchecked_mut() };
        // SAFETY: `body` is pinned as `self` is: it is never moved, and there is no `Drop`.
        let body = unsafe { Pin::new_unchecked(body) };
        let Some(operation) = R::kept(operation) else { return body.poll(cx) };
        if w.view.hub.is_stopped() {
            return Poll::Pending;
        }
        let object = R::object_id(operation.object);
        w.declare(operation.act, object, operation.place, 0);
        let outer = w.view.doing.swap(object.0, Ordering::Relaxed);
        let polled = body.poll(cx);
        w.view.doing.store(outer, Ordering::Relaxed);
        polled
    }
}

/// Reports the end of an actor, whichever way it comes.
struct Life<R: Record> {
    hub: Arc<Hub<R>>,
    role: Role,
    me: ActorId,
}

impl<R: Record> Drop for Life<R> {
    fn drop(&mut self) {
        self.hub.finish_actor(self.role, self.me);
    }
}

// Each future does its work in its one poll. They are plain closures rather than `async fn`s: without
// a coroutine's state around them the compiler sees the orderings as constants and inlines them.
impl<R: Record> Word<Real<R>> for RealWord {
    #[inline]
    fn load<'a>(&'a self, _: &'a Real<R>, order: Ordering) -> impl Future<Output = u32> + 'a {
        at_poll(move || self.0.load(order))
    }

    #[inline]
    fn store<'a>(
        &'a self,
        _: &'a Real<R>,
        value: u32,
        order: Ordering,
    ) -> impl Future<Output = ()> + 'a {
        at_poll(move || self.0.store(value, order))
    }

    #[inline]
    fn swap<'a>(
        &'a self,
        _: &'a Real<R>,
        value: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        at_poll(move || self.0.swap(value, order))
    }

    #[inline]
    fn compare_exchange<'a>(
        &'a self,
        _: &'a Real<R>,
        current: u32,
        new: u32,
        success: Ordering,
        failure: Ordering,
    ) -> impl Future<Output = Result<u32, u32>> + 'a {
        at_poll(move || self.0.compare_exchange(current, new, success, failure))
    }

    #[inline]
    fn fetch_add<'a>(
        &'a self,
        _: &'a Real<R>,
        n: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        at_poll(move || self.0.fetch_add(n, order))
    }

    #[inline]
    fn fetch_sub<'a>(
        &'a self,
        _: &'a Real<R>,
        n: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        at_poll(move || self.0.fetch_sub(n, order))
    }

    #[inline]
    fn fetch_or<'a>(
        &'a self,
        _: &'a Real<R>,
        bits: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        at_poll(move || self.0.fetch_or(bits, order))
    }

    #[inline]
    fn fetch_and<'a>(
        &'a self,
        _: &'a Real<R>,
        bits: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        at_poll(move || self.0.fetch_and(bits, order))
    }

    fn wait<'a>(
        &'a self,
        w: &'a Real<R>,
        expected: u32,
        deadline: Option<Duration>,
    ) -> impl Future<Output = Waited> + 'a {
        poll_fn(move |_| {
            // Relaxed: the wait looks again.
            if self.0.load(Ordering::Relaxed) != expected {
                return Poll::Ready(Waited::Changed);
            }
            w.emit_about(EventKind::Blocked, Act::Wait, w.doing());
            let Some(waited) = w.view.hub.wait(w.me, &self.0, expected, deadline) else {
                // The run was stopped: the future is given up here.
                return Poll::Pending;
            };
            w.emit_about(EventKind::Woken, Act::Wait, w.doing());
            Poll::Ready(waited)
        })
    }

    #[inline]
    fn wake<'a>(&'a self, w: &'a Real<R>, n: u32) -> impl Future<Output = u32> + 'a {
        at_poll(move || w.view.hub.wake(&self.0, n))
    }
}

/// Drives a future to its end in a stack frame of its own. Were it a part of its caller's future,
/// all of that future would have to lie in memory, on the fast path too.
#[cold]
#[inline(never)]
fn apart<F: Future>(body: impl FnOnce() -> F) -> Option<F::Output> {
    block(body())
}

/// A future that does `work` when it is polled.
#[inline]
fn at_poll<T>(mut work: impl FnMut() -> T) -> impl Future<Output = T> {
    AtPoll(move || Some(work()))
}

/// A future that does its work when it is polled, which gives nothing when the run was stopped. Its
/// `poll` is a part of its caller's wherever speed counts more than size: what it gives would else go
/// through memory once for each future around it.
struct AtPoll<F>(F);

// Nothing inside is pinned.
impl<F> Unpin for AtPoll<F> {}

impl<T, F: FnMut() -> Option<T>> Future for AtPoll<F> {
    type Output = T;

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    #[cfg_attr(target_family = "wasm", inline)]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        (self.0)().map_or(Poll::Pending, Poll::Ready)
    }
}
