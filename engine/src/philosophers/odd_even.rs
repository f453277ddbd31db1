//! Odd-even: odd seats take the left fork first, even seats the right one.
//!
//! Between an odd seat and an even one, both begin with the same fork or both end with it, so no
//! cycle of waiting closes: for an odd K the two even neighbours at seats K − 1 and 0 only lengthen
//! a chain.

use super::etiquette::{Etiquette, Seat, Settings, forks, put_both, take_both};
use crate::sync::{Guard, Lock};
use crate::world::World;

/// The forks on the table.
pub(super) struct OddEven<W: World> {
    forks: Vec<Lock<W>>,
}

impl<W: World> OddEven<W> {
    pub fn new(world: &W, settings: &Settings) -> Self {
        Self { forks: forks(world, settings) }
    }
}

impl<W: World> Etiquette<W> for OddEven<W> {
    type Forks<'a> = [Guard<'a, W>; 2];

    async fn pick_up<'a>(&'a self, w: &'a W, seat: Seat) -> Self::Forks<'a> {
        let (first, second) = if seat.idx % 2 == 1 {
            (seat.left(), seat.right())
        } else {
            (seat.right(), seat.left())
        };
        take_both(w, &self.forks, first, second).await
    }

    async fn put_down<'a>(&'a self, _: &'a W, _: Seat, forks: Self::Forks<'a>) {
        put_both(forks).await;
    }
}
