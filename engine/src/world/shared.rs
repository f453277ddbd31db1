//! Plain shared data, whose races everybody can see.

use std::future::Future;

use super::{Note, ObjectKind, Ordering, Word, World};

/// A cell of plain shared data. Load and store are separate steps, so `x += 1` can lose an update,
/// in the model for all to see and on threads for real (a relaxed atomic underneath, hence never
/// undefined behaviour).
///
/// ```
/// use engine::{World, model, world::Shared};
/// use std::sync::Arc;
///
/// let mut run = model::Run::new(model::Config::default(), |world| {
///     let x = Arc::new(Shared::new(world, "x", 0, 0));
///     for idx in 0..2 {
///         let x = x.clone();
///         world.spawn("adder", idx, move |w| async move {
///             let seen = x.load(&w).await;
///             x.store(&w, seen + 1).await;
///             w.check(x.load(&w).await <= 2, "x never passes 2");
///         });
///     }
/// });
/// assert_eq!(run.finish(&mut model::RoundRobin), model::Ending::Finished);
/// ```
pub struct Shared<W: World> {
    word: W::Word,
    id: W::Object,
}

impl<W: World> Shared<W> {
    /// A cell that holds `initial`.
    pub fn new(world: &W, name: &'static str, idx: u16, initial: u32) -> Self {
        let id = world.register(ObjectKind::Cell { initial }, name, idx);
        Self { word: world.word(id, initial), id }
    }

    /// Reads the cell.
    #[track_caller]
    pub fn load<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        // Relaxed: plain data; whoever needs an order takes a lock.
        self.load_as(w, Ordering::Relaxed)
    }

    /// Writes the cell.
    #[track_caller]
    pub fn store<'a>(&'a self, w: &'a W, value: u32) -> impl Future<Output = ()> + 'a {
        // Relaxed: see `load`.
        self.store_as(w, value, Ordering::Relaxed)
    }

    /// Reads the cell; whoever finds what [`Self::store_release`] wrote also sees all that its
    /// writer did before.
    #[track_caller]
    pub fn load_acquire<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        self.load_as(w, Ordering::Acquire)
    }

    /// Writes the cell, and so makes known what was done before to [`Self::load_acquire`].
    #[track_caller]
    pub fn store_release<'a>(&'a self, w: &'a W, value: u32) -> impl Future<Output = ()> + 'a {
        self.store_as(w, value, Ordering::Release)
    }

    #[track_caller]
    fn load_as<'a>(&'a self, w: &'a W, order: Ordering) -> impl Future<Output = u32> + 'a {
        let load = self.word.load(w, order);
        async move {
            let value = load.await;
            w.note(self.id, Note::Read(value));
            value
        }
    }

    #[track_caller]
    fn store_as<'a>(
        &'a self,
        w: &'a W,
        value: u32,
        order: Ordering,
    ) -> impl Future<Output = ()> + 'a {
        let store = self.word.store(w, value, order);
        async move {
            store.await;
            w.note(self.id, Note::Wrote(value));
        }
    }
}
