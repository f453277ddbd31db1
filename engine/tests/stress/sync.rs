//! Locks, conditions, semaphores, events, barriers, readers and writers, and what is done once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use engine::World;
use engine::sync::{
    Barrier, BoundedSemaphore, Condition, Event, Guard, Lock, Mutual, NotOwner, Once, Precedence,
    RLock, ReadersWriter, Semaphore, TooManyReleases,
};

use crate::{Check, Count, Last, Memory, both, moment, stress};

const N_ACTORS: u16 = 5;

/// Gives a lock back in one of the ways there are.
async fn give<W: World, L: Mutual<W>>(w: &W, guard: Guard<'_, W, L>) {
    if w.random(2) == 0 { guard.release().await } else { drop(guard) }
}

pub fn locks<W: World>(world: &W, n_rounds: u32) -> Check {
    let lock = Arc::new(Lock::new(world, "lock", 0));
    let (inside, n_inside) = (Arc::new(Memory::default()), Arc::new(Count::default()));
    let last = Last::of(N_ACTORS);
    for idx in 0..N_ACTORS {
        let (lock, inside, n_inside) = (lock.clone(), inside.clone(), n_inside.clone());
        let last = last.clone();
        world.spawn("actor", idx, move |w| async move {
            for _ in 0..n_rounds {
                let guard = match w.random(4) {
                    0 | 1 => Some(lock.acquire(&w).await),
                    2 => lock.try_acquire(&w).await,
                    _ => lock.acquire_timeout(&w, moment(&w)).await,
                };
                let Some(guard) = guard else {
                    w.check(lock.release(&w).await == Err(NotOwner), "it is another's, or free");
                    continue;
                };
                inside.count();
                n_inside.add(1);
                if w.random(3) == 0 {
                    std::mem::forget(guard);
                    w.check(lock.release(&w).await.is_ok(), "it is mine");
                } else {
                    give(&w, guard).await;
                }
            }
            if last.is_me() {
                w.check(lock.try_acquire(&w).await.is_some(), "all have given it back");
            }
        });
    }
    Box::new(move || {
        assert_eq!(inside.get(), n_inside.get());
        u64::from(N_ACTORS) * u64::from(n_rounds)
    })
}

pub fn rlocks<W: World>(world: &W, n_rounds: u32) -> Check {
    let lock = Arc::new(RLock::new(world, "lock", 0));
    let (inside, n_inside) = (Arc::new(Memory::default()), Arc::new(Count::default()));
    let last = Last::of(N_ACTORS);
    for idx in 0..N_ACTORS {
        let (lock, inside, n_inside) = (lock.clone(), inside.clone(), n_inside.clone());
        let last = last.clone();
        world.spawn("actor", idx, move |w| async move {
            for _ in 0..n_rounds {
                let outer = match w.random(3) {
                    0 => Some(lock.acquire(&w).await),
                    1 => lock.try_acquire(&w).await,
                    _ => lock.acquire_timeout(&w, moment(&w)).await,
                };
                let Some(outer) = outer else { continue };
                let mut guards = vec![outer];
                for _ in 0..w.random(4) {
                    let again = lock.acquire_timeout(&w, Duration::ZERO).await;
                    w.check(again.is_some(), "the owner never waits");
                    guards.extend(again);
                    inside.count();
                    n_inside.add(1);
                }
                while let Some(guard) = guards.pop() {
                    inside.count();
                    n_inside.add(1);
                    give(&w, guard).await;
                }
                w.check(lock.release(&w).await == Err(NotOwner), "it was given back for good");
            }
            if last.is_me() {
                w.check(lock.try_acquire(&w).await.is_some(), "all have given it back");
            }
        });
    }
    Box::new(move || {
        assert_eq!(inside.get(), n_inside.get());
        u64::from(N_ACTORS) * u64::from(n_rounds) + n_inside.get()
    })
}

