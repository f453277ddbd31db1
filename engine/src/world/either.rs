//! A world that is one of two.

use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::{
    ActorId, Failure, Note, ObjectId, ObjectKind, Operation, Ordering, ReadyWhen, Role, Standing,
    Waited, Word, World,
};

/// One of two: worlds, words of theirs, or futures of theirs. Which one is said when a run begins, so
/// what is written over such a world is compiled once for both. It costs a branch at each step.
///
/// A run is all of one kind: a word that was made in the one world is never shown to the other.
/// For the same reason the steps themselves are calls, never inlined: where it matters how long a
/// step takes, one writes over the one world.
///
/// ```
/// use engine::{World, model::{self, Model}, real::{self, Recorded}, sync::Lock, world::Either};
/// use std::sync::Arc;
///
/// fn program(world: &Either<Model, Recorded>) {
///     let lock = Arc::new(Lock::new(world, "lock", 0));
///     for idx in 0..2 {
///         let lock = lock.clone();
///         world.spawn("worker", idx, move |w| async move {
///             lock.acquire(&w).await.release().await;
///         });
///     }
/// }
///
/// let setup = |world: &Model| program(&Either::First(world.clone()));
/// let mut run = model::Run::new(model::Config::default(), setup);
/// assert_eq!(run.finish(&mut model::RoundRobin), model::Ending::Finished);
///
/// let setup = |world: &Recorded| program(&Either::Second(world.clone()));
/// let run = real::Run::start(real::Threads, real::Config::default(), setup);
/// assert_eq!(run.join(), real::Ending::Finished);
/// ```
#[derive(Clone, Debug)]
pub enum Either<A, B> {
    /// The first.
    First(A),
    /// The second.
    Second(B),
}

use Either::{First, Second};

/// Asks a world of either kind.
macro_rules! ask {
    ($either:expr, $w:ident => $answer:expr) => {
        match $either {
            First($w) => $answer,
            Second($w) => $answer,
        }
    };
}

/// Does something with a word, in the world that both are of.
macro_rules! with_word {
    ($word:expr, $world:expr, $x:ident, $w:ident => $future:expr) => {
        match ($word, $world) {
            (First($x), First($w)) => First($future),
            (Second($x), Second($w)) => Second($future),
            _ => strange(),
        }
    };
}

#[cold]
fn strange() -> ! {
    panic!("a word of another world")
}

impl<A, B> Either<A, B> {
    fn first(&self) -> &A {
        match self {
            First(a) => a,
            Second(_) => strange(),
        }
    }

    fn second(&self) -> &B {
        match self {
            First(_) => strange(),
            Second(b) => b,
        }
    }
}

impl<T, A: Future<Output = T>, B: Future<Output = T>> Future for Either<A, B> {
    type Output = T;

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // SAFETY: nothing is moved out of it.
        match unsafe { self.get_unchecked_mut() } {
            // SAFETY: pinned as `self` is: it is never moved, and there is no `Drop`.
            First(a) => unsafe { Pin::new_unchecked(a) }.poll(cx),
            // SAFETY: the same.
            Second(b) => unsafe { Pin::new_unchecked(b) }.poll(cx),
        }
    }
}

