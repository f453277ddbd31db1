//! What everybody is up to and about to do, in words.

use engine::lessons::Lesson;
use engine::log::{Activity, Names, Scene};
use engine::philosophers::Phase;
use engine::world::{Act, ActorId, ObjectId, ObjectKind};
use rust_i18n::t;

use super::{actor, awaited, fill, millis, object, of_kind, spaced};

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
    let (key, what) = match actor.activity {
        Activity::Unborn => ("is.unborn", String::new()),
        Activity::Finished => ("next.done", String::new()),
        Activity::Blocked(object) => {
            return waits(names, object, scene.holdings.holders(object).to_vec());
        }
        Activity::Sleeping(until_ns) => {
            let key = match Phase::from_number(actor.phase) {
                _ if lesson.phases.is_empty() => "next.sleeps",
                Phase::Thinking => "next.sleeps_thinking",
                Phase::Eating => "next.sleeps_eating",
                _ => "next.sleeps",
            };
            (key, millis(until_ns))
        }
        Activity::Ready => match actor.declared {
            Some(declared) => ("next.about", act(names, declared.act, declared.object)),
            None => ("next.can_go_on", String::new()),
        },
    };
    spaced(&fill(key, &[("act", &what), ("ms", &what)]))
}

/// What is done, to what.
pub(super) fn act(names: &Names, act: Act, id: ObjectId) -> String {
    fill(&format!("act.{}", act.name()), &[("object", &object(names, id))])
}

/// That somebody waits for this, and who keeps them waiting.
pub(super) fn waits(names: &Names, id: ObjectId, mut holders: Vec<ActorId>) -> String {
    let object = awaited(names, id);
    let kind = names.objects.get(id.idx()).map(|(kind, _)| *kind);
    holders.dedup();
    let (key, held) = if holders.is_empty() || kind == Some(ObjectKind::Thread) {
        ("next.waits", String::new())
    } else if holders.len() > 3 {
        ("next.waits_many", holders.len().to_string())
    } else {
        let holders: Vec<_> = holders.iter().map(|holder| actor(names, *holder)).collect();
        ("next.waits_held", holders.join(&t!("say.list")))
    };
    let with = [("object", &*object), ("holder", &held), ("n", &held)];
    spaced(&fill(&of_kind(key, kind), &with))
}
