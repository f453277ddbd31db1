//! What is where inside the panel of an object: by its kind, and by how many may come.

use engine::world::{ObjectKind, Order};

use super::{Chip, Point, Rect};

/// The height of a panel's head.
const HEAD: f64 = 2.3;
/// The margin at the sides of a panel, and below.
const PAD: f64 = 0.8;
/// The room that the word over a zone takes.
const WORD: f64 = 1.15;
/// The room between two things in a row.
const GAP: f64 = 0.35;
/// The height of an item.
const ITEM: f64 = 1.7;
/// As many items are laid out side by side; more lie closer.
const MOST_ITEMS: u32 = 10;

/// A part of a panel where tokens stand in rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zone {
    /// Within the panel.
    pub rect: Rect,
    /// The size of a token.
    pub chip: Chip,
}

impl Zone {
    fn per_row(&self) -> usize {
        (((self.rect.w + GAP) / (self.chip.w + GAP) + 1e-9).floor() as usize).max(1)
    }

    fn rows(&self) -> usize {
        (((self.rect.h + GAP) / (self.chip.h + GAP) + 1e-9).floor() as usize).max(1)
    }

    /// The corner of the token `idx` of `n`: side by side while there is room, then closer, like cards
    /// in a hand.
    pub fn place(&self, idx: usize, n: usize) -> Point {
        let per_row = self.per_row().max(n.div_ceil(self.rows()));
        let room = (self.rect.w - self.chip.w).max(0.0);
        let closer = room / (per_row.max(2) - 1) as f64;
        let step = if per_row > self.per_row() { closer } else { self.chip.w + GAP };
        Point {
            x: self.rect.x + step * (idx % per_row) as f64,
            y: self.rect.y + (self.chip.h + GAP) * (idx / per_row) as f64,
        }
    }
}

/// Where the items of a queue lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Belt {
    /// Within the panel.
    pub rect: Rect,
    /// The width of an item.
    pub item_w: f64,
    /// Whether the items lie on each other, the last in on top.
    pub is_stack: bool,
}

impl Belt {
    /// The corner of the item that would come out as number `idx` of `n`: on a belt they go to the
    /// right, in a stack down to the ground.
    pub fn place(&self, idx: usize, n: usize) -> Point {
        let Rect { x, y, w, h } = self.rect;
        let (long, step) = if self.is_stack { (h, ITEM + GAP) } else { (w, self.item_w + GAP) };
        let size = if self.is_stack { ITEM } else { self.item_w };
        let room = (long - size - 2.0 * GAP).max(0.0);
        let step = step.min(room / (n.max(2) - 1) as f64);
        if self.is_stack {
            let from_ground = n - 1 - idx;
            let down = y + h - GAP - ITEM - step * from_ground as f64;
            Point { x: x + (w - self.item_w) / 2.0, y: down }
        } else {
            let right = x + w - GAP - self.item_w - step * idx as f64;
            Point { x: right, y: y + (h - ITEM) / 2.0 }
        }
    }
}

/// The inside of a panel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Form {
    /// How wide it is.
    pub w: f64,
    /// How high it is.
    pub h: f64,
    /// Where those stand who have it, and how many places are drawn for them.
    pub holders: Option<(Zone, usize)>,
    /// Where those stand who wait for it.
    pub waiting: Option<Zone>,
    /// Where those stand who wait to put something in.
    pub putters: Option<Zone>,
    /// Where its items lie.
    pub belt: Option<Belt>,
}

impl Form {
    /// As many places are drawn at most for those who have it.
    pub const MOST_SLOTS: usize = 24;

    /// The form of an object's panel in a run of `n_actors`; the longest word for an item has
    /// `longest_word` letters. On a phone, which `is_narrow`, there is little width.
    pub fn new(
        kind: ObjectKind,
        n_actors: usize,
        chip: Chip,
        longest_word: usize,
        is_narrow: bool,
    ) -> Self {
        let others = n_actors.saturating_sub(1).max(1);
        match kind {
            ObjectKind::Cell { .. } => Self::bare(12.5, 7.4),
            ObjectKind::Future => Self::future(chip),
            ObjectKind::Semaphore { permits } => {
                Self::held(chip, (permits as usize).clamp(1, Self::MOST_SLOTS), n_actors, 5)
            }
            ObjectKind::Barrier { parties } => {
                let slots = (parties as usize).clamp(1, Self::MOST_SLOTS);
                Self { waiting: None, ..Self::held(chip, slots, 0, 5) }
            }
            ObjectKind::ReadersWriter => Self::held(chip, n_actors.min(6), others, 3),
            ObjectKind::Pool { workers } => Self::held(chip, workers.clamp(1, 16) as usize, 1, 4),
            ObjectKind::Condition => Self::waited_for(chip, n_actors, 0.0),
            ObjectKind::Event => Self::waited_for(chip, n_actors, 3.4),
            ObjectKind::Queue { order, capacity } => {
                let usual = if is_narrow { 4 } else { 6 };
                let n_items = capacity.unwrap_or(usual).clamp(1, MOST_ITEMS);
                // At least a number of three digits.
                let item_w = (longest_word as f64 * 0.62 + 1.1).clamp(2.6, 6.5);
                Self::queue(chip, order, n_items, item_w, others)
            }
            ObjectKind::Lock
            | ObjectKind::RLock
            | ObjectKind::Resource
            | ObjectKind::Once
            | ObjectKind::Thread => Self::held(chip, 1, others, 2),
        }
    }

