//! A fence for two, of which one side is cheap: see `World::light_fence`.
//!
//! On Linux the heavy side has the kernel put a full fence into whatever every thread of the process
//! is doing at that moment, so the light side only has to keep the compiler from reordering. Elsewhere,
//! and where the kernel refuses, both sides are full fences.
//!
//! Source: membarrier(2), and `folly/synchronization/AsymmetricThreadFence.h`.

use std::sync::atomic::{AtomicBool, Ordering, compiler_fence, fence};

/// Whether the kernel does the light side's part. Once it does, it does so for ever.
static IS_LIGHT: AtomicBool = AtomicBool::new(false);

/// Asks the kernel to do the light side's part, before any actor needs it.
pub fn prepare() {
    // Relaxed, here and below: a side that does not know it yet is a full fence.
    if !IS_LIGHT.load(Ordering::Relaxed) && kernel::prepare() {
        IS_LIGHT.store(true, Ordering::Relaxed);
    }
}

/// The cheap side.
#[inline]
pub fn light() {
    if IS_LIGHT.load(Ordering::Relaxed) {
        compiler_fence(Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}

/// The other side.
pub fn heavy() {
    fence(Ordering::SeqCst);
    // Whether or not this thread knows it yet: another may.
    kernel::fence_all();
    fence(Ordering::SeqCst);
}

#[cfg(all(target_os = "linux", not(miri)))]
mod kernel {
    /// Whether it will fence all threads when asked.
    pub fn prepare() -> bool {
        membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)
    }

    pub fn fence_all() {
        membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED);
    }

    fn membarrier(command: libc::c_int) -> bool {
        // SAFETY: the call takes no pointers.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }
}

#[cfg(not(all(target_os = "linux", not(miri))))]
mod kernel {
    pub fn prepare() -> bool {
        false
    }

    pub fn fence_all() {}
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[test]
    fn one_of_two_sees_the_other() {
        prepare();
        let n_rounds = if cfg!(miri) { 20 } else { 2_000 };
        // Relaxed everywhere: the fences alone are what is tested.
        let relaxed = Ordering::Relaxed;
        let (light_word, heavy_word) = (AtomicU32::new(0), AtomicU32::new(0));
        let together = Barrier::new(2);
        let n_both_blind = AtomicU32::new(0);
        let seen = AtomicU32::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for round in 1..=n_rounds {
                    together.wait();
                    light_word.store(round, relaxed);
                    light();
                    seen.store(heavy_word.load(relaxed), relaxed);
                    together.wait();
                }
            });
            for round in 1..=n_rounds {
                together.wait();
                heavy_word.store(round, relaxed);
                heavy();
                let seen_here = light_word.load(relaxed);
                together.wait();
                if seen_here != round && seen.load(relaxed) != round {
                    n_both_blind.fetch_add(1, relaxed);
                }
            }
        });
        assert_eq!(n_both_blind.into_inner(), 0);
    }
}
