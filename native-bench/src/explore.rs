//! Exploring: the same programs, written for each explorer, and how long their searches take.
//!
//! Each gives how many executions there were, and checks it where the number is known.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use engine::World;
use engine::explore::{Counted, Every, Exploration, Reduced, Search, States, litmus};
use engine::model::{Config, Ending, Grain, Model};
use engine::sync::Lock;
use engine::world::Shared;

/// How many executions a search had, and how long it took.
pub type Searched = (u64, Duration);

/// Actors that add one to a cell under the lock of the engine.
fn lock_and_increment(world: &Model, n_actors: u16) {
    let lock = Arc::new(Lock::new(world, "lock", 0));
    let x = Arc::new(Shared::new(world, "x", 0, 0));
    world.spawn_alike("adder", n_actors, move |w| async move {
        let guard = lock.acquire(&w).await;
        let seen = x.load(&w).await;
        x.store(&w, seen + 1).await;
        guard.release().await;
    });
}

/// Searches up to `limit` executions.
fn search(
    grain: Grain,
    search: impl Search,
    limit: u64,
    program: impl Fn(&Model) + 'static,
) -> Searched {
    // The peers look for no data races here either: what is shared is behind a mutex of theirs.
    let config = Config { grain, record: false, races: false, ..Config::default() };
    let mut exploration = Exploration::new(config, search, program);
    let start = Instant::now();
    while exploration.n_executions() < limit
        && let Some(run) = exploration.next()
    {
        assert_eq!(run.ending(), Some(&Ending::Finished));
    }
    (exploration.n_executions(), start.elapsed())
}

/// The engine on lock and increment, every interleaving of whole operations, as for shuttle; but
/// whoever waits for the lock is not ready, so there are few.
pub fn every_lock_and_increment_by_operations(n_actors: u16) -> Searched {
    search(Grain::Operations, Every::new(), u64::MAX, move |w| lock_and_increment(w, n_actors))
}

/// The engine on lock and increment, every interleaving of the accesses to words.
pub fn every_lock_and_increment(n_actors: u16, limit: u64) -> Searched {
    search(Grain::Words, Every::new(), limit, move |w| lock_and_increment(w, n_actors))
}

/// The engine on lock and increment: all interleavings of the accesses to words, counted and not run.
///
/// # Panics
/// When there is more than one state at the end.
pub fn counted_lock_and_increment(n_actors: u16) -> Searched {
    let start = Instant::now();
    let exploration = states_counted(n_actors);
    let counts = exploration.search().n_interleavings().expect("each has an end");
    assert_eq!(counts.len(), 1);
    (counts[0].try_into().unwrap_or(u64::MAX), start.elapsed())
}

/// The same, with each interleaving by who takes its turns and in which state it ends; no state is run
/// twice.
///
/// # Panics
/// When one ends in another state.
pub fn listed_lock_and_increment(n_actors: u16, limit: u64) -> Searched {
    let start = Instant::now();
    let exploration = states_counted(n_actors);
    let mut all = exploration.search().interleavings().expect("each has an end");
    let mut n_executions = 0;
    while n_executions < limit
        && let Some((order, end)) = all.next()
    {
        n_executions += 1;
        black_box(order);
        assert_eq!(end, 0);
    }
    (n_executions, start.elapsed())
}

/// Lock and increment, all its states seen.
fn states_counted(n_actors: u16) -> Exploration<Counted> {
    let config = Config { grain: Grain::Words, record: false, races: false, ..Config::default() };
    let program = move |w: &Model| lock_and_increment(w, n_actors);
    let mut exploration = Exploration::new(config, Counted::new(), program);
    while let Some(run) = exploration.next() {
        assert!(run.ending().is_none_or(|ending| *ending == Ending::Finished));
    }
    exploration
}

/// The engine on lock and increment: each class of whole operations.
pub fn lock_and_increment_by_operations(n_actors: u16) -> Searched {
    search(Grain::Operations, Reduced::new(), u64::MAX, move |w| lock_and_increment(w, n_actors))
}

/// The engine on lock and increment: each class of the accesses to the words of its lock.
pub fn lock_and_increment_by_words(n_actors: u16) -> Searched {
    search(Grain::Words, Reduced::new(), u64::MAX, move |w| lock_and_increment(w, n_actors))
}

/// The engine on lock and increment: each state that the accesses to the words of its lock lead to.
///
/// # Panics
/// When there is more than one state at the end.
pub fn states_of_lock_and_increment_by_words(n_actors: u16) -> Searched {
    let config = Config { grain: Grain::Words, record: false, races: false, ..Config::default() };
    let program = move |w: &Model| lock_and_increment(w, n_actors);
    let mut exploration = Exploration::new(config, States::new(), program);
    let (start, mut ends) = (Instant::now(), Vec::new());
    while let Some(run) = exploration.next() {
        ends.extend(run.ending().cloned());
    }
    assert_eq!(ends, [Ending::Finished]);
    (exploration.n_executions(), start.elapsed())
}

