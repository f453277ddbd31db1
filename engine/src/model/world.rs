//! The model as its actors see it: every operation a future that declares itself and then performs.

use std::future::Future;
use std::hash::Hash;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::kernel::{Access, Grain, Guard, Kernel, State, Time};
use crate::log::{CONTINUED, Label};
use crate::world::{
    Act, ActorId, Failure, Note, ObjectId, ObjectKind, Operation, Ordering, Place, ReadyWhen, Role,
    Standing, Waited, Word, World, draw_while,
};

/// The model as one actor sees it.
#[derive(Clone)]
pub struct Model {
    pub(super) kernel: Rc<Kernel>,
    pub(super) me: ActorId,
}

/// A word of the model: a number in the kernel's arena.
#[derive(Debug)]
pub struct ModelWord {
    idx: usize,
    object: ObjectId,
}

impl Model {
    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.kernel.state.borrow_mut())
    }

    /// Starts the daemon that may wake an actor for no reason: whoever finds it awake was too early.
    #[track_caller]
    pub(super) fn spawn_rouser(&self, sleeper: ActorId) {
        let (act, object, place) = (Act::Wake, ObjectId::NONE, Location::caller());
        self.spawn_as(Role::Daemon, "spurious wakeup", sleeper.0, move |w| async move {
            Turn { w: &w, act, object, place, declared: false }.await;
            w.with(|state| state.wake_for_no_reason(sleeper));
        });
    }
}

impl World for Model {
    type Word = ModelWord;
    type Object = ObjectId;

    fn spins(&self) -> u32 {
        0
    }

    fn me(&self) -> ActorId {
        self.me
    }

    fn now(&self) -> Duration {
        self.with(|state| state.now(self.me))
    }

    fn random(&self, bound: u32) -> u32 {
        self.with(|state| state.random(self.me, bound))
    }

    fn random_while(&self, shortest: Duration, longest: Duration) -> Duration {
        let is_free = self.with(|state| state.config().time == Time::Free);
        if is_free { longest } else { draw_while(self, shortest, longest) }
    }

    fn relax(&self, _: u32) {
        self.with(|state| state.relax(self.me));
    }

    fn register(&self, kind: ObjectKind, name: &'static str, idx: u16) -> ObjectId {
        self.with(|state| state.register(kind, Label { name, idx }))
    }

    fn word(&self, object: ObjectId, initial: u32) -> ModelWord {
        ModelWord { idx: self.with(|state| state.add_word(self.me, object, initial)), object }
    }

    fn owner_word(&self, object: ObjectId) -> ModelWord {
        let word = self.word(object, 0);
        self.with(|state| state.add_owner_word(word.idx));
        word
    }

    fn note(&self, object: ObjectId, note: Note) {
        self.with(|state| state.note(self.me, object, note));
    }

    fn phase(&self, phase: u32) {
        self.note(ObjectId::NONE, Note::Phase(phase));
    }

