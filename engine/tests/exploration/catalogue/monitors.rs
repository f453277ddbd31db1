//! Telling others, with locks, conditions and semaphores.

use std::sync::Arc;

use engine::World;
use engine::model::Model;
use engine::sync::{Condition, Lock, Semaphore};

use super::{Atom, Broken, Claim, Mended, Pair, Stuck, Version, spawn};

pub(super) const PAIRS: &[Pair] = &[
    Pair {
        name: "a condition with `if` instead of `while`",
        source: "B. Lampson, D. Redell, Experience with processes and monitors in Mesa, CACM 23 \
                 (1980)",
        failure: Claim("there is something to take"),
        program: stolen,
    },
    Pair {
        name: "waiting without a look",
        source: "A. Birrell, An introduction to programming with threads (1989)",
        failure: Stuck,
        program: too_late,
    },
    Pair {
        name: "one condition for those who put and those who take, and one of them is told",
        source: "`notify` for `notifyAll`: D. Lea, Concurrent Programming in Java, 3.2 (1999)",
        failure: Stuck,
        program: wrong_one,
    },
    Pair {
        name: "a rendezvous of two who wait before they signal",
        source: "A. Downey, The Little Book of Semaphores, 3.3 (2008)",
        failure: Stuck,
        program: rendezvous,
    },
    Pair {
        name: "an item that is waited for inside the lock",
        source: "A. Tanenbaum, Modern Operating Systems, 2.3.5: the mutex before the semaphore",
        failure: Stuck,
        program: inside_the_lock,
    },
];

struct Buffer {
    lock: Arc<Lock<Model>>,
    changed: Condition<Model, Lock<Model>>,
    n_items: Atom,
}

impl Buffer {
    fn new(world: &Model) -> Arc<Self> {
        let lock = Arc::new(Lock::new(world, "lock", 0));
        let changed = Condition::new(world, "changed", 0, lock.clone());
        Arc::new(Self { lock, changed, n_items: Atom::new(world, "items", 0) })
    }

    async fn wait(&self, w: &Model) {
        assert!(self.changed.wait(w).await.is_ok(), "whoever waits has the lock");
    }

    async fn tell(&self, w: &Model, n: u32) {
        assert!(self.changed.notify(w, n).await.is_ok(), "whoever tells has the lock");
    }
}

fn stolen(world: &Model, version: Version) {
    let buffer = Buffer::new(world);
    spawn(world, "maker", 0, &buffer, |w, buffer| async move {
        for _ in 0..2 {
            let held = buffer.lock.acquire(&w).await;
            buffer.n_items.add(&w, 1).await;
            buffer.tell(&w, 1).await;
            held.release().await;
        }
    });
    for idx in 0..2 {
        spawn(world, "taker", idx, &buffer, move |w, buffer| async move {
            let held = buffer.lock.acquire(&w).await;
            while buffer.n_items.load(&w).await == 0 {
                buffer.wait(&w).await;
                if version == Broken {
                    // Somebody may have come between the news and the lock.
                    break;
                }
            }
            w.check(buffer.n_items.load(&w).await > 0, "there is something to take");
            buffer.n_items.sub(&w, 1).await;
            held.release().await;
        });
    }
}

fn too_late(world: &Model, version: Version) {
    let buffer = Buffer::new(world);
    spawn(world, "waiter", 0, &buffer, move |w, buffer| async move {
        let held = buffer.lock.acquire(&w).await;
        // Whoever does not look waits for news that it may have missed.
        while version == Broken || buffer.n_items.load(&w).await == 0 {
            buffer.wait(&w).await;
            if version == Broken {
                break;
            }
        }
        held.release().await;
    });
    spawn(world, "teller", 0, &buffer, |w, buffer| async move {
        let held = buffer.lock.acquire(&w).await;
        buffer.n_items.store(&w, 1).await;
        buffer.tell(&w, 1).await;
        held.release().await;
    });
}

fn wrong_one(world: &Model, version: Version) {
    /// There is room for one.
    const FULL: u32 = 1;
    let n_told = if version == Broken { 1 } else { u32::MAX };
    let buffer = Buffer::new(world);
    for idx in 0..2 {
        spawn(world, "taker", idx, &buffer, move |w, buffer| async move {
            let held = buffer.lock.acquire(&w).await;
            while buffer.n_items.load(&w).await == 0 {
                buffer.wait(&w).await;
            }
            buffer.n_items.sub(&w, 1).await;
            buffer.tell(&w, n_told).await;
            held.release().await;
        });
    }
    spawn(world, "maker", 0, &buffer, move |w, buffer| async move {
        for _ in 0..2 {
            let held = buffer.lock.acquire(&w).await;
            while buffer.n_items.load(&w).await == FULL {
                buffer.wait(&w).await;
            }
            buffer.n_items.add(&w, 1).await;
            buffer.tell(&w, n_told).await;
            held.release().await;
        }
    });
}

fn rendezvous(world: &Model, version: Version) {
    let here = [0, 1].map(|idx| Semaphore::new(world, "here", idx, 0));
    let here = Arc::new((here, Atom::new(world, "met", 0)));
    for me in 0..2 {
        spawn(world, "friend", me, &here, move |w, here| async move {
            let ([first, second], n_met) = &*here;
            let [own, other] = if me == 0 { [first, second] } else { [second, first] };
            n_met.add(&w, 1).await;
            if version == Mended {
                own.release(&w).await.unwrap();
            }
            other.acquire(&w).await.forget();
            if version == Broken {
                own.release(&w).await.unwrap();
            }
            w.check(n_met.load(&w).await == 2, "both are here");
        });
    }
}

struct Shop {
    lock: Lock<Model>,
    n_items: Semaphore<Model>,
}

fn inside_the_lock(world: &Model, version: Version) {
    let lock = Lock::new(world, "lock", 0);
    let shop = Arc::new(Shop { lock, n_items: Semaphore::new(world, "items", 0, 0) });
    for idx in 0..2 {
        spawn(world, "taker", idx, &shop, move |w, shop| async move {
            if version == Mended {
                shop.n_items.acquire(&w).await.forget();
            }
            let held = shop.lock.acquire(&w).await;
            if version == Broken {
                shop.n_items.acquire(&w).await.forget();
            }
            held.release().await;
        });
    }
    spawn(world, "maker", 0, &shop, |w, shop| async move {
        for _ in 0..2 {
            let held = shop.lock.acquire(&w).await;
            shop.n_items.release(&w).await.unwrap();
            held.release().await;
        }
    });
}
