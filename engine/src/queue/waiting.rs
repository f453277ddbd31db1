//! The part of a queue where actors wait: for an item or for room.
//!
//! | word | meaning |
//! | --- | --- |
//! | `waiters` | how many actors stand in the two lines |
//!
//! The lines lie behind a lock of their own, and `waiters` is changed only by whoever holds it. Most
//! puts and gets go to the store, find `waiters` to be 0, and never see the lock.
//!
//! **Nobody sleeps through an item or through room.** Whoever finds none takes the lock, stands in
//! line, adds to `waiters`, and then looks at the store once more (in [`Queue::match_one`]).
//! Whoever brings an item or makes room moves the store's own word first and then looks at
//! `waiters`. In a ring all four are sequentially consistent, so at least one of them sees the other;
//! on a shelf the lock of the shelf brings them into an order, in which the second sees what the
//! first did before it.
//!
//! **Nobody looks again.** Whoever sees that somebody waits brings those together who fit: items
//! from the store go to the getters, in the order of their line, and the first putters' items go to
//! the store. What is called out of a line has what it waited for, or learns that the queue was shut
//! down. With capacity 0 an item lies in the store only while both sides are matched, under the lock;
//! a get that comes then leaves it to whom it belongs, and stands in line.
//!
//! Source: the two conditions of CPython's `queue.Queue`, with items handed over as in the channels
//! of Go (`chansend` and `chanrecv`), so that a wakeup is never in vain.

use std::time::Duration;

use super::error::{GetError, PutError};
use super::skeleton::Queue;
use super::store::{End, Nothing, Refused, Store};
use super::tag::Tag;
use crate::sync::line::{Called, Line, Waiting, glances};
use crate::world::{Note, Ordering, Word, World};

/// What somebody in a line brings or will be given, and at which end.
pub(super) struct Parcel<T> {
    item: Option<T>,
    end: End,
}

/// Who waits.
pub(super) struct Lists<W: World, T> {
    getters: Line<W, Parcel<T>>,
    putters: Line<W, Parcel<T>>,
    is_shut_down: bool,
}

/// One of the two lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Getters,
    Putters,
}

/// How long somebody waits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// Not at all.
    None,
    /// Until this time, or for ever.
    Until(Option<Duration>),
}

/// How somebody's wait ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// By a call: with what it waited for, or because the queue was shut down.
    Called,
    /// It left the line.
    InVain,
}

impl<W: World, T> Default for Lists<W, T> {
    fn default() -> Self {
        Self { getters: Line::default(), putters: Line::default(), is_shut_down: false }
    }
}

impl<W: World, T> Lists<W, T> {
    fn line(&mut self, side: Side) -> &mut Line<W, Parcel<T>> {
        match side {
            Side::Getters => &mut self.getters,
            Side::Putters => &mut self.putters,
        }
    }
}

