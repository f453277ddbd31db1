//! The lost update, cured by a lock: around each addition, or once around all of them.

use std::sync::Arc;

use super::super::facts::{last_value, sum_broken_at, when_all_are_through, writes};
use super::super::param::text;
use super::super::{Allowed, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::sync::Lock;
use crate::world::{Shared, World};

static VARIANTS: [Choice; 2] = [
    Choice::new(
        "each",
        text("For each addition", "每次加法"),
        text(
            "Others may add between two of one's own additions.",
            "在自己的两次加法之间，别人可以加。",
        ),
    ),
    Choice::new(
        "whole",
        text("Once around the loop", "整个循环"),
        text(
            "Whoever has the lock makes all its additions; the others wait that long.",
            "拿到锁的线程做完自己的全部加法，其他线程要等这么久。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    (
        "variant=each",
        &[
            "x = 6|turns = 2",
            "x = 6|turns = 3",
            "x = 6|turns = 4",
            "x = 6|turns = 5",
            "x = 6|turns = 6",
        ],
    ),
    ("variant=whole", &["x = 6|turns = 2"]),
    ("variant=whole&actors=5&rounds=20", &["x = 100|turns = 5"]),
];

/// The lock.
pub static LESSON: Lesson = Lesson {
    id: "lock",
    family: Family::Threads,
    place: 40,
    title: text("A lock", "互斥锁"),
    summary: text(
        "The lost update is cured by a lock: around each addition the actors take turns, around \
         the whole loop one finishes before the next begins.",
        "用锁治好丢失的更新：每次加法各锁一次，线程会交替进行；整个循环只锁一次，\
         一个线程做完，另一个才开始。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("actors", text("Actors", "线程数"), [2, 8], 2),
        Param::number("rounds", text("Additions each", "每个线程加几次"), [1, 20], 3),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[],
    words: &[],
    property: Property {
        text: text(
            "x ends as the number of all additions, for nobody adds while another does",
            "x 最终等于加法的总次数，因为临界区里永远只有一个线程",
        ),
        broken_at: |values, log| {
            sum_broken_at(log, "x", values.number("actors") * values.number("rounds"))
        },
    },
    challenge: None,
    file: file!(),
    outcome: |_, log| {
        when_all_are_through(log, || {
            // A turn lasts until somebody else adds.
            let mut turns: Vec<_> = writes(log, "x").map(|(_, event)| event.actor).collect();
            turns.dedup();
            let x = last_value(log, "x").unwrap_or(0);
            vec![format!("x = {x}"), format!("turns = {}", turns.len())]
        })
    },
    start,
};

fn start<W: World>(values: &Values, world: &W) {
    let (variant, rounds) = (values.variant(), values.number("rounds"));
    let x = Arc::new(Shared::new(world, "x", 0, 0));
    let lock = Arc::new(Lock::new(world, "lock", 0));
    world.spawn_alike("adder", values.number("actors") as u16, move |w| async move {
        match variant {
            "each" => each(&w, &lock, &x, rounds).await,
            _ => whole(&w, &lock, &x, rounds).await,
        }
    });
}

async fn add_one<W: World>(w: &W, x: &Shared<W>) {
    let seen = x.load(w).await; //: load
    x.store(w, seen + 1).await; //: store
}

async fn each<W: World>(w: &W, lock: &Lock<W>, x: &Shared<W>, rounds: u32) {
    for _ in 0..rounds {
        let held = lock.acquire(w).await; //: take
        add_one(w, x).await;
        held.release().await; //: give
    }
}

async fn whole<W: World>(w: &W, lock: &Lock<W>, x: &Shared<W>, rounds: u32) {
    let held = lock.acquire(w).await; //: take-once
    for _ in 0..rounds {
        add_one(w, x).await;
    }
    held.release().await; //: give-once
}
