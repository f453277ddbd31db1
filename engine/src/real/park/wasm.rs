//! WebAssembly: `memory.atomic.wait32` and `notify`. A wait traps on a page's main thread, so only
//! workers may get here.

use core::arch::wasm32::{memory_atomic_notify, memory_atomic_wait32};
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use super::Parked;

pub fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) -> Parked {
    // A negative timeout never passes.
    let timeout_ns = timeout.map_or(-1, |t| i64::try_from(t.as_nanos()).unwrap_or(i64::MAX));
    let address = word.as_ptr().cast::<i32>();
    // SAFETY: the address is that of a live, aligned 32-bit word in the shared memory.
    match unsafe { memory_atomic_wait32(address, expected.cast_signed(), timeout_ns) } {
        0 => Parked::Woken,
        1 => Parked::Changed,
        _ => Parked::TimedOut,
    }
}

pub fn wake(address: usize, n: u32) -> u32 {
    // SAFETY: the address was that of an aligned word; memory never shrinks, so it is in bounds,
    // and a notify does not read or write it.
    unsafe { memory_atomic_notify(address as *mut i32, n) }
}
