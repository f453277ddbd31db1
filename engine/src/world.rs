//! What an algorithm may ask of the world it runs in, and nothing more.
//!
//! A [`Word`] is the only thing that blocks. Plain shared data goes through [`Shared`], time and
//! randomness through the [`World`]. The names in which worlds report what happens (actors,
//! objects, acts) live here too, because both sides of the interface speak them.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::pin;
pub use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// A place in the source text, as `#[track_caller]` gives it.
pub type Place = &'static Location<'static>;

/// One of the actors of a run, counted from 0 in the order in which they were spawned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActorId(pub u16);

impl ActorId {
    /// The clock, where it is chosen like an actor: time passes although somebody could still run.
    pub const CLOCK: Self = Self(u16::MAX);
    /// Whoever sets a run up, before its actors start.
    pub const SETUP: Self = Self(u16::MAX - 1);
    /// The largest number of actors in one run.
    pub const MAX_ACTORS: usize = (u16::MAX - 1) as usize;

    /// The id as an index into a list of actors.
    pub fn idx(self) -> usize {
        usize::from(self.0)
    }

    /// The actor's own random sequence in a run with this seed: the same in every world.
    pub(crate) fn rng(self, seed: u64) -> fastrand::Rng {
        // Any odd constant spreads the actors' sequences; this one is 2^64 divided by the golden
        // ratio.
        let spread = u64::from(self.0.wrapping_add(1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        fastrand::Rng::with_seed(seed ^ spread)
    }
}

/// One of the registered objects of a run (a lock, a semaphore, a cell …), counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub u16);

impl ObjectId {
    /// No object: an actor sleeps, or only changes its phase.
    pub const NONE: Self = Self(u16::MAX);

    /// The id as an index into the list of objects.
    pub fn idx(self) -> usize {
        usize::from(self.0)
    }
}

/// What sort of thing an object is; decides how it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ObjectKind {
    /// Held by one actor at a time.
    Lock,
    /// Held by as many actors as it has permits.
    Semaphore,
    /// A cell of plain shared data.
    Cell,
    /// A thing that actors take and give back by a rule of their own.
    Resource,
}

/// What an actor is about to do, or does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Act {
    /// Take an object, waiting for it as long as it takes.
    Acquire,
    /// Take an object if that is possible at once.
    TryAcquire,
    /// Take an object, waiting until a deadline.
    AcquireTimeout,
    /// Give an object back.
    Release,
    /// Let time pass.
    Sleep,
    /// Read a cell or a word.
    Load,
    /// Write a cell or a word.
    Store,
    /// Write a word and learn what was in it.
    Swap,
    /// Write a word if it holds what is expected.
    CompareExchange,
    /// Add to a word.
    FetchAdd,
    /// Subtract from a word.
    FetchSub,
    /// Set bits of a word.
    FetchOr,
    /// Clear bits of a word.
    FetchAnd,
    /// Block while a word holds what is expected.
    Wait,
    /// Wake actors that wait on a word.
    Wake,
}

impl Act {
    /// Every act, in the order of its code in the log.
    pub const ALL: [Self; 15] = [
        Self::Acquire,
        Self::TryAcquire,
        Self::AcquireTimeout,
        Self::Release,
        Self::Sleep,
        Self::Load,
        Self::Store,
        Self::Swap,
        Self::CompareExchange,
        Self::FetchAdd,
        Self::FetchSub,
        Self::FetchOr,
        Self::FetchAnd,
        Self::Wait,
        Self::Wake,
    ];

    /// Whether the act waits for its object, for ever or until a deadline.
    pub fn may_wait(self) -> bool {
        matches!(self, Self::Acquire | Self::AcquireTimeout | Self::Wait)
    }

    /// A short name in the field's own words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acquire => "acquire",
            Self::TryAcquire => "try acquire",
            Self::AcquireTimeout => "acquire with timeout",
            Self::Release => "release",
            Self::Sleep => "sleep",
            Self::Load => "load",
            Self::Store => "store",
            Self::Swap => "swap",
            Self::CompareExchange => "compare-exchange",
            Self::FetchAdd => "fetch-add",
            Self::FetchSub => "fetch-sub",
            Self::FetchOr => "fetch-or",
            Self::FetchAnd => "fetch-and",
            Self::Wait => "wait",
            Self::Wake => "wake",
        }
    }
}

