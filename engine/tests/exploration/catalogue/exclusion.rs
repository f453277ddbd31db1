//! Keeping others out.

use std::sync::Arc;

use engine::World;
use engine::model::Model;

use super::{Atom, Broken, Claim, Mended, Pair, Room, Stuck, Version, spawn};

pub(super) const PAIRS: &[Pair] = &[
    Pair {
        name: "Hyman's algorithm, and Peterson's",
        source: "H. Hyman, Comments on a problem in concurrent programming control, CACM 9 (1966); \
                 refuted by D. Knuth in the same volume",
        failure: Claim(Room::CLAIM),
        program: hyman,
    },
    Pair {
        name: "one bit each, and nobody steps back",
        source: "L. Lamport, The mutual exclusion problem: part II, JACM 33 (1986)",
        failure: Stuck,
        program: one_bit,
    },
    Pair {
        name: "fast mutual exclusion that does not wait for those who are on their way",
        source: "L. Lamport, A fast mutual exclusion algorithm, TOCS 5 (1987)",
        failure: Claim(Room::CLAIM),
        program: fast,
    },
    Pair {
        name: "a CLH lock whose nodes go back to their makers",
        source: "T. Craig, Building FIFO and priority-queuing spin locks (1993); A. Landin, E. \
                 Hagersten (1994)",
        failure: Stuck,
        program: clh,
    },
    Pair {
        name: "readers who look before they count themselves",
        source: "check-then-act: B. Goetz and others, Java Concurrency in Practice, 2.2 (2006)",
        failure: Claim("nobody writes while it is read"),
        program: readers,
    },
    Pair {
        name: "two readers who both become writers",
        source: "conversion deadlock: J. Gray, A. Reuter, Transaction Processing, 7.8 (1992)",
        failure: Stuck,
        program: upgrade,
    },
];

struct Two {
    flags: [Atom; 2],
    turn: Atom,
    room: Room,
}

impl Two {
    fn new(world: &Model) -> Arc<Self> {
        let (flags, turn) = (Atom::row(world, "flag", 0), Atom::new(world, "turn", 0));
        Arc::new(Self { flags, turn, room: Room::new(world) })
    }
}

fn hyman(world: &Model, version: Version) {
    let two = Two::new(world);
    for me in 0..2 {
        spawn(world, "visitor", me, &two, move |w, two| async move {
            let Two { flags, turn, room } = &*two;
            let (mine, other) = (u32::from(me), 1 - u32::from(me));
            let [own_flag, other_flag] = [mine, other].map(|idx| &flags[idx as usize]);
            own_flag.store(&w, 1).await;
            if version == Broken {
                while turn.load(&w).await != mine {
                    other_flag.until(&w, |flag| flag == 0).await;
                    // Meanwhile the other may have come back.
                    turn.store(&w, mine).await;
                }
            } else {
                turn.store(&w, other).await;
                while other_flag.load(&w).await == 1 && turn.load(&w).await == other {
                    w.relax(0);
                }
            }
            room.visit(&w).await;
            own_flag.store(&w, 0).await;
        });
    }
}

fn one_bit(world: &Model, version: Version) {
    let two = Two::new(world);
    spawn(world, "first", 0, &two, |w, two| async move {
        let [own, other] = &two.flags;
        own.store(&w, 1).await;
        other.until(&w, |flag| flag == 0).await;
        two.room.visit(&w).await;
        own.store(&w, 0).await;
    });
    spawn(world, "second", 0, &two, move |w, two| async move {
        let [other, own] = &two.flags;
        own.store(&w, 1).await;
        while other.load(&w).await == 1 {
            if version == Mended {
                own.store(&w, 0).await;
            }
            other.until(&w, |flag| flag == 0).await;
            own.store(&w, 1).await;
        }
        two.room.visit(&w).await;
        own.store(&w, 0).await;
    });
}

/// Numbers from 1 stand for actors; 0 is nobody.
struct Fast {
    busy: [Atom; 2],
    last_come: Atom,
    inside: Atom,
    room: Room,
}

fn fast(world: &Model, version: Version) {
    let fast = Arc::new(Fast {
        busy: Atom::row(world, "busy", 0),
        last_come: Atom::new(world, "last come", 0),
        inside: Atom::new(world, "entered", 0),
        room: Room::new(world),
    });
    for me in 0..2 {
        spawn(world, "visitor", me, &fast, move |w, fast| async move {
            fast.enter(&w, me, version).await;
            fast.room.visit(&w).await;
            fast.inside.store(&w, 0).await;
            fast.busy[usize::from(me)].store(&w, 0).await;
        });
    }
}

