//! Everybody draws a ticket and waits until its number is called: a lock that is fair.

use std::sync::Arc;

use super::super::atom::Atom;
use super::super::facts::{last_value, sum_broken_at, when_all_are_through};
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::world::{Shared, World};

static VARIANTS: [Choice; 2] = [
    Choice::new(
        "one-step",
        text("Draws in one step", "一步取号"),
        text("A fetch-add gives everybody another number.", "“取值并加一”让每个人拿到不同的号。"),
    ),
    Choice::new(
        "two-steps",
        text("Reads, then counts on", "先读号再加一"),
        text(
            "Two can read the same number, and both are called.",
            "两个人可能读到同一个号，叫号时两个都进去。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=one-step", &["x = 2"]),
    ("variant=one-step&actors=4&rounds=3", &["x = 12"]),
    ("variant=two-steps", &["x = 1", "x = 2"]),
    ("variant=two-steps&rounds=2", &["x = 2", "x = 3", "x = 4"]),
];

/// The ticket lock.
///
/// Source: John M. Mellor-Crummey, Michael L. Scott, "Algorithms for scalable synchronization on
/// shared-memory multiprocessors", ACM Transactions on Computer Systems 9 (1991), section 2.2.
pub static LESSON: Lesson = Lesson {
    id: "ticket-lock",
    family: Family::Inside,
    place: 50,
    title: text("A ticket lock", "排号锁"),
    summary: text(
        "Everybody draws a number and waits until it is called: first come, first served. To draw \
         is to read and to count on, and that must be one step.",
        "每人取一个号，等叫到自己：先来先得。取号既要读又要加一，这两件事必须是同一步。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("actors", text("Actors", "线程数"), [2, 8], 2),
        Param::number("rounds", text("Additions each", "每个线程加几次"), [1, 10], 1),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("next ticket", "下一张号"), text("number called", "叫到的号")],
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
        start: "ticket-lock?variant=two-steps&time=free",
        mend: "variant",
        to_break: [
            text("Two tickets with one number call two.", "两张同号的票，一叫就来两个。"),
            text(
                "Let both read the number before either counts on.",
                "在有人加一之前，让两个人都读到同一个号。",
            ),
        ],
        to_mend: text(
            "To draw a number and to count on must be one step.",
            "取号和加一必须是同一步。",
        ),
    }),
    file: file!(),
    outcome: |_, log| {
        when_all_are_through(log, || vec![format!("x = {}", last_value(log, "x").unwrap_or(0))])
    },
    start,
};

struct TicketLock<W: World> {
    /// The number on the next ticket.
    next: Atom<W>,
    /// The number that is called.
    called: Atom<W>,
    x: Shared<W>,
    variant: &'static str,
}

fn start<W: World>(values: &Values, world: &W) {
    let rounds = values.number("rounds");
    let room = Arc::new(TicketLock {
        next: Atom::new(world, "next ticket", 0, 0),
        called: Atom::new(world, "number called", 0, 0),
        x: Shared::new(world, "x", 0, 0),
        variant: values.variant(),
    });
    world.spawn_alike("adder", values.number("actors") as u16, move |w| async move {
        for _ in 0..rounds {
            let ticket = match room.variant {
                "one-step" => room.draw(&w).await,
                _ => room.read_and_count(&w).await,
            };
            room.wait_for(&w, ticket).await;
            room.add_one(&w).await;
            room.call_next(&w).await;
        }
    });
}

impl<W: World> TicketLock<W> {
    async fn draw(&self, w: &W) -> u32 {
        self.next.fetch_add(w, 1).await //: draw
    }

    async fn read_and_count(&self, w: &W) -> u32 {
        let ticket = self.next.load(w).await; //: read
        self.next.store(w, ticket + 1).await; //: count-on
        ticket
    }

    async fn wait_for(&self, w: &W, ticket: u32) {
        let mut round = 0;
        while self.called.look(w).await < ticket {
            //: wait
            w.relax(round);
            round += 1;
        }
    }

    async fn add_one(&self, w: &W) {
        let seen = self.x.load(w).await; //: load
        self.x.store(w, seen + 1).await; //: store
    }

    async fn call_next(&self, w: &W) {
        self.called.fetch_add(w, 1).await; //: call
    }
}
