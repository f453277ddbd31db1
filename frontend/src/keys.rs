//! What keys do. Keys typed into a field stay there.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::intent::{Action, Page, Play, Set};

/// What a key asks for, at `step` of `last`.
pub fn action(event: &KeyboardEvent, step: usize, last: usize) -> Option<Action> {
    if event.ctrl_key() || event.alt_key() || event.meta_key() || event.default_prevented() {
        return None;
    }
    let key = event.key();
    if is_typed_into(event, &key) || a_dialog_is_open() {
        return None;
    }
    let action = match key.as_str() {
        " " => Action::Play(Play::Toggle),
        "ArrowLeft" => Action::Play(Play::To(step.saturating_sub(1))),
        "ArrowRight" => Action::Play(Play::To(step + 1)),
        "Home" => Action::Play(Play::To(0)),
        "End" => Action::Play(Play::To(last)),
        "+" | "=" => Action::Play(Play::Faster(true)),
        "-" | "_" => Action::Play(Play::Faster(false)),
        "r" | "R" => Action::Set(Set::Restart),
        "g" | "G" | "/" => Action::Page(Page::Gallery(true)),
        "[" => Action::Set(Set::Beside(false)),
        "]" => Action::Set(Set::Beside(true)),
        "?" => Action::Page(Page::Help(true)),
        _ => return None,
    };
    Some(action)
}

/// Whether the element that has the focus wants the key for itself.
fn is_typed_into(event: &KeyboardEvent, key: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let Some(target) = target else { return false };
    let moves =
        matches!(key, "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End");
    match target.tag_name().as_str() {
        "INPUT" => {
            let is_slider =
                target.dyn_ref::<HtmlInputElement>().is_some_and(|input| input.type_() == "range");
            // The slider moves by the arrows itself, and that is a step as well.
            !is_slider || moves
        }
        "SELECT" | "TEXTAREA" => true,
        "BUTTON" | "A" | "SUMMARY" => key == " ",
        _ => false,
    }
}

/// Whether the page is at rest behind a dialog, wherever the focus is.
fn a_dialog_is_open() -> bool {
    gloo::utils::document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some())
}
