//! Random lists of operations, split among actors in the model and on threads: what each operation
//! gave can be put into one order in which a plain thing, used by one at a time, would have given the
//! same (linearizability), and whoever is stuck is rightly so.
//!
//! The checker is the search of Jeannette Wing and Chun Gong, "Testing and verifying concurrent
//! objects" (1993), with the memory of Gavin Lowe, "Testing for linearizability" (2017). An operation
//! that is no single moment (a wait for a condition lets go of a lock and takes it again) counts as
//! its parts, each of which is.

mod barrier;
mod event;
mod future;
mod monitor;
mod once;
mod queue;
mod readers_writer;
mod search;
mod semaphore;
mod timer;

use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::World;
use engine::log::Log;
use engine::model::{self, Ending, Grain, Model, Pct, Random, RoundRobin, Scheduler, Time};
use engine::real::{self, Plain, Threads};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use search::is_explained;

/// A plain thing that one at a time uses: its state, and how it is to be tried in a world.
trait Thing: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// An operation, or a part of one.
    type Act: Copy + Debug + Send + Sync + 'static;
    /// What came of it.
    type Gave: Copy + Debug + Send + Sync + 'static;
    /// The thing itself.
    type Real<W: World>: Send + Sync + 'static;

    /// Makes the thing itself, which may note in the book what it does of its own.
    fn real<W: World>(&self, world: &W, book: &Arc<Book<Self>>) -> Self::Real<W>;

    /// Does something with the thing itself.
    fn perform<W: World>(
        w: &W,
        real: &Self::Real<W>,
        act: Self::Act,
    ) -> impl Future<Output = Self::Gave>;

    /// The moments that make up an operation, in their order; the last ones without an outcome where
    /// it never ended.
    fn parts(act: Self::Act, gave: Option<Self::Gave>) -> Vec<(Self::Act, Option<Self::Gave>)> {
        vec![(act, gave)]
    }

    /// What the thing is after an act that gave this; `None` when it cannot have.
    fn after(&self, actor: usize, act: Self::Act, gave: Self::Gave) -> Option<Self>;

    /// Whether nothing more need happen while all these wait for ever.
    fn may_rest(&self, stuck: &[(usize, Self::Act)]) -> bool;

    /// Whether whoever is next must have begun before the last one ended: they meet.
    fn is_passing(&self) -> bool {
        false
    }

    /// Checks what was noted in the model.
    fn assert_log(_: &Log) {}
}

/// How long somebody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Patience {
    None,
    Some,
    Endless,
}

/// How long somebody waits who does not wait for ever: time for others to come between.
const SOME: Duration = Duration::from_micros(60);

fn patience() -> impl Strategy<Value = Patience> {
    prop_oneof![1 => Just(Patience::None), 1 => Just(Patience::Some), 3 => Just(Patience::Endless)]
}

/// A list for each actor.
#[derive(Clone, Debug)]
struct Program<T: Thing> {
    thing: T,
    lists: Vec<Vec<T::Act>>,
}

/// For 2 to 4 actors, each with fewer than so many `deeds`, which are one act or a few.
fn programs<T: Thing>(
    things: impl Strategy<Value = T>,
    deeds: impl Strategy<Value = Vec<T::Act>>,
    max_deeds: usize,
) -> impl Strategy<Value = Program<T>> {
    let list = prop::collection::vec(deeds, 1..max_deeds).prop_map(|deeds| deeds.concat());
    let lists = prop::collection::vec(list, 2..5);
    (things, lists).prop_map(|(thing, lists)| Program { thing, lists })
}

/// An act with the moments at which it began and ended; `None` when it never did.
#[derive(Clone, Copy, Debug)]
struct Entry<Act, Gave> {
    actor: usize,
    act: Act,
    begin: usize,
    end: Option<(usize, Gave)>,
}

type History<T> = Vec<Entry<<T as Thing>::Act, <T as Thing>::Gave>>;

/// Whoever is no actor of the program.
const NOBODY: usize = usize::MAX;

/// What was done and is being done.
struct Book<T: Thing> {
    now: AtomicUsize,
    /// A page for each actor, so that writing keeps nobody waiting; and one for all others.
    pages: Vec<Mutex<History<T>>>,
}

impl<T: Thing> Book<T> {
    fn new(n_actors: usize) -> Self {
        Self { now: AtomicUsize::new(0), pages: (0..=n_actors).map(|_| Mutex::default()).collect() }
    }

