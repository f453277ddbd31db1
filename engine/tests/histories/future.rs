//! The futures of both pools.
//!
//! That a worker begins a task and ends it, and that a callback is called, are acts that are nobody's.
//! A worker takes a task a moment before it begins it: then the task can still be cancelled, but no
//! shutdown will do so, as in CPython; and whoever is cancelled may have been taken. A shutdown is many
//! moments: it closes the pool, takes away one after the other what no worker has taken, cancels each of
//! that, and may wait until the workers are through. Others may come in between, also other shutdowns.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use engine::World;
use engine::pool::{Exception, Executor, ForkJoin, Future, TaskError, Worker};
use proptest::prelude::*;

use super::search::is_explained;
use super::{
    Book, Entry, NOBODY, Patience, Program, SOME, Thing, in_model, on_threads, patience, programs,
};

const N_TASKS: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// Which task, and whether it fails.
    Submit(usize, bool),
    Result(usize, Patience),
    Cancel(usize),
    IsRunning(usize),
    IsDone(usize),
    IsCancelled(usize),
    /// Of which task, and its number among all callbacks.
    AddCallback(usize, usize),
    Shutdown {
        waits: bool,
        cancels: bool,
    },
    // Not chosen, but what workers do, and parts of the others.
    Publish(usize),
    Take(usize),
    Begin(usize),
    End(usize, bool),
    CallBack(usize, usize),
    Close,
    /// The how many-th of all that were submitted.
    TakeAway(usize),
    Drop(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gave {
    Nothing,
    /// Nobody has submitted the task, as far as this one can see.
    NoTask,
    ShutDown,
    Is(bool),
    /// A result, which is the number of the task; or that it failed.
    Result(Result<usize, Why>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Failed,
    Cancelled,
    TimedOut,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Stage {
    #[default]
    New,
    Pending,
    /// A worker has it, and has not begun.
    Taken,
    /// Taken away by this actor's shutdown, and not yet cancelled.
    Forlorn(usize),
    Running,
    Done,
    Failed,
    Cancelled,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct PlainTask {
    stage: Stage,
    is_published: bool,
    /// The callbacks that were added and not called.
    callbacks: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PlainPool {
    forks: bool,
    n_workers: usize,
    is_closed: bool,
    tasks: [PlainTask; N_TASKS],
    /// Which tasks were submitted, in their order.
    submitted: Vec<usize>,
}

impl PlainTask {
    /// Whether it is now and for ever as it is.
    fn is_through(&self) -> bool {
        matches!(self.stage, Stage::Done | Stage::Failed | Stage::Cancelled)
    }

    fn is_pending(&self) -> bool {
        matches!(self.stage, Stage::Pending | Stage::Taken | Stage::Forlorn(_))
    }

    /// Whether a worker has it.
    fn is_at_work(&self) -> bool {
        matches!(self.stage, Stage::Taken | Stage::Running)
    }

    fn move_on(&mut self, from: Stage, to: Stage) -> bool {
        std::mem::replace(&mut self.stage, to) == from
    }

    fn after(&mut self, idx: usize, act: Act, gave: Gave) -> bool {
        match (act, gave) {
            (_, Gave::NoTask) => !self.is_published,
            (Act::Publish(_), _) => {
                self.is_published = true;
                true
            }
            (Act::Begin(_), _) => self.move_on(Stage::Taken, Stage::Running),
            (Act::End(_, fails), _) => {
                self.move_on(Stage::Running, if fails { Stage::Failed } else { Stage::Done })
            }
            (Act::Result(..), Gave::Result(result)) => match result {
                Ok(number) => self.stage == Stage::Done && number == idx,
                Err(Why::Failed) => self.stage == Stage::Failed,
                Err(Why::Cancelled) => self.stage == Stage::Cancelled,
                Err(Why::TimedOut) => !self.is_through(),
            },
            (Act::Cancel(_), Gave::Is(is_cancelled)) => {
                if self.is_pending() {
                    self.stage = Stage::Cancelled;
                }
                is_cancelled == (self.stage == Stage::Cancelled)
            }
            (Act::IsRunning(_), Gave::Is(it)) => it == (self.stage == Stage::Running),
            (Act::IsDone(_), Gave::Is(it)) => it == self.is_through(),
            (Act::IsCancelled(_), Gave::Is(it)) => it == (self.stage == Stage::Cancelled),
            (Act::AddCallback(_, number), _) => {
                self.callbacks.push(number);
                true
            }
            (Act::CallBack(_, number), _) => {
                let at = self.callbacks.iter().position(|added| *added == number);
                self.is_through() && at.map(|at| self.callbacks.remove(at)).is_some()
            }
            _ => false,
        }
    }
}

impl PlainPool {
    /// Moves that one of the submitted tasks on, if it is there and `from` is where it is.
    fn move_nth(&mut self, nth: usize, from: Stage, to: Stage) {
        let task = self.submitted.get(nth).map(|idx| &mut self.tasks[*idx]);
        if let Some(task) = task.filter(|task| task.stage == from) {
            task.stage = to;
        }
    }
}

/// A pool, and the futures of the tasks that it was given.
struct Desk<W: World> {
    pool: Pool<W>,
    futures: [OnceLock<Future<W, usize>>; N_TASKS],
    book: Arc<Book<PlainPool>>,
}

enum Pool<W: World> {
    Executor(Executor<W>),
    ForkJoin(ForkJoin<W>),
}

/// What a task does: it notes that it has begun, gives others a turn, and notes that it ends.
async fn work<W: World>(
    w: &W,
    book: &Book<PlainPool>,
    idx: usize,
    fails: bool,
) -> Result<usize, Exception> {
    book.note(Act::Begin(idx), Gave::Nothing, 0, book.moment());
    w.sleep(Duration::ZERO).await;
    book.note(Act::End(idx, fails), Gave::Nothing, book.moment(), usize::MAX);
    if fails { Err(Exception::new("it fails")) } else { Ok(idx) }
}

impl<W: World> Desk<W> {
    async fn submit(&self, w: &W, idx: usize, fails: bool) -> Gave {
        let book = self.book.clone();
        let future = match &self.pool {
            Pool::Executor(pool) => {
                pool.submit(w, move |w: W| async move { work(&w, &book, idx, fails).await }).await
            }
            Pool::ForkJoin(pool) => {
                let task = async move |worker: &mut Worker<W>| {
                    work(worker.world(), &book, idx, fails).await
                };
                pool.submit(w, task).await
            }
        };
        let Ok(future) = future else { return Gave::ShutDown };
        assert!(self.futures[idx].set(future).is_ok(), "it is submitted once");
        Gave::Nothing
    }

    async fn add_callback(&self, w: &W, future: &Future<W, usize>, idx: usize, number: usize) {
        let book = self.book.clone();
        let callback = move |_, _| async move {
            book.note(Act::CallBack(idx, number), Gave::Nothing, book.moment(), book.moment());
        };
        future.add_done_callback(w, callback).await;
    }

    async fn shut_down(&self, w: &W, waits: bool, cancels: bool) {
        match &self.pool {
            Pool::Executor(pool) => pool.shutdown(w, waits, cancels).await,
            Pool::ForkJoin(pool) => pool.shutdown(w, waits, cancels).await,
        }
    }
}

/// Which task an act is about.
fn task_of(act: Act) -> Option<usize> {
    match act {
        Act::Submit(idx, _)
        | Act::Result(idx, _)
        | Act::Cancel(idx)
        | Act::IsRunning(idx)
        | Act::IsDone(idx)
        | Act::IsCancelled(idx)
        | Act::AddCallback(idx, _)
        | Act::Publish(idx)
        | Act::Take(idx)
        | Act::Begin(idx)
        | Act::End(idx, _)
        | Act::CallBack(idx, _) => Some(idx),
        Act::Shutdown { .. } | Act::Close | Act::TakeAway(_) | Act::Drop(_) => None,
    }
}

impl Thing for PlainPool {
    type Act = Act;
    type Gave = Gave;
    type Real<W: World> = Desk<W>;

    fn real<W: World>(&self, world: &W, book: &Arc<Book<Self>>) -> Desk<W> {
        let n_workers = self.n_workers as u16;
        let pool = match self.forks {
            true => Pool::ForkJoin(ForkJoin::new(world, "pool", 0, n_workers)),
            false => Pool::Executor(Executor::new(world, "pool", 0, n_workers)),
        };
        Desk { pool, futures: Default::default(), book: book.clone() }
    }

    async fn perform<W: World>(w: &W, real: &Desk<W>, act: Act) -> Gave {
        match act {
            Act::Submit(idx, fails) => return real.submit(w, idx, fails).await,
            Act::Shutdown { waits, cancels } => {
                real.shut_down(w, waits, cancels).await;
                return Gave::Nothing;
            }
            _ => {}
        }
        let Some(future) = task_of(act).and_then(|idx| real.futures[idx].get()) else {
            return Gave::NoTask;
        };
        match act {
            Act::Result(_, patience) => {
                let result = match patience {
                    Patience::Endless => future.result(w).await,
                    Patience::Some => future.result_timeout(w, SOME).await,
                    Patience::None => future.result_timeout(w, Duration::ZERO).await,
                };
                Gave::Result(result.map_err(|error| match error {
                    TaskError::Failed(_) => Why::Failed,
                    TaskError::Cancelled => Why::Cancelled,
                    TaskError::TimedOut => Why::TimedOut,
                }))
            }
            Act::Cancel(idx) => {
                let is_cancelled = future.cancel(w).await;
                if is_cancelled {
                    real.book.note(Act::Take(idx), Gave::Nothing, 0, real.book.moment());
                }
                Gave::Is(is_cancelled)
            }
            Act::IsRunning(_) => Gave::Is(future.is_running(w).await),
            Act::IsDone(_) => Gave::Is(future.is_done(w).await),
            Act::IsCancelled(_) => Gave::Is(future.is_cancelled(w).await),
            Act::AddCallback(idx, number) => {
                real.add_callback(w, future, idx, number).await;
                Gave::Nothing
            }
            _ => unreachable!("they are not chosen"),
        }
    }

    fn parts(act: Act, gave: Option<Gave>) -> Vec<(Act, Option<Gave>)> {
        match (act, gave) {
            (Act::Submit(idx, _), Some(Gave::Nothing)) => {
                vec![(act, gave), (Act::Publish(idx), gave)]
            }
            (Act::Begin(idx), _) => vec![(Act::Take(idx), gave), (act, gave)],
            (Act::Shutdown { waits, cancels }, _) => {
                let mut parts = vec![(Act::Close, gave)];
                if cancels {
                    parts.extend((0..N_TASKS).map(|nth| (Act::TakeAway(nth), gave)));
                    parts.extend((0..N_TASKS).map(|nth| (Act::Drop(nth), gave)));
                }
                parts.extend(waits.then_some((act, gave)));
                parts
            }
            _ => vec![(act, gave)],
        }
    }

    fn after(&self, actor: usize, act: Act, gave: Gave) -> Option<Self> {
        let mut next = self.clone();
        let n_at_work = self.tasks.iter().filter(|task| task.is_at_work()).count();
        let is_fine = match (act, gave) {
            (Act::Submit(_, _), Gave::ShutDown) => self.is_closed,
            (Act::Submit(idx, _), _) => {
                next.submitted.push(idx);
                !self.is_closed && next.tasks[idx].move_on(Stage::New, Stage::Pending)
            }
            (Act::Take(idx), _) => {
                if n_at_work < self.n_workers && next.tasks[idx].stage == Stage::Pending {
                    next.tasks[idx].stage = Stage::Taken;
                }
                true
            }
            (Act::Close, _) => {
                next.is_closed = true;
                true
            }
            (Act::TakeAway(nth), _) => {
                next.move_nth(nth, Stage::Pending, Stage::Forlorn(actor));
                true
            }
            (Act::Drop(nth), _) => {
                next.move_nth(nth, Stage::Forlorn(actor), Stage::Cancelled);
                true
            }
            (Act::Shutdown { .. }, _) => {
                n_at_work == 0 && !self.tasks.iter().any(|task| task.stage == Stage::Pending)
            }
            _ => {
                let idx = task_of(act)?;
                next.tasks[idx].after(idx, act, gave)
            }
        };
        is_fine.then_some(next)
    }

    /// All tasks come to their end, so nobody waits for ever, and all callbacks are called.
    fn may_rest(&self, stuck: &[(usize, Act)]) -> bool {
        let is_settled = |task: &PlainTask| {
            task.stage == Stage::New || task.is_through() && task.callbacks.is_empty()
        };
        stuck.is_empty() && self.tasks.iter().all(is_settled)
    }
}

/// A pool of either kind that was given nothing yet.
fn pool(forks: bool, n_workers: usize) -> PlainPool {
    let (is_closed, tasks, submitted) = (false, Default::default(), Vec::new());
    PlainPool { forks, n_workers, is_closed, tasks, submitted }
}

/// A pool of either kind, and lists with fewer than so many acts. No task is submitted twice, and the
/// first actor shuts the pool down at last and waits.
fn pools(max_acts: usize) -> impl Strategy<Value = Program<PlainPool>> {
    let idx = || 0..N_TASKS;
    let act = prop_oneof![
        5 => (idx(), any::<bool>()).prop_map(|(idx, fails)| Act::Submit(idx, fails)),
        5 => (idx(), patience()).prop_map(|(idx, patience)| Act::Result(idx, patience)),
        4 => idx().prop_map(Act::Cancel),
        1 => idx().prop_map(Act::IsRunning),
        1 => idx().prop_map(Act::IsDone),
        1 => idx().prop_map(Act::IsCancelled),
        2 => idx().prop_map(|idx| Act::AddCallback(idx, 0)),
        1 => (any::<bool>(), any::<bool>())
            .prop_map(|(waits, cancels)| Act::Shutdown { waits, cancels }),
    ];
    let pool = (any::<bool>(), 1usize..3).prop_map(|(forks, n_workers)| pool(forks, n_workers));
    programs(pool, act.prop_map(|act| vec![act]), max_acts).prop_map(|mut program| {
        let (mut is_submitted, mut n_callbacks) = ([false; N_TASKS], 0);
        for act in program.lists.iter_mut().flatten() {
            match act {
                Act::Submit(idx, _) if std::mem::replace(&mut is_submitted[*idx], true) => {
                    *act = Act::Result(*idx, Patience::Endless);
                }
                Act::AddCallback(_, number) => {
                    *number = n_callbacks;
                    n_callbacks += 1;
                }
                _ => {}
            }
        }
        program.lists[0].push(Act::Shutdown { waits: true, cancels: false });
        program
    })
}

#[test]
fn lists_in_the_model() {
    in_model(3_000, pools(8));
}

#[test]
fn lists_on_threads() {
    on_threads(500, pools(8));
}

/// The checker, checked: it finds what is wrong, and a shutdown is the moments that it is.
#[test]
fn histories_that_no_pool_can_have_are_found() {
    let is_explained = |history: &[Entry<Act, Gave>]| is_explained(&pool(false, 1), history);
    let by = |actor, act, begin, end, gave| Entry { actor, act, begin, end: Some((end, gave)) };
    let submit = |idx, end| by(0, Act::Submit(idx, false), end - 1, end, Gave::Nothing);
    let began = |idx, at| by(NOBODY, Act::Begin(idx), 0, at, Gave::Nothing);
    let ended = |idx, at| by(NOBODY, Act::End(idx, false), at, usize::MAX, Gave::Nothing);
    let close = |cancels| Act::Shutdown { waits: false, cancels };
    let refused = |at| by(2, Act::Submit(2, false), at - 1, at, Gave::ShutDown);
    let is_done = |idx, at, it| by(2, Act::IsDone(idx), at - 1, at, Gave::Is(it));

    let both = [submit(0, 2), submit(1, 4), began(0, 10), ended(0, 20), began(1, 22), ended(1, 24)];
    assert!(is_explained(&both));
    let at_once =
        [submit(0, 2), submit(1, 4), began(0, 10), began(1, 12), ended(0, 20), ended(1, 24)];
    assert!(!is_explained(&at_once), "there is one worker");
    assert!(!is_explained(&both[..5]), "it never ends");

    let shut = by(1, close(true), 14, 18, Gave::Nothing);
    let after = |more: &[_]| is_explained(&[&both[..], more].concat());
    assert!(!after(&[shut]), "it was cancelled before there was a worker for it");
    let slow = by(1, close(true), 14, 30, Gave::Nothing);
    assert!(after(&[slow, refused(16)]), "closed, and a worker still took what was not taken away");
    assert!(!after(&[refused(16)]), "nobody closed it");

    let [second_first, cancelled] =
        [[submit(1, 2), submit(0, 4)], [is_done(1, 12, true), is_done(0, 14, false)]];
    let cancel = |idx, at| {
        by(2, Act::Result(idx, Patience::None), at - 1, at, Gave::Result(Err(Why::Cancelled)))
    };
    let shut = by(1, close(true), 10, 20, Gave::Nothing);
    let seen = |more: &[_]| is_explained(&[&second_first[..], &[shut], &cancelled, more].concat());
    assert!(
        seen(&[cancel(0, 30), cancel(1, 32)]),
        "they are cancelled in the order in which they came"
    );
    let other = [is_done(0, 12, true), is_done(1, 14, false)];
    let all = [&second_first[..], &[shut], &other, &[cancel(0, 30)]].concat();
    assert!(!is_explained(&all), "in another order");

    let two = [submit(0, 2), by(1, close(true), 3, 6, Gave::Nothing), is_done(0, 8, false)];
    assert!(!is_explained(&two), "a shutdown that is through has cancelled what nobody took");
    let stopped = by(2, Act::Cancel(0), 9, 12, Gave::Is(true));
    let taken = by(NOBODY, Act::Take(0), 0, 11, Gave::Nothing);
    assert!(
        is_explained(&[&two[..], &[taken, stopped]].concat()),
        "a worker had it, and did not begin"
    );
}