impl<A, B> World for Either<A, B>
where
    A: World<Object = ObjectId>,
    B: World<Object = ObjectId>,
{
    type Word = Either<A::Word, B::Word>;
    type Object = ObjectId;

    fn spins(&self) -> u32 {
        ask!(self, w => w.spins())
    }

    fn spins_in_line(&self) -> u32 {
        ask!(self, w => w.spins_in_line())
    }

    fn light_fence(&self) {
        ask!(self, w => w.light_fence());
    }

    fn heavy_fence(&self) {
        ask!(self, w => w.heavy_fence());
    }

    fn me(&self) -> ActorId {
        ask!(self, w => w.me())
    }

    #[inline(never)]
    fn now(&self) -> Duration {
        ask!(self, w => w.now())
    }

    #[inline(never)]
    fn random(&self, bound: u32) -> u32 {
        ask!(self, w => w.random(bound))
    }

    #[inline(never)]
    fn random_while(&self, shortest: Duration, longest: Duration) -> Duration {
        ask!(self, w => w.random_while(shortest, longest))
    }

    #[inline(never)]
    fn relax(&self, round: u32) {
        ask!(self, w => w.relax(round));
    }

    #[inline(never)]
    fn linger(&self, round: u32) -> bool {
        ask!(self, w => w.linger(round))
    }

    #[inline(never)]
    fn register(&self, kind: ObjectKind, name: &'static str, idx: u16) -> ObjectId {
        ask!(self, w => w.register(kind, name, idx))
    }

    #[inline(never)]
    fn word(&self, object: ObjectId, initial: u32) -> Self::Word {
        match self {
            First(w) => First(w.word(object, initial)),
            Second(w) => Second(w.word(object, initial)),
        }
    }

    #[inline(never)]
    fn owner_word(&self, object: ObjectId) -> Self::Word {
        match self {
            First(w) => First(w.owner_word(object)),
            Second(w) => Second(w.owner_word(object)),
        }
    }

    #[inline(never)]
    fn note(&self, object: ObjectId, note: Note) {
        ask!(self, w => w.note(object, note));
    }

    #[inline(never)]
    fn phase(&self, phase: u32) {
        ask!(self, w => w.phase(phase));
    }

    fn operation<'a, F: Future + 'a>(
        &'a self,
        operation: Operation<'a, Self>,
        body: F,
    ) -> impl Future<Output = F::Output> + 'a {
        let Operation { act, object, ready_when, deadline, place } = operation;
        match self {
            First(w) => {
                let ready_when = ready_when.map(|ReadyWhen { word, test, arg }| ReadyWhen {
                    word: word.first(),
                    test,
                    arg,
                });
                First(w.operation(Operation { act, object, ready_when, deadline, place }, body))
            }
            Second(w) => {
                let ready_when = ready_when.map(|ReadyWhen { word, test, arg }| ReadyWhen {
                    word: word.second(),
                    test,
                    arg,
                });
                Second(w.operation(Operation { act, object, ready_when, deadline, place }, body))
            }
        }
    }

    fn whole<'a, F: Future + 'a>(
        &'a self,
        body: impl FnOnce() -> F + 'a,
    ) -> impl Future<Output = F::Output> + 'a {
        match self {
            First(w) => First(w.whole(body)),
            Second(w) => Second(w.whole(body)),
        }
    }

    fn standing(&self) -> Standing {
        ask!(self, w => w.standing())
    }

    fn stand_again<S: Hash>(&self, then: Standing, left: S) {
        ask!(self, w => w.stand_again(then, left));
    }

    #[inline(never)]
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + '_ {
        match self {
            First(w) => First(w.sleep(duration)),
            Second(w) => Second(w.sleep(duration)),
        }
    }

    #[cold]
    #[inline(never)]
    fn at_once<F: Future>(&self, body: F) -> Option<F::Output> {
        ask!(self, w => w.at_once(body))
    }

    fn spawn_as<F, Fut>(&self, role: Role, name: &'static str, idx: u16, body: F)
    where
        F: FnOnce(Self) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        match self {
            First(w) => w.spawn_as(role, name, idx, move |w| body(First(w))),
            Second(w) => w.spawn_as(role, name, idx, move |w| body(Second(w))),
        }
    }

    fn spawn_alike<F, Fut>(&self, name: &'static str, n: u16, body: F)
    where
        F: FnOnce(Self) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        match self {
            First(w) => w.spawn_alike(name, n, move |w| body(First(w))),
            Second(w) => w.spawn_alike(name, n, move |w| body(Second(w))),
        }
    }

    #[inline(never)]
    fn print_list(
        &self,
        text: &'static str,
        value: u32,
        more: Vec<u32>,
    ) -> impl Future<Output = ()> + '_ {
        match self {
            First(w) => First(w.print_list(text, value, more)),
            Second(w) => Second(w.print_list(text, value, more)),
        }
    }

    #[inline(never)]
    fn fail(&self, failure: Failure) {
        ask!(self, w => w.fail(failure));
    }
}

impl<A, B> Word<Either<A, B>> for Either<A::Word, B::Word>
where
    A: World<Object = ObjectId>,
    B: World<Object = ObjectId>,
{
    #[inline(never)]
    fn load<'a>(&'a self, w: &'a Either<A, B>, order: Ordering) -> impl Future<Output = u32> + 'a {
        with_word!(self, w, word, w => word.load(w, order))
    }

    #[inline(never)]
    fn store<'a>(
        &'a self,
        w: &'a Either<A, B>,
        value: u32,
        order: Ordering,
    ) -> impl Future<Output = ()> + 'a {
        with_word!(self, w, word, w => word.store(w, value, order))
    }

    #[inline(never)]
    fn swap<'a>(
        &'a self,
        w: &'a Either<A, B>,
        value: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        with_word!(self, w, word, w => word.swap(w, value, order))
    }

    #[inline(never)]
    fn compare_exchange<'a>(
        &'a self,
        w: &'a Either<A, B>,
        current: u32,
        new: u32,
        success: Ordering,
        failure: Ordering,
    ) -> impl Future<Output = Result<u32, u32>> + 'a {
        with_word!(self, w, word, w => word.compare_exchange(w, current, new, success, failure))
    }

    #[inline(never)]
    fn fetch_add<'a>(
        &'a self,
        w: &'a Either<A, B>,
        n: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        with_word!(self, w, word, w => word.fetch_add(w, n, order))
    }

    #[inline(never)]
    fn fetch_sub<'a>(
        &'a self,
        w: &'a Either<A, B>,
        n: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        with_word!(self, w, word, w => word.fetch_sub(w, n, order))
    }

    #[inline(never)]
    fn fetch_or<'a>(
        &'a self,
        w: &'a Either<A, B>,
        bits: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        with_word!(self, w, word, w => word.fetch_or(w, bits, order))
    }

    #[inline(never)]
    fn fetch_and<'a>(
        &'a self,
        w: &'a Either<A, B>,
        bits: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a {
        with_word!(self, w, word, w => word.fetch_and(w, bits, order))
    }

    #[inline(never)]
    fn wait<'a>(
        &'a self,
        w: &'a Either<A, B>,
        expected: u32,
        deadline: Option<Duration>,
    ) -> impl Future<Output = Waited> + 'a {
        with_word!(self, w, word, w => word.wait(w, expected, deadline))
    }

    #[inline(never)]
    fn wake<'a>(&'a self, w: &'a Either<A, B>, n: u32) -> impl Future<Output = u32> + 'a {
        with_word!(self, w, word, w => word.wake(w, n))
    }
}
