//! Which workloads the report measures, and who takes part in each.

use std::time::Duration;

use engine::philosophers::Solution;
use engine::real::Plain;
use engine::sync;
use native_bench::lock::{self, LOADS, Load};
use native_bench::stats::{Histogram, jain};
use native_bench::{recording, semaphore, table, turns};

use crate::measure::{Contestant, Outcome, Row};

type OurLock = sync::Lock<Plain>;
type StdLock = std::sync::Mutex<()>;
type ParkingLotLock = parking_lot::Mutex<()>;
type OurSemaphore = sync::Semaphore<Plain>;

pub const LOCK: &str = "lock";
pub const RECORDING: &str = "recording";
pub const SEMAPHORE: &str = "semaphore";
pub const PHILOSOPHERS: &str = "philosophers";
pub const MODEL: &str = "model";

/// All rows, in the order of the table.
pub fn all() -> Vec<Row> {
    [locks(), recordings(), semaphores(), tables(), models()].into_iter().flatten().collect()
}

fn row(
    group: &'static str,
    name: impl Into<String>,
    unit: &'static str,
    contestants: impl Into<Vec<Contestant>>,
) -> Row {
    Row { group, name: name.into(), unit, contestants: contestants.into() }
}

/// A contestant that does exactly as many operations as it is told to.
fn plain(name: &'static str, run: impl Fn(u64) -> Duration + 'static) -> Contestant {
    let run = move |n_ops| Outcome { n_ops, elapsed: run(n_ops), fairness: None };
    Contestant { name, run: Box::new(run), waits: None }
}

fn contended<L: lock::Contestant>(load: Load) -> Contestant {
    let run = move |n_ops| {
        let contended = lock::contended::<L>(load, n_ops);
        let fairness = Some(jain(&contended.shares));
        Outcome { n_ops, elapsed: contended.elapsed, fairness }
    };
    let waits = move |n_ops| -> Histogram { lock::contended_with_waits::<L>(load, n_ops).waits };
    Contestant { name: L::NAME, run: Box::new(run), waits: Some(Box::new(waits)) }
}

fn uncontended<L: lock::Contestant>() -> Contestant {
    plain(L::NAME, lock::uncontended::<L>)
}

fn locks() -> Vec<Row> {
    let alone =
        [uncontended::<OurLock>(), uncontended::<StdLock>(), uncontended::<ParkingLotLock>()];
    let mut rows = vec![row(LOCK, "uncontended", "acquire + release", alone)];
    rows.extend(LOADS.into_iter().map(|load| {
        let all = [
            contended::<OurLock>(load),
            contended::<StdLock>(load),
            contended::<ParkingLotLock>(load),
        ];
        row(LOCK, load.to_string(), "acquire + release", all)
    }));
    rows
}

#[cfg(target_os = "linux")]
fn recordings() -> Vec<Row> {
    use native_bench::hand;
    let off = [uncontended::<OurLock>(), uncontended::<hand::Lock>()];
    let busy = [contended::<OurLock>(LOADS[1]), contended::<hand::Lock>(LOADS[1])];
    vec![
        row(RECORDING, "off, uncontended", "acquire + release", off),
        row(RECORDING, format!("off, {}", LOADS[1]), "acquire + release", busy),
        recorded(),
    ]
}

#[cfg(not(target_os = "linux"))]
fn recordings() -> Vec<Row> {
    vec![recorded()]
}

/// For information: what it costs to record.
fn recorded() -> Row {
    let off = plain("recording off", lock::uncontended::<OurLock>);
    let on = plain("recording on", recording::recorded);
    row(RECORDING, "on, uncontended", "acquire + release", [on, off])
}

fn semaphores() -> Vec<Row> {
    fn alone<S: semaphore::Contestant>() -> Contestant {
        plain(S::NAME, semaphore::uncontended::<S>)
    }
    fn ping_pong<S: semaphore::Contestant>() -> Contestant {
        plain(S::NAME, semaphore::ping_pong::<S>)
    }
    use semaphore::{ParkingLotCondvar, StdCondvar, Tokio};
    let alone = [
        alone::<OurSemaphore>(),
        alone::<StdCondvar>(),
        alone::<ParkingLotCondvar>(),
        alone::<Tokio>(),
    ];
    let ping_pong = [
        ping_pong::<OurSemaphore>(),
        ping_pong::<StdCondvar>(),
        ping_pong::<ParkingLotCondvar>(),
        ping_pong::<Tokio>(),
    ];
    vec![
        row(SEMAPHORE, "uncontended", "acquire + release", alone),
        row(SEMAPHORE, "ping-pong, 2 threads", "round trip", ping_pong),
    ]
}

/// Everybody eats equally often, so the number of meals is rounded up.
fn dinner(name: &'static str, k: u16, run: impl Fn(u32) -> Duration + 'static) -> Contestant {
    let run = move |n_ops: u64| {
        let meals = n_ops.div_ceil(u64::from(k)) as u32;
        Outcome { n_ops: u64::from(meals) * u64::from(k), elapsed: run(meals), fairness: None }
    };
    Contestant { name, run: Box::new(run), waits: None }
}

fn with_fairness(contestant: Contestant, solution: Solution, k: u16) -> Contestant {
    /// Recorded, so every event is kept: enough to tell the shares, little enough to keep.
    const MEALS: u64 = 2_000;
    let run = move |n_ops| {
        let recorded = table::recorded_dinner(solution, k, (MEALS / u64::from(k)) as u32);
        Outcome { fairness: Some(recorded.fairness()), ..(contestant.run)(n_ops) }
    };
    Contestant { run: Box::new(run), ..contestant }
}

fn tables() -> Vec<Row> {
    let mut rows = Vec::new();
    for k in table::SIZES {
        for solution in table::solutions() {
            let ours = dinner("five forks", k, move |meals| table::dinner(solution, k, meals));
            let mut contestants = vec![with_fairness(ours, solution, k)];
            if solution == Solution::Ordered {
                contestants.push(dinner("std", k, move |meals| table::std_dinner(k, meals)));
            }
            rows.push(row(
                PHILOSOPHERS,
                format!("{}, K = {k}", solution.id()),
                "meal",
                contestants,
            ));
        }
    }
    rows
}

fn models() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, grain, record) in turns::VARIANTS {
        let run = move |at_least| {
            let (n_ops, elapsed) = turns::turns(grain, record, at_least);
            Outcome { n_ops, elapsed, fairness: None }
        };
        let ours = Contestant { name: "five forks", run: Box::new(run), waits: None };
        rows.push(row(MODEL, format!("turns, {name}"), "turn", [ours]));
        let executions = plain("five forks", move |n| turns::executions(grain, record, n));
        rows.push(row(MODEL, format!("executions, {name}"), "execution", [executions]));
    }
    rows
}