    fn operation<'a, F: Future + 'a>(
        &'a self,
        operation: Operation<'a, Self>,
        body: F,
    ) -> impl Future<Output = F::Output> + 'a {
        let Operation { act, object, ready_when, deadline, place } = operation;
        let guard =
            ready_when.map(|ReadyWhen { word, test, arg }| Guard { word: word.idx, test, arg });
        let begin = Begin { w: self, act, object, guard, deadline, place, declared: false };
        Operating { begin: Some(begin), w: self, body }
    }

    fn whole<'a, F: Future + 'a>(
        &'a self,
        body: impl FnOnce() -> F + 'a,
    ) -> impl Future<Output = F::Output> + 'a {
        Whole { w: self, body: Box::pin(body()), is_halfway: false }
    }

    fn standing(&self) -> Standing {
        self.with(|state| state.standing(self.me))
    }

    fn stand_again<S: Hash>(&self, then: Standing, left: S) {
        self.with(|state| state.stand_again(self.me, then, left));
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + '_ {
        Sleep { w: self, duration, place: Location::caller(), declared: false }
    }

    fn at_once<F: Future>(&self, body: F) -> Option<F::Output> {
        let before = self.with(|state| {
            state.watched.is_single = false;
            std::mem::replace(&mut state.at_once, true)
        });
        let polled = pin!(body).poll(&mut Context::from_waker(Waker::noop()));
        self.with(|state| state.at_once = before);
        match polled {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    fn spawn_as<F, Fut>(&self, role: Role, name: &'static str, idx: u16, body: F)
    where
        F: FnOnce(Self) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        let Some(me) = self.with(|state| state.add_actor(self.me, role, Label { name, idx }))
        else {
            return self.fail(Failure::Misuse("more actors than a run has numbers for"));
        };
        let body = body(Self { kernel: self.kernel.clone(), me });
        self.kernel.spawned.borrow_mut().push_back((me, Box::pin(body)));
    }

    fn spawn_alike<F, Fut>(&self, name: &'static str, n: u16, body: F)
    where
        F: FnOnce(Self) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        let from = self.with(|state| state.n_actors());
        (0..n).for_each(|idx| self.spawn(name, idx, body.clone()));
        self.with(|state| state.are_alike(self.me, from));
    }

    fn print_list(
        &self,
        text: &'static str,
        value: u32,
        more: Vec<u32>,
    ) -> impl Future<Output = ()> + '_ {
        let (act, object, place) = (Act::Print, ObjectId::NONE, Location::caller());
        async move {
            Turn { w: self, act, object, place, declared: false }.await;
            self.with(|state| {
                state.print(self.me, text, value);
                more.iter().for_each(|value| state.print(self.me, CONTINUED, *value));
            });
        }
    }

    fn fail(&self, failure: Failure) {
        self.with(|state| state.fail(self.me, failure));
    }
}

/// Being inside an operation, also while a panic of its body is on its way out.
struct Inside<'a>(&'a Model);

impl<'a> Inside<'a> {
    fn new(w: &'a Model) -> Self {
        w.with(|state| {
            state.depth += 1;
            state.watched.is_single &= state.grain() == Grain::Words;
        });
        Self(w)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.with(|state| state.depth -= 1);
    }
}

/// The beginning of an operation. At the grain of operations it is a turn of its own, and the whole
/// operation with it; inside another operation only if it has to wait.
struct Begin<'a> {
    w: &'a Model,
    act: Act,
    object: ObjectId,
    guard: Option<Guard>,
    deadline: Option<Duration>,
    place: Place,
    declared: bool,
}

impl Future for Begin<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let mut state = self.w.kernel.state.borrow_mut();
        if state.dead {
            return Poll::Pending;
        }
        if self.declared || state.at_once || state.grain() == Grain::Words {
            return Poll::Ready(());
        }
        if state.depth > 0 && self.guard.is_none_or(|guard| state.may_go_on(guard)) {
            return Poll::Ready(());
        }
        state.declare(self.w.me, self.act, self.object, self.place, 0);
        if let Some(guard) = self.guard {
            state.guard(self.w.me, guard, self.deadline);
        }
        drop(state);
        self.declared = true;
        Poll::Pending
    }
}

/// A whole operation: its beginning and its body. As an `async` block it would hold the body twice.
struct Operating<'a, F> {
    begin: Option<Begin<'a>>,
    w: &'a Model,
    body: F,
}

impl<F: Future> Future for Operating<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: nothing is moved out of it but the beginning, which need not be pinned.
        let Operating { begin, w, body } = unsafe { self.get_unchecked_mut() };
        if let Some(waits) = begin {
            std::task::ready!(Pin::new(waits).poll(cx));
            *begin = None;
        }
        let _inside = Inside::new(w);
        // SAFETY: pinned as `self` is: it is never moved, and there is no `Drop`.
        unsafe { Pin::new_unchecked(body) }.poll(cx)
    }
}

