//! The table: everybody takes a seat, and the life of a philosopher.

use std::sync::Arc;
use std::time::Duration;

use super::both_or_none::BothOrNone;
use super::chandy_misra::ChandyMisra;
use super::etiquette::{Etiquette, Phase, Seat, Settings, Solution};
use super::naive::Naive;
use super::odd_even::OddEven;
use super::ordered::Ordered;
use super::try_lock::TryLock;
use super::waiter::Waiter;
use crate::world::World;

/// Makes the forks and seats the philosophers, who begin at once.
///
/// # Panics
/// When there are fewer than 2 philosophers.
///
/// ```
/// use engine::{model, philosophers::{self, Settings, Solution}};
/// use std::time::Duration;
///
/// let settings = Settings {
///     philosophers: 5,
///     meals: 1,
///     solution: Solution::Ordered,
///     think: Duration::from_millis(2),
///     eat: Duration::from_millis(1),
///     backoff: Duration::ZERO,
/// };
/// let program = move |w: &model::Model| philosophers::set_table(w, &settings);
/// let mut run = model::Run::new(model::Config::default(), program);
/// assert_eq!(run.finish(&mut model::RoundRobin), model::Ending::Finished);
/// assert_eq!(philosophers::actions(&run.log()).len(), 5 * 5);
/// ```
pub fn set_table<W: World>(world: &W, settings: &Settings) {
    assert!(settings.philosophers >= 2, "a table needs at least 2 philosophers");
    match settings.solution {
        Solution::Naive => seat_all(world, settings, Naive::new(world, settings)),
        Solution::Ordered => seat_all(world, settings, Ordered::new(world, settings)),
        Solution::OddEven => seat_all(world, settings, OddEven::new(world, settings)),
        Solution::Waiter => seat_all(world, settings, Waiter::new(world, settings)),
        Solution::BothOrNone => seat_all(world, settings, BothOrNone::new(world, settings)),
        Solution::TryLock => seat_all(world, settings, TryLock::new(world, settings)),
        Solution::ChandyMisra => seat_all(world, settings, ChandyMisra::new(world, settings)),
    }
}

fn seat_all<W: World>(world: &W, settings: &Settings, etiquette: impl Etiquette<W>) {
    let etiquette = Arc::new(etiquette);
    for idx in 0..settings.philosophers {
        let (etiquette, settings) = (etiquette.clone(), *settings);
        let seat = Seat { idx, of: settings.philosophers };
        world.spawn("philosopher", idx, move |w| async move {
            dine(&w, &*etiquette, seat, &settings).await;
        });
    }
}

async fn dine<W: World>(w: &W, etiquette: &impl Etiquette<W>, seat: Seat, settings: &Settings) {
    w.phase(Phase::Thinking as u32);
    for _ in 0..settings.meals {
        w.sleep(about(w, settings.think)).await; //: think
        w.phase(Phase::Hungry as u32);
        let forks = etiquette.pick_up(w, seat).await;
        w.phase(Phase::Eating as u32);
        w.sleep(about(w, settings.eat)).await; //: eat
        // Whoever puts its forks down eats no more.
        w.phase(Phase::Thinking as u32);
        etiquette.put_down(w, seat, forks).await;
    }
    w.phase(Phase::Done as u32);
}

/// Between half and one and a half of `mean`, in whole microseconds.
fn about<W: World>(w: &W, mean: Duration) -> Duration {
    let micros = mean.as_micros().try_into().unwrap_or(u64::MAX / 2);
    let shortest = Duration::from_micros(micros / 2);
    w.random_while(shortest, shortest + Duration::from_micros(micros))
}
