//! Cars wait at a red light. It turns green for a moment, then red again.

use std::sync::Arc;
use std::time::Duration;

use super::super::facts::prints;
use super::super::param::text;
use super::super::{Allowed, Family, Lesson, Param, Picture, Property, Values, printed};
use crate::log::{EventKind, Log, Scene};
use crate::sync::Event;
use crate::thread::Thread;
use crate::world::{ActorId, World};

/// Who waited at the moment when the light turned green.
fn waiting_at_green(log: &Log) -> Vec<ActorId> {
    let green = log.events.iter().position(|e| (e.kind, e.value) == (EventKind::State, 1));
    let scene = green.map(|at| (Scene::of(&log.events[..at]), log.events[at].object));
    scene.map(|(scene, green)| scene.object(green).waiting).unwrap_or_default()
}

/// What it prints.
pub static ALLOWED: &[Allowed] = &[
    ("", &["passed|passed|passed|passed|passed|passed|passed|passed|passed|passed|turned round"]),
    ("actors=2&late=0", &["passed|passed"]),
    ("actors=1&pause=200&patience=100", &["turned round|turned round"]),
    ("actors=1&late=0&pause=100&patience=100", &["passed", "turned round"]),
];

/// The event.
pub static LESSON: Lesson = Lesson {
    id: "event",
    family: Family::Threads,
    place: 90,
    title: text("An event: the red light", "事件：红绿灯"),
    summary: text(
        "Cars wait at a red light. When it turns green all of them pass, even if it is red again \
         at once; only later ones are stopped.",
        "汽车在等红灯。绿灯一亮全部通过，哪怕立刻又变红；只有后来的车才会被拦住。",
    ),
    params: &[
        Param::number("actors", text("Cars that wait", "等灯的车"), [1, 50], 10)
            .at_most_on_threads(20),
        Param::number("late", text("Cars that come later", "后来的车"), [0, 10], 1)
            .at_most_on_threads(3),
        Param::millis("pause", text("Until the light turns green", "多久变绿"), [1, 1000], 50),
        Param::millis("patience", text("Until a car turns round", "多久掉头"), [1, 5000], 200),
    ],
    picture: Picture::Objects,
    phases: &[],
    names: &[text("car", "车"), text("light", "红绿灯")],
    words: &[],
    property: Property {
        text: text(
            "whoever waits when the light turns green passes, and whoever comes when it is red \
             again does not",
            "变绿时在等的都通过，又变红之后才来的都不通过",
        ),
        broken_at: |values, log| {
            let (waiting, late) = (waiting_at_green(log), values.number("actors"));
            let is_wrong = |event: &crate::log::Event| match log.names.text(event.place) {
                "passed" => u32::from(log.names.actor(event.actor).idx) >= late,
                _ => waiting.contains(&event.actor),
            };
            prints(log).find(|(_, event)| is_wrong(event)).map(|(idx, _)| idx)
        },
    },
    challenge: None,
    file: file!(),
    outcome: printed,
    start,
};

fn start<W: World>(values: &Values, world: &W) {
    let (actors, late) = (values.number("actors") as u16, values.number("late") as u16);
    let (pause, patience) = (values.millis("pause"), values.millis("patience"));
    let green = Arc::new(Event::new(world, "light", 0));
    world.spawn("main", 0, move |w| async move {
        let cars: Vec<_> = (0..actors).map(|idx| car(&w, idx, &green, patience)).collect();
        for car in &cars {
            car.start(&w).await.unwrap(); //: start
        }
        w.sleep(pause).await; //: sleep

        // However short the green is: everyone who was waiting has been told and will pass.
        green.set(&w).await; //: set
        green.clear(&w).await; //: clear

        let late = actors..actors + late;
        let late: Vec<_> = late.map(|idx| car(&w, idx, &green, patience)).collect();
        for car in &late {
            car.start(&w).await.unwrap(); //: start-late
        }
        for car in cars.iter().chain(&late) {
            car.join(&w).await.unwrap(); //: join
        }
    });
}

fn car<W: World>(w: &W, idx: u16, green: &Arc<Event<W>>, patience: Duration) -> Thread<W> {
    let green = green.clone();
    Thread::new(w, "car", idx, move |w, _| async move { drive(&w, &green, patience).await })
}

async fn drive<W: World>(w: &W, green: &Event<W>, patience: Duration) {
    let is_green = green.wait_timeout(w, patience).await; //: wait
    if is_green {
        w.print("passed", 0).await; //: pass
    } else {
        w.print("turned round", 0).await; //: turn
    }
}
