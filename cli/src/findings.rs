//! What a check found beside the outcomes: data races, who was overtaken, and going round in circles.

use std::io::{self, Write};

use engine::lessons::{Check, DataRace, End, Found, Outcome, Overtaken, Plan, Scenario};
use engine::world::Place;
use serde_json::{Value, json};

/// A livelock, if some executions had no end: an execution in which everybody takes turns, and nobody
/// gets any further.
pub fn livelock(check: &Check, scenario: &Scenario, max_turns: u64) -> Option<(Outcome, Scenario)> {
    if !check.outcomes().any(|(outcome, _)| outcome.end == End::TurnLimit) {
        return None;
    }
    let mut in_step = Check::new(scenario, Plan::InStep, max_turns);
    while in_step.next() {}
    let (outcome, found) = in_step.outcomes().find(|(outcome, _)| outcome.end == End::Livelock)?;
    Some((outcome.clone(), in_step.schedule(&found.order)?))
}

/// Prints the data races and who was overtaken.
pub fn print(out: &mut dyn Write, check: &Check, lesson: &str) -> io::Result<()> {
    let schedule = |found: &Found| match check.schedule(&found.order) {
        Some(schedule) => format!("\n        five-forks run {lesson} --schedule '{schedule}'"),
        None => String::new(),
    };
    let n_all = check.n_executions();
    for (race, found) in check.races() {
        let (n, see) = (found.n_executions, schedule(found));
        writeln!(out, "data race on {}, in {n} of {n_all}: {}{see}", race.cell, accesses(race))?;
    }
    if let Some((Overtaken { n, actor, object }, found)) = check.overtaken() {
        let (times, see) = (if *n == 1 { "once" } else { &format!("{n} times") }, schedule(found));
        writeln!(out, "most often overtaken: {actor}, {times} while it waited for {object}{see}")?;
    }
    Ok(())
}

/// The data races and who was overtaken, for programs.
pub fn json(check: &Check) -> [Value; 2] {
    let schedule = |found: &Found| check.schedule(&found.order).map(|known| known.to_string());
    let race = |(race, found): (&DataRace, &Found)| {
        let access = |(place, writes): &(Place, bool)| json!({ "writes": writes, "file": place.file(), "line": place.line() });
        json!({
            "cell": race.cell.to_string(),
            "accesses": race.accesses.iter().map(access).collect::<Vec<_>>(),
            "executions": found.n_executions,
            "schedule": schedule(found),
        })
    };
    let overtaken = check.overtaken().map(|(Overtaken { n, actor, object }, found)| {
        let [actor, object] = [actor, object].map(ToString::to_string);
        json!({ "actor": actor, "object": object, "times": n, "schedule": schedule(found) })
    });
    [check.races().map(race).collect(), overtaken.into()]
}

fn accesses(race: &DataRace) -> String {
    let [one, other] = race.accesses.map(|(place, writes)| {
        let does = if writes { "write" } else { "read" };
        format!("a {does} at {}:{}", place.file(), place.line())
    });
    format!("nothing orders {one} and {other}")
}
