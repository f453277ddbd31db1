//! What an algorithm may ask of the world it runs in, and nothing more.
//!
//! A [`Word`] is the only thing that blocks. Plain shared data goes through [`Shared`], time and
//! randomness through the [`World`]. The vocabulary in which worlds report what happens (actors,
//! objects, acts) lives here too, because both sides of the interface speak it.

mod either;
mod shared;
mod vocabulary;

pub use either::Either;
pub use shared::Shared;
pub use vocabulary::{
    Act, ActorId, Failure, Note, ObjectId, ObjectKind, Order, Place, Role, Standing,
};

use std::future::Future;
use std::hash::Hash;
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
pub use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

// What is left of rounds (see [`World::rounds`]), and what comes out at last, are two things.
const IN: bool = false;
const OUT: bool = true;

/// How a [`Word::wait`] came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// Somebody woke the actor (or it woke for no reason: look again).
    Woken,
    /// The word did not hold the expected value.
    Changed,
    /// The deadline passed.
    TimedOut,
}

/// A test on a word that says whether an operation could go ahead without blocking.
pub struct ReadyWhen<'a, Word> {
    /// The word.
    pub word: &'a Word,
    /// The test: what is in the word, and `arg`.
    pub test: fn(u32, u32) -> bool,
    /// What the test compares with, where it needs that.
    pub arg: u32,
}

/// A future of any type; see [`World::boxed`].
pub type Boxed<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// A whole operation (acquire, release …) as the world sees it before it begins.
pub struct Operation<'a, W: World> {
    /// What will be done.
    pub act: Act,
    /// To which object.
    pub object: W::Object,
    /// When it can go ahead; `None`: always.
    pub ready_when: Option<ReadyWhen<'a, W::Word>>,
    /// When it gives up, in the world's time.
    pub deadline: Option<Duration>,
    /// Where the program asks for it.
    pub place: Place,
}

