//! How the run ended, in words.

use yew::prelude::*;

/// What is said of the end.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether it went well.
    pub good: bool,
    /// In one line.
    pub headline: String,
    /// In more.
    pub lines: Vec<String>,
}

/// A banner with the ending.
#[component]
pub fn Outcome(props: &Props) -> Html {
    let class = classes!("outcome", if props.good { "good" } else { "bad" });
    html! {
        <div {class} role="status">
            <h2><span aria-hidden="true">{ if props.good { "✓ " } else { "✕ " } }</span>{ &props.headline }</h2>
            if !props.lines.is_empty() {
                <ul tabindex="0">{ for props.lines.iter().map(|line| html! { <li>{ line }</li> }) }</ul>
            }
        </div>
    }
}
