//! Twenty visitors, and a room for five. What if somebody hands out a place too many?

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::super::facts::{events_of, when_all_are_through};
use super::super::param::text;
use super::super::{
    Allowed, Challenge, Choice, Family, Lesson, Param, Picture, Property, Values, printed,
};
use crate::log::{EventKind, Label, Log};
use crate::sync::{BoundedSemaphore, Semaphore};
use crate::thread::Thread;
use crate::world::World;

static VARIANTS: [Choice; 2] = [
    Choice::new(
        "plain",
        text("Plain", "普通"),
        text("Every release adds a place.", "每次释放都多出一个名额。"),
    ),
    Choice::new(
        "bounded",
        text("Bounded", "有界"),
        text(
            "There are never more places than at first; a release too many is refused.",
            "名额不会超过初始值，多余的释放会被拒绝。",
        ),
    ),
];

/// A semaphore of either kind, as Python has it: without a permit to show for a place.
trait Places<W: World>: Send + Sync + 'static {
    #[track_caller]
    fn acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a;

    /// Gives whether that was accepted.
    #[track_caller]
    fn release<'a>(&'a self, w: &'a W) -> impl Future<Output = bool> + 'a;
}

macro_rules! places {
    ($($semaphore:ident),*) => {
        $(impl<W: World> Places<W> for $semaphore<W> {
            fn acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = ()> + 'a {
                let permit = Self::acquire(self, w);
                // It is held until somebody releases it.
                async move { std::mem::forget(permit.await) }
            }

            fn release<'a>(&'a self, w: &'a W) -> impl Future<Output = bool> + 'a {
                let released = Self::release(self, w);
                async move { released.await.is_ok() }
            }
        })*
    };
}

places!(Semaphore, BoundedSemaphore);

/// How many visitors are inside after each event.
fn n_inside(log: &Log) -> impl Iterator<Item = i32> + '_ {
    log.events.iter().scan(0, |n, event| {
        let visitor = log.names.actor(event.actor).name == "visitor";
        *n += match (log.names.object(event.object), event.kind) {
            (Some(Label { name: "places", .. }), EventKind::Got) => 1,
            (Some(Label { name: "places", .. }), EventKind::GaveBack) if visitor => -1,
            _ => 0,
        };
        Some(*n)
    })
}

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("variant=plain", &["visits 20|at most 5 inside"]),
    ("variant=plain&extra=1", &["visits 20|at most 6 inside"]),
    ("variant=plain&actors=3", &["visits 3|at most 3 inside"]),
    ("variant=bounded", &["visits 20|at most 5 inside"]),
    ("variant=bounded&extra=1", &["ValueError|visits 20|at most 5 inside"]),
];

/// The semaphore.
pub static LESSON: Lesson = Lesson {
    id: "semaphore",
    family: Family::Threads,
    place: 80,
    title: text("A semaphore", "信号量"),
    summary: text(
        "Twenty visitors, a room for five. After a release too many a plain semaphore lets six in; \
         a bounded one refuses it.",
        "二十位访客，房间只容五人。多释放一次之后，普通信号量会放进六人；有界信号量则会拒绝。",
    ),
    params: &[
        Param::variant(&VARIANTS),
        Param::number("actors", text("Visitors", "访客"), [1, 100], 20).at_most_on_threads(22),
        Param::number("places", text("Places", "名额"), [1, 20], 5),
        Param::number("extra", text("Releases too many", "多余的释放"), [0, 3], 0),
        Param::millis("pause", text("Time inside", "停留时间"), [1, 1000], 50),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("visitor", "访客"), text("places", "名额")],
    words: &[],
    property: Property {
        text: text("never are more inside than there are places", "里面的人数永远不超过名额"),
        broken_at: |values, log| {
            let n_places = values.number("places").cast_signed();
            n_inside(log).position(|n| n > n_places)
        },
    },
    challenge: Some(Challenge {
        start: "semaphore?variant=plain&actors=2&places=1&extra=1&time=free",
        mend: "variant",
        to_break: [
            text("Somebody gives back what it never had.", "有人归还了它从没拿过的东西。"),
            text(
                "After the release too many, let both visitors in before one leaves.",
                "多余的那次释放之后，在有人离开之前，让两位访客都进去。",
            ),
        ],
        to_mend: text(
            "The semaphore would have to remember how many places there were.",
            "信号量得记住一开始有几个名额。",
        ),
    }),
    file: file!(),
    outcome: |lesson, log| {
        let facts = || {
            let visits = events_of(log, EventKind::Got, "places").count();
            let most = n_inside(log).max().unwrap_or(0);
            vec![format!("visits {visits}"), format!("at most {most} inside")]
        };
        [printed(lesson, log), when_all_are_through(log, facts)].concat()
    },
    start,
};

fn start<W: World>(values: &Values, world: &W) {
    let n_places = values.number("places");
    match values.variant() {
        "plain" => open(values, world, Arc::new(Semaphore::new(world, "places", 0, n_places))),
        _ => open(values, world, Arc::new(BoundedSemaphore::new(world, "places", 0, n_places))),
    }
}

fn open<W: World>(values: &Values, world: &W, places: Arc<impl Places<W>>) {
    let (actors, extra) = (values.number("actors") as u16, values.number("extra"));
    let pause = values.millis("pause");
    world.spawn("main", 0, move |w| async move {
        for _ in 0..extra {
            let is_accepted = places.release(&w).await; //: release-extra
            if !is_accepted {
                // A BoundedSemaphore never holds more than it began with.
                w.print("ValueError", 0).await; //: refused
            }
        }

        let visitor = |idx| {
            let places = places.clone();
            let body = move |w, _| async move { visit(&w, &*places, pause).await };
            Thread::new(&w, "visitor", idx, body)
        };
        let visitors: Vec<_> = (0..actors).map(visitor).collect();
        for visitor in &visitors {
            visitor.start(&w).await.unwrap(); //: start
        }
        for visitor in &visitors {
            visitor.join(&w).await.unwrap(); //: join
        }
    });
}

async fn visit<W: World>(w: &W, places: &impl Places<W>, pause: Duration) {
    places.acquire(w).await; //: enter
    w.sleep(pause).await; //: stay
    places.release(w).await; //: leave
}
