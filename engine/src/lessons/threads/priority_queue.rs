//! A priority queue gives the lowest number first, and among equals who came first.

use std::sync::Arc;

use super::super::facts::events_of;
use super::super::param::text;
use super::super::{Allowed, Family, Lesson, Picture, Property, Values, printed};
use crate::log::EventKind;
use crate::queue::Priority;
use crate::thread::Thread;
use crate::world::World;

/// What it prints.
pub static ALLOWED: &[Allowed] = &[("", &["sleep|life|work|drink"])];

/// The priority queue.
pub static LESSON: Lesson = Lesson {
    id: "priority-queue",
    family: Family::Threads,
    place: 150,
    title: text("A priority queue", "优先级队列"),
    summary: text(
        "The lowest number first, and first come first served among equals. In Python that takes a \
         number of arrival: it compares whole tuples, and \"drink\" would come before \"work\".",
        "数字最小的先出；优先级相同的先到先出。Python 比较整个元组，要加上到达序号才行，\
         否则 drink 会排在 work 前面。",
    ),
    params: &[],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("wishes", "愿望")],
    words: &["work", "life", "drink", "sleep"],
    property: Property {
        text: text(
            "lower numbers come first, equal ones by their arrival",
            "小的先出，相同的先到先出",
        ),
        broken_at: |_, log| {
            let taken = events_of(log, EventKind::Took, "wishes").zip([3, 1, 0, 2]);
            let mut wrong = taken.filter(|((_, event), wish)| event.value != *wish);
            wrong.next().map(|((idx, _), _)| idx)
        },
    },
    challenge: None,
    file: file!(),
    outcome: printed,
    start,
};

/// Work, life, drink, sleep: each with its priority.
const WISHES: [(i32, u32); 4] = [(1, 0), (-1, 1), (1, 2), (-2, 3)];

fn start<W: World>(_: &Values, world: &W) {
    let wishes = Arc::new(Priority::<W, u32, i32>::new(world, "wishes", 0, None));
    world.spawn("main", 0, move |w| async move {
        for (priority, wish) in WISHES {
            wishes.put(&w, (priority, wish)).await.unwrap(); //: put
        }

        let reader = Thread::new(&w, "reader", 0, move |w: W, _| async move {
            for _ in WISHES {
                let (_, wish) = wishes.get(&w).await.unwrap(); //: get
                w.print("{}", wish).await; //: print
            }
        });
        reader.start(&w).await.unwrap(); //: start
        reader.join(&w).await.unwrap(); //: join
    });
}
