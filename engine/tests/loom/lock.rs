//! The lock.

use engine::sync::{Lock, NotOwner};

use super::*;

type Counter = (Lock<Loom>, Plain);

fn counter(w: &Loom) -> Counter {
    (Lock::new(w, "lock", 0), Plain::new())
}

fn count(w: &Loom, (lock, number): &Counter) {
    let held = now(lock.acquire(w));
    number.increment();
    now(held.release());
}

fn count_twice(w: &Loom, counter: &Counter) {
    count(w, counter);
    count(w, counter);
}

fn count_and_drop(w: &Loom, (lock, number): &Counter) {
    let _held = now(lock.acquire(w));
    number.increment();
}

fn count_if_free(w: &Loom, (lock, number): &Counter) {
    if let Some(held) = now(lock.try_acquire(w)) {
        number.increment();
        now(held.release());
    }
}

fn count_in_time(w: &Loom, (lock, number): &Counter) {
    if let Some(_held) = now(lock.acquire_timeout(w, Duration::from_secs(1))) {
        number.increment();
    }
}

fn count_and_release(w: &Loom, (lock, number): &Counter) {
    std::mem::forget(now(lock.acquire(w)));
    number.increment();
    assert_eq!(now(lock.release(w)), Ok(()));
}

fn release_foreign(w: &Loom, (lock, _): &Counter) {
    assert_eq!(now(lock.release(w)), Err(NotOwner));
}

/// The lock is free again, and whoever takes it sees all that was done under it.
fn counted(n: u32) -> impl Fn(&Loom, &Counter) + Send + Sync {
    move |w, (lock, number)| {
        let held = now(lock.try_acquire(w)).expect("it was given back");
        assert_eq!(number.get(), n);
        drop(held);
    }
}

#[test]
fn a_lock_orders_two() {
    explore(counter, [count_twice, count_twice], counted(4));
}

#[test]
fn a_lock_orders_three() {
    explore(counter, [count, count, count], counted(3));
}

#[test]
fn a_dropped_guard_gives_back() {
    explore(counter, [count_and_drop, count_and_drop, count], counted(3));
}

#[test]
fn a_try_orders_as_well() {
    explore(counter, [count, count_if_free, count_if_free], |w, (lock, number)| {
        assert!((1..=3).contains(&number.get()));
        assert!(now(lock.try_acquire(w)).is_some());
    });
}

#[test]
fn who_gives_up_waiting_leaves_the_lock_in_order() {
    explore(counter, [count, count_in_time, count], |w, (lock, number)| {
        assert!((2..=3).contains(&number.get()));
        assert!(now(lock.try_acquire(w)).is_some());
    });
}

#[test]
fn who_looks_again_is_ordered_as_well() {
    explore_looking(counter, [count_twice, count_twice], counted(4));
    explore_looking(counter, [count, count, count], counted(3));
    explore_looking(counter, [count, count_in_time, count], |_, (_, number)| {
        assert!((2..=3).contains(&number.get()));
    });
}

#[test]
fn only_the_owner_releases() {
    explore(counter, [count_and_release, release_foreign, count_and_release], counted(2));
}
