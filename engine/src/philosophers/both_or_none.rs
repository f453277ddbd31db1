//! Both or none: a monitor knows who is hungry and who eats, and lets one eat when neither neighbour
//! does.
//!
//! Source: Edsger W. Dijkstra, EWD 310, in the form of Andrew S. Tanenbaum, "Modern Operating
//! Systems", section 2.5.1: one lock for the states, one semaphore for each philosopher. Nobody ever
//! holds a single fork, so nobody waits with one; but two neighbours may keep one from eating.

use super::etiquette::{Etiquette, Phase, Seat, Settings};
use crate::sync::{Lock, Semaphore};
use crate::world::{Note, ObjectKind, Shared, World};

/// What the monitor knows.
pub(super) struct BothOrNone<W: World> {
    monitor: Lock<W>,
    phases: Vec<Shared<W>>,
    /// Philosopher i waits here until a neighbour lets it eat.
    turns: Vec<Semaphore<W>>,
    /// The forks, which only follow from the phases; noted for whoever watches.
    forks: Vec<W::Object>,
}

impl<W: World> BothOrNone<W> {
    pub fn new(world: &W, settings: &Settings) -> Self {
        let seats = 0..settings.philosophers;
        let fork = |idx| world.register(ObjectKind::Resource, "fork", idx);
        Self {
            forks: seats.clone().map(fork).collect(),
            monitor: Lock::new(world, "monitor", 0),
            phases: seats.clone().map(|idx| Shared::new(world, "phase", idx, 0)).collect(),
            turns: seats.map(|idx| Semaphore::new(world, "own turn", idx, 0)).collect(),
        }
    }

    async fn phase(&self, w: &W, seat: Seat) -> Phase {
        Phase::from_number(self.phases[usize::from(seat.idx)].load(w).await) //: look-phase
    }

    async fn set_phase(&self, w: &W, seat: Seat, phase: Phase) {
        self.phases[usize::from(seat.idx)].store(w, phase as u32).await; //: set-phase
    }

    /// Lets `seat` eat if it is hungry and neither neighbour eats. The monitor is held.
    async fn let_eat(&self, w: &W, seat: Seat) {
        let [right, left] = neighbours(seat);
        let may_eat = self.phase(w, seat).await == Phase::Hungry
            && self.phase(w, right).await != Phase::Eating
            && self.phase(w, left).await != Phase::Eating;
        if may_eat {
            self.set_phase(w, seat, Phase::Eating).await;
            // One permit at most: it is given only to the hungry, who are then no longer hungry.
            let released = self.turns[usize::from(seat.idx)].release(w).await; //: tell
            w.check(released.is_ok(), "a turn is given once");
        }
    }
}

/// Who shares the right and the left fork.
fn neighbours(Seat { idx, of }: Seat) -> [Seat; 2] {
    [(idx + of - 1) % of, (idx + 1) % of].map(|idx| Seat { idx, of })
}

impl<W: World> Etiquette<W> for BothOrNone<W> {
    type Forks<'a> = ();

    async fn pick_up<'a>(&'a self, w: &'a W, seat: Seat) {
        let monitor = self.monitor.acquire(w).await; //: enter-hungry
        self.set_phase(w, seat, Phase::Hungry).await;
        w.gist(|| self.let_eat(w, seat)).await;
        monitor.release().await; //: leave-eating
        self.turns[usize::from(seat.idx)].acquire(w).await.forget(); //: wait-both
        w.note(self.forks[seat.left()], Note::Got);
        w.note(self.forks[seat.right()], Note::Got);
    }

    async fn put_down<'a>(&'a self, w: &'a W, seat: Seat, (): ()) {
        let monitor = self.monitor.acquire(w).await; //: enter-full
        w.note(self.forks[seat.left()], Note::GaveBack);
        w.note(self.forks[seat.right()], Note::GaveBack);
        self.set_phase(w, seat, Phase::Thinking).await;
        for neighbour in neighbours(seat) {
            w.gist(|| self.let_eat(w, neighbour)).await;
        }
        monitor.release().await; //: leave-thinking
    }
}
