//! Hungry people wait for bread. One loaf comes, and some of them are woken.

use std::sync::Arc;
use std::time::Duration;

use super::super::facts::{events_of, last_value, n_actors, when_all_are_through, writes};
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::log::{Event, EventKind, Log};
use crate::sync::{Condition, Lock};
use crate::world::{Act, Shared, World};

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "while",
        text("Looks again", "醒来再检查"),
        text(
            "Whoever is woken looks whether there is bread, and else waits on.",
            "醒来后检查有没有面包，没有就继续等。",
        ),
    ),
    Choice::new(
        "if",
        text("Looks once", "只检查一次"),
        text(
            "Whoever is woken believes that there is bread; a latecomer may have had it.",
            "醒来就以为有面包，其实可能已被后来的人吃掉。",
        ),
    ),
    Choice::new(
        "early",
        text("Notified before the wait", "通知早于等待"),
        text(
            "The baker tells nobody; those who come later wait in vain.",
            "面包师通知时没有人在等，后来的人白等一场。",
        ),
    ),
];

/// How many took a loaf, be it there or not.
fn n_eaten(log: &Log) -> usize {
    let writers = writes(log, "loaves").map(|(_, event)| log.names.actor(event.actor).name);
    writers.filter(|name| *name == "waiter").count()
}

/// Where more or fewer were woken than the baker said: the index of its notify.
fn miscounted(values: &Values, log: &Log) -> Option<usize> {
    let at_bread =
        |event: &Event| log.names.object(event.object).is_some_and(|it| it.name == "bread");
    let (mut notify, mut has_gone_on) = (None, false);
    // Who has waited since before the notify, how many woke up, and how many of those who waited before
    // it left when the baker had gone on.
    let (mut early, mut n_woken, mut n_left_out) = (Vec::new(), 0_u32, 0_u32);
    for (idx, event) in log.events.iter().enumerate() {
        match (event.kind, event.act) {
            (EventKind::Declared, Act::Notify) => notify = Some((idx, event.actor)),
            (EventKind::Declared, Act::Wait | Act::WaitTimeout) if at_bread(event) => {
                n_woken += 1;
                early.retain(|actor| *actor != event.actor);
                early.extend(notify.is_none().then_some(event.actor));
            }
            (EventKind::Declared, _) => {
                has_gone_on |= notify.is_some_and(|(_, baker)| baker == event.actor);
            }
            (EventKind::GaveUp, _) if at_bread(event) => {
                n_woken = n_woken.saturating_sub(1);
                n_left_out += u32::from(has_gone_on && early.contains(&event.actor));
            }
            _ => {}
        }
    }
    let n = values.number("notify");
    let n = if n < values.number("waiters") { n } else { u32::MAX };
    let is_wrong = n_woken > n || n_woken < n && n_left_out > 0;
    notify.filter(|_| is_wrong).map(|(idx, _)| done_at(log, idx))
}

/// The first event of what was declared at this one.
fn done_at(log: &Log, declared: usize) -> usize {
    let by = log.events[declared].actor;
    let later = log.events[declared + 1..].iter().position(|event| event.actor == by);
    declared + later.map_or(0, |later| later + 1)
}

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=while", &["ate 1|gave up 2|loaves 0"]),
    ("variant=while&notify=3", &["ate 1|gave up 2|loaves 0"]),
    ("variant=if", &["ate 1|gave up 2|loaves 0", "ate 2|gave up 1|loaves -1"]),
    ("variant=if&notify=2", &["ate 2|gave up 1|loaves -1", "ate 3|gave up 0|loaves -2"]),
    ("variant=early", &["ate 0|gave up 3|loaves 1"]),
    ("variant=early&notify=3", &["ate 0|gave up 3|loaves 1"]),
];

