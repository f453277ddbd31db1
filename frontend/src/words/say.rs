//! What happened, in words.

use engine::lessons::{Lesson, Picture};
use engine::log::{Event, EventKind, Names};
use engine::world::{ActorId, ObjectId, ObjectKind};
use rust_i18n::t;

use super::outlook::act;
use super::{actor, awaited, known, object, sentence, spaced};
use crate::recording::Recording;

/// A step in one sentence.
pub fn step(lesson: &Lesson, recording: &Recording, stop: usize) -> String {
    if stop == 0 {
        let key = match lesson.picture {
            Picture::Table => "say.start",
            Picture::Objects => "say.begin",
        };
        return t!(key).into_owned();
    }
    let names = recording.names();
    let events = recording.events_of(stop).iter();
    let said: Vec<String> = events.filter_map(|event| say(lesson, names, event)).collect();
    if said.is_empty() {
        return quiet_turn(names, recording.events_of(stop));
    }
    sentence(&(said.join(&t!("say.comma")) + &t!("say.stop")))
}

/// A turn in which nothing was reported: what was declared before was done.
fn quiet_turn(names: &Names, events: &[Event]) -> String {
    match events.first() {
        Some(turn) if turn.kind == EventKind::Turn => {
            let said = t!("say.went_on", who = actor(names, turn.actor));
            sentence(&(spaced(&said) + &t!("say.stop")))
        }
        _ => String::new(),
    }
}

/// An event as a clause; nothing for one that only says who goes, or what is to come.
pub fn say(lesson: &Lesson, names: &Names, event: &Event) -> Option<String> {
    let who = actor(names, event.actor);
    let kind = names.objects.get(event.object.idx()).map(|(kind, _)| *kind);
    let is_life = kind == Some(ObjectKind::Thread);
    let object = object(names, event.object);
    let said = match event.kind {
        EventKind::Turn if event.actor == ActorId::CLOCK => t!("say.time"),
        EventKind::Turn | EventKind::Declared => return None,
        EventKind::Spawned if event.value == 1 => t!("say.spawned_daemon", who = who),
        EventKind::Spawned => t!("say.spawned", who = who),
        EventKind::Got if is_life => t!("say.life_begins", who = who),
        EventKind::Got => t!("say.got", who = who, object = object),
        EventKind::GaveBack if is_life => t!("say.life_ends", who = who),
        EventKind::GaveBack => t!("say.gave_back", who = who, object = object),
        EventKind::UsedUp => t!("say.used_up", who = who, object = object),
        EventKind::GaveUp if is_taken(kind) => t!("say.gave_up", who = who, object = object),
        EventKind::GaveUp => {
            t!("say.gave_up_waiting", who = who, object = awaited(names, event.object))
        }
        EventKind::Blocked => t!("say.blocked", who = who, object = awaited(names, event.object)),
        EventKind::Woken if event.object == ObjectId::NONE => return None,
        EventKind::Woken => t!("say.woken", who = who),
        EventKind::Read => t!("say.read", who = who, object = object, value = event.value),
        EventKind::Wrote => t!("say.wrote", who = who, object = object, value = event.value),
        EventKind::Accessed => {
            let act = act(names, event.act, event.object);
            t!("say.accessed", who = who, act = act, value = event.value)
        }
        EventKind::Phase => {
            let phase = lesson.phases.get(event.value as usize).copied().unwrap_or_default();
            match known(&format!("say.{phase}")) {
                Some(said) => said.replace("%{who}", &who).into(),
                None => t!("say.phase", who = who, phase = phase),
            }
        }
        EventKind::State => {
            let state = kind.map_or("", |kind| kind.state(event.value));
            match known(&format!("say.state.{state}")) {
                Some(said) => said.replace("%{who}", &who).replace("%{object}", &object).into(),
                None => {
                    let state = t!(format!("state.{state}"));
                    t!("say.state_is", object = object, state = state)
                }
            }
        }
        EventKind::Put => {
            t!("say.put", who = who, object = object, item = lesson.word(event.value))
        }
        EventKind::Took => {
            t!("say.took", who = who, object = object, item = lesson.word(event.value))
        }
        EventKind::Printed => {
            t!("say.printed", who = who, line = lesson.line(names, event.place, event.value))
        }
        EventKind::AssertionFailed => t!("say.claim_failed", who = who),
        EventKind::Misused => t!("say.misused", who = who),
        EventKind::Finished => match lesson.picture {
            Picture::Table => t!("say.finished", who = who),
            Picture::Objects => t!("say.through", who = who),
        },
    };
    Some(spaced(&said))
}

/// Whether such an object is taken, not only waited for.
fn is_taken(kind: Option<ObjectKind>) -> bool {
    !matches!(
        kind,
        Some(
            ObjectKind::Condition
                | ObjectKind::Event
                | ObjectKind::Barrier { .. }
                | ObjectKind::Queue { .. }
                | ObjectKind::Future
                | ObjectKind::Thread
        )
    )
}
