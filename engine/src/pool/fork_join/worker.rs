//! A worker: it does the tasks that come from outside, forks them, and steals from the others.

use std::cell::Cell;
use std::future::Future as Awaitable;
use std::panic::{Location, resume_unwind};
use std::sync::Arc;

use super::super::task::{Halting, Panic};
use super::cargo::Cargo;
use super::debt::{Debt, given_up};
use super::landing::Landing;
use super::root::{OnWorker, Root};
use super::{Berth, CAPACITY, Inner, Life};
use crate::queue::{Steal, WorkDeque};
use crate::world::{Act, Boxed, Note, Place, World};

/// What a worker offers to thieves.
pub(super) struct Offered<W: World> {
    pub call: Cargo,
    pub part: Part<W>,
    /// The landing of the owner where it is awaited.
    pub depth: u32,
}

/// What part of what it is.
#[derive(Clone, Copy)]
pub(super) enum Part<W: World> {
    /// The second half of a join; this calls it, and gives what it gave.
    Half(for<'a> unsafe fn(Cargo, &'a mut Worker<W>) -> OnWorker<'a, Cargo>),
    /// A task of the scope with this number.
    Task(RunTask<W>, u32),
}

/// Calls a task, and tells what it panicked with.
pub(super) type RunTask<W> =
    for<'a> unsafe fn(Cargo, &'a mut Worker<W>, &'a mut Option<Panic>) -> Boxed<'a>;

/// Calls a half that is a `B`, and gives its `Result<R, Panic>`.
///
/// # Safety
/// The half was loaded with a `B`.
unsafe fn run<W, B, R>(call: Cargo, worker: &mut Worker<W>) -> OnWorker<'_, Cargo>
where
    W: World,
    B: AsyncFnOnce(&mut Worker<W>) -> R + Send + 'static,
    R: Send + 'static,
{
    // SAFETY: by the caller.
    let call: B = unsafe { call.unload() };
    Box::pin(async move { Cargo::load(Halting(W::nested(move || call(worker))).await) })
}

/// What a worker has found to do.
enum Found<W: World> {
    /// Something that the worker with this number offered.
    Stolen(usize, Offered<W>),
    /// A task from outside.
    Root(Root<W>),
    /// Nothing; what it waits for has come.
    Awaited,
    /// Nothing, and there will be nothing.
    Closed,
}

/// What a worker waits for.
#[derive(Clone, Copy)]
pub(super) enum Awaited {
    /// That a result comes to the landing of this depth.
    Result(u32),
    /// That so many stolen tasks are counted on the landing of this depth.
    Count(u32, u32),
}

/// A worker of a [`super::ForkJoin`] pool, for the task that it does. Only whoever has it can fork,
/// and only one at a time can have it.
pub struct Worker<W: World> {
    pub(super) w: W,
    pub(super) pool: Arc<Inner<W>>,
    /// Its number among the workers.
    idx: usize,
    pub(super) deque: WorkDeque<W, Offered<W>>,
    /// How many of its joins and scopes are under way, one inside the other.
    pub(super) depth: u32,
    /// A bit for each depth whose landing is in use.
    in_use: u64,
    /// How many tasks thieves have of the scope that was given up at each depth.
    pub(super) n_stolen: [u32; CAPACITY as usize],
    /// How many scopes it has had: the number of the next.
    pub(super) n_scopes: u32,
    /// Whom it robbed last.
    victim: Cell<usize>,
    /// What it has stolen from whom, and not begun.
    loot: Cell<Option<(usize, Offered<W>)>>,
}

impl<W: World> Worker<W> {
    pub(super) fn new(
        w: W,
        pool: Arc<Inner<W>>,
        idx: usize,
        deque: WorkDeque<W, Offered<W>>,
    ) -> Self {
        let (n_stolen, victim, loot) = ([0; CAPACITY as usize], Cell::new(idx), Cell::new(None));
        Self { w, pool, idx, deque, depth: 0, in_use: 0, n_stolen, n_scopes: 0, victim, loot }
    }

    /// The world as the worker sees it.
    pub fn world(&self) -> &W {
        &self.w
    }

