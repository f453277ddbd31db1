//! A lock for many readers or one writer, with a choice of who goes first.
//!
//! | the word holds | meaning |
//! | --- | --- |
//! | 0 | free |
//! | 4 · n | n readers hold it |
//! | 4 · owner + 2 | a writer holds it |
//! | … + 1 | the same, and somebody stands in line, or is about to |
//!
//! Without the lowest bit everything is done on the word alone. Whoever has to wait sets that bit
//! and stands in line, readers in one and writers in another, with a ticket that says who came
//! first. The lines and the bit are changed only by whoever is alone with the lines. From then on
//! the lock is handed over: nobody who was called finds it taken again. With writers first, though,
//! readers are only sent back to the word, so that a writer may come before they are awake.
//! And unless readers go first, a writer that finds nobody in line looks a few times whether those
//! inside are soon gone: it is alone with the lines so long, so nobody is called meanwhile.
//!
//! A release only takes its own part out of the word. If just the lowest bit is left (free, with
//! somebody in line), a hand-over is owed, and whoever made it so pays by [`ReadersWriter::settle`].
//! A guard that is dropped in a world that must not block then may be unable to; but then somebody
//! else is alone with the lines, and looks again after leaving them.
//!
//! Source: the three rules are those of P. J. Courtois, F. Heymans, D. L. Parnas, "Concurrent
//! Control with 'Readers' and 'Writers'" (CACM 14/10, 1971), problems 1 and 2, and of the queue in
//! J. M. Mellor-Crummey, M. L. Scott, "Scalable Reader-Writer Synchronization for Shared-Memory
//! Multiprocessors" (PPoPP 1991); a word with lines beside it is how parking_lot's `RawRwLock` does
//! it.

use std::collections::VecDeque;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use super::line::{Called, Line, Waiting, glances};
use super::locked::{Hold, Locked};
use super::mutual::NotOwner;
use crate::world::{Act, ActorId, Note, ObjectKind, Operation, Ordering, Place, Word, World};

const FREE: u32 = 0;
const IN_LINE: u32 = 1;
const WRITER: u32 = 2;
/// One reader. Thirty bits count more of them than there can be actors.
const READER: u32 = 4;

fn written_by(owner: ActorId) -> u32 {
    (u32::from(owner.0) << 2) | WRITER
}

/// Who goes first when readers and writers want a [`ReadersWriter`] at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precedence {
    /// Readers never wait for a writer that only waits; a writer may wait for ever.
    ReadersFirst,
    /// Readers wait as long as any writer does; a reader may wait for ever.
    WritersFirst,
    /// Whoever came first, with consecutive readers together; nobody waits for ever.
    Fair,
}

/// A lock that many readers can hold together, or one writer alone.
///
/// It is not reentrant: an actor that holds it and asks again may wait for itself, as a reader too,
/// when a writer stands in between. Python's `threading` has no such lock.
///
/// ```
/// use engine::{World, block, real::Plain, sync::{Precedence, ReadersWriter}};
///
/// let w = Plain::solo();
/// let lock = ReadersWriter::new(&w, "book", 0, Precedence::Fair);
/// let (one, other) = (block(lock.read(&w)).unwrap(), block(lock.read(&w)).unwrap());
/// assert!(block(lock.try_write(&w)).unwrap().is_none());
/// block(one.release());
/// drop(other);
/// let alone = block(lock.write(&w)).unwrap();
/// assert!(block(lock.try_read(&w)).unwrap().is_none());
/// # drop(alone);
/// ```
pub struct ReadersWriter<W: World> {
    word: W::Word,
    /// The bits of the word that make a reader wait.
    closed: u32,
    precedence: Precedence,
    lines: Locked<W, Lines<W>>,
    id: W::Object,
}

impl<W: World> ReadersWriter<W> {
    /// A free lock, called `name` number `idx` in the log.
    pub fn new(world: &W, name: &'static str, idx: u16, precedence: Precedence) -> Self {
        let id = world.register(ObjectKind::ReadersWriter, name, idx);
        let closed = match precedence {
            Precedence::ReadersFirst => WRITER,
            Precedence::WritersFirst | Precedence::Fair => WRITER | IN_LINE,
        };
        let lines = Locked::new(world, id, Lines::new());
        Self { word: world.word(id, FREE), closed, precedence, lines, id }
    }

