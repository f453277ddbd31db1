//! The engine's semaphore next to the usual ones: alone, and as a hand-over between two threads.

use std::time::Duration;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use engine::{real::Plain, sync};
use native_bench::semaphore::{self, Contestant, ParkingLotCondvar, StdCondvar, Tokio};

fn both<S: Contestant>(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("semaphore/uncontended");
    group.bench_function(S::NAME, |bencher| bencher.iter_custom(semaphore::uncontended::<S>));
    group.finish();
    let mut group = criterion.benchmark_group("semaphore/ping-pong");
    group.sampling_mode(SamplingMode::Flat).sample_size(20);
    group.measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(200));
    group.bench_function(S::NAME, |bencher| bencher.iter_custom(semaphore::ping_pong::<S>));
}

fn benches(criterion: &mut Criterion) {
    both::<sync::Semaphore<Plain>>(criterion);
    both::<StdCondvar>(criterion);
    both::<ParkingLotCondvar>(criterion);
    both::<Tokio>(criterion);
}

criterion_group!(group, benches);
criterion_main!(group);
