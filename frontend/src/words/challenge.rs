//! How a challenge stands, in words.

use rust_i18n::t;

use super::{count, fill, outcome};
use crate::challenge::{Answer, Quest, Standing};

/// How it stands, in one sentence or two; nothing as long as there is nothing to say.
pub fn standing(standing: &Standing) -> String {
    let n = count(standing.n_executions);
    match (standing.quest, standing.answer, standing.broken_in) {
        (Quest::Break, _, None) => String::new(),
        (Quest::Break, _, Some(steps)) => {
            let key = match standing.par {
                None => "challenge.broken",
                Some(par) if steps <= par => "challenge.broken_par",
                Some(_) => "challenge.broken_over",
            };
            let par = standing.par.unwrap_or_default().to_string();
            fill(key, &[("n", &steps.to_string()), ("par", &par)])
        }
        (Quest::Mend, Answer::Unknown, _) => String::new(),
        (Quest::Mend, Answer::Fails, _) => {
            let what = failures(standing).into_iter().next().unwrap_or_default();
            fill("challenge.fails", &[("what", &what)])
        }
        (Quest::Mend, Answer::Mended, _) => fill("challenge.mended", &[("n", &n)]),
        (Quest::Mend, Answer::Open, _) => fill("challenge.unsettled", &[("n", &n)]),
    }
}

/// What is to be done, where this is promised.
pub fn goal(quest: Quest, promised: &str) -> String {
    let key = match quest {
        Quest::Break => "challenge.break_goal",
        Quest::Mend => "challenge.mend_goal",
    };
    fill(key, &[("what", promised)])
}

/// How it can fail, as far as is known; nothing before anything is.
pub fn ways(standing: &Standing) -> Option<String> {
    let failures = failures(standing).join(&t!("say.comma"));
    (!failures.is_empty()).then(|| fill("challenge.ways", &[("what", &failures)]))
}

/// The failures that there are, in words.
fn failures(standing: &Standing) -> Vec<String> {
    let said = standing.bad.iter().map(|bad| match bad.lines.is_empty() {
        true => outcome(bad),
        false => [outcome(bad), bad.lines.join(" · ")].join(&t!("challenge.colon")),
    });
    said.collect()
}