impl<W: World, T: Tag + Send + 'static, S: Store<W, T>> Queue<W, T, S> {
    /// Puts an item into a queue that refused it a moment ago.
    pub(super) async fn put_later(
        &self,
        w: &W,
        refused: Refused<T>,
        end: End,
        patience: Patience,
    ) -> Result<(), PutError<T>> {
        let error = match refused {
            Refused::Closed(item) => PutError::ShutDown(item),
            Refused::Full(item) => match self.put_if_open(w, item, end, patience).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            },
        };
        w.note(self.id, Note::GaveUp);
        Err(error)
    }

    async fn put_if_open(
        &self,
        w: &W,
        mut item: T,
        end: End,
        patience: Patience,
    ) -> Result<(), PutError<T>> {
        if self.is_in_vain(patience) {
            return Err(PutError::Full(item));
        }
        for round in 0..self.n_spins(w) {
            w.relax(round);
            match self.store.push(w, item, end, false).await {
                Ok(()) => {
                    self.look_for_waiters(w).await;
                    return Ok(());
                }
                Err(Refused::Closed(item)) => return Err(PutError::ShutDown(item)),
                Err(Refused::Full(again)) => item = again,
            }
        }
        let parcel = Parcel { item: Some(item), end };
        match self.stand_in_line(w, Side::Putters, parcel, patience).await {
            (Some(item), Outcome::InVain) => Err(PutError::Full(item)),
            (Some(item), Outcome::Called) => Err(PutError::ShutDown(item)),
            (None, _) => Ok(()),
        }
    }

    /// Takes an item out of a queue that gave none a moment ago.
    pub(super) async fn get_later(
        &self,
        w: &W,
        nothing: Nothing,
        end: End,
        patience: Patience,
    ) -> Result<T, GetError> {
        let got = match nothing {
            Nothing::Closed => Err(GetError::ShutDown),
            Nothing::Empty => self.get_if_open(w, end, patience).await,
        };
        w.note(self.id, got.as_ref().map_or(Note::GaveUp, |item| Note::Took(item.tag())));
        got
    }

    async fn get_if_open(&self, w: &W, end: End, patience: Patience) -> Result<T, GetError> {
        if self.is_in_vain(patience) {
            return Err(GetError::Empty);
        }
        for round in 0..self.n_spins(w) {
            w.relax(round);
            match self.store.pop(w, end).await {
                Ok(item) => {
                    self.look_for_waiters(w).await;
                    return Ok(item);
                }
                Err(Nothing::Closed) => return Err(GetError::ShutDown),
                Err(Nothing::Empty) => {}
            }
        }
        let parcel = Parcel { item: None, end };
        match self.stand_in_line(w, Side::Getters, parcel, patience).await {
            (Some(item), _) => Ok(item),
            (None, Outcome::InVain) => Err(GetError::Empty),
            (None, Outcome::Called) => Err(GetError::ShutDown),
        }
    }

    /// Whether somebody without patience need not even look who waits: what is in the store says it
    /// all, unless nothing is ever in the store.
    fn is_in_vain(&self, patience: Patience) -> bool {
        patience == Patience::None && !self.is_rendezvous()
    }

    /// How often to look at the store again before standing in line.
    fn n_spins(&self, w: &W) -> u32 {
        if self.is_rendezvous() { 0 } else { glances(w) }
    }

    /// Stands in line until called, or as long as patience lasts. Gives what is in the parcel then.
    async fn stand_in_line(
        &self,
        w: &W,
        side: Side,
        parcel: Parcel<T>,
        patience: Patience,
    ) -> (Option<T>, Outcome) {
        let mut lists = self.lists.hold(w).await;
        let waiting = lists.line(side).join(w, self.id, Some(parcel));
        // SeqCst: counted before the store is looked at once more.
        self.waiters.fetch_add(w, 1, Ordering::SeqCst).await;
        let called = self.match_all(w, &mut lists).await;
        let is_shut_down = lists.is_shut_down;
        let is_to_leave = patience == Patience::None || is_shut_down;
        let has_left = is_to_leave && self.leave(w, &mut lists, side, &waiting).await;
        lists.release().await;
        if let Some(called) = called {
            called.call(w).await;
        }
        let outcome = if has_left {
            // Whoever comes to a queue that was shut down is sent away like those before.
            if is_shut_down { Outcome::Called } else { Outcome::InVain }
        } else {
            self.be_called(w, side, &waiting, patience).await
        };
        (waiting.into_parcel().and_then(|parcel| parcel.item), outcome)
    }

    async fn be_called(
        &self,
        w: &W,
        side: Side,
        waiting: &Waiting<W, Parcel<T>>,
        patience: Patience,
    ) -> Outcome {
        // Without patience and still in line's books as called, the call has come or is on its way.
        let deadline = match patience {
            Patience::None => None,
            Patience::Until(deadline) => deadline,
        };
        if waiting.wait(w, deadline).await {
            return Outcome::Called;
        }
        let mut lists = self.lists.hold(w).await;
        let has_left = self.leave(w, &mut lists, side, waiting).await;
        lists.release().await;
        if has_left { Outcome::InVain } else { Outcome::Called }
    }

    /// Leaves a line, unless one was called.
    async fn leave(
        &self,
        w: &W,
        lists: &mut Lists<W, T>,
        side: Side,
        waiting: &Waiting<W, Parcel<T>>,
    ) -> bool {
        let has_left = lists.line(side).leave(waiting);
        if has_left {
            self.count_out(w).await;
        }
        has_left
    }

    /// One stands in line no more.
    async fn count_out(&self, w: &W) {
        // Relaxed: too high a count for a moment costs a look at the lines, no more.
        self.waiters.fetch_sub(w, 1, Ordering::Relaxed).await;
    }

    /// After the store has changed: if somebody waits, perhaps they need no longer.
    async fn look_for_waiters(&self, w: &W) {
        // SeqCst: read after the store's word was moved.
        if self.waiters.load(w, Ordering::SeqCst).await != 0 {
            self.serve(w).await;
        }
    }

    /// Brings those together who fit.
    pub(super) async fn serve(&self, w: &W) {
        let mut lists = self.lists.hold(w).await;
        let called = self.match_all(w, &mut lists).await;
        lists.release().await;
        if let Some(called) = called {
            called.call(w).await;
        }
    }

    /// Brings those together who fit, and calls all of them but the last, which is nearly always the
    /// only one: it is called when the lists are free again.
    async fn match_all(&self, w: &W, lists: &mut Lists<W, T>) -> Option<Called<W, Parcel<T>>> {
        let mut last: Option<Called<W, Parcel<T>>> = None;
        while let Some(next) = self.match_one(w, lists).await {
            self.count_out(w).await;
            if let Some(called) = last.replace(next) {
                called.call(w).await;
            }
        }
        last
    }

    /// Gives an item to the first getter, or finds room for that of the first putter.
    async fn match_one(&self, w: &W, lists: &mut Lists<W, T>) -> Option<Called<W, Parcel<T>>> {
        let is_wanted = !lists.getters.is_empty();
        if let Some(Some(getter)) = lists.getters.first()
            && let Ok(item) = self.store.pop(w, getter.end).await
        {
            getter.item = Some(item);
            return lists.getters.next();
        }
        if let Some(Some(putter)) = lists.putters.first()
            && let Some(item) = putter.item.take()
        {
            match self.store.push(w, item, putter.end, is_wanted).await {
                Ok(()) => return lists.putters.next(),
                Err(Refused::Full(item) | Refused::Closed(item)) => putter.item = Some(item),
            }
        }
        None
    }

    /// Lets nothing more in, and sends away who waits in vain from now on.
    pub(super) async fn shut_down(&self, w: &W, immediate: bool) {
        let mut lists = self.lists.hold(w).await;
        lists.is_shut_down = true;
        w.note(self.id, Note::State(1));
        let mut called = Vec::new();
        // The putters keep what they brought.
        while let Some(putter) = lists.putters.next() {
            self.count_out(w).await;
            called.push(putter);
        }
        self.store.close(w).await;
        called.extend(self.match_all(w, &mut lists).await);
        // The store is empty if anybody still waits for an item, and stays so.
        while let Some(getter) = lists.getters.next() {
            self.count_out(w).await;
            called.push(getter);
        }
        lists.release().await;
        for called in called {
            called.call(w).await;
        }
        if immediate {
            self.drain(w).await;
        }
    }

    /// Throws away what lies in a queue that was shut down. All of it counts as done.
    async fn drain(&self, w: &W) {
        for item in self.store.clear(w).await {
            w.note(self.id, Note::Took(item.tag()));
            // An error says that somebody called it done before, which was theirs to know.
            let _ = self.tasks.finish(w, &self.store).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::Fifo;
    use super::*;
    use crate::real::{Config, Ending, Plain, Run, Threads};

    /// Few rounds where an interpreter runs them.
    const N_ROUNDS: u32 = if cfg!(miri) { 8 } else { 2_000 };

    #[test]
    fn threads_hand_over_what_lies_on_the_heap() {
        for capacity in [Some(0), Some(1), Some(3), None] {
            let run = Run::start(Threads, Config::default(), |world: &Plain| {
                let queue = Arc::new(Fifo::new(world, "queue", 0, capacity));
                for idx in 0..2 {
                    let (putters, getters) = (queue.clone(), queue.clone());
                    world.spawn("putter", idx, move |w| async move {
                        for round in 0..N_ROUNDS {
                            let mut item = Box::new(round);
                            let timeout = Duration::from_micros(u64::from(round));
                            while let Err(error) = putters.put_timeout(&w, item, timeout).await {
                                item = error.into_item();
                            }
                        }
                    });
                    world.spawn("getter", idx, move |w| async move {
                        for round in 0..N_ROUNDS {
                            let got = match round % 2 {
                                0 => getters.get(&w).await,
                                _ => loop {
                                    let timeout = Duration::from_micros(u64::from(round));
                                    match getters.get_timeout(&w, timeout).await {
                                        Err(GetError::Empty) => {}
                                        got => break got,
                                    }
                                },
                            };
                            w.check(got.is_ok_and(|item| *item < N_ROUNDS), "as it was put");
                        }
                    });
                }
            });
            assert_eq!(run.join(), Ending::Finished);
        }
    }

    #[test]
    fn threads_are_sent_away_and_leave_nothing_behind() {
        let item = Arc::new(1_u32);
        for capacity in [Some(0), Some(2), None] {
            let held = item.clone();
            let run = Run::start(Threads, Config::default(), move |world: &Plain| {
                let queue = Arc::new(Fifo::new(world, "queue", 0, capacity));
                for idx in 0..2 {
                    let (putters, getters) = (queue.clone(), queue.clone());
                    let held = held.clone();
                    world.spawn("putter", idx, move |w| async move {
                        while putters.put(&w, held.clone()).await.is_ok() {}
                    });
                    world.spawn("getter", idx, move |w| async move {
                        while getters.get(&w).await.is_ok() {}
                    });
                }
                world.spawn("boss", 0, move |w| async move {
                    w.sleep(Duration::from_millis(3)).await;
                    queue.shutdown(&w, true).await;
                });
            });
            assert_eq!(run.join(), Ending::Finished);
        }
        assert_eq!(Arc::strong_count(&item), 1);
    }
}
