//! The trace-event JSON that Perfetto and `chrome://tracing` open.
//!
//! Format: <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>
//! ("Trace Event Format"). Phases and waits become slices on the actor's track, and what happens to
//! objects becomes instants. A slice is two events, its begin and its end: so where no time passes,
//! their order still says what lies within what. Where a model's whole run takes no virtual time, the
//! number of the event stands in for the microsecond, so that there is something to see.

use std::mem;

use serde_json::{Value, json};

use super::Log;
use super::event::EventKind;

// What the format calls a "phase" of an event.
const BEGIN: &str = "B";
const END: &str = "E";
const INSTANT: &str = "i";

/// The process that the actors are threads of.
const PID: usize = 1;
/// The thread of actor 0. Perfetto takes thread 0 for the one that the process began with. It shows
/// this number behind a name, which may end with a number itself: so they differ in length.
const FIRST_TID: usize = 100;

/// The slices of an actor from the outermost on, and of each whether it is open.
type Open = [bool; 2];
const PHASE: usize = 0;
const WAIT: usize = 1;

/// The whole log as a trace-event document. `phases` names the phases of the lesson, and `word` says what
/// a number in its queues and its output stands for.
///
/// ```
/// use engine::log::{Log, trace_events};
///
/// let trace = trace_events(&Log::default(), &[], &|value| value.to_string());
/// assert_eq!(trace["traceEvents"].as_array().unwrap().len(), 1);
/// ```
pub fn trace_events(log: &Log, phases: &[&str], word: &dyn Fn(u32) -> String) -> Value {
    let timeless = log.events.iter().all(|event| event.time_ns == 0);
    let time_ns = |idx: usize| match log.events.get(idx).or(log.events.last()) {
        Some(event) if !timeless => event.time_ns,
        _ => idx as u64 * 1_000,
    };

    let mut events = vec![meta("process_name", 0, "Five Forks")];
    let actors = log.names.actors.iter().enumerate();
    events.extend(actors.map(|(actor, label)| meta("thread_name", actor, &label.to_string())));

    let mut tracks = vec![Open::default(); log.names.actors.len()];
    for (idx, event) in log.events.iter().enumerate() {
        let (at, actor) = (time_ns(idx), event.actor.idx());
        let Some(open) = tracks.get_mut(actor) else { continue };
        let object = log.names.object(event.object).map(|label| label.to_string());
        let object = object.unwrap_or_default();
        let (shape, name, category) = match event.kind {
            EventKind::Phase => {
                close(open, PHASE, actor, at, &mut events);
                open[PHASE] = true;
                let name = phases.get(event.value as usize).map_or("phase", |name| name);
                (BEGIN, name.to_owned(), "phase")
            }
            EventKind::Blocked => {
                close(open, WAIT, actor, at, &mut events);
                open[WAIT] = true;
                (BEGIN, format!("waits for {object}"), "wait")
            }
            EventKind::Woken => {
                close(open, WAIT, actor, at, &mut events);
                continue;
            }
            EventKind::Finished => {
                close(open, PHASE, actor, at, &mut events);
                continue;
            }
            EventKind::Got | EventKind::GaveBack | EventKind::UsedUp | EventKind::GaveUp => {
                (INSTANT, format!("{} {object}", verb(event.kind)), "object")
            }
            EventKind::Read | EventKind::Wrote => {
                (INSTANT, format!("{} {object} = {}", verb(event.kind), event.value), "data")
            }
            EventKind::State => {
                let kind = log.names.objects.get(event.object.idx()).map(|(kind, _)| kind);
                let state = kind.map_or("", |kind| kind.state(event.value));
                (INSTANT, format!("{object} is {state}"), "data")
            }
            EventKind::Put | EventKind::Took => {
                let item = word(event.value);
                (INSTANT, format!("{} {item} at {object}", verb(event.kind)), "item")
            }
            EventKind::Printed => {
                let line = log.names.text(event.place).replace("{}", &word(event.value));
                (INSTANT, format!("printed {}", line.trim_start()), "output")
            }
            EventKind::AssertionFailed | EventKind::Misused | EventKind::Raced => {
                (INSTANT, verb(event.kind).to_owned(), "failure")
            }
            _ => continue,
        };
        let mut event = bare(shape, actor, at);
        event["name"] = json!(name);
        event["cat"] = json!(category);
        events.push(event);
    }
    let end = time_ns(log.events.len());
    for (actor, open) in tracks.iter_mut().enumerate() {
        close(open, PHASE, actor, end, &mut events);
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
        EventKind::Put => "put",
        EventKind::Took => "took",
        EventKind::AssertionFailed => "assertion failed",
        EventKind::Raced => "data race",
        _ => "misuse",
    }
}

fn meta(name: &str, actor: usize, value: &str) -> Value {
    let tid = FIRST_TID + actor;
    json!({ "ph": "M", "pid": PID, "tid": tid, "name": name, "args": { "name": value } })
}

/// An event without a name. Its time is written in microseconds, with all that the clock knows.
fn bare(shape: &str, actor: usize, at_ns: u64) -> Value {
    json!({ "ph": shape, "pid": PID, "tid": FIRST_TID + actor, "ts": at_ns as f64 / 1_000.0 })
}

/// Ends the slice of that depth, where it is open, after what is within it.
fn close(open: &mut Open, depth: usize, actor: usize, at: u64, events: &mut Vec<Value>) {
    for is_open in open[depth..].iter_mut().rev() {
        if mem::take(is_open) {
            events.push(bare(END, actor, at));
        }
    }
}
