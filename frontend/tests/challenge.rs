//! The challenge in the page: in slices, with its links, its par, and what it says.

use std::cell::Cell;

use engine::lessons::{Outcome, Policy, Scenario, Verdict, catalogue, lesson};
use engine::log::{Event, EventKind};
use engine::model::{Config, Pick};
use engine::world::ActorId;
use frontend::challenge::{Answer, Quest, Trial};
use frontend::intent::{Action, Intent, Language, Place, Set, Tab, Try};
use frontend::{link, words};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A clock on which every look takes so many milliseconds.
fn clock(step_ms: f64) -> impl Fn() -> f64 {
    let now_ms = Cell::new(0.0);
    move || now_ms.replace(now_ms.get() + step_ms)
}

fn begun(id: &str, quest: Quest) -> Intent {
    let lesson = lesson(id).unwrap();
    let intent = Intent::new(Language::En).apply(Action::Set(Set::Lesson(lesson)), 0);
    intent.apply(Action::Challenge(Try::Begin(quest)), 0)
}

fn choose(intent: Intent, choice: &str) -> Intent {
    let mend = intent.scenario.lesson().challenge.as_ref().unwrap().mend;
    intent.apply(Action::Set(Set::Param(mend, choice.to_owned())), 0)
}

fn settled(quest: Quest, scenario: &Scenario) -> Trial {
    let mut trial = Trial::new(quest, scenario);
    let clock = clock(1.0);
    for _ in 0..10_000 {
        if trial.is_settled() {
            return trial;
        }
        trial.grow(&clock);
    }
    panic!("{scenario} is not settled");
}

/// The scenario in which these actors go, one after the other.
fn played(intent: Intent, order: &[u16]) -> Intent {
    order.iter().enumerate().fold(intent, |intent, (turn, actor)| {
        intent.apply(Action::Set(Set::Pick(turn, ActorId(*actor))), turn)
    })
}

fn verdict(scenario: &Scenario) -> (Verdict, usize) {
    let mut run = scenario.run(Config::default());
    let ending = run.finish(&mut scenario.scheduler());
    let verdict = scenario.lesson().verdict(&scenario.values, &run.log(), &ending);
    (verdict, run.n_turns() as usize)
}

#[wasm_bindgen_test]
fn who_breaks_it_has_solved_it_and_the_link_proves_it() {
    let begun = begun("lost-update", Quest::Break);
    assert_eq!(
        (begun.quest, begun.tab, begun.place),
        (Some(Quest::Break), Tab::Challenge, Place::Model)
    );
    let mut trial = settled(Quest::Break, &begun.scenario);
    assert_eq!((trial.standing().par, trial.is_solved()), (Some(4), false));
    assert_eq!(words::standing(&trial.standing()), "");

    // One after the other it is right.
    let (right, n) = verdict(&played(begun.clone(), &[0, 0, 1, 1]).scenario);
    trial.end(right, n);
    assert_eq!((right, trial.is_solved()), (Verdict::Holds, false));

    let solved = played(begun, &[0, 1, 0, 1]);
    assert_eq!((solved.quest, solved.scenario.picks.len()), (Some(Quest::Break), 4));
    let (read, problems) = link::read(&link::write(&solved, 4), Intent::new(Language::En));
    assert_eq!((&read.scenario, read.quest, problems), (&solved.scenario, solved.quest, vec![]));
    let (broken, n) = verdict(&read.scenario);
    trial.end(broken, n);
    rust_i18n::set_locale("en");
    let said = words::standing(&trial.standing());
    assert_eq!(
        (trial.is_solved(), &*said),
        (true, "Solved, with as few steps as there can be: 4.")
    );
    assert!(trial.is_of(Quest::Break, &read.scenario) && !trial.is_of(Quest::Mend, &read.scenario));
}

