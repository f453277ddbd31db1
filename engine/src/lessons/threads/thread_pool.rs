//! A thread pool runs functions; a future is the promise of what one of them will return.

use std::time::Duration;

use super::super::facts::first_unfinished;
use super::super::param::text;
use super::super::{Allowed, Choice, Family, Lesson, Param, Picture, Property, Values, printed};
use crate::pool::{Exception, Executor, TaskError, as_completed};
use crate::world::World;

static VARIANTS: [Choice; 5] = [
    Choice::new(
        "submit",
        text("Submit and result", "提交与结果"),
        text(
            "Each task has a future; whoever asks it for the result waits for it.",
            "每个任务有一个 future；向它要结果的人会等到有为止。",
        ),
    ),
    Choice::new(
        "map",
        text("Map", "映射"),
        text("The results come in the order of the tasks.", "结果按任务的顺序给出。"),
    ),
    Choice::new(
        "completed",
        text("As completed", "按完成顺序"),
        text("The quickest task comes first.", "最快的任务先给出。"),
    ),
    Choice::new(
        "errors",
        text("Exception, timeout, cancel", "异常、超时、取消"),
        text(
            "A task that fails, one that is too slow, one that is called off.",
            "一个失败的任务，一个太慢的，一个被取消的。",
        ),
    ),
    Choice::new(
        "list",
        text("A list: whole, or its items", "传列表，还是传元素"),
        text("submit passes the list, map its items.", "submit 传整个列表，map 逐个传元素。"),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=submit", &["0|1|2|RuntimeError"]),
    ("variant=map", &["0|1|2|RuntimeError"]),
    ("variant=completed", &["2|1|0|RuntimeError"]),
    ("variant=completed&workers=1", &["0|1|2|RuntimeError"]),
    (
        "variant=errors",
        &["ValueError|TimeoutError|running: cancelled False|waiting: cancelled True|\
           CancelledError|RuntimeError"],
    ),
    ("variant=list", &["list|int int int|RuntimeError"]),
];

/// The thread pool.
pub static LESSON: Lesson = Lesson {
    id: "thread-pool",
    family: Family::Threads,
    place: 190,
    title: text("A thread pool", "线程池"),
    summary: text(
        "map keeps the order of the tasks, as_completed follows their ends; a future carries a \
         result, an error, or the news that it was cancelled.",
        "map 保持任务的顺序，as_completed 按完成的先后；future 里是结果、异常，或者“已取消”。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("workers", text("Workers", "工作线程"), [1, 8], 3),
        Param::number("tasks", text("Tasks", "任务数"), [1, 8], 3).only_in(&[
            "submit",
            "map",
            "completed",
            "list",
        ]),
        Param::millis("pause", text("The quickest task", "最快任务的时间"), [10, 500], 100)
            .only_in(&["submit", "map", "completed", "errors"]),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[],
    // The numbers of the tasks are themselves; the words behind them are what else is printed.
    words: &["0", "1", "2", "3", "4", "5", "6", "7", "int", "list", "False", "True"],
    property: Property {
        text: text(
            "every future ends with a result, with an error or cancelled",
            "每个 future 都以结果、异常或取消结束",
        ),
        broken_at: |_, log| first_unfinished(log),
    },
    challenge: None,
    file: file!(),
    outcome: printed,
    start,
};

#[derive(Clone, Copy)]
struct Plan {
    workers: u16,
    tasks: u32,
    pause: Duration,
}

fn start<W: World>(values: &Values, world: &W) {
    let variant = values.variant();
    let workers = values.number("workers") as u16;
    let plan = Plan { workers, tasks: values.number("tasks"), pause: values.millis("pause") };
    world.spawn("main", 0, move |w| async move {
        let pool = Executor::new(&w, "pool", 0, plan.workers);
        match variant {
            "submit" => submit(&w, &pool, plan).await,
            "map" => in_order(&w, &pool, plan).await,
            "completed" => completed(&w, &pool, plan).await,
            "errors" => errors(&w, &pool, plan).await,
            _ => list_or_items(&w, &pool, plan).await,
        }
        // Waits for the tasks, and takes no new ones.
        pool.shutdown(&w, true, false).await; //: shutdown
        let late = pool.submit(&w, move |w| task(w, 0, plan)).await; //: submit-late
        if late.is_err() {
            w.print("RuntimeError", 0).await; //: print-late
        }
    });
}

async fn task<W: World>(w: W, number: u32, plan: Plan) -> Result<u32, Exception> {
    w.sleep((plan.tasks - number) * plan.pause).await; //: work
    Ok(number)
}

async fn submit<W: World>(w: &W, pool: &Executor<W>, plan: Plan) {
    let mut futures = Vec::new();
    for number in 0..plan.tasks {
        let task = move |w| task(w, number, plan);
        futures.push(pool.submit(w, task).await.unwrap()); //: submit
    }
    for future in futures {
        w.print("{}", future.result(w).await.unwrap()).await; //: result
    }
}

async fn in_order<W: World>(w: &W, pool: &Executor<W>, plan: Plan) {
    let task = move |w, number| task(w, number, plan);
    let mut results = pool.map(w, 0..plan.tasks, task).await.unwrap(); //: map
    loop {
        let number = results.next(w).await; //: next
        let Some(number) = number else { break };
        w.print("{}", number.unwrap()).await; //: print-map
    }
}

async fn completed<W: World>(w: &W, pool: &Executor<W>, plan: Plan) {
    let mut futures = Vec::new();
    for number in 0..plan.tasks {
        let task = move |w| task(w, number, plan);
        futures.push(pool.submit(w, task).await.unwrap()); //: submit-completed
    }
    let mut completed = as_completed(w, &futures).await;
    loop {
        let future = completed.next(w).await; //: next-completed
        let Some(future) = future else { break };
        w.print("{}", future.result(w).await.unwrap()).await; //: print-completed
    }
}

async fn read_five<W: World>(_: W) -> Result<u32, Exception> {
    "five".parse().map_err(|_| Exception::new("ValueError"))
}

async fn nap<W: World>(w: W, plan: Plan) -> Result<u32, Exception> {
    w.sleep(4 * plan.pause).await; //: nap
    Ok(0)
}

/// The word that says no; the one behind it says yes.
const FALSE: u32 = 10;

async fn errors<W: World>(w: &W, pool: &Executor<W>, plan: Plan) {
    let broken = pool.submit(w, read_five).await.unwrap(); //: submit-broken
    let raised = broken.exception(w).await.unwrap(); //: exception
    if raised == Some(Exception::new("ValueError")) {
        w.print("ValueError", 0).await; //: print-exception
    }

    let mut slow = Vec::new();
    for _ in 0..plan.workers {
        slow.push(pool.submit(w, move |w| nap(w, plan)).await.unwrap()); //: submit-slow
    }
    let in_time = slow[0].result_timeout(w, plan.pause).await; //: result-timeout
    if in_time == Err(TaskError::TimedOut) {
        // Only we gave up: the task itself goes on.
        w.print("TimeoutError", 0).await; //: print-timeout
    }
    let cancelled = slow[0].cancel(w).await; //: cancel-running
    w.print("running: cancelled {}", FALSE + u32::from(cancelled)).await; //: print-running

    let waiting = pool.submit(w, move |w| task(w, 0, plan)).await.unwrap(); //: submit-waiting
    let cancelled = waiting.cancel(w).await; //: cancel-waiting
    w.print("waiting: cancelled {}", FALSE + u32::from(cancelled)).await; //: print-waiting
    let result = waiting.result(w).await; //: result-cancelled
    if result == Err(TaskError::Cancelled) {
        w.print("CancelledError", 0).await; //: print-cancelled
    }
}

/// What a thing is.
trait Kind {
    const KIND: u32;
}

impl Kind for u32 {
    const KIND: u32 = 8;
}

impl Kind for Vec<u32> {
    const KIND: u32 = 9;
}

async fn kind<T: Kind>(_: T) -> Result<u32, Exception> {
    Ok(T::KIND)
}

async fn list_or_items<W: World>(w: &W, pool: &Executor<W>, plan: Plan) {
    let things: Vec<u32> = (0..plan.tasks).collect();
    let list = things.clone();
    let whole = pool.submit(w, |_| kind(list)).await.unwrap(); //: submit-list
    w.print("{}", whole.result(w).await.unwrap()).await; //: print-list
    let mut kinds = pool.map(w, things, |_, thing| kind(thing)).await.unwrap(); //: map-list
    let mut items = Vec::new();
    for _ in 0..plan.tasks {
        items.extend(kinds.next(w).await.and_then(Result::ok)); //: next-item
    }
    w.print_list("{}", items[0], items[1..].to_vec()).await; //: print-items
}