    fn bare(w: f64, h: f64) -> Self {
        Self { w, h, holders: None, waiting: None, putters: None, belt: None }
    }

    /// Places for those who have it, and below them a line of up to `n_waiting`.
    fn held(chip: Chip, n_slots: usize, n_waiting: usize, most_per_row: usize) -> Self {
        let per_row = n_slots.min(if chip.is_small() { most_per_row.max(5) } else { 3 });
        let inner = width_of(per_row.max(abreast(n_waiting, chip)), chip).max(11.2);
        let holders = zone(PAD, HEAD, inner, n_slots.div_ceil(per_row), chip);
        let mut bottom = HEAD + holders.rect.h;
        let waiting = (n_waiting > 0).then(|| {
            let zone = crowd(PAD, bottom + WORD + 0.3, inner, n_waiting, chip);
            bottom = zone.rect.y + zone.rect.h;
            zone
        });
        let holders = Some((holders, n_slots));
        Self { holders, waiting, ..Self::bare(inner + 2.0 * PAD, bottom + PAD) }
    }

    /// A line of those who wait, to the right of something `beside` wide.
    fn waited_for(chip: Chip, n_waiting: usize, beside: f64) -> Self {
        let inner = width_of(abreast(n_waiting, chip), chip).max(9.6 - beside);
        let waiting = crowd(PAD + beside, HEAD + WORD, inner, n_waiting, chip);
        let bottom = (waiting.rect.y + waiting.rect.h).max(HEAD + 3.4) + PAD;
        Self { waiting: Some(waiting), ..Self::bare(inner + beside + 2.0 * PAD, bottom) }
    }

    /// Who runs it, and beside it who waits for what it gives.
    fn future(chip: Chip) -> Self {
        let holders = zone(PAD, HEAD, chip.w, 1, chip);
        let beside = PAD + chip.w + 0.8;
        // At least what its name and its state need above them.
        let waiting = zone(beside, HEAD, chip.w.max(12.0 - beside - PAD), 1, chip);
        let (w, bottom) = (beside + waiting.rect.w + PAD, HEAD + chip.h + PAD);
        Self { holders: Some((holders, 1)), waiting: Some(waiting), ..Self::bare(w, bottom) }
    }

    /// Those who put on the left, those who take on the right, the items between or above them.
    fn queue(chip: Chip, order: Order, n_items: u32, item_w: f64, others: usize) -> Self {
        let n_items = f64::from(n_items);
        let side = width_of(if chip.is_small() { 2 } else { 1 }, chip);
        if order == Order::Lifo {
            let rect = Rect {
                x: PAD + side + 0.6,
                y: HEAD,
                w: item_w + 2.0 * GAP,
                h: n_items.min(6.0) * (ITEM + GAP) + GAP,
            };
            let putters = crowd(PAD, HEAD + WORD, side, 3, chip);
            let right = rect.x + rect.w + 0.6;
            let getters = Zone { rect: putters.rect.moved(right - PAD, 0.0), chip };
            let bottom = (rect.y + rect.h).max(putters.rect.y + putters.rect.h) + PAD;
            let belt = Belt { rect, item_w, is_stack: true };
            return Self {
                waiting: Some(getters),
                putters: Some(putters),
                belt: Some(belt),
                ..Self::bare(right + side + PAD, bottom)
            };
        }
        // An arrow at each end of the belt.
        let ends = 1.7;
        let belt_w = (n_items * (item_w + GAP) + GAP).max(2.0 * side + 0.8 - 2.0 * ends);
        let inner = belt_w + 2.0 * ends;
        let rect = Rect { x: PAD + ends, y: HEAD, w: belt_w, h: ITEM + 2.0 * GAP };
        let half = (inner - 0.8) / 2.0;
        let putters = crowd(PAD, rect.y + rect.h + WORD + 0.3, half, others, chip);
        let getters = Zone { rect: putters.rect.moved(half + 0.8, 0.0), chip };
        Self {
            waiting: Some(getters),
            putters: Some(putters),
            belt: Some(Belt { rect, item_w, is_stack: false }),
            ..Self::bare(inner + 2.0 * PAD, putters.rect.y + putters.rect.h + PAD)
        }
    }
}

fn width_of(n: usize, chip: Chip) -> f64 {
    n as f64 * (chip.w + GAP) - GAP
}

fn zone(x: f64, y: f64, w: f64, rows: usize, chip: Chip) -> Zone {
    Zone { rect: Rect { x, y, w, h: rows as f64 * (chip.h + GAP) - GAP }, chip }
}

/// How many of `n` stand side by side.
fn abreast(n: usize, chip: Chip) -> usize {
    match n {
        _ if !chip.is_small() => 2,
        ..=20 => 4,
        _ => 8,
    }
}

/// A zone with rows enough for `n`, up to a few.
fn crowd(x: f64, y: f64, w: f64, n: usize, chip: Chip) -> Zone {
    let per_row = zone(x, y, w, 1, chip).per_row();
    let most_rows = match n {
        _ if !chip.is_small() => 2,
        ..=12 => 3,
        _ => 5,
    };
    zone(x, y, w, n.div_ceil(per_row).clamp(1, most_rows), chip)
}
