//! What was stolen, until whoever it was stolen from knows what came of it.

use super::super::task::Panic;
use super::worker::{Offered, Part, Worker};
use crate::world::{Act, Place, World};

/// What a worker owes to whom it has stolen from: to say that it is through. If it is given up before,
/// it says so.
pub(super) struct Debt<'a, W: World> {
    worker: &'a mut Worker<W>,
    victim: usize,
    depth: u32,
    is_half: bool,
    is_paid: bool,
}

impl<'a, W: World> Debt<'a, W> {
    /// What is owed for this.
    pub fn new(worker: &'a mut Worker<W>, victim: usize, stolen: &Offered<W>) -> Self {
        let is_half = matches!(stolen.part, Part::Half(_));
        Self { worker, victim, depth: stolen.depth, is_half, is_paid: false }
    }

    /// Does what was stolen.
    pub async fn pay(mut self, stolen: Offered<W>, place: Place) {
        let Offered { call, part, depth } = stolen;
        match part {
            Part::Half(run) => {
                // SAFETY: the two belong together; see `join`.
                let result = unsafe { run(call, self.worker) }.await;
                let Self { worker, victim, is_paid, .. } = &mut self;
                let (w, pool) = (&worker.w, &*worker.pool);
                let delivered = async {
                    let landing = &pool.berths[*victim].landings[depth as usize];
                    // SAFETY: the half was stolen by this worker.
                    unsafe { landing.land(w, Some(result)).await };
                    *is_paid = true;
                    pool.dormitory.call(w, *victim).await;
                };
                w.operation(pool.operation(Act::TaskDone, place), delivered).await;
            }
            Part::Task(run, scope) => {
                let mut panic = None;
                // SAFETY: the two belong together; see `Scope::spawn`.
                unsafe { run(call, self.worker, &mut panic) }.await;
                let Self { worker, victim, is_paid, .. } = &mut self;
                let (w, pool) = (&worker.w, &*worker.pool);
                let berth = &pool.berths[*victim];
                let counted = async {
                    if let Some(panic) = panic {
                        berth.panics.with(w, |panics| panics.push((scope, panic))).await;
                    }
                    berth.landings[depth as usize].count(w).await;
                    *is_paid = true;
                    pool.dormitory.call(w, *victim).await;
                };
                w.operation(pool.operation(Act::TaskDone, place), counted).await;
            }
        }
    }

    #[cold]
    fn give_up(&mut self) {
        let Self { worker, victim, depth, is_half, .. } = self;
        let (w, pool) = (&worker.w, &*worker.pool);
        let landing = &pool.berths[*victim].landings[*depth as usize];
        w.at_once(async {
            if *is_half {
                // SAFETY: the half was stolen by this worker, and nothing has landed.
                unsafe { landing.land(w, None).await }
            } else {
                landing.count_given_up(w).await;
            }
            pool.dormitory.call(w, *victim).await;
        });
    }
}

impl<W: World> Drop for Debt<'_, W> {
    fn drop(&mut self) {
        if !self.is_paid {
            self.give_up();
        }
    }
}

/// What a join or a scope panics with when a part of it was given up by its thief.
pub(super) fn given_up() -> Panic {
    Box::new("a part of the task was given up")
}
