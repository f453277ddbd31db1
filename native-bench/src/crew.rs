//! Threads that begin together.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use engine::real::Plain;
use engine::world::ActorId;

/// What a thread needs to use a contestant: nothing, or something that tells it from others.
pub trait Actor: Send + Sized {
    /// As many different ones.
    fn several(n: usize) -> Vec<Self>;

    /// Just one.
    fn one() -> Self {
        Self::several(1).remove(0)
    }
}

impl Actor for () {
    fn several(n: usize) -> Vec<()> {
        vec![(); n]
    }
}

impl Actor for u32 {
    fn several(n: usize) -> Vec<u32> {
        (0..n as u32).collect()
    }
}

/// The world as different actors see it, outside of any run.
impl Actor for Plain {
    fn several(n: usize) -> Vec<Plain> {
        let world = Plain::solo();
        (0..n).map(|idx| world.as_actor(ActorId(idx as u16))).collect()
    }
}

/// On cache lines that nothing else shares.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Apart<T>(pub T);

/// Runs `job` once for each of `actors`, on a thread each; all begin together. Gives the time from
/// the first beginning to the last end, and what the jobs gave, in the order of the actors.
///
/// # Panics
/// When a job panics.
pub fn run<A: Send, T: Send>(actors: Vec<A>, job: impl Fn(A) -> T + Sync) -> (Duration, Vec<T>) {
    let barrier = Barrier::new(actors.len());
    let timed = |actor| {
        barrier.wait();
        let start = Instant::now();
        let output = job(actor);
        (start, Instant::now(), output)
    };
    let timed = &timed;
    let outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> =
            actors.into_iter().map(|actor| scope.spawn(move || timed(actor))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a job panicked")).collect()
    });
    let start = outcomes.iter().map(|(start, ..)| *start).min();
    let end = outcomes.iter().map(|(_, end, _)| *end).max();
    let elapsed = start.zip(end).map_or(Duration::ZERO, |(start, end)| end - start);
    (elapsed, outcomes.into_iter().map(|(.., output)| output).collect())
}
