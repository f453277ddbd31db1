//! A timer calls a function later, on a thread of its own, unless it is cancelled first.

use super::super::facts::{at_the_end, events_of, prints};
use super::super::param::text;
use super::super::{Allowed, Choice, Family, Lesson, Param, Picture, Property, Values, printed};
use crate::log::EventKind;
use crate::thread::Timer;
use crate::world::World;

static VARIANTS: [Choice; 2] = [
    Choice::new(
        "run",
        text("Let it run", "让它运行"),
        text("It rings when its time has come.", "时间一到就响。"),
    ),
    Choice::new(
        "cancel",
        text("Cancel it", "取消它"),
        text("It does not ring, unless that comes too late.", "不会响，除非取消得太晚。"),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=run", &["ring|done"]),
    ("variant=cancel", &["done"]),
    ("variant=cancel&after=150", &["ring|done"]),
    ("variant=cancel&after=100", &["ring|done", "done"]),
];

/// The timer.
pub static LESSON: Lesson = Lesson {
    id: "timer",
    family: Family::Threads,
    place: 100,
    title: text("A timer", "定时器"),
    summary: text(
        "A function is called once, after an interval, on a thread of its own; or never, when the \
         timer is cancelled before.",
        "过一段时间后，在另一个线程里调用一次函数；若在此之前取消，就永远不会调用。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::millis("interval", text("Interval", "时间间隔"), [1, 1000], 100),
        Param::millis("after", text("Cancelled after", "多久后取消"), [1, 1000], 50)
            .only_in(&["cancel"]),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[],
    words: &[],
    property: Property {
        text: text(
            "it rings once, or never when it is cancelled in time",
            "没有及时取消就恰好响一次，否则一次也不响",
        ),
        broken_at: |_, log| {
            let rings = prints(log).filter(|(_, event)| log.names.text(event.place) == "ring");
            let rings: Vec<usize> = rings.map(|(idx, _)| idx).collect();
            let first = |kind| events_of(log, kind, "cancelled").next().map(|(_, event)| event);
            let (cancelled, gave_up) = (first(EventKind::State), first(EventKind::GaveUp));
            // Whoever gives up waiting says so a moment later.
            let is_in_time = cancelled.is_some_and(|cancelled| {
                gave_up.is_none_or(|gave_up| cancelled.time_ns + MOMENT_NS <= gave_up.time_ns)
            });
            let too_many = rings.get(usize::from(!is_in_time)).copied();
            let must_ring = cancelled.is_none() || gave_up.is_some();
            too_many.or_else(|| at_the_end(log, must_ring && rings.is_empty()))
        },
    },
    challenge: None,
    file: file!(),
    outcome: printed,
    start,
};

/// A millisecond, the least by which one of the times here differs from another.
const MOMENT_NS: u64 = 1_000_000;

fn start<W: World>(values: &Values, world: &W) {
    let variant = values.variant();
    let (interval, after) = (values.millis("interval"), values.millis("after"));
    world.spawn("main", 0, move |w| async move {
        let timer = Timer::new(&w, "timer", 0, interval, ring); //: interval
        timer.start(&w).await.unwrap(); //: start

        if variant == "cancel" {
            w.sleep(after).await; //: sleep
            timer.cancel(&w).await; //: cancel
            // No error if it has rung already: cancelling then just comes too late.
        }

        timer.join(&w).await.unwrap(); //: join
        w.print("done", 0).await; //: print
    });
}

async fn ring<W: World>(w: W) {
    w.print("ring", 0).await; //: ring
}