    /// Does both halves and gives what they give. It does `a` itself; meanwhile another worker may
    /// steal `b`, and if none has, it does `b` too. While another one is still at `b`, it steals other
    /// halves, or sleeps.
    ///
    /// So one worker alone does everything in the order in which it is written, and what others find
    /// to steal is the oldest half of a worker, which is most often the largest. That is the order of
    /// "work first": the worker goes on with the child, and leaves what comes after it to thieves.
    /// Nothing is allocated unless a half is stolen, or has more than 32 bytes.
    ///
    /// It has no form that gives up after a while: whoever joins does not wait but works, and its halves may
    /// borrow from it until both are through.
    ///
    /// More than 64 joins of one worker, one inside the other, are not offered to thieves any more, and
    /// neither is a half for which there is no room among those that are offered: the worker does both
    /// halves one after the other.
    ///
    /// In the model a join can be dropped halfway. Then it is given up: a half that was stolen is done in
    /// vain, and one that was not is not done. What this worker is at meanwhile for another one is done
    /// to its end at once; where it would have to wait it is given up too, and whoever waits for it
    /// panics. Nobody is stuck, and the worker can join again.
    ///
    /// # Panics
    /// When a half panics, with the same payload, as soon as the other one is through or was taken
    /// back. If both do, with that of `a`. Also when the thief of `b` gave it up.
    ///
    /// ```
    /// use engine::{World, model, pool::{ForkJoin, Worker}};
    ///
    /// async fn fib<W: World>(worker: &mut Worker<W>, n: u32) -> u64 {
    ///     if n < 2 {
    ///         return n.into();
    ///     }
    ///     let one = async move |worker: &mut Worker<W>| fib(worker, n - 1).await;
    ///     let other = async move |worker: &mut Worker<W>| fib(worker, n - 2).await;
    ///     let (one, other) = worker.join(one, other).await;
    ///     one + other
    /// }
    ///
    /// let mut run = model::Run::new(model::Config::default(), |world| {
    ///     world.spawn("main", 0, |w| async move {
    ///         let pool = ForkJoin::new(&w, "pool", 0, 2);
    ///         let fib = pool.submit(&w, async |worker: &mut Worker<_>| Ok(fib(worker, 10).await));
    ///         assert_eq!(fib.await.unwrap().result(&w).await, Ok(55));
    ///         pool.shutdown(&w, true, false).await;
    ///     });
    /// });
    /// assert_eq!(run.finish(&mut model::RoundRobin), model::Ending::Finished);
    /// ```
    #[inline]
    #[track_caller]
    pub fn join<'a, A, B, RA, RB>(
        &'a mut self,
        a: A,
        b: B,
    ) -> impl Awaitable<Output = (RA, RB)> + 'a
    where
        A: AsyncFnOnce(&mut Self) -> RA + 'a,
        B: AsyncFnOnce(&mut Self) -> RB + Send + 'static,
        RA: 'a,
        RB: Send + 'static,
    {
        let place = Location::caller();
        W::nested(move || async move {
            let mut offer = Offer {
                position: self.deque.position(),
                depth: self.depth,
                worker: self,
                stage: Stage::Settled,
            };
            let kept = offer.make::<B, RB>(b, place).await;
            let worker = &mut *offer.worker;
            worker.depth += 1;
            let of_a = Halting(W::nested(move || a(worker))).await;
            offer.worker.depth = offer.depth;
            // SAFETY: what was offered at this position was a `B`.
            let kept = if kept.is_some() { kept } else { unsafe { offer.take_back(place).await } };
            let of_b = match (kept, of_a.is_ok()) {
                (Some(b), true) => {
                    let worker = &mut *offer.worker;
                    Some(Ok(W::nested(move || b(worker)).await))
                }
                // `a` panicked, and so `b` is not begun.
                (Some(_), false) => None,
                (None, _) => {
                    let w = offer.worker.w.clone();
                    // SAFETY: the half was stolen, and gives an `RB`.
                    Some(w.seldom(|| unsafe { offer.result::<RB>(place) }).await)
                }
            };
            match (of_a, of_b) {
                (Ok(a), Some(Ok(b))) => (a, b),
                (Err(panic), _) | (_, Some(Err(panic))) => resume_unwind(panic),
                (Ok(_), None) => unreachable!("b is left out only where a panicked"),
            }
        })
    }

    pub(super) fn berth(&self) -> &Berth<W> {
        &self.pool.berths[self.idx]
    }

    pub(super) fn landing(&self, depth: u32) -> &Landing<W> {
        &self.berth().landings[depth as usize]
    }

    /// Begins to use the landing of a depth; `false` when there is none, or thieves are not through with
    /// what was given up there.
    pub(super) async fn open_landing(&mut self, depth: u32) -> bool {
        if depth >= CAPACITY {
            return false;
        }
        let n_stolen = self.n_stolen[depth as usize];
        if self.in_use >> depth & 1 != 0 && !self.landing(depth).reopen(&self.w, n_stolen).await {
            return false;
        }
        self.n_stolen[depth as usize] = 0;
        self.in_use |= 1 << depth;
        true
    }

    /// Nothing will come to the landing of this depth any more.
    pub(super) fn close_landing(&mut self, depth: u32) {
        self.in_use &= !(1 << depth);
    }

    /// Does what was stolen. When the join or scope that it is done in is given up, it is done to its
    /// end at once; if it would have to wait, it is given up too.
    pub(super) async fn perform(&mut self, victim: usize, stolen: Offered<W>, place: Place) {
        let w = self.w.clone();
        w.whole(move || Debt::new(self, victim, &stolen).pay(stolen, place)).await;
    }

    /// Sees to what others may expect of a worker whose join or scope was given up while it looked for
    /// something to do: it does at once what it has stolen and not begun, and somebody else looks for
    /// what it may have been called for.
    pub(super) fn look_no_more(&mut self) {
        let w = self.w.clone();
        if let Some((victim, stolen)) = self.loot.take() {
            w.at_once(self.perform(victim, stolen, Location::caller()));
        }
        w.at_once(self.pool.dormitory.call_one(&w));
    }

    /// Does whatever there is to do, until the pool is shut down and everything is done.
    #[track_caller]
    pub(super) fn work(mut self) -> impl Awaitable<Output = ()> {
        let place = Location::caller();
        async move {
            // A worker belongs to its pool: whoever waits for the pool waits for its workers.
            self.w.note(self.pool.id, Note::Got);
            loop {
                let found = self.find(None);
                match self.w.operation(self.pool.operation(Act::Get, place), found).await {
                    Found::Stolen(victim, stolen) => self.perform(victim, stolen, place).await,
                    Found::Root(root) => {
                        root.run(&mut self).await;
                        // Joins and scopes that were forgotten are not under way any more.
                        self.depth = 0;
                        self.pool.finish_root(&self.w).await;
                    }
                    Found::Awaited => unreachable!("it waits for nothing"),
                    Found::Closed => break,
                }
            }
            self.w.note(self.pool.id, Note::GaveBack);
            self.pool.staff.leave(&self.w).await;
        }
    }

    /// Does what others offer until what it waits for has come.
    pub(super) async fn work_until(&mut self, awaited: Awaited, place: Place) {
        loop {
            let found = self.find(Some(awaited));
            match self.w.operation(self.pool.operation(Act::Join, place), found).await {
                Found::Stolen(victim, stolen) => self.perform(victim, stolen, place).await,
                Found::Root(_) | Found::Closed => unreachable!("it looks for what is stolen only"),
                Found::Awaited => break,
            }
        }
    }

    /// Looks for something to do, and sleeps until there is something. With `awaited`, that is what
    /// another worker offers, or that what is awaited has come: a task from outside would bury the join
    /// that waits under the work of a stranger.
    async fn find(&self, awaited: Option<Awaited>) -> Found<W> {
        let mut round = 0;
        loop {
            if let Some(found) = self.look(awaited).await {
                return found;
            }
            if round < self.w.spins() {
                self.w.relax(round);
                round += 1;
                continue;
            }
            let is_needed = async || self.is_needed(awaited).await;
            self.pool.dormitory.rest(&self.w, self.idx, awaited.is_some(), is_needed).await;
            round = 0;
        }
    }

    async fn has_come(&self, awaited: Awaited) -> bool {
        match awaited {
            Awaited::Result(depth) => self.landing(depth).has_landed(&self.w).await,
            Awaited::Count(depth, n) => self.landing(depth).has_counted(&self.w, n).await,
        }
    }

    async fn look(&self, awaited: Option<Awaited>) -> Option<Found<W>> {
        if let Some(awaited) = awaited
            && self.has_come(awaited).await
        {
            return Some(Found::Awaited);
        }
        if let Some((victim, stolen)) = self.steal().await {
            return Some(Found::Stolen(victim, stolen));
        }
        if awaited.is_some() {
            return None;
        }
        match self.pool.next_root(&self.w).await {
            Life::Root(root) => Some(Found::Root(root)),
            Life::Idle => None,
            Life::Over => Some(Found::Closed),
        }
    }

    /// Whether [`Self::look`] may find something.
    async fn is_needed(&self, awaited: Option<Awaited>) -> bool {
        match awaited {
            Some(awaited) if self.has_come(awaited).await => return true,
            Some(_) => {}
            None if self.pool.is_root_or_end(&self.w).await => return true,
            None => {}
        }
        for victim in self.victims() {
            if !self.pool.berths[victim].stealer.is_empty(&self.w).await {
                return true;
            }
        }
        false
    }

    /// All others, whom it robbed last first.
    fn victims(&self) -> impl Iterator<Item = usize> {
        let (n, first, own) = (self.pool.berths.len(), self.victim.get(), self.idx);
        (0..n).map(move |idx| (first + idx) % n).filter(move |idx| *idx != own)
    }

    async fn steal(&self) -> Option<(usize, Offered<W>)> {
        for victim in self.victims() {
            while self.w.whole(|| self.try_steal(victim)).await {
                if let Some(loot) = self.loot.take() {
                    self.victim.set(victim);
                    return Some(loot);
                }
            }
        }
        None
    }

    /// Tries once to steal; `false` when there was nothing. What it gets is its loot.
    async fn try_steal(&self, victim: usize) -> bool {
        match self.pool.berths[victim].stealer.steal(&self.w).await {
            Steal::Success(stolen) => self.loot.set(Some((victim, stolen))),
            Steal::Empty => return false,
            Steal::Retry => {}
        }
        true
    }
}

