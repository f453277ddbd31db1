//! Whether this can go wrong: everything that can come out of the lesson.

use std::rc::Rc;

use rust_i18n::t;
use web_sys::Element;
use yew::prelude::*;

use engine::lessons::{Fate, Finding, Outcome, Tree};
use engine::log::Names;

use super::tree::{Here, TreePane};
use crate::exploration::{Explored, Group, TREE_LIMIT};
use crate::intent::{Action, Explore, Language, Page, Play};
use crate::words;

/// What is known of it.
#[derive(Properties, PartialEq)]
pub struct ExploreProps {
    /// What was found; nothing before anybody looked.
    pub explored: Option<Rc<Explored>>,
    /// Whether it goes on.
    pub explores: bool,
    /// Some of the executions, as a tree.
    pub tree: Option<Rc<Tree>>,
    /// Where the player stands in it.
    pub here: Here,
    /// The names in it.
    pub names: Rc<Names>,
    /// What happens at the step that decided, in words; empty where none is known.
    pub decided: String,
    /// Something was done.
    pub on: Callback<Action>,
    /// A branch was chosen, and how many turns lead there.
    pub on_visit: Callback<(usize, usize)>,
    /// A finding shall be seen.
    pub on_look_at: Callback<Finding>,
    /// The language of its words.
    pub language: Language,
}

/// The question, how far it is answered, and the outcomes, the bad before all others.
#[component]
pub fn ExplorePane(props: &ExploreProps) -> Html {
    let ExploreProps { explores, on, .. } = props;
    let explored = props.explored.as_deref();
    // When all executions are known, interleavings are counted.
    let is_done = !explores && explored.is_some_and(|explored| explored.is_exhausted);
    let (label, look) = match explored {
        _ if *explores => ("explore.stop", None),
        None => ("explore.go", Some("primary")),
        Some(_) if is_done => ("explore.done", Some("quiet")),
        Some(_) => ("explore.go_on", None),
    };
    let goes_on = !explores && !is_done;
    let onclick = on.reform(move |_: MouseEvent| Action::Explore(Explore::Go(goes_on)));
    // The tree is drawn only where somebody looks at it.
    let is_open = use_state(|| false);
    let ontoggle = {
        let is_open = is_open.clone();
        move |event: Event| {
            is_open.set(event.target_unchecked_into::<Element>().has_attribute("open"))
        }
    };
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
                { findings(props, explored) }
            }
            if let Some(tree) = props.tree.clone().filter(|tree| tree.n_branches() > 1) {
                <details class="tree" {ontoggle}>
                    <summary>{ t!("tree.title") }</summary>
                    if *is_open { { trunk(props, tree) } }
                </details>
            }
        </div>
    }
}

/// The tree, and what it shows.
fn trunk(props: &ExploreProps, tree: Rc<Tree>) -> Html {
    let (here, names, on_visit) = (props.here, props.names.clone(), props.on_visit.clone());
    let key = tree.n_branches();
    html! {
        <>
            <p class="summary">
                { t!("tree.intro") }
                if tree.n_executions() >= TREE_LIMIT {
                    { t!("tree.limit", n = words::count(TREE_LIMIT as u64)) }
                }
            </p>
            <TreePane {key} {tree} {here} {names} {on_visit}
                language={props.language} />
        </>
    }
}

fn counts(explored: &Explored) -> Html {
    html! {
        <dl>
            <div><dt>{ t!("explore.n") }</dt><dd>{ words::count(explored.n_executions) }</dd></div>
            if let Some(per_second) = explored.per_second {
                <div><dt>{ t!("explore.rate") }</dt><dd>{ words::count(per_second) }</dd></div>
            }
            if explored.n_at_work > 0 {
                <div><dt>{ t!("explore.workers") }</dt><dd>{ explored.n_at_work }</dd></div>
            }
        </dl>
    }
}

fn findings(props: &ExploreProps, explored: &Explored) -> Html {
    let answer = if props.explores { words::progress(explored) } else { words::answer(explored) };
    let all = explored.n_estimated.unwrap_or(u64::MAX);
    let share = 100.0 * explored.n_executions as f64 / all as f64;
    let is_sought = explored.groups.iter().any(|group| group.is_sought);
    let hint = if is_sought { "explore.seeking" } else { "explore.hint" };
    let n_hidden = explored.n_outcomes.saturating_sub(explored.groups.len()) as u64;
    let groups = explored.groups.iter().map(|group| row(props, explored, group));
    html! {
        <>
            <p class="answer">
                { answer }
                if props.explores {
                    <span class="share" aria-hidden="true" style={format!("--share:{share:.1}%")} />
                }
            </p>
            if explored.n_outcomes > 0 {
                <p class="summary">{ t!(hint) }</p>
                <ul class="outcomes">{ for groups }</ul>
            }
            if n_hidden > 0 {
                <p class="summary">{ t!("explore.hidden", n = words::count(n_hidden)) }</p>
            }
            if !explored.findings.is_empty() || !explored.unreached.is_empty() {
                <h3>{ t!("finding.title") }</h3>
                <ul>
                    { for explored.findings.iter().map(|finding| beside(props, explored, finding)) }
                    { unreached(props, explored) }
                </ul>
            }
        </>
    }
}

