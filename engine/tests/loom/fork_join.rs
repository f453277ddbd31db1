//! The pool for work that forks, as a whole: its workers, their sleep, and what they steal.

use std::sync::Arc as StdArc;

use engine::pool::{ForkJoin, Scope, Worker};

use super::*;

type Cells = StdArc<[Plain; 2]>;

/// Has a pool do a task that marks both cells, and looks at them when it is through.
fn have_done<F>(w: &Loom, n_workers: u16, task: F)
where
    F: AsyncFnOnce(&mut Worker<Loom>, Cells) + Send + 'static,
{
    let pool = ForkJoin::new(w, "pool", 0, n_workers);
    let cells: Cells = StdArc::new([Plain::new(), Plain::new()]);
    let theirs = cells.clone();
    let task = async move |worker: &mut Worker<Loom>| {
        task(worker, theirs).await;
        Ok(())
    };
    let future = now(pool.submit(w, task)).unwrap_or_else(|_| panic!("it is open"));
    assert_eq!(now(future.result(w)), Ok(()));
    assert!(cells.iter().all(|cell| cell.get() == 1), "each was marked once");
    now(pool.shutdown(w, true, false));
}

fn mark(idx: usize, cells: Cells) -> impl AsyncFnOnce(&mut Worker<Loom>) + Send + 'static {
    async move |_: &mut Worker<Loom>| cells[idx].increment()
}

async fn join(worker: &mut Worker<Loom>, cells: Cells) {
    worker.join(mark(0, cells.clone()), mark(1, cells)).await;
}

async fn scope(worker: &mut Worker<Loom>, cells: Cells) {
    let spawn_both = async move |scope: &mut Scope<'_, Loom>| {
        for idx in 0..2 {
            scope.spawn(mark(idx, cells.clone())).await;
        }
    };
    worker.scope(spawn_both).await;
}

fn main_with_join(w: &Loom, (): &()) {
    have_done(w, 2, join);
}

fn main_with_scope(w: &Loom, (): &()) {
    have_done(w, 2, scope);
}

#[test]
fn both_halves_are_done_before_the_join_ends() {
    explore_up_to(1, |_| (), [main_with_join], |_, ()| ());
}

#[test]
fn all_tasks_are_done_before_the_scope_ends() {
    explore_up_to(1, |_| (), [main_with_scope], |_, ()| ());
}
