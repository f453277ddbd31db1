//! The buttons of the player.

use rust_i18n::t;
use yew::prelude::*;

use crate::intent::{Action, Language, Play, SPEEDS};

/// How the player stands.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether it plays.
    pub playing: bool,
    /// The step it shows.
    pub step: usize,
    /// The last step there is.
    pub last: usize,
    /// Whether more may come.
    pub growing: bool,
    /// An index into the speeds.
    pub speed: usize,
    /// Something was done.
    pub on: Callback<Action>,
    /// The language of its words.
    pub language: Language,
}

/// Play, step, jump, faster, slower.
#[component]
pub fn Transport(props: &Props) -> Html {
    let Props { playing, step, last, .. } = *props;
    let button = |label: &'static str, d: &'static str, play: Play, disabled: bool| {
        let on = props.on.clone();
        let onclick = move |_: MouseEvent| on.emit(Action::Play(play));
        let label = t!(label);
        html! {
            <button class="icon" title={label.clone()} aria-label={label} {disabled} {onclick}>
                <svg viewBox="0 0 16 16" aria-hidden="true"><path {d} /></svg>
            </button>
        }
    };
    let toggle = if playing {
        button("play.pause", "M5 3v10M11 3v10", Play::Toggle, false)
    } else {
        button("play.play", "M4.5 2.5v11l9 -5.5z", Play::Toggle, false)
    };
    html! {
        <div class="transport">
            <div class="buttons">
                { button("play.start", "M3 3v10M13 3v10L5.5 8z", Play::To(0), step == 0) }
                { button("play.back", "M11 3v10L3.5 8z", Play::To(step.saturating_sub(1)), step == 0) }
                <span class="main">{ toggle }</span>
                { button("play.forward", "M5 3v10l7.5 -5z", Play::To(step + 1), step >= last) }
                { button("play.end", "M13 3v10M3 3v10l7.5 -5z", Play::To(last), step >= last) }
            </div>
            <p class="where">
                { t!("play.step", n = step, all = last) }
                if props.growing { <span class="growing">{ t!("play.computing") }</span> }
            </p>
            <div class="speed">
                { button("play.slower", "M3 8h10", Play::Faster(false), props.speed == 0) }
                <output>{ t!("play.speed", n = SPEEDS[props.speed]) }</output>
                { button("play.faster", "M3 8h10M8 3v10", Play::Faster(true), props.speed + 1 == SPEEDS.len()) }
            </div>
        </div>
    }
}
