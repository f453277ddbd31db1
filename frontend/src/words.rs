//! Words for what the log says: names, acts, steps and endings, in the page's language.

use engine::lessons::Invalid;
use engine::log::{Activity, Ending, Event, EventKind, Link, Names, Scene};
use engine::philosophers::Phase;
use engine::world::{ActorId, ObjectId};
use rust_i18n::t;

use crate::recording::Recording;

/// The name of an actor.
pub fn actor(names: &Names, actor: ActorId) -> String {
    label(names.actor(actor))
}

/// The name of an object.
pub fn object(names: &Names, object: ObjectId) -> String {
    names.object(object).map(label).unwrap_or_default()
}

fn label(label: engine::log::Label) -> String {
    let key = format!("name.{}", label.name);
    let known = t!(&key, n = label.idx);
    if known == key { label.to_string() } else { known.into_owned() }
}

/// What was wrong with a value.
pub fn invalid(invalid: &Invalid) -> String {
    // The engine says it in English itself.
    if *rust_i18n::locale() == *"en" {
        return invalid.to_string();
    }
    let said = match invalid {
        Invalid::Lesson { given, valid } => {
            t!("invalid.lesson", given = given, valid = valid.join(", "))
        }
        Invalid::Param { lesson, given, valid } => {
            t!("invalid.param", lesson = lesson, given = given, valid = valid.join(", "))
        }
        Invalid::OneOf { what, given, valid } => {
            t!("invalid.one_of", what = what, given = given, valid = valid.join(", "))
        }
        Invalid::Number { what, given, range: [min, max], real, .. } => {
            let key = if *real { "invalid.number_real" } else { "invalid.number" };
            t!(key, what = what, given = given, min = min, max = max)
        }
        Invalid::Version { given, known } => t!("invalid.version", given = given, known = known),
        Invalid::Picks { given } => t!("invalid.picks", given = given),
        Invalid::Other(sentence) => return sentence.clone(),
    };
    said.into_owned()
}

/// The name of a phase.
pub fn phase(phase: Phase) -> String {
    t!(format!("phase.{}", Phase::NAMES[phase as usize])).into_owned()
}

/// A time of the run in milliseconds, without more digits than it needs.
pub fn millis(ns: u64) -> String {
    let ms = ns as f64 / 1e6;
    if ms >= 100.0 || ms.fract() == 0.0 { format!("{ms:.0}") } else { format!("{ms:.2}") }
}

/// What an actor is about to do, or why it cannot.
pub fn outlook(names: &Names, scene: &Scene, id: ActorId) -> String {
    let Some(actor) = scene.actors.get(id.idx()) else { return String::new() };
    match actor.activity {
        Activity::Unborn => String::new(),
        Activity::Finished => t!("next.done").into_owned(),
        Activity::Blocked(object) => waits(names, scene, object),
        Activity::Sleeping(until_ns) => {
            let key = match Phase::from_number(actor.phase) {
                Phase::Thinking => "next.sleeps_thinking",
                Phase::Eating => "next.sleeps_eating",
                _ => "next.sleeps",
            };
            t!(key, ms = millis(until_ns)).into_owned()
        }
        Activity::Ready => match actor.declared {
            Some(declared) => {
                let object = object(names, declared.object);
                let act = t!(format!("act.{}", declared.act.name()), object = object);
                t!("next.about", act = act).into_owned()
            }
            None => t!("next.running").into_owned(),
        },
    }
}

fn waits(names: &Names, scene: &Scene, id: ObjectId) -> String {
    let object = object(names, id);
    let holders: Vec<_> =
        scene.holdings.holders(id).iter().map(|holder| actor(names, *holder)).collect();
    if holders.is_empty() {
        t!("next.waits", object = object).into_owned()
    } else {
        t!("next.waits_held", object = object, holder = holders.join(", ")).into_owned()
    }
}

/// A step in one sentence.
pub fn step(recording: &Recording, stop: usize) -> String {
    let events = recording.events_of(stop);
    let said: Vec<String> =
        events.iter().filter_map(|event| say(event, recording.names())).collect();
    if stop == 0 {
        return t!("say.start").into_owned();
    }
    if said.is_empty() {
        return String::new();
    }
    sentence(&(said.join(&t!("say.comma")) + &t!("say.stop")))
}

/// The text with a capital first letter, where its script has them.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn say(event: &Event, names: &Names) -> Option<String> {
    let who = actor(names, event.actor);
    let object = object(names, event.object);
    let said = match event.kind {
        EventKind::Turn if event.actor == ActorId::CLOCK => t!("say.time"),
        EventKind::Got => t!("say.got", who = who, object = object),
        EventKind::GaveBack => t!("say.gave_back", who = who, object = object),
        EventKind::UsedUp => t!("say.used_up", who = who, object = object),
        EventKind::GaveUp => t!("say.gave_up", who = who, object = object),
        EventKind::Blocked => t!("say.blocked", who = who, object = object),
        EventKind::Woken if event.object != ObjectId::NONE => t!("say.woken", who = who),
        EventKind::Read => t!("say.read", who = who, object = object, value = event.value),
        EventKind::Wrote => t!("say.wrote", who = who, object = object, value = event.value),
        EventKind::Accessed => {
            let act = t!(format!("act.{}", event.act.name()), object = object);
            t!("say.accessed", who = who, act = act, value = event.value)
        }
        EventKind::Phase => {
            let phase = Phase::NAMES[Phase::from_number(event.value) as usize];
            t!(format!("say.{phase}"), who = who)
        }
        EventKind::Finished => t!("say.finished", who = who),
        _ => return None,
    };
    Some(said.into_owned())
}

/// A link of the wait-for graph in words.
pub fn link(names: &Names, link: &Link) -> String {
    let (who, object) = (actor(names, link.actor), object(names, link.object));
    match link.holder {
        Some(holder) => {
            let holder = actor(names, holder);
            t!("end.deadlock_link", who = who, object = object, holder = holder).into_owned()
        }
        None => format!("{who} {}", t!("next.waits", object = object)),
    }
}

/// How the run ended, in a headline and sentences.
pub fn ending(names: &Names, ending: &Ending, meals: u32, stop: usize) -> (String, Vec<String>) {
    match ending {
        Ending::Finished => (t!("end.finished", n = meals).into_owned(), Vec::new()),
        Ending::Deadlock(deadlock) => {
            let links = if deadlock.cycle.is_empty() { &deadlock.blocked } else { &deadlock.cycle };
            let why =
                if deadlock.cycle.is_empty() { "end.deadlock_lost" } else { "end.deadlock_why" };
            let chain = links.iter().map(|l| sentence(&link(names, l)));
            let lines = std::iter::once(t!(why).into_owned()).chain(chain).collect();
            (t!("end.deadlock").into_owned(), lines)
        }
        Ending::Failed { actor: who, failure } => {
            let why = format!("{}: {failure}", actor(names, *who));
            (t!("end.failed", why = why).into_owned(), Vec::new())
        }
        Ending::TurnLimit => (t!("end.limit", n = stop).into_owned(), Vec::new()),
        Ending::Stopped => (t!("end.stopped").into_owned(), Vec::new()),
        Ending::Paused => (t!("end.paused", n = stop).into_owned(), Vec::new()),
    }
}