    /// Takes the lock together with other readers, waiting for as long as it takes.
    #[inline]
    #[track_caller]
    pub fn read<'a>(&'a self, w: &'a W) -> impl Future<Output = ReadGuard<'a, W>> + 'a {
        let operation = self.operation(Act::Acquire, None, Location::caller());
        w.operation(operation, async move {
            // All of it is one `async` block, for the same reason as in `Raw::exchange`.
            // Relaxed: only a guess, which the exchange checks.
            let seen = self.word.load(w, Ordering::Relaxed).await;
            if seen & self.closed != 0 || self.add_reader(w, seen).await.is_err() {
                w.seldom(move || self.read_later(w, None)).await;
            }
            w.note(self.id, Note::Got);
            ReadGuard { lock: self, w }
        })
    }

    /// Takes the lock together with other readers, if that is possible at once.
    #[inline]
    #[track_caller]
    pub fn try_read<'a>(&'a self, w: &'a W) -> impl Future<Output = Option<ReadGuard<'a, W>>> + 'a {
        let operation = self.operation(Act::TryAcquire, None, Location::caller());
        w.operation(operation, async move {
            let got = self.enter(w, self.closed).await;
            w.note(self.id, if got { Note::Got } else { Note::GaveUp });
            got.then(|| ReadGuard { lock: self, w })
        })
    }

    /// Takes the lock together with other readers, or gives up after `timeout` of the world's time.
    #[track_caller]
    pub fn read_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Option<ReadGuard<'a, W>>> + 'a {
        let deadline = w.deadline(timeout);
        let operation = self.operation(Act::AcquireTimeout, deadline, Location::caller());
        w.operation(operation, async move {
            let got = self.read_later(w, deadline).await;
            w.note(self.id, if got { Note::Got } else { Note::GaveUp });
            got.then(|| ReadGuard { lock: self, w })
        })
    }

    /// Takes the lock alone, waiting for as long as it takes.
    #[inline]
    #[track_caller]
    pub fn write<'a>(&'a self, w: &'a W) -> impl Future<Output = WriteGuard<'a, W>> + 'a {
        let operation = self.operation(Act::Acquire, None, Location::caller());
        w.operation(operation, async move {
            if self.exchange(w).await.is_err() {
                w.seldom(move || self.write_later(w, None)).await;
            }
            self.note_written(w)
        })
    }

    /// Takes the lock alone, if that is possible at once.
    #[inline]
    #[track_caller]
    pub fn try_write<'a>(
        &'a self,
        w: &'a W,
    ) -> impl Future<Output = Option<WriteGuard<'a, W>>> + 'a {
        let operation = self.operation(Act::TryAcquire, None, Location::caller());
        w.operation(operation, async move {
            if self.exchange(w).await.is_err() {
                w.note(self.id, Note::GaveUp);
                return None;
            }
            Some(self.note_written(w))
        })
    }

    /// Takes the lock alone, or gives up after `timeout` of the world's time.
    #[track_caller]
    pub fn write_timeout<'a>(
        &'a self,
        w: &'a W,
        timeout: Duration,
    ) -> impl Future<Output = Option<WriteGuard<'a, W>>> + 'a {
        let deadline = w.deadline(timeout);
        let operation = self.operation(Act::AcquireTimeout, deadline, Location::caller());
        w.operation(operation, async move {
            let got = self.exchange(w).await.is_ok()
                || w.seldom(move || self.write_later(w, deadline)).await;
            if !got {
                w.note(self.id, Note::GaveUp);
                return None;
            }
            Some(self.note_written(w))
        })
    }

    /// Gives back what a reader holds, without a guard. The word counts readers and does not know
    /// them: one may give back for another.
    ///
    /// # Errors
    /// [`NotOwner`] when no reader holds the lock; nothing changes then.
    #[track_caller]
    pub fn release_read<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<(), NotOwner>> + 'a {
        let operation = self.operation(Act::Release, None, Location::caller());
        w.operation(operation, async move {
            if self.give_read(w).await { Ok(()) } else { Err(NotOwner) }
        })
    }

    /// Gives back what a writer holds, without a guard.
    ///
    /// # Errors
    /// [`NotOwner`] when the calling actor does not hold it as its writer; nothing changes then.
    #[track_caller]
    pub fn release_write<'a>(
        &'a self,
        w: &'a W,
    ) -> impl Future<Output = Result<(), NotOwner>> + 'a {
        let operation = self.operation(Act::Release, None, Location::caller());
        w.operation(operation, async move {
            if self.give_written(w).await { Ok(()) } else { Err(NotOwner) }
        })
    }

    /// Whether it will block is not for one word to say: an actor's place in line counts from when
    /// it comes.
    fn operation(&self, act: Act, deadline: Option<Duration>, place: Place) -> Operation<'_, W> {
        Operation { act, object: self.id, ready_when: None, deadline, place }
    }

    /// Out of line, as for the guard of a lock.
    #[inline(never)]
    fn drop_read(&self, w: &W) {
        w.at_once(self.give_read(w));
    }

    /// Out of line, as for the guard of a lock.
    #[inline(never)]
    fn drop_written(&self, w: &W) {
        w.at_once(self.give_written(w));
    }

    // --- the word ------------------------------------------------------------------------------

    /// Takes the lock as a reader, unless one of the bits that are `closed` keeps it out.
    #[inline]
    async fn enter(&self, w: &W, closed: u32) -> bool {
        // Relaxed: only a guess, which the exchange below checks.
        let mut seen = self.word.load(w, Ordering::Relaxed).await;
        while seen & closed == 0 {
            match self.add_reader(w, seen).await {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// Takes the lock as a reader, if the word still is what was `seen`; the word's own future, as
    /// in `Raw`.
    #[inline]
    fn add_reader<'a>(
        &'a self,
        w: &'a W,
        seen: u32,
    ) -> impl Future<Output = Result<u32, u32>> + 'a {
        // Acquire: see all that the last writer did. Relaxed: a new guess.
        let (acquire, relaxed) = (Ordering::Acquire, Ordering::Relaxed);
        self.word.compare_exchange(w, seen, seen + READER, acquire, relaxed)
    }

    /// Gives a reader's part back, if the word still is what was `seen`, which says that there is
    /// one.
    #[inline]
    fn remove_reader<'a>(
        &'a self,
        w: &'a W,
        seen: u32,
    ) -> impl Future<Output = Result<u32, u32>> + 'a {
        // Release: the next writer sees all that this reader did. Relaxed: a new guess.
        let (release, relaxed) = (Ordering::Release, Ordering::Relaxed);
        self.word.compare_exchange(w, seen, seen - READER, release, relaxed)
    }

    /// Takes the lock as a writer, if it is free. It is the word's own future, as in `Raw`.
    #[inline]
    fn exchange<'a>(&'a self, w: &'a W) -> impl Future<Output = Result<u32, u32>> + 'a {
        // Acquire: see all that the last ones did. Relaxed: nothing is read when it is held.
        let mine = written_by(w.me());
        self.word.compare_exchange(w, FREE, mine, Ordering::Acquire, Ordering::Relaxed)
    }

    #[inline]
    fn note_written<'a>(&'a self, w: &'a W) -> WriteGuard<'a, W> {
        w.note(self.id, Note::Got);
        w.note(self.id, Note::State(1));
        WriteGuard { lock: self, w }
    }

    /// Gives back what a reader holds; `false` when none does.
    #[inline]
    async fn give_read(&self, w: &W) -> bool {
        // Relaxed: whoever holds it sees at least itself.
        let seen = self.word.load(w, Ordering::Relaxed).await;
        if !is_read(seen) {
            return false;
        }
        // Noted before it is done: whoever gets the lock next notes it after this.
        w.note(self.id, Note::GaveBack);
        match self.remove_reader(w, seen).await {
            Ok(_) if seen - READER != IN_LINE => true,
            removed => w.seldom(move || self.give_read_later(w, removed)).await,
        }
    }

    /// Goes on after the first attempt to remove a reader.
    async fn give_read_later(&self, w: &W, mut removed: Result<u32, u32>) -> bool {
        loop {
            match removed {
                Ok(seen) => {
                    self.settle_after(w, seen - READER).await;
                    return true;
                }
                Err(now) if is_read(now) => removed = self.remove_reader(w, now).await,
                // Somebody else gave it back meanwhile, and one of the two was wrong.
                Err(_) => return false,
            }
        }
    }

    /// Gives back what the caller holds as the writer; `false` when it does not.
    #[inline]
    async fn give_written(&self, w: &W) -> bool {
        let mine = written_by(w.me());
        // Relaxed: the owner reads its own write, or the one that came before it was called;
        // whoever reads anything else is not the owner.
        if self.word.load(w, Ordering::Relaxed).await & !IN_LINE != mine {
            return false;
        }
        // Noted before it is done, as above.
        w.note(self.id, Note::State(0));
        w.note(self.id, Note::GaveBack);
        // Release: the next ones see all that this writer did.
        let seen = self.word.fetch_sub(w, mine, Ordering::Release).await;
        self.settle_after(w, seen - mine).await;
        true
    }

    /// Hands over what is owed, if a release has left just this in the `word`.
    #[inline]
    async fn settle_after(&self, w: &W, word: u32) {
        if word == IN_LINE {
            w.seldom(move || self.settle(w)).await;
        }
    }

    // --- the lines -----------------------------------------------------------------------------

    /// Takes the lock as a reader, waiting if it must; `false` when the deadline passed first.
    async fn read_later(&self, w: &W, deadline: Option<Duration>) -> bool {
        loop {
            if self.enter(w, self.closed).await || self.glance(w).await {
                return true;
            }
            let lines = self.lines.hold(w).await;
            // Readers in line keep no reader out. If they did, two of them could for ever.
            if lines.writers.line.is_empty() && self.enter(w, WRITER).await {
                self.hand_over(w, lines).await;
                return true;
            }
            let was_called = self.stand_in_line(w, lines, Side::Readers, deadline).await;
            if !was_called || self.precedence != Precedence::WritersFirst {
                return was_called;
            }
        }
    }

    /// A reader looks a few times more, as long as nobody stands in line.
    async fn glance(&self, w: &W) -> bool {
        for round in 0..glances(w) {
            // Relaxed: only a hint. Once somebody stands in line, looking on would be no use.
            if self.word.load(w, Ordering::Relaxed).await & IN_LINE != 0 {
                break;
            }
            if self.enter(w, self.closed).await {
                return true;
            }
            w.relax(round);
        }
        false
    }

    /// Takes the lock as a writer, waiting if it must; `false` when the deadline passed first.
    async fn write_later(&self, w: &W, deadline: Option<Duration>) -> bool {
        let lines = self.lines.hold(w).await;
        let keeps_out = self.closed & IN_LINE != 0 && lines.first(self.precedence).is_none();
        if keeps_out && self.outwait(w).await {
            lines.release().await;
            return true;
        }
        self.stand_in_line(w, lines, Side::Writers, deadline).await
    }

    /// A writer looks a few times more, with the door already shut to those who come: readers do not go
    /// first. It is alone with the lines, in which nobody stands.
    async fn outwait(&self, w: &W) -> bool {
        for round in 0..glances(w) {
            // Relaxed: see where else it is set. If all is in vain, the writer stands there next.
            self.word.fetch_or(w, IN_LINE, Ordering::Relaxed).await;
            w.relax(round);
            // Acquire and relaxed: as in `exchange`.
            let (acquire, relaxed) = (Ordering::Acquire, Ordering::Relaxed);
            let mine = written_by(w.me());
            if self.word.compare_exchange(w, IN_LINE, mine, acquire, relaxed).await.is_ok() {
                return true;
            }
        }
        false
    }

    /// Waits to be called; `false` when the deadline passed first.
    async fn stand_in_line(
        &self,
        w: &W,
        mut lines: Hold<'_, W, Lines<W>>,
        side: Side,
        deadline: Option<Duration>,
    ) -> bool {
        let place = lines.join(w, self.id, side);
        // Relaxed, as wherever only this bit changes: who gets the lock is decided below.
        self.word.fetch_or(w, IN_LINE, Ordering::Relaxed).await;
        self.hand_over(w, lines).await;
        if place.waiting.wait(w, deadline).await {
            return true;
        }
        let mut lines = self.lines.hold(w).await;
        // Whoever is not in line any more was called, by somebody who was alone with it before.
        let was_called = !lines.leave(&place);
        // Those behind may have waited only for this one.
        self.hand_over(w, lines).await;
        was_called
    }

    /// Gives the lock to those who may have it now, lets others to the lines, and looks again.
    async fn hand_over(&self, w: &W, lines: Hold<'_, W, Lines<W>>) {
        self.call_next(w, lines).await;
        self.settle(w).await;
    }

    /// Hands over what is free as long as somebody stands in line.
    async fn settle(&self, w: &W) {
        // Relaxed: whoever made it so looks for certain; all others look for those who could not.
        while self.word.load(w, Ordering::Relaxed).await == IN_LINE {
            let lines = self.lines.hold(w).await;
            self.call_next(w, lines).await;
        }
    }

    /// Calls those in line who may have the lock now, in their order.
    async fn call_next(&self, w: &W, mut lines: Hold<'_, W, Lines<W>>) {
        // As long as somebody is in line no writer comes by the word alone, so what this says of
        // writers holds until it is changed here. Relaxed: the changes below acquire, or those who
        // are sent back do.
        let seen = self.word.load(w, Ordering::Relaxed).await;
        if seen & IN_LINE != 0 && seen & WRITER == 0 {
            match lines.first(self.precedence) {
                Some(Side::Readers) if self.precedence == Precedence::WritersFirst => {
                    self.send_readers(w, &mut lines).await;
                    return lines.release().await;
                }
                Some(Side::Readers) => self.call_readers(w, &mut lines).await,
                Some(Side::Writers) => self.call_writer(w, &mut lines).await,
                None => {}
            }
            if lines.first(self.precedence).is_none() {
                self.open(w).await;
            }
        }
        lines.release().await;
    }

    /// Lets those who come do it on the word alone: nobody is in line, or all are sent back to it.
    fn open<'a>(&'a self, w: &'a W) -> impl Future<Output = u32> + 'a {
        // Relaxed: see where it is set.
        self.word.fetch_and(w, !IN_LINE, Ordering::Relaxed)
    }

    /// Calls all readers that may go together. No writer holds the lock.
    async fn call_readers(&self, w: &W, lines: &mut Lines<W>) {
        while lines.first(self.precedence) == Some(Side::Readers) {
            let Some(reader) = lines.readers.next() else { return };
            // Acquire: the call passes on all that the last writer did.
            self.word.fetch_add(w, READER, Ordering::Acquire).await;
            reader.call(w).await;
        }
    }

    /// Sends all readers back to the word, and so all in line: no writer is.
    async fn send_readers(&self, w: &W, lines: &mut Lines<W>) {
        // Before they are called, because they would find it closed.
        self.open(w).await;
        while let Some(reader) = lines.readers.next() {
            reader.call(w).await;
        }
    }

    /// Calls the first writer, unless readers are inside; the last of them will see to it.
    async fn call_writer(&self, w: &W, lines: &mut Lines<W>) {
        let Some(owner) = lines.writers.first_owner() else { return };
        // Acquire: the call passes on all that the last ones did.
        let (acquire, relaxed) = (Ordering::Acquire, Ordering::Relaxed);
        let word = written_by(owner) | IN_LINE;
        if self.word.compare_exchange(w, IN_LINE, word, acquire, relaxed).await.is_ok()
            && let Some(writer) = lines.writers.next()
        {
            writer.call(w).await;
        }
    }
}

