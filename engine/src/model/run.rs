//! One execution of a program in the model, turn by turn.

use std::fmt;
use std::rc::Rc;
use std::task::{Context, Waker};

use super::kernel::fingerprint::Fingerprint;
use super::kernel::{Body, Config, Grain, Kernel, State};
use super::policy::{Scheduler, View};
use super::ready::Ready;
use super::watch::Watched;
use super::world::Model;
use crate::log::{Deadlock, Ending, Log, Race};
use crate::world::ActorId;

/// The chosen actor cannot take a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotReady(pub ActorId);

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ActorId::CLOCK => write!(f, "no time can pass: nobody sleeps or waits with a timeout"),
            ActorId(id) => write!(f, "actor {id} cannot take a turn"),
        }
    }
}

impl std::error::Error for NotReady {}

/// One execution of a program: who is ready, who takes the next turn, what happened so far.
///
/// ```
/// use engine::{World, model::{Config, Ending, Run}, world::ActorId};
///
/// let mut run = Run::new(Config::default(), |world| {
///     world.spawn("sleeper", 0, |w| async move {
///         w.sleep(std::time::Duration::from_secs(60)).await;
///     });
/// });
/// assert!(run.turn(ActorId(7)).is_err());
/// run.turn(ActorId(0)).unwrap();
/// assert_eq!(run.ending(), Some(&Ending::Finished));
/// ```
pub struct Run {
    kernel: Rc<Kernel>,
    bodies: Vec<Option<Body>>,
    setup: Box<dyn Fn(&Model)>,
    config: Config,
    n_turns: u64,
    last: Option<ActorId>,
    ending: Option<Ending>,
}

impl Run {
    /// A run that stands before its first turn. `setup` makes the objects and spawns the actors.
    pub fn new(config: Config, setup: impl Fn(&Model) + 'static) -> Self {
        let (kernel, setup) = (Rc::default(), Box::new(setup));
        let (bodies, n_turns, last, ending) = (Vec::new(), 0, None, None);
        let mut run = Self { kernel, bodies, setup, config, n_turns, last, ending };
        run.watch(config.explored);
        run.restart();
        run
    }

    /// Goes back to before the first turn.
    pub fn restart(&mut self) {
        self.take_down();
        self.kernel.state.borrow_mut().reset(self.config);
        (self.n_turns, self.last, self.ending) = (0, None, None);
        let world = Model { kernel: self.kernel.clone(), me: ActorId::SETUP };
        (self.setup)(&world);
        if self.config.spurious && self.config.grain == Grain::Words {
            let sleepers = self.kernel.state.borrow().regular_actors();
            sleepers.into_iter().for_each(|sleeper| world.spawn_rouser(sleeper));
        }
        self.adopt();
        self.settle();
    }

    /// Who could take the next turn.
    pub fn ready(&self) -> Ready {
        self.kernel.state.borrow().ready.clone()
    }

    /// Whether the clock could be chosen: somebody sleeps or waits with a timeout.
    pub fn can_pass_time(&self) -> bool {
        self.ending.is_none() && self.kernel.state.borrow().next_deadline_ns().is_some()
    }

    /// How many turns were taken.
    pub fn n_turns(&self) -> u64 {
        self.n_turns
    }

