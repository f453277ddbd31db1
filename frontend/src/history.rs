//! The address and the browser's history: the moment shown is always in the address, and a lesson
//! that was left is one step back.

use gloo::utils::window;
use rust_i18n::t;
use wasm_bindgen::JsValue;

use crate::intent::Intent;
use crate::{link, words};

/// What the address asks for, with its `#`.
pub fn address() -> String {
    window().location().hash().unwrap_or_default()
}

/// What an address asks for. What in it cannot be read becomes a notice.
pub fn opened(address: &str, fresh: Intent) -> Intent {
    let (mut intent, problems) = link::read(address, fresh);
    rust_i18n::set_locale(intent.language.tag());
    if !problems.is_empty() {
        let why: Vec<_> = problems.iter().map(words::invalid).collect();
        intent.notice = Some(t!("note.link", why = why.join("; ")).into_owned());
    }
    intent
}

/// What the address asks for now that it has changed under an open page. A link that somebody typed
/// or clicked is followed to the letter; who only goes back or forward keeps the page as they read it.
pub fn followed(now: &Intent) -> Intent {
    let fresh = Intent { theme: now.theme, ..Intent::new(now.language) };
    let intent = opened(&address(), fresh);
    if !is_ours() {
        return intent;
    }
    rust_i18n::set_locale(now.language.tag());
    Intent { language: now.language, theme: now.theme, speed: now.speed, ..intent }
}

/// Whether the page itself wrote the present entry of the history: entries that a link made have no
/// state.
fn is_ours() -> bool {
    let state = window().history().and_then(|history| history.state());
    state.is_ok_and(|state| state.is_truthy())
}

/// Writes the moment shown into the present entry.
pub fn stay(link: &str) {
    if let Ok(history) = window().history() {
        // Refused in a sandboxed frame, where there is no address to keep.
        let _ = history.replace_state_with_url(&JsValue::TRUE, "", Some(link));
    }
}

/// Leaves a moment behind, to which one can go back, for another.
pub fn leave(from: &str, to: &str) {
    stay(from);
    if let Ok(history) = window().history() {
        let _ = history.push_state_with_url(&JsValue::TRUE, "", Some(to));
    }
}