/// Whether an actor wants to read or to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Readers,
    Writers,
}

fn is_read(word: u32) -> bool {
    word & WRITER == 0 && word >= READER
}

/// Those who wait.
struct Lines<W: World> {
    readers: Queue<W>,
    writers: Queue<W>,
    next_ticket: u64,
}

/// Actors of one side, in the order in which they came.
struct Queue<W: World> {
    line: Line<W, ()>,
    /// Of each in the line: a number that grows with time, and who it is.
    tickets: VecDeque<(u64, ActorId)>,
}

/// A place in line.
struct Standing<W: World> {
    waiting: Waiting<W, ()>,
    side: Side,
    ticket: u64,
}

impl<W: World> Lines<W> {
    fn new() -> Self {
        let queue = || Queue { line: Line::default(), tickets: VecDeque::new() };
        Self { readers: queue(), writers: queue(), next_ticket: 0 }
    }

    fn side(&mut self, side: Side) -> &mut Queue<W> {
        match side {
            Side::Readers => &mut self.readers,
            Side::Writers => &mut self.writers,
        }
    }

    fn join(&mut self, w: &W, object: W::Object, side: Side) -> Standing<W> {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        let queue = self.side(side);
        queue.tickets.push_back((ticket, w.me()));
        Standing { waiting: queue.line.join(w, object, None), side, ticket }
    }

