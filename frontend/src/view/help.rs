//! The help: every key, in a dialog.

use rust_i18n::t;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

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
    let dialog = use_node_ref();
    use_effect_with((props.open, dialog.clone()), |(open, dialog)| {
        if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
            match (*open, dialog.open()) {
                (true, false) => {
                    let _ = dialog.show_modal();
                }
                (false, true) => dialog.close(),
                _ => {}
            }
        }
    });
    let rows = [
        (vec!["␣"], "help.space"),
        (vec!["←", "→"], "help.arrows"),
        (vec!["Home", "End"], "help.home"),
        (vec!["+", "−"], "help.speed"),
        (vec!["R"], "help.restart"),
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
    // The page learns of Escape before the dialog closes: who then asks for help again at once is
    // not overlooked. `close` comes late; by then it may be open again.
    let oncancel = props.on_close.reform(|_: Event| ());
    let onclose = {
        let (dialog, on_close) = (dialog.clone(), props.on_close.clone());
        move |_: Event| {
            if !dialog.cast::<HtmlDialogElement>().is_some_and(|dialog| dialog.open()) {
                on_close.emit(());
            }
        }
    };
    html! {
        <dialog class="help" ref={dialog} aria-labelledby="help-title"
            {oncancel} {onclose}>
            <h2 id="help-title">{ t!("help.title") }</h2>
            <dl>{ for rows }</dl>
            <p>{ t!("help.pick") }</p>
            <button onclick={props.on_close.reform(|_: MouseEvent| ())}>{ t!("help.close") }</button>
        </dialog>
    }
}
