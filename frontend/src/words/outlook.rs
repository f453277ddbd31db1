//! What everybody is up to and about to do, in words.

use engine::lessons::Lesson;
use engine::log::{Activity, Names, Scene};
use engine::philosophers::Phase;
use engine::world::{Act, ActorId, ObjectId};
use rust_i18n::t;

use super::{actor, awaited, millis, object, spaced};

/// What an actor is up to, in one word.
pub fn activity(activity: Activity, runs: bool) -> String {
    let key = match activity {
        Activity::Unborn => "is.unborn",
        Activity::Finished => "is.finished",
        Activity::Blocked(_) => "is.blocked",
        Activity::Sleeping(_) => "is.asleep",
        Activity::Ready if runs => "is.running",
        Activity::Ready => "is.ready",
    };
    t!(key).into_owned()
}

/// What an actor is about to do, or why it cannot.
pub fn outlook(lesson: &Lesson, names: &Names, scene: &Scene, id: ActorId) -> String {
    let Some(actor) = scene.actors.get(id.idx()) else { return String::new() };
    let said = match actor.activity {
        Activity::Unborn => t!("is.unborn"),
        Activity::Finished => t!("next.done"),
        Activity::Blocked(object) => return waits(names, scene, object),
        Activity::Sleeping(until_ns) => {
            let key = match Phase::from_number(actor.phase) {
                _ if lesson.phases.is_empty() => "next.sleeps",
                Phase::Thinking => "next.sleeps_thinking",
                Phase::Eating => "next.sleeps_eating",
                _ => "next.sleeps",
            };
            t!(key, ms = millis(until_ns))
        }
        Activity::Ready => match actor.declared {
            Some(declared) => {
                t!("next.about", act = act(names, declared.act, declared.object))
            }
            None => t!("next.running"),
        },
    };
    spaced(&said)
}

/// What is done, to what.
pub(super) fn act(names: &Names, act: Act, id: ObjectId) -> String {
    t!(format!("act.{}", act.name()), object = object(names, id)).into_owned()
}

fn waits(names: &Names, scene: &Scene, id: ObjectId) -> String {
    let object = awaited(names, id);
    let is_life = object != super::object(names, id);
    let mut holders = scene.holdings.holders(id).to_vec();
    holders.dedup();
    let said = if holders.is_empty() || is_life {
        t!("next.waits", object = object)
    } else if holders.len() > 3 {
        t!("next.waits_many", object = object, n = holders.len())
    } else {
        let holders: Vec<_> = holders.iter().map(|holder| actor(names, *holder)).collect();
        t!("next.waits_held", object = object, holder = holders.join(&t!("say.list")))
    };
    spaced(&said)
}
