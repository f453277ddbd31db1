//! In how many interleavings each outcome of a lesson comes: counted by classes, and one by one.

use std::collections::BTreeMap;

use engine::lessons::{Check, Kind, Lesson, Outcome, Plan, Scenario, catalogue};
use engine::model::{Grain, Time};

const MAX_TURNS: u64 = 300;
/// How many interleavings are looked at one by one.
const FEW: u64 = 4_000;

/// The lessons as small as they can be, and their challenges, with each choice.
fn scenarios() -> Vec<Scenario> {
    let smallest = |lesson: &'static Lesson| {
        let mut scenario = Scenario::new(lesson);
        for param in lesson.params {
            if let Kind::Number { min, .. } = param.kind {
                scenario.values.set(param.id, &min.to_string()).unwrap();
            }
        }
        scenario
    };
    let mut all: Vec<_> = catalogue().map(smallest).collect();
    for challenge in catalogue().filter_map(|lesson| lesson.challenge.as_ref()) {
        for choice in challenge.choices() {
            let mut scenario = challenge.start();
            scenario.values.set(challenge.mend, choice.id).unwrap();
            all.push(scenario);
        }
    }
    all
}

/// How many interleavings have each outcome, if they are few.
fn one_by_one(scenario: &Scenario) -> Option<BTreeMap<Outcome, u128>> {
    let mut every = Check::new(scenario, Plan::Every, MAX_TURNS);
    while every.n_executions() < FEW && every.next() {}
    let counts =
        every.outcomes().map(|(outcome, found)| (outcome.clone(), found.n_executions.into()));
    every.is_exhausted().then(|| counts.collect())
}

#[test]
fn classes_stand_for_all_interleavings() {
    let (mut n_compared, mut n_outcomes) = (0, 0);
    for scenario in scenarios() {
        let grains = [Grain::Operations, Grain::Words];
        let times = [Time::Free, Time::Virtual];
        for (grain, time) in grains.into_iter().flat_map(|grain| times.map(|time| (grain, time))) {
            let scenario = Scenario { grain, time, ..scenario.clone() };
            let Some(wanted) = one_by_one(&scenario) else { continue };
            let mut census =
                Check::new(&scenario, Plan::Classes, MAX_TURNS).census(u64::MAX, u64::MAX);
            while census.next() {}
            assert_eq!(census.n_all(), Some(wanted.values().sum()), "{scenario}");
            for (outcome, n) in &wanted {
                assert_eq!(census.n_of(outcome), Some(*n), "{scenario}: {outcome:?}");
            }
            (n_compared, n_outcomes) = (n_compared + 1, n_outcomes + wanted.len());
        }
    }
    assert!(n_compared > 100 && 2 * n_outcomes > 3 * n_compared, "{n_outcomes} of {n_compared}");
}

#[test]
fn what_is_too_much_to_count_is_not_known() {
    let scenario: Scenario = "lost-update?actors=3&rounds=2".parse().unwrap();
    let mut short = Check::new(&scenario, Plan::Classes, 5).census(u64::MAX, u64::MAX);
    while short.next() {}
    assert_eq!(short.n_all(), None, "all were given up");
    let mut check = Check::new(&scenario, Plan::Classes, MAX_TURNS);
    while check.next() {}
    for (limit, most) in [(0, 1_000), (1, 1_000), (1_000, 1_000), (1_000_000, 20)] {
        let mut census = check.census(limit, most);
        while census.next() {}
        assert_eq!(census.n_all(), None, "{limit} {most}");
        assert!(check.outcomes().all(|(outcome, _)| census.n_of(outcome).is_none()));
    }
}
