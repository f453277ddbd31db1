//! The engine's lock and its semaphore once more, written by hand on atomics and two system calls.
//! What the engine's own takes longer is the price of its generality.

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

/// The words and the protocol are those of [`engine::sync::Semaphore`].
#[derive(Debug, Default)]
pub struct Semaphore {
    permits: AtomicU32,
    waiters: AtomicU32,
}

impl Semaphore {
    /// A semaphore with so many free permits.
    pub fn new(permits: u32) -> Self {
        Self { permits: AtomicU32::new(permits), ..Self::default() }
    }

    #[inline]
    fn try_acquire(&self) -> bool {
        // Acquire: see all that was done before the release. Relaxed: only a guess.
        let (acquire, relaxed) = (Ordering::Acquire, Ordering::Relaxed);
        let mut seen = self.permits.load(relaxed);
        while seen > 0 {
            match self.permits.compare_exchange_weak(seen, seen - 1, acquire, relaxed) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// Takes a permit, waiting for as long as it takes.
    #[inline]
    pub fn acquire(&self) {
        if !self.try_acquire() {
            self.acquire_later();
        }
    }

    #[cold]
    fn acquire_later(&self) {
        for _ in 0..SPINS {
            if self.try_acquire() {
                return;
            }
            std::hint::spin_loop();
        }
        // SeqCst, here and in the release: of two that do not see each other both would go wrong.
        self.waiters.fetch_add(1, Ordering::SeqCst);
        while !self.try_acquire() {
            wait(&self.permits, 0);
        }
        // Relaxed: too high a count for a moment costs an empty wakeup, no more.
        self.waiters.fetch_sub(1, Ordering::Relaxed);
    }

    /// Adds a permit.
    #[inline]
    pub fn release(&self) {
        self.permits.fetch_add(1, Ordering::SeqCst);
        if self.waiters.load(Ordering::SeqCst) > 0 {
            wake_one(&self.permits);
        }
    }
}
