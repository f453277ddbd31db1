//! A request needs three slow calls: one after another, or all at once through a pool.

use std::time::Duration;

use super::super::facts::{at_the_end, most_asleep, n_printed, when_all_are_through};
use super::super::param::text;
use super::super::{Allowed, Choice, Family, Lesson, Param, Picture, Property, Values, printed};
use crate::pool::{Exception, Executor};
use crate::thread::Thread;
use crate::world::World;

static VARIANTS: [Choice; 2] = [
    Choice::new(
        "sequence",
        text("One after another", "依次"),
        text("A request takes the sum of its calls.", "一个请求的时间是各次调用之和。"),
    ),
    Choice::new(
        "pool",
        text("Through a pool", "通过线程池"),
        text(
            "A request takes as long as its longest call, while there are workers enough.",
            "只要线程够用，一个请求的时间约等于最长的一次调用。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=sequence", &["answers 0 1 2|at most 1 at once"]),
    ("variant=sequence&requests=2", &["answers 0 1 2|answers 0 1 2|at most 2 at once"]),
    ("variant=pool", &["answers 0 1 2|at most 3 at once"]),
    ("variant=pool&workers=2&requests=2", &["answers 0 1 2|answers 0 1 2|at most 2 at once"]),
];

/// The web server.
pub static LESSON: Lesson = Lesson {
    id: "web-server",
    family: Family::Threads,
    place: 210,
    title: text("A web server's slow calls", "网页服务器的慢调用"),
    summary: text(
        "A request needs three slow calls. One after another takes the sum of their times, through \
         a pool about the longest; and the pool bounds how many run at once.",
        "一个请求要做三次慢调用。依次做，时间是总和；交给线程池，时间约等于最长的一次；\
         线程池还限制了同时进行的数量。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("requests", text("Requests at once", "同时的请求"), [1, 4], 1),
        Param::number("calls", text("Calls each", "每个请求的调用数"), [1, 6], 3),
        Param::number("workers", text("Workers", "工作线程"), [1, 6], 3).only_in(&["pool"]),
        Param::millis("pause", text("The quickest call", "最快一次调用的时间"), [1, 1000], 50),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("request", "请求")],
    words: &[],
    property: Property {
        text: text(
            "every request gets its answers, and never are more calls under way than there are workers",
            "每个请求都得到回答，同时进行的调用不超过线程数",
        ),
        broken_at: |values, log| {
            let most = match values.variant() {
                "pool" => values.number("workers"),
                _ => values.number("requests"),
            };
            let (n, idx) = most_asleep(log);
            let too_many = (n > most as usize).then_some(idx);
            too_many.or_else(|| {
                at_the_end(log, n_printed(log, "answers") != values.number("requests") as usize)
            })
        },
    },
    challenge: None,
    file: file!(),
    outcome: |lesson, log| {
        let at_once = || vec![format!("at most {} at once", most_asleep(log).0)];
        [printed(lesson, log), when_all_are_through(log, at_once)].concat()
    },
    start,
};

#[derive(Clone, Copy)]
struct Plan {
    is_pool: bool,
    calls: u32,
    pause: Duration,
}

fn start<W: World>(values: &Values, world: &W) {
    let (n_requests, workers) = (values.number("requests") as u16, values.number("workers") as u16);
    let is_pool = values.variant() == "pool";
    let plan = Plan { is_pool, calls: values.number("calls"), pause: values.millis("pause") };
    world.spawn("main", 0, move |w| async move {
        let pool = Executor::new(&w, "pool", 0, if is_pool { workers } else { 0 });
        let request = |idx| {
            let pool = pool.clone();
            Thread::new(&w, "request", idx, move |w, _| async move { handle(w, pool, plan).await })
        };
        let requests: Vec<_> = (0..n_requests).map(request).collect();
        for request in &requests {
            request.start(&w).await.unwrap(); //: start
        }
        for request in &requests {
            request.join(&w).await.unwrap(); //: join
        }
        pool.shutdown(&w, true, false).await; //: shutdown
    });
}

async fn call<W: World>(w: W, number: u32, plan: Plan) -> Result<u32, Exception> {
    w.sleep((number + 1) * plan.pause).await; //: call
    Ok(number)
}

async fn handle<W: World>(w: W, pool: Executor<W>, plan: Plan) {
    let mut answers = Vec::new();
    if plan.is_pool {
        let mut futures = Vec::new();
        for number in 0..plan.calls {
            let call = move |w| call(w, number, plan);
            futures.push(pool.submit(&w, call).await.unwrap()); //: submit
        }
        for future in futures {
            answers.push(future.result(&w).await.unwrap()); //: result
        }
    } else {
        for number in 0..plan.calls {
            answers.extend(call(w.clone(), number, plan).await);
        }
    }
    w.print_list("answers", 0, answers).await; //: answer
}
