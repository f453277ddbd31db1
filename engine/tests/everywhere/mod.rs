//! Programs that keep the same rules everywhere: in the model under many schedules at both grains,
//! and on threads with and without a record.

// Not every file of tests needs all of it.
#![allow(dead_code)]

use std::fmt::Debug;
use std::panic::{resume_unwind, set_hook, take_hook};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, Once};

use engine::explore::{Exploration, Search};
use engine::log::Log;
use engine::model::{self, Ending, Grain, Model, Random};
use engine::real::{self, Plain, Recorded, Threads};

/// How often a program runs on threads.
const N_RUNS_ON_THREADS: u64 = 20;

/// How many claims of programs failed in this process.
static N_PANICS: AtomicU32 = AtomicU32::new(0);

/// On threads a panic is the end of its actor only, and in a task it is an exception: without this, a
/// claim that fails there would go unheard. What is raised by `resume_unwind` does not count.
pub fn hear_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = take_hook();
        set_hook(Box::new(move |info| {
            N_PANICS.fetch_add(1, Ordering::SeqCst);
            hook(info);
        }));
    });
}

pub fn assert_nobody_panicked() {
    if N_PANICS.swap(0, Ordering::SeqCst) > 0 {
        // Without a message of its own, which would count too.
        resume_unwind(Box::new("a claim failed on another thread"));
    }
}

/// Runs a generic program everywhere; nothing it claims may fail, and nobody be stuck.
#[macro_export]
macro_rules! keeps_everywhere {
    ($program:ident, $n_seeds:expr) => {
        $crate::everywhere::in_model($n_seeds, $program::<engine::model::Model>);
        $crate::everywhere::on_threads(
            $program::<engine::real::Plain>,
            $program::<engine::real::Recorded>,
        );
    };
}

/// A run in the model by a random schedule, twice, with the same log for certain.
pub fn run_in_model(grain: Grain, seed: u64, setup: impl Fn(&Model) + 'static) -> (Ending, Log) {
    hear_panics();
    let config = model::Config { grain, seed, max_turns: 200_000, ..Default::default() };
    let mut run = model::Run::new(config, setup);
    let ending = twice(&mut run, |run| run.finish(&mut Random::new(seed)));
    assert_nobody_panicked();
    (ending, run.into_log())
}

/// Plays a run from its start, twice, and the same comes of it for certain, log and all.
#[track_caller]
pub fn twice<R: Debug + PartialEq>(
    run: &mut model::Run,
    mut play: impl FnMut(&mut model::Run) -> R,
) -> R {
    let mut once = || {
        run.restart();
        (play(run), run.log().clone())
    };
    let ((first, first_log), (second, second_log)) = (once(), once());
    assert_eq!(first, second, "the second run differs");
    assert!(first_log == second_log, "the second run's log differs");
    first
}

/// Runs the program once more by a random schedule, and it finishes.
#[track_caller]
pub fn finishes(run: &mut model::Run, seed: u64) {
    let ending = twice(run, |run| run.finish(&mut Random::new(seed)));
    assert_eq!(ending, Ending::Finished, "seed {seed}");
}

/// Many runs in the model; all of them finish.
pub fn in_model(n_seeds: u64, setup: impl Fn(&Model) + Copy + 'static) {
    for grain in [Grain::Operations, Grain::Words] {
        for seed in 0..n_seeds {
            let (ending, _) = run_in_model(grain, seed, setup);
            assert_eq!(ending, Ending::Finished, "seed {seed}, {grain:?}");
        }
    }
}

/// Goes through the executions of a program, up to a limit. Gives how many ended well, as all must.
pub fn explored(
    grain: Grain,
    search: impl Search,
    limit: u64,
    program: impl Fn(&Model) + 'static,
) -> u64 {
    let config = model::Config { grain, record: false, max_turns: 5_000, ..Default::default() };
    let mut exploration = Exploration::new(config, search, program);
    while exploration.n_executions() < limit
        && let Some(run) = exploration.next()
    {
        assert_eq!(run.ending(), Some(&Ending::Finished));
    }
    exploration.n_executions()
}

/// Some runs on threads; all of them finish.
pub fn on_threads(plain: impl Fn(&Plain), recorded: impl Fn(&Recorded)) {
    hear_panics();
    for seed in 0..N_RUNS_ON_THREADS {
        let config = real::Config { seed, max_actors: 16, ..Default::default() };
        assert_eq!(real::Run::start(Threads, config, &plain).join(), Ending::Finished);
        assert_eq!(real::Run::start(Threads, config, &recorded).join(), Ending::Finished);
        assert_nobody_panicked();
    }
}

/// Where actors write down what they did, in the order in which they did it.
#[derive(Default)]
pub struct Diary(Mutex<Vec<u32>>);

impl Diary {
    pub fn write(&self, entry: u32) {
        self.0.lock().unwrap().push(entry);
    }

    pub fn entries(&self) -> Vec<u32> {
        self.0.lock().unwrap().clone()
    }
}
