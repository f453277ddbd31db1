//! The picture of a run after some of its events: a pure fold, the same for every world.

use super::event::{Event, EventKind};
use super::holdings::{Deadlock, Holdings};
use crate::world::{Act, ActorId, ObjectId};

/// What an actor is up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activity {
    /// It has not been spawned yet.
    #[default]
    Unborn,
    /// It runs, or could.
    Ready,
    /// It waits for the object to change.
    Blocked(ObjectId),
    /// It sleeps until this time, in nanoseconds since the run began.
    Sleeping(u64),
    /// It is through.
    Finished,
}

/// What an actor said it would do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// What.
    pub act: Act,
    /// With which object, or [`ObjectId::NONE`].
    pub object: ObjectId,
    /// The number of the place in the source; see [`super::Names::place`].
    pub place: u16,
}

/// One actor in the picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActorScene {
    /// What it is up to.
    pub activity: Activity,
    /// What it will do next, as far as it said.
    pub declared: Option<Declared>,
    /// Its phase, by the lesson's own numbering.
    pub phase: u32,
    /// When that phase began, in nanoseconds since the run began.
    pub phase_since_ns: u64,
    /// What it holds, in the order in which it got it.
    pub held: Vec<ObjectId>,
    /// Whether the run ends without waiting for it.
    pub is_daemon: bool,
    /// The cells it has read and not written since, each with how many writes its value rested on.
    reads: Vec<(ObjectId, u32)>,
}

/// One object in the picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectScene {
    /// The value last seen in it, once anybody has read or written it.
    pub value: Option<u32>,
    /// Who wrote that value.
    pub writer: Option<ActorId>,
    /// The last update that was lost, and how many were.
    pub loss: Option<Loss>,
    /// Its state, by the numbering of its [`crate::world::ObjectKind`].
    pub state: u32,
    /// What is in it, in the order in which it went in.
    pub items: Vec<u32>,
    /// Who waits for it, in the order in which they came.
    pub waiting: Vec<ActorId>,
    /// How much more often it was taken than given back: the permits of a semaphore may be given back by
    /// whoever took none.
    pub n_out: i32,
    /// Whether anything happened to it.
    pub was_touched: bool,
    n_writes: u32,
    /// How many of these writes the value rests on.
    n_kept: u32,
}

/// Somebody wrote a value that was made of an old one, and so undid what was written in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Whose write was undone.
    pub of: ActorId,
    /// Who undid it.
    pub by: ActorId,
    /// How many were undone so far.
    pub n: u32,
}

/// One line that was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Printed {
    /// By whom.
    pub by: ActorId,
    /// The number of the text; see [`super::Names::text`].
    pub text: u16,
    /// What belongs into the text.
    pub value: u32,
}

/// The picture after some events.
///
/// ```
/// use engine::{log::{Activity, Event, EventKind, Scene}, world::ActorId};
///
/// let mut scene = Scene::default();
/// scene.apply(&Event::new(0, ActorId(0), EventKind::Spawned));
/// assert_eq!(scene.actors[0].activity, Activity::Ready);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// The actors, by id.
    pub actors: Vec<ActorScene>,
    /// The objects that have been used, by id.
    pub objects: Vec<ObjectScene>,
    /// Who holds what.
    pub holdings: Holdings,
    /// What was printed.
    pub printed: Vec<Printed>,
    /// How many turns the scheduler of a model has given.
    pub n_turns: u64,
    /// The time of the last event, in nanoseconds since the run began.
    pub time_ns: u64,
    /// The last event that says something to a person (neither a turn nor a declaration).
    pub last: Option<Event>,
}

impl Scene {
    /// The picture after `events`.
    pub fn of(events: &[Event]) -> Self {
        let mut scene = Self::default();
        events.iter().for_each(|event| scene.apply(event));
        scene
    }

    /// Takes one more event into the picture.
    pub fn apply(&mut self, event: &Event) {
        self.time_ns = event.time_ns;
        match event.kind {
            EventKind::Turn => self.n_turns += 1,
            EventKind::Declared => {}
            _ => self.last = Some(*event),
        }
        if event.object != ObjectId::NONE {
            self.apply_to_object(event);
        }
        if event.actor.idx() < ActorId::MAX_ACTORS {
            self.apply_to_actor(event);
        }
    }

