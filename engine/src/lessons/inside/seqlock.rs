//! Readers take no lock: they look at a version before and after, and read again if it has changed.

use std::sync::Arc;

use super::super::atom::Atom;
use super::super::facts::prints;
use super::super::param::text;
use super::super::{
    Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values, printed,
};
use crate::world::World;

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "seqlock",
        text("Looks before and after", "读前读后各看一次"),
        text(
            "The version is odd while somebody writes; what was read between two equal even \
             versions is whole.",
            "有人在写时版本号是奇数；两次看到同一个偶数版本号，中间读到的就是完整的。",
        ),
    ),
    Choice::new(
        "unchecked",
        text("Looks only before", "只在读前看"),
        text(
            "Nobody writes when the reader begins; the writer comes in between.",
            "读者开始时没有人在写；写者恰好在中途到来。",
        ),
    ),
    Choice::new(
        "uncounted",
        text("Counts only at the end", "写完才改版本号"),
        text(
            "The writer makes no odd version: who reads in the middle of its writing sees no change.",
            "写者不把版本号变成奇数：写到一半时来读的人，看不出任何变化。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=seqlock", &["read 0", "read 1", "read 2"]),
    ("variant=unchecked", &["read 0", "read 1", "read 2", "torn"]),
    ("variant=uncounted", &["read 0", "read 1", "read 2", "torn"]),
];

/// The seqlock.
///
/// Source: Stephen Hemminger's sequence locks in Linux 2.5.59 (2003); on the orderings it needs, see
/// Hans-J. Boehm, "Can seqlocks get along with programming language memory models?", MSPC 2012.
pub static LESSON: Lesson = Lesson {
    id: "seqlock",
    family: Family::Inside,
    place: 80,
    title: text("A seqlock", "顺序锁"),
    summary: text(
        "A writer changes a and b together; readers never stop it. They look at a version before \
         and after, and read again if it has changed: without the second look they see half a write.",
        "写者一起修改 a 和 b，读者从不挡它的路：读前读后各看一次版本号，变了就重读。\
         少看第二次，就会读到只写了一半的数据。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("readers", text("Readers", "读者"), [1, 6], 1),
        Param::number("reads", text("Reads each", "每个读者读几次"), [1, 10], 1),
        Param::number("writes", text("Writes", "写几次"), [1, 10], 2),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("version", "版本号")],
    words: &[],
    property: Property {
        text: text("nobody reads half a write", "没有人读到只写了一半的数据"),
        broken_at: |_, log| {
            let torn = |event: u16| log.names.text(event) == TORN;
            prints(log).find(|(_, event)| torn(event.place)).map(|(idx, _)| idx)
        },
    },
    challenge: Some(Challenge {
        start: "seqlock?variant=unchecked&writes=1&time=free",
        mend: "variant",
        to_break: [
            text("The reader reads a and b, one after the other.", "读者先读 a，再读 b。"),
            text(
                "Let the writer write both between the reader's two reads.",
                "在读者的两次读之间，让写者把两个都写完。",
            ),
        ],
        to_mend: text(
            "The reader must be able to see that somebody wrote meanwhile, or is still writing.",
            "读者要能看出：这期间有人写过，或者还在写。",
        ),
    }),
    file: file!(),
    outcome: printed,
    start,
};

/// What is printed of a pair that no write has made.
const TORN: &str = "torn";

struct Pair<W: World> {
    /// Odd while somebody writes.
    version: Atom<W>,
    a: Atom<W>,
    /// The same as a, if nobody is writing.
    b: Atom<W>,
    variant: &'static str,
}

fn start<W: World>(values: &Values, world: &W) {
    let (reads, writes) = (values.number("reads"), values.number("writes"));
    let pair = Arc::new(Pair {
        version: Atom::new(world, "version", 0, 0),
        a: Atom::new(world, "a", 0, 0),
        b: Atom::new(world, "b", 0, 0),
        variant: values.variant(),
    });
    let here = pair.clone();
    world.spawn("writer", 0, move |w| async move {
        for value in 1..=writes {
            here.write(&w, value).await;
        }
    });
    world.spawn_alike("reader", values.number("readers") as u16, move |w| async move {
        for _ in 0..reads {
            let (a, b) = pair.read(&w).await;
            if a == b {
                w.print("read {}", a).await; //: whole
            } else {
                w.print(TORN, 0).await; //: torn
            }
        }
    });
}

impl<W: World> Pair<W> {
    /// There is one writer only; several would need a lock among themselves.
    async fn write(&self, w: &W, value: u32) {
        if self.variant != "uncounted" {
            self.version.store(w, 2 * value - 1).await; //: begin
        }
        self.a.store(w, value).await; //: write-a
        self.b.store(w, value).await; //: write-b
        self.version.store(w, 2 * value).await; //: end
    }

    async fn read(&self, w: &W) -> (u32, u32) {
        let mut round = 0;
        loop {
            let version = self.version.look(w).await; //: look
            if version % 2 == 1 {
                w.relax(round);
                round += 1;
                continue;
            }
            let a = self.a.load(w).await; //: read-a
            let b = self.b.load(w).await; //: read-b
            if self.variant == "unchecked" || self.is_still(w, version).await {
                return (a, b);
            }
        }
    }

    async fn is_still(&self, w: &W, version: u32) -> bool {
        self.version.look(w).await == version //: look-again
    }
}
