//! Facts: what the log of a run says, for properties and outcomes.

use crate::log::{Activity, ActorScene, Event, EventKind, Label, Log, Scene};
use crate::world::{ObjectId, ObjectKind};

/// The least state of a future that is through; see [`ObjectKind::Future`].
const FINISHED: u32 = 2;

/// The values at the end of the cells with this name, in the order in which they were made.
pub(super) fn last_values(log: &Log, name: &str) -> Vec<u32> {
    let cells = log.names.objects.iter().enumerate().filter(|(_, (_, label))| label.name == name);
    let last_value = |(idx, (kind, _)): (usize, &(ObjectKind, Label))| {
        let wrote = |event: &&Event| event.kind == EventKind::Wrote && event.object.idx() == idx;
        match (log.events.iter().rfind(wrote), kind) {
            (Some(event), _) => Some(event.value),
            (None, ObjectKind::Cell { initial }) => Some(*initial),
            _ => None,
        }
    };
    cells.filter_map(last_value).collect()
}

/// The value at the end of the cell with this name.
pub(super) fn last_value(log: &Log, name: &str) -> Option<u32> {
    last_values(log, name).first().copied()
}

/// The events of this kind that happened to objects with this name, each with its index.
pub(super) fn events_of<'a>(
    log: &'a Log,
    kind: EventKind,
    name: &'a str,
) -> impl Iterator<Item = (usize, &'a Event)> + 'a {
    let has_name =
        move |event: &Event| log.names.object(event.object).is_some_and(|l| l.name == name);
    let events = log.events.iter().enumerate();
    events.filter(move |(_, event)| event.kind == kind && has_name(event))
}

/// The events of writing to cells with this name, each with its index.
pub(super) fn writes<'a>(
    log: &'a Log,
    name: &'a str,
) -> impl Iterator<Item = (usize, &'a Event)> + 'a {
    events_of(log, EventKind::Wrote, name)
}

/// The lines that were printed, each with its index.
pub(super) fn prints(log: &Log) -> impl Iterator<Item = (usize, &Event)> {
    log.events.iter().enumerate().filter(|(_, event)| event.kind == EventKind::Printed)
}

/// How often this text was printed.
pub(super) fn n_printed(log: &Log, text: &str) -> usize {
    prints(log).filter(|(_, event)| log.names.text(event.place) == text).count()
}

/// The event at which the first update was lost.
pub(super) fn first_loss(log: &Log) -> Option<usize> {
    let mut scene = Scene::default();
    log.events.iter().position(|event| {
        scene.apply(event);
        event.kind == EventKind::Wrote && scene.object(event.object).loss.is_some()
    })
}

/// The event that broke the rule that the cells with this name hold `sum` together at the end.
pub(super) fn sum_broken_at(log: &Log, name: &str, sum: u32) -> Option<usize> {
    if last_values(log, name).into_iter().fold(0, u32::wrapping_add) == sum {
        return None;
    }
    first_loss(log).or_else(|| writes(log, name).last().map(|(idx, _)| idx))
}

/// The last event, where `is_broken` what is seen only in all of them.
pub(super) fn at_the_end(log: &Log, is_broken: bool) -> Option<usize> {
    log.events.len().checked_sub(1).filter(|_| is_broken)
}

/// How many actors there were with this name.
pub(super) fn n_actors(log: &Log, name: &str) -> usize {
    log.names.actors.iter().filter(|label| label.name == name).count()
}

/// Whether all actors that the run waits for are through.
pub(super) fn all_are_through(log: &Log) -> bool {
    let scene = Scene::of(&log.events);
    scene.actors.iter().all(|actor| actor.is_daemon || actor.activity == Activity::Finished)
}

/// What the main thread of a Python listing prints when it has joined all others: these facts, or
/// nothing where somebody is left behind.
pub(super) fn when_all_are_through(log: &Log, facts: impl FnOnce() -> Vec<String>) -> Vec<String> {
    if all_are_through(log) { facts() } else { Vec::new() }
}

/// The last event of the first future that came neither to a result, nor to an error, nor was cancelled.
pub(super) fn first_unfinished(log: &Log) -> Option<usize> {
    let futures = log.names.objects.iter().zip(0..);
    let futures = futures.filter(|((kind, _), _)| *kind == ObjectKind::Future);
    let mut futures = futures.map(|(_, idx)| ObjectId(idx));
    let scene = Scene::of(&log.events);
    let unfinished = futures.find(|id| scene.object(*id).state < FINISHED)?;
    log.events.iter().rposition(|event| event.object == unfinished)
}

/// How many actors slept at the same time at most, and the event at which that was first so.
pub(super) fn most_asleep(log: &Log) -> (usize, usize) {
    let (mut scene, mut most) = (Scene::default(), (0, 0));
    for (idx, event) in log.events.iter().enumerate() {
        scene.apply(event);
        let is_asleep = |actor: &&ActorScene| matches!(actor.activity, Activity::Sleeping(_));
        let n = scene.actors.iter().filter(is_asleep).count();
        if n > most.0 {
            most = (n, idx);
        }
    }
    most
}
