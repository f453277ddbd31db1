//! What the signs and colours of the picture mean.

use engine::lessons::Picture;
use engine::log::Activity;
use engine::philosophers::Phase;
use engine::world::ObjectId;
use rust_i18n::t;
use yew::prelude::*;

use super::objects::{class_of, sign_of};
use crate::words;

/// The legend of the table, with what the numbers at its seats are where there is room for them.
pub fn of_table(has_counts: bool) -> Html {
    let phases = Phase::ALL.map(|phase| {
        html! {
            <li class={Phase::NAMES[phase as usize]}>
                <span class="swatch" aria-hidden="true" />{ words::phase(phase) }
            </li>
        }
    });
    html! {
        <ul class="legend" aria-label={t!("table.legend")}>
            { for phases }
            <li>
                <svg viewBox="0 0 28 10" aria-hidden="true"><path d="M0 5H20M19 1L27 5L19 9z" /></svg>
                { t!("phase.waiting") }
            </li>
            if has_counts {
                <li>
                    <span class="sample" aria-hidden="true">{ "2/3 · 1" }</span>
                    { t!("table.counts") }
                </li>
            }
        </ul>
    }
}

/// The legend of actors and objects.
pub fn of_objects() -> Html {
    let states = [
        (Activity::Ready, false),
        (Activity::Ready, true),
        (Activity::Blocked(ObjectId::NONE), false),
        (Activity::Sleeping(0), false),
        (Activity::Finished, false),
    ];
    let states = states.map(|(activity, runs)| {
        html! {
            <li class={classes!("state", class_of(activity, runs))}>
                { sign_of(activity, runs) }{ words::activity(activity, runs) }
            </li>
        }
    });
    html! { <ul class="legend" aria-label={t!("legend.label")}>{ for states }</ul> }
}

/// The legend of a picture.
pub fn of(picture: Picture, has_counts: bool) -> Html {
    match picture {
        Picture::Table => of_table(has_counts),
        Picture::Objects => of_objects(),
    }
}
