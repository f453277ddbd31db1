//! Checking one's own algorithm, in a test: nothing to set up, and a failure that one can read.

use std::fmt::Write;
use std::rc::Rc;

use super::{Every, Exploration, Reduced, Search};
use crate::log::{DataAccess, Deadlock, Ending, Names, Race, Turn};
use crate::model::{Config, Model, NotReady, Run};
use crate::world::ActorId;

/// How many executions may be spent on a simpler way to a failure.
const SIMPLER_LIMIT: u64 = 100_000;

/// Looks at one execution of each class of a program, and gives how many there were.
///
/// # Panics
/// When one of them does not end well: a claim fails, a primitive is misused, somebody is stuck, or it
/// takes more turns than it may. When all end well, but there is a data race, if [`Config::races`] says
/// that it matters. The message shows an execution with as few preemptions as there can be, turn by
/// turn, and the schedule with which [`replay`] does it again.
///
/// ```
/// use engine::{World, explore::verify, sync::Lock, world::Shared};
/// use std::sync::Arc;
///
/// let n_executions = verify(Default::default(), |world| {
///     let shared = Arc::new((Lock::new(world, "lock", 0), Shared::new(world, "x", 0, 0)));
///     for idx in 0..3 {
///         let shared = shared.clone();
///         world.spawn("adder", idx, move |w| async move {
///             let (lock, x) = &*shared;
///             let guard = lock.acquire(&w).await;
///             let seen = x.load(&w).await;
///             x.store(&w, seen + 1).await;
///             w.check(x.load(&w).await == seen + 1, "nobody comes between");
///             guard.release().await;
///         });
///     }
/// });
/// assert_eq!(n_executions, 6, "whoever takes the lock goes first");
/// ```
///
/// Without the lock it panics:
///
/// ```should_panic
/// # use engine::{World, explore::verify, world::Shared};
/// # use std::sync::Arc;
/// verify(Default::default(), |world| {
///     let x = Arc::new(Shared::new(world, "x", 0, 0));
///     for idx in 0..2 {
///         let x = x.clone();
///         world.spawn("adder", idx, move |w| async move {
///             let seen = x.load(&w).await;
///             x.store(&w, seen + 1).await;
///             w.check(x.load(&w).await == seen + 1, "nobody comes between");
///         });
///     }
/// });
/// ```
#[track_caller]
pub fn verify(config: Config, program: impl Fn(&Model) + 'static) -> u64 {
    let program = Rc::new(program);
    let explore = |search: Box<dyn Search>| {
        let program = program.clone();
        Exploration::new(Config { record: false, ..config }, search, move |world| program(world))
    };
    let has_failed = |run: &Run| run.ending() != Some(&Ending::Finished);
    let has_raced = |run: &Run| !run.races().is_empty();
    let mut all = explore(Box::new(Reduced::new()));
    let mut raced = None;
    let failed = first(&mut all, u64::MAX, |exploration| {
        if raced.is_none() && has_raced(exploration.run()) {
            raced = Some(exploration.search().order());
        }
        has_failed(exploration.run())
    });
    let simplest = match (failed, raced) {
        (Some(order), _) => simpler(explore, order.len(), has_failed).unwrap_or(order),
        (None, Some(order)) => simpler(explore, order.len(), has_raced).unwrap_or(order),
        (None, None) => return all.n_executions(),
    };
    let follow = |explored| {
        let program = program.clone();
        let config = Config { record: true, explored, ..config };
        let mut run = Run::new(config, move |world| program(world));
        let n_turns = simplest.iter().take_while(|actor| run.turn(**actor).is_ok()).count();
        (run, n_turns)
    };
    let (mut run, mut n_turns) = follow(false);
    if run.ending().is_none() {
        // Somebody spins for ever, which only a run that is explored takes for an ending.
        (run, n_turns) = follow(true);
    }
    panic!("{}", story(&run, &simplest[..n_turns]));
}

/// Follows the schedule that [`verify`] printed, and gives the run after its last turn.
///
/// # Errors
/// [`NotReady`] when somebody in the schedule cannot take a turn (or is nobody).
pub fn replay(
    config: Config,
    program: impl Fn(&Model) + 'static,
    schedule: &str,
) -> Result<Run, NotReady> {
    let mut run = Run::new(config, program);
    for actor in schedule.split_whitespace() {
        run.turn(actor.parse().map_or(ActorId::SETUP, ActorId))?;
    }
    Ok(run)
}

/// Who took the turns of the first execution that `is_it`, among so many.
fn first<S: Search>(
    exploration: &mut Exploration<S>,
    limit: u64,
    mut is_it: impl FnMut(&Exploration<S>) -> bool,
) -> Option<Vec<ActorId>> {
    for _ in 0..limit {
        exploration.next()?;
        if is_it(exploration) {
            return Some(exploration.search().order());
        }
    }
    None
}

/// One with as few preemptions as there can be.
fn simpler(
    explore: impl Fn(Box<dyn Search>) -> Exploration<Box<dyn Search>>,
    n_turns: usize,
    is_it: impl Fn(&Run) -> bool,
) -> Option<Vec<ActorId>> {
    let mut n_left = SIMPLER_LIMIT;
    for n_preemptions in 0..n_turns {
        let mut bounded = explore(Box::new(Every::bounded(n_preemptions)));
        if let Some(order) = first(&mut bounded, n_left, |found| is_it(found.run())) {
            return Some(order);
        }
        n_left = n_left.saturating_sub(bounded.n_executions());
    }
    None
}

