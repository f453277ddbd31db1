//! A stack of plates: the one that was put down last is taken first.

use std::sync::Arc;

use super::super::facts::events_of;
use super::super::param::text;
use super::super::{Allowed, Family, Lesson, Param, Picture, Property, Values, printed};
use crate::log::EventKind;
use crate::queue::Lifo;
use crate::thread::Thread;
use crate::world::World;

/// What it prints.
pub static ALLOWED: &[Allowed] = &[("", &["plate 2|plate 1|plate 0"])];

/// The stack.
pub static LESSON: Lesson = Lesson {
    id: "lifo-queue",
    family: Family::Threads,
    place: 160,
    title: text("A stack", "栈（后进先出队列）"),
    summary: text("Last in, first out.", "后进先出。"),
    params: &[Param::number("items", text("Plates", "盘子"), [1, 20], 3)],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("washer", "洗碗工")],
    words: &[],
    property: Property {
        text: text("what went in last comes out first", "最后放入的最先取出"),
        broken_at: |values, log| {
            let plates = (0..values.number("items")).rev();
            let taken = events_of(log, EventKind::Took, "stack").zip(plates);
            let mut wrong = taken.filter(|((_, event), plate)| event.value != *plate);
            wrong.next().map(|((idx, _), _)| idx)
        },
    },
    challenge: None,
    file: file!(),
    outcome: printed,
    start,
};

fn start<W: World>(values: &Values, world: &W) {
    let items = values.number("items");
    let stack = Arc::new(Lifo::new(world, "stack", 0, None));
    world.spawn("main", 0, move |w| async move {
        for plate in 0..items {
            stack.put(&w, plate).await.unwrap(); //: put
        }

        let washer = Thread::new(&w, "washer", 0, move |w: W, _| async move {
            for _ in 0..items {
                let plate = stack.get(&w).await.unwrap(); //: get
                w.print("plate {}", plate).await; //: print
            }
        });
        washer.start(&w).await.unwrap(); //: start
        washer.join(&w).await.unwrap(); //: join
    });
}
