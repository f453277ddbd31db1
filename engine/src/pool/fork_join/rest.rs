//! Where workers sleep when there is nothing to do.
//!
//! | word | meaning |
//! | --- | --- |
//! | `sleepers` | how many workers sleep, or are about to, and were not called yet |
//! | `bed` of a worker: 0 | it is awake, or was called |
//! | `bed` of a worker: 1 | it sleeps, or is about to, and would do anything |
//! | `bed` of a worker: 2 | the same, but it waits for something, and takes no tasks from outside |
//!
//! A worker that lies down adds itself to `sleepers`, then says so in its bed, and then looks once more
//! for what it waits for. Whoever has something for it first brings that and then looks at the bed;
//! who changes the bed to 0 takes the worker out of `sleepers` and wakes it. All of this is
//! sequentially consistent, so one of the two sees the other. Nobody is woken who does not sleep.
//!
//! One thing is not ordered so, because it would cost every `join` as much as the rest of it: whoever
//! offers a half looks at `sleepers` without a fence, and so may overlook a worker that lies down at
//! the very same moment. Nothing is stuck then: a half that nobody steals is done by whoever offered
//! it. And the next half that anybody offers wakes the worker; to make even that rare, it lets a moment
//! pass between saying that it lies down and its last look.
//!
//! Source: the sleep module of rayon-core (2020), which gives up the same thing for the same reason.

use crate::world::{Ordering, Waited, Word, World};

const AWAKE: u32 = 0;
const IDLE: u32 = 1;
const WAITS: u32 = 2;

/// A line of the cache of its own, and of the neighbour that is fetched with it.
#[repr(align(128))]
struct Apart<T>(T);

/// The beds of all workers.
pub(super) struct Dormitory<W: World> {
    sleepers: Apart<W::Word>,
    beds: Box<[Apart<W::Word>]>,
}

impl<W: World> Dormitory<W> {
    /// Beds for so many workers, a part of `object`.
    pub fn new(world: &W, object: W::Object, n_workers: u16) -> Self {
        let word = || Apart(world.word(object, AWAKE));
        Self { sleepers: word(), beds: (0..n_workers).map(|_| word()).collect() }
    }

    /// Sleeps until called, unless `is_needed` says that there is something to do. Whoever `waits` for
    /// something is not called for tasks from outside.
    pub async fn rest(
        &self,
        w: &W,
        idx: usize,
        waits: bool,
        is_needed: impl AsyncFnOnce() -> bool,
    ) {
        let (sleepers, bed) = (&self.sleepers.0, &self.beds[idx].0);
        let asleep = if waits { WAITS } else { IDLE };
        let lying = Lying { dormitory: self, w, idx };
        let lie_down = || async move {
            sleepers.fetch_add(w, 1, Ordering::SeqCst).await;
            bed.store(w, asleep, Ordering::SeqCst).await;
        };
        w.whole(lie_down).await;
        w.relax(w.spins());
        if is_needed().await {
            w.whole(|| self.get_up(w, idx)).await;
        } else {
            while bed.wait(w, asleep, None).await != Waited::Changed {
                if bed.load(w, Ordering::SeqCst).await != asleep {
                    break;
                }
            }
        }
        std::mem::forget(lying);
    }

    /// Gets up, called or not.
    async fn get_up(&self, w: &W, idx: usize) {
        if self.beds[idx].0.swap(w, AWAKE, Ordering::SeqCst).await != AWAKE {
            self.sleepers.0.fetch_sub(w, 1, Ordering::SeqCst).await;
        }
    }

    /// How many sleep: enough to know whether [`Self::call_one`] is worth the trouble. This is the
    /// word's own future.
    #[inline]
    pub fn n_asleep<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        // Relaxed: see above.
        self.sleepers.0.load(w, Ordering::Relaxed)
    }

    /// Calls somebody, if anybody sleeps, to see what is offered.
    pub async fn call_one(&self, w: &W) {
        for idx in 0..self.beds.len() {
            if self.call(w, idx).await {
                return;
            }
        }
    }

    /// Calls somebody who would do a task from outside, if anybody sleeps who would.
    pub async fn call_idle(&self, w: &W) {
        for idx in 0..self.beds.len() {
            if self.call_if(w, idx, |bed| bed == IDLE).await {
                return;
            }
        }
    }

    /// Calls everybody who sleeps.
    pub async fn call_all(&self, w: &W) {
        for idx in 0..self.beds.len() {
            self.call(w, idx).await;
        }
    }

    /// Calls this worker; `false` when it did not sleep.
    pub async fn call(&self, w: &W, idx: usize) -> bool {
        self.call_if(w, idx, |bed| bed != AWAKE).await
    }

    async fn call_if(&self, w: &W, idx: usize, sleeps: fn(u32) -> bool) -> bool {
        let (bed, seq_cst) = (&self.beds[idx].0, Ordering::SeqCst);
        let seen = bed.load(w, seq_cst).await;
        if !sleeps(seen) {
            return false;
        }
        let call = || async move {
            // Whoever lay down meanwhile has looked since.
            if bed.compare_exchange(w, seen, AWAKE, seq_cst, seq_cst).await.is_err() {
                return false;
            }
            self.sleepers.0.fetch_sub(w, 1, seq_cst).await;
            bed.wake(w, 1).await;
            true
        };
        w.whole(call).await
    }
}

/// Lying in bed. Whoever drops it, because what it waited for was given up, gets up.
struct Lying<'a, W: World> {
    dormitory: &'a Dormitory<W>,
    w: &'a W,
    idx: usize,
}

impl<W: World> Drop for Lying<'_, W> {
    fn drop(&mut self) {
        self.w.at_once(self.dormitory.get_up(self.w, self.idx));
    }
}
