//! A real run, seen from outside: started, watched, stopped.

use std::sync::Arc;
use std::time::Duration;

use super::config::Config;
use super::hub::{Hub, Spawner};
use super::record::Record;
use super::world::Real;
use crate::log::{Deadlock, Ending, Log, Merge, Scene};
use crate::world::ActorId;

/// Actors at work on threads of their own.
pub struct Run<R: Record> {
    hub: Arc<Hub<R>>,
    merge: Merge,
    log: Log,
    ending: Option<Ending>,
}

impl<R: Record> Run<R> {
    /// Starts a run. `setup` makes the objects and spawns the actors, which begin when it is done.
    pub fn start(spawner: impl Spawner, config: Config, setup: impl FnOnce(&Real<R>)) -> Self {
        let hub = Arc::new(Hub::new(spawner, config));
        setup(&Real::new(hub.clone(), ActorId::SETUP));
        hub.open();
        let (merge, log) = (Merge::default(), Log::default());
        Self { hub, merge, log, ending: None }
    }

    /// Looks at the run without blocking: takes over the events written since the last look, and
    /// gives the ending once there is one.
    pub fn look(&mut self) -> Option<&Ending> {
        // Read before the rings are drained: who is counted out here has written its last event.
        let n_regular = self.hub.n_regular();
        let is_stuck = self.hub.stop_if_stuck();
        if let Some(names) = self.hub.try_names() {
            self.log.names = names;
        }
        self.hub.recorder.drain(&mut self.merge, &mut self.log.events);
        self.log.n_lost = self.hub.recorder.n_lost();
        if self.ending.is_none() {
            self.ending = if let Some((actor, failure)) = self.hub.failure() {
                Some(Ending::Failed { actor, failure })
            } else if n_regular == 0 {
                Some(if self.hub.is_stopped() { Ending::Stopped } else { Ending::Finished })
            } else if is_stuck {
                Some(Ending::Deadlock(self.why_stuck()))
            } else {
                None
            };
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

    /// Makes every actor give up at its next wait. Does not block, and nobody needs to look afterwards.
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

#[cfg(test)]
mod tests {
    use super::super::{Plain, Recorded, Threads};
    use super::*;
    use crate::log::EventKind;
    use crate::world::{Failure, ObjectKind, Ordering, Waited, Word, World};

    /// Actors that pass a number around, each waiting until it is its turn.
    fn pass_around<W: World>(world: &W, n_actors: u16, n_rounds: u32) {
        let object = world.register(ObjectKind::Resource, "baton", 0);
        let baton = Arc::new(world.word(object, 0));
        for idx in 0..n_actors {
            let baton = baton.clone();
            world.spawn("runner", idx, move |w| async move {
                let (mine, next) = (u32::from(idx), u32::from((idx + 1) % n_actors));
                for _ in 0..n_rounds {
                    loop {
                        let seen = baton.load(&w, Ordering::Acquire).await;
                        if seen == mine {
                            break;
                        }
                        baton.wait(&w, seen, None).await;
                    }
                    baton.store(&w, next, Ordering::Release).await;
                    baton.wake(&w, u32::MAX).await;
                }
            });
        }
    }

    #[test]
    fn no_wakeup_is_lost_and_every_event_is_recorded() {
        let n_rounds = if cfg!(miri) { 5 } else { 500 };
        let ring_capacity = if cfg!(miri) { 1 << 8 } else { 1 << 14 };
        let config = Config { max_actors: 3, ring_capacity, ..Config::default() };
        let setup = |world: &Recorded| pass_around(world, 3, n_rounds);
        let (ending, log) = Run::start(Threads, config, setup).join_with_log();
        assert_eq!((ending, log.n_lost), (Ending::Finished, 0));
        let count = |kind| log.events.iter().filter(|event| event.kind == kind).count();
        assert_eq!((count(EventKind::Spawned), count(EventKind::Finished)), (3, 3));
        assert_eq!(count(EventKind::Blocked), count(EventKind::Woken));
        let setup = |world: &Plain| pass_around(world, 3, n_rounds);
        assert_eq!(Run::start(Threads, config, setup).join(), Ending::Finished);
    }

    #[test]
    fn whoever_waits_for_ever_is_stuck_or_stopped() {
        fn wait_for_ever(world: &Recorded) {
            let object = world.register(ObjectKind::Resource, "never", 0);
            let word = Arc::new(world.word(object, 0));
            for idx in 0..2 {
                let word = word.clone();
                world.spawn("actor", idx, move |w| async move {
                    word.wait(&w, 0, None).await;
                });
            }
        }
        let config = Config { max_actors: 2, ring_capacity: 64, ..Config::default() };
        let ending = Run::start(Threads, config, wait_for_ever).join();
        assert!(matches!(ending, Ending::Deadlock(_)), "{ending:?}");
        let run = Run::start(Threads, config, wait_for_ever);
        run.stop();
        assert_eq!(run.join(), Ending::Stopped);
    }

    #[test]
    fn a_deadline_passes_and_a_failure_ends_the_run() {
        let run = Run::start(Threads, Config::default(), |world: &Plain| {
            let word = Arc::new(world.word((), 7));
            let other = word.clone();
            world.spawn("impatient", 0, move |w| async move {
                let deadline = Some(w.now() + Duration::from_millis(2));
                let waited = word.wait(&w, 7, deadline).await;
                w.check(waited == Waited::TimedOut && Some(w.now()) >= deadline, "it is late");
                w.sleep(Duration::from_millis(1)).await;
                w.check(word.wait(&w, 8, None).await == Waited::Changed, "it was never 8");
                w.check(false, "this does not hold");
            });
            world.spawn("stuck", 0, move |w| async move {
                while other.wait(&w, 7, None).await != Waited::Changed {}
            });
        });
        let failure = Failure::Assertion("this does not hold");
        assert_eq!(run.join(), Ending::Failed { actor: ActorId(0), failure });
    }
}
