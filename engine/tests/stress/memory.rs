//! How much memory there is in use, exactly: every allocation of this program is counted.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, Ordering};

/// The system's allocator, and how many blocks and bytes it has given out. What words, places in a
/// line, futures and tasks are made of is all among them.
struct Counting;

static N_BLOCKS: AtomicI64 = AtomicI64::new(0);
static N_BYTES: AtomicI64 = AtomicI64::new(0);

#[global_allocator]
static COUNTING: Counting = Counting;

fn count(n_blocks: i64, n_bytes: i64) {
    // Relaxed: it counts, and orders nothing.
    N_BLOCKS.fetch_add(n_blocks, Ordering::Relaxed);
    N_BYTES.fetch_add(n_bytes, Ordering::Relaxed);
}

// SAFETY: all is done by the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as i64);
        // SAFETY: the caller keeps to the same rules.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-1, -(layout.size() as i64));
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(0, size as i64 - layout.size() as i64);
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// How many blocks are in use.
pub fn n_blocks() -> i64 {
    N_BLOCKS.load(Ordering::Relaxed)
}

/// How many bytes are in use.
pub fn n_bytes() -> i64 {
    N_BYTES.load(Ordering::Relaxed)
}

/// How many bytes of real memory the process has, if the system says so in /proc/self/statm. What the
/// allocator only keeps for later is given back to the system first, where that can be asked for.
pub fn resident() -> Option<u64> {
    // SAFETY: it may be called at any time.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    unsafe {
        libc::malloc_trim(0);
    }
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    // SAFETY: it only asks.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    Some(pages * u64::try_from(page).ok()?)
}