/// The engine on `readers`.
///
/// # Panics
/// When there are not 2^`n` classes.
pub fn readers(n: u16) -> Searched {
    let found = search(Grain::Operations, Reduced::new(), u64::MAX, move |w| litmus::readers(w, n));
    assert_eq!(found.0, 1 << n);
    found
}

/// The engine on `casrot`.
pub fn casrot(n: u16) -> Searched {
    search(Grain::Operations, Reduced::new(), u64::MAX, move |w| litmus::casrot(w, n))
}

/// The engine on `lastzero`.
///
/// # Panics
/// When there are not (`n` + 3) · 2^(`n` - 2) classes.
pub fn lastzero(n: u16) -> Searched {
    let found =
        search(Grain::Operations, Reduced::new(), u64::MAX, move |w| litmus::lastzero(w, n));
    assert_eq!(found.0, u64::from(n + 3) << (n - 2));
    found
}

/// shuttle on lock and increment, depth first, up to `limit` executions.
pub fn shuttle_lock_and_increment(n_actors: u16, limit: u64) -> Searched {
    let n_executions = Arc::new(AtomicUsize::new(0));
    let counter = n_executions.clone();
    let start = Instant::now();
    shuttle::check_dfs(
        move || {
            // Relaxed, here and below: only a count, and one thread at a time.
            counter.fetch_add(1, Ordering::Relaxed);
            let x = Arc::new(shuttle::sync::Mutex::new(0));
            let adders: Vec<_> = (0..n_actors)
                .map(|_| {
                    let x = x.clone();
                    shuttle::thread::spawn(move || *x.lock().unwrap() += 1)
                })
                .collect();
            adders.into_iter().for_each(|adder| adder.join().unwrap());
        },
        Some(limit as usize),
    );
    (n_executions.load(Ordering::Relaxed) as u64, start.elapsed())
}

/// loom on lock and increment, to its end. The main thread is one of the actors.
pub fn loom_lock_and_increment(n_actors: u16) -> Searched {
    let n_executions = Arc::new(AtomicUsize::new(0));
    let counter = n_executions.clone();
    let start = Instant::now();
    loom::model::Builder::new().check(move || {
        // Relaxed, here and below: only a count, and one thread at a time.
        counter.fetch_add(1, Ordering::Relaxed);
        let x = loom::sync::Arc::new(loom::sync::Mutex::new(0));
        let adders: Vec<_> = (1..n_actors)
            .map(|_| {
                let x = x.clone();
                loom::thread::spawn(move || *x.lock().unwrap() += 1)
            })
            .collect();
        *x.lock().unwrap() += 1;
        adders.into_iter().for_each(|adder| adder.join().unwrap());
    });
    (n_executions.load(Ordering::Relaxed) as u64, start.elapsed())
}

/// Counts the maximal executions of interweave.
#[derive(Default)]
struct Count(u64);

impl interweave::Observer for Count {
    fn step(&mut self, step: interweave::Step<'_>, _: interweave::StepCx<'_, '_>) {
        self.0 += u64::from(matches!(step, interweave::Step::Maximal { .. }));
    }
}

/// interweave on `readers`.
///
/// # Panics
/// When there are not 2^`n` classes.
pub fn interweave_readers(n: u16) -> Searched {
    let program = move |world: &mut interweave::World<'_>| {
        let x = world.atomic("x", 0);
        let written = x.clone();
        world.spawn("writer", async move {
            written.store(42).await;
            Ok(())
        });
        for idx in 0..n {
            let x = x.clone();
            world.spawn(format!("reader {idx}"), async move {
                x.load().await;
                Ok(())
            });
        }
    };
    let mut count = Count::default();
    let start = Instant::now();
    assert!(interweave::explore(&program, &mut count).is_ok(), "nothing can fail");
    assert_eq!(count.0, 1 << n);
    (count.0, start.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explorers_agree_on_what_there_is() {
        assert_eq!(readers(4).0, interweave_readers(4).0);
        assert_eq!(casrot(4).0, 14);
        assert_eq!(lastzero(5).0, 64);
        let n_all = every_lock_and_increment(2, u64::MAX).0;
        assert_eq!(counted_lock_and_increment(2).0, n_all);
        assert_eq!(every_lock_and_increment_by_operations(3).0, 6);
        assert!(shuttle_lock_and_increment(2, 1_000).0 > 2);
        assert_eq!(lock_and_increment_by_operations(4).0, 24);
        assert!(lock_and_increment_by_words(2).0 > 2);
        assert!(loom_lock_and_increment(2).0 >= 2);
    }
}
