//! Everybody takes a number, as in a bakery; the lowest is served first.

use std::sync::Arc;

use super::super::atom::Atom;
use super::super::facts::{last_value, sum_broken_at, when_all_are_through};
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::world::{Shared, World};

static VARIANTS: [Choice; 2] = [
    Choice::new(
        "bakery",
        text("Says when it is choosing", "取号时先声明"),
        text(
            "Nobody compares numbers with one who is still choosing.",
            "谁还在取号，就先不和谁比号码。",
        ),
    ),
    Choice::new(
        "silent",
        text("Chooses silently", "悄悄取号"),
        text(
            "Two choose the same number. One finds the other without a number and goes in; the \
             other then writes its own, which by name comes first.",
            "两个选了同一个号。一个看到对方还没有号，便进去了；对方随后写下号码，按编号排在前面，\
             也进去了。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=bakery", &["x = 2"]),
    ("variant=bakery&actors=4&rounds=2", &["x = 8"]),
    ("variant=silent", &["x = 1", "x = 2"]),
    ("variant=silent&actors=3", &["x = 1", "x = 2", "x = 3"]),
];

/// Lamport's bakery algorithm.
///
/// Source: Leslie Lamport, "A new solution of Dijkstra's concurrent programming problem",
/// Communications of the ACM 17 (1974).
pub static LESSON: Lesson = Lesson {
    id: "bakery",
    family: Family::Inside,
    place: 30,
    title: text("The bakery algorithm", "面包店算法"),
    summary: text(
        "A lock for any number of actors out of loads and stores: everybody takes a number, one \
         more than the highest. Two may get the same; and to choose takes a while.",
        "只用读写、任意多个线程可用的锁：每人取一个比现有号码都大的号。两人可能取到同一个号；\
         而且取号也要花时间。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("actors", text("Actors", "线程数"), [2, 5], 2),
        Param::number("rounds", text("Additions each", "每个线程加几次"), [1, 10], 1),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("choosing", "取号标记"), text("number", "号码")],
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
        start: "bakery?variant=silent&time=free",
        mend: "variant",
        to_break: [
            text("Two may choose the same number.", "两个人可能选到同一个号。"),
            text(
                "Let adder 0 look at the numbers and wait before it writes its own. Adder 1 takes the \
                 same number and goes in; then adder 0 comes first by its name.",
                "让 0 号看完号码、写下自己的号之前停住。1 号取到同一个号并进去；\
                 之后 0 号按编号排在前面，也进去。",
            ),
        ],
        to_mend: text(
            "Others must be able to see that somebody is still choosing.",
            "得让别人看出来：有人还在取号。",
        ),
    }),
    file: file!(),
    outcome: |_, log| {
        when_all_are_through(log, || vec![format!("x = {}", last_value(log, "x").unwrap_or(0))])
    },
    start,
};

/// The number of those who want nothing.
const NONE: u32 = 0;

struct Bakery<W: World> {
    /// Who is about to take a number.
    choosing: Vec<Atom<W>>,
    numbers: Vec<Atom<W>>,
    x: Shared<W>,
    variant: &'static str,
}

fn start<W: World>(values: &Values, world: &W) {
    let (actors, rounds) = (values.number("actors") as u16, values.number("rounds"));
    let bakery = Arc::new(Bakery {
        choosing: Atom::row(world, "choosing", 0..actors, 0),
        numbers: Atom::row(world, "number", 0..actors, NONE),
        x: Shared::new(world, "x", 0, 0),
        variant: values.variant(),
    });
    for me in 0..actors {
        let bakery = bakery.clone();
        world.spawn("adder", me, move |w| async move {
            for _ in 0..rounds {
                bakery.enter(&w, me.into()).await;
                bakery.add_one(&w).await;
                bakery.leave(&w, me.into()).await;
            }
        });
    }
}

impl<W: World> Bakery<W> {
    async fn enter(&self, w: &W, me: usize) {
        let mine = match self.variant {
            "silent" => self.choose(w, me).await,
            _ => {
                self.choosing[me].store(w, 1).await; //: begin-to-choose
                let mine = self.choose(w, me).await;
                self.choosing[me].store(w, 0).await; //: end-to-choose
                mine
            }
        };
        for other in (0..self.numbers.len()).filter(|other| *other != me) {
            if self.variant == "bakery" {
                self.let_choose(w, other).await;
            }
            self.let_pass(w, other, (mine, me)).await;
        }
    }

    async fn choose(&self, w: &W, me: usize) -> u32 {
        let mut highest = NONE;
        for number in &self.numbers {
            let number = number.look(w).await; //: ask
            highest = highest.max(number);
        }
        let mine = highest + 1;
        self.numbers[me].store(w, mine).await; //: take-number
        mine
    }

    async fn let_choose(&self, w: &W, other: usize) {
        let mut round = 0;
        while self.choosing[other].look(w).await == 1 {
            //: let-choose
            w.relax(round);
            round += 1;
        }
    }

    async fn let_pass(&self, w: &W, other: usize, mine: (u32, usize)) {
        let mut round = 0;
        while self.comes_before(w, other, mine).await {
            w.relax(round);
            round += 1;
        }
    }

    async fn comes_before(&self, w: &W, other: usize, mine: (u32, usize)) -> bool {
        let number = self.numbers[other].look(w).await; //: compare
        number != NONE && (number, other) < mine
    }

    async fn add_one(&self, w: &W) {
        let seen = self.x.load(w).await; //: load
        self.x.store(w, seen + 1).await; //: store
    }

    async fn leave(&self, w: &W, me: usize) {
        self.numbers[me].store(w, NONE).await; //: leave
    }
}