/// What happened, turn by turn, as a table.
fn story(run: &Run, order: &[ActorId]) -> String {
    let log = run.log();
    let told = match (run.ending(), run.races().first()) {
        (Some(Ending::Finished), Some(race)) => race_in_words(race, &log.names),
        (Some(ending), _) => ending_in_words(ending, &log.names),
        (None, _) => String::new(),
    };
    let mut text = format!("{told}\n\n");
    let width = log.names.actors.iter().map(|label| label.to_string().len()).max().unwrap_or(0);
    for (nth, turn) in Turn::all(&log.events).enumerate() {
        let (who, what) = (log.names.actor(turn.actor).to_string(), turn.told(&log.names));
        let place = turn.declared.and_then(|declared| log.names.place(declared.place));
        let place = place.map_or(String::new(), |at| format!("  ({}:{})", at.file(), at.line()));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{nth:>4}  {who:width$}  {what}{place}");
    }
    let schedule: Vec<_> = order.iter().map(|actor| actor.0.to_string()).collect();
    let _ = write!(text, "\nschedule: \"{}\"", schedule.join(" "));
    text
}

fn race_in_words(race: &Race, names: &Names) -> String {
    let cell = names.object(race.object).map_or("a cell".to_owned(), |label| label.to_string());
    let [one, other] = race.accesses.map(|DataAccess { actor, writes, place }| {
        let does = if writes { "writes" } else { "reads" };
        format!("{} {does} ({}:{})", names.actor(actor), place.file(), place.line())
    });
    format!("data race on {cell}: {one}, {other}, and nothing orders that")
}

fn ending_in_words(ending: &Ending, names: &Names) -> String {
    match ending {
        Ending::Failed { actor, failure } => format!("{}: {failure}", names.actor(*actor)),
        Ending::Deadlock(Deadlock { blocked, .. }) => {
            let waits = blocked.iter().map(|link| {
                let what = names.object(link.object);
                let what = what.map_or("something".to_owned(), |label| label.to_string());
                format!("{} waits for {what}", names.actor(link.actor))
            });
            format!("nobody can go on: {}", waits.collect::<Vec<_>>().join(", "))
        }
        Ending::TurnLimit => "it does not come to an end".to_owned(),
        Ending::Finished | Ending::Paused | Ending::Stopped => "it ended".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;
    use std::sync::Arc;

    use super::*;
    use crate::world::{Shared, World};

    fn adders(world: &Model) {
        let x = Arc::new(Shared::new(world, "x", 0, 0));
        for idx in 0..2 {
            let x = x.clone();
            world.spawn("adder", idx, move |w| async move {
                let seen = x.load(&w).await;
                x.store(&w, seen + 1).await;
                w.check(x.load(&w).await == seen + 1, "nobody comes between");
            });
        }
    }

    #[test]
    fn a_failure_is_told_and_can_be_seen_again() {
        let error = catch_unwind(|| verify(Config::default(), adders)).unwrap_err();
        let told = error.downcast_ref::<String>().unwrap();
        let (what, rest) = told.split_once("\n\n").unwrap();
        assert_eq!(what, "adder 0: the claim does not hold: nobody comes between");
        let (table, schedule) = rest.split_once("\n\n").unwrap();
        assert!(table.lines().all(|line| line.contains("x 0") && line.contains("verify.rs:")));
        assert!(table.starts_with("   0  adder 0  load x 0"), "{table}");
        let schedule = schedule.strip_prefix("schedule: \"").unwrap().strip_suffix('"').unwrap();
        let run = replay(Config::default(), adders, schedule).unwrap();
        assert!(matches!(run.ending(), Some(Ending::Failed { .. })), "{schedule}");
        assert!(replay(Config::default(), adders, "0 7").is_err());
        assert!(replay(Config::default(), adders, "x").is_err());
    }

    #[test]
    fn a_data_race_is_told_where_all_ends_well() {
        let racy = |world: &Model| {
            let x = Arc::new(Shared::new(world, "x", 0, 0));
            for idx in 0..2 {
                let x = x.clone();
                world.spawn("writer", idx, move |w| async move { x.store(&w, 1).await });
            }
        };
        let error = catch_unwind(|| verify(Config::default(), racy)).unwrap_err();
        let told = error.downcast_ref::<String>().unwrap();
        assert!(told.starts_with("data race on x 0: writer 0 writes ("), "{told}");
        assert_eq!(verify(Config { races: false, ..Config::default() }, racy), 2);
    }

    #[test]
    fn who_is_stuck_is_named() {
        let error = catch_unwind(|| {
            verify(Config::default(), |world: &Model| {
                let never = Arc::new(Shared::new(world, "never", 0, 0));
                world.spawn("waiter", 0, move |w| async move {
                    while never.load(&w).await == 0 {
                        w.relax(0);
                    }
                });
            })
        });
        let told = error.unwrap_err();
        let told = told.downcast_ref::<String>().unwrap();
        assert!(told.starts_with("nobody can go on: waiter 0 waits for never 0\n"), "{told}");
    }
}
