//! Naive: left fork, then right fork. When everybody has the left one, nobody gets the right.

use super::etiquette::{Etiquette, Seat, Settings, forks, put_both, take_both};
use crate::sync::{Guard, Lock};
use crate::world::World;

/// The forks on the table.
pub(super) struct Naive<W: World> {
    forks: Vec<Lock<W>>,
}

impl<W: World> Naive<W> {
    pub fn new(world: &W, settings: &Settings) -> Self {
        Self { forks: forks(world, settings) }
    }
}

impl<W: World> Etiquette<W> for Naive<W> {
    type Forks<'a> = [Guard<'a, W>; 2];

    async fn pick_up<'a>(&'a self, w: &'a W, seat: Seat) -> Self::Forks<'a> {
        take_both(w, &self.forks, seat.left(), seat.right()).await
    }

    async fn put_down<'a>(&'a self, _: &'a W, _: Seat, forks: Self::Forks<'a>) {
        put_both(forks).await;
    }
}
