//! That the run shown has free time, and the way back.

use engine::model::Time;
use rust_i18n::t;
use yew::prelude::*;

use crate::intent::{Action, Language, Set};

/// Whom to tell.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Something was done.
    pub on: Callback<Action>,
    /// The language of its words.
    pub language: Language,
}

/// A small note with a button.
#[component]
pub fn FreeTime(props: &Props) -> Html {
    let back = props.on.reform(|_: MouseEvent| Action::Set(Set::Time(Time::Virtual)));
    html! {
        <p class="free">
            { t!("time.free") }
            <button onclick={back}>{ t!("time.virtual") }</button>
        </p>
    }
}