    /// Gives a place up; `false` when its owner was called before.
    fn leave(&mut self, place: &Standing<W>) -> bool {
        let queue = self.side(place.side);
        queue.tickets.retain(|(ticket, _)| *ticket != place.ticket);
        queue.line.leave(&place.waiting)
    }

    /// Who goes first among those in line; `None` when nobody is.
    fn first(&self, precedence: Precedence) -> Option<Side> {
        let side = match (self.readers.first_ticket(), self.writers.first_ticket()) {
            (None, None) => return None,
            (Some(_), None) => Side::Readers,
            (None, Some(_)) => Side::Writers,
            (Some(reader), Some(writer)) => match precedence {
                Precedence::ReadersFirst => Side::Readers,
                Precedence::WritersFirst => Side::Writers,
                Precedence::Fair if reader < writer => Side::Readers,
                Precedence::Fair => Side::Writers,
            },
        };
        Some(side)
    }
}

impl<W: World> Queue<W> {
    fn first_ticket(&self) -> Option<u64> {
        self.tickets.front().map(|(ticket, _)| *ticket)
    }

    fn first_owner(&self) -> Option<ActorId> {
        self.tickets.front().map(|(_, owner)| *owner)
    }

    fn next(&mut self) -> Option<Called<W, ()>> {
        self.tickets.pop_front();
        self.line.next()
    }
}

