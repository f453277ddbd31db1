//! The condition under weak orderings, on both kinds of locks.

use std::sync::Arc;
use std::time::Duration;

use engine::sync::{Condition, Lock, Mutual, RLock};

use super::{Loom, Plain, explore, now};

/// A number that some wait for and others count up.
struct Counted<L: Mutual<Loom>> {
    lock: Arc<L>,
    condition: Condition<Loom, L>,
    number: Plain,
}

fn with_lock(w: &Loom) -> Counted<Lock<Loom>> {
    let lock = Arc::new(Lock::new(w, "lock", 0));
    let condition = Condition::new(w, "condition", 0, lock.clone());
    Counted { lock, condition, number: Plain::new() }
}

fn await_one(w: &Loom, Counted { lock, condition, number }: &Counted<Lock<Loom>>) {
    let held = now(lock.acquire(w));
    assert_eq!(now(condition.wait_for(w, async || number.get() > 0)), Ok(()));
    assert!(number.get() > 0, "what was done before the notification is seen after it");
    now(held.release());
}

fn await_one_in_time(w: &Loom, Counted { lock, condition, number }: &Counted<Lock<Loom>>) {
    let held = now(lock.acquire(w));
    if number.get() == 0 {
        // No time passes here: whoever has a deadline has missed it, unless it is told just then, and
        // then it has taken a notification that the other one may need.
        if now(condition.wait_timeout(w, Duration::from_secs(1))).unwrap() {
            assert!(number.get() > 0);
            now(condition.notify(w, 1)).unwrap();
        }
    }
    now(held.release());
}

fn count_and_notify(w: &Loom, Counted { lock, condition, number }: &Counted<Lock<Loom>>) {
    let held = now(lock.acquire(w));
    number.increment();
    assert!(now(condition.notify(w, 1)).unwrap() <= 1);
    now(held.release());
}

fn count_and_notify_all(w: &Loom, Counted { lock, condition, number }: &Counted<Lock<Loom>>) {
    let held = now(lock.acquire(w));
    number.increment();
    now(condition.notify_all(w)).unwrap();
    now(held.release());
}

/// Nobody waits any more, and the number is this.
fn notified(n: u32) -> impl Fn(&Loom, &Counted<Lock<Loom>>) + Send + Sync {
    move |w, Counted { lock, condition, number }| {
        let held = now(lock.try_acquire(w)).expect("it was given back");
        assert_eq!(now(condition.notify_all(w)), Ok(0));
        assert_eq!(number.get(), n);
        now(held.release());
    }
}

#[test]
fn a_notification_is_never_lost() {
    explore(with_lock, [await_one, count_and_notify], notified(1));
}

#[test]
fn all_are_notified() {
    explore(with_lock, [await_one, await_one, count_and_notify_all], notified(1));
}

#[test]
fn who_gives_up_waiting_takes_no_notification() {
    explore(with_lock, [await_one, await_one_in_time, count_and_notify], notified(1));
}

#[test]
fn waiting_gives_a_reentrant_lock_back_as_often_as_it_was_taken() {
    let make = |w: &Loom| {
        let lock = Arc::new(RLock::new(w, "lock", 0));
        let condition = Condition::new(w, "condition", 0, lock.clone());
        Counted { lock, condition, number: Plain::new() }
    };
    type Nested = Counted<RLock<Loom>>;
    fn await_one(w: &Loom, Counted { lock, condition, number }: &Nested) {
        let outer = now(lock.acquire(w));
        let inner = now(lock.acquire(w));
        assert_eq!(now(condition.wait_for(w, async || number.get() > 0)), Ok(()));
        now(inner.release());
        number.increment();
        now(outer.release());
    }
    fn count(w: &Loom, Counted { lock, condition, number }: &Nested) {
        let _held = now(lock.acquire(w));
        number.increment();
        now(condition.notify(w, 1)).unwrap();
    }
    explore(make, [await_one, count], |w, Counted { lock, number, .. }| {
        assert!(now(lock.try_acquire(w)).is_some());
        assert_eq!(number.get(), 2);
    });
}
