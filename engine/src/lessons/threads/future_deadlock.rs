//! Tasks in a pool wait for other tasks. Each worker that waits is one that does not work.

use std::sync::{Arc, Mutex};

use super::super::facts::first_unfinished;
use super::super::param::text;
use super::super::{
    Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values, printed,
};
use crate::pool::{Exception, Executor, Future};
use crate::sync::Event;
use crate::world::World;

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "pair",
        text("Two wait for each other", "两个互相等待"),
        text("However many workers there are: nobody goes on.", "不管有多少线程，谁也走不下去。"),
    ),
    Choice::new(
        "child",
        text("One waits for its child", "等待自己的子任务"),
        text(
            "The only worker waits for a task that nobody is left to do.",
            "唯一的线程在等一个没人能做的任务。",
        ),
    ),
    Choice::new(
        "handed",
        text("Hands its child over", "把子任务交出去"),
        text(
            "The task gives back its child's future; whoever waits for that is no worker.",
            "任务把子任务的 future 作为结果返回；等它的人不占用工作线程。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=pair", &["deadlock"]),
    ("variant=pair&spare=2", &["deadlock"]),
    ("variant=child", &["deadlock"]),
    ("variant=child&spare=1", &["child"]),
    ("variant=handed", &["child"]),
];

/// Futures that wait for futures.
pub static LESSON: Lesson = Lesson {
    id: "future-deadlock",
    family: Family::Threads,
    place: 200,
    title: text("Futures that wait for futures", "互相等待的 future"),
    summary: text(
        "Two tasks wait for each other's result, or one waits for its own child on the only \
         worker: nobody can go on. A spare worker cures the child, never the pair; not to wait \
         inside the pool cures it for good.",
        "两个任务互相等对方的结果，或者任务在唯一的线程上等自己的子任务：谁也走不下去。\
         多一个线程能救子任务，却救不了那一对；\
         不在线程池里等待，才能根治。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("spare", text("Workers to spare", "多余的线程"), [0, 3], 0),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[],
    words: &[],
    property: Property {
        text: text("every future gets a result", "每个 future 都会有结果"),
        broken_at: |_, log| first_unfinished(log),
    },
    challenge: Some(Challenge {
        start: "future-deadlock?variant=child&time=free",
        mend: "variant",
        to_break: [
            text("There is one worker only.", "线程池里只有一个线程。"),
            text(
                "The worker takes the task and submits the child. Who shall do that?",
                "线程接下任务，又提交了子任务。谁来做子任务呢？",
            ),
        ],
        to_mend: text("A worker that waits does not work.", "在等待的线程是不干活的。"),
    }),
    file: file!(),
    outcome: printed,
    start,
};

type Futures<W> = Arc<Mutex<Vec<Future<W, &'static str>>>>;

fn start<W: World>(values: &Values, world: &W) {
    let (variant, spare) = (values.variant(), values.number("spare") as u16);
    let both_submitted = Arc::new(Event::new(world, "both submitted", 0));
    world.spawn("main", 0, move |w| async move {
        let needed = if variant == "pair" { 2 } else { 1 };
        let pool = Executor::new(&w, "pool", 0, needed + spare);
        let first = if variant == "handed" {
            let again = pool.clone();
            let parent = pool.submit(&w, move |w| hand_over(w, again)).await; //: submit-handing
            parent.unwrap().result(&w).await.unwrap() //: result-handing
        } else if variant == "pair" {
            let futures = Futures::default();
            for other in [1, 0] {
                let (all, both) = (futures.clone(), both_submitted.clone());
                let ask = move |w| ask(w, both, all, other);
                let future = pool.submit(&w, ask).await.unwrap(); //: submit
                futures.lock().unwrap().push(future);
            }
            both_submitted.set(&w).await; //: set-submitted
            futures.lock().unwrap()[0].clone()
        } else {
            let again = pool.clone();
            pool.submit(&w, move |w| parent(w, again)).await.unwrap() //: submit-parent
        };
        w.print(first.result(&w).await.unwrap(), 0).await; //: result
        pool.shutdown(&w, true, false).await; //: shutdown
    });
}

async fn ask<W: World>(
    w: W,
    both_submitted: Arc<Event<W>>,
    futures: Futures<W>,
    other: usize,
) -> Result<&'static str, Exception> {
    both_submitted.wait(&w).await; //: wait-submitted
    let future = futures.lock().unwrap()[other].clone();
    let result = future.result(&w).await; //: result-other
    result.map_err(|why| Exception::new(why.to_string()))
}

async fn child<W: World>(_: W) -> Result<&'static str, Exception> {
    Ok("child")
}

/// Does not wait: it has done its work when its child is submitted.
async fn hand_over<W: World>(
    w: W,
    pool: Executor<W>,
) -> Result<Future<W, &'static str>, Exception> {
    Ok(pool.submit(&w, child).await.unwrap()) //: submit-handed
}

async fn parent<W: World>(w: W, pool: Executor<W>) -> Result<&'static str, Exception> {
    let future = pool.submit(&w, child).await.unwrap(); //: submit-child
    let result = future.result(&w).await; //: result-child
    result.map_err(|why| Exception::new(why.to_string()))
}