fn row(props: &ExploreProps, explored: &Explored, group: &Group) -> Html {
    let outcome = group.outcome.clone();
    let (look, sign) = sign(&outcome);
    let said = words::outcome(&outcome);
    let lines = outcome.lines.join(" · ");
    let [n, all] = [group.n_executions, explored.n_executions].map(words::count);
    let share = 100.0 * group.n_executions as f64 / explored.n_executions.max(1) as f64;
    let key = format!("{said}{lines}");
    let on = &props.on;
    let onclick = on.reform(move |_: MouseEvent| Action::Explore(Explore::See(outcome.clone())));
    let interleavings = words::interleavings(group.n_interleavings, explored.n_interleavings);
    html! {
        <li {key}>
            <button class={look} aria-current={group.is_seen.then_some("true")}
                aria-busy={group.is_sought.then_some("true")} {onclick}>
                <span class="sign" aria-hidden="true">{ sign }</span>
                <span class="what">{ said }</span>
                <span class="n">{ t!("explore.share", n = n, all = all) }</span>
                if !lines.is_empty() { <span class="printed">{ lines }</span> }
                if let Some(interleavings) = interleavings {
                    <span class="every">{ interleavings }</span>
                }
                <span class="share" aria-hidden="true" style={format!("--share:{share:.1}%")} />
            </button>
            if group.is_seen { { fate(props, explored) } }
        </li>
    }
}

/// Something that was seen beside the outcomes.
fn beside(props: &ExploreProps, explored: &Explored, (finding, n): &(Finding, u64)) -> Html {
    let (finding, said) = (*finding, words::finding(&props.names, finding));
    let (look, sign) = if finding.is_bad() { ("bad", "✕") } else { ("open", "•") };
    let [n, all] = [*n, explored.n_executions].map(words::count);
    let onclick = props.on_look_at.reform(move |_: MouseEvent| finding);
    html! {
        <li key={said.clone()}>
            <button class={look} {onclick}>
                <span class="sign" aria-hidden="true">{ sign }</span>
                <span class="what">{ said }</span>
                if matches!(finding, Finding::Race(_)) {
                    <span class="n">{ t!("explore.share", n = n, all = all) }</span>
                }
            </button>
        </li>
    }
}

/// What nobody came to.
fn unreached(props: &ExploreProps, explored: &Explored) -> Option<Html> {
    let said = words::unreached(&explored.unreached)?;
    let onclick = props.on.reform(|_: MouseEvent| Action::Page(Page::Unreached));
    Some(html! {
        <li key="unreached">
            <button class="open" {onclick}>
                <span class="sign" aria-hidden="true">{ "•" }</span>
                <span class="what">{ said }</span>
            </button>
        </li>
    })
}

/// The class and the sign of an outcome.
pub(super) fn sign(outcome: &Outcome) -> (&'static str, &'static str) {
    match outcome.held {
        Some(false) => ("bad", "✕"),
        Some(true) => ("good", "✓"),
        None => ("open", "…"),
    }
}

/// How simple the execution is that the player holds, and when it was decided.
fn fate(props: &ExploreProps, explored: &Explored) -> Html {
    let to = match explored.fate {
        Some(Fate::Turn(step)) => Some(step),
        _ => None,
    };
    let go = |step: usize| props.on.reform(move |_: MouseEvent| Action::Play(Play::To(step)));
    let said = words::fate(explored, &props.decided);
    if said.is_empty() && explored.n_preemptions.is_none() {
        return Html::default();
    }
    html! {
        <div class="fate" role="status">
            if let Some(n) = explored.n_preemptions {
                <p>{ t!("explore.preemptions", n = n) }</p>
            }
            if !said.is_empty() { <p>{ said }</p> }
            if let Some(step) = to {
                <button onclick={go(step)}>{ t!("explore.fate.go", n = step) }</button>
            }
        </div>
    }
}
