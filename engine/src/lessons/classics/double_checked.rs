//! Whoever needs the box first makes it. Looking for it before locking saves the lock later.

use std::sync::Arc;
use std::time::Duration;

use super::super::facts::{prints, when_all_are_through, writes};
use super::super::param::text;
use super::super::{
    Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values, printed,
};
use crate::sync::Lock;
use crate::world::{Shared, World};

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "double",
        text("Looks twice", "检查两次"),
        text(
            "Whoever got the lock looks again: somebody may have been faster.",
            "拿到锁后再看一次：也许已经有人做好了。",
        ),
    ),
    Choice::new(
        "single",
        text("Looks only before the lock", "只在锁外检查"),
        text("All who looked too early make a box of their own.", "看得太早的人都会各做一个盒子。"),
    ),
    Choice::new(
        "early",
        text("Publishes too early", "未填好就公布"),
        text(
            "Whoever takes no lock may see a box that is not filled.",
            "不加锁的人可能看到还没填好的盒子。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=double", &["value 42|value 42|made 1"]),
    ("variant=single", &["value 42|value 42|made 2"]),
    ("variant=single&pause=0", &["value 42|value 42|made 1", "value 42|value 42|made 2"]),
    ("variant=early", &["value 0|value 42|made 1", "value 42|value 42|made 1"]),
];

/// Double-checked locking.
pub static LESSON: Lesson = Lesson {
    id: "double-checked",
    family: Family::Classics,
    place: 40,
    title: text("Double-checked locking", "双重检查锁定"),
    summary: text(
        "Looking before locking saves the lock, but one must look again inside, and publish the \
         box only when it is ready.",
        "加锁前先看一眼可以省下锁，但进锁后必须再看一次，而且盒子准备好之后才能公布。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("actors", text("Actors", "线程数"), [2, 20], 2),
        Param::millis("pause", text("Time to make a box", "制作时间"), [0, 200], 50),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("box", "盒子"), text("user", "用户"), text("value", "值")],
    words: &[],
    property: Property {
        text: text("one box is made, and everybody reads 42", "只做一个盒子，而且人人读到 42"),
        broken_at: |_, log| {
            let second = writes(log, "value").nth(1);
            let unfilled = prints(log).find(|(_, event)| event.value != 42);
            [second, unfilled].into_iter().flatten().map(|(idx, _)| idx).min()
        },
    },
    challenge: Some(Challenge {
        start: "double-checked?variant=single&time=free",
        mend: "variant",
        to_break: [
            text("Whoever has looked will not look again.", "看过的人不会再看第二次。"),
            text(
                "Let both see that there is no box before either has the lock.",
                "在有人拿到锁之前，让两个人都看到还没有盒子。",
            ),
        ],
        to_mend: text(
            "Look again once the lock is yours, and show nothing that is not ready.",
            "拿到锁之后再看一次；没准备好的东西不要公布。",
        ),
    }),
    file: file!(),
    outcome: |lesson, log| {
        let made = || vec![format!("made {}", writes(log, "value").count())];
        [printed(lesson, log), when_all_are_through(log, made)].concat()
    },
    start,
};

/// Where the box stands, and what it takes to make one.
struct Shelf<W: World> {
    lock: Lock<W>,
    /// Whose box is there, counted from 1, or [`NONE`].
    r#box: Shared<W>,
    /// What is in the box of each actor.
    values: Vec<Shared<W>>,
    variant: &'static str,
    pause: Duration,
}

const NONE: u32 = 0;

fn start<W: World>(values: &Values, world: &W) {
    let actors = values.number("actors") as u16;
    let shelf = Arc::new(Shelf {
        lock: Lock::new(world, "lock", 0),
        r#box: Shared::new(world, "box", 0, NONE),
        values: (0..actors).map(|idx| Shared::new(world, "value", idx, 0)).collect(),
        variant: values.variant(),
        pause: values.millis("pause"),
    });
    for idx in 0..actors {
        let shelf = shelf.clone();
        world.spawn("user", idx, move |w| async move { shelf.need(&w, idx.into()).await });
    }
}

impl<W: World> Shelf<W> {
    async fn make(&self, w: &W, me: u32) {
        let new = me + 1;
        if self.variant == "early" {
            self.r#box.store_release(w, new).await; //: publish-early
        }
        w.sleep(self.pause).await; //: make
        self.values[me as usize].store(w, 42).await; //: fill
        // Last, when it is ready: who sees the box takes no lock, and may use it at once.
        self.r#box.store_release(w, new).await; //: publish
    }

    async fn need(&self, w: &W, me: u32) {
        let seen = self.r#box.load_acquire(w).await; //: look
        if seen == NONE {
            let held = self.lock.acquire(w).await; //: take
            // Somebody may have made it while we waited for the lock.
            let is_missing = self.variant == "single" || self.is_missing(w).await;
            if is_missing {
                self.make(w, me).await;
            }
            held.release().await; //: give
        }
        let found = self.r#box.load_acquire(w).await; //: find
        let value = self.values[found as usize - 1].load(w).await; //: look-inside
        w.print("value {}", value).await; //: print
    }

    async fn is_missing(&self, w: &W) -> bool {
        self.r#box.load_acquire(w).await == NONE //: look-again
    }
}