    /// How the run ended, once it has.
    pub fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// What happened so far. Empty where [`Config::record`] is off.
    pub fn log(&self) -> std::cell::Ref<'_, Log> {
        std::cell::Ref::map(self.kernel.state.borrow(), |state| &state.log)
    }

    /// The data races so far: of each two accesses in the source one. Empty where [`Config::races`]
    /// is off.
    pub fn races(&self) -> std::cell::Ref<'_, [Race]> {
        std::cell::Ref::map(self.kernel.state.borrow(), State::races)
    }

    /// The log, once the run is no longer needed.
    pub fn into_log(self) -> Log {
        std::mem::take(&mut self.kernel.state.borrow_mut().log)
    }

    /// Gives the next turn to `actor`, or lets time pass for [`ActorId::CLOCK`].
    ///
    /// # Errors
    /// [`NotReady`] when the run has ended or the actor cannot move; nothing changes then.
    pub fn turn(&mut self, actor: ActorId) -> Result<(), NotReady> {
        {
            let mut state = self.kernel.state.borrow_mut();
            let can_move = match actor {
                ActorId::CLOCK => state.next_deadline_ns().is_some(),
                _ => state.ready.contains(actor),
            };
            if self.ending.is_some() || !can_move {
                return Err(NotReady(actor));
            }
            state.begin_turn(actor);
            if actor == ActorId::CLOCK {
                state.pass_time();
            }
        }
        if actor != ActorId::CLOCK {
            self.poll(actor);
            self.adopt();
        }
        self.n_turns += 1;
        self.last = Some(actor);
        self.settle();
        Ok(())
    }

    /// Lets `scheduler` choose until the run ends, the scheduler names nobody or somebody who
    /// cannot move, or `max_turns` more turns were taken.
    pub fn advance(&mut self, scheduler: &mut dyn Scheduler, max_turns: u64) -> Ending {
        for _ in 0..max_turns {
            if let Some(ending) = &self.ending {
                return ending.clone();
            }
            let choice = {
                let state = self.kernel.state.borrow();
                let State { ready, .. } = &*state;
                scheduler.next(&View { ready, last: self.last, turn: self.n_turns })
            };
            if choice.is_none_or(|actor| self.turn(actor).is_err()) {
                return Ending::Paused;
            }
        }
        self.ending.clone().unwrap_or(Ending::Paused)
    }

    /// Lets `scheduler` choose until the run ends or the scheduler names nobody who can move.
    pub fn finish(&mut self, scheduler: &mut dyn Scheduler) -> Ending {
        self.advance(scheduler, u64::MAX)
    }

    fn poll(&mut self, actor: ActorId) {
        let Some(Some(body)) = self.bodies.get_mut(actor.idx()) else { return };
        let polled = body.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let mut state = self.kernel.state.borrow_mut();
        let stops = std::mem::take(&mut state.stop_actor);
        if polled.is_ready() {
            state.finish_actor(actor);
            drop(state);
            self.bodies[actor.idx()] = None;
        } else if stops {
            state.retire(actor);
            // What it held stays held: it never gives it back.
            state.dead = true;
            drop(state);
            self.bodies[actor.idx()] = None;
            self.kernel.state.borrow_mut().dead = false;
        }
    }

    /// Takes over the actors spawned since the last turn, each up to its first declaration.
    fn adopt(&mut self) {
        loop {
            // Polled while nothing is borrowed: it may spawn others.
            let spawned = self.kernel.spawned.borrow_mut().pop_front();
            let Some((actor, body)) = spawned else { return };
            // Not always in the order of the ids: a body may spawn others while it is being made.
            self.bodies.resize_with(self.bodies.len().max(actor.idx() + 1), || None);
            self.bodies[actor.idx()] = Some(body);
            self.poll(actor);
        }
    }

    /// Where nobody is ready, time passes; where no time can pass, the run has ended.
    fn settle(&mut self) {
        let mut state = self.kernel.state.borrow_mut();
        let config = state.config();
        // In a run that is explored whoever can move goes on all the same.
        let may_end = !config.explored || state.ready.is_empty();
        let is_over = may_end && (state.n_live == 0 || state.failure.is_some());
        if state.watches && state.ready.is_empty() {
            state.come_to_rest();
        }
        self.ending = if !is_over && state.ready.is_empty() && !state.pass_time() {
            Some(Ending::Deadlock(Deadlock::new(state.waits(), &state.holdings)))
        } else if !is_over && self.n_turns >= config.max_turns {
            Some(Ending::TurnLimit)
        } else if !is_over {
            None
        } else if let Some((actor, failure)) = state.failure {
            Some(Ending::Failed { actor, failure })
        } else {
            Some(Ending::Finished)
        };
    }

    /// Says whether it shall be noted what each turn touches; at first it is, in a run that is
    /// explored.
    pub(crate) fn watch(&mut self, watches: bool) {
        self.kernel.state.borrow_mut().watches = watches;
    }

    /// Whether it is noted what each turn touches.
    pub(crate) fn is_watched(&self) -> bool {
        self.kernel.state.borrow().watches
    }

    /// Says whether the log shall be written, from the next restart on, and gives whether it was.
    pub(crate) fn record(&mut self, records: bool) -> bool {
        std::mem::replace(&mut self.config.record, records)
    }

    /// Says whether states shall be told from each other, from the next restart on.
    pub(crate) fn remember(&mut self, remembers: bool) {
        self.kernel.state.borrow_mut().remembers = remembers;
    }

    /// The number of the present state, in a run whose states are told from each other.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.kernel.state.borrow_mut().fingerprint()
    }

    /// In the state whose number was asked for last: the actors that could change places with others,
    /// each with the place that it has among them whatever their numbers are.
    pub(crate) fn places(&self) -> std::cell::Ref<'_, [[ActorId; 2]]> {
        std::cell::Ref::map(self.kernel.state.borrow(), State::places)
    }

    /// What is known of the last turn, in a run that is explored.
    pub(crate) fn watched(&self) -> std::cell::Ref<'_, Watched> {
        std::cell::Ref::map(self.kernel.state.borrow(), |state| &state.watched)
    }

    /// Who could take the next turn, to look at.
    pub(crate) fn watch_ready(&self) -> std::cell::Ref<'_, Ready> {
        std::cell::Ref::map(self.kernel.state.borrow(), |state| &state.ready)
    }

    fn take_down(&mut self) {
        // What bodies do while they are dropped (guards give back) must not count.
        self.kernel.state.borrow_mut().dead = true;
        self.bodies.clear();
        self.kernel.spawned.borrow_mut().clear();
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.take_down();
    }
}