/// What has become of a half that was to be offered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It is offered, and may have been stolen.
    Offered,
    /// It was stolen, and the thief may be through.
    Stolen,
    /// The join has it, or what it gave.
    Settled,
}

/// The second half of a join. If the join is given up, it is taken back; a thief who already has it
/// works for nothing.
struct Offer<'a, W: World> {
    worker: &'a mut Worker<W>,
    position: u32,
    /// How many joins there are around this one.
    depth: u32,
    stage: Stage,
}

impl<W: World> Offer<'_, W> {
    /// Offers a half to thieves, or gives it back where there is no room.
    #[inline]
    fn make<B, R>(&mut self, b: B, place: Place) -> impl Awaitable<Output = Option<B>>
    where
        B: AsyncFnOnce(&mut Worker<W>) -> R + Send + 'static,
        R: Send + 'static,
    {
        let Self { worker, stage, depth, .. } = self;
        let Worker { w, pool, idx, deque, in_use, n_stolen, .. } = &mut **worker;
        let (w, pool) = (&*w, &**pool);
        let operation = pool.operation(Act::Submit, place);
        let offered = W::nested(move || async move {
            if *depth >= CAPACITY {
                return Some(b);
            }
            let bit = 1 << *depth;
            if *in_use & bit != 0 {
                let landing = &pool.berths[*idx].landings[*depth as usize];
                let n_stolen = &mut n_stolen[*depth as usize];
                let n = *n_stolen;
                if !w.seldom(move || landing.reopen(w, n)).await {
                    return Some(b);
                }
                *n_stolen = 0;
            }
            let stamp = deque.stamp(w).await;
            if !deque.is_free(stamp) {
                return Some(b);
            }
            let (call, part) = (Cargo::load(b), Part::Half(run::<W, B, R>));
            // SAFETY: the slot is free.
            unsafe { deque.lay(Offered { call, part, depth: *depth }) };
            *in_use |= bit;
            *stage = Stage::Offered;
            deque.publish(w).await;
            if pool.dormitory.n_asleep(w).await > 0 {
                w.seldom(move || pool.dormitory.call_one(w)).await;
            }
            None
        });
        w.operation(operation, offered)
    }

    /// The half, unless it was stolen.
    ///
    /// # Safety
    /// The half is a `B`, and was offered.
    #[inline]
    unsafe fn take_back<B>(&mut self, place: Place) -> impl Awaitable<Output = Option<B>> {
        let Self { worker, position, depth, stage } = self;
        let Worker { w, pool, deque, in_use, .. } = &mut **worker;
        let (w, position, bit) = (&*w, *position, 1 << *depth);
        let taken = move || async move {
            let half = if deque.position() == position.wrapping_add(1) {
                deque.step_back(w).await;
                let top = deque.top(w).await;
                if deque.is_mine(top) {
                    // SAFETY: no thief can have it.
                    unsafe { deque.pick() }
                } else {
                    w.seldom(move || deque.pop_last(w, top)).await
                }
            } else {
                w.seldom(move || take(deque, w, position)).await
            };
            let Some(half) = half else {
                *stage = Stage::Stolen;
                return None;
            };
            *stage = Stage::Settled;
            *in_use &= !bit;
            // SAFETY: by the caller.
            Some(unsafe { half.call.unload::<B>() })
        };
        let taken = W::nested(move || w.whole(taken));
        w.operation(pool.operation(Act::Join, place), taken)
    }

    /// What the thief has made of the half. Until then, the worker steals other ones.
    ///
    /// # Safety
    /// The half was stolen, and gives an `R`.
    async unsafe fn result<R>(&mut self, place: Place) -> Result<R, Panic> {
        // What is stolen meanwhile uses the landings behind this one.
        self.worker.depth = self.depth + 1;
        self.worker.work_until(Awaited::Result(self.depth), place).await;
        // SAFETY: the thief is through, and this is the owner.
        let result = unsafe { self.worker.landing(self.depth).take(&self.worker.w).await };
        self.stage = Stage::Settled;
        self.worker.depth = self.depth;
        self.worker.close_landing(self.depth);
        // SAFETY: by the caller; see `run`.
        result.map_or_else(|| Err(given_up()), |result| unsafe { result.unload() })
    }
}

