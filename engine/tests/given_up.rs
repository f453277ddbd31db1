//! Joins and scopes that are dropped halfway, as only the model lets one do: at whatever moment that
//! is, nobody is stuck, no task of another is lost, and the pool goes on.

mod everywhere;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;

use engine::World;
use engine::explore::Every;
use engine::log::{self, EventKind};
use engine::model::{Ending, Grain, Model};
use engine::pool::{Exception, ForkJoin, Scope, TaskError, Worker};
use engine::sync::Event;
use everywhere::{explored, run_in_model};

/// Polls a future up to so many times, and gives it up. Gives whether it was done before.
async fn a_little<F: Future>(n_polls: u32, future: F) -> bool {
    let mut future = pin!(future);
    let mut n_left = n_polls;
    poll_fn(move |cx| {
        if n_left == 0 {
            return Poll::Ready(false);
        }
        n_left -= 1;
        future.as_mut().poll(cx).map(|_| true)
    })
    .await
}

/// Counts how often things were done.
#[derive(Clone, Default)]
struct Counts(Arc<[AtomicU32; 4]>);

impl Counts {
    fn of(&self, idx: usize) -> u32 {
        self.0[idx].load(Ordering::SeqCst)
    }

    /// Something that takes a turn and is counted.
    fn count(&self, idx: usize) -> impl AsyncFnOnce(&mut Worker<Model>) + Send + 'static {
        let counts = self.clone();
        async move |worker: &mut Worker<Model>| {
            worker.world().print("counted", 0).await;
            counts.0[idx].fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// How a task does two things.
#[derive(Clone, Copy, Debug)]
enum Way {
    Join,
    Scope,
}

const WAYS: [Way; 2] = [Way::Join, Way::Scope];

impl Way {
    /// Does `one`, while `other` may be stolen.
    async fn both<A, B>(self, worker: &mut Worker<Model>, one: A, other: B)
    where
        A: AsyncFnOnce(&mut Worker<Model>) + Send + 'static,
        B: AsyncFnOnce(&mut Worker<Model>) + Send + 'static,
    {
        match self {
            Self::Join => drop(worker.join(one, other).await),
            Self::Scope => {
                let body = async move |scope: &mut Scope<'_, Model>| {
                    scope.spawn(other).await;
                    scope.spawn(one).await;
                };
                worker.scope(body).await;
            }
        }
    }

    /// Counts at `idx` and behind it.
    async fn count_two(self, worker: &mut Worker<Model>, counts: &Counts, idx: usize) {
        self.both(worker, counts.count(idx), counts.count(idx + 1)).await;
    }
}

/// A task that gives two things up after so many polls and then does two others; beside it, if there
/// are two workers, another one may do two things and the same two others.
fn one_gives_up(world: &Model, way: Way, n_polls: u32, n_tasks: usize) {
    world.spawn("main", 0, move |w| async move {
        let pool = ForkJoin::new(&w, "pool", 0, 2);
        let (mut futures, mut all) = (Vec::new(), Vec::new());
        for idx in 0..n_tasks {
            let counts = Counts::default();
            all.push(counts.clone());
            let task = async move |worker: &mut Worker<Model>| {
                let n_polls = if idx == 0 { n_polls } else { u32::MAX };
                let is_done = a_little(n_polls, way.count_two(worker, &counts, 0)).await;
                way.count_two(worker, &counts, 2).await;
                Ok(is_done)
            };
            futures.push(pool.submit(&w, task).await.unwrap());
        }
        for (future, counts) in futures.iter().zip(&all) {
            let is_done = future.result(&w).await;
            w.check(is_done.is_ok(), "nobody panics");
            let is_done = is_done == Ok(true);
            for idx in 0..2 {
                w.check(counts.of(idx) <= 1, "nothing is done twice");
                w.check(counts.of(idx) == 1 || !is_done, "what was not given up is done");
                w.check(counts.of(2 + idx) == 1, "the worker goes on");
            }
        }
        pool.shutdown(&w, true, false).await;
    });
}

#[test]
fn whatever_is_given_up_the_pool_goes_on() {
    for (way, grain, max_polls) in
        WAYS.into_iter().flat_map(|way| [(way, Grain::Operations, 12), (way, Grain::Words, 60)])
    {
        for n_polls in 0..max_polls {
            for seed in 0..12 {
                let n_tasks = 1 + seed as usize % 3;
                let program = move |w: &Model| one_gives_up(w, way, n_polls, n_tasks);
                let (ending, _) = run_in_model(grain, seed, program);
                let case = format!("{way:?}, {grain:?}, {n_polls} polls, {n_tasks} tasks, {seed}");
                assert_eq!(ending, Ending::Finished, "{case}");
            }
        }
    }
}

#[test]
fn whatever_is_given_up_in_any_order_the_pool_goes_on() {
    for n_polls in (1..25).step_by(6) {
        for way in WAYS {
            // With one preemption: all executions.
            for (grain, n_tasks) in [(Grain::Words, 1), (Grain::Operations, 2)] {
                let program = move |w: &Model| one_gives_up(w, way, n_polls, n_tasks);
                assert!(explored(grain, Every::bounded(1), u64::MAX, program) > 1_000);
            }
        }
    }
}

/// A half that would have to wait cannot be done at once: it is given up too, and its join says so.
#[test]
fn whoever_waits_for_what_was_given_up_is_told() {
    async fn be_busy(worker: &mut Worker<Model>) {
        for _ in 0..10 {
            worker.world().print("busy", 0).await;
        }
    }
    /// A half waits until its thief has given up the join in which it stole it.
    fn program(world: &Model, way: Way, n_polls: u32) {
        world.spawn("main", 0, move |w| async move {
            let pool = ForkJoin::new(&w, "pool", 0, 3);
            let over = Arc::new(Event::new(&w, "over", 0));
            let theirs = over.clone();
            let victim = async move |worker: &mut Worker<Model>| {
                let wait = async move |worker: &mut Worker<Model>| {
                    while !theirs.is_set(worker.world()).await {
                        worker.world().sleep(Duration::from_millis(1)).await;
                    }
                };
                way.both(worker, be_busy, wait).await;
                Ok(())
            };
            let thief = async move |worker: &mut Worker<Model>| {
                let pass = async |_: &mut Worker<Model>| ();
                let is_done = a_little(n_polls, way.both(worker, pass, be_busy)).await;
                over.set(worker.world()).await;
                Ok(is_done)
            };
            let thief = pool.submit(&w, thief).await.unwrap();
            let victim = pool.submit(&w, victim).await.unwrap();
            let result = victim.result(&w).await;
            let why = TaskError::Failed(Exception::new("a part of the task was given up"));
            w.phase(u32::from(result == Err(why.clone())));
            w.check(result == Ok(()) || result == Err(why), "it is done, or it was given up");
            w.check(thief.result(&w).await.is_ok(), "whoever gives up goes on");
            let fine = pool.submit(&w, async |_: &mut Worker<Model>| Ok(5)).await.unwrap();
            w.check(fine.result(&w).await == Ok(5), "the pool goes on");
            pool.shutdown(&w, true, false).await;
        });
    }
    for (way, grain) in
        WAYS.into_iter().flat_map(|way| [(way, Grain::Operations), (way, Grain::Words)])
    {
        let mut n_given_up = 0;
        for seed in 0..300 {
            let n_polls = 1 + seed as u32 % if grain == Grain::Words { 120 } else { 20 };
            let (ending, log) = run_in_model(grain, seed, move |w| program(w, way, n_polls));
            assert_eq!(ending, Ending::Finished, "{way:?}, {grain:?}, {seed}");
            let is_given_up =
                |event: &log::Event| event.kind == EventKind::Phase && event.value == 1;
            n_given_up += u32::from(log.events.iter().any(is_given_up));
        }
        assert!(n_given_up > 0, "{way:?}, {grain:?}: it comes to that");
    }
}
