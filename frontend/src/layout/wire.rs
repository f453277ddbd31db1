//! Arrows between things that are somewhere.

use super::{Point, Rect};

/// A line from one rectangle to another: a cubic curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wire([Point; 4]);

impl Wire {
    /// Between the sides that face each other when one column is beside the other (or one row below
    /// the other), leaving and arriving at these shares of the sides.
    pub fn facing(from: Rect, to: Rect, is_beside: bool, [leave, arrive]: [f64; 2]) -> Self {
        if is_beside {
            let forth = to.x > from.x;
            let start =
                Point { x: from.x + if forth { from.w } else { 0.0 }, y: from.y + from.h * leave };
            let end = Point { x: to.x + if forth { 0.0 } else { to.w }, y: to.y + to.h * arrive };
            let half = (end.x - start.x) / 2.0;
            let bend = |point: Point, by: f64| Point { x: point.x + by, ..point };
            Self([start, bend(start, half), bend(end, -half), end])
        } else {
            let down = to.y > from.y;
            let start =
                Point { x: from.x + from.w * leave, y: from.y + if down { from.h } else { 0.0 } };
            let end = Point { x: to.x + to.w * arrive, y: to.y + if down { 0.0 } else { to.h } };
            let half = (end.y - start.y) / 2.0;
            let bend = |point: Point, by: f64| Point { y: point.y + by, ..point };
            Self([start, bend(start, half), bend(end, -half), end])
        }
    }

    /// From middle to middle, between the edges, a little bent to the side.
    pub fn direct(from: Rect, to: Rect) -> Self {
        let (start, end) = (from.edge_towards(to.middle()), to.edge_towards(from.middle()));
        let (dx, dy) = (end.x - start.x, end.y - start.y);
        let bend = |share: f64| Point {
            x: start.x + dx * share - dy * 0.06,
            y: start.y + dy * share + dx * 0.06,
        };
        Self([start, bend(0.35), bend(0.65), end])
    }

    /// A point of it, from its start at 0 to its end at 1.
    pub fn at(self, t: f64) -> Point {
        let u = 1.0 - t;
        let weights = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
        let sum = |of: fn(&Point) -> f64| self.0.iter().zip(weights).map(|(p, w)| of(p) * w).sum();
        Point { x: sum(|p| p.x), y: sum(|p| p.y) }
    }

    /// Whether it runs through a rectangle.
    pub fn crosses(self, rect: Rect) -> bool {
        (1..16).map(|step| self.at(f64::from(step) / 16.0)).any(|Point { x, y }| {
            x > rect.x && x < rect.x + rect.w && y > rect.y && y < rect.y + rect.h
        })
    }

    /// As the path of a drawing.
    pub fn path(self) -> String {
        let [a, b, c, d] = self.0.map(|Point { x, y }| format!("{x:.2} {y:.2}"));
        format!("M{a}C{b} {c} {d}")
    }
}
