//! How a run ended, in words.

use engine::lessons::{Picture, Scenario, Verdict};
use engine::log::{Deadlock, Ending, Link, Names};
use engine::world::Failure;
use rust_i18n::t;

use super::outlook::waits;
use super::{actor, fill, known, sentence, spaced};

/// What is told of an ending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Whether it went well.
    pub good: bool,
    /// In one line.
    pub headline: String,
    /// In more.
    pub lines: Vec<String>,
    /// Whether what must hold did.
    pub property: Option<String>,
}

/// A link of the wait-for graph in words.
pub fn link(names: &Names, link: &Link) -> String {
    let waits = waits(names, link.object, link.holder.into_iter().collect());
    spaced(&format!("{} {waits}", actor(names, link.actor)))
}

/// Who waits for whom, closed or not, a sentence for each.
pub fn cycle(names: &Names, deadlock: &Deadlock) -> Vec<String> {
    let links = if deadlock.cycle.is_empty() { &deadlock.blocked } else { &deadlock.cycle };
    let mut lines: Vec<String> = links.iter().map(|l| sentence(&link(names, l))).collect();
    lines.dedup();
    lines
}

/// How the run ended, and whether all came to their end then, daemons too.
pub fn ending(
    names: &Names,
    scenario: &Scenario,
    ending: &Ending,
    verdict: Verdict,
    stop: usize,
    all_are_through: bool,
) -> Told {
    let lesson = scenario.lesson();
    let good = *ending == Ending::Finished && !matches!(verdict, Verdict::Broken { .. });
    let is_table = lesson.picture == Picture::Table;
    let (mut n, mut lines) = (stop.to_string(), Vec::new());
    let (mut who, mut what) = (String::new(), String::new());
    let headline = match ending {
        Ending::Finished if is_table => {
            let meals = scenario.values.number("meals");
            n = meals.to_string();
            if meals == 1 { "end.finished_once" } else { "end.finished" }
        }
        Ending::Finished if good && !all_are_through => "end.through_daemons",
        Ending::Finished if good => "end.through",
        Ending::Finished => "end.wrong",
        Ending::Deadlock(deadlock) => {
            let why = match deadlock.cycle.len() {
                0 => "end.deadlock_lost",
                1 => "end.deadlock_self",
                _ => "end.deadlock_why",
            };
            lines.push(t!(why).into_owned());
            lines.extend(cycle(names, deadlock));
            "end.deadlock"
        }
        Ending::Failed { actor: id, failure } => {
            let (key, broken) = match failure {
                Failure::Assertion(claim) => ("end.claim", claim),
                Failure::Misuse(rule) => ("end.misuse", rule),
            };
            what = known(&format!("fail.{broken}")).unwrap_or_else(|| (*broken).to_owned());
            who = actor(names, *id);
            key
        }
        Ending::TurnLimit if is_table => "end.limit",
        Ending::TurnLimit => "end.limit_any",
        Ending::Stopped => "end.stopped",
        Ending::Paused => "end.paused",
    };
    let headline = fill(headline, &[("n", &n), ("who", &who), ("what", &what)]);
    let headline = sentence(&spaced(&headline));
    let text = lesson.property.text;
    let text = if rust_i18n::locale().starts_with("zh") { text.zh } else { text.en };
    let key = match verdict {
        // The headline of the dinner says it already.
        _ if is_table => None,
        Verdict::Holds => Some("end.holds"),
        // Nobody came so far as to keep it.
        Verdict::Broken { .. } if matches!(ending, Ending::Deadlock(_)) => Some("end.missed"),
        Verdict::Broken { .. } => Some("end.broken"),
        Verdict::Open => None,
    };
    let property = key.map(|key| fill(key, &[("what", text)]));
    Told { good, headline, lines, property }
}
