//! Tokens of actors and items of queues: laid over the panels, so that they can glide from one to
//! another. What they tell is told by the panels as well, so they are hidden from screen readers.

use engine::lessons::Lesson;
use engine::log::{Names, Scene};
use engine::world::{Act, ActorId, ObjectId, ObjectKind, Order};
use yew::prelude::*;

use super::Placed;
use super::panel::places;
use crate::layout::{Chip, Point, Rect};
use crate::traces::{Item, Traces};
use crate::words;

/// Up to this many pairs of actor and object, a token that is nowhere rests under its actor's card,
/// and glides from there and back.
const PAIRS_AT_HOME: usize = 240;

/// A token or an item, and where it is.
#[derive(Clone, Debug, PartialEq)]
struct Token {
    key: String,
    at: Point,
    class: &'static str,
    text: String,
    /// Where it comes from when it is new.
    from: Option<Point>,
    w: f64,
}

/// The tokens of all actors at all objects.
pub fn chips(names: &Names, scene: &Scene, placed: &[Placed], cards: &[Rect], chip: Chip) -> Html {
    let mut tokens = Vec::new();
    let keep_home = cards.len() * placed.len() <= PAIRS_AT_HOME;
    for Placed { id, kind, rect, form } in placed {
        let stands = standing(scene, *id, *kind, *form);
        for (idx, card) in cards.iter().enumerate() {
            let actor = ActorId(idx as u16);
            let mut found: Vec<_> = stands.iter().filter(|(who, _, _)| *who == actor).collect();
            // However often a reentrant lock is held, its holder is one.
            if matches!(kind, ObjectKind::RLock) {
                found.truncate(1);
            }
            let name = || match chip.is_small() {
                true => words::initials(names, actor),
                false => words::actor_caption(names, actor),
            };
            for (nth, (_, at, class)) in found.iter().enumerate() {
                let at = Point { x: rect.x + at.x, y: rect.y + at.y };
                let key = format!("{}-{idx}-{nth}", id.0);
                tokens.push(Token { key, at, class, text: name(), from: None, w: chip.w });
            }
            if found.is_empty() && keep_home && *kind != ObjectKind::Thread {
                let key = format!("{}-{idx}-0", id.0);
                let at = home(*card, chip.w, chip.h);
                tokens.push(Token { key, at, class: "home", text: name(), from: None, w: chip.w });
            }
        }
    }
    html! { <>{ for tokens.into_iter().map(|token| drawn("chip", token)) }</> }
}

/// The items of all queues.
pub fn items(lesson: &Lesson, traces: &Traces, placed: &[Placed], cards: &[Rect]) -> Html {
    let mut tokens = Vec::new();
    for Placed { id, kind, rect, form } in placed {
        let (Some(belt), Some(now)) = (form.belt, traces.belt(*id)) else { continue };
        let n = now.items.len();
        let has_two_ends = matches!(kind, ObjectKind::Queue { order: Order::Deque, .. });
        let home = |item: &Item| {
            let card = cards.get(item.by.idx()).copied();
            home(card.unwrap_or(*rect), belt.item_w, 1.7)
        };
        let inside = now.items.iter().enumerate().map(|(idx, item)| {
            // What comes out next lies on the right; but the front of a deque is on the left, where a row
            // begins, and from it something can be taken at either end.
            let (nth, is_next) = if has_two_ends {
                (n - 1 - idx, idx == 0 || idx + 1 == n)
            } else {
                (idx, idx == 0)
            };
            let at = belt.place(nth, n);
            let at = Point { x: rect.x + at.x, y: rect.y + at.y };
            (*item, at, if is_next { "next" } else { "" }, Some(home(item)))
        });
        let mut all: Vec<_> = inside.collect();
        // In an order that stays, so that nothing has to be taken out of the page to be moved.
        if let Some(gone) = now.gone {
            let at = all.partition_point(|(item, ..)| item.serial < gone.serial);
            all.insert(at, (gone, home(&gone), "home", None));
        }
        tokens.extend(all.into_iter().map(|(item, at, class, from)| Token {
            key: format!("{}-{}", id.0, item.serial),
            at,
            class,
            text: lesson.word(item.value),
            from,
            w: belt.item_w,
        }));
    }
    html! { <>{ for tokens.into_iter().map(|token| drawn("item", token)) }</> }
}

/// Who stands where at an object, within its panel.
fn standing(
    scene: &Scene,
    id: ObjectId,
    kind: ObjectKind,
    form: crate::layout::Form,
) -> Vec<(ActorId, Point, &'static str)> {
    let holders = scene.holdings.holders(id);
    let waiting: &[ActorId] = scene.objects.get(id.idx()).map_or(&[], |object| &object.waiting);
    let mut found = Vec::new();
    if let Some((zone, n_slots)) = form.holders {
        // Who waits at a barrier has taken a place in it; who came last acts for all.
        let is_barrier = matches!(kind, ObjectKind::Barrier { .. });
        let inside = if is_barrier { [waiting, holders].concat() } else { holders.to_vec() };
        let [_, room] = places(kind, &scene.object(id), n_slots, inside.len());
        let at = |(idx, who): (usize, &ActorId)| (*who, zone.place(idx, room), "held");
        found.extend(inside.iter().enumerate().map(at));
    }
    let putters: Vec<ActorId> = match form.putters {
        Some(_) => waiting.iter().copied().filter(|who| puts(scene, *who, id, kind)).collect(),
        None => Vec::new(),
    };
    let wants_none = |who| form.putters.is_some() && joins(scene, who);
    let is_other = |who: &ActorId| !putters.contains(who) && !wants_none(*who);
    let others: Vec<ActorId> = waiting.iter().copied().filter(is_other).collect();
    for (zone, line) in [(form.putters, &putters), (form.waiting, &others)] {
        if let Some(zone) = zone {
            let at = |(idx, who): (usize, &ActorId)| (*who, zone.place(idx, line.len()), "waits");
            found.extend(line.iter().enumerate().map(at));
        }
    }
    found
}

/// Whether who waits at a queue wants to put something in.
fn puts(scene: &Scene, who: ActorId, id: ObjectId, kind: ObjectKind) -> bool {
    let declared = scene.actors.get(who.idx()).and_then(|actor| actor.declared);
    match (declared, kind) {
        (Some(declared), _) => matches!(declared.act, Act::Put | Act::TryPut | Act::PutTimeout),
        // Threads declare nothing: who waits at a full queue waits for room.
        (None, ObjectKind::Queue { capacity: Some(capacity), .. }) => {
            scene.object(id).items.len() >= capacity as usize
        }
        _ => false,
    }
}

/// Whether it waits for all items of a queue to be done: it wants none of them, and stays where it is.
fn joins(scene: &Scene, who: ActorId) -> bool {
    let declared = scene.actors.get(who.idx()).and_then(|actor| actor.declared);
    declared.is_some_and(|declared| matches!(declared.act, Act::Join | Act::JoinTimeout))
}

fn home(card: Rect, w: f64, h: f64) -> Point {
    let middle = card.middle();
    Point { x: middle.x - w / 2.0, y: middle.y - h / 2.0 }
}

fn drawn(sort: &'static str, token: Token) -> Html {
    let Token { key, at, class, text, from, w } = token;
    let mut style = format!("transform:translate({:.2}em,{:.2}em);width:{w:.2}em", at.x, at.y);
    if let Some(from) = from {
        style += &format!(";--x:{:.2}em;--y:{:.2}em", from.x, from.y);
    }
    html! {
        <span key={format!("{sort}{key}")} class={classes!(sort, class)} {style}>
            <span>{ text }</span>
        </span>
    }
}
