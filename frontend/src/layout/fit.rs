//! Where the cards of actors and the panels of objects are, and how large the picture is drawn.

use super::Rect;

/// The room between two rows of panels, and between two columns.
const GAP: f64 = 1.1;
/// The room between the cards and the panels, where arrows are seen.
const BETWEEN: f64 = 2.6;
const BETWEEN_COLUMNS: f64 = 4.6;
/// The size of a letter that is read well, in pixels, and the limits within which the room decides.
const LETTER: f64 = 15.0;
const SMALLEST: f64 = 10.5;
const LARGEST: f64 = 22.0;
/// From this size on, a picture is not better for being larger, but for having fewer rows.
const ENOUGH: f64 = 17.0;
/// From this share of its row's height on, a panel is made as high as its row.
const EQUAL: f64 = 0.7;
/// The least width at which a panel can be read, on a phone.
const NARROW: f64 = 25.0;
/// What a scrollbar takes of the width, in pixels.
const SCROLLBAR: f64 = 16.0;

/// The room that the page leaves for the picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    /// How wide.
    pub w: f64,
    /// How high; `None` where the picture may be as high as it needs.
    pub h: Option<f64>,
}

/// The size of a token that stands for an actor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chip {
    /// How wide.
    pub w: f64,
    /// How high.
    pub h: f64,
}

impl Chip {
    /// The tokens of a run of `n_actors`: with names while there are few.
    pub fn new(n_actors: usize) -> Self {
        if n_actors <= 5 { Self { w: 5.8, h: 1.75 } } else { Self { w: 2.5, h: 1.75 } }
    }

    /// Whether there is room for initials only.
    pub fn is_small(self) -> bool {
        self.w < 4.0
    }
}

/// A picture laid out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// The cards of the actors, by actor.
    pub cards: Vec<Rect>,
    /// The panels, in the order in which their sizes were given.
    pub panels: Vec<Rect>,
    /// How wide all of it is.
    pub w: f64,
    /// How high all of it is.
    pub h: f64,
    /// The size of a letter, in pixels.
    pub letter: f64,
    /// Whether the panels are beside the cards and not below them.
    pub is_beside: bool,
}

impl Layout {
    /// The layout of `n_actors` and of panels of these sizes that shows them largest in a room.
    pub fn new(n_actors: usize, panels: &[(f64, f64)], room: Room) -> Self {
        // On a phone there is no room for long sentences.
        let card = card(if room.h.is_none() { n_actors.max(7) } else { n_actors });
        let cards = vec![card; n_actors];
        let Some(room_h) = room.h else {
            // As wide as there is room, and down from there.
            let widest = panels.iter().map(|(w, _)| *w).fold(NARROW, f64::max);
            let w = (room.w / LETTER).max(widest);
            let letter = (room.w / w).min(LETTER);
            let layout = Self::stacked(&cards, panels, w);
            return Self { letter, w: layout.w.max(room.w / letter), ..layout }.centred(room);
        };
        let widths = || (0..40).map(|step| 20.0 + f64::from(step) * 3.0);
        let below = || widths().map(|w| Self::stacked(&cards, panels, w));
        let columns = || (1..=4_u32).flat_map(|n| widths().map(move |w| (n, w)));
        let beside = || columns().map(|(n, w)| Self::beside(&cards, panels, n, w));
        let size = |layout: &Self| (room.w / layout.w).min(room_h / layout.h);
        // The larger, the better; among equals, the one with the fewest rows.
        let best = |layouts: &mut dyn Iterator<Item = Self>| {
            layouts.map(|layout| (size(&layout), layout)).max_by(|(a, one), (b, other)| {
                a.min(ENOUGH).total_cmp(&b.min(ENOUGH)).then(other.h.total_cmp(&one.h))
            })
        };
        let best_below = best(&mut below()).expect("there are widths");
        let best_beside = best(&mut beside()).expect("there are widths");
        // Where it makes little difference, panels are below their actors.
        let enough = best_below.0 * 1.1 >= best_beside.0.min(ENOUGH);
        let (size, layout) = if enough { best_below } else { best_beside };
        if size < SMALLEST {
            // Not all of it can be seen at once: one scrolls down as little as may be, and nothing
            // is cut at the side.
            let room = Room { w: room.w - SCROLLBAR, ..room };
            let widest = room.w / SMALLEST;
            let narrow = below().chain(beside()).filter(|layout| layout.w <= widest);
            let lowest = narrow.min_by(|one, other| one.h.total_cmp(&other.h));
            let layout = lowest.unwrap_or_else(|| Self::stacked(&cards, panels, widest));
            return Self { letter: SMALLEST, ..layout }.centred(room);
        }
        Self { letter: size.min(LARGEST), ..layout }.centred(room)
    }

