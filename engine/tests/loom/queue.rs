//! Queues: the ring, and who sleeps and wakes.

use engine::queue::{Fifo, GetError, PutError, Tag};

use super::*;

/// An item in plain memory: loom finds it when the getter does not see all that the putter did.
struct Letter(Plain);

impl Tag for Letter {
    fn tag(&self) -> u32 {
        0
    }
}

/// A queue, and how many letters were read, by an atomic that orders nothing.
struct Post {
    queue: Fifo<Loom, Letter>,
    n_read: AtomicU32,
}

fn post(capacity: Option<u32>) -> impl Fn(&Loom) -> Post + Send + Sync {
    move |w| Post { queue: Fifo::new(w, "queue", 0, capacity), n_read: AtomicU32::new(0) }
}

/// A queue without a bound, whose first ring is full.
fn full_ring(w: &Loom) -> Post {
    let post = post(None)(w);
    (0..4).for_each(|_| send(w, &post));
    post
}

fn letter() -> Letter {
    let letter = Letter(Plain::new());
    letter.0.increment();
    letter
}

fn read(letter: &Letter, n_read: &AtomicU32) {
    letter.0.increment();
    assert_eq!(letter.0.get(), 2);
    // Relaxed: it counts, and orders nothing.
    n_read.fetch_add(1, Ordering::Relaxed);
}

fn send(w: &Loom, Post { queue, .. }: &Post) {
    assert!(now(queue.put(w, letter())).is_ok());
}

fn send_twice(w: &Loom, post: &Post) {
    send(w, post);
    send(w, post);
}

fn send_if_open(w: &Loom, Post { queue, n_read }: &Post) {
    if let Err(PutError::ShutDown(letter)) = now(queue.put(w, letter())) {
        read(&letter, n_read);
    }
}

fn send_in_time(w: &Loom, Post { queue, n_read }: &Post) {
    if let Err(PutError::Full(letter)) = now(queue.put_timeout(w, letter(), Duration::ZERO)) {
        read(&letter, n_read);
    }
}

fn receive(w: &Loom, Post { queue, n_read }: &Post) {
    let letter = now(queue.get(w));
    read(&letter.unwrap_or_else(|_| panic!("nobody shuts the queue down")), n_read);
}

fn receive_twice(w: &Loom, post: &Post) {
    receive(w, post);
    receive(w, post);
}

fn receive_if_there(w: &Loom, Post { queue, n_read }: &Post) {
    if let Ok(letter) = now(queue.try_get(w)) {
        read(&letter, n_read);
    }
}

fn receive_in_time(w: &Loom, Post { queue, n_read }: &Post) {
    if let Ok(letter) = now(queue.get_timeout(w, Duration::ZERO)) {
        read(&letter, n_read);
    }
}

fn receive_if_open(w: &Loom, Post { queue, n_read }: &Post) {
    match now(queue.get(w)) {
        Ok(letter) => read(&letter, n_read),
        Err(error) => assert_eq!(error, GetError::ShutDown),
    }
}

fn receive_and_finish(w: &Loom, post: &Post) {
    receive(w, post);
    assert!(now(post.queue.task_done(w)).is_ok());
}

fn send_and_join(w: &Loom, post: &Post) {
    send(w, post);
    now(post.queue.join(w));
    // Relaxed: the join orders it, and loom shows if it does not.
    assert_eq!(post.n_read.load(Ordering::Relaxed), 1);
}

fn shut_down(w: &Loom, Post { queue, .. }: &Post) {
    now(queue.shutdown(w, false));
}

/// Whatever was sent and not yet read is still there: `n` letters in all.
fn delivered(n: u32) -> impl Fn(&Loom, &Post) + Send + Sync {
    move |w, Post { queue, n_read }| {
        while let Ok(letter) = now(queue.try_get(w)) {
            read(&letter, n_read);
        }
        assert_eq!(n_read.load(Ordering::Relaxed), n);
    }
}

#[test]
fn a_ring_hands_over_what_two_put() {
    explore(post(Some(2)), [send, send, receive_if_there], delivered(2));
}

#[test]
fn a_ring_goes_round() {
    explore(post(Some(1)), [send_twice, receive_twice], delivered(2));
}

#[test]
fn a_ring_gives_each_letter_to_one() {
    explore(post(Some(2)), [send, receive_if_there, receive_if_there], delivered(1));
}

#[test]
fn a_ring_is_added_once_and_none_is_passed_over() {
    explore(full_ring, [send, receive_twice], delivered(5));
    explore_up_to(2, full_ring, [send, send, receive_if_there], delivered(6));
    explore_up_to(2, full_ring, [send_if_open, receive_if_there, shut_down], delivered(5));
}

#[test]
fn who_gives_way_at_a_ring_comes_later() {
    explore_looking(post(Some(2)), [send, send, receive_if_there], delivered(2));
    explore_looking(post(Some(2)), [send, receive_if_there, receive_if_there], delivered(1));
}

#[test]
fn a_getter_is_never_left_asleep() {
    explore(post(Some(1)), [receive, send], delivered(1));
    explore(post(Some(1)), [receive, receive, send_twice], delivered(2));
    explore(post(None), [receive, send], delivered(1));
}

#[test]
fn a_putter_is_never_left_asleep() {
    // Only one is received: a second would find a putter whom the first had left asleep.
    explore(post(Some(1)), [send_twice, receive], delivered(2));
    explore(post(Some(1)), [send, send, receive_twice], delivered(2));
}

#[test]
fn a_meeting_hands_over() {
    explore(post(Some(0)), [send, receive], delivered(1));
    explore(post(Some(0)), [send, send, receive_twice], delivered(2));
}

#[test]
fn who_gives_up_waiting_leaves_the_queue_in_order() {
    explore(post(Some(1)), [receive_in_time, send, receive_in_time], delivered(1));
    explore(post(Some(1)), [send_in_time, send_in_time, receive], delivered(2));
    explore(post(Some(0)), [send_in_time, receive_in_time], delivered(1));
}

#[test]
fn shutting_down_sends_all_away() {
    explore(post(Some(1)), [receive_if_open, receive_if_open, shut_down], delivered(0));
    explore(post(Some(1)), [send_if_open, send_if_open, shut_down], delivered(2));
    explore(post(Some(1)), [send_if_open, receive_if_open, shut_down], delivered(1));
    explore(post(Some(0)), [send_if_open, receive_if_open, shut_down], delivered(1));
}

#[test]
fn who_joins_sees_what_was_done() {
    explore(post(Some(1)), [send_and_join, receive_and_finish], delivered(1));
}
