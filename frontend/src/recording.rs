//! What a player plays: a growing log, the places where it stops, and the picture at each.
//!
//! Nothing in here knows the web. The picture at a stop is a fold over the events before it, begun
//! at the nearest keyframe.

use std::rc::Rc;

use engine::lessons::{Picture, Scenario};
use engine::log::{Activity, ActorScene, Ending, Event, EventKind, Log, Names, Scene, Turn, Waits};
use engine::model::Time;
use engine::philosophers::{Action, Phase, Tally, action};
use engine::world::{Act, ActorId};

use crate::traces::Traces;

/// How many stops lie between two keyframes.
const KEYFRAME_EVERY: usize = 64;

/// The picture at one stop.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Everybody and everything.
    pub scene: Scene,
    /// Which item is which, who saw what, who went last.
    pub traces: Traces,
    /// How long everybody waited so far.
    pub waits: Waits,
    /// What each seat got so far; no seats where there is no table.
    pub tally: Tally,
}

impl Frame {
    fn apply(&mut self, event: &Event, (by_turn, is_free): (bool, bool)) {
        self.scene.apply(event);
        if is_free && event.act == Act::Sleep {
            self.wake(event.actor);
        }
        self.traces.apply(event);
        self.waits.apply(event);
        self.tally.apply(event);
        if !by_turn && says_something(event) {
            self.traces.ran = Some(event.actor);
        }
    }

    /// Where time is free nobody has to sleep any longer.
    fn wake(&mut self, actor: ActorId) {
        if let Some(actor) = self.scene.actors.get_mut(actor.idx())
            && matches!(actor.activity, Activity::Sleeping(_))
        {
            actor.activity = Activity::Ready;
        }
    }
}

/// What a stretch of a lane looks like: how much goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Thinks, or could go on.
    Calm,
    /// Hungry, or waits.
    Wants,
    /// Eats, or takes its turn.
    Busy,
    /// Through.
    Over,
    /// Sleeps.
    Asleep,
}

impl Tone {
    /// The tone of a philosopher's phase.
    pub fn of_phase(phase: Phase) -> Self {
        match phase {
            Phase::Thinking => Self::Calm,
            Phase::Hungry => Self::Wants,
            Phase::Eating => Self::Busy,
            Phase::Done => Self::Over,
        }
    }

    /// The tone of what an actor is up to.
    pub fn of_activity(activity: Activity, runs: bool) -> Self {
        match activity {
            _ if runs => Self::Busy,
            Activity::Finished => Self::Over,
            Activity::Blocked(_) => Self::Wants,
            Activity::Sleeping(_) => Self::Asleep,
            Activity::Unborn | Activity::Ready => Self::Calm,
        }
    }
}

/// A stretch of one actor's lane on the timeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// The stop at which it begins.
    pub from: usize,
    /// When it begins, in nanoseconds since the run began.
    pub from_ns: u64,
    /// How much goes on.
    pub tone: Tone,
    /// Whether it waits.
    pub waits: bool,
}

/// A run, as far as it is known.
#[derive(Clone, Debug)]
pub struct Recording {
    picture: Picture,
    log: Log,
    /// Whether turns are the stops, as in the model, or the events that say something.
    by_turn: bool,
    /// Whether sleeps end at any moment.
    is_free: bool,
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
    /// An empty one.
    pub fn new(scenario: &Scenario, by_turn: bool) -> Self {
        let picture = scenario.lesson().picture;
        let n_seats = match picture {
            Picture::Table => scenario.values.number("philosophers") as u16,
            Picture::Objects => 0,
        };
        let mut recording = Self {
            picture,
            log: Log::default(),
            by_turn,
            is_free: by_turn && scenario.time == Time::Free,
            stops: Vec::new(),
            keyframes: Vec::new(),
            last: Frame { tally: Tally::new(n_seats), ..Frame::default() },
            actions: Vec::new(),
            lanes: Vec::new(),
            ending: None,
        };
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
        let ran = self.last.traces.ran;
        self.last.apply(event, (self.by_turn, self.is_free));
        if let Some(action) = action(event, &self.log.names) {
            self.actions.push((position + 1, action));
        }
        if !self.by_turn && says_something(event) {
            self.add_stop(position + 1);
        }
        // Whose turn it was is at rest again.
        if let Some(ran) = ran.filter(|_| ran != self.last.traces.ran) {
            self.extend_lane(ran, event.time_ns);
        }
        self.extend_lane(event.actor, event.time_ns);
    }

    fn add_stop(&mut self, position: usize) {
        if self.stops.len().is_multiple_of(KEYFRAME_EVERY) {
            self.keyframes.push(self.last.clone());
        }
        self.stops.push(position);
    }

    fn extend_lane(&mut self, id: ActorId, from_ns: u64) {
        let at = id.idx();
        let Some(actor) = self.last.scene.actors.get(at) else { return };
        if self.lanes.len() <= at {
            self.lanes.resize(at + 1, Vec::new());
        }
        let tone = self.tone(id, actor);
        let waits = tone == Tone::Wants && matches!(actor.activity, Activity::Blocked(_));
        let lane = &mut self.lanes[at];
        if lane.last().is_none_or(|last| (last.tone, last.waits) != (tone, waits)) {
            let from = if self.by_turn { self.stops.len() } else { self.stops.len() - 1 };
            lane.push(Segment { from, from_ns, tone, waits });
        }
    }

    fn tone(&self, id: ActorId, actor: &ActorScene) -> Tone {
        match self.picture {
            Picture::Table => Tone::of_phase(Phase::from_number(actor.phase)),
            Picture::Objects => {
                // What a turn leads to is seen when it is over. Threads have no turns.
                let runs = self.by_turn || actor.activity == Activity::Ready;
                let runs = runs && self.last.traces.ran == Some(id);
                Tone::of_activity(actor.activity, runs)
            }
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
            frame.apply(event, (self.by_turn, self.is_free));
        }
        frame
    }

    /// The events that led from the stop before to this one.
    pub fn events_of(&self, stop: usize) -> &[Event] {
        let from = stop.checked_sub(1).map_or(0, |before| self.position(before));
        &self.log.events[from..self.position(stop)]
    }

    /// The turns up to a stop.
    pub fn turns(&self, stop: usize) -> impl Iterator<Item = Turn> + '_ {
        Turn::all(&self.log.events[..self.position(stop)])
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

    /// The first stop at which an event has happened.
    pub fn stop_of(&self, event: usize) -> usize {
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
    use EventKind::{Accessed, Declared, Spawned, Turn, UsedUp, Woken};
    !matches!(event.kind, Spawned | Turn | Declared | Woken | Accessed | UsedUp)
}
