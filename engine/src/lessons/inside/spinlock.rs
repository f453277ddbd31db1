//! One word says whether the lock is taken; whoever finds it taken looks again.

use std::sync::Arc;

use super::super::atom::Atom;
use super::super::facts::{last_value, sum_broken_at, when_all_are_through};
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::world::{Shared, World};

static VARIANTS: [Choice; 2] = [
    Choice::new(
        "one-step",
        text("Look and take in one step", "看和拿是同一步"),
        text(
            "A compare-exchange takes the lock only if it is still free.",
            "比较并交换：锁仍然空闲才拿得到。",
        ),
    ),
    Choice::new(
        "two-steps",
        text("Look, then take", "先看后拿"),
        text(
            "Who looks while another is between its look and its store finds the lock free too.",
            "别人看过、还没写下“已占用”的时候，你来看，锁也还是空闲的。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=one-step", &["x = 2"]),
    ("variant=one-step&actors=4&rounds=3", &["x = 12"]),
    ("variant=two-steps", &["x = 1", "x = 2"]),
    ("variant=two-steps&actors=3", &["x = 1", "x = 2", "x = 3"]),
];

/// The spinlock.
pub static LESSON: Lesson = Lesson {
    id: "spinlock",
    family: Family::Inside,
    place: 40,
    title: text("A spinlock", "自旋锁"),
    summary: text(
        "The smallest lock: one word, and whoever finds it taken looks again. To look and to take \
         must be one step, which is what a compare-exchange is for.",
        "最小的锁：只用一个机器字，谁发现锁被占用就再看一次。看和拿必须是同一步，\
         这正是“比较并交换”指令的用处。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("actors", text("Actors", "线程数"), [2, 8], 2),
        Param::number("rounds", text("Additions each", "每个线程加几次"), [1, 10], 1),
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
    challenge: Some(Challenge {
        start: "spinlock?variant=two-steps&time=free",
        mend: "variant",
        to_break: [
            text("A lock that was free need not be free now.", "刚才空闲的锁，现在未必空闲。"),
            text(
                "Let both see the lock free before either takes it.",
                "在有人拿锁之前，让两个人都看到它空闲。",
            ),
        ],
        to_mend: text(
            "Between looking and taking there must be no room for another.",
            "“看”和“拿”之间不能给别人留空隙。",
        ),
    }),
    file: file!(),
    outcome: |_, log| {
        when_all_are_through(log, || vec![format!("x = {}", last_value(log, "x").unwrap_or(0))])
    },
    start,
};

const FREE: u32 = 0;
const TAKEN: u32 = 1;

struct Spinlock<W: World> {
    lock: Atom<W>,
    x: Shared<W>,
    variant: &'static str,
}

fn start<W: World>(values: &Values, world: &W) {
    let rounds = values.number("rounds");
    let room = Arc::new(Spinlock {
        lock: Atom::new(world, "lock", 0, FREE),
        x: Shared::new(world, "x", 0, 0),
        variant: values.variant(),
    });
    world.spawn_alike("adder", values.number("actors") as u16, move |w| async move {
        for _ in 0..rounds {
            match room.variant {
                "one-step" => room.take(&w).await,
                _ => room.look_and_take(&w).await,
            }
            room.add_one(&w).await;
            room.give(&w).await;
        }
    });
}

impl<W: World> Spinlock<W> {
    async fn take(&self, w: &W) {
        let mut round = 0;
        while !self.lock.exchange(w, FREE, TAKEN).await {
            //: take
            w.relax(round);
            round += 1;
        }
    }

    async fn look_and_take(&self, w: &W) {
        let mut round = 0;
        while self.lock.look(w).await == TAKEN {
            //: look
            w.relax(round);
            round += 1;
        }
        // Who looks now finds it free as well.
        self.lock.store(w, TAKEN).await; //: take-late
    }

    async fn add_one(&self, w: &W) {
        let seen = self.x.load(w).await; //: load
        self.x.store(w, seen + 1).await; //: store
    }

    async fn give(&self, w: &W) {
        self.lock.store(w, FREE).await; //: give
    }
}
