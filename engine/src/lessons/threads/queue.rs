//! A queue with five places blocks, refuses, keeps count of unfinished work, and shuts down.

use std::sync::Arc;
use std::time::Duration;

use super::super::facts::{at_the_end, prints};
use super::super::param::text;
use super::super::{Allowed, Choice, Family, Lesson, Param, Picture, Property, Values, printed};
use crate::queue::{Fifo, GetError, PutError};
use crate::thread::Thread;
use crate::world::World;

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "timeouts",
        text("Full and empty", "满与空"),
        text(
            "Whoever puts too much or gets too much waits, for a while or not at all.",
            "放得太多或取得太多都要等：等一会儿，或者完全不等。",
        ),
    ),
    Choice::new(
        "join",
        text("Task done and join", "完成与等待"),
        text(
            "A join waits until every item that was put in is said to be done.",
            "join 一直等到放入的每一项都被报告为完成。",
        ),
    ),
    Choice::new(
        "shutdown",
        text("Shutdown (Python 3.13)", "关闭（Python 3.13）"),
        text(
            "Nothing more goes in; what is inside still comes out.",
            "不能再放入，但里面剩下的仍能取出。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=timeouts", &["size 5, full True|Full|Full|size 0, empty True|Empty|Empty"]),
    ("variant=join", &["item 0|item 1|item 2|all done|ValueError"]),
    ("variant=join&capacity=1", &["item 0|item 1|item 2|all done|ValueError"]),
    ("variant=shutdown", &["item 0|item 1|item 2|get: ShutDown|put: ShutDown"]),
    ("variant=shutdown&capacity=1", &["item 0|item 1|item 2|get: ShutDown|put: ShutDown"]),
];

/// The queue.
pub static LESSON: Lesson = Lesson {
    id: "queue",
    family: Family::Threads,
    place: 140,
    title: text("A queue", "队列"),
    summary: text(
        "Five places: a put too many gives Full, a get too many gives Empty; join waits until \
         every item is done; after a shutdown, what is inside still comes out.",
        "五个位置：多放一个得到 Full，多取一个得到 Empty；join 等到每一项都做完；\
         关闭之后，里面剩下的仍能取出。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("capacity", text("Places", "容量"), [1, 20], 5),
        Param::number("items", text("Items", "项数"), [1, 20], 3).only_in(&["join", "shutdown"]),
        Param::millis("patience", text("Timeout", "超时"), [1, 1000], 50).only_in(&["timeouts"]),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("items", "物品")],
    words: &[],
    property: Property {
        text: text(
            "join returns when all is done, and whoever asks for too much is refused",
            "全部完成 join 才返回；要求过多会被拒绝",
        ),
        broken_at: |values, log| {
            let refusals = match values.variant() {
                "timeouts" => &["Full", "Full", "Empty", "Empty"][..],
                "join" => &["ValueError"],
                _ => &["get: ShutDown", "put: ShutDown"],
            };
            let (mut refusals, mut n_items) = (refusals.iter(), 0);
            let untrue = prints(log).find(|(_, event)| match log.names.text(event.place) {
                "item {}" => {
                    n_items += 1;
                    false
                }
                "all done" => n_items < values.number("items"),
                text => !text.starts_with("size") && refusals.next() != Some(&text),
            });
            let untrue = untrue.map(|(idx, _)| idx);
            untrue.or_else(|| at_the_end(log, refusals.next().is_some()))
        },
    },
    challenge: None,
    file: file!(),
    outcome: printed,
    start,
};

fn start<W: World>(values: &Values, world: &W) {
    let (variant, patience) = (values.variant(), values.millis("patience"));
    let (capacity, n) = (values.number("capacity"), values.number("items"));
    let items = Arc::new(Fifo::new(world, "items", 0, Some(capacity)));
    world.spawn("main", 0, move |w| async move {
        match variant {
            "timeouts" => timeouts(&w, &items, capacity, patience).await,
            "join" => join(&w, &items, n).await,
            _ => shutdown(&w, &items, n).await,
        }
    });
}

fn told_put(put: Result<(), PutError<u32>>) -> &'static str {
    match put {
        Ok(()) => "fine",
        Err(PutError::Full(_)) => "Full",
        Err(PutError::ShutDown(_)) => "ShutDown",
    }
}

fn told_get(got: Result<u32, GetError>) -> &'static str {
    match got {
        Ok(_) => "fine",
        Err(GetError::Empty) => "Empty",
        Err(GetError::ShutDown) => "ShutDown",
    }
}

const MORE: u32 = 99;

async fn timeouts<W: World>(w: &W, items: &Fifo<W, u32>, capacity: u32, patience: Duration) {
    for number in 0..capacity {
        items.put(w, number).await.unwrap(); //: fill
    }
    let told = |full| if full { "size {}, full True" } else { "size {}, full False" };
    w.print(told(items.is_full(w).await), items.len(w).await).await; //: look-full
    w.print(told_put(items.put_timeout(w, MORE, patience).await), 0).await; //: put-timeout
    w.print(told_put(items.try_put(w, MORE).await), 0).await; //: put-nowait
    for _ in 0..capacity {
        items.get(w).await.unwrap(); //: drain
    }
    let told = |empty| if empty { "size {}, empty True" } else { "size {}, empty False" };
    w.print(told(items.is_empty(w).await), items.len(w).await).await; //: look-empty
    w.print(told_get(items.get_timeout(w, patience).await), 0).await; //: get-timeout
    w.print(told_get(items.try_get(w).await), 0).await; //: get-nowait
}

async fn join<W: World>(w: &W, items: &Arc<Fifo<W, u32>>, n: u32) {
    let queue = items.clone();
    let worker = Thread::new(w, "worker", 0, move |w: W, _| async move {
        for _ in 0..n {
            w.print("item {}", queue.get(&w).await.unwrap()).await; //: get
            queue.task_done(&w).await.unwrap(); //: done
        }
    });
    worker.start(w).await.unwrap(); //: start
    for number in 0..n {
        items.put(w, number).await.unwrap(); //: put
    }
    items.join(w).await; //: join
    w.print("all done", 0).await; //: print-done
    let extra = items.task_done(w).await; //: done-extra
    if extra.is_err() {
        w.print("ValueError", 0).await; //: refused
    }
}

async fn shutdown<W: World>(w: &W, items: &Arc<Fifo<W, u32>>, n: u32) {
    let queue = items.clone();
    let worker = Thread::new(w, "worker", 0, move |w: W, _| async move {
        loop {
            let item = queue.get(&w).await; //: get-until
            let Ok(item) = item else { break };
            w.print("item {}", item).await; //: print-until
        }
        // Only when the queue is empty, too.
        w.print("get: ShutDown", 0).await; //: get-shutdown
    });
    worker.start(w).await.unwrap(); //: start-until
    for number in 0..n {
        items.put(w, number).await.unwrap(); //: put-until
    }
    items.shutdown(w, false).await; //: shutdown
    worker.join(w).await.unwrap(); //: join-worker
    let late = items.put(w, MORE).await; //: put-late
    if late.is_err() {
        w.print("put: ShutDown", 0).await; //: put-shutdown
    }
}
