//! Handing things over, and knowing when nobody has them any more.

use std::sync::Arc;

use engine::World;
use engine::model::Model;
use engine::sync::Lock;

use super::{Atom, Broken, Claim, Mended, Pair, Version, spawn};

pub(super) const PAIRS: &[Pair] = &[
    Pair {
        name: "a ring that publishes a slot before its item is there",
        source: "D. Vyukov, Bounded MPMC queue, 1024cores.net (2010)",
        failure: Claim("the item is there"),
        program: ring,
    },
    Pair {
        name: "double-checked locking that publishes early",
        source: "D. Bacon and others, The “double-checked locking is broken” declaration (2000)",
        failure: Claim("what is published is filled"),
        program: double_checked,
    },
    Pair {
        name: "a reference count that is loaded and then stored",
        source: "kref: G. Kroah-Hartman, Documentation/core-api/kref.rst of Linux",
        failure: Claim("what one has is not freed"),
        program: count_apart,
    },
    Pair {
        name: "a reference count that is looked at again after it was lowered",
        source: "kref: G. Kroah-Hartman, Documentation/core-api/kref.rst of Linux",
        failure: Claim("it is freed once"),
        program: count_again,
    },
    Pair {
        name: "a hazard pointer that is not looked at again",
        source: "M. Michael, Hazard pointers, IEEE TPDS 15 (2004)",
        failure: Claim("what one has is not freed"),
        program: hazard,
    },
    Pair {
        name: "a deque to steal from, whose owner takes the last item without asking",
        source: "D. Chase, Y. Lev, Dynamic circular work-stealing deque, SPAA (2005)",
        failure: Claim("nobody takes what another has"),
        program: steal,
    },
];

struct Slot {
    /// The position at which it can be written next, or one more: read next.
    turn: Atom,
    item: Atom,
}

struct Ring {
    slots: [Slot; Ring::N],
    head: Atom,
    tail: Atom,
}

impl Ring {
    const N: usize = 2;

    fn new(world: &Model) -> Arc<Self> {
        let slot = |idx| {
            let turn = Atom::nth(world, "turn", idx, idx.into());
            Slot { turn, item: Atom::nth(world, "item", idx, 0) }
        };
        let slots = [slot(0), slot(1)];
        Arc::new(Self {
            slots,
            head: Atom::new(world, "head", 0),
            tail: Atom::new(world, "tail", 0),
        })
    }

    fn slot(&self, at: u32) -> &Slot {
        &self.slots[at as usize % Self::N]
    }

    async fn put(&self, w: &Model, item: u32, version: Version) {
        loop {
            let at = self.tail.load(w).await;
            let slot = self.slot(at);
            if slot.turn.load(w).await != at {
                w.relax(0);
            } else if self.tail.exchange(w, at, at + 1).await {
                if version == Mended {
                    slot.item.store(w, item).await;
                }
                slot.turn.store(w, at + 1).await;
                if version == Broken {
                    slot.item.store(w, item).await;
                }
                return;
            }
        }
    }

    async fn get(&self, w: &Model) -> u32 {
        loop {
            let at = self.head.load(w).await;
            let slot = self.slot(at);
            if slot.turn.load(w).await != at + 1 {
                w.relax(0);
            } else if self.head.exchange(w, at, at + 1).await {
                let item = slot.item.swap(w, 0).await;
                slot.turn.store(w, at + Self::N as u32).await;
                return item;
            }
        }
    }
}

fn ring(world: &Model, version: Version) {
    let ring = Ring::new(world);
    for idx in 0..2 {
        spawn(world, "maker", idx, &ring, move |w, ring| async move {
            ring.put(&w, u32::from(idx) + 1, version).await;
        });
    }
    spawn(world, "taker", 0, &ring, |w, ring| async move {
        for _ in 0..2 {
            w.check(ring.get(&w).await != 0, "the item is there");
        }
    });
}

struct Shelf {
    lock: Lock<Model>,
    published: Atom,
    value: Atom,
}

fn double_checked(world: &Model, version: Version) {
    let lock = Lock::new(world, "lock", 0);
    let (published, value) = (Atom::new(world, "published", 0), Atom::new(world, "value", 0));
    let shelf = Arc::new(Shelf { lock, published, value });
    for idx in 0..2 {
        spawn(world, "user", idx, &shelf, move |w, shelf| async move {
            if shelf.published.load(&w).await == 0 {
                let held = shelf.lock.acquire(&w).await;
                if shelf.published.load(&w).await == 0 {
                    shelf.make(&w, version).await;
                }
                held.release().await;
            }
            w.check(shelf.value.load(&w).await == 42, "what is published is filled");
        });
    }
}

impl Shelf {
    async fn make(&self, w: &Model, version: Version) {
        let [first, second] = match version {
            Broken => [(&self.published, 1), (&self.value, 42)],
            Mended => [(&self.value, 42), (&self.published, 1)],
        };
        first.0.store(w, first.1).await;
        second.0.store(w, second.1).await;
    }
}

