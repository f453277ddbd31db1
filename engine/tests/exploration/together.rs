//! Several threads at one search find what one finds.

use std::time::Duration;

use engine::explore::{Crew, Reduced};
use engine::lessons::{Check, Found, Outcome, Plan, Scenario};
use engine::model::{Config, Model, Run};

/// How many executions a crew looks at, up to some thousand; `None` where that is not sure.
pub fn count(
    n_workers: usize,
    config: Config,
    setup: impl Fn(&Model) + Clone + Send + 'static,
) -> Option<u64> {
    let crew = Crew::new(vec![Box::new(Reduced::new())], 2_000);
    let work = |setup| {
        let mut run = Run::new(config, setup);
        let mut n_executions = 0;
        while let Some(mut share) = crew.share() {
            while share.next(&mut run) {
                n_executions += 1;
            }
        }
        n_executions
    };
    let n_executions = std::thread::scope(|scope| {
        let start = |_| {
            let setup = setup.clone();
            scope.spawn(|| work(setup))
        };
        let workers: Vec<_> = (0..n_workers).map(start).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    crew.into_pieces().map(|_| n_executions)
}

const TICK: Duration = Duration::from_millis(1);
const MAX_TURNS: u64 = 200;

fn outcomes(check: &Check) -> Vec<(Outcome, Found)> {
    check.outcomes().map(|(outcome, found)| (outcome.clone(), found.clone())).collect()
}

fn findings(check: &Check) -> Vec<String> {
    check.findings().map(|(finding, found)| format!("{finding:?} {found:?}")).collect()
}

fn check(scenario: &str, plan: Plan) -> Check {
    Check::new(&scenario.parse::<Scenario>().unwrap(), plan, MAX_TURNS)
}

fn together(scenario: &str, plan: Plan, n_workers: usize, limit: u64) -> Check {
    let mut check = check(scenario, plan);
    check.together(n_workers, limit, TICK, |_| true);
    check
}

#[test]
fn all_classes_of_a_lesson() {
    let scenarios = [
        "philosophers?solution=naive&philosophers=4&meals=1&time=free",
        "philosophers?solution=waiter&philosophers=3&meals=1&time=free",
        "philosophers?solution=chandy-misra&philosophers=3&meals=1",
        "lost-update?actors=3&rounds=2",
        "readers-writer?readers=2&writers=1&time=free",
        "peterson?variant=swapped&rounds=2&grain=words",
        "treiber-stack?grain=words",
        "semaphore?actors=3&places=2&time=free",
    ];
    for scenario in scenarios {
        let mut alone = check(scenario, Plan::Classes);
        while alone.next() {}
        assert!(alone.n_executions() > 1 && alone.is_done(), "{scenario}");
        for n_workers in [1, 2, 4] {
            let crew = together(scenario, Plan::Classes, n_workers, u64::MAX);
            assert!(crew.is_done(), "{scenario}");
            assert_eq!(outcomes(&crew), outcomes(&alone), "{scenario}, {n_workers} workers");
            assert_eq!(findings(&crew), findings(&alone), "{scenario}, {n_workers} workers");
            assert_eq!(crew.unreached(), alone.unreached(), "{scenario}, {n_workers} workers");
        }
    }
}

#[test]
fn as_many_as_wanted_and_then_the_rest() {
    let scenario = "philosophers?solution=waiter&philosophers=4&meals=1&time=free";
    let mut some = together(scenario, Plan::Classes, 4, 1_000);
    assert_eq!((some.n_executions(), some.is_done()), (1_000, false));
    some.together(2, 5_000, TICK, |_| true);
    assert_eq!((some.n_executions(), some.is_done()), (5_000, false));
    while some.next() {}
    assert_eq!((some.n_executions(), some.is_exhausted()), (9_176, true));
    let estimated = some.progress().n_estimated.unwrap();
    assert!(estimated > 0, "a few ways were drawn");
}

#[test]
fn the_same_samples() {
    for plan in [Plan::Random, Plan::Pct] {
        let sampled = |n_workers| together("dirty-read", plan, n_workers, 300);
        let alone = sampled(1);
        assert_eq!((alone.n_executions(), alone.is_done()), (300, false));
        for n_workers in [2, 4] {
            assert_eq!(outcomes(&sampled(n_workers)), outcomes(&alone), "{plan:?}");
        }
    }
}

#[test]
fn whoever_has_seen_enough_stops_it() {
    let scenario = "philosophers?solution=waiter&philosophers=5&meals=3&time=free";
    let mut check = check(scenario, Plan::Classes);
    let mut n_seen = 0;
    check.together(2, u64::MAX, TICK, |progress| {
        n_seen = progress.n_executions;
        n_seen < 100
    });
    assert!(n_seen >= 100 && check.n_executions() >= n_seen && !check.is_done());
}
