//! What an object is and how it stands, in words: for its panel, and for who cannot see it.

use engine::lessons::Lesson;
use engine::log::{Loss, Names, ObjectScene, Scene};
use engine::world::{ActorId, ObjectId, ObjectKind, Order};
use rust_i18n::t;

use super::{actor, fill, object_named, sentence, spaced};

/// The name of an object where it stands alone.
pub fn caption(names: &Names, object: ObjectId) -> String {
    object_named(names, object, false)
}

/// What sort of thing it is.
pub fn kind(kind: ObjectKind) -> String {
    t!(format!("kind.{}", kind_id(kind))).into_owned()
}

/// What sort of thing it is, as keys name it.
pub(super) fn kind_id(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Lock => "lock",
        ObjectKind::RLock => "rlock",
        ObjectKind::Semaphore { .. } => "semaphore",
        ObjectKind::Cell { .. } => "cell",
        ObjectKind::Resource => "resource",
        ObjectKind::Condition => "condition",
        ObjectKind::Event => "event",
        ObjectKind::Barrier { .. } => "barrier",
        ObjectKind::ReadersWriter => "rw",
        ObjectKind::Once => "once",
        ObjectKind::Queue { order: Order::Fifo, .. } => "fifo",
        ObjectKind::Queue { order: Order::Lifo, .. } => "lifo",
        ObjectKind::Queue { order: Order::Priority, .. } => "priority",
        ObjectKind::Queue { order: Order::Deque, .. } => "deque",
        ObjectKind::Pool { .. } => "pool",
        ObjectKind::Future => "future",
        ObjectKind::Thread => "thread",
    }
}

/// How it stands, in a word or two; empty where its picture says all.
pub fn state(kind: ObjectKind, object: &ObjectScene, n_holders: usize) -> String {
    let mut n = object.items.len();
    let mut all = 0;
    let key = match kind {
        ObjectKind::Lock | ObjectKind::Resource | ObjectKind::RLock if n_holders == 0 => {
            "state.free"
        }
        ObjectKind::RLock if n_holders > 1 => {
            n = n_holders;
            "state.depth"
        }
        ObjectKind::Lock | ObjectKind::Resource | ObjectKind::RLock => "state.held",
        ObjectKind::Semaphore { permits } => {
            (n, all) = (n_free(permits, object), permits);
            if n > all as usize { "state.more_permits" } else { "state.permits" }
        }
        ObjectKind::Barrier { parties } if object.state == 0 => {
            (n, all) = (object.waiting.len() + n_holders, parties);
            "state.parties"
        }
        ObjectKind::ReadersWriter if n_holders == 0 => "state.free",
        ObjectKind::Queue { capacity, .. } if object.state == 0 => match capacity {
            Some(capacity) => {
                all = capacity;
                if n >= capacity as usize { "state.full" } else { "state.items_of" }
            }
            None => "state.items",
        },
        ObjectKind::Pool { workers } if object.state == 0 => {
            n = workers as usize;
            "state.workers"
        }
        ObjectKind::Condition => {
            n = object.waiting.len();
            "state.waiting"
        }
        ObjectKind::Cell { .. } | ObjectKind::Thread => return String::new(),
        _ => return t!(format!("state.{}", kind.state(object.state))).into_owned(),
    };
    spaced(&fill(key, &[("n", &n.to_string()), ("all", &all.to_string())]))
}

/// How many permits of a semaphore are free, which had so many at first.
pub fn n_free(permits: u32, object: &ObjectScene) -> usize {
    permits.saturating_add_signed(-object.n_out) as usize
}

/// Everything that its panel shows.
pub fn describe(lesson: &Lesson, names: &Names, scene: &Scene, id: ObjectId) -> String {
    let Some((kind, _)) = names.objects.get(id.idx()) else { return String::new() };
    let object = scene.object(id);
    let holders = scene.holdings.holders(id);
    let list = |actors: &[ActorId]| {
        let mut actors = actors.to_vec();
        actors.dedup();
        let said: Vec<_> = actors.iter().map(|id| actor(names, *id)).collect();
        said.join(&t!("say.list"))
    };
    let mut parts = vec![state(*kind, &object, holders.len())];
    if let ObjectKind::Cell { initial } = kind {
        parts.push(number(object.value.unwrap_or(*initial)));
        parts.extend(object.writer.map(|who| writer(names, who)));
        parts.extend(loss(names, &object));
    }
    if !holders.is_empty() {
        parts.push(fill("see.holders", &[("who", &list(holders))]));
    }
    if !object.items.is_empty() {
        let items: Vec<_> = object.items.iter().map(|item| lesson.word(*item)).collect();
        parts.push(fill("see.items", &[("items", &items.join(&t!("say.list")))]));
    }
    if !object.waiting.is_empty() {
        parts.push(fill("see.waiting", &[("who", &list(&object.waiting))]));
    }
    parts.retain(|part| !part.is_empty());
    let said = format!("{}{}{}", caption(names, id), t!("say.colon"), parts.join(&t!("say.comma")));
    sentence(&spaced(&said))
}

/// What is in a cell, which may be less than nothing.
pub fn number(value: u32) -> String {
    value.cast_signed().to_string()
}

/// Who wrote a cell last.
pub fn writer(names: &Names, who: ActorId) -> String {
    spaced(&fill("see.writer", &[("who", &actor(names, who))]))
}

/// How many writes were undone so far.
pub fn n_lost(loss: Loss) -> String {
    spaced(&fill("see.lost", &[("n", &loss.n.to_string())]))
}

/// Whose write was undone, and by whom.
pub fn loss(names: &Names, object: &ObjectScene) -> Option<String> {
    let loss = object.loss?;
    let (of, by) = (actor(names, loss.of), actor(names, loss.by));
    Some(sentence(&spaced(&fill(
        "see.loss",
        &[("of", &of), ("by", &by), ("n", &loss.n.to_string())],
    ))))
}
