//! What it costs that a lock can be recorded: recording off next to the same lock written by hand,
//! and recording on.

use criterion::{Criterion, criterion_group, criterion_main};
use engine::{real::Plain, sync};
use native_bench::{lock, recording};

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("recording");
    group.bench_function("off", |bencher| {
        bencher.iter_custom(lock::uncontended::<sync::Lock<Plain>>);
    });
    #[cfg(target_os = "linux")]
    group.bench_function("by hand", |bencher| {
        bencher.iter_custom(lock::uncontended::<native_bench::hand::Lock>);
    });
    group.bench_function("on", |bencher| bencher.iter_custom(recording::recorded));
}

criterion_group!(group, benches);
criterion_main!(group);
