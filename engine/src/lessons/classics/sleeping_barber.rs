//! A barber sleeps until a customer comes. Who finds no free chair goes away again.

use std::sync::Arc;
use std::time::Duration;

use super::super::facts::{at_the_end, events_of, n_actors, when_all_are_through};
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::log::EventKind;
use crate::queue::Fifo;
use crate::sync::Event;
use crate::world::{Role, World};

static VARIANTS: [Choice; 2] = [
    Choice::new(
        "queue",
        text("A bounded queue", "有界队列"),
        text(
            "The barber waits at the queue itself: looking and falling asleep are one step.",
            "理发师就在队列上等：查看和入睡是同一步。",
        ),
    ),
    Choice::new(
        "nap",
        text("Looks, then naps", "先看后睡"),
        text(
            "A customer who rings between the look and the nap is not heard.",
            "顾客若在“看”与“睡”之间按铃，就没人听见。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=queue", &["served 2|turned away 2", "served 3|turned away 1"]),
    (
        "variant=queue&pause=0",
        &["served 2|turned away 2", "served 3|turned away 1", "served 4|turned away 0"],
    ),
    ("variant=nap", &["served 2|turned away 2", "served 3|turned away 1", "deadlock"]),
];

/// The sleeping barber.
pub static LESSON: Lesson = Lesson {
    id: "sleeping-barber",
    family: Family::Classics,
    place: 10,
    title: text("The sleeping barber", "睡觉的理发师"),
    summary: text(
        "Customers wait on a few chairs or go away; the barber sleeps when there are none. A \
         barber who looks and then dozes off can miss the bell.",
        "顾客坐在几把椅子上等，没有空位就离开；没有顾客时理发师睡觉。先看一眼再打瞌睡的理发师，\
         可能会错过铃声。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("customers", text("Customers", "顾客"), [1, 20], 4),
        Param::number("chairs", text("Chairs", "椅子"), [1, 10], 2),
        Param::millis("pause", text("Time of a haircut", "理发时间"), [0, 200], 50),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[
        text("barber", "理发师"),
        text("bell", "门铃"),
        text("chairs", "椅子"),
        text("customer", "顾客"),
        text("haircut", "理发"),
    ],
    words: &[],
    property: Property {
        text: text(
            "whoever sits down is served, and whoever finds no chair leaves",
            "坐下的都会被服务，没有椅子的会离开",
        ),
        broken_at: |_, log| {
            let n = |kind, name| events_of(log, kind, name).count();
            let n_seated = n(EventKind::Put, "chairs");
            let n_came = n_seated + n(EventKind::GaveUp, "chairs");
            let all_came = n_came == n_actors(log, "customer");
            at_the_end(log, !all_came || n(EventKind::State, "haircut") != n_seated)
        },
    },
    challenge: Some(Challenge {
        start: "sleeping-barber?variant=nap&customers=1&chairs=1&time=free",
        mend: "variant",
        to_break: [
            text("A bell is heard only by one who sleeps already.", "铃声只有已经睡着的人听得见。"),
            text(
                "Let the barber see that nobody is there, and the customer come before he dozes off.",
                "让理发师看到没有人，在他睡着之前让顾客到来。",
            ),
        ],
        to_mend: text("Looking and falling asleep must be one step.", "查看和入睡必须是同一步。"),
    }),
    file: file!(),
    outcome: |_, log| {
        when_all_are_through(log, || {
            let turned_away = events_of(log, EventKind::GaveUp, "chairs").count();
            let served = n_actors(log, "customer") - turned_away;
            vec![format!("served {served}"), format!("turned away {turned_away}")]
        })
    },
    start,
};

struct Shop<W: World> {
    chairs: Fifo<W, u32>,
    bell: Event<W>,
    /// What each customer waits for.
    haircuts: Vec<Event<W>>,
    variant: &'static str,
    pause: Duration,
}

fn start<W: World>(values: &Values, world: &W) {
    let customers = values.number("customers");
    let shop = Arc::new(Shop {
        chairs: Fifo::new(world, "chairs", 0, Some(values.number("chairs"))),
        bell: Event::new(world, "bell", 0),
        haircuts: (0..customers).map(|me| Event::new(world, "haircut", me as u16)).collect(),
        variant: values.variant(),
        pause: values.millis("pause"),
    });
    let here = shop.clone();
    world.spawn_as(Role::Daemon, "barber", 0, move |w| async move { here.barber(&w).await });
    for me in 0..customers {
        let shop = shop.clone();
        world.spawn("customer", me as u16, move |w| async move { shop.customer(&w, me).await });
    }
}

impl<W: World> Shop<W> {
    async fn nobody_waits(&self, w: &W) -> bool {
        self.chairs.is_empty(w).await //: look
    }

    async fn next_customer(&self, w: &W) -> u32 {
        if self.variant == "nap" && self.nobody_waits(w).await {
            // A customer who rings just now rings for nobody: the barber is about to forget it.
            w.sleep(self.pause).await; //: yawn
            self.bell.clear(w).await; //: forget
            self.bell.wait(w).await; //: nap
        }
        self.chairs.get(w).await.unwrap() //: call
    }

    async fn barber(&self, w: &W) {
        loop {
            let customer = self.next_customer(w).await;
            w.sleep(self.pause).await; //: cut
            self.haircuts[customer as usize].set(w).await; //: finish
        }
    }

    async fn customer(&self, w: &W, me: u32) {
        let seat = self.chairs.try_put(w, me).await; //: sit-down
        if seat.is_ok() {
            self.bell.set(w).await; //: ring
            self.haircuts[me as usize].wait(w).await; //: wait
        }
    }
}
