//! The engine's lock once more, written by hand on an atomic and two system calls. What the
//! engine's own takes longer is the price of its generality.

use std::sync::atomic::{AtomicU32, Ordering};

const FREE: u32 = 0;
const WAITERS: u32 = 1;
const SPINS: u32 = 100;

fn held_by(owner: u32) -> u32 {
    (owner + 1) << 1
}

fn wait(word: &AtomicU32, expected: u32) {
    let op = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    let for_ever = std::ptr::null::<libc::timespec>();
    // SAFETY: the word lives across the call, and the kernel only reads it.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), op, expected, for_ever) };
}

fn wake_one(word: &AtomicU32) {
    let op = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: a wake on a private futex uses the address as a key and does not touch the memory.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), op, 1) };
}

/// The states of the word and the protocol are those of [`engine::sync::Lock`].
#[derive(Debug, Default)]
pub struct Lock(AtomicU32);

impl Lock {
    /// Takes the lock, waiting for as long as it takes.
    #[inline]
    pub fn acquire(&self, me: u32) {
        // Acquire: see all that the last owner did. Relaxed: nothing is read when it is held.
        let (acquire, relaxed) = (Ordering::Acquire, Ordering::Relaxed);
        if self.0.compare_exchange(FREE, held_by(me), acquire, relaxed).is_err() {
            self.acquire_held(me);
        }
    }

    #[cold]
    fn acquire_held(&self, me: u32) {
        let (acquire, relaxed) = (Ordering::Acquire, Ordering::Relaxed);
        let mut mine = held_by(me);
        let mut n_spins = 0;
        loop {
            // Relaxed: only a hint of what to try.
            let seen = self.0.load(relaxed);
            if seen == FREE {
                if self.0.compare_exchange(FREE, mine, acquire, relaxed).is_ok() {
                    return;
                }
                continue;
            }
            if n_spins < SPINS && seen & WAITERS == 0 {
                n_spins += 1;
                std::hint::spin_loop();
                continue;
            }
            let marked = seen | WAITERS;
            if seen != marked && self.0.compare_exchange(seen, marked, relaxed, relaxed).is_err() {
                continue;
            }
            wait(&self.0, marked);
            mine |= WAITERS;
            n_spins = 0;
        }
    }

    /// Gives the lock back; the caller holds it.
    #[inline]
    pub fn release(&self) {
        // Release: the next owner sees all that this one did.
        if self.0.swap(FREE, Ordering::Release) & WAITERS != 0 {
            wake_one(&self.0);
        }
    }
}
