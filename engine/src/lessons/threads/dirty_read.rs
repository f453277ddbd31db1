//! Everybody adds one to x, sleeps, and prints x: not what it made, but what all made.

use std::sync::Arc;

use super::super::facts::prints;
use super::super::param::text;
use super::super::{
    Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values, printed,
};
use crate::sync::{Barrier, Lock};
use crate::world::{Shared, World};

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "sleep",
        text("Sleeps, then looks", "睡一会儿再看"),
        text(
            "By then all have most likely added; nothing promises that.",
            "到那时多半都加完了，但没有任何保证。",
        ),
    ),
    Choice::new(
        "locked",
        text("Looks under the lock", "加锁再看"),
        text(
            "Nobody adds while it looks. Some may not have added yet.",
            "看的时候没有人在加，但可能有人还没加。",
        ),
    ),
    Choice::new(
        "barrier",
        text("Meets at a barrier", "在屏障处会合"),
        text(
            "Nobody passes before everybody has come, and whoever comes has added.",
            "人不到齐谁也过不去，而到的人都已经加过。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=locked", &["10|10|10|10|10|10|10|10|10|10"]),
    ("variant=barrier", &["10|10|10|10|10|10|10|10|10|10"]),
    ("", &["10|10|10|10|10|10|10|10|10|10"]),
    ("actors=1", &["1"]),
];

/// The dirty read.
pub static LESSON: Lesson = Lesson {
    id: "dirty-read",
    family: Family::Threads,
    place: 30,
    title: text("The dirty read", "脏读"),
    summary: text(
        "Everybody adds one to x, sleeps, and prints x: all print the sum of everybody's work, \
         nobody its own number.",
        "每个线程给 x 加一，睡一会儿，再打印 x：打印出来的都是所有线程累加的结果，\
         而不是自己刚写入的值。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("actors", text("Actors", "线程数"), [1, 50], 10).at_most_on_threads(22),
        Param::millis("pause", text("Sleep before printing", "打印前的睡眠"), [1, 1000], 50)
            .only_in(&["sleep", "locked"]),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[],
    words: &[],
    property: Property {
        text: text("everybody prints the number of all actors", "每次打印的都是线程总数"),
        broken_at: |values, log| {
            let all = values.number("actors");
            prints(log).find(|(_, event)| event.value != all).map(|(idx, _)| idx)
        },
    },
    challenge: Some(Challenge {
        start: "dirty-read?actors=2&time=free",
        mend: "variant",
        to_break: [
            text("A sleep waits for nobody.", "睡眠并不是在等别人。"),
            text(
                "Let one go on to its print before the other has stored.",
                "在另一个写入之前，让这一个一路走到打印。",
            ),
        ],
        to_mend: text(
            "It is not enough that nobody adds just now: all must have added.",
            "光保证此刻没人在加还不够：必须所有人都加完。",
        ),
    }),
    file: file!(),
    outcome: printed,
    start,
};

fn start<W: World>(values: &Values, world: &W) {
    let (variant, pause) = (values.variant(), values.millis("pause"));
    let x = Arc::new(Shared::new(world, "x", 0, 0));
    let lock = Arc::new(Lock::new(world, "lock", 0));
    let barrier = || Arc::new(Barrier::new(world, "barrier", 0, values.number("actors")));
    let barrier = (variant == "barrier").then(barrier);
    for idx in 0..values.number("actors") as u16 {
        let (x, lock, barrier) = (x.clone(), lock.clone(), barrier.clone());
        world.spawn("adder", idx, move |w| async move {
            let held = lock.acquire(&w).await; //: take
            let seen = x.load(&w).await; //: load
            x.store(&w, seen + 1).await; //: store
            held.release().await; //: give

            // The lock kept the addition whole. It does not keep x as we left it.
            let seen = match barrier {
                None if variant == "sleep" => {
                    w.sleep(pause).await; //: sleep
                    x.load(&w).await //: look
                }
                None => {
                    w.sleep(pause).await; //: sleep-first
                    let held = lock.acquire(&w).await; //: take-again
                    let seen = x.load(&w).await; //: look-locked
                    held.release().await; //: give-again
                    seen
                }
                Some(barrier) => {
                    barrier.wait(&w).await.unwrap(); //: meet
                    x.load(&w).await //: look-together
                }
            };
            w.print("{}", seen).await; //: print
        });
    }
}
