//! What stands in the place of something until the code for it is there.

use rust_i18n::t;
use yew::prelude::*;

use crate::intent::Language;
use crate::rest::Rest;

/// What is waited for.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// How the rest of the code is.
    pub rest: Rest,
    /// It shall be fetched again.
    pub on_fetch: Callback<()>,
    /// The language of its words.
    pub language: Language,
}

/// A quiet line; where the code did not come, why, and a way to try again.
#[component]
pub fn Waiting(props: &Props) -> Html {
    let again = props.on_fetch.reform(|_: MouseEvent| ());
    html! {
        <div class="waiting">
            if let Rest::Missing(why) = &props.rest {
                <p role="alert">{ t!("rest.missing", why = why) }</p>
                <button onclick={again}>{ t!("rest.again") }</button>
            } else {
                <p role="status">{ t!("rest.coming") }</p>
            }
        </div>
    }
}