/// As many are told as hear it, and whoever hears it has the lock.
fn told_and_heard<W: World, L: Mutual<W>>(world: &W, n_rounds: u32, lock: L) -> Check {
    let lock = Arc::new(lock);
    let condition = Arc::new(Condition::new(world, "condition", 0, lock.clone()));
    let inside = Arc::new(Memory::default());
    let [n_told, n_heard, n_inside, n_left] = [(); 4].map(|()| Arc::new(Count::default()));
    n_left.add(3);
    for idx in 0..3 {
        let (lock, condition, inside) = (lock.clone(), condition.clone(), inside.clone());
        let (n_heard, n_inside, n_left) = (n_heard.clone(), n_inside.clone(), n_left.clone());
        world.spawn("listener", idx, move |w| async move {
            for _ in 0..n_rounds {
                let guard = lock.acquire(&w).await;
                let heard = match w.random(3) {
                    0 => condition.wait(&w).await.map(|()| true),
                    _ => condition.wait_timeout(&w, moment(&w)).await,
                };
                w.check(heard.is_ok(), "it has the lock");
                n_heard.add(u64::from(heard == Ok(true)));
                inside.count();
                n_inside.add(1);
                give(&w, guard).await;
            }
            let guard = lock.acquire(&w).await;
            n_left.add(u64::MAX); // One less, around the corner.
            give(&w, guard).await;
        });
    }
    for idx in 0..2 {
        let (lock, condition, inside) = (lock.clone(), condition.clone(), inside.clone());
        let (n_told, n_inside, n_left) = (n_told.clone(), n_inside.clone(), n_left.clone());
        world.spawn("teller", idx, move |w| async move {
            w.check(condition.notify_all(&w).await == Err(NotOwner), "it has not the lock");
            loop {
                let guard = lock.acquire(&w).await;
                let n = match w.random(4) {
                    0 => condition.notify_all(&w).await,
                    n => condition.notify(&w, n).await,
                };
                n_told.add(n.unwrap_or_default().into());
                inside.count();
                n_inside.add(1);
                let is_over = n_left.get() == 0;
                give(&w, guard).await;
                if is_over {
                    return;
                }
                w.sleep(Duration::from_micros(w.random(2).into())).await;
            }
        });
    }
    Box::new(move || {
        assert_eq!(n_told.get(), n_heard.get());
        assert_eq!(inside.get(), n_inside.get());
        n_inside.get()
    })
}

pub fn conditions<W: World>(world: &W, n_rounds: u32) -> Check {
    told_and_heard(world, n_rounds, Lock::new(world, "lock", 0))
}

pub fn conditions_on_rlocks<W: World>(world: &W, n_rounds: u32) -> Check {
    told_and_heard(world, n_rounds, RLock::new(world, "lock", 0))
}

/// No more inside than there are permits, and all of them are back in the end.
fn crowd<W: World>(world: &W, n_rounds: u32, bound: u32) -> Check {
    let seats = Arc::new(Semaphore::new(world, "seats", 0, bound));
    let inside = Arc::new(Memory::default());
    let (n_inside, n_all) = (Arc::new(AtomicU32::new(0)), Arc::new(Count::default()));
    let last = Last::of(N_ACTORS);
    for idx in 0..N_ACTORS {
        let (seats, inside, n_inside) = (seats.clone(), inside.clone(), n_inside.clone());
        let (n_all, last) = (n_all.clone(), last.clone());
        world.spawn("actor", idx, move |w| async move {
            for _ in 0..n_rounds {
                let permit = match w.random(3) {
                    0 => Some(seats.acquire(&w).await),
                    1 => seats.try_acquire(&w).await,
                    _ => seats.acquire_timeout(&w, moment(&w)).await,
                };
                let Some(permit) = permit else { continue };
                // Relaxed: the semaphore orders it, if there is one permit.
                w.check(n_inside.fetch_add(1, Ordering::Relaxed) < bound, "no more than that");
                if bound == 1 {
                    inside.count();
                }
                n_all.add(1);
                n_inside.fetch_sub(1, Ordering::Relaxed);
                match w.random(4) {
                    0 => drop(permit),
                    1 => permit.release().await,
                    2 => {
                        permit.forget();
                        w.check(seats.release(&w).await.is_ok(), "far from the end");
                    }
                    _ => {
                        permit.forget();
                        // One more for a moment: the lock that it is with one permit is not hurt.
                        w.check(seats.release_many(&w, 1).await.is_ok(), "far from the end");
                    }
                }
            }
            if last.is_me() {
                for _ in 0..bound {
                    w.check(
                        seats.try_acquire(&w).await.is_some_and(|p| {
                            p.forget();
                            true
                        }),
                        "all",
                    );
                }
                w.check(seats.try_acquire(&w).await.is_none(), "and no more");
            }
        });
    }
    Box::new(move || {
        assert!(bound > 1 || inside.get() == n_all.get());
        u64::from(N_ACTORS) * u64::from(n_rounds)
    })
}

