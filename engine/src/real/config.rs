//! How a real run is set up: seed, room, and the clock that is handed in.

/// A monotonic clock, in nanoseconds since some moment before the run.
pub type Clock = fn() -> u64;

/// The operating system's monotonic clock.
#[cfg(not(target_family = "wasm"))]
pub fn monotonic() -> u64 {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_nanos().try_into().unwrap_or(u64::MAX)
}

/// How a real run is set up.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Where the actors' random sequences begin.
    pub seed: u64,
    /// How many actors there may be at most.
    pub max_actors: usize,
    /// How many events an actor may be ahead of whoever reads the log.
    pub ring_capacity: usize,
    /// What measures time. A browser's clock is not the operating system's.
    pub clock: Clock,
}

#[cfg(not(target_family = "wasm"))]
impl Default for Config {
    fn default() -> Self {
        Self { seed: 0, max_actors: 256, ring_capacity: 4096, clock: monotonic }
    }
}
