//! Readers share, writers are alone. Who goes first when both are waiting?

use std::sync::Arc;

use super::super::facts::{events_of, when_all_are_through};
use super::super::param::text;
use super::super::{Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values};
use crate::log::{Event, EventKind, Log};
use crate::sync::{Precedence, ReadersWriter};
use crate::world::{ActorId, World};

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "readers-first",
        text("Readers first", "读者优先"),
        text(
            "While somebody reads, others may join; a writer can wait for ever.",
            "有人在读时别的读者可以加入；写者可能永远等下去。",
        ),
    ),
    Choice::new(
        "writers-first",
        text("Writers first", "写者优先"),
        text(
            "Readers wait as long as any writer does; a reader can wait for ever.",
            "只要有写者在等，读者就得等；读者可能永远等下去。",
        ),
    ),
    Choice::new(
        "fair",
        text("By arrival", "按到达顺序"),
        text("Whoever came first goes first.", "先到的先进。"),
    ),
];

fn is_writer(log: &Log, actor: ActorId) -> bool {
    log.names.actor(actor).name == "writer"
}

/// The event at which a writer was inside together with somebody else.
fn not_alone(log: &Log) -> Option<usize> {
    let mut inside: Vec<ActorId> = Vec::new();
    log.events.iter().position(|event| {
        match event.kind {
            EventKind::Got => inside.push(event.actor),
            EventKind::GaveBack => inside.retain(|actor| *actor != event.actor),
            _ => {}
        }
        inside.len() > 1 && inside.iter().any(|actor| is_writer(log, *actor))
    })
}

/// Who was overtaken by a later one of the other kind, and the event at which that one went in; as
/// often as it happened. Whoever finds the door shut or goes in has come; before that nobody can know.
fn overtaken(log: &Log) -> Vec<(ActorId, usize)> {
    let mut came: Vec<ActorId> = Vec::new();
    for Event { kind, actor, .. } in &log.events {
        if matches!(kind, EventKind::Blocked | EventKind::Got) && !came.contains(actor) {
            came.push(*actor);
        }
    }
    let entered: Vec<_> = events_of(log, EventKind::Got, "room").collect();
    let entry = |who| entered.iter().position(|(_, event)| event.actor == who);
    let mut overtaken = Vec::new();
    for (at, &early) in came.iter().enumerate() {
        for &late in &came[at + 1..] {
            if is_writer(log, early) != is_writer(log, late)
                && let (Some(early_entry), Some(late_entry)) = (entry(early), entry(late))
                && late_entry < early_entry
            {
                overtaken.push((early, entered[late_entry].0));
            }
        }
    }
    overtaken
}

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=readers-first", &["order RRRWW|writers overtaken 3|readers overtaken 0"]),
    ("variant=writers-first", &["order RWWRR|writers overtaken 0|readers overtaken 1"]),
    ("variant=fair", &["order RWRWR|writers overtaken 0|readers overtaken 0"]),
];

/// Readers and writers.
pub static LESSON: Lesson = Lesson {
    id: "readers-writer",
    family: Family::Threads,
    place: 120,
    title: text("Readers and writers", "读者与写者"),
    summary: text(
        "Readers share, a writer is alone. Three rules for who goes first: with readers first \
         writers may starve, with writers first readers may, by order of arrival nobody does. The \
         Python listing shows how such a lock is made of a condition.",
        "读者可以同时读，写者必须独占。谁优先有三种规则：读者优先会饿死写者，\
         写者优先会饿死读者，按到达顺序则谁也不会饿死。Python 版展示怎样用条件变量做出这种锁。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("readers", text("Readers", "读者"), [1, 20], 3).at_most_on_threads(11),
        Param::number("writers", text("Writers", "写者"), [1, 20], 2).at_most_on_threads(11),
        Param::millis("pause", text("Between two arrivals", "到达间隔"), [1, 200], 40),
        Param::millis("hold", text("Time inside", "停留时间"), [1, 1000], 100),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("room", "房间")],
    words: &[],
    property: Property {
        text: text(
            "a writer is alone, and nobody is overtaken by a later one of the other kind",
            "写者独占，而且没有人被后来的另一类人超越",
        ),
        broken_at: |_, log| not_alone(log).or_else(|| overtaken(log).first().map(|(_, idx)| *idx)),
    },
    challenge: Some(Challenge {
        start: "readers-writer?variant=readers-first&readers=2&writers=1&pause=50&hold=100",
        mend: "variant",
        to_break: [
            text("A writer comes between two readers.", "写者来在两个读者之间。"),
            text(
                "When the first reader is about to leave and the second has come, who goes first?",
                "第一个读者要走、第二个读者刚到的时候，该让谁先走？",
            ),
        ],
        to_mend: text(
            "A reader who comes later must wait behind the writer.",
            "后来的读者必须排在写者后面。",
        ),
    }),
    file: file!(),
    outcome: |_, log| {
        when_all_are_through(log, || {
            let entered = events_of(log, EventKind::Got, "room");
            let letter = |actor| if is_writer(log, actor) { 'W' } else { 'R' };
            let order: String = entered.map(|(_, event)| letter(event.actor)).collect();
            let (writers, readers): (Vec<_>, Vec<_>) =
                overtaken(log).into_iter().partition(|(whom, _)| is_writer(log, *whom));
            vec![
                format!("order {order}"),
                format!("writers overtaken {}", writers.len()),
                format!("readers overtaken {}", readers.len()),
            ]
        })
    },
    start,
};

fn start<W: World>(values: &Values, world: &W) {
    let (pause, hold) = (values.millis("pause"), values.millis("hold"));
    let precedence = match values.variant() {
        "readers-first" => Precedence::ReadersFirst,
        "writers-first" => Precedence::WritersFirst,
        _ => Precedence::Fair,
    };
    let room = Arc::new(ReadersWriter::new(world, "room", 0, precedence));
    // They come by turns: a reader, a writer, a reader …
    for idx in 0..values.number("readers") {
        let room = room.clone();
        world.spawn("reader", idx as u16, move |w| async move {
            w.sleep(2 * idx * pause).await; //: reader-arrives
            let inside = room.read(&w).await; //: enter-reader
            w.sleep(hold).await; //: read
            inside.release().await; //: leave-reader
        });
    }
    for idx in 0..values.number("writers") {
        let room = room.clone();
        world.spawn("writer", idx as u16, move |w| async move {
            w.sleep((2 * idx + 1) * pause).await; //: writer-arrives
            let inside = room.write(&w).await; //: enter-writer
            w.sleep(hold).await; //: write
            inside.release().await; //: leave-writer
        });
    }
}
