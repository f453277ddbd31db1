//! A lock that is a line of those who wait, each at a word of its own.

use std::sync::Arc;

use super::super::atom::Atom;
use super::super::facts::{last_value, sum_broken_at, when_all_are_through};
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::world::{Shared, World};

static VARIANTS: [Choice; 2] = [
    Choice::new(
        "mcs",
        text("Waits for the link", "等后继连上"),
        text(
            "Whoever leaves and is no longer the last waits until its successor has said who it is.",
            "离开时若自己已不是队尾，就等后继报上名来。",
        ),
    ),
    Choice::new(
        "hasty",
        text("Leaves in haste", "匆忙离开"),
        text(
            "A successor that has joined the line but not linked itself yet is never told.",
            "后继已经入队、还没来得及连上：再也没有人通知它。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=mcs", &["x = 2"]),
    ("variant=mcs&actors=4&rounds=3", &["x = 12"]),
    ("variant=hasty", &["x = 2", "deadlock"]),
];

/// The MCS lock.
///
/// Source: John M. Mellor-Crummey, Michael L. Scott, "Algorithms for scalable synchronization on
/// shared-memory multiprocessors", ACM Transactions on Computer Systems 9 (1991), section 2.4.
/// Here whoever waits at its own word sleeps, so that it shows when nobody can ever go on.
pub static LESSON: Lesson = Lesson {
    id: "mcs-lock",
    family: Family::Inside,
    place: 60,
    title: text("The MCS lock", "MCS 队列锁"),
    summary: text(
        "Those who wait stand in a line, each at a word of its own. Joining takes two steps, and in \
         between nobody knows who comes next: whoever leaves just then must wait a moment.",
        "等待者排成一队，各自盯着自己的那个机器字。入队分两步，中间那一刻没人知道下一个是谁：\
         恰在此时离开的人必须等一等。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("actors", text("Actors", "线程数"), [2, 8], 2),
        Param::number("rounds", text("Additions each", "每个线程加几次"), [1, 10], 1),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("next", "后继"), text("signal", "信号"), text("tail", "队尾")],
    words: &[],
    property: Property {
        text: text(
            "everybody gets in, one at a time: x ends as the number of all additions",
            "人人都进得去，每次只进一个：x 最终等于加法的总次数",
        ),
        broken_at: |values, log| {
            sum_broken_at(log, "x", values.number("actors") * values.number("rounds"))
        },
    },
    challenge: Some(Challenge {
        start: "mcs-lock?variant=hasty&time=free",
        mend: "variant",
        to_break: [
            text("Joining the line takes two steps.", "入队要分两步。"),
            text(
                "Let one join the line but not link itself, and the one before it leave.",
                "让一个人入队、但还没连上，这时让它前面的人离开。",
            ),
        ],
        to_mend: text(
            "Whoever leaves knows by the end of the line that somebody is coming.",
            "离开的人看看队尾，就知道后面还有人要来。",
        ),
    }),
    file: file!(),
    outcome: |_, log| {
        when_all_are_through(log, || vec![format!("x = {}", last_value(log, "x").unwrap_or(0))])
    },
    start,
};

/// Nobody; everybody else is its number, counted from 1.
const NOBODY: u32 = 0;

const GO: u32 = 0;
const WAIT: u32 = 1;

struct Mcs<W: World> {
    /// Who came last.
    tail: Atom<W>,
    /// Who comes after each.
    next: Vec<Atom<W>>,
    /// Whether each has to wait.
    signal: Vec<Atom<W>>,
    x: Shared<W>,
    variant: &'static str,
}

fn start<W: World>(values: &Values, world: &W) {
    let (actors, rounds) = (values.number("actors") as u16, values.number("rounds"));
    let line = Arc::new(Mcs {
        tail: Atom::new(world, "tail", 0, NOBODY),
        next: Atom::row(world, "next", 1..=actors, NOBODY),
        signal: Atom::row(world, "signal", 1..=actors, GO),
        x: Shared::new(world, "x", 0, 0),
        variant: values.variant(),
    });
    for me in 1..=actors {
        let line = line.clone();
        world.spawn("adder", me, move |w| async move {
            for _ in 0..rounds {
                line.enter(&w, me.into()).await;
                line.add_one(&w).await;
                line.leave(&w, me.into()).await;
            }
        });
    }
}

impl<W: World> Mcs<W> {
    fn next(&self, who: u32) -> &Atom<W> {
        &self.next[who as usize - 1]
    }

    fn signal(&self, who: u32) -> &Atom<W> {
        &self.signal[who as usize - 1]
    }

    async fn enter(&self, w: &W, me: u32) {
        self.next(me).store(w, NOBODY).await; //: no-next
        self.signal(me).store(w, WAIT).await; //: be-ready
        let before = self.tail.swap(w, me).await; //: join
        if before != NOBODY {
            // Until this is done nobody knows whom to tell.
            self.next(before).store(w, me).await; //: link
            // Looks again after each wait, for that says nothing of what was done before.
            while self.signal(me).look(w).await == WAIT {
                //: look-signal
                self.signal(me).wait(w, WAIT).await; //: wait
            }
        }
    }

    async fn add_one(&self, w: &W) {
        let seen = self.x.load(w).await; //: load
        self.x.store(w, seen + 1).await; //: store
    }

    async fn leave(&self, w: &W, me: u32) {
        let mut next = self.next(me).look(w).await; //: look
        if next == NOBODY {
            let was_last = self.tail.exchange(w, me, NOBODY).await; //: close
            if was_last || self.variant == "hasty" {
                return;
            }
            next = self.await_link(w, me).await;
        }
        self.signal(next).store(w, GO).await; //: pass-on
        self.signal(next).wake(w).await; //: wake
    }

    async fn await_link(&self, w: &W, me: u32) -> u32 {
        let mut round = 0;
        loop {
            let next = self.next(me).look(w).await; //: await-link
            if next != NOBODY {
                return next;
            }
            w.relax(round);
            round += 1;
        }
    }
}
