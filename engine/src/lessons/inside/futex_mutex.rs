//! A lock whose waiters sleep: free, held, or held and somebody may sleep.
//!
//! | the word holds | meaning |
//! | --- | --- |
//! | 0 | free |
//! | 1 | held, nobody sleeps |
//! | 2 | held, somebody may sleep |

use std::sync::Arc;

use super::super::atom::Atom;
use super::super::facts::{last_value, sum_broken_at, when_all_are_through};
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::world::{Shared, World};

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "futex",
        text("Marks in one step", "一步标记"),
        text(
            "The swap that says \"somebody sleeps\" also tells whether the lock was free just then.",
            "写下“有人在睡”的那次交换，同时告诉你锁当时是否空闲。",
        ),
    ),
    Choice::new(
        "two-steps",
        text("Looks, then marks", "先看后标记"),
        text(
            "If the owner leaves between the look and the mark, it wakes nobody, and the mark looks \
             like an owner.",
            "如果占有者恰在“看”与“标记”之间离开，它谁也不会叫醒，而标记看上去就像有人占着锁。",
        ),
    ),
    Choice::new(
        "forgetful",
        text("Forgets the others", "忘了别人"),
        text(
            "Whoever is woken takes the lock as if nobody else slept, and on leaving wakes nobody.",
            "被叫醒的人拿锁时，当作没有别人在睡，离开时也就谁都不叫。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=futex", &["x = 3"]),
    ("variant=futex&actors=4&rounds=3", &["x = 12"]),
    ("variant=two-steps", &["x = 3", "deadlock"]),
    ("variant=two-steps&actors=2", &["x = 2", "deadlock"]),
    ("variant=forgetful", &["x = 3", "deadlock"]),
    ("variant=forgetful&actors=2", &["x = 2"]),
];

/// A mutex on a futex.
///
/// Source: Ulrich Drepper, "Futexes Are Tricky" (2011), `mutex2`.
pub static LESSON: Lesson = Lesson {
    id: "futex-mutex",
    family: Family::Inside,
    place: 70,
    title: text("A mutex on a futex", "基于 futex 的互斥锁"),
    summary: text(
        "Three states in one word: free, held, held and somebody may sleep. Whoever leaves wakes a \
         sleeper only in the last, so that mark must never be late, and never be lost.",
        "一个机器字，三种状态：空闲、占用、占用且可能有人在睡。只有最后一种状态下，离开的人才会\
         叫醒别人，所以这个标记不能迟，也不能丢。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("actors", text("Actors", "线程数"), [2, 8], 3),
        Param::number("rounds", text("Additions each", "每个线程加几次"), [1, 10], 1),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("state", "状态")],
    words: &[],
    property: Property {
        text: text(
            "nobody sleeps for ever: x ends as the number of all additions",
            "没有人永远睡下去：x 最终等于加法的总次数",
        ),
        broken_at: |values, log| {
            sum_broken_at(log, "x", values.number("actors") * values.number("rounds"))
        },
    },
    challenge: Some(Challenge {
        start: "futex-mutex?variant=two-steps&actors=3&time=free",
        mend: "variant",
        to_break: [
            text("A mark for those who sleep can come too late.", "“有人在睡”的标记可能来得太迟。"),
            text(
                "Let one see that the lock is held, and its owner leave before it is marked.",
                "让一个人看到锁被占着，在它写下标记之前让占有者离开。",
            ),
        ],
        to_mend: text(
            "Whoever marks must learn in the same step whether the lock was free; and whoever is \
             woken must not forget that others may sleep.",
            "写标记的那一步要同时得知锁是否空闲；被叫醒的人也不能忘了可能还有别人在睡。",
        ),
    }),
    file: file!(),
    outcome: |_, log| {
        when_all_are_through(log, || vec![format!("x = {}", last_value(log, "x").unwrap_or(0))])
    },
    start,
};

const FREE: u32 = 0;
const HELD: u32 = 1;
const AWAITED: u32 = 2;

struct Mutex<W: World> {
    state: Atom<W>,
    x: Shared<W>,
    variant: &'static str,
}

fn start<W: World>(values: &Values, world: &W) {
    let rounds = values.number("rounds");
    let mutex = Arc::new(Mutex {
        state: Atom::new(world, "state", 0, FREE),
        x: Shared::new(world, "x", 0, 0),
        variant: values.variant(),
    });
    world.spawn_alike("adder", values.number("actors") as u16, move |w| async move {
        for _ in 0..rounds {
            mutex.acquire(&w).await;
            mutex.add_one(&w).await;
            mutex.release(&w).await;
        }
    });
}

impl<W: World> Mutex<W> {
    async fn acquire(&self, w: &W) {
        let is_mine = self.state.exchange(w, FREE, HELD).await; //: try
        if !is_mine {
            match self.variant {
                "two-steps" => self.look_and_mark(w).await,
                "forgetful" => self.mark_and_forget(w).await,
                _ => self.mark(w).await,
            }
        }
    }

    async fn mark(&self, w: &W) {
        // Whoever takes the lock here leaves the mark on it: others may sleep still.
        while self.state.swap(w, AWAITED).await != FREE {
            //: mark
            self.state.wait(w, AWAITED).await; //: sleep
        }
    }

    async fn look_and_mark(&self, w: &W) {
        while !self.state.exchange(w, FREE, AWAITED).await {
            //: look
            // By now it may be free, and nobody left who would wake anybody.
            self.state.store(w, AWAITED).await; //: mark-late
            self.state.wait(w, AWAITED).await; //: sleep-late
        }
    }

    async fn mark_and_forget(&self, w: &W) {
        // Without the mark: it was taken away by whoever woke this one.
        while !self.state.exchange(w, FREE, HELD).await {
            //: take
            self.state.exchange(w, HELD, AWAITED).await; //: mark-held
            self.state.wait(w, AWAITED).await; //: sleep-marked
        }
    }

    async fn add_one(&self, w: &W) {
        let seen = self.x.load(w).await; //: load
        self.x.store(w, seen + 1).await; //: store
    }

    async fn release(&self, w: &W) {
        let seen = self.state.swap(w, FREE).await; //: release
        if seen == AWAITED {
            self.state.wake(w).await; //: wake
        }
    }
}
