//! What can come out of a lesson, in words.

use engine::lessons::{End, Outcome};
use rust_i18n::t;

use super::{fill, known, sentence, spaced};
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

/// Whether it can go wrong, as far as is known.
pub fn answer(explored: &Explored) -> String {
    let key = match (explored.is_exhausted, explored.is_cut_off, explored.n_bad) {
        (true, false, 1..) => "explore.all_bad",
        (true, false, 0) => "explore.all_good",
        // Whoever did not get a turn before the cut was not looked at.
        (true, true, 0) => "explore.cut_off",
        (_, _, 1..) => "explore.more_bad",
        (false, _, 0) => "explore.more",
    };
    fill(key, &[("n", &count(MAX_TURNS))])
}

/// An exploration that rests, in one go.
pub fn announcement(explored: &Explored) -> String {
    let [n, n_outcomes, n_bad] =
        [explored.n_executions, explored.n_outcomes as u64, explored.n_bad as u64].map(count);
    let with = [("n", &*n), ("outcomes", &n_outcomes), ("bad", &n_bad)];
    format!("{}{} {}", t!("explore.rests"), answer(explored), fill("explore.counts", &with))
}

/// A number whose thousands one can see.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
