//! The homework's list.

use std::rc::Rc;

use engine::philosophers::Action as Line;
use rust_i18n::t;
use yew::prelude::*;

use crate::intent::{Language, Take};

/// The end of the homework's list.
#[derive(Properties, PartialEq)]
pub struct ActionsProps {
    /// Its last lines up to the step.
    pub lines: Rc<[Line]>,
    /// How many there are up to the step.
    pub n: usize,
    /// How many there are in the whole run.
    pub all: usize,
    /// Something is wanted, in the clipboard or as a file.
    pub on_take: Callback<Take>,
    /// The language of its words.
    pub language: Language,
}

/// How many lines of the list are shown at a time.
pub const LINES_SHOWN: usize = 40;

/// The homework's list as it grows, newest first.
#[component]
pub fn ActionsPane(props: &ActionsProps) -> Html {
    let first = props.n - props.lines.len();
    let lines = props.lines.iter().enumerate().rev().map(|(idx, [who, fork, action])| {
        html! { <li key={first + idx}>{ format!("[{who}, {fork}, {action}]") }</li> }
    });
    let button = |label: &'static str, take: Take| {
        html! { <button onclick={props.on_take.reform(move |_: MouseEvent| take)}>{ t!(label) }</button> }
    };
    html! {
        <div class="actions">
            <p class="summary">{ t!("list.intro") }</p>
            <div class="row">
                { button("list.copy", Take::List) }
                { button("list.download", Take::ListFile) }
                { button("list.trace", Take::TraceFile) }
            </div>
            <p>{ t!("list.count", n = props.n, all = props.all) }</p>
            <ol class="lines" reversed=true start={props.n.to_string()} tabindex="0"
                aria-label={t!("tab.actions")}>{ for lines }</ol>
        </div>
    }
}