pub fn semaphores<W: World>(world: &W, n_rounds: u32) -> Check {
    let checks = [1, 2, 4].map(|bound| crowd(world, n_rounds / 2, bound));
    Box::new(move || checks.into_iter().map(|check| check()).sum())
}

/// Permits that some make and others use up: a semaphore as a count of loaves.
pub fn signals<W: World>(world: &W, n_rounds: u32) -> Check {
    let loaves = Arc::new(Semaphore::new(world, "loaves", 0, 0));
    let [n_made, n_eaten] = [(); 2].map(|()| Arc::new(Count::default()));
    for idx in 0..2 {
        let (baked, eaten) = (loaves.clone(), loaves.clone());
        let (n_made, n_eaten) = (n_made.clone(), n_eaten.clone());
        world.spawn("baker", idx, move |w| async move {
            for _ in 0..n_rounds {
                w.check(baked.release_many(&w, 3).await.is_ok(), "far from the end");
                n_made.add(3);
            }
        });
        world.spawn("guest", idx, move |w| async move {
            let mut n_left = 3 * n_rounds;
            while n_left > 0 {
                let loaf = match w.random(2) {
                    0 => Some(eaten.acquire(&w).await),
                    _ => eaten.acquire_timeout(&w, moment(&w)).await,
                };
                let Some(loaf) = loaf else { continue };
                loaf.forget();
                n_eaten.add(1);
                n_left -= 1;
            }
        });
    }
    Box::new(move || {
        assert_eq!(n_made.get(), n_eaten.get());
        2 * n_made.get()
    })
}

pub fn bounded_semaphores<W: World>(world: &W, n_rounds: u32) -> Check {
    const BOUND: u32 = 2;
    let seats = Arc::new(BoundedSemaphore::new(world, "seats", 0, BOUND));
    let n_inside = Arc::new(AtomicU32::new(0));
    let last = Last::of(N_ACTORS);
    for idx in 0..N_ACTORS {
        let (seats, n_inside, last) = (seats.clone(), n_inside.clone(), last.clone());
        world.spawn("actor", idx, move |w| async move {
            for _ in 0..n_rounds {
                let permit = match w.random(3) {
                    0 => Some(seats.acquire(&w).await),
                    1 => seats.try_acquire(&w).await,
                    _ => seats.acquire_timeout(&w, moment(&w)).await,
                };
                let Some(permit) = permit else { continue };
                w.check(n_inside.fetch_add(1, Ordering::Relaxed) < BOUND, "no more than that");
                n_inside.fetch_sub(1, Ordering::Relaxed);
                match w.random(3) {
                    0 => drop(permit),
                    1 => w.check(permit.release().await.is_ok(), "it was out"),
                    _ => {
                        permit.forget();
                        w.check(seats.release(&w).await.is_ok(), "one was out");
                    }
                }
            }
            if last.is_me() {
                let too_many = Err(TooManyReleases { bound: BOUND });
                w.check(seats.release(&w).await == too_many, "all are back");
            }
        });
    }
    Box::new(move || u64::from(N_ACTORS) * u64::from(n_rounds))
}

