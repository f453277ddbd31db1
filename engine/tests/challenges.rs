//! Every challenge: its start can be broken, a choice mends it, and no lesson that can fail is without.

mod everywhere;

use engine::lessons::{
    Challenge, Check, Kind, Lesson, Outcome, Plan, Policy, Scenario, Verdict, catalogue,
};
use engine::log::Ending;
use engine::model::Config;
use everywhere::twice;

/// Everything that can come out of it.
fn checked(scenario: &Scenario) -> Check {
    let mut check = Check::new(scenario, Plan::Classes, 500);
    while check.n_executions() < 12_000 && check.next() {}
    check
}

fn bad(check: &Check) -> impl Iterator<Item = (&Outcome, usize)> {
    let bad = check.outcomes().filter(|(outcome, _)| outcome.is_bad());
    bad.map(|(outcome, found)| (outcome, found.order.len()))
}

fn challenges() -> impl Iterator<Item = (&'static Lesson, &'static Challenge)> {
    catalogue().filter_map(|lesson| Some((lesson, lesson.challenge.as_ref()?)))
}

#[test]
fn every_start_breaks_as_a_person_can_break_it() {
    let mut n = 0;
    for (lesson, challenge) in challenges() {
        let start = challenge.start();
        assert!(challenge.is_start(&start) && start.lesson() == lesson, "{start}");
        let check = checked(&start);
        assert!(check.is_exhausted(), "{start}");
        let (outcome, par) =
            bad(&check).min_by_key(|(_, n)| *n).unwrap_or_else(|| panic!("{start} cannot fail"));
        // In one that is as short as can be, every turn is somebody's choice.
        let simplest = check.simplest(outcome, 5_000).and_then(|it| it.schedule()).unwrap();
        let order = check.outcomes().find(|(other, _)| *other == outcome).unwrap().1.order.clone();
        let by_hand = start.following(&order).unwrap();
        assert_eq!((by_hand.policy, by_hand.picks.len()), (Policy::Person, par), "{by_hand}");
        assert!(challenge.is_start(&by_hand) && challenge.is_start(&simplest));
        for schedule in [by_hand, simplest] {
            let read: Scenario = schedule.to_string().parse().unwrap();
            let mut run = read.run(Config::default());
            let ending = twice(&mut run, |run| run.finish(&mut read.scheduler()));
            let verdict = lesson.verdict(&read.values, &run.log(), &ending);
            assert!(matches!(verdict, Verdict::Broken { .. }), "{schedule}");
            assert_eq!(Outcome::of(&read, &run), *outcome, "{schedule}");
        }
        n += 1;
    }
    assert!(n > 20, "{n}");
}

#[test]
fn before_the_first_choice_nobody_moves() {
    for (_, challenge) in challenges() {
        let start = challenge.start();
        let mut run = start.run(Config::default());
        let ending = twice(&mut run, |run| run.finish(&mut start.scheduler()));
        assert_eq!((ending, run.n_turns()), (Ending::Paused, 0));
    }
}

#[test]
fn some_choice_mends_it_and_the_start_does_not() {
    for (_, challenge) in challenges() {
        let start = challenge.start();
        let mends = |choice: &'static str| {
            let mut scenario = start.clone();
            scenario.values.set(challenge.mend, choice).unwrap();
            assert!(challenge.is_variant(&scenario), "{scenario}");
            let check = checked(&scenario);
            check.is_exhausted() && bad(&check).next().is_none()
        };
        let choices: Vec<_> = challenge.choices().iter().map(|choice| choice.id).collect();
        let mending: Vec<_> = choices.iter().filter(|choice| mends(choice)).collect();
        let first = start.values.text(challenge.mend);
        assert!(!mending.is_empty() && !mending.contains(&&&*first), "{start}: {mending:?}");
    }
}

#[test]
fn whoever_changes_more_is_no_longer_at_it() {
    let challenge = catalogue().find_map(|lesson| lesson.challenge.as_ref()).unwrap();
    let mut other = challenge.start();
    other.seed += 1;
    assert!(!challenge.is_variant(&other));
    let mut other = challenge.start();
    other.values.set("meals", "2").unwrap();
    assert!(!challenge.is_variant(&other));
    let mut other = challenge.start();
    other.values.set(challenge.mend, challenge.choices()[1].id).unwrap();
    assert!(challenge.is_variant(&other) && !challenge.is_start(&other));
}

#[test]
fn everything_is_said_in_both_languages() {
    for (lesson, challenge) in challenges() {
        let [vague, plain] = challenge.to_break;
        for text in [vague, plain, challenge.to_mend] {
            assert!(text.en.ends_with(['.', '?']), "{}: {text:?}", lesson.id);
            assert!(text.zh.ends_with(['。', '？']), "{}: {text:?}", lesson.id);
        }
    }
}

/// The least of each number, with each of the choices; time passes as it does where nobody says
/// otherwise.
fn smallest(lesson: &'static Lesson) -> Vec<Scenario> {
    let mut small = Scenario::new(lesson);
    let mut choices = vec![None];
    for param in lesson.params {
        match param.kind {
            Kind::Number { min, .. } => small.values.set(param.id, &min.to_string()).unwrap(),
            Kind::Choice { options, .. } => {
                choices = options.iter().map(|option| Some((param.id, option.id))).collect();
            }
        }
    }
    let with = |choice: Option<(&str, &str)>| {
        let mut scenario = small.clone();
        if let Some((id, text)) = choice {
            scenario.values.set(id, text).unwrap();
        }
        scenario
    };
    choices.into_iter().map(with).collect()
}

#[test]
fn whatever_can_fail_is_a_challenge() {
    for lesson in catalogue().filter(|lesson| lesson.challenge.is_none()) {
        for scenario in smallest(lesson) {
            let check = checked(&scenario);
            assert!(check.is_exhausted(), "{scenario}");
            assert_eq!(bad(&check).next(), None, "{scenario} can fail");
        }
    }
}
