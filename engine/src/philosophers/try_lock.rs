//! Try-lock: wait for the first fork, try the second; when it is taken, put the first one back, wait
//! a random while and begin again. Without the while, everybody can do so for ever, in step.

use std::time::Duration;

use super::etiquette::{Etiquette, Seat, Settings, forks, put_both};
use crate::sync::{Guard, Lock};
use crate::world::World;

/// The forks on the table.
pub(super) struct TryLock<W: World> {
    forks: Vec<Lock<W>>,
    backoff: Duration,
}

impl<W: World> TryLock<W> {
    pub fn new(world: &W, settings: &Settings) -> Self {
        Self { forks: forks(world, settings), backoff: settings.backoff }
    }
}

impl<W: World> Etiquette<W> for TryLock<W> {
    type Forks<'a> = [Guard<'a, W>; 2];

    async fn pick_up<'a>(&'a self, w: &'a W, seat: Seat) -> Self::Forks<'a> {
        loop {
            let left = self.forks[seat.left()].acquire(w).await; //: take-left
            let right = self.forks[seat.right()].try_acquire(w).await; //: try-right
            if let Some(right) = right {
                return [left, right];
            }
            left.release().await; //: put-back
            let micros = u32::try_from(self.backoff.as_micros()).unwrap_or(u32::MAX);
            let pause = Duration::from_micros(w.random(micros.saturating_add(1)).into());
            w.sleep(pause).await; //: back-off
        }
    }

    async fn put_down<'a>(&'a self, _: &'a W, _: Seat, forks: Self::Forks<'a>) {
        put_both(forks).await;
    }
}