/// A leader writes, turns the light green, and goes on when all have read.
pub fn events<W: World>(world: &W, n_rounds: u32) -> Check {
    const N_READERS: u32 = 3;
    // Two of each: the one of the last round turns red while nobody is at it.
    let green = Arc::new([0, 1].map(|idx| Event::new(world, "green", idx)));
    let all_read = Arc::new([0, 1].map(|idx| Event::new(world, "all read", idx)));
    let (page, n_read) = (Arc::new(Memory::default()), Arc::new(AtomicU32::new(0)));
    let (written, lights, done) = (page.clone(), green.clone(), all_read.clone());
    world.spawn("leader", 0, move |w| async move {
        for round in 0..n_rounds {
            let this = (round % 2) as usize;
            written.set(round.into());
            lights[1 - this].clear(&w).await;
            done[1 - this].clear(&w).await;
            lights[this].set(&w).await;
            while !done[this].wait_timeout(&w, moment(&w)).await {}
        }
    });
    for idx in 0..N_READERS as u16 {
        let (page, n_read) = (page.clone(), n_read.clone());
        let (green, all_read) = (green.clone(), all_read.clone());
        world.spawn("reader", idx, move |w| async move {
            for round in 0..n_rounds {
                let this = (round % 2) as usize;
                if w.random(2) == 0 {
                    green[this].wait(&w).await;
                } else {
                    while !green[this].wait_timeout(&w, moment(&w)).await {}
                }
                w.check(page.get() == u64::from(round), "what was written before");
                // It passes on what the others have read, so that the leader may write again.
                if n_read.fetch_add(1, Ordering::AcqRel) % N_READERS == N_READERS - 1 {
                    all_read[this].set(&w).await;
                }
            }
        });
    }
    Box::new(move || {
        assert_eq!(n_read.load(Ordering::Relaxed), N_READERS * n_rounds);
        u64::from(n_rounds) * u64::from(2 * N_READERS + 4)
    })
}

/// Whoever loses patience breaks the barrier; but each time all get through or none.
pub fn barriers<W: World>(world: &W, n_rounds: u32) -> Check {
    const PARTIES: u16 = 3;
    let barrier = Arc::new(Barrier::new(world, "barrier", 0, PARTIES.into()));
    let acts = Arc::new(Memory::default());
    let [n_through, n_acts, sum, n_all] = [(); 4].map(|()| Arc::new(Count::default()));
    let last = Last::of(PARTIES);
    for idx in 0..PARTIES {
        let (barrier, acts, last) = (barrier.clone(), acts.clone(), last.clone());
        let (n_through, n_acts) = (n_through.clone(), n_acts.clone());
        let (sum, n_all) = (sum.clone(), n_all.clone());
        world.spawn("actor", idx, move |w| async move {
            for _ in 0..n_rounds {
                n_all.add(1);
                let act = async || {
                    acts.count();
                    n_acts.add(1);
                    true
                };
                let patience = Duration::from_micros(u64::from(w.random(500)));
                match barrier.wait_timeout_with(&w, patience, act).await {
                    Ok(place) => {
                        w.check(place < PARTIES.into(), "a place");
                        n_through.add(1);
                        sum.add(place.into());
                    }
                    // Another may have begun anew already, and yet another waits: they are sent away
                    // once more than needed.
                    Err(_) => barrier.reset(&w).await,
                }
                if w.random(50) == 0 {
                    barrier.abort(&w).await;
                }
            }
            // Whoever waits for one who does not come any more loses patience.
            if last.is_me() {
                w.check(barrier.n_waiting(&w).await == 0, "nobody is left");
            }
        });
    }
    Box::new(move || {
        let n_parties = u64::from(PARTIES);
        assert_eq!(acts.get(), n_acts.get(), "one acts at a time");
        assert_eq!(n_through.get(), n_parties * n_acts.get(), "all or none");
        assert_eq!(sum.get(), n_acts.get() * n_parties * (n_parties - 1) / 2, "0, 1, 2");
        n_all.get()
    })
}

