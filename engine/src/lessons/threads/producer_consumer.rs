//! Producers put items into a buffer that has an end; consumers take them out.

use std::sync::Arc;

use super::super::facts::{at_the_end, events_of, when_all_are_through};
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::log::{EventKind, Log};
use crate::queue::Deque;
use crate::sync::{Condition, Lock};
use crate::world::World;

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "one",
        text("One condition, notify_all", "一个条件变量，全部叫醒"),
        text(
            "Everybody is woken and looks again; most of them in vain.",
            "每次叫醒所有人再检查，多半白醒一趟。",
        ),
    ),
    Choice::new(
        "two",
        text("Two conditions, notify", "两个条件变量，只叫醒一个"),
        text(
            "Everybody who waits at a condition can use what it tells.",
            "在同一个条件变量上等的人，谁被叫醒都有用。",
        ),
    ),
    Choice::new(
        "hang",
        text("One condition, notify", "一个条件变量，只叫醒一个"),
        text(
            "The call may reach a producer when only a consumer could go on; with few places all \
             wait for ever.",
            "可能叫醒了生产者，而只有消费者才能继续；位置少时，大家会永远等下去。",
        ),
    ),
];

/// The event of taking an item before an earlier one of the same producer.
fn out_of_order(log: &Log) -> Option<usize> {
    let mut received = events_of(log, EventKind::Took, "buffer");
    let mut next = [0; 10];
    let mut is_early = |item: u32| {
        let next = &mut next[(item / BY_PRODUCER) as usize % 10];
        *next += 1;
        item % BY_PRODUCER != *next - 1
    };
    received.find(|(_, event)| is_early(event.value)).map(|(idx, _)| idx)
}

/// Item `n` of producer `p` is called `p * BY_PRODUCER + n`.
const BY_PRODUCER: u32 = 100;

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=one", &["received 16|in order"]),
    ("variant=one&capacity=1&consumers=3", &["received 16|in order"]),
    ("variant=two", &["received 16|in order"]),
    ("variant=two&capacity=1&consumers=3", &["received 16|in order"]),
    ("variant=hang", &["received 16|in order"]),
    ("variant=hang&capacity=1", &["received 16|in order", "deadlock"]),
];

/// Producers and consumers.
pub static LESSON: Lesson = Lesson {
    id: "producer-consumer",
    family: Family::Threads,
    place: 70,
    title: text("Producers and consumers", "生产者与消费者"),
    summary: text(
        "Nothing gets lost and each producer's order is kept. With one condition for both sides \
         and notify(1), the call may reach the wrong side and all wait for ever.",
        "什么也不会丢，每个生产者的顺序也不会乱。若两边共用一个条件变量而每次只 notify(1)，\
         可能叫错了人，大家就永远等下去。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("producers", text("Producers", "生产者"), [1, 10], 2),
        Param::number("consumers", text("Consumers", "消费者"), [1, 10], 1),
        Param::number("capacity", text("Places", "容量"), [1, 100], 10),
        Param::number("items", text("Items from each producer", "每个生产者的产品数"), [1, 60], 8),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("buffer", "缓冲区")],
    words: &[],
    property: Property {
        text: text(
            "whatever is put in is taken out once, and in each producer's order",
            "放入的都恰好取出一次，每个生产者的先后不变",
        ),
        broken_at: |values, log| {
            out_of_order(log).or_else(|| {
                let all = values.number("producers") * values.number("items");
                let received = events_of(log, EventKind::Took, "buffer").count();
                at_the_end(log, received != all as usize)
            })
        },
    },
    challenge: Some(Challenge {
        start: "producer-consumer?variant=hang&producers=2&consumers=2&capacity=1&items=1&time=free",
        mend: "variant",
        to_break: [
            text("A call that reaches the wrong one is lost.", "叫错了人，这一声就白叫了。"),
            text(
                "Let both consumers wait, then both producers come: the call of one consumer must \
                 reach the other consumer.",
                "先让两个消费者都等着，再让两个生产者来：要让一个消费者的通知落到另一个消费者身上。",
            ),
        ],
        to_mend: text(
            "Either everybody is called, or those who are called can all use the news.",
            "要么把所有人都叫醒，要么保证被叫醒的人都用得上这个消息。",
        ),
    }),
    file: file!(),
    outcome: |_, log| {
        when_all_are_through(log, || {
            let received = events_of(log, EventKind::Took, "buffer").count();
            let order = if out_of_order(log).is_none() { "in order" } else { "out of order" };
            vec![format!("received {received}"), order.to_owned()]
        })
    },
    start,
};

struct Market<W: World> {
    lock: Arc<Lock<W>>,
    not_empty: Arc<Condition<W>>,
    not_full: Arc<Condition<W>>,
    buffer: Deque<W, u32>,
    variant: &'static str,
    capacity: u32,
}

fn start<W: World>(values: &Values, world: &W) {
    let [producers, consumers, items] =
        ["producers", "consumers", "items"].map(|id| values.number(id));
    let (variant, lock) = (values.variant(), Arc::new(Lock::new(world, "lock", 0)));
    let condition = |name| Arc::new(Condition::new(world, name, 0, lock.clone()));
    let not_empty = condition(if variant == "two" { "not empty" } else { "changed" });
    let market = Arc::new(Market {
        not_full: if variant == "two" { condition("not full") } else { not_empty.clone() },
        not_empty,
        lock,
        buffer: Deque::new(world, "buffer", 0, None),
        variant,
        capacity: values.number("capacity"),
    });
    for me in 0..consumers {
        let market = market.clone();
        // An even share of all items.
        let n = (me..producers * items).step_by(consumers as usize).count();
        world.spawn("consumer", me as u16, move |w| async move { market.consume(&w, n).await });
    }
    for me in 0..producers {
        let market = market.clone();
        world.spawn("producer", me as u16, move |w| async move {
            market.produce(&w, me, items).await;
        });
    }
}

impl<W: World> Market<W> {
    async fn wake(&self, w: &W, condition: &Condition<W>) {
        if self.variant == "one" {
            condition.notify_all(w).await.unwrap(); //: notify-all
        } else {
            // With two conditions, everybody who waits here can use the news. With one, the single
            // call may reach a producer when only a consumer could go on: variant "hang".
            condition.notify(w, 1).await.unwrap(); //: notify
        }
    }

    async fn is_full(&self, w: &W) -> bool {
        self.buffer.len(w).await == self.capacity //: look-full
    }

    async fn is_empty(&self, w: &W) -> bool {
        self.buffer.is_empty(w).await //: look-empty
    }

    async fn produce(&self, w: &W, me: u32, items: u32) {
        for number in 0..items {
            let held = self.lock.acquire(w).await; //: take-put
            while self.is_full(w).await {
                self.not_full.wait(w).await.unwrap(); //: wait-full
            }
            self.buffer.put_back(w, me * BY_PRODUCER + number).await.unwrap(); //: put
            self.wake(w, &self.not_empty).await;
            held.release().await; //: give-put
        }
    }

    async fn consume(&self, w: &W, n: usize) {
        for _ in 0..n {
            let held = self.lock.acquire(w).await; //: take-get
            while self.is_empty(w).await {
                self.not_empty.wait(w).await.unwrap(); //: wait-empty
            }
            self.buffer.get_front(w).await.unwrap(); //: get
            self.wake(w, &self.not_full).await;
            held.release().await; //: give-get
        }
    }
}
