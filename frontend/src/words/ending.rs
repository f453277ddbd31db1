//! How a run ended, in words.

use engine::lessons::{Picture, Scenario, Verdict};
use engine::log::{Deadlock, Ending, Link, Names};
use engine::world::Failure;
use rust_i18n::t;

use super::{actor, awaited, known, object, sentence, spaced};

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
    let (who, object) = (actor(names, link.actor), object(names, link.object));
    let object_awaited = awaited(names, link.object);
    let said = match link.holder {
        Some(holder) if object == object_awaited => {
            let holder = actor(names, holder);
            t!("end.deadlock_link", who = who, object = object, holder = holder)
        }
        _ => format!("{who} {}", t!("next.waits", object = object_awaited)).into(),
    };
    spaced(&said)
}

/// Who waits for whom, closed or not, a sentence for each.
pub fn cycle(names: &Names, deadlock: &Deadlock) -> Vec<String> {
    let links = if deadlock.cycle.is_empty() { &deadlock.blocked } else { &deadlock.cycle };
    let mut lines: Vec<String> = links.iter().map(|l| sentence(&link(names, l))).collect();
    lines.dedup();
    lines
}

/// How the run ended.
pub fn ending(
    names: &Names,
    scenario: &Scenario,
    ending: &Ending,
    verdict: Verdict,
    stop: usize,
) -> Told {
    let lesson = scenario.lesson();
    let good = *ending == Ending::Finished && !matches!(verdict, Verdict::Broken { .. });
    let (headline, lines) = match ending {
        Ending::Finished if lesson.picture == Picture::Table => {
            (t!("end.finished", n = scenario.values.number("meals")), Vec::new())
        }
        Ending::Finished if good => (t!("end.through"), Vec::new()),
        Ending::Finished => (t!("end.wrong"), Vec::new()),
        Ending::Deadlock(deadlock) => {
            let why = match deadlock.cycle.len() {
                0 => "end.deadlock_lost",
                1 => "end.deadlock_self",
                _ => "end.deadlock_why",
            };
            let lines = std::iter::once(t!(why).into_owned()).chain(cycle(names, deadlock));
            (t!("end.deadlock"), lines.collect())
        }
        Ending::Failed { actor: who, failure } => {
            let (key, what) = match failure {
                Failure::Assertion(what) => ("end.claim", what),
                Failure::Misuse(what) => ("end.misuse", what),
            };
            let what = known(&format!("fail.{what}")).unwrap_or_else(|| (*what).to_owned());
            let said = t!(key, who = actor(names, *who), what = what);
            (sentence(&spaced(&said)).into(), Vec::new())
        }
        Ending::TurnLimit if lesson.picture == Picture::Table => {
            (t!("end.limit", n = stop), Vec::new())
        }
        Ending::TurnLimit => (t!("end.limit_any", n = stop), Vec::new()),
        Ending::Stopped => (t!("end.stopped"), Vec::new()),
        Ending::Paused => (t!("end.paused", n = stop), Vec::new()),
    };
    let text = lesson.property.text;
    let text = if rust_i18n::locale().starts_with("zh") { text.zh } else { text.en };
    let property = match verdict {
        // The headline of the dinner says it already.
        _ if lesson.picture == Picture::Table => None,
        Verdict::Holds => Some(t!("end.holds", what = text).into_owned()),
        // Nobody came so far as to keep it.
        Verdict::Broken { .. } if matches!(ending, Ending::Deadlock(_)) => {
            Some(t!("end.missed", what = text).into_owned())
        }
        Verdict::Broken { .. } => Some(t!("end.broken", what = text).into_owned()),
        Verdict::Open => None,
    };
    Told { good, headline: headline.into_owned(), lines, property }
}
