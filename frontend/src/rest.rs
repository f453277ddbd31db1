//! The rest of the page's code, fetched once the page is open.
//!
//! What opens the page on its first lesson is one half of its WebAssembly; the other lessons, the
//! explorer, the challenges and most panes are in the other half. `xtask/src/split/mod.rs` says which code is
//! where. Where the page was not split, the rest is there at once.
//!
//! Both halves are one program: whoever calls what is in the rest before it is there would call nothing.
//! So nobody does anything that needs it before the page was told that it is [`Rest::Here`], and workers
//! have it from their beginning. Code of the page's own is put there by [`late`].

use std::cell::RefCell;
use std::hint::black_box;

use engine::lessons::{Lesson, catalogue};
use js_sys::JsString;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::bridge::{MAIN_JS, why};

#[wasm_bindgen(module = "/src/rest.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetchRest)]
    async fn fetch_rest(
        main: &JsString,
        module: JsValue,
        exports: JsValue,
    ) -> Result<JsValue, JsValue>;
}

/// How the rest is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Rest {
    /// It is on its way, or soon will be.
    #[default]
    Coming,
    /// It is there.
    Here,
    /// It did not come, for this reason.
    Missing(String),
}

thread_local! {
    /// The rest as a module, for workers; nothing where the page was not split.
    static MODULE: RefCell<JsValue> = const { RefCell::new(JsValue::UNDEFINED) };
}

/// Whether the page opens with this lesson: it runs in the model without the rest.
pub fn is_first(lesson: &Lesson) -> bool {
    catalogue().next().is_some_and(|first| first == lesson)
}

/// Fetches the rest, and tells how that went.
pub fn fetch(tell: impl FnOnce(Rest) + 'static) {
    let main = MAIN_JS.with(JsString::clone);
    let (module, exports) = (wasm_bindgen::module(), wasm_bindgen::exports());
    spawn_local(async move {
        tell(match fetch_rest(&main, module, exports).await {
            Ok(module) => {
                MODULE.set(module);
                Rest::Here
            }
            Err(error) => Rest::Missing(why(&error)),
        });
    });
}

/// What a worker needs to have the rest, too.
pub fn module() -> JsValue {
    MODULE.with_borrow(JsValue::clone)
}

/// Does this by code that is in the rest.
pub fn late<F: FnOnce() -> R, R>(what: F) -> R {
    // Called by its place in the table of functions, which nobody may guess: so it can be in the rest, and
    // with it all that it calls.
    let call: fn(F) -> R = black_box(late_call::<F, R>);
    call(what)
}

#[inline(never)]
fn late_call<F: FnOnce() -> R, R>(what: F) -> R {
    what()
}
