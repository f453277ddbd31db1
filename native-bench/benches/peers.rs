//! Every row of the report that has a peer: the engine's own next to them. One iteration is a batch
//! of operations, enough that the start of threads does not count.

use std::time::Duration;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use native_bench::row::Outcome;
use native_bench::rows;

fn benches(criterion: &mut Criterion) {
    for row in rows::all().iter().filter(|row| row.contestants.len() > 1) {
        let mut group = criterion.benchmark_group(format!("{}/{}", row.group, row.name));
        group.sampling_mode(SamplingMode::Flat).sample_size(10);
        group.warm_up_time(Duration::from_millis(50));
        group.measurement_time(Duration::from_millis(500));
        // Made when the first of them is asked for: a filter may leave the row out.
        let batch = std::cell::OnceCell::new();
        for contestant in &row.contestants {
            group.bench_function(contestant.name, |bencher| {
                let calibrate = || row.contestants[0].calibrate(Duration::from_millis(2));
                let n_ops = *batch.get_or_init(calibrate);
                let batch = |_| {
                    let Outcome { n_ops: n_done, elapsed, .. } = (contestant.run)(n_ops);
                    elapsed.mul_f64(n_ops as f64 / n_done as f64)
                };
                bencher.iter_custom(|n| (0..n).map(batch).sum());
            });
        }
    }
}

criterion_group!(group, benches);
criterion_main!(group);
