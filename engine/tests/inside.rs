//! The lessons on what is inside a lock: every interleaving with few preemptions keeps the property of
//! the right algorithm, and among them is one that breaks each of its siblings.

use engine::lessons::{Family, Kind, Lesson, Scenario, Verdict, catalogue};
use engine::log::Ending;
use engine::model::{Config, Grain};

mod explore;

/// How many interleavings of a lesson with these settings keep its property, and how many break it.
fn explored(scenario: &str, max_preemptions: usize) -> (usize, usize) {
    let scenario: Scenario = scenario.parse().unwrap();
    let mut run = scenario.run(Config { max_turns: 100, ..Config::default() });
    let (mut kept, mut broken) = (0, 0);
    explore::explore(&mut run, max_preemptions, |run| {
        let ending = run.ending().cloned().unwrap_or(Ending::Paused);
        match scenario.lesson().verdict(&scenario.values, &run.log(), &ending) {
            Verdict::Holds => kept += 1,
            Verdict::Broken { .. } => broken += 1,
            // Somebody spins, and may not be preempted any more.
            Verdict::Open => assert_eq!(ending, Ending::TurnLimit),
        }
    });
    (kept, broken)
}

fn variants(lesson: &Lesson) -> impl Iterator<Item = &'static str> {
    let options = lesson.params.iter().find_map(|param| match param.kind {
        Kind::Choice { options } => Some(options),
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
            let (kept, broken) = explored(&scenario, 3);
            assert!(kept > 0, "{scenario}");
            assert_eq!(broken > 0, idx > 0, "{scenario}: {kept} kept, {broken} broken");
            // Each access is a turn at either grain.
            let at_operations = explored(&format!("{scenario}&grain=ops"), 2);
            assert_eq!(at_operations, explored(&scenario, 2), "{scenario}");
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
