//! Several threads at one search: whoever has nothing to do is given a piece of what another has.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Piece, Search};
use crate::model::Run;

/// How many executions are looked at before others are asked whether they lack work.
const BATCH: u64 = 64;

/// Pieces of a search, and those who work on them.
///
/// ```
/// use engine::explore::{Crew, Reduced, litmus};
/// use engine::model::{Config, Run};
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// let (crew, n_executions) = (Crew::new(vec![Box::new(Reduced::new())], u64::MAX), AtomicU64::new(0));
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| {
///             let config = Config { explored: true, record: false, ..Config::default() };
///             let mut run = Run::new(config, |w| litmus::ainc(w, 6));
///             while let Some(mut share) = crew.share() {
///                 while share.next(&mut run) {
///                     n_executions.fetch_add(1, Ordering::SeqCst);
///                 }
///             }
///         });
///     }
/// });
/// assert_eq!(n_executions.into_inner(), 720);
/// assert!(crew.into_pieces().unwrap().is_empty(), "nothing is left");
/// ```
pub struct Crew {
    state: Mutex<State>,
    /// For those who wait for work.
    has_work: Condvar,
    /// For whoever waits for all of them.
    is_over: Condvar,
}

struct State {
    pieces: Vec<Piece>,
    /// How many more executions may be looked at.
    n_left: u64,
    n_busy: usize,
    n_idle: usize,
    is_stopped: bool,
    is_sure: bool,
}

impl State {
    fn has_work(&self) -> bool {
        self.n_left > 0 && !self.pieces.is_empty()
    }

    fn is_over(&self) -> bool {
        self.is_stopped || self.n_busy == 0 && !self.has_work()
    }
}

impl Crew {
    /// Pieces to work on, until so many executions were looked at.
    pub fn new(pieces: Vec<Piece>, limit: u64) -> Self {
        let (n_left, n_busy, n_idle, is_stopped, is_sure) = (limit, 0, 0, false, true);
        let state = Mutex::new(State { pieces, n_left, n_busy, n_idle, is_stopped, is_sure });
        Self { state, has_work: Condvar::new(), is_over: Condvar::new() }
    }

    /// Something to do; `None` when there is nothing left to do. It waits for as long as another may
    /// give away something.
    pub fn share(&self) -> Option<Share<'_>> {
        let mut state = self.lock();
        state.n_idle += 1;
        while !state.is_over() && !state.has_work() {
            state = self.has_work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.n_idle -= 1;
        let search = if state.is_over() { None } else { state.pieces.pop() }?;
        let n_left = state.n_left.min(BATCH);
        state.n_left -= n_left;
        state.n_busy += 1;
        Some(Share { crew: self, search: Some(search), n_left, is_sure: true })
    }

    /// Lets everybody finish what they are at, and begin nothing new.
    pub fn stop(&self) {
        let mut state = self.lock();
        state.is_stopped = true;
        self.tell(&state);
    }

    /// Waits until nothing is left to do, but no longer than this; whether it is over.
    pub fn wait(&self, timeout: Duration) -> bool {
        let waited =
            self.is_over.wait_timeout_while(self.lock(), timeout, |state| !state.is_over());
        waited.unwrap_or_else(PoisonError::into_inner).0.is_over()
    }

    /// What is left; `None` when what was found must be given up, because a piece was not sure (see
    /// [`Search::is_sure`]).
    pub fn into_pieces(self) -> Option<Vec<Piece>> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.is_sure.then_some(state.pieces)
    }

    fn tell(&self, state: &State) {
        self.has_work.notify_all();
        if state.is_over() {
            self.is_over.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Some executions of a piece. What is left of it goes back to the crew.
pub struct Share<'a> {
    crew: &'a Crew,
    /// `None` when nothing is left of it.
    search: Option<Piece>,
    n_left: u64,
    is_sure: bool,
}

impl Share<'_> {
    /// Brings `run` to the end of the next execution; `false` when it is time to ask for another share.
    pub fn next(&mut self, run: &mut Run) -> bool {
        let Some(search) = self.search.as_mut().filter(|_| self.n_left > 0) else { return false };
        let found = search.next(run);
        self.is_sure = search.is_sure();
        if !self.is_sure {
            return false;
        }
        if found {
            self.n_left -= 1;
        } else {
            self.search = None;
        }
        found
    }

    /// The piece.
    ///
    /// # Panics
    /// When nothing is left of it.
    pub fn search(&self) -> &dyn Search {
        self.search.as_deref().expect("there was an execution just now")
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let lacks_work = |state: &State| state.n_idle > state.pieces.len();
        let piece = match &mut self.search {
            Some(search) if lacks_work(&self.crew.lock()) => search.split(),
            _ => None,
        };
        let mut state = self.crew.lock();
        state.pieces.extend(self.search.take().into_iter().chain(piece));
        state.n_left += self.n_left;
        state.n_busy -= 1;
        // Nobody else would ever know that something went wrong here.
        state.is_stopped |= !self.is_sure || std::thread::panicking();
        state.is_sure &= self.is_sure;
        self.crew.tell(&state);
    }
}