impl<W: World> Drop for Offer<'_, W> {
    #[inline]
    fn drop(&mut self) {
        if self.stage != Stage::Settled {
            give_up(self.worker, self.position, self.depth, self.stage);
        }
        self.worker.depth = self.depth;
    }
}

/// Takes a half back, or has the thief throw away what it makes of it.
#[cold]
#[inline(never)]
fn give_up<W: World>(worker: &mut Worker<W>, position: u32, depth: u32, stage: Stage) {
    let Worker { w, pool, idx, deque, in_use, .. } = worker;
    let landing = &pool.berths[*idx].landings[depth as usize];
    let is_free = w.at_once(async {
        if stage == Stage::Offered && take(deque, w, position).await.is_some() {
            return true;
        }
        // SAFETY: this is the owner, and a thief has the half.
        unsafe { landing.leave(w).await }
    });
    if is_free == Some(true) {
        *in_use &= !(1 << depth);
    }
    worker.look_no_more();
}

/// Takes back the half that was offered at this position, unless it was stolen.
async fn take<W: World>(
    deque: &mut WorkDeque<W, Offered<W>>,
    w: &W,
    position: u32,
) -> Option<Offered<W>> {
    // What lies above it belongs to joins and scopes that were forgotten.
    while deque.position() != position.wrapping_add(1) {
        deque.pop(w).await?;
    }
    deque.pop(w).await
}
