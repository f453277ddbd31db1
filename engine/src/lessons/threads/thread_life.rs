//! The life of a thread: new, started, finished; and what one may not do with it.

use super::super::facts::prints;
use super::super::param::text;
use super::super::{Allowed, Family, Lesson, Param, Picture, Property, Values, printed};
use crate::log::Event;
use crate::sync;
use crate::thread::Thread;
use crate::world::World;

/// What it prints.
pub static ALLOWED: &[Allowed] = &[(
    "",
    &["new: alive False|join before start: RuntimeError|started: alive True|\
           after a timeout: alive True|joined: alive False|join twice: fine|\
           start twice: RuntimeError|join oneself: RuntimeError|daemon: alive True"],
)];

/// The life of a thread.
pub static LESSON: Lesson = Lesson {
    id: "thread-life",
    family: Family::Threads,
    place: 130,
    title: text("The life of a thread", "线程的一生"),
    summary: text(
        "New, started, finished: what is_alive says, what a join with a timeout does, and which \
         calls are errors.",
        "新建、启动、结束：看 is_alive 怎么说，带超时的 join 会怎样，以及哪些调用是错误。",
    ),
    params: &[Param::millis("pause", text("Working time", "工作时间"), [20, 1000], 100)],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("daemon", "守护线程"), text("loner", "独行者")],
    words: &["False", "True", "fine", "RuntimeError"],
    property: Property {
        text: text(
            "whoever asks for what cannot be gets an error and does not wait for ever",
            "误用会报错，而不会永远卡住",
        ),
        broken_at: |_, log| {
            let untrue = |(line, (_, event)): &(usize, (usize, &Event))| {
                SAYS.get(*line).is_none_or(|says| says.is_some_and(|word| word != event.value))
            };
            prints(log).enumerate().find(untrue).map(|(_, (idx, _))| idx)
        },
    },
    challenge: None,
    file: file!(),
    outcome: printed,
    start,
};

/// What each line says, where that does not depend on how long the work takes.
const SAYS: [Option<u32>; 9] =
    [Some(0), Some(3), None, None, Some(0), Some(2), Some(3), Some(3), Some(1)];

/// What is printed of an attempt: "fine" or "RuntimeError".
fn told<T, E>(attempt: Result<T, E>) -> u32 {
    if attempt.is_ok() { 2 } else { 3 }
}

fn start<W: World>(values: &Values, world: &W) {
    let pause = values.millis("pause");
    world.spawn("main", 0, move |w| async move {
        let worker = Thread::new(&w, "worker", 0, move |w: W, _| async move {
            w.sleep(pause).await; //: work
        });
        w.print("new: alive {}", worker.is_alive(&w).await.into()).await; //: look-new
        w.print("join before start: {}", told(worker.join(&w).await)).await; //: join-early

        worker.start(&w).await.unwrap(); //: start
        w.print("started: alive {}", worker.is_alive(&w).await.into()).await; //: look-started
        worker.join_timeout(&w, pause / 2).await.unwrap(); //: join-timeout
        let alive = worker.is_alive(&w).await; //: look-timeout
        w.print("after a timeout: alive {}", alive.into()).await; //: print-timeout
        worker.join(&w).await.unwrap(); //: join
        w.print("joined: alive {}", worker.is_alive(&w).await.into()).await; //: look-joined

        w.print("join twice: {}", told(worker.join(&w).await)).await; //: join-twice
        w.print("start twice: {}", told(worker.start(&w).await)).await; //: start-twice

        let loner = Thread::new(&w, "loner", 0, |w: W, me| async move {
            w.print("join oneself: {}", told(me.join(&w).await)).await; //: join-self
        });
        loner.start(&w).await.unwrap(); //: start-loner
        loner.join(&w).await.unwrap(); //: join-loner

        // It waits for something that never happens. A daemon does not keep the run from ending.
        let never = sync::Event::new(&w, "never", 0);
        let daemon = Thread::daemon(&w, "daemon", 0, move |w: W, _| async move {
            never.wait(&w).await; //: wait-for-ever
        });
        daemon.start(&w).await.unwrap(); //: start-daemon
        w.print("daemon: alive {}", daemon.is_alive(&w).await.into()).await; //: look-daemon
    });
}