/// The lock is held together with other readers as long as this lives. Release it by
/// [`ReadGuard::release`]; when it is merely dropped, it gives back at once, with no turn for
/// anybody in between. If somebody else has given it back already, it does nothing.
#[must_use = "a guard that is dropped gives the lock back"]
pub struct ReadGuard<'a, W: World> {
    lock: &'a ReadersWriter<W>,
    w: &'a W,
}

impl<'a, W: World> ReadGuard<'a, W> {
    /// Gives the lock back, as a step of its own.
    #[inline]
    #[track_caller]
    pub fn release(self) -> impl Future<Output = ()> + 'a {
        let (lock, w) = (self.lock, self.w);
        let operation = lock.operation(Act::Release, None, Location::caller());
        w.operation(operation, async move {
            // From here on it is given back below, not by `Drop`.
            std::mem::forget(self);
            w.often(move || lock.give_read(w)).await;
        })
    }
}

impl<W: World> Drop for ReadGuard<'_, W> {
    #[inline]
    fn drop(&mut self) {
        self.lock.drop_read(self.w);
    }
}

/// The lock is held alone as long as this lives. Release it by [`WriteGuard::release`]; when it is
/// merely dropped, it gives back at once, with no turn for anybody in between. If it was given back
/// already, it does nothing.
#[must_use = "a guard that is dropped gives the lock back"]
pub struct WriteGuard<'a, W: World> {
    lock: &'a ReadersWriter<W>,
    w: &'a W,
}

