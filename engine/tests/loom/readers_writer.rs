//! The lock for readers and writers.

use std::ops::RangeInclusive;

use engine::sync::{Precedence, ReadersWriter};

use super::*;

type Book = (ReadersWriter<Loom>, Plain);

fn book(precedence: Precedence) -> impl Fn(&Loom) -> Book + Send + Sync {
    move |w| (ReadersWriter::new(w, "book", 0, precedence), Plain::new())
}

fn write(w: &Loom, (lock, number): &Book) {
    let held = now(lock.write(w));
    number.increment();
    now(held.release());
}

fn write_in_time(w: &Loom, (lock, number): &Book) {
    if let Some(_held) = now(lock.write_timeout(w, Duration::from_secs(1))) {
        number.increment();
    }
}

fn read(w: &Loom, (lock, number): &Book) {
    let held = now(lock.read(w));
    assert!(number.get() <= 2);
    now(held.release());
}

fn read_if_open(w: &Loom, (lock, number): &Book) {
    if let Some(_held) = now(lock.try_read(w)) {
        assert!(number.get() <= 2);
    }
}

/// The lock is free again, and whoever takes it sees all that was written.
fn written(numbers: RangeInclusive<u32>) -> impl Fn(&Loom, &Book) + Send + Sync {
    move |w, (lock, number)| {
        let held = now(lock.try_write(w)).expect("it was given back");
        assert!(numbers.contains(&number.get()));
        drop(held);
    }
}

const PRECEDENCES: [Precedence; 3] =
    [Precedence::ReadersFirst, Precedence::WritersFirst, Precedence::Fair];

#[test]
fn a_lock_orders_writers_and_readers() {
    for precedence in PRECEDENCES {
        explore(book(precedence), [write, read], written(1..=1));
        explore(book(precedence), [write, write], written(2..=2));
    }
}

#[test]
fn a_lock_orders_a_writer_and_two_readers() {
    for precedence in PRECEDENCES {
        explore_up_to(2, book(precedence), [read, write, read], written(1..=1));
    }
}

#[test]
fn a_lock_orders_two_writers_and_a_reader() {
    for precedence in PRECEDENCES {
        explore_up_to(2, book(precedence), [write, write, read], written(2..=2));
        explore_up_to(2, book(precedence), [write, write, read_if_open], written(2..=2));
    }
}

#[test]
fn who_gives_up_the_line_leaves_it_in_order() {
    for precedence in PRECEDENCES {
        explore_up_to(2, book(precedence), [read, write_in_time, read], written(0..=1));
        explore_up_to(2, book(precedence), [write, write_in_time, read], written(1..=2));
    }
}

#[test]
fn who_looks_again_is_ordered_as_well() {
    for precedence in PRECEDENCES {
        explore_looking(book(precedence), [write, read], written(1..=1));
        explore_looking(book(precedence), [write, write], written(2..=2));
        explore_looking(book(precedence), [write, write_in_time], written(1..=2));
        explore_looking(book(precedence), [write, read, read], written(1..=1));
    }
}