impl Fast {
    async fn enter(&self, w: &Model, me: u16, version: Version) {
        let (number, busy) = (u32::from(me) + 1, &self.busy[usize::from(me)]);
        loop {
            busy.store(w, 1).await;
            self.last_come.store(w, number).await;
            if self.inside.load(w).await != 0 {
                busy.store(w, 0).await;
                self.inside.until(w, |inside| inside == 0).await;
                continue;
            }
            self.inside.store(w, number).await;
            if self.last_come.load(w).await == number {
                return;
            }
            busy.store(w, 0).await;
            if version == Mended {
                // Whoever saw an empty room may still be about to enter its number.
                for other in &self.busy {
                    other.until(w, |busy| busy == 0).await;
                }
            }
            if self.inside.load(w).await == number {
                return;
            }
            self.inside.until(w, |inside| inside == 0).await;
        }
    }
}

struct Clh {
    /// A node is taken (1) or free (0); the last one is nobody's at first.
    nodes: [Atom; 3],
    /// Whose turn comes last: the number of a node.
    tail: Atom,
    room: Room,
}

fn clh(world: &Model, version: Version) {
    let nodes = Atom::row(world, "node", 0);
    let tail = Atom::new(world, "tail", 2);
    let clh = Arc::new(Clh { nodes, tail, room: Room::new(world) });
    for me in 0..2 {
        spawn(world, "visitor", me, &clh, move |w, clh| async move {
            let mut own = u32::from(me);
            for _ in 0..2 {
                clh.nodes[own as usize].store(&w, 1).await;
                let before = clh.tail.swap(&w, own).await;
                clh.nodes[before as usize].until(&w, |is_taken| is_taken == 0).await;
                clh.room.visit(&w).await;
                clh.nodes[own as usize].store(&w, 0).await;
                if version == Mended {
                    // Somebody may still look at the own one; at this one nobody does.
                    own = before;
                }
            }
        });
    }
}

struct Document {
    writing: Atom,
    n_readers: Atom,
    pages: [Atom; 2],
}

fn readers(world: &Model, version: Version) {
    let document = Arc::new(Document {
        writing: Atom::new(world, "writing", 0),
        n_readers: Atom::new(world, "readers", 0),
        pages: Atom::row(world, "page", 0),
    });
    spawn(world, "writer", 0, &document, |w, document| async move {
        let Document { writing, n_readers, pages } = &*document;
        writing.store(&w, 1).await;
        n_readers.until(&w, |n| n == 0).await;
        for page in pages {
            page.store(&w, 1).await;
        }
        writing.store(&w, 0).await;
    });
    for idx in 0..2 {
        spawn(world, "reader", idx, &document, move |w, document| async move {
            document.begin_reading(&w, version).await;
            let [one, other] = &document.pages;
            let is_same = one.load(&w).await == other.load(&w).await;
            w.check(is_same, "nobody writes while it is read");
            document.n_readers.sub(&w, 1).await;
        });
    }
}

impl Document {
    async fn begin_reading(&self, w: &Model, version: Version) {
        let Self { writing, n_readers, .. } = self;
        loop {
            writing.until(w, |writing| writing == 0).await;
            n_readers.add(w, 1).await;
            if version == Broken || writing.load(w).await == 0 {
                return;
            }
            n_readers.sub(w, 1).await;
        }
    }

    async fn read(&self, w: &Model) -> u32 {
        self.begin_reading(w, Mended).await;
        self.pages[0].load(w).await
    }

    /// Writes what follows from what was read.
    async fn write(&self, w: &Model, seen: u32) {
        w.check(self.pages[0].load(w).await == seen, "nobody wrote since it was read");
        self.pages[0].store(w, seen + 1).await;
    }
}

fn upgrade(world: &Model, version: Version) {
    let document = Arc::new(Document {
        writing: Atom::new(world, "writing", 0),
        n_readers: Atom::new(world, "readers", 0),
        pages: Atom::row(world, "page", 0),
    });
    for idx in 0..2 {
        spawn(world, "editor", idx, &document, move |w, document| async move {
            let Document { writing, n_readers, .. } = &*document;
            loop {
                let seen = document.read(&w).await;
                // Only one may wait for the others to go; whoever comes second goes, and reads again.
                let may_wait = writing.swap(&w, 1).await == 0 || version == Broken;
                if may_wait {
                    n_readers.until(&w, |n| n == 1).await;
                    document.write(&w, seen).await;
                    writing.store(&w, 0).await;
                }
                n_readers.sub(&w, 1).await;
                if may_wait {
                    return;
                }
            }
        });
    }
}
