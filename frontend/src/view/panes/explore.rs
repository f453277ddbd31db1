//! Whether this can go wrong: everything that can come out of the lesson.

use std::rc::Rc;

use rust_i18n::t;
use yew::prelude::*;

use crate::exploration::{Explored, Group};
use crate::intent::{Action, Explore, Language};
use crate::words;

/// What is known of it.
#[derive(Properties, PartialEq)]
pub struct ExploreProps {
    /// What was found; nothing before anybody looked.
    pub explored: Option<Rc<Explored>>,
    /// Whether it goes on.
    pub explores: bool,
    /// Something was done.
    pub on: Callback<Action>,
    /// The language of its words.
    pub language: Language,
}

/// The question, how far it is answered, and the outcomes, the bad before all others.
#[component]
pub fn ExplorePane(props: &ExploreProps) -> Html {
    let ExploreProps { explores, on, .. } = props;
    let explored = props.explored.as_deref();
    let is_done = explored.is_some_and(|explored| explored.is_exhausted);
    let (label, look) = match explored {
        _ if *explores => ("explore.stop", None),
        None => ("explore.go", Some("primary")),
        Some(_) if is_done => ("explore.done", Some("quiet")),
        Some(_) => ("explore.go_on", None),
    };
    let goes_on = !explores && !is_done;
    let onclick = on.reform(move |_: MouseEvent| Action::Explore(Explore::Go(goes_on)));
    html! {
        <div class="explore">
            <h2>{ t!("explore.question") }</h2>
            if explored.is_none() { <p class="summary">{ t!("explore.intro") }</p> }
            <div class="row">
                // It stays where there is nothing left to do: whoever pressed it keeps the focus.
                <button class={classes!(look)} aria-disabled={is_done.then_some("true")} {onclick}>
                    { t!(label) }
                </button>
                if let Some(explored) = explored { { counts(explored) } }
            </div>
            if let Some(explored) = explored {
                { findings(explored, *explores, on) }
            }
        </div>
    }
}

fn counts(explored: &Explored) -> Html {
    html! {
        <dl>
            <div><dt>{ t!("explore.n") }</dt><dd>{ words::count(explored.n_executions) }</dd></div>
            if let Some(per_second) = explored.per_second {
                <div><dt>{ t!("explore.rate") }</dt><dd>{ words::count(per_second) }</dd></div>
            }
        </dl>
    }
}

fn findings(explored: &Explored, explores: bool, on: &Callback<Action>) -> Html {
    let answer = if explores { t!("explore.going").into_owned() } else { words::answer(explored) };
    let is_sought = explored.groups.iter().any(|group| group.is_sought);
    let hint = if is_sought { "explore.seeking" } else { "explore.hint" };
    let n_hidden = explored.n_outcomes.saturating_sub(explored.groups.len()) as u64;
    let groups = explored.groups.iter().map(|group| row(group, explored.n_executions, on));
    html! {
        <>
            <p class="answer">{ answer }</p>
            if explored.n_outcomes > 0 {
                <p class="summary">{ t!(hint) }</p>
                <ul>{ for groups }</ul>
            }
            if n_hidden > 0 {
                <p class="summary">{ t!("explore.hidden", n = words::count(n_hidden)) }</p>
            }
        </>
    }
}

fn row(group: &Group, n_all: u64, on: &Callback<Action>) -> Html {
    let outcome = group.outcome.clone();
    let (look, sign) = match outcome.held {
        Some(false) => ("bad", "✕"),
        Some(true) => ("good", "✓"),
        None => ("open", "…"),
    };
    let said = words::outcome(&outcome);
    let lines = outcome.lines.join(" · ");
    let [n, all] = [group.n_executions, n_all].map(words::count);
    let share = 100.0 * group.n_executions as f64 / n_all.max(1) as f64;
    let key = format!("{said}{lines}");
    let onclick = on.reform(move |_: MouseEvent| Action::Explore(Explore::See(outcome.clone())));
    html! {
        <li {key}>
            <button class={look} aria-current={group.is_seen.then_some("true")}
                aria-busy={group.is_sought.then_some("true")} {onclick}>
                <span class="sign" aria-hidden="true">{ sign }</span>
                <span class="what">{ said }</span>
                <span class="n">{ t!("explore.share", n = n, all = all) }</span>
                if !lines.is_empty() { <span class="printed">{ lines }</span> }
                <span class="share" aria-hidden="true" style={format!("--share:{share:.1}%")} />
            </button>
        </li>
    }
}
