//! Ordered: the fork with the lower number first.
//!
//! Source: the resource hierarchy of Dijkstra's EWD 310. A cycle of waiting would need somebody who
//! holds a higher fork and waits for a lower one.

use super::etiquette::{Etiquette, Seat, Settings, forks, put_both, take_both};
use crate::sync::{Guard, Lock};
use crate::world::World;

/// The forks on the table.
pub(super) struct Ordered<W: World> {
    forks: Vec<Lock<W>>,
}

impl<W: World> Ordered<W> {
    pub fn new(world: &W, settings: &Settings) -> Self {
        Self { forks: forks(world, settings) }
    }
}

impl<W: World> Etiquette<W> for Ordered<W> {
    type Forks<'a> = [Guard<'a, W>; 2];

    async fn pick_up<'a>(&'a self, w: &'a W, seat: Seat) -> Self::Forks<'a> {
        let (low, high) = (seat.left().min(seat.right()), seat.left().max(seat.right()));
        take_both(w, &self.forks, low, high).await
    }

    async fn put_down<'a>(&'a self, _: &'a W, _: Seat, forks: Self::Forks<'a>) {
        put_both(forks).await;
    }
}
