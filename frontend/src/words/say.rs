//! What happened, in words.

use engine::lessons::{Lesson, Picture};
use engine::log::{Event, EventKind, Names};
use engine::world::{Act, ActorId, ObjectId, ObjectKind};
use rust_i18n::t;

use super::outlook::act;
use super::{actor, awaited, fill, known, number, object, of_kind, sentence, spaced};
use crate::recording::Recording;

/// Of those who are woken together so many are named, and the others counted.
const MOST_NAMED: usize = 5;

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
    let events = recording.events_of(stop);
    let turn = events.first().filter(|event| event.kind == EventKind::Turn);
    let is_own = |event: &Event| turn.is_none_or(|turn| turn.actor == event.actor);
    let (mut said, mut own_is_said) = (Vec::new(), false);
    for at_once in events.chunk_by(|one, next| turn.is_none() || one.time_ns == next.time_ns) {
        // Nobody could go on before: so time went on by itself.
        said.extend((!said.is_empty()).then(|| t!("say.time").into_owned()));
        // First what is done, then what that means to others.
        let (own, others): (Vec<&Event>, Vec<_>) = at_once.iter().partition(|event| is_own(event));
        let mut n_woken = 0;
        for event in own.into_iter().chain(others) {
            let clause = say(lesson, names, event, Beside::of(recording, stop, event));
            own_is_said |= clause.is_some() && is_own(event);
            let is_woken = event.kind == EventKind::Woken && clause.is_some();
            n_woken += usize::from(is_woken);
            said.extend(clause.filter(|_| !is_woken || n_woken <= MOST_NAMED));
        }
        if n_woken > MOST_NAMED {
            let n_more = (n_woken - MOST_NAMED).to_string();
            said.push(fill("say.woken_more", &[("n", &n_more)]));
        }
    }
    if let Some(Event { actor: id, .. }) = turn.filter(|_| !own_is_said) {
        // What was declared before was done, and nothing is to be reported of it but what that means to
        // others.
        let done = done(names, recording, stop, *id);
        let goes_on = || spaced(&fill("say.went_on", &[("who", &actor(names, *id))]));
        if let Some(done) = done.or_else(|| said.is_empty().then(goes_on)) {
            said.insert(0, done);
        }
    }
    if said.is_empty() {
        return String::new();
    }
    sentence(&(said.join(&t!("say.comma")) + &t!("say.stop")))
}

/// What an actor had said that it would do, and now has done; nothing where it only waited for a time.
fn done(names: &Names, recording: &Recording, stop: usize, id: ActorId) -> Option<String> {
    let before = recording.frame(stop - 1).scene;
    let declared = before.actors.get(id.idx())?.declared;
    let declared = declared.filter(|declared| declared.act != Act::Sleep)?;
    let act = act(names, declared.act, declared.object);
    Some(spaced(&fill("say.did", &[("who", &actor(names, id)), ("act", &act)])))
}

/// What an event means beside others.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside {
    /// How often whoever takes or gives back an RLock has it after that; 0 for all else.
    depth: usize,
    /// Whether it is an exchange that exchanged nothing.
    is_refused: bool,
}

impl Beside {
    fn of(recording: &Recording, stop: usize, event: &Event) -> Self {
        let Event { kind, actor, object, .. } = *event;
        let step = recording.events_of(stop);
        let depth = || {
            let mut scene = recording.frame(stop - 1).scene;
            for other in step {
                scene.apply(other);
                if std::ptr::eq(other, event) {
                    break;
                }
            }
            scene.holdings.holders(object).iter().filter(|holder| **holder == actor).count()
        };
        let wrote = |other: &Event| {
            (other.kind, other.actor, other.object) == (EventKind::Wrote, actor, object)
        };
        match (recording.names().objects.get(object.idx()), kind) {
            (Some((ObjectKind::RLock, _)), EventKind::Got | EventKind::GaveBack) => {
                Self { depth: depth(), ..Self::default() }
            }
            (Some((ObjectKind::Cell { .. }, _)), EventKind::Accessed) => {
                let is_exchange = event.act == Act::CompareExchange;
                Self { is_refused: is_exchange && !step.iter().any(wrote), ..Self::default() }
            }
            _ => Self::default(),
        }
    }
}

