//! The reentrant lock under weak orderings.

use std::ops::RangeInclusive;
use std::time::Duration;

use engine::sync::{NotOwner, RLock};

use super::{Loom, Plain, explore, now};

type Nested = (RLock<Loom>, Plain);

fn nested(w: &Loom) -> Nested {
    (RLock::new(w, "lock", 0), Plain::new())
}

fn count_inside_twice(w: &Loom, (lock, number): &Nested) {
    let outer = now(lock.acquire(w));
    let inner = now(lock.try_acquire(w)).expect("it is mine");
    now(inner.release());
    // Still held.
    number.increment();
    now(outer.release());
}

fn count_nested(w: &Loom, (lock, number): &Nested) {
    let _outer = now(lock.acquire(w));
    let _inner = now(lock.acquire(w));
    number.increment();
}

fn count_nested_if_free(w: &Loom, (lock, number): &Nested) {
    assert_eq!(now(lock.release(w)), Err(NotOwner));
    if let Some(_outer) = now(lock.acquire_timeout(w, Duration::from_secs(1))) {
        let _inner = now(lock.acquire(w));
        number.increment();
    }
}

/// The lock is free again, and was taken this often.
fn counted_nested(n: RangeInclusive<u32>) -> impl Fn(&Loom, &Nested) + Send + Sync {
    move |w, (lock, number)| {
        let held = now(lock.try_acquire(w)).expect("it was given back as often as taken");
        assert!(n.contains(&number.get()));
        now(held.release());
        assert_eq!(now(lock.release(w)), Err(NotOwner));
    }
}

#[test]
fn a_reentrant_lock_orders_two() {
    explore(nested, [count_inside_twice, count_inside_twice], counted_nested(2..=2));
}

#[test]
fn a_reentrant_lock_orders_three() {
    let actors = [count_inside_twice, count_nested, count_nested_if_free];
    explore(nested, actors, counted_nested(2..=3));
}