#[wasm_bindgen_test]
fn a_longer_way_is_told_from_the_shortest() {
    let begun = begun("philosophers", Quest::Break);
    let mut trial = settled(Quest::Break, &begun.scenario);
    trial.end(Verdict::Broken { event: 0 }, 9);
    rust_i18n::set_locale("en");
    assert_eq!(words::standing(&trial.standing()), "Solved. Steps: 9; it can be done with 6.");
    trial.end(Verdict::Broken { event: 0 }, 6);
    trial.end(Verdict::Broken { event: 0 }, 8);
    assert_eq!(trial.standing().broken_in, Some(6), "the best counts");
}

#[wasm_bindgen_test]
fn what_mends_it_is_proved_and_what_does_not_is_shown_to_fail() {
    let begun = begun("bank-transfer", Quest::Mend);
    for (choice, answer) in
        [("unlocked", Answer::Fails), ("naive", Answer::Fails), ("ordered", Answer::Mended)]
    {
        let chosen = choose(begun.clone(), choice);
        assert_eq!((chosen.quest, chosen.checks), (Some(Quest::Mend), false), "{choice}");
        let mut trial = Trial::new(Quest::Mend, &chosen.scenario);
        assert_eq!(trial.standing().answer, Answer::Unknown);
        let clock = clock(1.0);
        while !trial.is_settled() {
            trial.grow(&clock);
        }
        assert_eq!(
            (trial.standing().answer, trial.is_solved()),
            (answer, answer == Answer::Mended)
        );
        assert_ne!(words::standing(&trial.standing()), "", "{choice}");
        if answer != Answer::Fails {
            continue;
        }
        trial.watch();
        let (found, _) =
            std::iter::repeat_with(|| trial.find(&clock)).take(1_000).flatten().next().unwrap();
        assert!(matches!(verdict(&found).0, Verdict::Broken { .. }), "{found}");
        let watching = chosen.apply(Action::Set(Set::Found(Box::new(found), 0)), 0);
        assert_eq!(watching.quest, Some(Quest::Mend), "whoever watches is still at it");
    }
}

#[wasm_bindgen_test]
fn others_look_at_what_takes_long() {
    let text = "philosophers?solution=waiter&philosophers=4&meals=1&time=free";
    let mut trial = Trial::new(Quest::Mend, &text.parse().unwrap());
    let (clock, mut n_errands) = (clock(1.0), 0);
    while !trial.is_settled() {
        assert_eq!(trial.standing().answer, Answer::Unknown);
        trial.grow(&clock);
        for errand in trial.send(1) {
            errand.work();
            n_errands += 1;
        }
    }
    let standing = trial.standing();
    assert_eq!((n_errands, standing.n_executions, standing.answer), (1, 9_176, Answer::Mended));
    assert!(trial.send(1).is_empty(), "nothing is left to be found out");
}

#[wasm_bindgen_test]
fn what_has_no_end_is_not_called_mended() {
    let chosen = choose(begun("abba-deadlock", Quest::Mend), "timeout");
    let mut trial = Trial::new(Quest::Mend, &chosen.scenario);
    let clock = clock(1.0);
    for _ in 0..200 {
        trial.grow(&clock);
    }
    assert!(!trial.is_solved());
}

#[wasm_bindgen_test]
fn the_link_to_what_was_chosen_is_checked_when_it_is_opened() {
    let chosen = choose(begun("bank-transfer", Quest::Mend), "ordered");
    let (read, problems) = link::read(&link::write(&chosen, 0), Intent::new(Language::En));
    assert_eq!((read.checks, problems), (true, vec![]));
    assert_eq!(read.scenario, chosen.scenario);
    let (read, _) = link::read("#/bank-transfer?challenge=mend", Intent::new(Language::En));
    assert!(!read.checks, "nothing is chosen yet");
}

