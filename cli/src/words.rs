//! What happened, in words.

use engine::lessons::Lesson;
use engine::log::{Deadlock, Ending, Event, EventKind, Link, Names};
use engine::world::ActorId;

/// How the run ended, as a clause.
pub fn ending(ending: &Ending, names: &Names) -> String {
    match ending {
        Ending::Finished => "finished".to_owned(),
        Ending::Deadlock(deadlock) => format!("deadlock: {}", chain(deadlock, names)),
        Ending::Failed { actor, failure } => format!("{}: {failure}", names.actor(*actor)),
        Ending::TurnLimit => "the limit of turns was reached before the end".to_owned(),
        Ending::Paused => "it stands still".to_owned(),
        Ending::Stopped => "it was stopped".to_owned(),
    }
}

/// The cycle, or, where there is none, everyone who waits.
fn chain(deadlock: &Deadlock, names: &Names) -> String {
    let links = if deadlock.cycle.is_empty() { &deadlock.blocked } else { &deadlock.cycle };
    let links: Vec<_> = links.iter().map(|link| waiting(link, names)).collect();
    links.join("; ")
}

fn waiting(link: &Link, names: &Names) -> String {
    let who = names.actor(link.actor);
    let what = names.object(link.object).map_or("something".to_owned(), |label| label.to_string());
    match link.holder {
        Some(holder) => format!("{who} waits for {what}, held by {}", names.actor(holder)),
        None => format!("{who} waits for {what}, held by nobody"),
    }
}

/// An actor by its name, also one that there is not.
pub fn actor(actor: ActorId, names: &Names) -> String {
    if actor == ActorId::CLOCK {
        "the clock".to_owned()
    } else if actor.idx() < names.actors.len() {
        names.actor(actor).to_string()
    } else {
        format!("actor {}", actor.0)
    }
}

/// One event as a line, without its time.
pub fn event(event: &Event, names: &Names, lesson: &Lesson) -> String {
    let who = actor(event.actor, names);
    let object = names.object(event.object);
    let what = object.map_or("nothing".to_owned(), |label| label.to_string());
    let (act, value) = (event.act.name(), event.value);
    match event.kind {
        EventKind::Spawned => format!("{who} is spawned"),
        EventKind::Finished => format!("{who} is through"),
        EventKind::Turn => format!("{who} takes the turn"),
        EventKind::Declared => {
            let on = object.map_or(String::new(), |label| format!(" {label}"));
            let place = names.place(event.place);
            let place = place.map_or(String::new(), |at| format!(" ({}:{})", at.file(), at.line()));
            format!("{who} is about to {act}{on}{place}")
        }
        EventKind::Blocked => format!("{who} waits for {what}"),
        EventKind::Woken => format!("{who} can go on"),
        EventKind::Got => format!("{who} has {what}"),
        EventKind::GaveBack => format!("{who} gives {what} back"),
        EventKind::UsedUp => format!("{who} has used {what} up"),
        EventKind::GaveUp => format!("{who} gives up on {what}"),
        EventKind::Read => format!("{who} reads {value} from {what}"),
        EventKind::Wrote => format!("{who} writes {value} to {what}"),
        EventKind::Phase => {
            let phase = lesson.phases.get(value as usize);
            format!("{who} is {}", phase.map_or(format!("in phase {value}"), |p| (*p).to_owned()))
        }
        EventKind::State => {
            let kind = names.objects.get(event.object.idx()).map(|(kind, _)| kind.state(value));
            format!("{who} brings {what} into state {value} ({})", kind.unwrap_or_default())
        }
        EventKind::Put => format!("{who} puts {} into {what}", lesson.word(value)),
        EventKind::Took => format!("{who} takes {} out of {what}", lesson.word(value)),
        EventKind::Printed => {
            format!("{who} prints: {}", lesson.line(names, event.place, event.value))
        }
        EventKind::Accessed => format!("{who} does {act} on {what} and finds {value}"),
        EventKind::AssertionFailed => format!("{who} makes a claim that does not hold"),
        EventKind::Raced => {
            let other = actor(ActorId(value as u16), names);
            format!("{who} uses {what}, and nothing orders that and what {other} did with it")
        }
        EventKind::Misused => format!("{who} breaks the rules of an object"),
    }
}
