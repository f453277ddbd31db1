//! An object: its name, how it stands, and the places where tokens and items go.

use engine::lessons::Lesson;
use engine::log::{Names, ObjectScene, Scene};
use engine::world::{ActorId, ObjectId, ObjectKind, Order};
use rust_i18n::t;
use yew::prelude::*;

use super::card::place;
use super::glyph;
use crate::layout::{Belt, Form, Rect, Zone};
use crate::words;

/// The size of the words over a zone, in letters of the picture; the style sheet has the same.
const WORD: f64 = 0.74;

/// What a panel shows.
pub struct Panel<'a> {
    /// Which object.
    pub id: ObjectId,
    /// What sort of thing it is.
    pub kind: ObjectKind,
    /// Where it is.
    pub rect: Rect,
    /// What is where in it.
    pub form: Form,
    /// The lesson it is in.
    pub lesson: &'static Lesson,
    /// The names.
    pub names: &'a Names,
    /// The picture.
    pub scene: &'a Scene,
}

/// The panel of an object, without the tokens on it.
pub fn panel(panel: &Panel) -> Html {
    let Panel { id, kind, rect, form, names, scene, .. } = panel;
    let object = scene.object(*id);
    let n_holders = scene.holdings.holders(*id).len();
    let (name, sort) = (words::caption(names, *id), words::kind(*kind));
    let state = words::state(*kind, &object, n_holders);
    let class = classes!("object", class_of(*kind), format!("s{}", object.state));
    html! {
        <div {class} style={place(*rect)} role="img"
            aria-label={words::describe(panel.lesson, names, scene, *id)}>
            <div class="top">
                { for glyph::of_object(*kind, object.state, n_holders > 0) }
                <b>{ &name }</b>
                if !says(&name, &sort) { <i>{ sort }</i> }
                <span class="state">{ state }</span>
            </div>
            if let Some((zone, n_slots)) = form.holders {
                { slots(zone, places(*kind, &object, n_slots, n_holders)) }
            }
            if let Some(belt) = form.belt { { belt_of(belt, *kind) } }
            if let Some(zone) = form.putters { { word_over(zone, &t!("see.putting")) } }
            if let Some(zone) = form.waiting.filter(|_| *kind != ObjectKind::Future) {
                if form.putters.is_some() {
                    { word_over(zone, &t!("see.getting")) }
                } else {
                    { word_over(zone, &t!("see.waiting_short")) }
                }
            }
            { inside(*kind, &object, names) }
        </div>
    }
}

/// How many places are drawn for those who have it, and for how many they are laid out, where usually
/// there are `n_slots`.
pub fn places(kind: ObjectKind, object: &ObjectScene, n_slots: usize, n_in: usize) -> [usize; 2] {
    let n = match kind {
        ObjectKind::RLock => 1,
        // One for each that is taken, and one for each that is free.
        ObjectKind::Semaphore { permits } => {
            (n_in + words::n_free(permits, object)).min(n_in.max(Form::MOST_SLOTS))
        }
        _ => n_slots.max(n_in),
    };
    [n, n.max(n_slots)]
}

/// What only some kinds have.
fn inside(kind: ObjectKind, object: &ObjectScene, names: &Names) -> Html {
    match kind {
        ObjectKind::Cell { initial } => html! {
            <>
                <output class="value">{ words::number(object.value.unwrap_or(initial)) }</output>
                // There is room for the whole story while nobody else has written since.
                if let Some(writer) = object.writer.filter(|who| !tells_loss_by(object, *who)) {
                    <p class="writer">{ words::writer(names, writer) }</p>
                    if let Some(loss) = object.loss {
                        <p class="loss"><span>{ "✕ " }</span>{ words::n_lost(loss) }</p>
                    }
                } else if let Some(loss) = words::loss(names, object) {
                    <p class="loss"><span>{ "✕ " }</span>{ loss }</p>
                }
            </>
        },
        ObjectKind::Event => html! {
            <svg class="lamps" viewBox="0 0 26 46">
                <rect x="1" y="1" width="24" height="44" rx="8" />
                <circle class="red" cx="13" cy="13" r="8.5" />
                <circle class="green" cx="13" cy="33" r="8.5" />
                if object.state == 0 { <path d="M8.5 13h9" /> } else { <path d="M9.5 33l3 3.5l5 -7" /> }
            </svg>
        },
        _ => Html::default(),
    }
}

/// Whether whoever wrote a cell last is named with the write that it undid.
fn tells_loss_by(object: &ObjectScene, who: ActorId) -> bool {
    object.loss.is_some_and(|loss| loss.by == who)
}

fn slots(zone: Zone, [n, room]: [usize; 2]) -> Html {
    let slot = |idx: usize| {
        let at = zone.place(idx, room);
        let rect = Rect { x: at.x, y: at.y, w: zone.chip.w, h: zone.chip.h };
        html! { <span key={idx} class="slot" style={place(rect)} /> }
    };
    html! { <>{ for (0..n).map(slot) }</> }
}

fn belt_of(belt: Belt, kind: ObjectKind) -> Html {
    let Rect { x, y, w, h } = belt.rect;
    let arrow = |x: f64, d: &'static str| {
        let rect = Rect { x, y: y + (h - 1.2) / 2.0, w: 1.2, h: 1.2 };
        html! { <svg class="end" style={place(rect)} viewBox="0 0 12 12"><path {d} /></svg> }
    };
    let (right, both) = ("M1 6h9M7 3l3 3l-3 3", "M1 6h10M4 3L1 6l3 3M8 3l3 3l-3 3");
    let is_deque = matches!(kind, ObjectKind::Queue { order: Order::Deque, .. });
    let d = if is_deque { both } else { right };
    html! {
        <>
            <span class={classes!("belt", belt.is_stack.then_some("stack"))} style={place(belt.rect)} />
            if !belt.is_stack {
                { arrow(x - 1.5, d) }
                { arrow(x + w + 0.3, d) }
            }
        </>
    }
}

fn word_over(zone: Zone, word: &str) -> Html {
    let Rect { x, y, w, .. } = zone.rect;
    let (x, y, w) = (x / WORD, (y - 1.1) / WORD, w / WORD);
    let style = format!("left:{x:.2}em;top:{y:.2}em;max-width:{w:.2}em");
    html! { <span class="word" {style}>{ word }</span> }
}

/// Whether the name says already what sort of thing it is.
fn says(name: &str, sort: &str) -> bool {
    let (name, sort) = (name.to_lowercase(), sort.to_lowercase());
    name.contains(&sort) || sort.contains(&name)
}

fn class_of(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Lock | ObjectKind::RLock => "lock",
        ObjectKind::Semaphore { .. } => "semaphore",
        ObjectKind::Cell { .. } => "cell",
        ObjectKind::Resource => "resource",
        ObjectKind::Condition => "condition",
        ObjectKind::Event => "event",
        ObjectKind::Barrier { .. } => "barrier",
        ObjectKind::ReadersWriter => "rw",
        ObjectKind::Once => "once",
        ObjectKind::Queue { .. } => "queue",
        ObjectKind::Pool { .. } => "pool",
        ObjectKind::Future => "future",
        ObjectKind::Thread => "thread",
    }
}
