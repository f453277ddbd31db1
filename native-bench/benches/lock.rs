//! The engine's lock next to std's and parking_lot's: alone, and contended.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use engine::{real::Plain, sync};
use native_bench::lock::{self, Contestant, LOADS};

fn alone<L: Contestant>(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lock/uncontended");
    group.bench_function(L::NAME, |bencher| bencher.iter_custom(lock::uncontended::<L>));
}

fn contended<L: Contestant>(criterion: &mut Criterion) {
    for load in LOADS {
        let mut group = criterion.benchmark_group(format!("lock/{load}"));
        // Flat: so that no sample is too short for all threads to take part.
        group.sampling_mode(SamplingMode::Flat).sample_size(20);
        group.measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(200));
        group.bench_function(BenchmarkId::from_parameter(L::NAME), |bencher| {
            bencher.iter_custom(|n_ops| lock::contended::<L>(load, n_ops).elapsed);
        });
    }
}

fn benches(criterion: &mut Criterion) {
    alone::<sync::Lock<Plain>>(criterion);
    alone::<std::sync::Mutex<()>>(criterion);
    alone::<parking_lot::Mutex<()>>(criterion);
    contended::<sync::Lock<Plain>>(criterion);
    contended::<std::sync::Mutex<()>>(criterion);
    contended::<parking_lot::Mutex<()>>(criterion);
}

criterion_group!(group, benches);
criterion_main!(group);
