//! Who waits for what, and who is about to act on what, as arrows.

use engine::log::{Activity, Deadlock, Scene};
use engine::world::{ActorId, ObjectId};
use yew::prelude::*;

use super::Placed;
use crate::layout::{Layout, Rect, Wire};

/// With more who wait, arrows are in each other's way; the lines at the objects tell the same.
const MOST_WAITING: usize = 8;

/// With more actors, what each is about to do is said on their cards only.
const MOST_ACTORS: usize = 6;

/// At which shares of their sides the arrows leave and arrive, so that two that go both ways stay
/// apart.
const FORTH: [f64; 2] = [0.38, 0.38];
const BACK: [f64; 2] = [0.66, 0.62];

/// The arrows. Those of a cycle lie over everything, all others are left out where they would run
/// behind something.
pub fn wires(scene: &Scene, waits: &Deadlock, layout: &Layout, placed: &[Placed]) -> Html {
    let object = |id: ObjectId| placed.iter().find(|other| other.id == id).map(|other| other.rect);
    let actor = |id: ActorId| layout.cards.get(id.idx()).copied();
    let mut wires: Vec<(Wire, &'static str)> = Vec::new();
    let facing = |from, to, shares| Wire::facing(from, to, layout.is_beside, shares);
    let is_free = |wire: Wire, ends: [Rect; 2]| {
        let mut others = layout.cards.iter().chain(&layout.panels);
        !others.any(|other| !ends.contains(other) && wire.crosses(*other))
    };
    let mut waiting: Vec<_> = waits.blocked.iter().map(|link| (link.actor, link.object)).collect();
    waiting.dedup();
    let in_cycle =
        |who, what| waits.cycle.iter().any(|link| (link.actor, link.object) == (who, what));
    let mut lines = Vec::new();
    for (who, what) in &waiting {
        let (Some(from), in_cycle) = (actor(*who), in_cycle(*who, *what)) else { continue };
        let class = if in_cycle { "cycle" } else { "waits" };
        let wire = match object(*what) {
            Some(to) => Some((facing(from, to, FORTH), to)),
            // Who waits for a life waits for the one that lives it.
            None => {
                let holder = scene.holdings.holders(*what).first().and_then(|id| actor(*id));
                holder.map(|to| (Wire::direct(from, to), to))
            }
        };
        if let Some((wire, to)) = wire {
            lines.push((wire, class, in_cycle || is_free(wire, [from, to])));
        }
    }
    // All of them or none: who has no arrow would seem not to wait.
    let all = waiting.len() <= MOST_WAITING && lines.iter().all(|(.., free)| *free);
    lines.retain(|(_, class, _)| all || *class == "cycle");
    wires.extend(lines.into_iter().map(|(wire, class, _)| (wire, class)));
    for link in &waits.cycle {
        if let (Some(from), Some(to)) = (object(link.object), link.holder.and_then(actor)) {
            wires.push((facing(from, to, BACK), "cycle held"));
        }
    }
    if layout.cards.len() <= MOST_ACTORS {
        for (from, other) in layout.cards.iter().zip(&scene.actors) {
            let declared = other.declared.filter(|_| other.activity == Activity::Ready);
            if let Some(to) = declared.and_then(|declared| object(declared.object)) {
                let wire = facing(*from, to, FORTH);
                wires.extend(is_free(wire, [*from, to]).then_some((wire, "about")));
            }
        }
    }
    let paths = wires.into_iter().map(|(wire, class)| {
        let tip = class.split(' ').next().unwrap_or_default();
        html! {
            <path class={classes!("wire", class)} d={wire.path()}
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
