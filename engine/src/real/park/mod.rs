//! Waiting on a 32-bit word and waking those who wait: one file a platform.
//!
//! All have the same two functions: `wait` blocks while the word holds `expected`, for at most
//! `timeout` if there is one, and `wake` wakes up to `n` waiters and says how many there were.

use std::sync::atomic::AtomicU32;
use std::time::Duration;

#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "linux.rs"]
mod platform;

#[cfg(target_family = "wasm")]
#[path = "wasm.rs"]
mod platform;

#[cfg(any(test, not(any(target_os = "linux", target_os = "android", target_family = "wasm"))))]
mod portable;

#[cfg(not(any(target_os = "linux", target_os = "android", target_family = "wasm")))]
use portable as platform;

/// How a wait came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parked {
    /// A wake counted this waiter.
    Woken,
    /// The word did not hold the expected value, or the wait was interrupted.
    Changed,
    /// The timeout passed.
    TimedOut,
}

/// Blocks while `word` holds `expected`, for at most `timeout` if there is one. A timer costs more
/// than the rest, so whoever has no deadline goes without.
pub fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) -> Parked {
    platform::wait(word, expected, timeout)
}

/// Wakes up to `n` waiters on the word at `address`, and says how many there were. The address is
/// only compared, never read, so the word may be gone.
pub fn wake(address: usize, n: u32) -> u32 {
    platform::wake(address, n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;

    type Wait = fn(&AtomicU32, u32, Option<Duration>) -> Parked;
    type Wake = fn(usize, u32) -> u32;

    const BOTH: [(Wait, Wake); 2] = [(wait, wake), (portable::wait, portable::wake)];

    #[test]
    fn a_changed_word_and_a_passed_timeout_do_not_block() {
        for (wait, wake) in BOTH {
            let word = AtomicU32::new(1);
            assert_eq!(wait(&word, 0, None), Parked::Changed);
            assert_eq!(wait(&word, 1, Some(Duration::from_millis(1))), Parked::TimedOut);
            assert_eq!(wake(word.as_ptr().expose_provenance(), 5), 0, "nobody is left behind");
        }
    }

    #[test]
    fn a_wake_counts_those_it_wakes() {
        for (wait, wake) in BOTH {
            let word = AtomicU32::new(0);
            std::thread::scope(|scope| {
                let sleepers: Vec<_> =
                    (0..3).map(|_| scope.spawn(|| wait(&word, 0, None))).collect();
                let mut n_woken = 0;
                while n_woken < 3 {
                    let n = wake(word.as_ptr().expose_provenance(), 2);
                    assert!(n <= 2, "no more than asked for");
                    n_woken += n;
                    std::thread::yield_now();
                }
                assert!(sleepers.into_iter().all(|s| s.join().unwrap() == Parked::Woken));
            });
        }
    }

    #[test]
    fn ping_pong_loses_no_wakeup() {
        let n_rounds = if cfg!(miri) { 20 } else { 2_000 };
        for (wait, wake) in BOTH {
            let word = AtomicU32::new(0);
            let play = |mine: u32| {
                for _ in 0..n_rounds {
                    while word.load(Ordering::SeqCst) != mine {
                        wait(&word, 1 - mine, None);
                    }
                    word.store(1 - mine, Ordering::SeqCst);
                    wake(word.as_ptr().expose_provenance(), 1);
                }
            };
            std::thread::scope(|scope| {
                scope.spawn(|| play(0));
                play(1);
            });
            assert_eq!(word.load(Ordering::SeqCst), 0);
        }
    }
}
