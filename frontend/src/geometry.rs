//! Where things lie on the table, in the units of the drawing.
//!
//! The middle of the table is the origin, y grows downward, seats go clockwise from the top. Fork i
//! lies between seats i − 1 and i: to the right of philosopher i, who looks at the middle.

use std::f64::consts::{PI, TAU};

// What every browser has need not be downloaded.
use js_sys::Math::{cos, sin};

/// How far the seats are from the middle.
const SEATS_AT: f64 = 385.0;

/// The largest radius of a seat.
pub const LARGEST_SEAT: f64 = 98.0;

/// A point of the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

/// A table for a number of philosophers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    n_seats: u16,
}

/// Where a fork is: on the table, or before one who holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ForkAt {
    /// Between two seats.
    Table,
    /// At the right hand of this seat.
    RightOf(u16),
    /// At the left hand of this seat.
    LeftOf(u16),
}

impl Layout {
    /// A table for `n_seats`.
    pub fn new(n_seats: u16) -> Self {
        Self { n_seats: n_seats.max(1) }
    }

    fn angle(self, seat: f64) -> f64 {
        seat * TAU / f64::from(self.n_seats) - PI / 2.0
    }

    /// The radius of a seat.
    pub fn seat_radius(self) -> f64 {
        (PI * SEATS_AT / f64::from(self.n_seats) * 0.74).min(LARGEST_SEAT)
    }

    /// How far from the middle the seats reach, with the rings around them.
    pub fn reach(self) -> f64 {
        SEATS_AT + self.seat_radius() + 12.0
    }

    /// The radius of the table itself.
    pub fn table_radius(self) -> f64 {
        SEATS_AT - self.seat_radius() * 1.12
    }

    /// The middle of a seat.
    pub fn seat(self, idx: u16) -> Point {
        polar(SEATS_AT, self.angle(f64::from(idx)))
    }

    /// The middle of a plate.
    pub fn plate(self, idx: u16) -> Point {
        polar(self.plate_at(), self.angle(f64::from(idx)))
    }

    /// The radius of a plate.
    pub fn plate_radius(self) -> f64 {
        self.seat_radius() * 0.4
    }

    fn plate_at(self) -> f64 {
        SEATS_AT - self.seat_radius() * 1.75
    }

    /// The place of a fork, and its turn in degrees.
    pub fn fork(self, idx: u16, at: ForkAt) -> (Point, f64) {
        let side = self.seat_radius() * 0.72 / self.plate_at();
        let (radius, angle) = match at {
            ForkAt::Table => (self.plate_at() * 0.84, self.angle(f64::from(idx) - 0.5)),
            // To the right of one who looks at the middle is counter-clockwise.
            ForkAt::RightOf(seat) => (self.plate_at(), self.angle(f64::from(seat)) - side),
            ForkAt::LeftOf(seat) => (self.plate_at(), self.angle(f64::from(seat)) + side),
        };
        (polar(radius, angle), angle.to_degrees() - 90.0)
    }

    /// An arrow from one seat to another, bent towards the middle.
    pub fn arrow(self, from: u16, to: u16) -> String {
        let (a, b) = (self.angle(f64::from(from)), self.angle(f64::from(to)));
        let rim = SEATS_AT - self.seat_radius() - 6.0;
        // The ends lean towards each other; where two wait for each other, each arrow to its right.
        let side = if self.n_seats == 2 { 1.0 } else { sin(b - a).signum() };
        let turn = side * 0.16 * self.seat_radius() / LARGEST_SEAT;
        let (start, end) = (polar(rim, a + turn), polar(rim - 4.0, b - turn));
        let bend = polar(1.0, (a + b) / 2.0);
        let half = cos((a - b) / 2.0);
        // The nearer the seats, the flatter the arrow.
        let chord = 2.0 * rim * sin((a - b) / 2.0).abs();
        let depth = (rim * half.abs() - 0.35 * chord).max(0.0) * half.signum();
        format!(
            "M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}",
            start.x,
            start.y,
            bend.x * depth,
            bend.y * depth,
            end.x,
            end.y
        )
    }
}

fn polar(radius: f64, angle: f64) -> Point {
    Point { x: radius * cos(angle), y: radius * sin(angle) }
}