    /// A moment after all that were.
    fn moment(&self) -> usize {
        self.now.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn begin(&self, actor: usize, act: T::Act) {
        let entry = Entry { actor, act, begin: self.moment(), end: None };
        self.pages[actor].lock().unwrap().push(entry);
    }

    fn end(&self, actor: usize, gave: T::Gave) {
        let end = Some((self.moment(), gave));
        self.pages[actor].lock().unwrap().last_mut().expect("it has begun").end = end;
    }

    /// Notes what happened at some moment from `begin` to `end`, by itself.
    fn note(&self, act: T::Act, gave: T::Gave, begin: usize, end: usize) {
        let entry = Entry { actor: NOBODY, act, begin, end: Some((end, gave)) };
        self.pages.last().expect("there is one").lock().unwrap().push(entry);
    }

    fn entries(&self) -> History<T> {
        self.pages.iter().flat_map(|page| page.lock().unwrap().clone()).collect()
    }
}

/// What keeps actors together on threads, where the first would else be through before the last one
/// comes. In the model the schedule sees to that.
struct Hurdles<W> {
    meet: fn(&AtomicUsize),
    pause: fn(&W),
}

const NO_HURDLES: Hurdles<Model> = Hurdles { meet: |_| (), pause: |_| () };

const HURDLES: Hurdles<Plain> = Hurdles {
    meet: |n_missing| {
        n_missing.fetch_sub(1, Ordering::SeqCst);
        while n_missing.load(Ordering::SeqCst) > 0 {
            std::thread::yield_now();
        }
    },
    pause: |w| match w.random(8) {
        n @ 0..4 => (0..100 * n).for_each(|_| std::hint::spin_loop()),
        _ => std::thread::yield_now(),
    },
};

impl<T: Thing> Program<T> {
    /// Has the actors at work. Each looks at `n_missing`, how many have not come yet, before its first
    /// act, and pauses before every one.
    fn start<W: World>(&self, world: &W, book: &Arc<Book<T>>, hurdles: &'static Hurdles<W>) {
        let real = Arc::new(self.thing.real(world, book));
        let n_missing = Arc::new(AtomicUsize::new(self.lists.len()));
        for (actor, acts) in self.lists.iter().cloned().enumerate() {
            let (real, book, n_missing) = (real.clone(), book.clone(), n_missing.clone());
            world.spawn("actor", actor as u16, move |w| async move {
                (hurdles.meet)(&n_missing);
                for act in acts {
                    (hurdles.pause)(&w);
                    book.begin(actor, act);
                    let gave = T::perform(&w, &real, act).await;
                    book.end(actor, gave);
                }
            });
        }
    }

    fn run_in_model(&self, schedule: &Schedule) -> (Ending, Log, History<T>) {
        let Schedule { grain, time, .. } = *schedule;
        let config = model::Config { grain, time, max_turns: 50_000, ..Default::default() };
        let book = Arc::new(Book::new(self.lists.len()));
        let (program, theirs) = (self.clone(), book.clone());
        let setup = move |world: &Model| program.start(world, &theirs, &NO_HURDLES);
        let mut run = model::Run::new(config, setup);
        let ending = run.finish(&mut *schedule.scheduler());
        (ending, run.into_log(), book.entries())
    }

    fn run_on_threads(&self, seed: u64) -> (Ending, History<T>) {
        let book = Arc::new(Book::new(self.lists.len()));
        let config = real::Config { seed, ..Default::default() };
        let setup = |world: &Plain| self.start(world, &book, &HURDLES);
        let ending = real::Run::start(Threads, config, setup).join();
        (ending, book.entries())
    }

    fn explain(&self, ending: &Ending, history: &History<T>) -> Result<(), TestCaseError> {
        prop_assert!(matches!(ending, Ending::Finished | Ending::Deadlock(_)), "{ending:?}");
        prop_assert!(is_explained(&self.thing, history), "{ending:?} {history:#?}");
        Ok(())
    }
}

#[derive(Clone, Copy, Debug)]
struct Schedule {
    policy: u8,
    seed: u64,
    grain: Grain,
    time: Time,
}

impl Schedule {
    fn scheduler(&self) -> Box<dyn Scheduler> {
        match self.policy {
            0 => Box::new(RoundRobin),
            1 => Box::new(Random::new(self.seed)),
            _ => Box::new(Pct::new(self.seed, 3, 60)),
        }
    }
}

fn schedule() -> impl Strategy<Value = Schedule> {
    (0u8..3, any::<u64>(), any::<bool>(), any::<bool>()).prop_map(|(policy, seed, words, free)| {
        let grain = if words { Grain::Words } else { Grain::Operations };
        let time = if free { Time::Free } else { Time::Virtual };
        Schedule { policy, seed, grain, time }
    })
}

/// Runs programs in the model, under random schedules.
fn in_model<T: Thing>(n_cases: u32, programs: impl Strategy<Value = Program<T>>) {
    let test = |(program, schedule): (Program<T>, Schedule)| {
        let (ending, log, history) = program.run_in_model(&schedule);
        let again = program.run_in_model(&schedule);
        prop_assert!(again.0 == ending && again.1 == log, "the second run differs");
        T::assert_log(&log);
        program.explain(&ending, &history)
    };
    all_pass(Config::with_cases(n_cases), (programs, schedule()), test);
}

/// Runs programs on threads.
fn on_threads<T: Thing>(n_cases: u32, programs: impl Strategy<Value = Program<T>>) {
    let test = |(program, seed): (Program<T>, u64)| {
        let (ending, history) = program.run_on_threads(seed);
        program.explain(&ending, &history)
    };
    // A case that fails cannot be made smaller: it is another one each time.
    let config = Config { cases: n_cases, max_shrink_iters: 0, ..Config::default() };
    all_pass(config, (programs, any::<u64>()), test);
}

fn all_pass<S: Strategy>(
    config: Config,
    cases: S,
    test: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = Config { failure_persistence: None, ..config };
    if let Err(error) = TestRunner::new(config).run(&cases, test) {
        panic!("{error}");
    }
}
