//! The dining philosophers on threads, by solution and size of the table; the unit is a meal.

use std::time::Duration;

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use native_bench::table::{self, SIZES};

/// Enough that starting the threads does not count.
const MEALS_PER_DINNER: u32 = 4_000;

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("philosophers");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(100));
    for k in SIZES {
        let meals = MEALS_PER_DINNER / u32::from(k);
        group.throughput(Throughput::Elements(u64::from(meals) * u64::from(k)));
        for solution in table::solutions() {
            group.bench_function(BenchmarkId::new(solution.id(), k), |bencher| {
                bencher.iter_custom(|n| (0..n).map(|_| table::dinner(solution, k, meals)).sum());
            });
        }
        group.bench_function(BenchmarkId::new("ordered, std", k), |bencher| {
            bencher.iter_custom(|n| (0..n).map(|_| table::std_dinner(k, meals)).sum());
        });
    }
}

criterion_group!(group, benches);
criterion_main!(group);
