//! The lessons on what is inside a lock, exhaustively: every execution of the right algorithm keeps the
//! property, and one of each of its siblings breaks it.

use engine::lessons::{Check, Family, Kind, Lesson, Plan, Scenario, catalogue};
use engine::model::Grain;

/// How many classes of executions keep the lesson's property, and how many break it.
fn explored(scenario: &str) -> (u64, u64) {
    let scenario: Scenario = scenario.parse().unwrap();
    let mut check = Check::new(&scenario, Plan::Classes, 500);
    while check.next() {}
    let n = |held| {
        let outcomes = check.outcomes().filter(|(outcome, _)| outcome.held == Some(held));
        outcomes.map(|(_, found)| found.n_executions).sum()
    };
    let (kept, broken) = (n(true), n(false));
    assert_eq!(kept + broken, check.n_executions(), "each comes to an end");
    (kept, broken)
}

fn variants(lesson: &Lesson) -> impl Iterator<Item = &'static str> {
    let options = lesson.params.iter().find_map(|param| match param.kind {
        Kind::Choice { options, .. } => Some(options),
        Kind::Number { .. } => None,
    });
    options.into_iter().flatten().map(|option| option.id)
}

#[test]
fn the_first_variant_is_right_and_the_others_are_broken() {
    let inside = catalogue().filter(|lesson| lesson.family == Family::Inside);
    let mut n_lessons = 0;
    for lesson in inside {
        for (idx, variant) in variants(lesson).enumerate() {
            let scenario = format!("{}?variant={variant}", lesson.id);
            let (kept, broken) = explored(&scenario);
            assert!(kept > 0, "{scenario}");
            assert_eq!(broken > 0, idx > 0, "{scenario}: {kept} kept, {broken} broken");
            // Each access is a turn at either grain.
            let at_operations = explored(&format!("{scenario}&grain=ops"));
            assert_eq!(at_operations, (kept, broken), "{scenario}");
        }
        n_lessons += 1;
    }
    assert!(n_lessons > 0);
}

#[test]
fn a_turn_is_an_access_where_nobody_says_otherwise() {
    let grain = |scenario: &str| scenario.parse::<Scenario>().unwrap().grain;
    assert_eq!(grain("peterson"), Grain::Words);
    assert_eq!(grain("peterson?grain=ops"), Grain::Operations);
    assert_eq!(grain("lost-update"), Grain::Operations);
}