/// The world as one actor sees it. Cheap to clone, and never shared between actors.
///
/// A world decides what an actor, a word and blocking are; see the crate's page.
pub trait World: Clone + 'static {
    /// 32 bits that actors share.
    type Word: Word<Self>;
    /// The id of a registered object; zero-sized where nothing is recorded.
    type Object: Copy + Send + Sync + 'static;

    /// How often an algorithm may look again before it blocks. Zero where looking again cannot
    /// help, as in the model, where nobody else runs meanwhile.
    fn spins(&self) -> u32;

    /// The same for an actor that stands in line. Nobody overtakes it there, whoever calls it need
    /// not wake it as long as it looks, and it may look for about as long as it takes to fall asleep
    /// and be woken.
    fn spins_in_line(&self) -> u32 {
        self.spins()
    }

    /// The one side of a fence for two: what an actor wrote before it is seen by whoever comes past
    /// [`Self::heavy_fence`] after it, or else the actor sees from here on what that one wrote before.
    /// This side costs next to nothing where the system has such a thing. Where all accesses are in
    /// one order anyway, neither does anything.
    fn light_fence(&self) {}

    /// The other side of [`Self::light_fence`], which costs much.
    fn heavy_fence(&self) {}

    /// Who is asking.
    fn me(&self) -> ActorId;

    /// The world's time since the run began.
    fn now(&self) -> Duration;

    /// The world's time when `timeout` from now is over; `None` when that time will never come.
    fn deadline(&self, timeout: Duration) -> Option<Duration> {
        self.now().checked_add(timeout)
    }

    /// A number below `bound`, from the actor's own seeded sequence.
    fn random(&self, bound: u32) -> u32;

    /// A random while for [`Self::sleep`], in whole microseconds. Where a sleep ends at any moment, no
    /// matter how long it is, it is always the longest.
    fn random_while(&self, shortest: Duration, longest: Duration) -> Duration {
        draw_while(self, shortest, longest)
    }

    /// Lets a moment pass before the actor looks again for the `round`th time, from 0; the later
    /// the round, the longer the moment.
    fn relax(&self, round: u32);

    /// As [`Self::relax`], for whoever finds a lock held; `false`, and at once, when it has looked often
    /// enough.
    fn linger(&self, round: u32) -> bool {
        let may_look = round < self.spins();
        if may_look {
            self.relax(round);
        }
        may_look
    }

    /// Registers an object by a name and an index among those of that name.
    fn register(&self, kind: ObjectKind, name: &'static str, idx: u16) -> Self::Object;

    /// Makes a word that is a part of `object`.
    fn word(&self, object: Self::Object, initial: u32) -> Self::Word;

    /// Makes such a word that says who owns the object: 0, or [`ActorId::as_owner`]. What a
    /// [`Self::gist`] gives of it tells nobody's number.
    fn owner_word(&self, object: Self::Object) -> Self::Word {
        self.word(object, 0)
    }

    /// Reports what happened to an object.
    fn note(&self, object: Self::Object, note: Note);

    /// Reports that the actor enters a phase of its lesson.
    fn phase(&self, phase: u32);

    /// Runs `body` as one operation: at the grain of operations nobody else runs inside it, unless
    /// it blocks.
    fn operation<'a, F: Future + 'a>(
        &'a self,
        operation: Operation<'a, Self>,
        body: F,
    ) -> impl Future<Output = F::Output> + 'a;

    /// Runs the future that `body` makes: the part of an operation that is seldom needed. A world
    /// that blocks keeps it out of its caller's future, which stays small and fast.
    fn seldom<'a, F: Future + 'a>(
        &'a self,
        body: impl FnOnce() -> F + 'a,
    ) -> impl Future<Output = F::Output> + 'a {
        body()
    }

    /// Runs the future that `body` makes as a whole: when it is given up halfway, what is left of it is
    /// done at once. A world in which a future is polled once has nothing to see to.
    fn whole<'a, F: Future + 'a>(
        &'a self,
        body: impl FnOnce() -> F + 'a,
    ) -> impl Future<Output = F::Output> + 'a {
        body()
    }

    /// Runs `body`, whose type is nobody's business. A world that blocks does it before it returns,
    /// and then there is nothing to allocate.
    fn boxed<'a, F: Future<Output = ()> + 'a>(body: F) -> Boxed<'a> {
        Box::pin(body)
    }

    /// Runs the future that `body` makes: one that is often needed and should be fast. A world that
    /// blocks makes it where it is polled, and so the compiler sees it from its beginning to its end.
    fn often<'a, F: Future + 'a>(
        &'a self,
        body: impl FnOnce() -> F + 'a,
    ) -> impl Future<Output = F::Output> + 'a {
        body()
    }

    /// Runs the future that `body` makes, which may contain one of the same kind: so a function can
    /// call itself. A world that blocks makes it where it is polled, and allocates nothing.
    fn nested<'a, F: Future + 'a>(
        body: impl FnOnce() -> F + 'a,
    ) -> impl Future<Output = F::Output> + 'a {
        let body: Pin<Box<dyn Future<Output = F::Output> + 'a>> = Box::pin(async { body().await });
        body
    }

    /// Runs the future that `body` makes, of which nothing is left but what it gives: so whoever tells
    /// states from each other knows that it does not matter what was found on the way.
    fn gist<'a, F: Future<Output: Hash> + 'a>(
        &'a self,
        body: impl FnOnce() -> F + 'a,
    ) -> impl Future<Output = F::Output> + 'a {
        async move {
            let before = self.standing();
            let output = body().await;
            self.stand_again(before, (OUT, &output));
            output
        }
    }

    /// Goes round and round until a round breaks. A round begins with what the one before it left to it,
    /// and with nothing else, and at last there is what it gives, and nothing else: so whoever tells
    /// states from each other knows that an actor whose rounds were in vain is where it was.
    fn rounds<'a, S, T, F>(
        &'a self,
        first: S,
        round: impl Fn(S) -> F + 'a,
    ) -> impl Future<Output = T> + 'a
    where
        S: Copy + Hash + 'a,
        T: Hash,
        F: Future<Output = ControlFlow<T, S>> + 'a,
    {
        self.gist(move || async move {
            let before = self.standing();
            let mut left = first;
            loop {
                self.stand_again(before, (IN, left));
                match round(left).await {
                    ControlFlow::Break(output) => return output,
                    ControlFlow::Continue(next) => left = next,
                }
            }
        })
    }

    /// Where the actor stands in its program, where that matters to anybody.
    fn standing(&self) -> Standing {
        Standing::default()
    }

    /// The actor stands where it stood then, but for what is left of the rounds since.
    fn stand_again<S: Hash>(&self, _then: Standing, _left: S) {}

    /// Lets `duration` of the world's time pass.
    #[track_caller]
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + '_;

    /// Runs `body` to its end with nobody in between; for `Drop`, where one cannot await. Gives
    /// nothing when `body` would have had to block.
    fn at_once<F: Future>(&self, body: F) -> Option<F::Output>;

    /// Starts another actor. `body` is handed the world as the new actor sees it.
    fn spawn_as<F, Fut>(&self, role: Role, name: &'static str, idx: u16, body: F)
    where
        F: FnOnce(Self) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + 'static;

    /// Starts another actor, which the run waits for.
    fn spawn<F, Fut>(&self, name: &'static str, idx: u16, body: F)
    where
        F: FnOnce(Self) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        self.spawn_as(Role::Regular, name, idx, body);
    }

    /// Starts `n` actors that do the same, numbered from 0. `body` does not ask for its actor's number
    /// but to own something by it, so nobody can tell which of them did what: whoever looks for all
    /// states need not either. In the model they also draw the same random numbers.
    fn spawn_alike<F, Fut>(&self, name: &'static str, n: u16, body: F)
    where
        F: FnOnce(Self) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        (0..n).for_each(|idx| self.spawn(name, idx, body.clone()));
    }

    /// Prints a line for whoever reads along: `text`, with `value` in the place of `{}`.
    #[track_caller]
    fn print(&self, text: &'static str, value: u32) -> impl Future<Output = ()> + '_ {
        self.print_list(text, value, Vec::new())
    }

    /// The same, with `more` values behind it, each after a space.
    #[track_caller]
    fn print_list(
        &self,
        text: &'static str,
        value: u32,
        more: Vec<u32>,
    ) -> impl Future<Output = ()> + '_;

    /// Ends the run with a failure.
    fn fail(&self, failure: Failure);

    /// Ends the run if `holds` is false.
    fn check(&self, holds: bool, claim: &'static str) {
        if !holds {
            self.fail(Failure::Assertion(claim));
        }
    }
}

/// 32 bits that actors share: the only thing that blocks. Every operation is a step of its own.
///
/// A word holds no pointer, so what is built of words can lie in memory shared by processes. In the
/// model every access is sequentially consistent, whatever `order` says.
pub trait Word<W: World>: Send + Sync + 'static {
    /// Reads.
    #[track_caller]
    fn load<'a>(&'a self, w: &'a W, order: Ordering) -> impl Future<Output = u32> + 'a;

    /// Writes.
    #[track_caller]
    fn store<'a>(&'a self, w: &'a W, value: u32, order: Ordering) -> impl Future<Output = ()> + 'a;

    /// Writes and gives what was there.
    #[track_caller]
    fn swap<'a>(&'a self, w: &'a W, value: u32, order: Ordering) -> impl Future<Output = u32> + 'a;

    /// Writes `new` if the word holds `current`.
    ///
    /// # Errors
    /// Gives the value found when it is not `current`.
    #[track_caller]
    fn compare_exchange<'a>(
        &'a self,
        w: &'a W,
        current: u32,
        new: u32,
        success: Ordering,
        failure: Ordering,
    ) -> impl Future<Output = Result<u32, u32>> + 'a;

    /// Adds, wrapping around, and gives what was there.
    #[track_caller]
    fn fetch_add<'a>(&'a self, w: &'a W, n: u32, order: Ordering)
    -> impl Future<Output = u32> + 'a;

    /// Subtracts, wrapping around, and gives what was there.
    #[track_caller]
    fn fetch_sub<'a>(&'a self, w: &'a W, n: u32, order: Ordering)
    -> impl Future<Output = u32> + 'a;

    /// Sets bits and gives what was there.
    #[track_caller]
    fn fetch_or<'a>(
        &'a self,
        w: &'a W,
        bits: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a;

    /// Keeps only `bits` and gives what was there.
    #[track_caller]
    fn fetch_and<'a>(
        &'a self,
        w: &'a W,
        bits: u32,
        order: Ordering,
    ) -> impl Future<Output = u32> + 'a;

    /// Blocks while the word holds `expected`, until somebody wakes the actor or `deadline` (in the
    /// world's time) has passed. The look at the word and the beginning of the wait are one step.
    #[track_caller]
    fn wait<'a>(
        &'a self,
        w: &'a W,
        expected: u32,
        deadline: Option<Duration>,
    ) -> impl Future<Output = Waited> + 'a;

    /// Wakes up to `n` of the actors that wait on this word and gives how many there were.
    #[track_caller]
    fn wake<'a>(&'a self, w: &'a W, n: u32) -> impl Future<Output = u32> + 'a;
}

/// A while from an actor's random sequence; see [`World::random_while`].
pub(crate) fn draw_while(w: &impl World, shortest: Duration, longest: Duration) -> Duration {
    let span = u32::try_from(longest.saturating_sub(shortest).as_micros()).unwrap_or(u32::MAX);
    shortest + Duration::from_micros(w.random(span.saturating_add(1)).into())
}

/// Drives a future of a real world to its end: one poll is enough, because there every operation
/// blocks inside `poll`. `None` means that the run was stopped and the future given up.
///
/// ```
/// assert_eq!(engine::block(async { 5 }), Some(5));
/// ```
#[inline]
pub fn block<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
