//! The sources as the page reads them: each once, when somebody wants to see it.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::bridge;
use crate::source::url;

/// A file, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// What it says.
    Here(Rc<str>),
    /// Why it could not be read. It is tried again when somebody comes back for it.
    Failed(String),
}

thread_local! {
    /// What was read, for as long as the page is open.
    static READ: RefCell<Vec<(String, Text)>> = const { RefCell::new(Vec::new()) };
}

/// The files that were asked for, as far as they are here. The others are on their way: a component
/// asks for each once in its life.
#[hook]
pub fn use_texts(wanted: Vec<String>) -> Rc<[(String, Text)]> {
    let arrived = use_force_update();
    let asked = use_mut_ref(Vec::new);
    use_effect_with(wanted.clone(), move |wanted| {
        for file in wanted.iter().filter(|file| !is_here(file)).cloned() {
            if asked.borrow().contains(&file) {
                continue;
            }
            asked.borrow_mut().push(file.clone());
            let arrived = arrived.clone();
            spawn_local(async move {
                let text = match bridge::read_text(&url(&file)).await {
                    Ok(text) => Text::Here(text.into()),
                    Err(why) => Text::Failed(why),
                };
                READ.with_borrow_mut(|read| {
                    read.retain(|(known, _)| *known != file);
                    read.push((file, text));
                });
                arrived.force_update();
            });
        }
    });
    READ.with_borrow(|read| {
        read.iter().filter(|(file, _)| wanted.contains(file)).cloned().collect()
    })
}

fn is_here(file: &str) -> bool {
    READ.with_borrow(|read| {
        read.iter().any(|(known, text)| known == file && matches!(text, Text::Here(_)))
    })
}
