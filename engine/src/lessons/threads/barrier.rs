//! Walkers meet at a barrier: all of them go on, or none does and everyone is told.

use std::sync::Arc;
use std::time::Duration;

use super::super::facts::{at_the_end, n_actors, n_printed, prints};
use super::super::param::text;
use super::super::{Allowed, Choice, Family, Lesson, Param, Picture, Property, Values, printed};
use crate::sync::Barrier;
use crate::thread::Thread;
use crate::world::World;

static VARIANTS: [Choice; 4] = [
    Choice::new(
        "pass",
        text("All come", "全员到齐"),
        text("The last one opens the gate for all.", "最后到的人为大家开门。"),
    ),
    Choice::new(
        "timeout",
        text("One is missing: a timeout", "缺一人而超时"),
        text(
            "Whoever waits too long breaks the barrier for all.",
            "有人等得太久，屏障就会对所有人失效。",
        ),
    ),
    Choice::new(
        "abort",
        text("One is missing: an abort", "缺一人并中止"),
        text("The barrier is broken and stays so.", "屏障被破坏，并一直如此。"),
    ),
    Choice::new(
        "reset",
        text("One is missing: a reset", "缺一人并重置"),
        text(
            "All who wait are sent away, and the barrier is whole.",
            "正在等的人都被打发走，屏障恢复完好。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=pass", &["open|passed|passed|passed|whole"]),
    ("variant=timeout", &["BrokenBarrierError|BrokenBarrierError|broken"]),
    ("variant=abort", &["BrokenBarrierError|BrokenBarrierError|broken"]),
    ("variant=reset", &["BrokenBarrierError|BrokenBarrierError|whole"]),
];

/// The barrier.
pub static LESSON: Lesson = Lesson {
    id: "barrier",
    family: Family::Threads,
    place: 110,
    title: text("A barrier", "屏障"),
    summary: text(
        "All parties pass together or none does: a timeout or an abort breaks the barrier and \
         everyone waiting is told.",
        "要么全部一起通过，要么谁也不过：超时或中止会破坏屏障，并通知所有等待者。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("parties", text("Parties", "人数"), [2, 50], 3).at_most_on_threads(22),
        Param::millis("pause", text("Until abort or reset", "多久后中止或重置"), [1, 1000], 50)
            .only_in(&["abort", "reset"]),
        Param::millis("patience", text("Timeout of the wait", "等待超时"), [1, 5000], 200)
            .only_in(&["timeout", "abort", "reset"]),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("walker", "步行者")],
    words: &[],
    property: Property {
        text: text("all pass, or none does", "要么都通过，要么都不通过"),
        broken_at: |_, log| {
            let told = prints(log).map(|(idx, event)| (idx, log.names.text(event.place)));
            let is_walker = |text: &str| ["passed", "BrokenBarrierError"].contains(&text);
            let mut told = told.filter(|(_, text)| is_walker(text));
            let first = told.next().map(|(_, text)| text);
            let other = told.find(|(_, text)| Some(*text) != first).map(|(idx, _)| idx);
            let found = ["open", "passed", "BrokenBarrierError"].map(|text| n_printed(log, text));
            let all = n_actors(log, "walker");
            other.or_else(|| at_the_end(log, ![[1, all, 0], [0, 0, all]].contains(&found)))
        },
    },
    challenge: None,
    file: file!(),
    outcome: printed,
    start,
};

fn start<W: World>(values: &Values, world: &W) {
    let (variant, parties) = (values.variant(), values.number("parties"));
    let (pause, patience) = (values.millis("pause"), values.millis("patience"));
    let barrier = Arc::new(Barrier::new(world, "barrier", 0, parties));
    world.spawn("main", 0, move |w| async move {
        // One walker stays at home, except when all shall pass.
        let coming = if variant == "pass" { parties } else { parties - 1 };
        let walker = |idx| {
            let barrier = barrier.clone();
            let body = move |w, _| async move { walk(&w, &barrier, patience).await };
            Thread::new(&w, "walker", idx, body)
        };
        let walkers: Vec<_> = (0..coming as u16).map(walker).collect();
        for walker in &walkers {
            walker.start(&w).await.unwrap(); //: start
        }

        if ["abort", "reset"].contains(&variant) {
            w.sleep(pause).await; //: sleep
        }
        if variant == "abort" {
            barrier.abort(&w).await; //: abort
        }
        if variant == "reset" {
            barrier.reset(&w).await; //: reset
        }

        for walker in &walkers {
            walker.join(&w).await.unwrap(); //: join
        }
        // Broken it stays, until a reset: that sends the waiting away, too, but leaves it whole.
        let told = |is_broken| if is_broken { "broken" } else { "whole" };
        w.print(told(barrier.is_broken(&w).await), 0).await; //: state
    });
}

/// Run once, by the last to arrive, before anybody goes on.
async fn gate<W: World>(w: &W) -> bool {
    w.print("open", 0).await; //: open
    true
}

async fn walk<W: World>(w: &W, barrier: &Barrier<W>, patience: Duration) {
    let met = barrier.wait_timeout_with(w, patience, async || gate(w).await).await; //: wait
    if met.is_ok() {
        w.print("passed", 0).await; //: pass
    } else {
        w.print("BrokenBarrierError", 0).await; //: broken
    }
}
