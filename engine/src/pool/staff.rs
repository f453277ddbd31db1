//! The workers of a pool that are not through, and who waits until none is left.
//!
//! | the word | meaning |
//! | --- | --- |
//! | 2 · n | n workers are left, nobody waits |
//! | 2 · n + 1 | n workers are left, and somebody waits until none is |
//!
//! See [`crate::sync::awaited`]; nobody is woken before the last one has left.

use std::future::Future as Awaitable;
use std::time::Duration;

use crate::sync::awaited::until;
use crate::world::{Act, Operation, Ordering, Place, Word, World};

const AWAITED: u32 = 1;
const ONE: u32 = 2;

pub(super) struct Staff<W: World> {
    word: W::Word,
    id: W::Object,
}

impl<W: World> Staff<W> {
    /// So many workers, of the pool `object`.
    pub fn new(world: &W, object: W::Object, n: u16) -> Self {
        Self { word: world.word(object, u32::from(n) * ONE), id: object }
    }

    /// One of them is through.
    pub async fn leave(&self, w: &W) {
        // Release: whoever finds none left sees what each of them did.
        if self.word.fetch_sub(w, ONE, Ordering::AcqRel).await == ONE | AWAITED {
            self.word.wake(w, u32::MAX).await;
        }
    }

    /// Waits until none is left, as one operation; `false` when the time was over first.
    pub fn until_left<'a>(
        &'a self,
        w: &'a W,
        timeout: Option<Duration>,
        place: Place,
    ) -> impl Awaitable<Output = bool> + 'a {
        let act = if timeout.is_some() { Act::JoinTimeout } else { Act::Join };
        let operation = Operation { act, object: self.id, ready_when: None, deadline: None, place };
        w.operation(operation, async move {
            let deadline = timeout.and_then(|timeout| w.deadline(timeout));
            until(w, &self.word, AWAITED, w.spins(), deadline, |seen| seen < ONE).await.is_ok()
        })
    }
}
