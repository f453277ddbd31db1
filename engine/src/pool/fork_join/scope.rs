//! A scope: tasks that are all through when it ends.

use std::future::Future as Awaitable;
use std::panic::{Location, resume_unwind};

use super::super::task::{Halting, Panic};
use super::cargo::Cargo;
use super::debt::given_up;
use super::worker::{Awaited, Offered, Part, RunTask, Worker};
use crate::queue::WorkDeque;
use crate::world::{Act, Boxed, Place, World};

/// Calls a task that is an `F`.
///
/// # Safety
/// It was loaded with an `F`.
unsafe fn run<'a, W, F>(
    call: Cargo,
    worker: &'a mut Worker<W>,
    panic: &'a mut Option<Panic>,
) -> Boxed<'a>
where
    W: World,
    F: AsyncFnOnce(&mut Worker<W>) + Send + 'static,
{
    // SAFETY: by the caller.
    let call: F = unsafe { call.unload() };
    W::boxed(async move { *panic = Halting(W::nested(move || call(worker))).await.err() })
}

/// Where a worker spawns tasks that are all through when [`Worker::scope`] ends.
pub struct Scope<'a, W: World> {
    worker: &'a mut Worker<W>,
    number: u32,
    /// The position in the deque of its first task.
    first: u32,
    /// How many joins and scopes there are around this one.
    depth: u32,
    /// Whether it has a landing, and so may offer its tasks.
    offers: bool,
    /// How many tasks were offered and not taken back.
    n_offered: u32,
    /// What the first one panicked with.
    panic: Option<Panic>,
}

impl<W: World> Worker<W> {
    /// Runs `body`, which may spawn tasks, and gives what it gives, once all of them are through.
    ///
    /// What is spawned waits for thieves, the oldest first, until `body` is through; then this worker
    /// takes back what is left, the youngest first. Where there is no room for it among what is
    /// offered (see [`Self::join`]), a task is done at once by whoever spawns it. Nothing is allocated
    /// for a task, unless it has more than 32 bytes. A task that wants to spawn more opens a scope of
    /// its own.
    ///
    /// It has no form that gives up after a while, for the same reason as a join.
    ///
    /// A scope that is dropped halfway is given up as a join is; see [`Self::join`]. Then its tasks need
    /// not be through.
    ///
    /// # Panics
    /// When `body` or a task panics, with the payload of the first that was noticed, as soon as all are
    /// through. Also when the thief of a task gave it up.
    ///
    /// ```
    /// use engine::{World, model, pool::{ForkJoin, Worker}, world::Shared};
    /// use std::sync::Arc;
    ///
    /// let mut run = model::Run::new(model::Config::default(), |world| {
    ///     let cells = Arc::new([0, 1, 2].map(|idx| Shared::new(world, "cell", idx, 0)));
    ///     world.spawn("main", 0, move |w| async move {
    ///         let pool = ForkJoin::new(&w, "pool", 0, 2);
    ///         let task = async move |worker: &mut Worker<_>| {
    ///             worker.scope(async |scope: &mut _| {
    ///                 for idx in 0..3 {
    ///                     let cells = cells.clone();
    ///                     scope.spawn(async move |worker: &mut Worker<_>| {
    ///                         cells[idx].store(worker.world(), 1).await;
    ///                     }).await;
    ///                 }
    ///             }).await;
    ///             let mut sum = 0;
    ///             for cell in &*cells {
    ///                 sum += cell.load(worker.world()).await;
    ///             }
    ///             Ok(sum)
    ///         };
    ///         let sum = pool.submit(&w, task).await.unwrap();
    ///         assert_eq!(sum.result(&w).await, Ok(3));
    ///         pool.shutdown(&w, true, false).await;
    ///     });
    /// });
    /// assert_eq!(run.finish(&mut model::RoundRobin), model::Ending::Finished);
    /// ```
    #[track_caller]
    pub fn scope<'a, F, R>(&'a mut self, body: F) -> impl Awaitable<Output = R> + 'a
    where
        F: AsyncFnOnce(&mut Scope<'_, W>) -> R + 'a,
        R: 'a,
    {
        let place = Location::caller();
        W::nested(move || async move {
            let mut scope = Scope::open(self).await;
            let inner = &mut scope;
            let given = Halting(W::nested(move || body(inner))).await;
            scope.finish(place).await;
            match (given, scope.panic.take()) {
                (Ok(given), None) => given,
                (Err(panic), _) | (_, Some(panic)) => resume_unwind(panic),
            }
        })
    }
}

impl<'a, W: World> Scope<'a, W> {
    async fn open(worker: &'a mut Worker<W>) -> Self {
        let (number, first, depth) = (worker.n_scopes, worker.deque.position(), worker.depth);
        worker.n_scopes = number.wrapping_add(1);
        let offers = worker.open_landing(depth).await;
        worker.depth = depth + 1;
        Self { worker, number, first, depth, offers, n_offered: 0, panic: None }
    }

    /// The world as the worker sees it.
    pub fn world(&self) -> &W {
        self.worker.world()
    }

