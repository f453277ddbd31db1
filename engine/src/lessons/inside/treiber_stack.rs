//! A stack without a lock: look at the top, and change it if it is still the same.

use std::sync::Arc;

use super::super::atom::Atom;
use super::super::facts::prints;
use super::super::param::text;
use super::super::{
    Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values, printed,
};
use crate::log::{EventKind, Log};
use crate::world::{Note, ObjectKind, World};

static VARIANTS: [Choice; 2] = [
    Choice::new(
        "tagged",
        text("A top with a tag", "带标签的栈顶"),
        text(
            "Every change gives the top another tag, so an old top never looks like the present one.",
            "每次修改都换一个标签，旧的栈顶再也不会看上去和现在的一样。",
        ),
    ),
    Choice::new(
        "aba",
        text("Only the node", "只比较节点"),
        text(
            "Another takes nodes A and B and puts A back: the top is A as before, but what was behind \
             it is not.",
            "别人取走节点 A 和 B，再把 A 放回：栈顶和先前一样是 A，它后面却不再是原来的节点。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=tagged", &["nodes 3"]),
    ("variant=tagged&actors=4&rounds=3", &["nodes 3"]),
    // Nodes are lost, or form a circle.
    ("variant=aba", &["nodes 2", "nodes 3", "nodes 4"]),
];

/// The Treiber stack.
///
/// Source: R. Kent Treiber, "Systems programming: coping with parallelism", IBM Research Report
/// RJ 5118 (1986); the tag is that of the System/370 Principles of Operation.
pub static LESSON: Lesson = Lesson {
    id: "treiber-stack",
    family: Family::Inside,
    place: 90,
    title: text("The Treiber stack", "Treiber 栈"),
    summary: text(
        "A stack without a lock. Everybody takes two nodes and puts them back. Whoever only asks \
         \"is the top still A?\" is deceived when A was away meanwhile: the ABA problem.",
        "不用锁的栈。每人取两个节点再放回去。如果只问“栈顶还是 A 吗”，A 中途离开过又回来，\
         就会受骗：这就是 ABA 问题。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("actors", text("Actors", "线程数"), [2, 5], 2),
        Param::number("nodes", text("Nodes", "节点数"), [2, 8], 3),
        Param::number("rounds", text("Rounds each", "每个线程几轮"), [1, 10], 1),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[
        text("next", "后继"),
        text("node", "节点"),
        text("through", "已完成数"),
        text("top", "栈顶"),
    ],
    words: &[],
    property: Property {
        text: text(
            "no node is in two hands, and in the end all are on the stack",
            "没有节点同时在两个人手里，最后所有节点都在栈上",
        ),
        broken_at: |values, log| {
            let nodes = values.number("nodes");
            let wrong = prints(log).find(|(_, event)| event.value != nodes).map(|(idx, _)| idx);
            first_in_two_hands(log).or(wrong)
        },
    },
    challenge: Some(Challenge {
        start: "treiber-stack?variant=aba&nodes=2&time=free",
        mend: "variant",
        to_break: [
            text(
                "The same node on top does not mean the same stack.",
                "栈顶是同一个节点，不等于还是同一个栈。",
            ),
            text(
                "Stop one before it replaces the top. Let the other take both nodes and put back only \
                 the one that was on top.",
                "让一个停在替换栈顶之前。让另一个取走两个节点，只放回原来在栈顶的那个。",
            ),
        ],
        to_mend: text(
            "An old top must never look like the present one.",
            "旧的栈顶绝不能看上去和现在的一样。",
        ),
    }),
    file: file!(),
    outcome: printed,
    start,
};

/// The event at which somebody got a node that another had.
fn first_in_two_hands(log: &Log) -> Option<usize> {
    let mut held = Vec::new();
    log.events.iter().position(|event| {
        match event.kind {
            EventKind::Got if held.contains(&event.object) => return true,
            EventKind::Got => held.push(event.object),
            EventKind::GaveBack => held.retain(|object| *object != event.object),
            _ => {}
        }
        false
    })
}

/// No node; the others are counted from 1.
const NONE: u32 = 0;

/// The top is a node and a tag times this.
const TAG: u32 = 100;

struct Stack<W: World> {
    top: Atom<W>,
    /// What is behind each node.
    next: Vec<Atom<W>>,
    /// The nodes as things that one holds.
    nodes: Vec<W::Object>,
    /// How many actors are through.
    through: Atom<W>,
    is_tagged: bool,
}

fn start<W: World>(values: &Values, world: &W) {
    let (actors, rounds) = (values.number("actors"), values.number("rounds"));
    let n_nodes = values.number("nodes") as u16;
    let next = |node| if node == n_nodes { NONE } else { u32::from(node) + 1 };
    let stack = Arc::new(Stack {
        top: Atom::new(world, "top", 0, 1),
        next: (1..=n_nodes).map(|node| Atom::new(world, "next", node, next(node))).collect(),
        nodes: (1..=n_nodes)
            .map(|node| world.register(ObjectKind::Resource, "node", node))
            .collect(),
        through: Atom::new(world, "through", 0, 0),
        is_tagged: values.variant() == "tagged",
    });
    world.spawn_alike("worker", actors as u16, move |w| async move {
        for _ in 0..rounds {
            stack.take_two_and_put_them_back(&w).await;
        }
        let n_before = stack.through.fetch_add(&w, 1).await; //: be-through
        if n_before + 1 == actors {
            let count = stack.count(&w).await;
            w.print("nodes {}", count).await; //: print
        }
    });
}

impl<W: World> Stack<W> {
    async fn take_two_and_put_them_back(&self, w: &W) {
        let first = self.pop(w).await;
        let second = self.pop(w).await;
        for node in [first, second] {
            if node != NONE {
                self.push(w, node).await;
            }
        }
    }

    async fn pop(&self, w: &W) -> u32 {
        loop {
            let top = self.top.look(w).await; //: look
            let node = top % TAG;
            if node == NONE {
                return NONE;
            }
            let next = self.next(node).look(w).await; //: look-behind
            // If the top is not the same any more, what was behind it may not be either.
            if self.replace(w, top, next).await {
                w.note(self.nodes[node as usize - 1], Note::Got);
                return node;
            }
        }
    }

    async fn push(&self, w: &W, node: u32) {
        // Noted before it is done: whoever gets it next notes it after this.
        w.note(self.nodes[node as usize - 1], Note::GaveBack);
        loop {
            let top = self.top.look(w).await; //: look-to-push
            self.next(node).store(w, top % TAG).await; //: link
            if self.replace(w, top, node).await {
                return;
            }
        }
    }

    async fn replace(&self, w: &W, top: u32, node: u32) -> bool {
        let tag = if self.is_tagged { top / TAG + 1 } else { 0 };
        self.top.exchange(w, top, tag * TAG + node).await //: replace
    }

    fn next(&self, node: u32) -> &Atom<W> {
        &self.next[node as usize - 1]
    }

    /// How many nodes are on the stack; one more than there are, if they form a circle.
    async fn count(&self, w: &W) -> u32 {
        let mut n = 0;
        let top = self.top.look(w).await; //: count-from-top
        let mut node = top % TAG;
        while node != NONE && n as usize <= self.next.len() {
            node = self.next(node).look(w).await; //: count
            n += 1;
        }
        n
    }
}
