//! Who waits for what, and who is about to act on what, as arrows.

use engine::log::{Activity, Deadlock, Scene};
use engine::world::{ActorId, ObjectId};
use yew::prelude::*;

use super::Placed;
use crate::layout::{Layout, Rect, arrow};

/// With more who wait, arrows are in each other's way; the lines at the objects tell the same.
const MOST_WAITING: usize = 8;

/// With more actors, what each is about to do is said on their cards only.
const MOST_ACTORS: usize = 6;

/// The arrows, below everything else.
pub fn wires(scene: &Scene, waits: &Deadlock, layout: &Layout, placed: &[Placed]) -> Html {
    let object = |id: ObjectId| placed.iter().find(|other| other.id == id).map(|other| other.rect);
    let actor = |id: ActorId| layout.cards.get(id.idx()).copied();
    let mut wires: Vec<(Rect, Rect, &'static str)> = Vec::new();
    let mut waiting: Vec<_> = waits.blocked.iter().map(|link| (link.actor, link.object)).collect();
    waiting.dedup();
    let in_cycle =
        |who, what| waits.cycle.iter().any(|link| (link.actor, link.object) == (who, what));
    for (who, what) in &waiting {
        let class = if in_cycle(*who, *what) { "cycle" } else { "waits" };
        if waiting.len() > MOST_WAITING && class == "waits" {
            continue;
        }
        // Who waits for a life waits for the one that lives it.
        let holder = || scene.holdings.holders(*what).first().and_then(|id| actor(*id));
        if let (Some(from), Some(to)) = (actor(*who), object(*what).or_else(holder)) {
            wires.push((from, to, class));
        }
    }
    for link in &waits.cycle {
        if let (Some(from), Some(to)) = (object(link.object), link.holder.and_then(actor)) {
            wires.push((from, to, "cycle held"));
        }
    }
    if layout.cards.len() <= MOST_ACTORS {
        for (from, other) in layout.cards.iter().zip(&scene.actors) {
            let declared = other.declared.filter(|_| other.activity == Activity::Ready);
            if let Some(to) = declared.and_then(|declared| object(declared.object)) {
                wires.push((*from, to, "about"));
            }
        }
    }
    let paths = wires.into_iter().map(|(from, to, class)| {
        let tip = class.split(' ').next().unwrap_or_default();
        html! {
            <path class={classes!("wire", class)} d={arrow(from, to)}
                marker-end={format!("url(#wire-{tip})")} />
        }
    });
    html! {
        <svg class="wires" viewBox={format!("0 0 {:.2} {:.2}", layout.w, layout.h)} aria-hidden="true">
            <defs>{ for ["waits", "cycle", "about"].map(tip) }</defs>
            { for paths }
        </svg>
    }
}

fn tip(class: &'static str) -> Html {
    html! {
        <marker id={format!("wire-{class}")} class={classes!("wire-tip", class)} viewBox="0 0 10 10"
            refX="9" refY="5" markerWidth="0.62" markerHeight="0.62" markerUnits="userSpaceOnUse"
            orient="auto">
            <path d="M0 0L10 5L0 10z" />
        </marker>
    }
}
