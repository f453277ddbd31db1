//! Threads, and timers, which are threads that wait first: started and waited for, one after the other.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use engine::block;
use engine::real::Plain;
use engine::thread::{Thread, Timer};

use crate::pool::in_one_actor;

/// A run of the engine's gets that many threads, and there are as many runs as it takes.
const PER_RUN: u64 = 200;

/// What each thread does: it counts itself.
#[derive(Clone, Default)]
struct Count(Arc<AtomicU64>);

impl Count {
    fn up(&self) {
        // Relaxed: whoever reads it has waited for the thread.
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Starts somebody and sees to its end, `n` times. Gives how long that took, and how many have counted
/// themselves.
fn one_by_one<T>(n: u64, start: impl Fn(Count) -> T, end: impl Fn(T)) -> (Duration, u64) {
    let count = Count::default();
    let begin = Instant::now();
    for _ in 0..n {
        end(start(count.clone()));
    }
    (begin.elapsed(), count.0.load(Ordering::Relaxed))
}

/// The same by an actor of the engine's, to whom the world is given.
fn by_an_actor<T>(
    n: u64,
    start: impl Fn(&Plain, Count) -> T + Copy + Send + 'static,
    end: impl Fn(&Plain, T) + Copy + Send + 'static,
) -> (Duration, u64) {
    let (mut elapsed, mut n_counted) = (Duration::ZERO, 0);
    for done in (0..n).step_by(PER_RUN as usize) {
        let share = PER_RUN.min(n - done);
        let (took, counted) = in_one_actor(move |w| async move {
            one_by_one(share, |count| start(&w, count), |started| end(&w, started))
        });
        (elapsed, n_counted) = (elapsed + took, n_counted + counted);
    }
    (elapsed, n_counted)
}

fn all_of(n: u64, (elapsed, n_counted): (Duration, u64)) -> Duration {
    assert_eq!(n_counted, n, "a thread was not waited for");
    elapsed
}

/// The engine's threads.
///
/// # Panics
/// When one was not waited for.
pub fn our_threads(n: u64) -> Duration {
    let start = |w: &Plain, count: Count| {
        let thread = Thread::new(w, "thread", 0, move |_, _| async move { count.up() });
        block(thread.start(w)).expect("the run is not stopped").expect("it is new");
        thread
    };
    let end = |w: &Plain, thread: Thread<Plain>| {
        block(thread.join(w)).expect("the run is not stopped").expect("it was started");
    };
    all_of(n, by_an_actor(n, start, end))
}

/// Those of the standard library.
///
/// # Panics
/// When one was not waited for.
pub fn std_threads(n: u64) -> Duration {
    let start = |count: Count| thread::spawn(move || count.up());
    all_of(n, one_by_one(n, start, |thread| thread.join().expect("it does not panic")))
}

/// What becomes of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is called off at once.
    Cancelled,
    /// It goes off.
    Fires,
}

/// After how long a timer goes off that is not called off.
pub const INTERVAL: Duration = Duration::from_micros(100);

impl Fate {
    fn interval(self) -> Duration {
        match self {
            Self::Cancelled => Duration::from_secs(3_600),
            Self::Fires => INTERVAL,
        }
    }

    /// What `n` timers took, without the time that they were told to wait.
    fn beyond(self, n: u64, (elapsed, n_counted): (Duration, u64)) -> Duration {
        let (n_fired, told) = match self {
            Self::Cancelled => (0, Duration::ZERO),
            Self::Fires => (n, INTERVAL * n as u32),
        };
        assert_eq!(n_counted, n_fired, "a timer went off, or did not");
        elapsed.checked_sub(told).expect("no timer goes off too soon")
    }
}

/// The engine's timers.
///
/// # Panics
/// When one went off that should not, or too soon, or did not.
pub fn our_timers(fate: Fate, n: u64) -> Duration {
    let start = move |w: &Plain, count: Count| {
        let body = move |_| async move { count.up() };
        let timer = Timer::new(w, "timer", 0, fate.interval(), body);
        block(timer.start(w)).expect("the run is not stopped").expect("it is new");
        timer
    };
    let end = move |w: &Plain, timer: Timer<Plain>| {
        if fate == Fate::Cancelled {
            block(timer.cancel(w)).expect("the run is not stopped");
        }
        block(timer.join(w)).expect("the run is not stopped").expect("it was started");
    };
    fate.beyond(n, by_an_actor(n, start, end))
}

/// As one writes it by hand: a thread that waits for a condition, but not for ever.
///
/// # Panics
/// When one went off that should not, or too soon, or did not.
pub fn condvar_timers(fate: Fate, n: u64) -> Duration {
    let start = |count: Count| {
        let cancelled = Arc::new((Mutex::new(false), Condvar::new()));
        let off = cancelled.clone();
        let wait = move || {
            let (flag, condition) = &*off;
            let flag = flag.lock().expect("nobody panics inside");
            let waited = condition.wait_timeout_while(flag, fate.interval(), |is_off| !*is_off);
            if waited.expect("nobody panics inside").1.timed_out() {
                count.up();
            }
        };
        (cancelled, thread::spawn(wait))
    };
    let end = |(cancelled, thread): (Arc<(Mutex<bool>, Condvar)>, thread::JoinHandle<()>)| {
        if fate == Fate::Cancelled {
            *cancelled.0.lock().expect("nobody panics inside") = true;
            cancelled.1.notify_one();
        }
        thread.join().expect("it does not panic");
    };
    fate.beyond(n, one_by_one(n, start, end))
}

/// A thread that waits for a channel to be closed.
///
/// # Panics
/// When one went off that should not, or too soon, or did not.
pub fn channel_timers(fate: Fate, n: u64) -> Duration {
    let start = |count: Count| {
        let (cancel, cancelled) = mpsc::channel::<()>();
        let wait = move || {
            if cancelled.recv_timeout(fate.interval()) == Err(RecvTimeoutError::Timeout) {
                count.up();
            }
        };
        (cancel, thread::spawn(wait))
    };
    let end = |(cancel, thread): (mpsc::Sender<()>, thread::JoinHandle<()>)| {
        // Open until the timer has gone off, unless it shall not.
        let cancel = (fate == Fate::Fires).then_some(cancel);
        thread.join().expect("it does not panic");
        drop(cancel);
    };
    fate.beyond(n, one_by_one(n, start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_threads_are_waited_for() {
        for n in [1, PER_RUN + 7] {
            our_threads(n);
            std_threads(n);
        }
    }

    #[test]
    fn timers_go_off_unless_they_are_called_off() {
        for fate in [Fate::Cancelled, Fate::Fires] {
            our_timers(fate, 20);
            condvar_timers(fate, 20);
            channel_timers(fate, 20);
        }
    }
}
