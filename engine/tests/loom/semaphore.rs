//! The semaphore.

use engine::sync::Semaphore;

use super::*;

/// A semaphore, plain memory, and how many are inside by an atomic that orders nothing.
struct Room {
    seats: Semaphore<Loom>,
    number: Plain,
    n_inside: AtomicU32,
}

fn room(permits: u32) -> impl Fn(&Loom) -> Room + Send + Sync {
    move |w| Room {
        seats: Semaphore::new(w, "seats", 0, permits),
        number: Plain::new(),
        n_inside: AtomicU32::new(0),
    }
}

fn visit(w: &Loom, Room { seats, n_inside, .. }: &Room) {
    let permit = now(seats.acquire(w));
    // Relaxed: it counts, and orders nothing.
    let others = n_inside.fetch_add(1, Ordering::Relaxed);
    assert!(others < 2, "no more inside than there are permits");
    n_inside.fetch_sub(1, Ordering::Relaxed);
    now(permit.release());
}

fn count_alone(w: &Loom, Room { seats, number, .. }: &Room) {
    let permit = now(seats.acquire(w));
    number.increment();
    now(permit.release());
}

fn count_if_alone(w: &Loom, Room { seats, number, .. }: &Room) {
    if let Some(_permit) = now(seats.try_acquire(w)) {
        number.increment();
    }
}

fn count_alone_in_time(w: &Loom, Room { seats, number, .. }: &Room) {
    if let Some(_permit) = now(seats.acquire_timeout(w, Duration::from_secs(1))) {
        number.increment();
    }
}

fn write_and_signal(w: &Loom, Room { seats, number, .. }: &Room) {
    number.increment();
    assert!(now(seats.release(w)).is_ok());
}

fn signal(w: &Loom, Room { seats, .. }: &Room) {
    assert!(now(seats.release(w)).is_ok());
}

fn signal_twice(w: &Loom, room: &Room) {
    signal(w, room);
    signal(w, room);
}

fn await_and_read(w: &Loom, Room { seats, number, .. }: &Room) {
    now(seats.acquire(w)).forget();
    assert_eq!(number.get(), 1, "what was done before the signal is seen after it");
}

fn await_signal(w: &Loom, Room { seats, .. }: &Room) {
    now(seats.acquire(w)).forget();
}

/// All permits are back, and whoever takes them sees all that was done.
fn emptied(permits: u32, n: u32) -> impl Fn(&Loom, &Room) + Send + Sync {
    move |w, Room { seats, number, .. }| {
        (0..permits).for_each(|_| now(seats.try_acquire(w)).expect("it was given back").forget());
        assert!(now(seats.try_acquire(w)).is_none(), "and no more than that");
        assert_eq!(number.get(), n);
    }
}

#[test]
fn a_semaphore_of_one_orders_two() {
    explore(room(1), [count_alone, count_alone], emptied(1, 2));
}

#[test]
fn a_semaphore_of_one_orders_three() {
    explore(room(1), [count_alone, count_alone, count_alone], emptied(1, 3));
}

#[test]
fn a_semaphore_keeps_its_bound() {
    explore(room(2), [visit, visit, visit], emptied(2, 0));
}

#[test]
fn a_try_for_a_permit_orders_as_well() {
    explore(room(1), [count_alone, count_if_alone, count_if_alone], |w, room| {
        assert!((1..=3).contains(&room.number.get()));
        assert!(now(room.seats.try_acquire(w)).is_some());
    });
}

#[test]
fn who_gives_up_waiting_leaves_the_semaphore_in_order() {
    explore(room(1), [count_alone, count_alone_in_time, count_alone], |w, room| {
        assert!((2..=3).contains(&room.number.get()));
        assert!(now(room.seats.try_acquire(w)).is_some());
    });
}

#[test]
fn a_signal_is_never_lost_and_brings_what_was_written() {
    explore(room(0), [await_and_read, write_and_signal], emptied(0, 1));
}

#[test]
fn two_signals_wake_two() {
    explore(room(0), [await_signal, await_signal, signal_twice], emptied(0, 0));
}
