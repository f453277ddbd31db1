//! Five workers take downloads from a queue; the main actor waits until none is unfinished.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::facts::prints;
use super::super::param::text;
use super::super::{Allowed, Family, Lesson, Param, Picture, Property, Values, printed};
use crate::queue::Fifo;
use crate::thread::Thread;
use crate::world::World;

/// What it prints.
pub static ALLOWED: &[Allowed] =
    &[("", &["finished 12|workers 5"]), ("workers=1&items=3", &["finished 3|workers 1"])];

/// Workers and a queue.
pub static LESSON: Lesson = Lesson {
    id: "worker-queue",
    family: Family::Threads,
    place: 180,
    title: text("Workers and a queue", "工作线程与队列"),
    summary: text(
        "Five daemon workers take downloads from a queue. The main actor joins the queue, not the \
         workers, and the end does not wait for them.",
        "五个守护线程从队列里取下载任务。主线程等的是队列，不是线程；程序结束时也不等它们。",
    ),
    params: &[
        Param::number("workers", text("Workers", "工作线程"), [1, 20], 5),
        Param::number("items", text("Downloads", "下载数"), [1, 60], 12),
        Param::millis("pause", text("Time of a download", "每次下载时间"), [1, 1000], 20),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("downloads", "下载")],
    words: &[],
    property: Property {
        text: text("join returns when every download is done", "全部下载完成后 join 才返回"),
        broken_at: |values, log| {
            let mut prints = prints(log);
            let is_finished = |text: u16| log.names.text(text).starts_with("finished");
            let told = prints.find(|(_, event)| is_finished(event.place));
            told.filter(|(_, event)| event.value != values.number("items")).map(|(idx, _)| idx)
        },
    },
    challenge: None,
    file: file!(),
    outcome: printed,
    start,
};

fn start<W: World>(values: &Values, world: &W) {
    let (n_workers, items) = (values.number("workers") as u16, values.number("items"));
    let pause = values.millis("pause");
    let downloads = Arc::new(Fifo::new(world, "downloads", 0, None));
    let finished = Arc::new(AtomicU32::new(0));
    world.spawn("main", 0, move |w| async move {
        let worker = |idx| {
            let (downloads, finished) = (downloads.clone(), finished.clone());
            Thread::daemon(&w, "worker", idx, move |w: W, _| async move {
                loop {
                    let _page: u32 = downloads.get(&w).await.unwrap(); //: get
                    w.sleep(pause).await; //: download
                    finished.fetch_add(1, Ordering::Relaxed);
                    downloads.task_done(&w).await.unwrap(); //: done
                }
            })
        };
        let workers: Vec<_> = (0..n_workers).map(worker).collect();
        for worker in &workers {
            worker.start(&w).await.unwrap(); //: start
        }
        for page in 0..items {
            downloads.put(&w, page).await.unwrap(); //: put
        }

        downloads.join(&w).await; //: join
        w.print("finished {}", finished.load(Ordering::Relaxed)).await; //: print-finished

        // They wait for more work and always will. Being daemons, they do not hold the end up.
        let mut alive = 0;
        for worker in &workers {
            alive += u32::from(worker.is_alive(&w).await); //: look
        }
        w.print("workers {}", alive).await; //: print-workers
    });
}
