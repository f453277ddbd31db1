//! A modal dialog that is open exactly while somebody wants it to be.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

/// What it is.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its name in style sheets.
    pub class: &'static str,
    /// Whether it is open.
    pub open: bool,
    /// The id of the element that names it.
    pub title_id: &'static str,
    /// It was closed.
    pub on_close: Callback<()>,
    /// What is in it.
    pub children: Html,
}

/// The dialog. Escape closes it, as does whatever in it calls `on_close`.
#[component]
pub fn Dialog(props: &Props) -> Html {
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
    // The page learns of Escape before the dialog closes: who then asks for it again at once is not
    // overlooked. `close` comes late; by then it may be open again.
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
        <dialog class={props.class} ref={dialog} aria-labelledby={props.title_id}
            {oncancel} {onclose}>{ props.children.clone() }</dialog>
    }
}
