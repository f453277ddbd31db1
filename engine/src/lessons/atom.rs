//! A word that has a name, so that one sees what is in it.

use std::future::Future;
use std::panic::Location;

use crate::world::{Act, Note, ObjectKind, Operation, Ordering, Waited, Word, World};

/// A word with a name. Each access is a step, indivisible and sequentially consistent: the lessons
/// inside the lock are about the order of steps, and what they teach would not hold with less.
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

    /// Words with the same name, for each of these numbers one.
    pub fn row(
        world: &W,
        name: &'static str,
        numbers: impl IntoIterator<Item = u16>,
        initial: u32,
    ) -> Vec<Self> {
        numbers.into_iter().map(|idx| Self::new(world, name, idx, initial)).collect()
    }

    /// Reads, without a note: whoever looks again and again would fill the log.
    #[track_caller]
    pub fn look<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        self.word.load(w, Ordering::SeqCst)
    }

    /// Reads what will be made into something new, which is noted: if another writes meanwhile, one
    /// sees that it was for nothing.
    #[track_caller]
    pub fn load<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        let load = self.word.load(w, Ordering::SeqCst);
        async move {
            let value = load.await;
            w.note(self.id, Note::Read(value));
            value
        }
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

    /// Writes and gives what was there.
    #[track_caller]
    pub fn swap<'a>(&'a self, w: &'a W, value: u32) -> impl Future<Output = u32> + 'a {
        let swap = self.word.swap(w, value, Ordering::SeqCst);
        async move { self.changed(w, swap.await, value) }
    }

    /// Adds `n` and gives what was there.
    #[track_caller]
    pub fn fetch_add<'a>(&'a self, w: &'a W, n: u32) -> impl Future<Output = u32> + 'a {
        let add = self.word.fetch_add(w, n, Ordering::SeqCst);
        async move {
            let seen = add.await;
            self.changed(w, seen, seen.wrapping_add(n))
        }
    }

    /// Writes `new` if the word holds `current`, and says whether it did.
    #[track_caller]
    pub fn exchange<'a>(
        &'a self,
        w: &'a W,
        current: u32,
        new: u32,
    ) -> impl Future<Output = bool> + 'a {
        let (success, failure) = (Ordering::SeqCst, Ordering::SeqCst);
        let exchange = self.word.compare_exchange(w, current, new, success, failure);
        async move {
            let is_done = exchange.await.is_ok();
            if is_done {
                self.changed(w, current, new);
            }
            is_done
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

    /// What was read and written in one step cannot be for nothing.
    fn changed(&self, w: &W, seen: u32, new: u32) -> u32 {
        w.note(self.id, Note::Read(seen));
        w.note(self.id, Note::Wrote(new));
        seen
    }
}
