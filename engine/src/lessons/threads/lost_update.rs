//! Everybody adds one to x, but an addition is two steps.

use std::sync::Arc;

use super::super::facts::{last_value, sum_broken_at};
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::sync::Lock;
use crate::world::{Shared, World};

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "plain",
        text("No lock", "不加锁"),
        text(
            "Between the load and the store anybody may come.",
            "在“读”和“写”之间，谁都可能插进来。",
        ),
    ),
    Choice::new(
        "late",
        text("A lock around the store", "只在写入时加锁"),
        text(
            "Nobody stores while another does; but what is stored was seen before.",
            "不会有两个人同时写；可写下的是加锁之前读到的值。",
        ),
    ),
    Choice::new(
        "whole",
        text("A lock around both steps", "读写都在锁内"),
        text("Whoever loads is the next to store.", "读的人必定就是下一个写的人。"),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("", &["x = 1", "x = 2"]),
    ("actors=3", &["x = 1", "x = 2", "x = 3"]),
    // Never 1: whoever stores that has seen 0, and adds once more.
    ("rounds=2", &["x = 2", "x = 3", "x = 4"]),
    ("variant=late", &["x = 1", "x = 2"]),
    ("variant=whole&actors=3", &["x = 3"]),
    ("variant=whole", &["x = 2"]),
];

/// The lost update.
pub static LESSON: Lesson = Lesson {
    id: "lost-update",
    family: Family::Threads,
    place: 20,
    title: text("The lost update", "丢失的更新"),
    summary: text(
        "Everybody adds one to x, but an addition is a load and a store. Whoever stores between \
         somebody else's two steps has worked for nothing.",
        "每个人都给 x 加一，但加一是“读”和“写”两步。夹在别人两步之间的写入，等于白做。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("actors", text("Actors", "参与者数"), [2, 8], 2),
        Param::number("rounds", text("Additions each", "每人加几次"), [1, 20], 1),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[],
    words: &[],
    property: Property {
        text: text("x ends as the number of all additions", "x 最终等于加法的总次数"),
        broken_at: |values, log| {
            sum_broken_at(log, "x", values.number("actors") * values.number("rounds"))
        },
    },
    challenge: Some(Challenge {
        start: "lost-update?variant=plain&time=free",
        mend: "variant",
        to_break: [
            text("Whoever stores last has the last word.", "最后写的人说了算。"),
            text("Let both load before either stores.", "让两个人都先读，然后再写。"),
        ],
        to_mend: text(
            "What is stored must not be older than what others have stored meanwhile.",
            "写下的值，不能比别人这期间写下的更旧。",
        ),
    }),
    file: file!(),
    outcome: |_, log| last_value(log, "x").map(|x| format!("x = {x}")).into_iter().collect(),
    start,
};

fn start<W: World>(values: &Values, world: &W) {
    let (variant, rounds) = (values.variant(), values.number("rounds"));
    let x = Arc::new(Shared::new(world, "x", 0, 0));
    let lock = (variant != "plain").then(|| Arc::new(Lock::new(world, "lock", 0)));
    world.spawn_alike("adder", values.number("actors") as u16, move |w| async move {
        for _ in 0..rounds {
            match &lock {
                None => plain(&w, &x).await,
                Some(lock) if variant == "late" => late(&w, lock, &x).await,
                Some(lock) => whole(&w, lock, &x).await,
            }
        }
    });
}

async fn plain<W: World>(w: &W, x: &Shared<W>) {
    // Whoever stores now overwrites what the others stored since this load.
    let seen = x.load(w).await; //: load
    x.store(w, seen + 1).await; //: store
}

async fn late<W: World>(w: &W, lock: &Lock<W>, x: &Shared<W>) {
    let seen = x.load(w).await; //: load-before
    let held = lock.acquire(w).await; //: take-late
    x.store(w, seen + 1).await; //: store-late
    held.release().await; //: give-late
}

async fn whole<W: World>(w: &W, lock: &Lock<W>, x: &Shared<W>) {
    let held = lock.acquire(w).await; //: take
    let seen = x.load(w).await; //: load-locked
    x.store(w, seen + 1).await; //: store-locked
    held.release().await; //: give
}
