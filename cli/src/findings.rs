//! What a check found beside the outcomes: data races, going round in circles, who was overtaken, and
//! what nobody came to.

use std::io::{self, Write};
use std::ops::RangeInclusive;

use engine::lessons::{Check, DataRace, Finding, Found, Lesson, Overtaken};
use engine::world::Place;
use serde_json::{Value, json};

/// Lines that follow each other: the first and the last.
type Lines = RangeInclusive<u32>;

/// Prints them, each with how to see it.
pub fn print(
    out: &mut dyn Write,
    check: &Check,
    unreached: &[Lines],
    lesson: &Lesson,
) -> io::Result<()> {
    for (finding, found) in check.findings() {
        let (n, n_all) = (found.n_executions, check.n_executions());
        match finding {
            Finding::Livelock => writeln!(out, "livelock: the same turns again and again")?,
            Finding::Race(race) => {
                let cell = race.cell;
                writeln!(out, "data race on {cell}, in {n} of {n_all}: {}", accesses(&race))?;
            }
            Finding::Overtaken(Overtaken { n, actor, object }) => {
                let times = if n == 1 { "once".to_owned() } else { format!("{n} times") };
                writeln!(
                    out,
                    "most often overtaken: {actor}, {times} while it waited for {object}"
                )?;
            }
        }
        if let Some(schedule) = check.schedule(&found.order) {
            writeln!(out, "        five-forks run {} --schedule '{schedule}'", lesson.id)?;
        }
    }
    if !unreached.is_empty() {
        let lines = unreached.iter().map(stretch).collect::<Vec<_>>().join(", ");
        writeln!(out, "never reached with these parameters: {}:{lines}", lesson.file)?;
    }
    Ok(())
}

/// The same for programs.
pub fn json(check: &Check, unreached: &[Lines], lesson: &Lesson) -> Value {
    let finding = |(finding, found): (Finding, &Found)| {
        let mut value = match finding {
            Finding::Livelock => json!({ "kind": "livelock" }),
            Finding::Race(race) => json!({
                "kind": "data race",
                "cell": race.cell.to_string(),
                "accesses": race.accesses.map(access),
                "executions": found.n_executions,
            }),
            Finding::Overtaken(Overtaken { n, actor, object }) => json!({
                "kind": "overtaken",
                "actor": actor.to_string(),
                "object": object.to_string(),
                "times": n,
            }),
        };
        value["schedule"] = check.schedule(&found.order).map(|known| known.to_string()).into();
        value
    };
    let unreached = (!unreached.is_empty()).then(|| {
        let lines: Vec<_> = unreached.iter().map(|lines| [lines.start(), lines.end()]).collect();
        json!({ "kind": "unreached", "file": lesson.file, "lines": lines })
    });
    check.findings().map(finding).chain(unreached).collect()
}

fn stretch(lines: &Lines) -> String {
    match (lines.start(), lines.end()) {
        (from, to) if from == to => from.to_string(),
        (from, to) => format!("{from}–{to}"),
    }
}

fn access((place, writes): (Place, bool)) -> Value {
    json!({ "writes": writes, "file": place.file(), "line": place.line() })
}

fn accesses(race: &DataRace) -> String {
    let [one, other] = race.accesses.map(|(place, writes)| {
        let does = if writes { "write" } else { "read" };
        format!("a {does} at {}:{}", place.file(), place.line())
    });
    format!("nothing orders {one} and {other}")
}
