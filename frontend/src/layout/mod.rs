//! Where actors and objects lie: plain numbers, in units of the picture's letter size, so that the
//! whole picture grows and shrinks with it.
//!
//! - [`Form`]: what is where inside the panel of an object;
//! - [`Layout`]: where the cards of actors and the panels are, and how large all of it is drawn;
//! - [`Wire`]: an arrow from one thing to another;
//! - [`Graph`]: where the nodes of the wait-for graph are;
//! - [`Boughs`]: where the branches of the interleavings' tree are.

mod fit;
mod form;
mod graph;
mod tree;
mod wire;

pub use fit::{Chip, Layout, Room};
pub use form::{Belt, Form, Zone};
pub use graph::{Edge, Graph, Node};
pub use tree::{Bough, Boughs, Mark, open_at_first};
pub use wire::Wire;

pub use crate::geometry::Point;

/// A rectangle: its corner at the top left, its width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
    /// How wide.
    pub w: f64,
    /// How high.
    pub h: f64,
}

impl Rect {
    /// The same, moved.
    pub fn moved(self, x: f64, y: f64) -> Self {
        Self { x: self.x + x, y: self.y + y, ..self }
    }

    /// Its middle.
    pub fn middle(self) -> Point {
        Point { x: self.x + self.w / 2.0, y: self.y + self.h / 2.0 }
    }

    /// Whether the two have a point in common.
    pub fn overlaps(self, other: Self) -> bool {
        let apart = |a: f64, a_len: f64, b: f64, b_len: f64| a + a_len <= b || b + b_len <= a;
        !apart(self.x, self.w, other.x, other.w) && !apart(self.y, self.h, other.y, other.h)
    }

    /// Where the way from its middle to a point leaves it.
    pub fn edge_towards(self, to: Point) -> Point {
        let from = self.middle();
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let share = |d: f64, half: f64| if d == 0.0 { f64::INFINITY } else { half / d.abs() };
        let t = share(dx, self.w / 2.0).min(share(dy, self.h / 2.0)).min(1.0);
        Point { x: from.x + dx * t, y: from.y + dy * t }
    }
}