/// What an algorithm reports of itself, in every world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The actor now has the object.
    Got,
    /// The actor gave the object back.
    GaveBack,
    /// The actor used up what it got: it never gives it back, and nobody holds it.
    UsedUp,
    /// The actor no longer tries to get the object: it was taken, or the deadline passed.
    GaveUp,
    /// The actor read this value from the object.
    Read(u32),
    /// The actor wrote this value to the object.
    Wrote(u32),
    /// The actor entered this phase of its lesson.
    Phase(u32),
}

/// Why a run cannot go on although nothing is stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A claim of the program does not hold.
    Assertion(&'static str),
    /// A primitive was used against its rules.
    Misuse(&'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assertion(claim) => write!(f, "the claim does not hold: {claim}"),
            Self::Misuse(what) => write!(f, "misuse: {what}"),
        }
    }
}

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
pub type ReadyWhen<'a, Word> = (&'a Word, fn(u32) -> bool);

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
    const SPINS: u32;

    /// Who is asking.
    fn me(&self) -> ActorId;

    /// The world's time since the run began.
    fn now(&self) -> Duration;

    /// A number below `bound`, from the actor's own seeded sequence.
    fn random(&self, bound: u32) -> u32;

    /// Lets a moment pass before the actor looks again for the `round`th time, from 0; the later
    /// the round, the longer the moment.
    fn relax(&self, round: u32);

    /// Registers an object by a name and an index among those of that name.
    fn register(&self, kind: ObjectKind, name: &'static str, idx: u16) -> Self::Object;

    /// Makes a word that is a part of `object`.
    fn word(&self, object: Self::Object, initial: u32) -> Self::Word;

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

    /// Lets `duration` of the world's time pass.
    #[track_caller]
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + '_;

    /// Runs `body` to its end with nobody in between; for `Drop`, where one cannot await. Gives
    /// nothing when `body` would have had to block.
    fn at_once<F: Future>(&self, body: F) -> Option<F::Output>;

    /// Starts another actor. `body` is handed the world as the new actor sees it.
    fn spawn<F, Fut>(&self, name: &'static str, idx: u16, body: F)
    where
        F: FnOnce(Self) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + 'static;

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

/// A cell of plain shared data. Load and store are separate steps, so `x += 1` can lose an update,
/// in the model for all to see and on threads for real (a relaxed atomic underneath, hence never
/// undefined behaviour).
///
/// ```
/// use engine::{World, model, world::Shared};
/// use std::sync::Arc;
///
/// let mut run = model::Run::new(model::Config::default(), |world| {
///     let x = Arc::new(Shared::new(world, "x", 0, 0));
///     for idx in 0..2 {
///         let x = x.clone();
///         world.spawn("adder", idx, move |w| async move {
///             let seen = x.load(&w).await;
///             x.store(&w, seen + 1).await;
///             w.check(x.load(&w).await <= 2, "x never passes 2");
///         });
///     }
/// });
/// assert_eq!(run.finish(&mut model::RoundRobin), model::Ending::Finished);
/// ```
pub struct Shared<W: World> {
    word: W::Word,
    id: W::Object,
}

impl<W: World> Shared<W> {
    /// A cell that holds `initial`.
    pub fn new(world: &W, name: &'static str, idx: u16, initial: u32) -> Self {
        let id = world.register(ObjectKind::Cell, name, idx);
        Self { word: world.word(id, initial), id }
    }

    /// Reads the cell.
    #[track_caller]
    pub fn load<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        // Relaxed: plain data; whoever needs an order takes a lock.
        let load = self.word.load(w, Ordering::Relaxed);
        async move {
            let value = load.await;
            w.note(self.id, Note::Read(value));
            value
        }
    }

    /// Writes the cell.
    #[track_caller]
    pub fn store<'a>(&'a self, w: &'a W, value: u32) -> impl Future<Output = ()> + 'a {
        // Relaxed: see `load`.
        let store = self.word.store(w, value, Ordering::Relaxed);
        async move {
            store.await;
            w.note(self.id, Note::Wrote(value));
        }
    }
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
