//! Every other native system: a table of waiters, parked by the standard library.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use super::Parked;

struct Waiter {
    address: usize,
    thread: Thread,
    woken: Arc<AtomicBool>,
}

/// Waiters by a hash of their address, in the order in which they came.
static BUCKETS: [Mutex<Vec<Waiter>>; 64] = [const { Mutex::new(Vec::new()) }; 64];

fn bucket(address: usize) -> MutexGuard<'static, Vec<Waiter>> {
    // Words are 4 bytes apart. Nothing in here can panic while it holds a bucket.
    BUCKETS[address / 4 % BUCKETS.len()].lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) -> Parked {
    let address = word.as_ptr() as usize;
    let woken = Arc::new(AtomicBool::new(false));
    {
        let mut waiters = bucket(address);
        // The look at the word and the entry into the table are one step for every waker, because
        // a waker changes the word before it takes the bucket.
        if word.load(Ordering::SeqCst) != expected {
            return Parked::Changed;
        }
        let thread = std::thread::current();
        waiters.push(Waiter { address, thread, woken: woken.clone() });
    }
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    while !woken.load(Ordering::Acquire) {
        let Some(deadline) = deadline else {
            std::thread::park();
            continue;
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let mut waiters = bucket(address);
            // A waker may have been faster.
            if woken.load(Ordering::Acquire) {
                break;
            }
            waiters.retain(|waiter| !Arc::ptr_eq(&waiter.woken, &woken));
            return Parked::TimedOut;
        }
        std::thread::park_timeout(left);
    }
    Parked::Woken
}

pub fn wake(address: usize, n: u32) -> u32 {
    let mut waiters = bucket(address);
    let mut n_woken = 0;
    waiters.retain(|waiter| {
        let wake = n_woken < n && waiter.address == address;
        if wake {
            waiter.woken.store(true, Ordering::Release);
            waiter.thread.unpark();
            n_woken += 1;
        }
        !wake
    });
    n_woken
}