    fn stacked(cards: &[(f64, f64)], panels: &[(f64, f64)], max_w: f64) -> Self {
        let (cards, w, h) = rows(cards, max_w, 0.7);
        let (panels, panels_w, panels_h) = rows(panels, max_w, GAP);
        let all_w = w.max(panels_w);
        let between = if panels.is_empty() { 0.0 } else { BETWEEN };
        Self {
            cards: moved(cards, (all_w - w) / 2.0, 0.0),
            panels: moved(panels, (all_w - panels_w) / 2.0, h + between),
            w: all_w,
            h: h + between + panels_h,
            letter: LETTER,
            is_beside: false,
        }
    }

    fn beside(cards: &[(f64, f64)], panels: &[(f64, f64)], columns: u32, max_w: f64) -> Self {
        let card_w = cards.first().map_or(0.0, |card| card.0);
        let (cards, w, h) = rows(cards, f64::from(columns) * (card_w + 0.7), 0.7);
        let (panels, panels_w, panels_h) = rows(panels, max_w, GAP);
        let all_h = h.max(panels_h);
        Self {
            cards: moved(cards, 0.0, (all_h - h) / 2.0),
            panels: moved(panels, w + BETWEEN_COLUMNS, (all_h - panels_h) / 2.0),
            w: w + BETWEEN_COLUMNS + panels_w,
            h: all_h,
            letter: LETTER,
            is_beside: true,
        }
    }

    /// In the middle of the room.
    fn centred(self, room: Room) -> Self {
        let spare = |room: f64, used: f64| ((room / self.letter - used) / 2.0).max(0.0);
        let (x, y) = (spare(room.w, self.w), room.h.map_or(0.0, |h| spare(h, self.h)));
        Self {
            cards: moved(self.cards, x, y),
            panels: moved(self.panels, x, y),
            w: self.w + 2.0 * x,
            h: self.h + 2.0 * y,
            ..self
        }
    }
}

/// The size of an actor's card: the fewer there are, the more is said on it.
fn card(n_actors: usize) -> (f64, f64) {
    match n_actors {
        0..=6 => (14.0, 4.9),
        7..=12 => (11.5, 4.6),
        13..=30 => (8.8, 3.5),
        _ => (4.6, 2.1),
    }
}

fn moved(rects: Vec<Rect>, x: f64, y: f64) -> Vec<Rect> {
    rects.into_iter().map(|rect| rect.moved(x, y)).collect()
}

/// Rows of rectangles of these sizes, each row in the middle; with
/// the width and the height of all of them.
fn rows(sizes: &[(f64, f64)], max_w: f64, gap: f64) -> (Vec<Rect>, f64, f64) {
    let widths = |sizes: &[(f64, f64)]| {
        sizes.iter().map(|(w, _)| w + gap).sum::<f64>() - if sizes.is_empty() { 0.0 } else { gap }
    };
    let mut lines: Vec<&[(f64, f64)]> = Vec::new();
    let mut rest = sizes;
    while !rest.is_empty() {
        let n = (1..=rest.len()).take_while(|n| *n == 1 || widths(&rest[..*n]) <= max_w).count();
        lines.push(&rest[..n]);
        rest = &rest[n..];
    }
    // Rows of equal things are equally full.
    if sizes.windows(2).all(|pair| pair[0] == pair[1]) && lines.len() > 1 {
        lines = sizes.chunks(sizes.len().div_ceil(lines.len())).collect();
    }
    let all_w = lines.iter().map(|line| widths(line)).fold(0.0, f64::max);
    let mut rects = Vec::new();
    let mut y = 0.0;
    for line in lines {
        let h = line.iter().map(|(_, h)| *h).fold(0.0, f64::max);
        let mut x = (all_w - widths(line)) / 2.0;
        for (w, own_h) in line {
            // Equally high where that leaves little empty.
            let h = if own_h / h > EQUAL { h } else { *own_h };
            rects.push(Rect { x, y, w: *w, h });
            x += w + gap;
        }
        y += h + gap;
    }
    (rects, all_w, (y - gap).max(0.0))
}
