//! A function that holds a lock calls itself, and takes the lock again.

use std::sync::Arc;

use super::super::facts::{at_the_end, n_actors, n_printed, prints};
use super::super::param::text;
use super::super::{
    Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values, printed,
};
use crate::log::{Event, Scene};
use crate::sync::{Lock, Mutual, RLock};
use crate::world::World;

static VARIANTS: [Choice; 3] = [
    Choice::new(
        "rlock",
        text("An RLock, nested", "可重入锁，嵌套"),
        text(
            "Its owner may take it again, and must release it as often.",
            "拥有者可以再次加锁，也要释放同样多次。",
        ),
    ),
    Choice::new(
        "lock",
        text("A plain Lock, nested", "普通锁，嵌套"),
        text(
            "Whoever takes it a second time waits for itself, for ever.",
            "第二次加锁的线程永远在等自己。",
        ),
    ),
    Choice::new(
        "stranger",
        text("An RLock, released by a stranger", "可重入锁，由别的线程释放"),
        text(
            "Somebody releases a lock that it does not hold, and is refused.",
            "有线程释放不属于自己的锁，会被拒绝。",
        ),
    ),
];

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=rlock", &["depth 3|depth 3"]),
    ("variant=lock", &["deadlock"]),
    ("variant=lock&depth=1", &["depth 1|depth 1"]),
    ("variant=stranger", &["depth 3|RuntimeError", "RuntimeError|depth 3"]),
];

/// The reentrant lock.
pub static LESSON: Lesson = Lesson {
    id: "rlock",
    family: Family::Threads,
    place: 50,
    title: text("A reentrant lock", "可重入锁"),
    summary: text(
        "A function that holds a lock calls itself and takes the lock again. An RLock counts how \
         deep its owner is, and only the owner may release it; a plain Lock blocks even the one \
         who holds it.",
        "持锁的函数调用自己、再次加锁：RLock 会记录层数，而且只能由拥有者释放；\
         普通 Lock 会把自己锁死。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("depth", text("Depth", "嵌套层数"), [1, 10], 3),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("nester", "嵌套者"), text("stranger", "陌生者")],
    words: &[],
    property: Property {
        text: text(
            "everybody gets to its depth and out again, and a stranger is refused",
            "每个线程都能进到最里层并退出，别的线程不能释放",
        ),
        broken_at: |values, log| {
            let is_deep = |event: &Event| event.value == values.number("depth");
            let n_deep = prints(log).filter(|(_, event)| is_deep(event)).count();
            let is_in = Scene::of(&log.events).actors.iter().any(|actor| !actor.held.is_empty());
            let as_it_should = n_deep == n_actors(log, "nester")
                && n_printed(log, "RuntimeError") == n_actors(log, "stranger")
                && !is_in;
            at_the_end(log, !as_it_should)
        },
    },
    challenge: Some(Challenge {
        start: "rlock?variant=lock&depth=2&time=free",
        mend: "variant",
        to_break: [
            text("One actor is enough.", "一个线程就够了。"),
            text("Whoever has the lock will ask for it again.", "拿着锁的人还会再来要这把锁。"),
        ],
        to_mend: text("The lock would have to know who asks.", "锁得知道来要锁的是谁。"),
    }),
    file: file!(),
    outcome: printed,
    start,
};

fn start<W: World>(values: &Values, world: &W) {
    let depth = values.number("depth");
    match values.variant() {
        "rlock" => spawn_nesters(world, 2, Arc::new(RLock::new(world, "lock", 0)), depth),
        // Knows no depth: it blocks even the actor that holds it.
        "lock" => spawn_nesters(world, 2, Arc::new(Lock::new(world, "lock", 0)), depth),
        _ => {
            let lock = Arc::new(RLock::new(world, "lock", 0));
            spawn_nesters(world, 1, lock.clone(), depth);
            world.spawn("stranger", 0, move |w| async move { release_only(&w, &lock).await });
        }
    }
}

fn spawn_nesters<W: World>(world: &W, n: u16, lock: Arc<impl Mutual<W>>, depth: u32) {
    world.spawn_alike("nester", n, move |w| async move { descend(&w, &*lock, 1, depth).await });
}

async fn descend<W: World>(w: &W, lock: &impl Mutual<W>, level: u32, depth: u32) {
    let held = lock.acquire(w).await; //: take
    if level < depth {
        Box::pin(descend(w, lock, level + 1, depth)).await;
    } else {
        w.print("depth {}", level).await; //: print
    }
    held.release().await; //: give
}

async fn release_only<W: World>(w: &W, lock: &RLock<W>) {
    let released = lock.release(w).await; //: give-stranger
    if released.is_err() {
        w.print("RuntimeError", 0).await; //: refused
    }
}
