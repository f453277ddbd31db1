//! A real run, seen from outside: started, watched, stopped.

use std::sync::Arc;
use std::time::Duration;

use super::hub::{Config, Hub, Spawner};
use super::record::Record;
use super::world::Real;
use crate::log::{Deadlock, Ending, Log, Merge, Scene};
use crate::world::ActorId;

/// Actors at work on threads of their own.
pub struct Run<R: Record> {
    hub: Arc<Hub<R>>,
    merge: Merge,
    log: Log,
    looked_stuck: bool,
    ending: Option<Ending>,
}

impl<R: Record> Run<R> {
    /// Starts a run. `setup` makes the objects and spawns the actors, which begin when it is done.
    pub fn start(spawner: impl Spawner, config: Config, setup: impl FnOnce(&Real<R>)) -> Self {
        let hub = Arc::new(Hub::new(spawner, config));
        setup(&Real::new(hub.clone(), ActorId::SETUP));
        hub.open();
        let (merge, log) = (Merge::default(), Log::default());
        Self { hub, merge, log, looked_stuck: false, ending: None }
    }

    /// Looks at the run without blocking: takes over the events written since the last look, and
    /// gives the ending once there is one. Look again some milliseconds later: a deadlock is only
    /// believed when it is seen twice.
    pub fn look(&mut self) -> Option<&Ending> {
        // Read before the rings are drained: who is counted out here has written its last event.
        let n_live = self.hub.n_live();
        let stuck = self.hub.looks_stuck();
        if let Some(names) = self.hub.try_names() {
            self.log.names = names;
        }
        self.hub.recorder.drain(&mut self.merge, &mut self.log.events);
        self.log.n_lost = self.hub.recorder.n_lost();
        if self.ending.is_none() {
            self.ending = if let Some((actor, failure)) = self.hub.failure() {
                Some(Ending::Failed { actor, failure })
            } else if n_live == 0 {
                Some(if self.hub.is_stopped() { Ending::Stopped } else { Ending::Finished })
            } else if stuck && self.looked_stuck {
                Some(Ending::Deadlock(self.why_stuck()))
            } else {
                None
            };
            self.looked_stuck = stuck;
            if self.ending.is_some() {
                self.hub.stop();
            }
        }
        self.ending.as_ref()
    }

    fn why_stuck(&self) -> Deadlock {
        Scene::of(&self.log.events).waits()
    }

    /// Blocks until the run has ended and all its threads are through.
    pub fn join(mut self) -> Ending {
        self.watch()
    }

    /// Blocks until the run has ended, and gives its log too.
    pub fn join_with_log(mut self) -> (Ending, Log) {
        let ending = self.watch();
        (ending, std::mem::take(&mut self.log))
    }

    fn watch(&mut self) -> Ending {
        loop {
            let n_live = self.hub.n_live();
            let ending = self.look().cloned();
            match ending {
                Some(ending) if n_live == 0 => return ending,
                _ => self.hub.wait_for_change(n_live, Duration::from_millis(5)),
            }
        }
    }

    /// Makes every actor give up at its next wait. Does not block.
    pub fn stop(&self) {
        self.hub.stop();
    }

    /// What happened so far, as of the last [`Self::look`].
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// How many actors are not through yet.
    pub fn n_live(&self) -> u32 {
        self.hub.n_live()
    }
}

impl<R: Record> Drop for Run<R> {
    fn drop(&mut self) {
        self.hub.stop();
    }
}
