//! Waiter: at most K − 1 may reach for forks, so at least one of them gets both.

use super::etiquette::{Etiquette, Seat, Settings, forks, put_both, take_both};
use crate::sync::{Guard, Lock, Permit, Semaphore};
use crate::world::World;

/// The forks on the table and the waiter beside it.
pub(super) struct Waiter<W: World> {
    forks: Vec<Lock<W>>,
    waiter: Semaphore<W>,
}

impl<W: World> Waiter<W> {
    pub fn new(world: &W, settings: &Settings) -> Self {
        let n_seats = u32::from(settings.philosophers) - 1;
        Self { forks: forks(world, settings), waiter: Semaphore::new(world, "waiter", 0, n_seats) }
    }
}

impl<W: World> Etiquette<W> for Waiter<W> {
    type Forks<'a> = (Permit<'a, W>, [Guard<'a, W>; 2]);

    async fn pick_up<'a>(&'a self, w: &'a W, seat: Seat) -> Self::Forks<'a> {
        let permit = self.waiter.acquire(w).await; //: sit-down
        (permit, take_both(w, &self.forks, seat.left(), seat.right()).await)
    }

    async fn put_down<'a>(&'a self, _: &'a W, _: Seat, (permit, forks): Self::Forks<'a>) {
        put_both(forks).await;
        permit.release().await; //: stand-up
    }
}
