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
        let load = self.word.load(w, Ordering::Relaxed);
        async move {
            let value = load.await;
            w.note(self.id, Note::Read(value));
            value
        }
    }

    /// Writes the cell.
    #[track_caller]
    pub fn store<'a>(&'a self, w: &'a W, value: u32) -> impl Future<Output = ()> + 'a {
        // Relaxed: see `load`.
        let store = self.word.store(w, value, Ordering::Relaxed);
        async move {
            store.await;
            w.note(self.id, Note::Wrote(value));
        }
    }
}