    /// Spawns a task.
    #[inline]
    #[track_caller]
    pub fn spawn<'s, F>(&'s mut self, call: F) -> impl Awaitable<Output = ()> + 's
    where
        F: AsyncFnOnce(&mut Worker<W>) + Send + 'static,
    {
        let place = Location::caller();
        W::nested(move || async move {
            if let Some(call) = self.offer(call, place).await {
                let worker = &mut *self.worker;
                let done = Halting(W::nested(move || call(worker))).await;
                self.note_panic(done.err());
            }
        })
    }

    /// Offers a task to thieves, or gives it back where there is no room.
    #[inline]
    fn offer<F>(&mut self, call: F, place: Place) -> impl Awaitable<Output = Option<F>>
    where
        F: AsyncFnOnce(&mut Worker<W>) + Send + 'static,
    {
        let Self { worker, number, depth, offers, n_offered, .. } = self;
        let Worker { w, pool, deque, .. } = &mut **worker;
        let (w, pool) = (&*w, &**pool);
        let operation = pool.operation(Act::Submit, place);
        let offered = W::nested(move || async move {
            let stamp = deque.stamp(w).await;
            if !*offers || !deque.is_free(stamp) {
                return Some(call);
            }
            let part = Part::Task(run::<W, F> as RunTask<W>, *number);
            // SAFETY: the slot is free.
            unsafe { deque.lay(Offered { call: Cargo::load(call), part, depth: *depth }) };
            *n_offered += 1;
            deque.publish(w).await;
            if pool.dormitory.n_asleep(w).await > 0 {
                w.seldom(|| pool.dormitory.call_one(w)).await;
            }
            None
        });
        w.operation(operation, offered)
    }

    fn note_panic(&mut self, panic: Option<Panic>) {
        if self.panic.is_none() {
            self.panic = panic;
        }
    }

    /// Does what is left and waits for what was stolen.
    async fn finish(&mut self, place: Place) {
        // Joins and scopes that were forgotten are not under way any more.
        self.worker.depth = self.depth + 1;
        while let Some((call, run)) = self.take_back(place).await {
            let mut panic = None;
            // SAFETY: the two belong together; see `offer`.
            unsafe { run(call, self.worker, &mut panic) }.await;
            self.worker.depth = self.depth + 1;
            self.note_panic(panic);
        }
        if self.n_offered > 0 {
            let w = self.worker.w.clone();
            w.seldom(|| self.await_thieves(place)).await;
        }
        if self.offers {
            self.worker.close_landing(self.depth);
        }
        self.offers = false;
    }

    /// The youngest task, if there is one that was not stolen.
    #[inline]
    fn take_back(&mut self, place: Place) -> impl Awaitable<Output = Option<(Cargo, RunTask<W>)>> {
        let Self { worker, number, first, n_offered, .. } = self;
        let Worker { w, pool, deque, .. } = &mut **worker;
        let w = &*w;
        let taken = W::nested(move || w.whole(move || take(deque, w, *first, *number, n_offered)));
        w.operation(pool.operation(Act::Join, place), taken)
    }

    async fn await_thieves(&mut self, place: Place) {
        self.worker.work_until(Awaited::Count(self.depth, self.n_offered), place).await;
        let (w, number) = (&self.worker.w, self.number);
        let is_given_up = self.worker.landing(self.depth).clear(w).await;
        self.n_offered = 0;
        let panics = &self.worker.berth().panics;
        let take = move |panics: &mut Vec<(u32, Panic)>| {
            let first = panics.iter().position(|(scope, _)| *scope == number)?;
            let panic = panics.swap_remove(first).1;
            panics.retain(|(scope, _)| *scope != number);
            Some(panic)
        };
        let panic = w.whole(move || panics.with(w, take)).await;
        self.note_panic(panic);
        self.note_panic(is_given_up.then(given_up));
    }
}

impl<W: World> Drop for Scope<'_, W> {
    #[inline]
    fn drop(&mut self) {
        if self.offers {
            self.give_up();
        }
        self.worker.depth = self.depth;
    }
}

impl<W: World> Scope<'_, W> {
    /// Takes all tasks back that were not stolen. A thief who has one works for nothing.
    #[cold]
    #[inline(never)]
    fn give_up(&mut self) {
        let Self { worker, number, first, n_offered, .. } = self;
        let Worker { w, deque, .. } = &mut **worker;
        w.at_once(async { while take(deque, w, *first, *number, n_offered).await.is_some() {} });
        match self.n_offered {
            0 => self.worker.close_landing(self.depth),
            n => self.worker.n_stolen[self.depth as usize] = n,
        }
        self.worker.look_no_more();
    }
}

/// Takes back the youngest task of the scope with this number, unless all were stolen.
#[inline]
async fn take<W: World>(
    deque: &mut WorkDeque<W, Offered<W>>,
    w: &W,
    first: u32,
    number: u32,
    n_offered: &mut u32,
) -> Option<(Cargo, RunTask<W>)> {
    while deque.position() != first {
        let Offered { call, part, .. } = deque.pop(w).await?;
        // Anything else belongs to joins and scopes that were forgotten.
        if let Part::Task(run, scope) = part
            && scope == number
        {
            *n_offered -= 1;
            return Some((call, run));
        }
    }
    None
}