/// What is done to its end, also when it is dropped halfway.
struct Whole<'a, T> {
    w: &'a Model,
    body: Pin<Box<dyn Future<Output = T> + 'a>>,
    is_halfway: bool,
}

impl<T> Future for Whole<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // Nor is it halfway when its body panics.
        self.is_halfway = false;
        let polled = self.body.as_mut().poll(cx);
        self.is_halfway = polled.is_pending();
        polled
    }
}

impl<T> Drop for Whole<'_, T> {
    fn drop(&mut self) {
        if self.is_halfway {
            self.w.at_once(self.body.as_mut());
        }
    }
}

struct Sleep<'a> {
    w: &'a Model,
    duration: Duration,
    place: Place,
    declared: bool,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let mut state = self.w.kernel.state.borrow_mut();
        if self.declared && !state.dead {
            return Poll::Ready(());
        }
        if !state.dead && !state.at_once {
            state.begin_sleep(self.w.me, self.duration, self.place);
        }
        drop(state);
        self.declared = true;
        Poll::Pending
    }
}

/// An access that never blocks.
struct Accessing<'a, C, G> {
    w: &'a Model,
    word: &'a ModelWord,
    access: Access,
    /// What it makes of what is there, and what it gives for it.
    does: Option<(C, G)>,
    declared: bool,
}

// Nothing in it is pinned.
impl<C, G> Unpin for Accessing<'_, C, G> {}

impl<C: FnOnce(u32) -> Option<u32>, T, G: FnOnce(u32) -> T> Future for Accessing<'_, C, G> {
    type Output = T;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        let w = self.w;
        let mut state = w.kernel.state.borrow_mut();
        if state.dead {
            return Poll::Pending;
        }
        if !self.declared && state.is_turn() {
            state.declare(w.me, self.access.act, self.word.object, self.access.place, 0);
            state.spin(w.me);
            self.declared = true;
            return Poll::Pending;
        }
        match self.does.take() {
            Some((change, give)) => Poll::Ready(give(state.access(w.me, self.access, change))),
            None => Poll::Pending,
        }
    }
}

fn access<'a, C: FnOnce(u32) -> Option<u32>, T, G: FnOnce(u32) -> T>(
    w: &'a Model,
    word: &'a ModelWord,
    (act, order, place): (Act, Ordering, Place),
    change: C,
    give: G,
) -> Accessing<'a, C, G> {
    let access = Access { act, word: word.idx, place, order, wants: None };
    Accessing { w, word, access, does: Some((change, give)), declared: false }
}

/// An access that gives what was there.
fn take<'a, C: FnOnce(u32) -> Option<u32>>(
    w: &'a Model,
    word: &'a ModelWord,
    how: (Act, Ordering, Place),
    change: C,
) -> Accessing<'a, C, fn(u32) -> u32> {
    access(w, word, how, change, |seen| seen)
}

enum WaitStage {
    New,
    Declared,
    Blocked,
}

struct Wait<'a> {
    w: &'a Model,
    word: &'a ModelWord,
    expected: u32,
    deadline: Option<Duration>,
    place: Place,
    stage: WaitStage,
}

impl Future for Wait<'_> {
    type Output = Waited;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Waited> {
        let w = self.w;
        let mut state = w.kernel.state.borrow_mut();
        if state.dead || state.at_once {
            return Poll::Pending;
        }
        match self.stage {
            WaitStage::New if state.is_turn() => {
                state.declare(w.me, Act::Wait, self.word.object, self.place, 0);
                self.stage = WaitStage::Declared;
                Poll::Pending
            }
            WaitStage::New | WaitStage::Declared => {
                let (idx, expected, deadline) = (self.word.idx, self.expected, self.deadline);
                match state.begin_wait(w.me, idx, expected, deadline) {
                    Some(waited) => Poll::Ready(waited),
                    None => {
                        self.stage = WaitStage::Blocked;
                        Poll::Pending
                    }
                }
            }
            WaitStage::Blocked => Poll::Ready(state.end_wait(w.me)),
        }
    }
}

