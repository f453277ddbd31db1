//! What a player plays: a growing log, the places where it stops, and the picture at each.
//!
//! Nothing in here knows the web. The picture at a stop is a fold over the events before it, begun
//! at the nearest keyframe.

use std::rc::Rc;

use engine::log::{Activity, Ending, Event, EventKind, Log, Names, Scene};
use engine::philosophers::{Action, Phase, Tally, action};

/// How many stops lie between two keyframes.
const KEYFRAME_EVERY: usize = 64;

/// The picture at one stop.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Everybody and everything.
    pub scene: Scene,
    /// What each seat got so far.
    pub tally: Tally,
}

/// A stretch of one actor's lane on the timeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// The stop at which it begins.
    pub from: usize,
    /// When it begins, in nanoseconds since the run began.
    pub from_ns: u64,
    /// What the actor is at.
    pub phase: Phase,
    /// Whether it waits.
    pub waits: bool,
}

/// A run, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    log: Log,
    /// Whether turns are the stops, as in the model, or the events that say something.
    by_turn: bool,
    /// How many events come before each stop.
    stops: Vec<usize>,
    keyframes: Vec<Frame>,
    /// The picture after all events.
    last: Frame,
    /// The homework's list, each with the number of events up to it.
    actions: Vec<(usize, Action)>,
    lanes: Vec<Vec<Segment>>,
    ending: Option<Rc<Ending>>,
}

impl Recording {
    /// An empty one, for a table of `philosophers`.
    pub fn new(philosophers: u16, by_turn: bool) -> Self {
        let last = Frame { scene: Scene::default(), tally: Tally::new(philosophers) };
        let lanes = vec![Vec::new(); usize::from(philosophers)];
        let mut recording = Self { by_turn, last, lanes, ..Self::default() };
        if !by_turn {
            recording.add_stop(0);
        }
        recording
    }

    /// Takes over what is new in `log`, which has grown since the last time.
    pub fn follow(&mut self, log: &Log) {
        if self.log.names != log.names {
            self.log.names = log.names.clone();
        }
        self.log.n_lost = log.n_lost;
        for event in &log.events[self.log.events.len()..] {
            self.push(event);
        }
    }

    /// The run is over.
    pub fn end(&mut self, ending: Ending) {
        self.ending = Some(Rc::new(ending));
    }

    fn push(&mut self, event: &Event) {
        let position = self.log.events.len();
        if self.by_turn && event.kind == EventKind::Turn {
            self.add_stop(position);
        }
        self.log.events.push(*event);
        self.last.scene.apply(event);
        self.last.tally.apply(event);
        if let Some(action) = action(event, &self.log.names) {
            self.actions.push((position + 1, action));
        }
        if !self.by_turn && says_something(event) {
            self.add_stop(position + 1);
        }
        self.extend_lane(event);
    }

    fn add_stop(&mut self, position: usize) {
        if self.stops.len().is_multiple_of(KEYFRAME_EVERY) {
            self.keyframes.push(self.last.clone());
        }
        self.stops.push(position);
    }

    fn extend_lane(&mut self, event: &Event) {
        let at = event.actor.idx();
        let (Some(lane), Some(actor)) = (self.lanes.get_mut(at), self.last.scene.actors.get(at))
        else {
            return;
        };
        let phase = Phase::from_number(actor.phase);
        let waits = matches!(actor.activity, Activity::Blocked(_));
        if lane.last().is_none_or(|last| (last.phase, last.waits) != (phase, waits)) {
            let from = if self.by_turn { self.stops.len() } else { self.stops.len() - 1 };
            lane.push(Segment { from, from_ns: event.time_ns, phase, waits });
        }
    }

    /// The number of the last stop.
    pub fn last_stop(&self) -> usize {
        if self.by_turn { self.stops.len() } else { self.stops.len().saturating_sub(1) }
    }

    /// How many events come before the stop.
    fn position(&self, stop: usize) -> usize {
        self.stops.get(stop).copied().unwrap_or(self.log.events.len())
    }

    /// The picture at a stop.
    pub fn frame(&self, stop: usize) -> Frame {
        if stop >= self.last_stop() && self.by_turn {
            return self.last.clone();
        }
        let stop = stop.min(self.stops.len().saturating_sub(1));
        let key = stop / KEYFRAME_EVERY;
        let mut frame = self.keyframes.get(key).unwrap_or(&self.last).clone();
        // A keyframe of a real run is taken after its stop's event, one of the model before it.
        let from = self.position(key * KEYFRAME_EVERY);
        for event in &self.log.events[from..self.position(stop)] {
            frame.scene.apply(event);
            frame.tally.apply(event);
        }
        frame
    }

    /// The events that led from the stop before to this one.
    pub fn events_of(&self, stop: usize) -> &[Event] {
        let from = stop.checked_sub(1).map_or(0, |before| self.position(before));
        &self.log.events[from..self.position(stop)]
    }

    /// The homework's list up to a stop.
    pub fn actions(&self, stop: usize) -> impl ExactSizeIterator<Item = Action> + '_ {
        let position = self.position(stop);
        let n = self.actions.partition_point(|(end, _)| *end <= position);
        self.actions[..n].iter().map(|(_, action)| *action)
    }

    /// How long the homework's list is in the end.
    pub fn n_actions(&self) -> usize {
        self.actions.len()
    }

    /// The stretches of each actor's lane.
    pub fn lanes(&self) -> &[Vec<Segment>] {
        &self.lanes
    }

    /// The time of a stop, in nanoseconds since the run began.
    pub fn time_ns(&self, stop: usize) -> u64 {
        self.position(stop).checked_sub(1).map_or(0, |idx| self.log.events[idx].time_ns)
    }

    /// The first stop at or after a time.
    pub fn stop_at(&self, time_ns: u64) -> usize {
        let event = self.log.events.partition_point(|event| event.time_ns < time_ns);
        self.stops.partition_point(|position| *position <= event).min(self.last_stop())
    }

    /// The names in the log.
    pub fn names(&self) -> &Names {
        &self.log.names
    }

    /// The whole log so far.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// How the run ended, once it has.
    pub fn ending(&self) -> Option<&Rc<Ending>> {
        self.ending.as_ref()
    }

    /// Whether it is a run of the model, so that a stop is a turn.
    pub fn is_model(&self) -> bool {
        self.by_turn
    }
}

/// Whether a person who steps through a real run wants to stop after this event.
fn says_something(event: &Event) -> bool {
    use EventKind::{
        AssertionFailed, Blocked, Finished, GaveBack, GaveUp, Got, Misused, Phase, Read, Wrote,
    };
    matches!(
        event.kind,
        Got | GaveBack
            | GaveUp
            | Blocked
            | Phase
            | Finished
            | Read
            | Wrote
            | AssertionFailed
            | Misused
    )
}
