//! Waiting for a word to say that something is over, where one bit of it says that somebody waits.
//!
//! Whoever waits sets the bit in the word it waits on, and whoever changes the word reads the bit in the
//! same step: so is nobody left asleep, and nobody woken for whom nobody waits.

use std::time::Duration;

use crate::world::{Ordering, Waited, Word, World};

/// Waits until `is_over` says so of what is in the word, the `bit` included. Before it sleeps, it looks up
/// to `looks` times.
///
/// # Errors
/// Gives what was in the word last when the deadline passed before.
pub(crate) async fn until<W: World>(
    w: &W,
    word: &W::Word,
    bit: u32,
    looks: u32,
    deadline: Option<Duration>,
    is_over: impl Fn(u32) -> bool,
) -> Result<u32, u32> {
    // Acquire: see what was done before it was over. No other word has to be seen in one order with it.
    let acquire = Ordering::Acquire;
    let mut round = 0;
    let mut is_late = false;
    loop {
        let seen = word.load(w, acquire).await;
        if is_over(seen) {
            return Ok(seen);
        }
        if is_late {
            return Err(seen);
        }
        if round < looks {
            w.relax(round);
            round += 1;
            continue;
        }
        let marked = seen | bit;
        if seen == marked || word.compare_exchange(w, seen, marked, acquire, acquire).await.is_ok()
        {
            is_late = word.wait(w, marked, deadline).await == Waited::TimedOut;
        }
    }
}
