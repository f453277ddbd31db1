//! The bounded semaphore.

use engine::sync::BoundedSemaphore;

use super::*;

fn give_too_much(w: &Loom, seats: &BoundedSemaphore<Loom>) {
    let permit = now(seats.acquire(w));
    let _ = now(permit.release());
    let _ = now(seats.release(w));
}

#[test]
fn a_release_too_many_is_never_done() {
    let seats = |w: &Loom| BoundedSemaphore::new(w, "seats", 0, 1);
    explore(seats, [give_too_much, give_too_much], |w, seats| {
        let excess = now(seats.release(w)).is_err();
        now(seats.try_acquire(w)).expect("one is free").forget();
        assert!(now(seats.try_acquire(w)).is_none(), "and no more than one");
        assert!(excess, "all are given back in the end");
    });
}
