//! A queue without a lock: a list with a head and a tail, where the tail may lag behind.

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
        "ms",
        text("Changes only what is as it was", "没变才改"),
        text(
            "Both the link and the head are changed by a compare-exchange; who was too late looks \
             again.",
            "链接和队首都用“比较并交换”来改；晚了一步的就重新看。",
        ),
    ),
    Choice::new(
        "blind-put",
        text("Links without asking", "不问就链接"),
        text(
            "Two link their nodes to the same last one: the second link overwrites the first, whose \
             item is lost.",
            "两个人把节点接到同一个队尾上：后接的覆盖了先接的，那一项就丢了。",
        ),
    ),
    Choice::new(
        "blind-take",
        text("Takes without asking", "不问就取"),
        text(
            "Two look at the same head, and both take the item behind it.",
            "两个人看到同一个队首，都取走了它后面的那一项。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=ms", &["took 1|took 2", "took 2|took 1"]),
    (
        "variant=blind-put",
        &[
            "took 1|took 2",
            "took 2|took 1",
            "took 1|nothing",
            "took 2|nothing",
            "nothing|took 1",
            "nothing|took 2",
        ],
    ),
    ("variant=blind-take", &["took 1|took 2", "took 2|took 1", "took 1|took 1", "took 2|took 2"]),
];

/// The Michael–Scott queue.
///
/// Source: Maged M. Michael, Michael L. Scott, "Simple, fast, and practical non-blocking and blocking
/// concurrent queue algorithms", PODC 1996. Here no node is used twice, so none needs a tag.
pub static LESSON: Lesson = Lesson {
    id: "ms-queue",
    family: Family::Inside,
    place: 100,
    title: text("The Michael–Scott queue", "Michael–Scott 队列"),
    summary: text(
        "A queue without a lock. To put is two steps, linking a node and moving the tail; whoever \
         finds the tail behind helps. Who changes what another has changed loses or doubles an item.",
        "不用锁的队列。放入分两步：接上节点，再移动队尾；谁发现队尾落后就顺手帮一把。\
         若改掉了别人刚改过的地方，就会丢掉一项，或者一项被取两次。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("actors", text("Actors", "线程数"), [2, 5], 2),
        Param::number("rounds", text("Items each", "每个线程几项"), [1, 10], 1),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("head", "队首"), text("next", "后继"), text("tail", "队尾")],
    words: &[],
    property: Property {
        text: text(
            "every item is taken exactly once, and whoever has put one in finds one",
            "每一项恰好被取走一次，放入过的人总能取到一项",
        ),
        broken_at: |_, log| {
            let mut taken = Vec::new();
            let mut is_wrong = |item| {
                let is_wrong = item == NONE || taken.contains(&item);
                taken.push(item);
                is_wrong
            };
            prints(log).find(|(_, event)| is_wrong(event.value)).map(|(idx, _)| idx)
        },
    },
    challenge: Some(Challenge {
        start: "ms-queue?variant=blind-put&time=free",
        mend: "variant",
        to_break: [
            text("Two can find the same last node.", "两个人可能找到同一个队尾。"),
            text(
                "Let both look at the tail before either links its node.",
                "在有人接上节点之前，让两个人都看到队尾。",
            ),
        ],
        to_mend: text(
            "Neither the link nor the head may be changed by one who has not seen it as it is.",
            "无论链接还是队首，都不能由没看到它现状的人来改。",
        ),
    }),
    file: file!(),
    outcome: printed,
    start,
};

/// No node, and the number of the first one, which holds no item and is never behind another.
/// Every other node holds its own number as its item.
const NONE: u32 = 0;

struct Queue<W: World> {
    /// The node before the first item.
    head: Atom<W>,
    /// The last node, or one before it.
    tail: Atom<W>,
    /// What is behind each node.
    next: Vec<Atom<W>>,
    variant: &'static str,
}

fn start<W: World>(values: &Values, world: &W) {
    let (actors, rounds) = (values.number("actors") as u16, values.number("rounds"));
    let queue = Arc::new(Queue {
        head: Atom::new(world, "head", 0, NONE),
        tail: Atom::new(world, "tail", 0, NONE),
        next: Atom::row(world, "next", 0..=actors * rounds as u16, NONE),
        variant: values.variant(),
    });
    for me in 0..actors {
        let queue = queue.clone();
        world.spawn("worker", me, move |w| async move {
            for round in 0..rounds {
                let mine = u32::from(me) * rounds + round + 1;
                queue.put(&w, mine).await;
                let taken = queue.take(&w).await;
                if taken == NONE {
                    w.print("nothing", NONE).await; //: print-nothing
                } else {
                    w.print("took {}", taken).await; //: print
                }
            }
        });
    }
}

impl<W: World> Queue<W> {
    async fn put(&self, w: &W, node: u32) {
        loop {
            let tail = self.tail.look(w).await; //: look-at-tail
            let next = self.next(tail).load(w).await; //: look-behind-tail
            if next != NONE {
                // Somebody has linked a node and not moved the tail yet.
                self.tail.exchange(w, tail, next).await; //: help
            } else if self.link(w, tail, node).await {
                // If this fails, somebody has helped.
                self.tail.exchange(w, tail, node).await; //: move-tail
                return;
            }
        }
    }

    async fn link(&self, w: &W, tail: u32, node: u32) -> bool {
        if self.variant == "blind-put" {
            self.next(tail).store(w, node).await; //: link-blindly
            return true;
        }
        self.next(tail).exchange(w, NONE, node).await //: link
    }

    async fn take(&self, w: &W) -> u32 {
        loop {
            let head = self.head.load(w).await; //: look-at-head
            let tail = self.tail.look(w).await; //: compare-tail
            let first = self.next(head).look(w).await; //: look-behind-head
            if first == NONE {
                return NONE;
            }
            if head == tail {
                // The head must not overtake the tail.
                self.tail.exchange(w, tail, first).await; //: help-to-take
            } else if self.advance(w, head, first).await {
                return first;
            }
        }
    }

    async fn advance(&self, w: &W, head: u32, first: u32) -> bool {
        if self.variant == "blind-take" {
            self.head.store(w, first).await; //: take-blindly
            return true;
        }
        self.head.exchange(w, head, first).await //: take
    }

    fn next(&self, node: u32) -> &Atom<W> {
        &self.next[node as usize]
    }
}
