//! The barrier.

use engine::sync::{Barrier, Broken};

use super::*;

/// A barrier, and plain memory that is everybody's between two waits, in turns.
type Meeting = (Barrier<Loom>, Plain);

fn meeting(w: &Loom) -> Meeting {
    (Barrier::new(w, "barrier", 0, 2), Plain::new())
}

fn write_and_meet(w: &Loom, (barrier, number): &Meeting) {
    number.increment();
    assert!(now(barrier.wait(w)).is_ok());
}

fn meet_and_read(w: &Loom, (barrier, number): &Meeting) {
    assert!(now(barrier.wait(w)).is_ok());
    assert_eq!(number.get(), 1, "what was done before the barrier is seen after it");
}

fn meet_twice(w: &Loom, (barrier, number): &Meeting) {
    let first = now(barrier.wait_with(w, async || {
        number.increment();
        true
    }));
    assert!(first.is_ok() && number.get() == 1, "whoever is let go sees what the action did");
    let second = now(barrier.wait(w));
    assert!(second.is_ok() && number.get() == 1);
}

fn meet_if_whole(w: &Loom, (barrier, _): &Meeting) {
    let _ = now(barrier.wait(w));
}

fn meet_in_time(w: &Loom, (barrier, _): &Meeting) {
    if now(barrier.wait_timeout(w, Duration::from_secs(1))).is_err() {
        assert!(now(barrier.is_broken(w)));
    }
}

fn abort(w: &Loom, (barrier, _): &Meeting) {
    now(barrier.abort(w));
    assert_eq!(now(barrier.wait(w)), Err(Broken));
}

#[test]
fn a_barrier_orders_before_and_after() {
    explore(meeting, [write_and_meet, meet_and_read], |_, _| {});
}

#[test]
fn a_barrier_is_used_again_and_an_action_is_seen_by_all() {
    explore(meeting, [meet_twice, meet_twice], |_, (_, number)| assert_eq!(number.get(), 1));
}

#[test]
fn a_broken_barrier_keeps_nobody() {
    explore(meeting, [meet_if_whole, meet_in_time], |_, _| {});
    explore(meeting, [meet_if_whole, abort], |w, (barrier, _)| {
        assert!(now(barrier.is_broken(w)));
    });
    explore(meeting, [meet_if_whole, meet_if_whole, abort], |w, (barrier, _)| {
        assert!(now(barrier.is_broken(w)));
    });
}
