//! A word that has a name, so that one sees what is in it.

use std::future::Future;
use std::panic::Location;

use crate::world::{Act, Note, ObjectKind, Operation, Ordering, Waited, Word, World};

/// A word with a name. Each access is a step, indivisible and sequentially consistent: these lessons
/// are about the order of steps, and what they teach would not hold with less.
pub(super) struct Atom<W: World> {
    word: W::Word,
    id: W::Object,
}

impl<W: World> Atom<W> {
    /// A word that holds `initial`.
    pub fn new(world: &W, name: &'static str, idx: u16, initial: u32) -> Self {
        let id = world.register(ObjectKind::Cell { initial }, name, idx);
        Self { word: world.word(id, initial), id }
    }

    /// `n` words with the same name.
    pub fn row(world: &W, name: &'static str, n: u16, initial: u32) -> Vec<Self> {
        (0..n).map(|idx| Self::new(world, name, idx, initial)).collect()
    }

    /// Reads, without a note: whoever looks again and again would fill the log.
    #[track_caller]
    pub fn look<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        self.word.load(w, Ordering::SeqCst)
    }

    /// Writes.
    #[track_caller]
    pub fn store<'a>(&'a self, w: &'a W, value: u32) -> impl Future<Output = ()> + 'a {
        let store = self.word.store(w, value, Ordering::SeqCst);
        async move {
            store.await;
            w.note(self.id, Note::Wrote(value));
        }
    }

    /// Sleeps while the word holds `expected`, until somebody wakes the actor. The look and the
    /// beginning of the sleep are one step.
    #[track_caller]
    pub fn wait<'a>(&'a self, w: &'a W, expected: u32) -> impl Future<Output = Waited> + 'a {
        let (act, object, place) = (Act::Wait, self.id, Location::caller());
        let operation = Operation { act, object, ready_when: None, deadline: None, place };
        w.operation(operation, self.word.wait(w, expected, None))
    }

    /// Wakes one of those who sleep.
    #[track_caller]
    pub fn wake<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        self.word.wake(w, 1)
    }
}