/// An event as a clause; nothing for one that only says who goes, or what is to come.
pub fn say(lesson: &Lesson, names: &Names, event: &Event, beside: Beside) -> Option<String> {
    let Beside { depth, is_refused } = beside;
    let kind = names.objects.get(event.object.idx()).map(|(kind, _)| *kind);
    let is_life = kind == Some(ObjectKind::Thread);
    let mut object = object(names, event.object);
    let mut value = number(event.value);
    let mut own_key = None;
    let key = match event.kind {
        EventKind::Turn if event.actor == ActorId::CLOCK => "say.time",
        EventKind::Turn | EventKind::Declared => return None,
        EventKind::Spawned if event.value == 1 => "say.spawned_daemon",
        EventKind::Spawned => "say.spawned",
        EventKind::Got if is_life => "say.life_begins",
        EventKind::Got if depth > 1 => {
            value = depth.to_string();
            "say.got_again"
        }
        EventKind::Got => "say.got",
        EventKind::GaveBack if is_life => "say.life_ends",
        EventKind::GaveBack if depth > 0 => {
            value = depth.to_string();
            "say.gave_back_once"
        }
        EventKind::GaveBack => "say.gave_back",
        EventKind::UsedUp => "say.used_up",
        EventKind::GaveUp if is_taken(kind) => "say.gave_up",
        EventKind::GaveUp | EventKind::Blocked => {
            object = awaited(names, event.object);
            if event.kind == EventKind::Blocked { "say.blocked" } else { "say.gave_up_waiting" }
        }
        EventKind::Woken if event.object == ObjectId::NONE => return None,
        EventKind::Woken => "say.woken",
        EventKind::Read => "say.read",
        EventKind::Wrote => "say.wrote",
        EventKind::Accessed => {
            object = act(names, event.act, event.object);
            match (event.act, kind) {
                // That it is written says it all.
                (Act::Store, Some(ObjectKind::Cell { .. })) => return None,
                (Act::Store, _) => "say.stored",
                (Act::Wake, _) => "say.woke",
                _ if is_refused => "say.found_other",
                _ => "say.accessed",
            }
        }
        EventKind::Phase => {
            let phase = lesson.phases.get(event.value as usize).copied().unwrap_or_default();
            own_key = Some(format!("say.{phase}"));
            value = phase.to_owned();
            "say.phase"
        }
        EventKind::State => {
            let state = match kind {
                // Whoever comes next will say as what.
                Some(ObjectKind::ReadersWriter) if event.value == 0 => "free",
                _ => kind.map_or("", |kind| kind.state(event.value)),
            };
            own_key = Some(format!("say.state.{state}"));
            value = t!(format!("state.{state}")).into_owned();
            "say.state_is"
        }
        EventKind::Put | EventKind::Took => {
            value = lesson.word(event.value);
            if event.kind == EventKind::Put { "say.put" } else { "say.took" }
        }
        EventKind::Printed => {
            value = lesson.line(names, event.place, event.value);
            "say.printed"
        }
        EventKind::Raced => {
            value = actor(names, ActorId(event.value as u16));
            "say.raced"
        }
        EventKind::AssertionFailed => "say.claim_failed",
        EventKind::Misused => "say.misused",
        EventKind::Finished => match lesson.picture {
            Picture::Table => "say.finished",
            Picture::Objects => "say.through",
        },
    };
    let own_key = own_key.filter(|own| known(own).is_some());
    let key = own_key.unwrap_or_else(|| of_kind(key, kind));
    let who = actor(names, event.actor);
    Some(spaced(&fill(&key, &[("who", &who), ("object", &object), ("value", &value)])))
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
