//! An actor: its name, what it is up to, what it is about to do. A press makes it go next.

use engine::log::Activity;
use engine::world::ActorId;
use yew::prelude::*;

use super::glyph;
use crate::layout::Rect;

/// How much is said on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// All of it.
    Full,
    /// The name and the state.
    State,
    /// A sign.
    Sign,
}

impl Detail {
    /// What there is room for on a card of this height.
    pub fn of(card: Rect) -> Self {
        match card.h {
            h if h > 4.0 => Self::Full,
            h if h > 2.5 => Self::State,
            _ => Self::Sign,
        }
    }
}

/// One actor.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Who.
    pub id: ActorId,
    /// Where its card is.
    pub rect: Rect,
    /// What it is called, in full or in a letter.
    pub name: String,
    /// What it is up to.
    pub activity: Activity,
    /// Whether it took the last turn.
    pub runs: bool,
    /// Whether it waits in a circle.
    pub in_cycle: bool,
    /// Whether a press makes it go next.
    pub can_go: bool,
    /// Its state in one word.
    pub state: String,
    /// What it is about to do, or why it cannot.
    pub outlook: String,
    /// What it read, and whether that is out of date by now.
    pub seen: Option<(String, bool)>,
    /// What there is beside its name: that it is a daemon.
    pub role: Option<String>,
    /// All of it, for who cannot see the card.
    pub label: String,
    /// It was chosen.
    pub on_pick: Callback<ActorId>,
}

/// The card of an actor.
#[component]
pub fn Card(props: &Props) -> Html {
    let Props { id, rect, name, activity, runs, seen, .. } = props;
    let id = *id;
    let detail = Detail::of(*rect);
    let class = classes!(
        "actor",
        (detail == Detail::Sign).then_some("small"),
        class_of(*activity, *runs),
        props.in_cycle.then_some("in-cycle"),
        props.can_go.then_some("can-go"),
    );
    let onclick = props.on_pick.reform(move |_: MouseEvent| id);
    html! {
        <button {class} style={place(*rect)} disabled={!props.can_go} {onclick}
            title={(detail != Detail::Full).then(|| props.label.clone())}>
            // Its parts are in the order of the picture; who cannot see them is told a sentence.
            <span class="unseen">{ &props.label }</span>
            <span class="who" aria-hidden="true">
                { glyph::of_activity(*activity, *runs) }<b>{ name }</b>
                if let Some(role) = props.role.as_ref().filter(|_| detail == Detail::Full) {
                    <i>{ role }</i>
                }
            </span>
            if detail == Detail::Full {
                <span class="about" aria-hidden="true">{ &props.outlook }</span>
                if let Some((seen, stale)) = seen {
                    <span class={classes!("seen", stale.then_some("stale"))} aria-hidden="true">
                        { seen }
                    </span>
                }
            }
            if detail == Detail::State {
                <span class="about" aria-hidden="true">{ &props.state }</span>
            }
        </button>
    }
}

/// The style sheet's name for what an actor is up to.
pub fn class_of(activity: Activity, runs: bool) -> &'static str {
    match activity {
        Activity::Unborn => "unborn",
        Activity::Ready if runs => "running",
        Activity::Ready => "ready",
        Activity::Blocked(_) => "blocked",
        Activity::Sleeping(_) => "asleep",
        Activity::Finished => "finished",
    }
}

/// A place in units of the picture's letter.
pub fn place(rect: Rect) -> String {
    let Rect { x, y, w, h } = rect;
    format!("left:{x:.2}em;top:{y:.2}em;width:{w:.2}em;height:{h:.2}em")
}