impl<'a, W: World> WriteGuard<'a, W> {
    /// Gives the lock back, as a step of its own.
    #[inline]
    #[track_caller]
    pub fn release(self) -> impl Future<Output = ()> + 'a {
        let (lock, w) = (self.lock, self.w);
        let operation = lock.operation(Act::Release, None, Location::caller());
        w.operation(operation, async move {
            // From here on it is given back below, not by `Drop`.
            std::mem::forget(self);
            w.often(move || lock.give_written(w)).await;
        })
    }
}

impl<W: World> Drop for WriteGuard<'_, W> {
    #[inline]
    fn drop(&mut self) {
        self.lock.drop_written(self.w);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::{Config, Ending, Plain, Run, Threads};
    use crate::world::{Shared, block};
    use std::sync::Arc;

    /// Few rounds where an interpreter runs them.
    const N_ROUNDS: u32 = if cfg!(miri) { 8 } else { 2_000 };

    const ALL: [Precedence; 3] =
        [Precedence::ReadersFirst, Precedence::WritersFirst, Precedence::Fair];

    #[test]
    fn readers_see_whole_writes() {
        for precedence in ALL {
            let run = Run::start(Threads, Config::default(), |world: &Plain| {
                let lock = Arc::new(ReadersWriter::new(world, "book", 0, precedence));
                let pages = Arc::new([0, 1].map(|idx| Shared::new(world, "page", idx, 0)));
                for idx in 0..4 {
                    let (lock, pages) = (lock.clone(), pages.clone());
                    world.spawn("actor", idx, move |w| async move {
                        for round in 0..N_ROUNDS {
                            let timeout = Duration::from_micros(u64::from(round % 50));
                            if (round + u32::from(idx)).is_multiple_of(3) {
                                let held = match round % 4 {
                                    0 | 1 => Some(lock.write(&w).await),
                                    2 => lock.try_write(&w).await,
                                    _ => lock.write_timeout(&w, timeout).await,
                                };
                                let Some(held) = held else { continue };
                                for page in &*pages {
                                    page.store(&w, page.load(&w).await + 1).await;
                                }
                                if round % 2 == 0 {
                                    held.release().await
                                } else {
                                    drop(held)
                                }
                                continue;
                            }
                            let held = match round % 4 {
                                0 | 1 => Some(lock.read(&w).await),
                                2 => lock.try_read(&w).await,
                                _ => lock.read_timeout(&w, timeout).await,
                            };
                            let Some(held) = held else { continue };
                            let [one, other] = &*pages;
                            w.check(one.load(&w).await == other.load(&w).await, "a whole write");
                            if round % 2 == 0 { held.release().await } else { drop(held) }
                        }
                    });
                }
            });
            assert_eq!(run.join(), Ending::Finished, "{precedence:?}");
        }
    }

    #[test]
    fn a_lock_knows_its_writer_and_counts_its_readers() {
        for precedence in ALL {
            let w = Plain::solo();
            let other = w.as_actor(ActorId(1));
            let lock = ReadersWriter::new(&w, "book", 0, precedence);
            assert_eq!(block(lock.release_read(&w)).unwrap(), Err(NotOwner));
            assert_eq!(block(lock.release_write(&w)).unwrap(), Err(NotOwner));
            std::mem::forget(block(lock.write(&w)).unwrap());
            assert_eq!(block(lock.release_write(&other)).unwrap(), Err(NotOwner));
            assert_eq!(block(lock.release_read(&w)).unwrap(), Err(NotOwner), "it does not read");
            let moment = Duration::from_millis(1);
            assert!(block(lock.read_timeout(&other, moment)).unwrap().is_none());
            assert!(block(lock.write_timeout(&other, moment)).unwrap().is_none());
            assert_eq!(block(lock.release_write(&w)).unwrap(), Ok(()));
            std::mem::forget(block(lock.read(&w)).unwrap());
            std::mem::forget(block(lock.try_read(&other)).unwrap().expect("no writer waits"));
            assert_eq!(block(lock.release_write(&w)).unwrap(), Err(NotOwner));
            assert!(block(lock.write_timeout(&w, moment)).unwrap().is_none());
            drop(block(lock.try_read(&w)).unwrap().expect("no writer waits any more"));
            assert_eq!(block(lock.release_read(&w)).unwrap(), Ok(()));
            assert_eq!(block(lock.release_read(&w)).unwrap(), Ok(()), "the other's");
            assert_eq!(block(lock.release_read(&w)).unwrap(), Err(NotOwner));
            assert!(block(lock.try_write(&other)).unwrap().is_some());
        }
    }
}
