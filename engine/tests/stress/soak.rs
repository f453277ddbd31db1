//! All programs by turns, for minutes: nothing is lost or doubled, nothing hangs, and memory stays
//! flat.

use std::env;
use std::time::{Duration, Instant};

use crate::memory::{n_blocks, n_bytes, resident};
use crate::{Both, both, once, pools, queues, sync, threads};

const PROGRAMS: &[Both] = &[
    both!(sync::locks),
    both!(sync::rlocks),
    both!(sync::conditions),
    both!(sync::conditions_on_rlocks),
    both!(sync::semaphores),
    both!(sync::signals),
    both!(sync::bounded_semaphores),
    both!(sync::events),
    both!(sync::barriers),
    both!(sync::readers_and_writers),
    both!(sync::onces),
    both!(queues::fifos),
    both!(queues::lifos),
    both!(queues::priorities),
    both!(queues::deques),
    both!(queues::rings),
    both!(pools::pools),
    both!(pools::completions),
    both!(pools::families),
    both!(pools::forks),
    both!(threads::lives),
    both!(threads::daemons),
    both!(threads::timers),
];

/// How far the real memory may grow after the warm-up: by what lies scattered and cannot be given back,
/// and by the stacks that are kept for the next threads.
const MAX_GROWTH: u64 = 12 << 20;
/// How many blocks more may be in use between two rounds than after the warm-up: those of the test
/// harness and of this file.
const MAX_BLOCKS: i64 = 64;

/// What is measured between two rounds, when no run is alive.
#[derive(Clone, Copy)]
struct Sample {
    n_blocks: i64,
    n_bytes: i64,
    resident: u64,
}

impl Sample {
    /// Threads that are through give back their last blocks when they are gone: it waits for that,
    /// up to a second.
    fn take(usual: i64) -> Self {
        let late = Instant::now() + Duration::from_secs(1);
        while n_blocks() > usual && Instant::now() < late {
            std::thread::sleep(Duration::from_millis(1));
        }
        let resident = resident().unwrap_or_default();
        Self { n_blocks: n_blocks(), n_bytes: n_bytes(), resident }
    }
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[test]
#[ignore = "takes minutes: ./x soak"]
fn soak() {
    let minutes = env::var("FIVE_FORKS_SOAK_MINUTES").unwrap_or_else(|_| "10".to_owned());
    let minutes: f64 = minutes.parse().expect("it is a number of minutes");
    let length = Duration::from_secs_f64(60.0 * minutes);
    let (warm_up, mut next_line) = (length / 5, Duration::from_secs(30));
    let begin = Instant::now();
    let (mut n_operations, mut n_before, mut n_runs) = (0, 0, 0);
    let mut line_before = Duration::ZERO;
    let mut base: Option<Sample> = None;
    let mut peak = 0;

    for seed in 0.. {
        for &program in PROGRAMS {
            n_operations += once(program, seed);
        }
        n_operations += threads::stops(seed);
        n_runs += PROGRAMS.len() + 2;

        let elapsed = begin.elapsed();
        let sample = Sample::take(base.map_or(i64::MAX, |base| base.n_blocks + MAX_BLOCKS / 2));
        peak = peak.max(sample.resident);
        if elapsed >= warm_up {
            let base = *base.get_or_insert_with(|| Sample::take(sample.n_blocks - 1));
            let (before, now) = (base.n_blocks, sample.n_blocks);
            assert!(now <= before + MAX_BLOCKS, "{before} blocks became {now}, seed {seed}");
            let (before, now) = (mebibytes(base.resident), mebibytes(sample.resident));
            let is_flat = sample.resident <= base.resident + MAX_GROWTH;
            assert!(is_flat, "{before:.1} MiB became {now:.1} MiB, seed {seed}");
        }
        if elapsed >= next_line {
            let rate = (n_operations - n_before) as f64 / (elapsed - line_before).as_secs_f64();
            println!(
                "{:>5.0} s  {n_runs:>7} runs  {rate:>9.0} operations/s  {:>6.1} MiB  {:>6} blocks",
                elapsed.as_secs_f64(),
                mebibytes(sample.resident),
                sample.n_blocks
            );
            (n_before, line_before) = (n_operations, elapsed);
            next_line = elapsed + Duration::from_secs(30);
        }
        if elapsed >= length {
            break;
        }
    }

    let (base, end) = (base.expect("it was warm"), Sample::take(0));
    println!(
        "{n_operations} operations in {n_runs} runs and {:.0} s: nothing lost, nothing doubled, \
         nobody stuck",
        begin.elapsed().as_secs_f64()
    );
    println!(
        "memory after the warm-up and at the end: {:.1} and {:.1} MiB (peak {:.1}), {} and {} blocks, \
         {} and {} bytes",
        mebibytes(base.resident),
        mebibytes(end.resident),
        mebibytes(peak),
        base.n_blocks,
        end.n_blocks,
        base.n_bytes,
        end.n_bytes
    );
}
