//! Two threads eat a row of sweets, one from each end, until they meet.

use std::sync::{Arc, Mutex};

use super::super::facts::{at_the_end, events_of};
use super::super::param::text;
use super::super::{Allowed, Family, Lesson, Param, Picture, Property, Values, printed};
use crate::log::EventKind;
use crate::queue::Deque;
use crate::thread::Thread;
use crate::world::World;

/// What it prints.
pub static ALLOWED: &[Allowed] = &[(
    "",
    &[
        "row -2 -1 1 2|left -2 -1 1 2|right",
        "row -2 -1 1 2|left -2 -1 1|right 2",
        "row -2 -1 1 2|left -2 -1|right 2 1",
        "row -2 -1 1 2|left -2|right 2 1 -1",
        "row -2 -1 1 2|left|right 2 1 -1 -2",
    ],
)];

/// The deque.
pub static LESSON: Lesson = Lesson {
    id: "deque",
    family: Family::Threads,
    place: 170,
    title: text("A deque: both ends", "双端队列"),
    summary: text(
        "Two threads take sweets from the two ends of a row until they meet: each sweet is taken \
         once.",
        "两个线程从一排糖果的两端拿，直到相遇：每颗糖恰好被拿一次。",
    ),
    params: &[Param::number("items", text("Sweets put at each end", "每端放几颗"), [1, 10], 2)],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("eater", "食客"), text("row", "糖果排")],
    words: &[],
    property: Property {
        text: text("every sweet is taken exactly once", "每颗糖恰好被拿一次"),
        broken_at: |values, log| {
            let mut taken = Vec::new();
            for (idx, event) in events_of(log, EventKind::Took, "row") {
                if taken.contains(&event.value) {
                    return Some(idx);
                }
                taken.push(event.value);
            }
            let is_all = taken.len() == 2 * values.number("items") as usize;
            at_the_end(log, !is_all)
        },
    },
    challenge: None,
    file: file!(),
    outcome: printed,
    start,
};

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

fn start<W: World>(values: &Values, world: &W) {
    let items = values.number("items").cast_signed();
    let row = Arc::new(Deque::new(world, "row", 0, None));
    world.spawn("main", 0, move |w| async move {
        for number in 1..=items {
            row.put_back(&w, number).await.unwrap(); //: append
            row.put_front(&w, -number).await.unwrap(); //: append-left
        }
        let all = (-items..=items).filter(|number| *number != 0).map(i32::cast_unsigned);
        w.print_list("row", 0, all.collect()).await; //: print-row

        let plates = [Side::Left, Side::Right].map(|side| (side, Arc::default()));
        let eaters = plates.clone().map(|(side, mine): (Side, Arc<Mutex<Vec<u32>>>)| {
            let row = row.clone();
            Thread::new(&w, "eater", side as u16, move |w: W, _| async move {
                eat(&w, &row, side, &mine).await;
            })
        });
        for eater in &eaters {
            eater.start(&w).await.unwrap(); //: start
        }
        for eater in &eaters {
            eater.join(&w).await.unwrap(); //: join
        }

        let [left, right] = plates.map(|(_, mine)| std::mem::take(&mut *mine.lock().unwrap()));
        w.print_list("left", 0, left).await; //: print-left
        w.print_list("right", 0, right).await; //: print-right
    });
}

async fn eat<W: World>(w: &W, row: &Deque<W, i32>, side: Side, mine: &Mutex<Vec<u32>>) {
    loop {
        let got = match side {
            Side::Left => row.try_get_front(w).await, //: take-left
            Side::Right => row.try_get_back(w).await, //: take-right
        };
        let Ok(sweet) = got else { return };
        mine.lock().unwrap().push(sweet.cast_unsigned());
    }
}
