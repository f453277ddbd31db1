//! The work-stealing deque: one owner, and thieves after the same items.

use engine::queue::{Steal, Stealer, WorkDeque};
use loom::sync::Mutex;

use super::*;

/// A deque, and how many items were read, by an atomic that orders nothing. The lock is there for the
/// compiler only: the owner alone takes it, once.
struct Loot {
    own: Mutex<WorkDeque<Loom, Plain>>,
    thief: Stealer<Loom, Plain>,
    n_read: AtomicU32,
}

fn loot(w: &Loom) -> Loot {
    let own = WorkDeque::new(w, (), 2);
    Loot { thief: own.stealer(), own: Mutex::new(own), n_read: AtomicU32::new(0) }
}

/// An item in plain memory: loom finds it when whoever takes it does not see all of it.
fn item() -> Plain {
    let item = Plain::new();
    item.increment();
    item
}

fn read(item: &Plain, n_read: &AtomicU32) {
    item.increment();
    assert_eq!(item.get(), 2);
    // Relaxed: it counts, and orders nothing.
    n_read.fetch_add(1, Ordering::Relaxed);
}

fn push_and_pop(w: &Loom, loot: &Loot) {
    let mut own = loot.own.lock().unwrap();
    for _ in 0..2 {
        assert!(now(own.push(w, item())).is_ok(), "there is room");
    }
    while let Some(item) = now(own.pop(w)) {
        read(&item, &loot.n_read);
    }
}

/// Comes round to a slot that a thief may still have in its hands.
fn push_and_pop_three(w: &Loom, loot: &Loot) {
    let mut own = loot.own.lock().unwrap();
    for _ in 0..3 {
        if let Err(item) = now(own.push(w, item())) {
            read(&item, &loot.n_read);
        }
    }
    while let Some(item) = now(own.pop(w)) {
        read(&item, &loot.n_read);
    }
}

fn pop_between(w: &Loom, loot: &Loot) {
    let mut own = loot.own.lock().unwrap();
    for _ in 0..2 {
        assert!(now(own.push(w, item())).is_ok(), "there is room");
        if let Some(item) = now(own.pop(w)) {
            read(&item, &loot.n_read);
        }
    }
}

fn steal(w: &Loom, loot: &Loot) {
    if let Steal::Success(item) = now(loot.thief.steal(w)) {
        read(&item, &loot.n_read);
    }
}

fn steal_twice(w: &Loom, loot: &Loot) {
    steal(w, loot);
    steal(w, loot);
}

/// At the end, each item was read by one.
fn taken(n: u32) -> impl Fn(&Loom, &Loot) + Send + Sync {
    move |_, loot| assert_eq!(loot.n_read.load(Ordering::Relaxed), n)
}

#[test]
fn each_item_goes_to_the_owner_or_to_one_thief() {
    explore(loot, [push_and_pop, steal_twice], taken(2));
    explore(loot, [push_and_pop, steal, steal], taken(2));
}

#[test]
fn a_slot_is_not_used_again_too_early() {
    explore(loot, [push_and_pop_three, steal_twice], taken(3));
    explore(loot, [pop_between, steal_twice], taken(2));
}
