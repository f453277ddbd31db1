//! Programs of the literature, of which it is known how many classes of executions they have.
//!
//! They come with the test suites of explorers (GenMC's, and before it those of the papers on partial
//! order reduction); the code is our own.

use std::sync::Arc;

use crate::world::{ObjectKind, Ordering, Word, World};

const SEQ_CST: Ordering = Ordering::SeqCst;

fn words<W: World>(world: &W, n: usize) -> Arc<Vec<W::Word>> {
    let id = world.register(ObjectKind::Resource, "words", 0);
    Arc::new((0..n).map(|_| world.word(id, 0)).collect())
}

/// `n` actors add one to the same word, each in one step: `n`! classes.
///
/// ```
/// use engine::explore::{Exploration, Reduced, litmus};
///
/// let mut exploration = Exploration::new(Default::default(), Reduced::new(), |w| litmus::ainc(w, 4));
/// while exploration.next().is_some() {}
/// assert_eq!(exploration.n_executions(), 24);
/// ```
pub fn ainc<W: World>(world: &W, n: u16) {
    let x = words(world, 1);
    for idx in 0..n {
        let x = x.clone();
        world.spawn("adder", idx, move |w| async move {
            x[0].fetch_add(&w, 1, SEQ_CST).await;
        });
    }
}

/// One actor writes a word that `n` others read: each reads before it or after it, so there are 2^`n`
/// classes.
pub fn readers<W: World>(world: &W, n: u16) {
    let x = words(world, 1);
    let y = x.clone();
    world.spawn("writer", 0, move |w| async move { y[0].store(&w, 42, SEQ_CST).await });
    for idx in 0..n {
        let x = x.clone();
        world.spawn("reader", idx, move |w| async move {
            x[0].load(&w, SEQ_CST).await;
        });
    }
}

/// Actor `i` of 1 … `n` exchanges `i` for `i` − 1 in the same word; whoever comes too early or too late
/// does nothing. A failed exchange is a mere look, so there are 2, 5, 14, 43 classes for 2 to 5 actors.
pub fn casrot<W: World>(world: &W, n: u16) {
    let x = words(world, 1);
    for idx in 1..=n {
        let x = x.clone();
        world.spawn("rotor", idx, move |w| async move {
            let _ =
                x[0].compare_exchange(&w, u32::from(idx) - 1, idx.into(), SEQ_CST, SEQ_CST).await;
        });
    }
}

/// One actor looks for the last zero of an array, from its end, while `n` others each write one more
/// than their neighbour's element to their own: 64 classes for 5 writers, 3,328 for 10.
pub fn lastzero<W: World>(world: &W, n: u16) {
    let array = words(world, usize::from(n) + 1);
    let all = array.clone();
    world.spawn("reader", 0, move |w| async move {
        for word in all.iter().rev() {
            if word.load(&w, SEQ_CST).await == 0 {
                break;
            }
        }
    });
    for idx in 1..=usize::from(n) {
        let array = array.clone();
        world.spawn("writer", idx as u16, move |w| async move {
            let seen = array[idx - 1].load(&w, SEQ_CST).await;
            array[idx].store(&w, seen + 1, SEQ_CST).await;
        });
    }
}

/// `n` actors insert four numbers each into a hash table of 128 words, and go on to the next place
/// where they meet somebody: up to 11 never do; 12 have 8 classes.
pub fn indexer<W: World>(world: &W, n: u16) {
    let table = words(world, 128);
    for t in 0..u32::from(n) {
        let table = table.clone();
        world.spawn("inserter", t as u16, move |w| async move {
            for i in 0..4 {
                let value = 11 * i + t;
                let mut slot = 7 * value as usize % 128;
                // Zero stands for an empty slot, so what is inserted is one more.
                while table[slot]
                    .compare_exchange(&w, 0, value + 1, SEQ_CST, SEQ_CST)
                    .await
                    .is_err()
                {
                    slot = (slot + 1) % 128;
                }
            }
        });
    }
}