struct Counted {
    n_owners: Atom,
    freed: Atom,
}

impl Counted {
    fn new(world: &Model, n_owners: u32) -> Arc<Self> {
        let n_owners = Atom::new(world, "owners", n_owners);
        Arc::new(Self { n_owners, freed: Atom::new(world, "freed", 0) })
    }

    async fn expect(&self, w: &Model) {
        w.check(self.freed.load(w).await == 0, "what one has is not freed");
    }

    async fn free(&self, w: &Model) {
        w.check(self.freed.add(w, 1).await == 0, "it is freed once");
    }
}

fn count_apart(world: &Model, version: Version) {
    let counted = Counted::new(world, 2);
    let release = async move |w: &Model, counted: &Counted| {
        let n_before = if version == Mended {
            counted.n_owners.sub(w, 1).await
        } else {
            let seen = counted.n_owners.load(w).await;
            // Another may have become an owner meanwhile.
            counted.n_owners.store(w, seen - 1).await;
            seen
        };
        if n_before == 1 {
            counted.free(w).await;
        }
    };
    spawn(world, "owner", 0, &counted, move |w, counted| async move {
        counted.n_owners.add(&w, 1).await;
        release(&w, &counted).await;
        counted.expect(&w).await;
        release(&w, &counted).await;
    });
    spawn(world, "owner", 1, &counted, move |w, counted| async move {
        release(&w, &counted).await;
    });
}

fn count_again(world: &Model, version: Version) {
    let counted = Counted::new(world, 2);
    for idx in 0..2 {
        spawn(world, "owner", idx, &counted, move |w, counted| async move {
            let n_left = match version {
                Broken => {
                    counted.n_owners.sub(&w, 1).await;
                    counted.n_owners.load(&w).await
                }
                Mended => counted.n_owners.sub(&w, 1).await - 1,
            };
            if n_left == 0 {
                counted.free(&w).await;
            }
        });
    }
}

/// Numbers from 1 stand for nodes; 0 is none.
struct Guarded {
    head: Atom,
    hazard: Atom,
    freed: [Atom; 2],
}

fn hazard(world: &Model, version: Version) {
    let guarded = Arc::new(Guarded {
        head: Atom::new(world, "head", 1),
        hazard: Atom::new(world, "hazard", 0),
        freed: Atom::row(world, "freed", 0),
    });
    spawn(world, "reader", 0, &guarded, move |w, guarded| async move {
        let Guarded { head, hazard, freed } = &*guarded;
        let mut node;
        loop {
            node = head.load(&w).await;
            hazard.store(&w, node).await;
            // The writer may have looked before it was said.
            if version == Broken || head.load(&w).await == node {
                break;
            }
        }
        let is_freed = freed[node as usize - 1].load(&w).await == 1;
        w.check(!is_freed, "what one has is not freed");
        hazard.store(&w, 0).await;
    });
    spawn(world, "writer", 0, &guarded, |w, guarded| async move {
        let Guarded { head, hazard, freed } = &*guarded;
        let old = head.swap(&w, 2).await;
        hazard.until(&w, |hazard| hazard != old).await;
        freed[old as usize - 1].store(&w, 1).await;
    });
}

struct Deque {
    top: Atom,
    bottom: Atom,
    n_taken: [Atom; Deque::N as usize],
}

impl Deque {
    const N: u32 = 2;

    async fn take(&self, w: &Model, at: u32) {
        let n_before = self.n_taken[at as usize].add(w, 1).await;
        w.check(n_before == 0, "nobody takes what another has");
    }

    async fn steal(&self, w: &Model) {
        let top = self.top.load(w).await;
        if top < self.bottom.load(w).await && self.top.exchange(w, top, top + 1).await {
            self.take(w, top).await;
        }
    }

    async fn pop(&self, w: &Model, version: Version) {
        let last = self.bottom.sub(w, 1).await - 1;
        let top = self.top.load(w).await;
        // Where nothing is between, a thief may be about to take the same.
        let is_own = top < last
            || top == last && (version == Broken || self.top.exchange(w, top, top + 1).await);
        if is_own {
            self.take(w, last).await;
        }
        if top >= last {
            self.bottom.store(w, last + 1).await;
        }
    }
}

fn steal(world: &Model, version: Version) {
    let (top, bottom) = (Atom::new(world, "top", 0), Atom::new(world, "bottom", Deque::N));
    let deque = Arc::new(Deque { top, bottom, n_taken: Atom::row(world, "taken", 0) });
    spawn(world, "owner", 0, &deque, move |w, deque| async move {
        for _ in 0..Deque::N {
            deque.pop(&w, version).await;
        }
    });
    spawn(world, "thief", 0, &deque, |w, deque| async move {
        deque.steal(&w).await;
    });
}