/// The condition.
pub static LESSON: Lesson = Lesson {
    id: "condition",
    family: Family::Threads,
    place: 60,
    title: text("A condition", "条件变量"),
    summary: text(
        "One loaf comes and some waiters are woken. Whoever looks again after waking is right; \
         whoever does not may eat a loaf that is gone; and a notify before the wait is lost.",
        "来了一个面包，叫醒几个等待者。醒来后再检查一次才对；不检查的可能吃到已经没有的面包；\
         在等待之前发出的通知会丢失。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("waiters", text("Waiters", "等待者"), [1, 10], 3),
        Param::number("notify", text("Waiters woken", "叫醒几个"), [1, 10], 1),
        Param::millis("pause", text("From one event to the next", "事件间隔"), [1, 90], 50),
        Param::millis("patience", text("Until a waiter leaves", "等待多久放弃"), [300, 2000], 400),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[
        text("baker", "面包师"),
        text("bread", "面包"),
        text("loaves", "面包数"),
        text("waiter", "等待者"),
    ],
    words: &[],
    property: Property {
        text: text(
            "as many wake as are told to, the loaf is eaten if anybody stays for it, and no loaf that is \
             not there",
            "叫几个就醒几个；只要还有人在等，面包就会被吃掉；没有人吃到不存在的面包",
        ),
        broken_at: |values, log| {
            let fewer_than_none = writes(log, "loaves").find(|(_, e)| e.value.cast_signed() < 0);
            let in_vain = || {
                let notify = (EventKind::Declared, Act::Notify);
                let is_notify = |event: &Event| (event.kind, event.act) == notify;
                let notify = log.events.iter().position(is_notify).filter(|_| n_eaten(log) == 0)?;
                let done = done_at(log, notify);
                // Whoever left before was not in time, and no notify helps there.
                let mut left = events_of(log, EventKind::GaveUp, "bread");
                left.any(|(idx, _)| idx > done).then_some(done)
            };
            let miscounted = || miscounted(values, log);
            fewer_than_none.map(|(idx, _)| idx).or_else(in_vain).or_else(miscounted)
        },
    },
    challenge: Some(Challenge {
        start: "condition?variant=if&waiters=2",
        mend: "variant",
        to_break: [
            text(
                "There is one loaf, and two who believe in it.",
                "面包只有一个，却有两个人以为有。",
            ),
            text(
                "The late one must get the lock before the one who was woken.",
                "让迟到的人先于被叫醒的人拿到锁。",
            ),
        ],
        to_mend: text(
            "Being woken says that there was bread, not that there is.",
            "被叫醒只说明刚才有面包，不说明现在还有。",
        ),
    }),
    file: file!(),
    outcome: |lesson, log| {
        when_all_are_through(log, || {
            let (eaten, loaves) = (n_eaten(log), last_value(log, "loaves").unwrap_or(0));
            vec![
                format!("ate {eaten}"),
                format!("gave up {}", n_actors(log, "waiter") - eaten),
                format!("loaves {}", lesson.word(loaves)),
            ]
        })
    },
    start,
};

/// A bakery on a morning with one loaf.
struct Bakery<W: World> {
    bread: Condition<W>,
    loaves: Shared<W>,
    variant: &'static str,
    waiters: u16,
    notify: u32,
    pause: Duration,
    patience: Duration,
}

fn start<W: World>(values: &Values, world: &W) {
    let lock = Arc::new(Lock::new(world, "lock", 0));
    let bakery = Arc::new(Bakery {
        bread: Condition::new(world, "bread", 0, lock),
        loaves: Shared::new(world, "loaves", 0, 0),
        variant: values.variant(),
        waiters: values.number("waiters") as u16,
        notify: values.number("notify"),
        pause: values.millis("pause"),
        patience: values.millis("patience"),
    });
    for me in 0..bakery.waiters {
        let bakery = bakery.clone();
        world.spawn("waiter", me, move |w| async move { bakery.waiter(&w, me).await });
    }
    world.spawn("baker", 0, move |w| async move { bakery.baker(&w).await });
}

impl<W: World> Bakery<W> {
    async fn waiter(&self, w: &W, me: u16) {
        if self.variant == "early" {
            w.sleep(self.pause).await; //: oversleep
        } else if me == self.waiters - 1 {
            w.sleep(2 * self.pause).await; //: be-late
        }
        let held = self.bread.lock().acquire(w).await; //: take
        if self.wait_for_bread(w).await {
            let seen = self.loaves.load(w).await; //: load
            self.loaves.store(w, seen.wrapping_sub(1)).await; //: store
        }
        held.release().await; //: give
    }

    async fn wait_for_bread(&self, w: &W) -> bool {
        let (bread, patience) = (&self.bread, self.patience);
        if self.variant == "while" {
            // Looks first, and again after each wake-up.
            let has_bread = || self.has_bread(w);
            return bread.wait_for_timeout(w, patience, has_bread).await.unwrap(); //: wait-for
        }
        if self.variant == "early" || !self.has_bread(w).await {
            // Believes whoever wakes it; by then the late one may have had the loaf.
            return bread.wait_timeout(w, patience).await.unwrap(); //: wait
        }
        true
    }

    async fn has_bread(&self, w: &W) -> bool {
        self.loaves.load(w).await.cast_signed() > 0 //: look
    }

    async fn baker(&self, w: &W) {
        if self.variant != "early" {
            w.sleep(self.pause).await; //: let-them-wait
        }
        let held = self.bread.lock().acquire(w).await; //: bake
        if self.variant != "early" {
            w.sleep(2 * self.pause).await; //: baking
        }
        let seen = self.loaves.load(w).await; //: load-baker
        self.loaves.store(w, seen + 1).await; //: store-baker
        if self.notify < self.waiters.into() {
            self.bread.notify(w, self.notify).await.unwrap(); //: notify
        } else {
            self.bread.notify_all(w).await.unwrap(); //: notify-all
        }
        held.release().await; //: open
    }
}
