//! Telling others, on bare words.

use std::sync::Arc;

use engine::World;
use engine::model::Model;

use super::{Atom, Broken, Claim, Mended, Pair, Stuck, Version, spawn};

pub(super) const PAIRS: &[Pair] = &[
    Pair {
        name: "a semaphore of two words that looks for waiters before it counts",
        source: "U. Drepper, Futexes are tricky (2004)",
        failure: Stuck,
        program: semaphore,
    },
    Pair {
        name: "an event that is set before its value is there",
        source: "message passing, as in J. Alglave and others, Herding cats, TOPLAS 36 (2014)",
        failure: Claim("the value is there"),
        program: event,
    },
    Pair {
        name: "once, by looking and then setting",
        source: "check-then-act: B. Goetz and others, Java Concurrency in Practice, 2.2 (2006)",
        failure: Claim("it is made once"),
        program: once,
    },
    Pair {
        name: "a barrier whose counter is reset by whoever leaves first",
        source: "D. Hensgen, R. Finkel, U. Manber, Two algorithms for barrier synchronization (1988)",
        failure: Stuck,
        program: barrier,
    },
    Pair {
        name: "stopping after a look into the inbox",
        source: "two-phase termination: M. Grand, Patterns in Java (1998)",
        failure: Claim("every message was read"),
        program: stop,
    },
];

struct Semaphore {
    count: Atom,
    n_waiting: Atom,
}

fn semaphore(world: &Model, version: Version) {
    let (count, n_waiting) = (Atom::new(world, "count", 0), Atom::new(world, "waiting", 0));
    let semaphore = Arc::new(Semaphore { count, n_waiting });
    spawn(world, "taker", 0, &semaphore, |w, semaphore| async move {
        for _ in 0..2 {
            semaphore.acquire(&w).await;
        }
    });
    spawn(world, "giver", 0, &semaphore, move |w, semaphore| async move {
        for _ in 0..2 {
            semaphore.release(&w, version).await;
        }
    });
}

impl Semaphore {
    async fn acquire(&self, w: &Model) {
        self.n_waiting.add(w, 1).await;
        loop {
            match self.count.load(w).await {
                0 => _ = self.count.wait(w, 0).await,
                n if self.count.exchange(w, n, n - 1).await => break,
                _ => {}
            }
        }
        self.n_waiting.sub(w, 1).await;
    }

    async fn release(&self, w: &Model, version: Version) {
        let seen_early = self.n_waiting.load(w).await;
        self.count.add(w, 1).await;
        // Whoever comes after this look finds the count.
        let n_waiting = if version == Broken { seen_early } else { self.n_waiting.load(w).await };
        if n_waiting > 0 {
            self.count.wake(w).await;
        }
    }
}

struct Event {
    is_set: Atom,
    value: Atom,
}

fn event(world: &Model, version: Version) {
    let (is_set, value) = (Atom::new(world, "set", 0), Atom::new(world, "value", 0));
    let event = Arc::new(Event { is_set, value });
    spawn(world, "setter", 0, &event, move |w, event| async move {
        if version == Mended {
            event.value.store(&w, 42).await;
        }
        event.is_set.store(&w, 1).await;
        event.is_set.wake(&w).await;
        if version == Broken {
            event.value.store(&w, 42).await;
        }
    });
    spawn(world, "waiter", 0, &event, |w, event| async move {
        while event.is_set.load(&w).await == 0 {
            event.is_set.wait(&w, 0).await;
        }
        w.check(event.value.load(&w).await == 42, "the value is there");
    });
}

struct Once {
    state: Atom,
    n_made: Atom,
}

impl Once {
    const NEW: u32 = 0;
    const BEGUN: u32 = 1;
    const READY: u32 = 2;

    /// Whether it is the caller who has to make it.
    async fn begin(&self, w: &Model, version: Version) -> bool {
        if version == Mended {
            return self.state.exchange(w, Self::NEW, Self::BEGUN).await;
        }
        let is_new = self.state.load(w).await == Self::NEW;
        if is_new {
            self.state.store(w, Self::BEGUN).await;
        }
        is_new
    }
}

fn once(world: &Model, version: Version) {
    let (state, n_made) = (Atom::new(world, "state", Once::NEW), Atom::new(world, "made", 0));
    let once = Arc::new(Once { state, n_made });
    for idx in 0..3 {
        spawn(world, "caller", idx, &once, move |w, once| async move {
            if once.begin(&w, version).await {
                w.check(once.n_made.add(&w, 1).await == 0, "it is made once");
                once.state.store(&w, Once::READY).await;
            }
            once.state.until(&w, |state| state == Once::READY).await;
        });
    }
}

struct Barrier {
    n_here: Atom,
    generation: Atom,
}

impl Barrier {
    const N: u32 = 2;

    /// Whoever comes last opens, and makes it new for those who come next.
    async fn pass(&self, w: &Model) {
        let generation = self.generation.load(w).await;
        if self.n_here.add(w, 1).await + 1 == Self::N {
            self.n_here.store(w, 0).await;
            self.generation.add(w, 1).await;
        } else {
            self.generation.until(w, |now| now != generation).await;
        }
    }

    /// Whoever goes first makes it new, and those who have not looked yet stay.
    async fn pass_badly(&self, w: &Model) {
        self.n_here.add(w, 1).await;
        self.n_here.until(w, |n| n == Self::N).await;
        self.n_here.store(w, 0).await;
    }
}

fn barrier(world: &Model, version: Version) {
    let (n_here, generation) = (Atom::new(world, "here", 0), Atom::new(world, "generation", 0));
    let barrier = Arc::new(Barrier { n_here, generation });
    for idx in 0..2 {
        spawn(world, "walker", idx, &barrier, move |w, barrier| async move {
            for _ in 0..2 {
                match version {
                    Broken => barrier.pass_badly(&w).await,
                    Mended => barrier.pass(&w).await,
                }
            }
        });
    }
}

struct Inbox {
    message: Atom,
    stop: Atom,
}

fn stop(world: &Model, version: Version) {
    let (message, stop) = (Atom::new(world, "message", 0), Atom::new(world, "stop", 0));
    let inbox = Arc::new(Inbox { message, stop });
    spawn(world, "sender", 0, &inbox, |w, inbox| async move {
        inbox.message.store(&w, 1).await;
        inbox.stop.store(&w, 1).await;
    });
    spawn(world, "reader", 0, &inbox, move |w, inbox| async move {
        let Inbox { message, stop } = &*inbox;
        let mut n_read = 0;
        loop {
            // What was sent before the stop is there after one has seen the stop, and not before.
            let stops_early = stop.load(&w).await == 1;
            if message.load(&w).await == 1 {
                message.store(&w, 0).await;
                n_read += 1;
                continue;
            }
            let stops = if version == Mended { stops_early } else { stop.load(&w).await == 1 };
            if stops {
                break;
            }
            w.relax(0);
        }
        w.check(n_read == 1, "every message was read");
    });
}
