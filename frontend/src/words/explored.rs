//! What can come out of a lesson, in words.

use std::ops::RangeInclusive;

use engine::lessons::{Branch, End, Fate, Finding, Outcome, Overtaken};
use engine::log::Names;
use engine::world::ActorId;
use rust_i18n::t;

use super::outlook::act;
use super::{actor, actor_label, fill, known, object_label, sentence, spaced};
use crate::exploration::{Explored, MAX_TURNS};

/// An outcome without what was printed.
pub fn outcome(outcome: &Outcome) -> String {
    let (key, what) = match outcome.end {
        End::Deadlock => ("explore.deadlock", None),
        End::LostWakeup => ("explore.lost_wakeup", None),
        End::Assertion(claim) => ("explore.claim", Some(claim)),
        End::Misuse(rule) => ("explore.misuse", Some(rule)),
        End::Livelock => ("explore.livelock", None),
        End::TurnLimit => ("explore.limit", None),
        End::Finished if outcome.is_bad() => ("explore.wrong", None),
        End::Finished => ("explore.finished", None),
    };
    let what = what.map(|what| known(&format!("fail.{what}")).unwrap_or_else(|| what.to_owned()));
    let with = [("what", &*what.unwrap_or_default()), ("n", &count(MAX_TURNS))];
    sentence(&spaced(&fill(key, &with)))
}

/// What was seen beside the outcomes.
pub fn finding(names: &Names, finding: &Finding) -> String {
    let said = match finding {
        Finding::Livelock => t!("finding.livelock").into_owned(),
        Finding::Race(race) => {
            let [one, other] = race.accesses.map(|(place, writes)| {
                let key = if writes { "finding.write" } else { "finding.read" };
                fill(key, &[("line", &place.line().to_string())])
            });
            let cell = object_label(names, race.cell);
            fill("finding.race", &[("object", &cell), ("one", &one), ("other", &other)])
        }
        Finding::Overtaken(Overtaken { n, actor, object }) => {
            let (who, object) = (actor_label(names, *actor), object_label(names, *object));
            let with = [("who", &*who), ("object", &object), ("n", &n.to_string())];
            fill("finding.overtaken", &with)
        }
    };
    sentence(&spaced(&said))
}

/// Whether it can go wrong, as far as is known.
pub fn answer(explored: &Explored) -> String {
    let is_bad =
        explored.n_bad > 0 || explored.findings.iter().any(|(finding, _)| finding.is_bad());
    let key = match (explored.is_exhausted, explored.is_cut_off, is_bad) {
        (true, false, true) => "explore.all_bad",
        (true, false, false) => "explore.all_good",
        // Whoever did not get a turn before the cut was not looked at.
        (true, true, false) => "explore.cut_off",
        (_, _, true) => "explore.more_bad",
        (false, _, false) => "explore.more",
    };
    fill(key, &[("n", &count(MAX_TURNS))])
}

/// How far an exploration is that goes on.
pub fn progress(explored: &Explored) -> String {
    let all = explored.n_estimated.map(|all| fill("explore.estimate", &[("n", &count(all))]));
    format!("{}{}", t!("explore.going"), all.unwrap_or_default())
}

/// Which lines nobody came to; nothing where there are none.
pub fn unreached(lines: &[RangeInclusive<u32>]) -> Option<String> {
    let said = lines.iter().map(|lines| match lines.clone().into_inner() {
        (from, to) if from == to => from.to_string(),
        (from, to) => format!("{from}–{to}"),
    });
    let said = said.reduce(|before, lines| format!("{before}, {lines}"))?;
    Some(fill("finding.unreached", &[("lines", &said)]))
}

/// An exploration that rests, in one go.
pub fn announcement(explored: &Explored) -> String {
    let [n, n_outcomes, n_bad] =
        [explored.n_executions, explored.n_outcomes as u64, explored.n_bad as u64].map(count);
    let with = [("n", &*n), ("outcomes", &n_outcomes), ("bad", &n_bad)];
    format!("{}{} {}", t!("explore.rests"), answer(explored), fill("explore.counts", &with))
}

/// In how many of all interleavings it comes, where they were counted.
pub fn interleavings(n_of: Option<u128>, n_all: Option<u128>) -> Option<String> {
    let with = [("n", &*count(n_of?)), ("all", &count(n_all?))];
    Some(fill("explore.interleavings", &with))
}

/// When the execution that the player holds was decided; empty where there is nothing to decide.
/// `what` happens at the step that did.
pub fn fate(explored: &Explored, what: &str) -> String {
    let (key, step) = match explored.fate {
        None if explored.ponders => ("explore.fate.seeking", 1),
        None => return String::new(),
        Some(Fate::Always) => ("explore.fate.always", 1),
        Some(Fate::Turn(step)) => ("explore.fate.turn", step),
        Some(Fate::Unknown) => ("explore.fate.unknown", 1),
    };
    let [before, step] = [step - 1, step].map(|step| step.to_string());
    fill(key, &[("before", &before), ("n", &step), ("what", what)])
}

/// How many turns of a branch are told with what was done in them.
const TURNS_TOLD: usize = 3;

/// A branch of the interleavings' tree: who takes its turns, and what comes of it.
pub fn branch(names: &Names, branch: Branch<'_>) -> String {
    let mut said: Vec<(ActorId, String, usize)> = Vec::new();
    for turn in branch.turns {
        let told = turn.declared.filter(|_| branch.turns.len() <= TURNS_TOLD);
        let told = told.map_or(String::new(), |it| act(names, it.act, it.object));
        match said.last_mut().filter(|(actor, ..)| *actor == turn.actor) {
            Some((_, acts, n)) => (*acts, *n) = (format!("{acts}{}{told}", t!("say.list")), *n + 1),
            None => said.push((turn.actor, told, 1)),
        }
    }
    let mut told: Vec<String> = Vec::new();
    for (who, acts, n) in said {
        let key = if branch.turns.len() <= TURNS_TOLD { "tree.acts" } else { "tree.turns" };
        let n = n.to_string();
        told.push(fill(key, &[("who", &actor(names, who)), ("acts", &acts), ("n", &n)]));
    }
    if told.is_empty() {
        told.push(t!("tree.start").into_owned());
    }
    told.push(match branch.outcome {
        Some(end) => [vec![outcome(end)], end.lines.clone()].concat().join(" · "),
        None => {
            let [n, bad] = [branch.n_executions, branch.n_bad].map(|n| count(n as u64));
            fill("tree.ways", &[("n", &n), ("bad", &bad)])
        }
    });
    sentence(&spaced(&told.join(&t!("tree.then"))))
}

/// A number whose thousands one can see.
pub fn count(n: impl Into<u128>) -> String {
    let digits = n.into().to_string();
    let mut out = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