#[wasm_bindgen_test]
fn whoever_changes_something_else_has_left_the_challenge() {
    let begun = begun("philosophers", Quest::Break);
    for set in [
        Set::Param("meals", "2".to_owned()),
        Set::Policy(Policy::Random),
        Set::Seed(2),
        Set::Place(Place::Threads),
    ] {
        let left = begun.clone().apply(Action::Set(set.clone()), 0);
        assert_eq!(left.quest, None, "{set:?}");
    }
    for set in [Set::Restart, Set::ForgetPicks, Set::Pick(0, ActorId(1))] {
        let still = begun.clone().apply(Action::Set(set.clone()), 0);
        assert_eq!(still.quest, Some(Quest::Break), "{set:?}");
    }
    assert_eq!(choose(begun, "ordered").quest, None, "nothing is mended by breaking");
}

#[wasm_bindgen_test]
fn the_teachers_link_begins_at_the_start_and_hides() {
    let solved = played(begun("lost-update", Quest::Break), &[0, 1, 0, 1]);
    let (read, problems) = link::read(&link::teachers(&solved), Intent::new(Language::En));
    assert_eq!(
        (read.hides, read.quest, read.tab, problems),
        (true, Some(Quest::Break), Tab::Challenge, vec![])
    );
    assert_eq!(read.scenario, begun("lost-update", Quest::Break).scenario);
    let lesson = read.scenario.lesson();
    assert!(Tab::of(lesson, false).any(|tab| tab == Tab::Explore));
    assert!(Tab::of(lesson, true).all(|tab| tab != Tab::Explore));
    let other = read.apply(Action::Set(Set::Lesson(self::lesson("rlock").unwrap())), 0);
    assert_eq!((other.hides, other.quest), (false, None), "it is about this lesson");
}

#[wasm_bindgen_test]
fn what_a_link_has_wrong_is_named() {
    for (link, said) in [
        ("#/philosophers?challenge=burn", "challenge must be one of break, mend, not 'burn'"),
        ("#/philosophers?hints=all", "hints must be one of none, some, not 'all'"),
        (
            "#/lock?challenge=break",
            "lock has no parameter 'challenge'; it has: variant, actors, rounds",
        ),
    ] {
        let (intent, problems) = link::read(link, Intent::new(Language::En));
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!((problems, intent.quest), (vec![said.to_owned()], None), "{link}");
    }
    // Of another program there is no challenge: it is begun as it is.
    let text = "#/philosophers?philosophers=5&challenge=break&policy=random";
    let (read, problems) = link::read(text, Intent::new(Language::En));
    assert_eq!((read.scenario, problems), (begun("philosophers", Quest::Break).scenario, vec![]));
}

#[wasm_bindgen_test]
fn only_what_can_fail_has_the_tab() {
    for lesson in catalogue() {
        let has_tab = Tab::of(lesson, false).any(|tab| tab == Tab::Challenge);
        assert_eq!(has_tab, lesson.challenge.is_some(), "{}", lesson.id);
    }
}

/// Every challenge, solved by what the explorer has found, as a link.
#[wasm_bindgen_test]
fn every_challenge_is_solved_by_the_shortest_way_that_its_trial_knows() {
    for challenge in catalogue().filter_map(|lesson| lesson.challenge.as_ref()) {
        let start = challenge.start();
        let mut trial = settled(Quest::Break, &start);
        let par = trial.standing().par.unwrap();
        trial.watch();
        let clock = clock(1.0);
        let found = std::iter::repeat_with(|| trial.find(&clock)).take(10_000).flatten().next();
        let (found, _) = found.unwrap();
        let mut run = found.run(Config::default());
        let ending = run.finish(&mut found.scheduler());
        assert!(Outcome::of(&found, &run).is_bad(), "{found}: {ending:?}");
        // Every turn of it as a choice of its own.
        let log = run.into_log();
        let turns = log.events.iter().filter(|event| event.kind == EventKind::Turn);
        let pick = |(event, turn): (&Event, u64)| Pick { turn, actor: event.actor };
        let picks = turns.zip(0..).map(pick).collect();
        let by_hand = Scenario { picks, ..start };
        let (verdict, n) = verdict(&by_hand);
        assert!(matches!(verdict, Verdict::Broken { .. }) && n >= par, "{by_hand}: {n}, par {par}");
        assert!(Quest::Break.is_tried(&by_hand));
    }
}
