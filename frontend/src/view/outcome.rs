//! How the run ended, in words.

use rust_i18n::t;
use yew::prelude::*;

use crate::intent::{Action, Play};
use crate::words::Told;

/// What is said of the end.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// How it ended.
    pub told: Told,
    /// What the run printed, or what came out of it.
    pub lines: Vec<String>,
    /// The step that broke it, and what the way there is called.
    pub broken_at: Option<(usize, String)>,
    /// Something was done.
    pub on: Callback<Action>,
}

/// A banner with the ending.
#[component]
pub fn Outcome(props: &Props) -> Html {
    let Props { told, lines, .. } = props;
    let class = classes!("outcome", if told.good { "good" } else { "bad" });
    let item = |line: &String| html! { <li>{ line }</li> };
    html! {
        <div {class} role="status">
            <h2>
                <span aria-hidden="true">{ if told.good { "✓ " } else { "✕ " } }</span>
                { &told.headline }
            </h2>
            if let Some(property) = &told.property { <p>{ property }</p> }
            if !told.lines.is_empty() {
                <ul tabindex="0">{ for told.lines.iter().map(item) }</ul>
            }
            if !lines.is_empty() {
                <ol class="printed" tabindex="0" aria-label={t!("end.printed")}>
                    { for lines.iter().map(item) }
                </ol>
            }
            if let Some((step, name)) = props.broken_at.clone() {
                <button onclick={props.on.reform(move |_: MouseEvent| Action::Play(Play::To(step)))}>
                    { name }
                </button>
            }
        </div>
    }
}
