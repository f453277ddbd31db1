//! The trace-event JSON that Perfetto and `chrome://tracing` open.
//!
//! Format: <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>
//! ("Trace Event Format"). Phases and waits become slices on the actor's track, and what happens to
//! objects becomes instants. Where a model's whole run takes no virtual time, the number of the
//! event stands in for the microsecond, so that there is something to see.

use serde_json::{Value, json};

use super::Log;
use super::event::EventKind;

/// The whole log as a trace-event document. `phases` names the phases of the lesson.
///
/// ```
/// use engine::log::{Log, trace_events};
///
/// assert_eq!(trace_events(&Log::default(), &[])["traceEvents"].as_array().unwrap().len(), 1);
/// ```
pub fn trace_events(log: &Log, phases: &[&str]) -> Value {
    let timeless = log.events.iter().all(|event| event.time_ns == 0);
    let time_ns = |idx: usize| if timeless { idx as u64 * 1_000 } else { log.events[idx].time_ns };
    let end = log.events.len().checked_sub(1).map_or(0, time_ns);

    let mut events = vec![meta("process_name", 0, "Five Forks")];
    let actors = log.names.actors.iter().enumerate();
    events.extend(actors.map(|(tid, label)| meta("thread_name", tid, &label.to_string())));

    // The open slices of each actor: its phase, and within it its wait.
    let mut open: Vec<[Option<(u64, String)>; 2]> =
        vec![Default::default(); log.names.actors.len()];
    for (idx, event) in log.events.iter().enumerate() {
        let (at, tid) = (time_ns(idx), event.actor.idx());
        let Some([phase, wait]) = open.get_mut(tid) else { continue };
        let object = log.names.object(event.object).map(|label| label.to_string());
        match event.kind {
            EventKind::Phase => {
                events.extend(slice(phase, tid, at, "phase"));
                let name = phases.get(event.value as usize).map_or("phase", |name| name);
                *phase = Some((at, name.to_owned()));
            }
            EventKind::Blocked => {
                *wait = Some((at, format!("waits for {}", object.unwrap_or_default())));
            }
            EventKind::Woken => events.extend(slice(wait, tid, at, "wait")),
            EventKind::Finished => events.extend(slice(phase, tid, at, "phase")),
            EventKind::Got | EventKind::GaveBack | EventKind::UsedUp | EventKind::GaveUp => {
                let name = format!("{} {}", verb(event.kind), object.unwrap_or_default());
                events.push(instant(tid, at, &name, "object"));
            }
            EventKind::Read | EventKind::Wrote | EventKind::State => {
                let object = object.unwrap_or_default();
                let name = format!("{} {object} = {}", verb(event.kind), event.value);
                events.push(instant(tid, at, &name, "data"));
            }
            EventKind::Put | EventKind::Took => {
                let object = object.unwrap_or_default();
                let name = format!("{} {} at {object}", verb(event.kind), event.value);
                events.push(instant(tid, at, &name, "item"));
            }
            EventKind::Printed => {
                let line = log.names.text(event.place).replace("{}", &event.value.to_string());
                events.push(instant(tid, at, &format!("printed {line}"), "output"));
            }
            EventKind::AssertionFailed | EventKind::Misused | EventKind::Raced => {
                events.push(instant(tid, at, verb(event.kind), "failure"));
            }
            _ => {}
        }
    }
    for (tid, [phase, wait]) in open.iter_mut().enumerate() {
        events.extend(slice(phase, tid, end, "phase"));
        events.extend(slice(wait, tid, end, "wait"));
    }
    json!({
        "displayTimeUnit": "ns",
        "otherData": { "logVersion": super::VERSION, "lostEvents": log.n_lost },
        "traceEvents": events,
    })
}

fn verb(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Got => "got",
        EventKind::GaveBack => "gave back",
        EventKind::UsedUp => "used up",
        EventKind::GaveUp => "gave up",
        EventKind::Read => "read",
        EventKind::Wrote => "wrote",
        EventKind::State => "changed",
        EventKind::Put => "put",
        EventKind::Took => "took",
        EventKind::AssertionFailed => "assertion failed",
        EventKind::Raced => "data race",
        _ => "misuse",
    }
}

fn meta(name: &str, tid: usize, value: &str) -> Value {
    json!({ "ph": "M", "pid": 1, "tid": tid, "name": name, "args": { "name": value } })
}

fn instant(tid: usize, at: u64, name: &str, category: &str) -> Value {
    let at = micros(at);
    json!({ "ph": "i", "s": "t", "pid": 1, "tid": tid, "ts": at, "name": name, "cat": category })
}

fn slice(open: &mut Option<(u64, String)>, tid: usize, end: u64, category: &str) -> Option<Value> {
    let (start, name) = open.take()?;
    let (at, length) = (micros(start), micros(end - start));
    Some(json!({
        "ph": "X", "pid": 1, "tid": tid, "ts": at, "dur": length, "name": name, "cat": category,
    }))
}

/// Only what is written is divided: a difference of microseconds is not exact, and a slice that
/// ends a bit after the next one begins is not drawn.
fn micros(ns: u64) -> f64 {
    ns as f64 / 1_000.0
}