fn book<W: World>(world: &W, n_rounds: u32, precedence: Precedence) -> Check {
    let lock = Arc::new(ReadersWriter::new(world, "book", 0, precedence));
    let pages = Arc::new([Memory::default(), Memory::default()]);
    let n_written = Arc::new(Count::default());
    let last = Last::of(N_ACTORS);
    for idx in 0..N_ACTORS {
        let (lock, pages, n_written) = (lock.clone(), pages.clone(), n_written.clone());
        let last = last.clone();
        world.spawn("actor", idx, move |w| async move {
            for _ in 0..n_rounds {
                if w.random(3) > 0 {
                    let held = match w.random(3) {
                        0 => Some(lock.read(&w).await),
                        1 => lock.try_read(&w).await,
                        _ => lock.read_timeout(&w, moment(&w)).await,
                    };
                    let Some(held) = held else { continue };
                    w.check(pages[0].get() == pages[1].get(), "a whole write");
                    if w.random(2) == 0 {
                        held.release().await
                    } else {
                        drop(held)
                    }
                    continue;
                }
                let held = match w.random(3) {
                    0 => Some(lock.write(&w).await),
                    1 => lock.try_write(&w).await,
                    _ => lock.write_timeout(&w, moment(&w)).await,
                };
                let Some(held) = held else { continue };
                pages.iter().for_each(Memory::count);
                n_written.add(1);
                if w.random(2) == 0 { held.release().await } else { drop(held) }
            }
            if last.is_me() {
                w.check(lock.try_write(&w).await.is_some(), "all have given it back");
                w.check(lock.release_read(&w).await == Err(NotOwner), "nobody reads");
            }
        });
    }
    Box::new(move || {
        assert!(pages.iter().all(|page| page.get() == n_written.get()));
        u64::from(N_ACTORS) * u64::from(n_rounds)
    })
}

pub fn readers_and_writers<W: World>(world: &W, n_rounds: u32) -> Check {
    let all = [Precedence::ReadersFirst, Precedence::WritersFirst, Precedence::Fair];
    let checks = all.map(|precedence| book(world, n_rounds / 2, precedence));
    Box::new(move || checks.into_iter().map(|check| check()).sum())
}

pub fn onces<W: World>(world: &W, n_rounds: u32) -> Check {
    let things: Arc<Vec<_>> =
        Arc::new((0..n_rounds).map(|_| (Once::new(world, "once", 0), Memory::default())).collect());
    for idx in 0..4 {
        let things = things.clone();
        world.spawn("actor", idx, move |w| async move {
            for (once, thing) in &*things {
                let fails = w.random(2) == 0;
                let job = async || {
                    w.check(thing.get() == 0, "it is done once");
                    if fails {
                        return Err(());
                    }
                    thing.count();
                    Ok(())
                };
                let is_done = match w.random(3) {
                    0 => once.call(&w, job).await.map(|()| true),
                    1 => once.try_call(&w, job).await,
                    _ => once.call_timeout(&w, moment(&w), job).await,
                };
                if is_done == Ok(true) {
                    w.check(once.is_done(&w).await && thing.get() == 1, "it shows");
                }
            }
        });
    }
    Box::new(move || {
        assert!(things.iter().all(|(_, thing)| thing.get() <= 1));
        4 * u64::from(n_rounds)
    })
}

#[test]
fn locks_exclude() {
    stress(both!(locks));
}

#[test]
fn rlocks_exclude() {
    stress(both!(rlocks));
}

#[test]
fn conditions_tell_as_many_as_hear_it() {
    stress(both!(conditions));
    stress(both!(conditions_on_rlocks));
}

#[test]
fn semaphores_keep_their_permits() {
    stress(both!(semaphores));
}

#[test]
fn semaphores_count_what_is_made_and_used_up() {
    stress(both!(signals));
}

#[test]
fn bounded_semaphores_keep_their_bound() {
    stress(both!(bounded_semaphores));
}

#[test]
fn events_show_what_was_done_before() {
    stress(both!(events));
}

#[test]
fn barriers_let_all_through_or_none() {
    stress(both!(barriers));
}

#[test]
fn readers_see_whole_writes() {
    stress(both!(readers_and_writers));
}

#[test]
fn onces_are_done_once() {
    stress(both!(onces));
}
