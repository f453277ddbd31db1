//! One takes lock a, then b; the other takes b, then a.

use std::sync::Arc;
use std::time::Duration;

use super::super::facts::{at_the_end, prints};
use super::super::param::text;
use super::super::{
    Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values, printed,
};
use crate::log::{Event, Scene};
use crate::sync::Lock;
use crate::world::World;

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "abba",
        text("Opposite orders", "相反的顺序"),
        text("A circle of waiting can close.", "等待可以连成一个圈。"),
    ),
    Choice::new(
        "ordered",
        text("The same order", "相同的顺序"),
        text(
            "Whoever has the first lock gets the second: no circle can close.",
            "拿到第一把锁的一定能拿到第二把：连不成圈。",
        ),
    ),
    Choice::new(
        "timeout",
        text("Give up and try again", "超时放手再试"),
        text(
            "Whoever waits too long gives its first lock back and sleeps a while. With equal \
             patience, or none, both can do so for ever.",
            "等得太久就放开第一把锁，睡一会儿再来。若两人的耐心相同，或都没有耐心，可能永远重复。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=abba", &["deadlock"]),
    ("variant=abba&hold=0", &["both|both", "deadlock"]),
    ("variant=ordered", &["both|both"]),
    ("variant=timeout", &["both|both"]),
];

/// The AB–BA deadlock.
pub static LESSON: Lesson = Lesson {
    id: "abba-deadlock",
    family: Family::Classics,
    place: 30,
    title: text("The AB–BA deadlock", "AB–BA 死锁"),
    summary: text(
        "One takes lock a then b, the other b then a: each holds what the other waits for. The \
         same order for both, or giving up after a while, cures it.",
        "一个先 a 后 b，另一个先 b 后 a：各自拿着对方要的锁。统一顺序，或者等一会儿就放手，\
         都能解决。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::millis("hold", text("Between the locks", "两次加锁之间"), [0, 50], 50),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[],
    words: &[],
    property: Property {
        text: text("both get both locks", "两个线程都能拿到两把锁"),
        broken_at: |_, log| {
            let n_held = |(idx, event): (usize, &Event)| {
                Scene::of(&log.events[..idx]).actors[event.actor.idx()].held.len()
            };
            at_the_end(log, !prints(log).map(n_held).eq([2, 2]))
        },
    },
    challenge: Some(Challenge {
        start: "abba-deadlock?variant=abba&time=free",
        mend: "variant",
        to_break: [
            text("Each must hold what the other waits for.", "要让每一个都拿着对方在等的锁。"),
            text("Let both take their first lock.", "让两个线程都拿到自己的第一把锁。"),
        ],
        to_mend: text(
            "No circle can close if all climb the same ladder; and to try again for ever is no end.",
            "大家按同一个次序来，就连不成圈；而永远重试也不算结束。",
        ),
    }),
    file: file!(),
    outcome: printed,
    start,
};

fn start<W: World>(values: &Values, world: &W) {
    let (variant, hold) = (values.variant(), values.millis("hold"));
    let a = Arc::new(Lock::new(world, "a", 0));
    let b = Arc::new(Lock::new(world, "b", 0));
    let left = (a.clone(), b.clone(), 2 * hold);
    // The same order for everybody: no circle of waiting can close.
    let right = if variant == "ordered" { (a, b, 4 * hold) } else { (b, a, 4 * hold) };
    for (idx, (first, second, patience)) in [(0, left), (1, right)] {
        world.spawn("worker", idx, move |w| async move {
            match variant {
                "timeout" => work_or_back_off(&w, &first, &second, hold, patience).await,
                _ => work(&w, &first, &second, hold).await,
            }
        });
    }
}

async fn work<W: World>(w: &W, first: &Lock<W>, second: &Lock<W>, hold: Duration) {
    let one = first.acquire(w).await; //: take-first
    w.sleep(hold).await; //: hold
    let two = second.acquire(w).await; //: take-second
    w.print("both", 0).await; //: print
    two.release().await; //: give-second
    one.release().await; //: give-first
}

async fn work_or_back_off<W: World>(
    w: &W,
    first: &Lock<W>,
    second: &Lock<W>,
    hold: Duration,
    patience: Duration,
) {
    let (one, two) = loop {
        let one = first.acquire(w).await; //: try-first
        w.sleep(hold).await; //: try-hold
        let two = second.acquire_timeout(w, patience).await; //: try-second
        if let Some(two) = two {
            break (one, two);
        }
        one.release().await; //: give-up
        // Without a pause it could have its first lock back before the other one gets it.
        w.sleep(patience).await; //: back-off
    };
    w.print("both", 0).await; //: try-print
    two.release().await; //: try-give-second
    one.release().await; //: try-give-first
}