impl Word<Model> for ModelWord {
    fn load<'a>(&'a self, w: &'a Model, order: Ordering) -> impl Future<Output = u32> + 'a {
        take(w, self, (Act::Load, order, Location::caller()), |_| None)
    }

    fn store<'a>(
        &'a self,
        w: &'a Model,
        value: u32,
        order: Ordering,
    ) -> impl Future<Output = ()> + 'a {
        let how = (Act::Store, order, Location::caller());
        access(w, self, how, move |_| Some(value), |_| ())
    }

    fn swap<'a>(
        &'a self,
        w: &'a Model,
        value: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        take(w, self, (Act::Swap, order, Location::caller()), move |_| Some(value))
    }

    fn compare_exchange<'a>(
        &'a self,
        w: &'a Model,
        current: u32,
        new: u32,
        order: Ordering,
        in_vain: Ordering,
    ) -> impl Future<Output = Result<u32, u32>> + 'a {
        let how = (Act::CompareExchange, order, Location::caller());
        let change = move |seen| (seen == current).then_some(new);
        let give = move |seen| if seen == current { Ok(seen) } else { Err(seen) };
        let exchange = access(w, self, how, change, give);
        let access = Access { wants: Some((current, in_vain)), ..exchange.access };
        Accessing { access, ..exchange }
    }

    fn fetch_add<'a>(
        &'a self,
        w: &'a Model,
        n: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        take(w, self, (Act::FetchAdd, order, Location::caller()), move |seen| {
            Some(seen.wrapping_add(n))
        })
    }

    fn fetch_sub<'a>(
        &'a self,
        w: &'a Model,
        n: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        take(w, self, (Act::FetchSub, order, Location::caller()), move |seen| {
            Some(seen.wrapping_sub(n))
        })
    }

    fn fetch_or<'a>(
        &'a self,
        w: &'a Model,
        n: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        take(w, self, (Act::FetchOr, order, Location::caller()), move |seen| Some(seen | n))
    }

    fn fetch_and<'a>(
        &'a self,
        w: &'a Model,
        n: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        take(w, self, (Act::FetchAnd, order, Location::caller()), move |seen| Some(seen & n))
    }

    fn wait<'a>(
        &'a self,
        w: &'a Model,
        expected: u32,
        deadline: Option<Duration>,
    ) -> impl Future<Output = Waited> + 'a {
        let (place, stage) = (Location::caller(), WaitStage::New);
        Wait { w, word: self, expected, deadline, place, stage }
    }

    fn wake<'a>(&'a self, w: &'a Model, n: u32) -> impl Future<Output = u32> + 'a {
        // A wake reads and writes nothing; as an access of the word it is declared like one.
        let turn = Turn {
            w,
            act: Act::Wake,
            object: self.object,
            place: Location::caller(),
            declared: false,
        };
        Wake { turn, word: self, n }
    }
}

struct Wake<'a> {
    turn: Turn<'a>,
    word: &'a ModelWord,
    n: u32,
}

impl Future for Wake<'_> {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        std::task::ready!(Pin::new(&mut self.turn).poll(cx));
        let w = self.turn.w;
        Poll::Ready(w.with(|state| state.wake(w.me, self.word.idx, self.n)))
    }
}

/// A turn of an actor, without an access.
struct Turn<'a> {
    w: &'a Model,
    act: Act,
    object: ObjectId,
    place: Place,
    declared: bool,
}

impl Future for Turn<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let mut state = self.w.kernel.state.borrow_mut();
        if state.dead {
            return Poll::Pending;
        }
        if self.declared || !state.is_turn() {
            return Poll::Ready(());
        }
        state.declare(self.w.me, self.act, self.object, self.place, 0);
        drop(state);
        self.declared = true;
        Poll::Pending
    }
}
