//! Linux: private futexes, see futex(2).

use std::sync::atomic::AtomicU32;
use std::time::Duration;

use super::Parked;

pub fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) -> Parked {
    let timeout = timeout.map(|timeout| libc::timespec {
        tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        // Below 10^9, which every platform's type can hold.
        tv_nsec: timeout.subsec_nanos() as _,
    });
    let timeout = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let op = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word and the timespec live across the call; the kernel only reads them.
    let result = unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), op, expected, timeout) };
    if result == 0 {
        return Parked::Woken;
    }
    match std::io::Error::last_os_error().raw_os_error() {
        Some(libc::ETIMEDOUT) => Parked::TimedOut,
        // EAGAIN: the word holds something else. EINTR: a signal came.
        _ => Parked::Changed,
    }
}

pub fn wake(address: usize, n: u32) -> u32 {
    let op = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    let n = i32::try_from(n).unwrap_or(i32::MAX);
    // Nothing is read through it; an interpreter of this program looks up the word by it.
    let word = std::ptr::with_exposed_provenance::<u32>(address);
    // SAFETY: a wake on a private futex uses the address as a key and does not touch the memory.
    let n_woken = unsafe { libc::syscall(libc::SYS_futex, word, op, n) };
    u32::try_from(n_woken).unwrap_or(0)
}
