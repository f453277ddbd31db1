//! Data behind a lock with two conditions: what one builds everything else of, where one has nothing
//! else. The engine's own, and those of the usual crates.

use std::cell::UnsafeCell;
use std::sync::Arc;

use engine::block;
use engine::real::Plain;
use engine::sync::{Condition, Lock};

use crate::crew::Actor;

/// How many of those who wait are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// The first one.
    One,
    /// Everybody.
    All,
}

/// Whoever can guard data and let actors wait for it to change.
pub trait Monitor<T>: Sync + Sized {
    /// The name in tables.
    const NAME: &'static str;
    /// What a thread needs to get at the data.
    type Actor: Actor;

    /// The data, with nobody at it.
    fn new(data: T) -> Self;

    /// Does `step`, alone with the data, and does it again after each wait on the condition `mine`
    /// until it gives something. Then tells those who wait on a condition.
    fn change<R>(
        &self,
        actor: &Self::Actor,
        mine: usize,
        step: impl FnMut(&mut T) -> Option<R>,
        tell: Option<(usize, Whom)>,
    ) -> R;
}

/// The engine's lock and conditions.
pub struct Ours<T> {
    lock: Arc<Lock<Plain>>,
    conditions: [Condition<Plain>; 2],
    data: UnsafeCell<T>,
}

// SAFETY: the data is reached only in `change`, by whoever holds the lock.
unsafe impl<T: Send> Sync for Ours<T> {}

impl<T: Send> Monitor<T> for Ours<T> {
    const NAME: &'static str = "five forks";
    type Actor = Plain;

    fn new(data: T) -> Self {
        let w = Plain::solo();
        let lock = Arc::new(Lock::new(&w, "lock", 0));
        let conditions = [0, 1].map(|idx| Condition::new(&w, "condition", idx, lock.clone()));
        Self { lock, conditions, data: UnsafeCell::new(data) }
    }

    #[inline]
    fn change<R>(
        &self,
        w: &Plain,
        mine: usize,
        mut step: impl FnMut(&mut T) -> Option<R>,
        tell: Option<(usize, Whom)>,
    ) -> R {
        let held = block(self.lock.acquire(w)).expect("the run is not stopped");
        let output = loop {
            // SAFETY: the lock is held here, and the reference does not outlive the step.
            if let Some(output) = step(unsafe { &mut *self.data.get() }) {
                break output;
            }
            let waited = block(self.conditions[mine].wait(w)).expect("the run is not stopped");
            waited.expect("the lock is held");
        };
        if let Some((idx, whom)) = tell {
            let n = if whom == Whom::One { 1 } else { u32::MAX };
            let told = block(self.conditions[idx].notify(w, n)).expect("the run is not stopped");
            told.expect("the lock is held");
        }
        block(held.release());
        output
    }
}

/// Those of the standard library.
pub struct Std<T> {
    data: std::sync::Mutex<T>,
    conditions: [std::sync::Condvar; 2],
}

impl<T: Send> Monitor<T> for Std<T> {
    const NAME: &'static str = "std condvar";
    type Actor = ();

    fn new(data: T) -> Self {
        Self { data: std::sync::Mutex::new(data), conditions: Default::default() }
    }

    #[inline]
    fn change<R>(
        &self,
        (): &(),
        mine: usize,
        mut step: impl FnMut(&mut T) -> Option<R>,
        tell: Option<(usize, Whom)>,
    ) -> R {
        let mut data = self.data.lock().expect("nobody panics inside");
        let output = loop {
            match step(&mut data) {
                Some(output) => break output,
                None => data = self.conditions[mine].wait(data).expect("nobody panics inside"),
            }
        };
        // Here it is quicker to tell others when they can have the lock.
        drop(data);
        match tell {
            Some((idx, Whom::One)) => self.conditions[idx].notify_one(),
            Some((idx, Whom::All)) => self.conditions[idx].notify_all(),
            None => {}
        }
        output
    }
}

/// Those of parking_lot.
pub struct ParkingLot<T> {
    data: parking_lot::Mutex<T>,
    conditions: [parking_lot::Condvar; 2],
}

impl<T: Send> Monitor<T> for ParkingLot<T> {
    const NAME: &'static str = "parking_lot condvar";
    type Actor = ();

    fn new(data: T) -> Self {
        Self { data: parking_lot::Mutex::new(data), conditions: Default::default() }
    }

    #[inline]
    fn change<R>(
        &self,
        (): &(),
        mine: usize,
        mut step: impl FnMut(&mut T) -> Option<R>,
        tell: Option<(usize, Whom)>,
    ) -> R {
        let mut data = self.data.lock();
        let output = loop {
            match step(&mut data) {
                Some(output) => break output,
                None => self.conditions[mine].wait(&mut data),
            }
        };
        drop(data);
        match tell {
            Some((idx, Whom::One)) => _ = self.conditions[idx].notify_one(),
            Some((idx, Whom::All)) => _ = self.conditions[idx].notify_all(),
            None => {}
        }
        output
    }
}
