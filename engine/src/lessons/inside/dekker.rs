//! The first right answer: two raise their flags, and whoever's turn it is not gives way.

use std::sync::Arc;

use super::super::atom::Atom;
use super::super::facts::{last_value, sum_broken_at, when_all_are_through};
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::world::{Shared, World};

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "dekker",
        text("Gives way", "会让路"),
        text(
            "When both flags are up, the one whose turn it is not lowers its own and waits.",
            "两面旗都举着时，没轮到的一方放下自己的旗，等着。",
        ),
    ),
    Choice::new(
        "stubborn",
        text("Never gives way", "绝不让路"),
        text(
            "When both flags are up, each waits for the other to lower its own, for ever.",
            "两面旗都举着时，各自等对方放下，永远等下去。",
        ),
    ),
    Choice::new(
        "look-first",
        text("Looks, then raises its flag", "先看后举旗"),
        text(
            "Both look, neither sees a flag, both go in.",
            "两个都先看，都没看到旗，于是都进去了。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=dekker", &["x = 2"]),
    ("variant=dekker&rounds=3", &["x = 6"]),
    ("variant=stubborn", &["x = 2", "deadlock"]),
    ("variant=look-first", &["x = 1", "x = 2"]),
];

/// Dekker's algorithm.
///
/// Source: Edsger W. Dijkstra, "Cooperating sequential processes" (EWD 123, 1965), section 2.1,
/// with the attempts that lead to it.
pub static LESSON: Lesson = Lesson {
    id: "dekker",
    family: Family::Inside,
    place: 20,
    title: text("Dekker's algorithm", "Dekker 算法"),
    summary: text(
        "The first lock out of loads and stores, and two attempts before it: look and then raise \
         the flag, and both get in; raise it and never give way, and neither does.",
        "史上第一把只用读写做成的锁，以及它之前的两次尝试：先看后举旗，两个都会进去；\
         举了旗绝不让路，谁也进不去。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("rounds", text("Additions each", "每个线程加几次"), [1, 10], 1),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("flag", "旗"), text("turn", "轮次")],
    words: &[],
    property: Property {
        text: text(
            "everybody gets in, one at a time: x ends as the number of all additions",
            "人人都进得去，每次只进一个：x 最终等于加法的总次数",
        ),
        broken_at: |values, log| sum_broken_at(log, "x", 2 * values.number("rounds")),
    },
    challenge: Some(Challenge {
        start: "dekker?variant=look-first&time=free",
        mend: "variant",
        to_break: [
            text("Nobody sees a flag that is not up yet.", "还没举起来的旗，谁也看不见。"),
            text(
                "Let both look before either raises its flag.",
                "在任何一面旗举起之前，让两个人都看完。",
            ),
        ],
        to_mend: text(
            "Raise the flag before looking; but when both have, one must give way.",
            "先举旗后看；但两面都举着时，得有一个让路。",
        ),
    }),
    file: file!(),
    outcome: |_, log| {
        when_all_are_through(log, || vec![format!("x = {}", last_value(log, "x").unwrap_or(0))])
    },
    start,
};

const DOWN: u32 = 0;
const UP: u32 = 1;

struct Dekker<W: World> {
    /// Who wants to go in.
    flags: Vec<Atom<W>>,
    /// Who need not give way.
    turn: Atom<W>,
    x: Shared<W>,
    variant: &'static str,
}

fn start<W: World>(values: &Values, world: &W) {
    let rounds = values.number("rounds");
    let room = Arc::new(Dekker {
        flags: Atom::row(world, "flag", 0..2, DOWN),
        turn: Atom::new(world, "turn", 0, 0),
        x: Shared::new(world, "x", 0, 0),
        variant: values.variant(),
    });
    for me in 0..2 {
        let room = room.clone();
        world.spawn("adder", me, move |w| async move {
            for _ in 0..rounds {
                match room.variant {
                    "stubborn" => room.insist(&w, me.into()).await,
                    "look-first" => room.look_first(&w, me.into()).await,
                    _ => room.enter(&w, me.into()).await,
                }
                room.add_one(&w).await;
                room.leave(&w, me.into()).await;
            }
        });
    }
}

impl<W: World> Dekker<W> {
    async fn enter(&self, w: &W, me: usize) {
        let (other, mut round) = (1 - me, 0);
        self.flags[me].store(w, UP).await; //: raise
        while self.is_up(w, other).await {
            if self.is_turn_of(w, me).await {
                // The other one is inside, or about to give way.
                w.relax(round);
                round += 1;
                continue;
            }
            self.flags[me].store(w, DOWN).await; //: give-way
            self.stand_by(w, me).await;
            self.flags[me].store(w, UP).await; //: raise-again
        }
    }

    async fn is_up(&self, w: &W, other: usize) -> bool {
        self.flags[other].look(w).await == UP //: look
    }

    async fn is_turn_of(&self, w: &W, me: usize) -> bool {
        self.turn.look(w).await == me as u32 //: look-at-turn
    }

    async fn stand_by(&self, w: &W, me: usize) {
        let mut round = 0;
        while self.turn.look(w).await != me as u32 {
            //: stand-by
            w.relax(round);
            round += 1;
        }
    }

    async fn insist(&self, w: &W, me: usize) {
        let other = 1 - me;
        self.flags[me].store(w, UP).await; //: raise-and-insist
        while self.is_up(w, other).await {
            // Asleep, so that it shows when nobody can ever go on.
            self.flags[other].wait(w, UP).await; //: insist
        }
    }

    async fn look_first(&self, w: &W, me: usize) {
        let (other, mut round) = (1 - me, 0);
        while self.flags[other].look(w).await == UP {
            //: look-first
            w.relax(round);
            round += 1;
        }
        self.flags[me].store(w, UP).await; //: raise-late
    }

    async fn add_one(&self, w: &W) {
        let seen = self.x.load(w).await; //: load
        self.x.store(w, seen + 1).await; //: store
    }

    async fn leave(&self, w: &W, me: usize) {
        let other = 1 - me;
        self.turn.store(w, other as u32).await; //: give-turn
        self.flags[me].store(w, DOWN).await; //: lower
        if self.variant == "stubborn" {
            self.flags[me].wake(w).await; //: wake
        }
    }
}
