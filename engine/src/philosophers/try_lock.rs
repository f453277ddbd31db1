//! Try-lock: wait for the first fork, try the second; when it is taken, put the first one back, wait
//! a random while and begin again. Without the while, everybody can do so for ever, in step.

use std::ops::ControlFlow::{Break, Continue};
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
        w.rounds((), |()| async {
            let left = self.forks[seat.left()].acquire(w).await; //: take-left
            let right = self.forks[seat.right()].try_acquire(w).await; //: try-right
            if let Some(right) = right {
                return Break([left, right]);
            }
            left.release().await; //: put-back
            w.sleep(w.random_while(Duration::ZERO, self.backoff)).await; //: back-off
            Continue(())
        })
        .await
    }

    async fn put_down<'a>(&'a self, _: &'a W, _: Seat, forks: Self::Forks<'a>) {
        put_both(forks).await;
    }
}
