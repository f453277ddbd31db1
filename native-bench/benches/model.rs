//! The model: turns, and complete executions from restart to end.

use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use native_bench::turns::{self, VARIANTS};

/// In one measured execution. A recorded one keeps all its events, so there are few enough.
const N_TURNS: u64 = 120_000;

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("model/turns");
    group.sampling_mode(SamplingMode::Flat).sample_size(20);
    group.measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(200));
    for (name, grain, record) in VARIANTS {
        let (n_turns, _) = turns::turns(grain, record, N_TURNS);
        group.throughput(Throughput::Elements(n_turns));
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|n| (0..n).map(|_| turns::turns(grain, record, N_TURNS).1).sum());
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("model/executions");
    group.measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(200));
    group.throughput(Throughput::Elements(1));
    for (name, grain, record) in VARIANTS {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|n| turns::executions(grain, record, n));
        });
    }
}

criterion_group!(group, benches);
criterion_main!(group);