    fn apply_to_object(&mut self, event: &Event) {
        let object = slot(&mut self.objects, event.object.idx());
        object.was_touched = true;
        match event.kind {
            EventKind::Blocked => object.waiting.push(event.actor),
            EventKind::Woken => object.waiting.retain(|actor| *actor != event.actor),
            EventKind::State => object.state = event.value,
            EventKind::Put => {
                object.items.insert(event.index_among(object.items.len()), event.value);
            }
            EventKind::Took => {
                // Of equal items the one that comes out first: they look the same.
                let at = object.items.iter().position(|item| *item == event.value);
                at.map(|at| object.items.remove(at));
            }
            EventKind::Read => {
                object.value = Some(event.value);
                let n_kept = object.n_kept;
                let reads = &mut slot(&mut self.actors, event.actor.idx()).reads;
                reads.retain(|(read, _)| *read != event.object);
                reads.push((event.object, n_kept));
            }
            EventKind::Wrote => self.apply_write(event),
            EventKind::Got => {
                object.n_out += 1;
                self.holdings.got(event.object, event.actor);
            }
            EventKind::GaveBack | EventKind::UsedUp => {
                // What is used up stays out.
                object.n_out -= i32::from(event.kind == EventKind::GaveBack);
                if let Some(holder) = self.holdings.gave_back(event.object, event.actor) {
                    let held = &mut slot(&mut self.actors, holder.idx()).held;
                    held.iter().position(|id| *id == event.object).map(|at| held.remove(at));
                }
            }
            _ => {}
        }
    }

    fn apply_write(&mut self, event: &Event) {
        let reads = &mut slot(&mut self.actors, event.actor.idx()).reads;
        let at = reads.iter().position(|(read, _)| *read == event.object);
        let n_kept_read = at.map(|at| reads.remove(at).1);
        let object = slot(&mut self.objects, event.object.idx());
        // Who wrote without having read meant to undo nothing.
        object.n_kept = n_kept_read.unwrap_or(object.n_kept) + 1;
        object.n_writes += 1;
        let (n, by) = (object.n_writes - object.n_kept, event.actor);
        if let Some(of) = object.writer
            && n > object.loss.map_or(0, |loss| loss.n)
        {
            object.loss = Some(Loss { of, by, n });
        }
        object.value = Some(event.value);
        object.writer = Some(event.actor);
    }

    fn apply_to_actor(&mut self, event: &Event) {
        let actor = slot(&mut self.actors, event.actor.idx());
        match event.kind {
            EventKind::Spawned => {
                actor.activity = Activity::Ready;
                actor.is_daemon = event.value == 1;
            }
            EventKind::Woken => actor.activity = Activity::Ready,
            // Where time is free a sleep ends by a turn, and nobody is woken.
            EventKind::Turn if matches!(actor.activity, Activity::Sleeping(_)) => {
                actor.activity = Activity::Ready;
            }
            EventKind::Printed => {
                let Event { actor: by, place: text, value, .. } = *event;
                self.printed.push(Printed { by, text, value });
                actor.declared = None;
            }
            EventKind::Finished => {
                actor.activity = Activity::Finished;
                actor.declared = None;
            }
            EventKind::Blocked => actor.activity = Activity::Blocked(event.object),
            EventKind::Declared => {
                let Event { act, object, place, .. } = *event;
                actor.declared = Some(Declared { act, object, place });
                // To sleep for no time is only to let the others go first.
                if act == Act::Sleep && event.value > 0 {
                    let until = event.time_ns + u64::from(event.value) * 1_000;
                    actor.activity = Activity::Sleeping(until);
                }
            }
            EventKind::Got => {
                actor.held.push(event.object);
                actor.declared = None;
            }
            EventKind::GaveBack | EventKind::UsedUp | EventKind::GaveUp => actor.declared = None,
            EventKind::Phase => {
                actor.phase = event.value;
                actor.phase_since_ns = event.time_ns;
            }
            _ => {}
        }
    }

    /// Who waits for whom, and the cycle in it.
    pub fn waits(&self) -> Deadlock {
        let actors = self.actors.iter().enumerate();
        let blocked = actors.filter_map(|(idx, actor)| match actor.activity {
            Activity::Blocked(object) => Some((ActorId(idx as u16), object)),
            _ => None,
        });
        Deadlock::new(blocked, &self.holdings)
    }

    /// The object with this id, as it is drawn before anything happened to it.
    pub fn object(&self, object: ObjectId) -> ObjectScene {
        self.objects.get(object.idx()).cloned().unwrap_or_default()
    }
}

fn slot<T: Default>(list: &mut Vec<T>, idx: usize) -> &mut T {
    if list.len() <= idx {
        list.resize_with(idx + 1, T::default);
    }
    &mut list[idx]
}
