//! The help: every key, in a dialog.

use rust_i18n::t;
use yew::prelude::*;

use super::Dialog;
use crate::intent::Language;

/// When the help shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether it is open.
    pub open: bool,
    /// It was closed.
    pub on_close: Callback<()>,
    /// The language of its words.
    pub language: Language,
}

/// A modal dialog with the keys.
#[component]
pub fn Help(props: &Props) -> Html {
    let rows = [
        (vec!["␣"], "help.space"),
        (vec!["←", "→"], "help.arrows"),
        (vec!["Home", "End"], "help.home"),
        (vec!["+", "−"], "help.speed"),
        (vec!["R"], "help.restart"),
        (vec!["G", "/"], "help.gallery"),
        (vec!["[", "]"], "help.beside"),
        (vec!["?"], "help.help"),
    ];
    let rows = rows.into_iter().map(|(keys, what)| {
        html! {
            <div>
                <dt>{ for keys.into_iter().map(|key| html! { <kbd>{ key }</kbd> }) }</dt>
                <dd>{ t!(what) }</dd>
            </div>
        }
    });
    html! {
        <Dialog class="help" open={props.open} title_id="help-title"
            on_close={props.on_close.clone()}>
            <h2 id="help-title">{ t!("help.title") }</h2>
            <dl>{ for rows }</dl>
            <p>{ t!("help.pick") }</p>
            <button onclick={props.on_close.reform(|_: MouseEvent| ())}>{ t!("help.close") }</button>
        </Dialog>
    }
}
