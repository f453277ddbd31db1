//! The exploration in the page: in slices, with its answer, its words, and the way to an outcome.

use std::cell::Cell;

use engine::lessons::{End, Fate, Outcome, Scenario};
use engine::model::{Config, Grain, Pick, Time};
use engine::world::ActorId;
use frontend::bridge;
use frontend::exploration::{Exploration, Explored, MAX_TURNS, TREE_LIMIT};
use frontend::intent::{Action, Explore, Intent, Language, Page, Place, Play, Set, Tab};
use frontend::layout::{Boughs, open_at_first};
use frontend::stage::Stage;
use frontend::{link, words};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn scenario(text: &str) -> Scenario {
    text.parse().unwrap_or_else(|invalid| panic!("{text}: {invalid}"))
}

fn lost_update() -> Scenario {
    scenario("lost-update?actors=2&rounds=1")
}

/// A clock on which every look takes so many milliseconds.
fn clock(step_ms: f64) -> impl Fn() -> f64 {
    let now_ms = Cell::new(0.0);
    move || now_ms.replace(now_ms.get() + step_ms)
}

/// Explores to the end, and counts the slices.
fn exhaust(scenario: &Scenario) -> (Exploration, usize) {
    let (mut exploration, mut n_slices) = (Exploration::new(scenario), 1);
    let clock = clock(1.0);
    while exploration.grow(&clock) {
        n_slices += 1;
        assert!(n_slices < 100_000, "it ends");
    }
    (exploration, n_slices)
}

fn way_to(exploration: &mut Exploration, outcome: &Outcome) -> (Scenario, usize) {
    exploration.seek(outcome.clone());
    let clock = clock(1.0);
    for _ in 0..10_000 {
        assert!(exploration.seeks());
        if let Some(found) = exploration.find(&clock) {
            assert!(!exploration.seeks());
            return found;
        }
    }
    panic!("no way to {outcome:?}");
}

#[wasm_bindgen_test]
fn the_lost_update_has_four_executions_and_the_bad_outcome_comes_first() {
    let scenario = lost_update();
    let (exploration, _) = exhaust(&scenario);
    let explored = exploration.explored(&scenario);
    assert_eq!((explored.n_executions, explored.n_outcomes, explored.n_bad), (4, 2, 1));
    assert!(explored.is_exhausted && !explored.is_cut_off);
    let found = |at: usize| {
        let group = &explored.groups[at];
        (group.outcome.held, group.outcome.lines.join(""), group.n_executions)
    };
    assert_eq!(found(0), (Some(false), "x = 1".to_owned(), 2));
    assert_eq!(found(1), (Some(true), "x = 2".to_owned(), 2));
}

#[wasm_bindgen_test]
fn what_nobody_came_to_is_told_and_shown_until_somebody_goes_on() {
    let scenario = lost_update();
    assert_eq!(Exploration::new(&scenario).explored(&scenario).unreached, [], "nothing is known");
    let (exploration, _) = exhaust(&scenario);
    let unreached = exploration.explored(&scenario).unreached;
    assert_eq!(unreached.len(), 1, "what the other variants do: {unreached:?}");
    rust_i18n::set_locale("en");
    let said = words::unreached(&[84..=84, 89..=99]);
    assert_eq!(said.as_deref(), Some("Lines never reached with these settings: 84, 89–99"));
    assert_eq!(words::unreached(&[]), None);

    let intent = Intent { tab: Tab::Explore, ..Intent::new(Language::En) };
    let intent = intent.apply(Action::Page(Page::Unreached), 0);
    assert_eq!((intent.tab, intent.unreached), (Tab::Source, true));
    let tab = Action::Page(Page::Tab(Tab::Source));
    for action in [Action::Play(Play::To(1)), Action::Set(Set::Restart), tab] {
        assert!(!intent.clone().apply(action, 3).unreached);
    }
}

#[wasm_bindgen_test]
fn it_is_said_how_many_executions_there_may_be() {
    let scenario = scenario("philosophers?solution=waiter&philosophers=4&meals=1");
    let mut exploration = Exploration::new(&scenario);
    let clock = clock(0.01);
    rust_i18n::set_locale("en");
    while exploration.explored(&scenario).n_estimated.is_none() {
        assert!(exploration.grow(&clock));
    }
    let explored = exploration.explored(&scenario);
    let n_estimated = explored.n_estimated.unwrap();
    assert!(n_estimated > explored.n_executions, "{explored:?}");
    let said = words::progress(&explored);
    assert_eq!(said, format!("Exploring … about {} in all", words::count(n_estimated)));
    while exploration.grow(&clock) {}
    let explored = exploration.explored(&scenario);
    assert_eq!(explored.n_executions, 9_176);
    assert_eq!((explored.n_estimated, explored.n_at_work), (None, 0), "now it is known");
    assert_eq!(words::progress(&explored), "Exploring …");
}

#[wasm_bindgen_test]
fn it_comes_in_slices_that_look_at_the_clock_at_every_execution() {
    let scenario = scenario("philosophers?solution=naive&philosophers=3&meals=2");
    let mut exploration = Exploration::new(&scenario);
    let clock = clock(1.0);
    let mut before = 0;
    while exploration.grow(&clock) {
        let n = exploration.explored(&scenario).n_executions;
        // When all are known, interleavings are counted.
        assert!((1..=6).contains(&(n - before)) || n == 106, "{before} to {n} in a slice");
        before = n;
    }
    let explored = exploration.explored(&scenario);
    assert!(explored.is_exhausted && explored.n_executions == 106, "{explored:?}");
    assert!(explored.per_second.is_some_and(|rate| (500..=1500).contains(&rate)), "{explored:?}");
    assert_eq!(explored.groups[0].outcome.end, End::Deadlock);
    assert!(!exploration.grow(&clock), "there is nothing left");
}

/// Explores to the end, and does on the way what others would do.
fn exhaust_with_others(scenario: &Scenario) -> (Exploration, usize) {
    let (mut exploration, mut n_errands) = (Exploration::new(scenario), 0);
    let clock = clock(1.0);
    while exploration.grow(&clock) {
        let errands = exploration.send(3);
        n_errands += usize::from(!errands.is_empty());
        // One after the other: whoever comes late finds nothing to do.
        errands.iter().for_each(|errand| errand.work());
        if let Some(errand) = errands.first() {
            exploration.collect();
            let n_at_work = exploration.explored(scenario).n_at_work;
            assert_eq!((errand.n_at_work(), n_at_work), (1, 1));
        }
    }
    (exploration, n_errands)
}

#[wasm_bindgen_test]
fn others_find_what_slices_find() {
    let scenario = scenario("lost-update?actors=2&rounds=4");
    let (others, n_errands) = exhaust_with_others(&scenario);
    assert_eq!(n_errands, 1, "nobody is asked for what is over soon");
    let (slices, _) = exhaust(&scenario);
    let explored = |exploration: &Exploration| Explored {
        per_second: None,
        ..exploration.explored(&scenario)
    };
    let found = explored(&others);
    assert_eq!(found, explored(&slices));
    assert!(found.is_exhausted && found.n_executions > 300, "{found:?}");
    for group in &found.groups {
        let in_tree = |exploration: &Exploration| {
            let tree = exploration.tree();
            (0..tree.n_branches()).any(|at| tree.branch(at).outcome == Some(&group.outcome))
        };
        assert!(in_tree(&others) && in_tree(&slices), "{group:?}");
    }
}

#[wasm_bindgen_test]
fn others_are_looked_at_while_they_work_and_leave_when_it_rests() {
    // Nobody waits for the end of this one.
    let scenario = scenario("philosophers?solution=ordered&philosophers=5&meals=3");
    let mut exploration = Exploration::new(&scenario);
    let clock = clock(1.0);
    assert!(exploration.send(2).is_empty(), "it may be over soon");
    while exploration.tree().n_executions() < TREE_LIMIT {
        assert!(exploration.grow(&clock));
    }
    assert!(exploration.send(0).is_empty(), "nobody is there");
    let errands = exploration.send(2);
    assert_eq!(errands.len(), 2);
    let n = exploration.n_executions();
    assert!(exploration.grow(&clock) && exploration.is_out(), "they are at it");
    assert_eq!(exploration.n_executions(), n, "and nobody else is");
    assert!(!exploration.explored(&scenario).is_exhausted);

    exploration.rest();
    assert!(exploration.is_out(), "they may not have noticed");
    errands.into_iter().for_each(|errand| errand.work());
    assert!(exploration.collect() && !exploration.is_out());
    assert_eq!(exploration.n_executions(), n, "nobody wanted more");

    let errands = exploration.send(2);
    assert_eq!(errands.len(), 2, "it can go on");
    drop(exploration);
    let start_ms = bridge::now_ms();
    errands.into_iter().for_each(|errand| errand.work());
    assert!(bridge::now_ms() - start_ms < 5_000.0, "whoever forgets it stops it");
}

#[wasm_bindgen_test]
fn the_simplest_way_to_each_outcome_leads_there() {
    for text in [
        "lost-update?actors=2&rounds=2",
        "philosophers?solution=naive&philosophers=3&meals=1",
        "treiber-stack?variant=aba",
    ] {
        let scenario = scenario(text);
        let (mut exploration, _) = exhaust(&scenario);
        let outcomes: Vec<_> = exploration.explored(&scenario).groups;
        assert!(outcomes[0].outcome.is_bad(), "{text}");
        for group in outcomes.iter().take(4) {
            let (found, step) = way_to(&mut exploration, &group.outcome);
            assert_eq!((found.time, step), (Time::Free, usize::MAX), "{text}");
            let mut run = found.run(Config::default());
            run.finish(&mut found.scheduler());
            assert_eq!(Outcome::of(&found, &run), group.outcome, "{found}");
            let now = exploration.explored(&found);
            let seen: Vec<_> = now.groups.iter().filter(|group| group.is_seen).collect();
            assert_eq!((seen.len(), &seen[0].outcome), (1, &group.outcome), "{text}");
        }
    }
}

#[wasm_bindgen_test]
fn a_run_that_was_given_up_is_shown_at_that_step() {
    let scenario = scenario("philosophers?solution=try-lock&philosophers=2&meals=1");
    let mut exploration = Exploration::new(&scenario);
    let clock = clock(1.0);
    // There is no end to it: whoever finds the second fork taken may try again for ever.
    while !exploration.explored(&scenario).is_cut_off {
        assert!(exploration.grow(&clock));
    }
    let explored = exploration.explored(&scenario);
    rust_i18n::set_locale("en");
    let findings = Vec::new();
    let done = Explored { is_exhausted: true, n_bad: 0, findings, ..explored.clone() };
    assert!(words::answer(&done).ends_with("these are not all."), "{done:?}");
    let bad = Explored { n_bad: 1, ..done };
    assert_eq!(words::answer(&bad), "There are more, but it can go wrong.");
    let mut ends = explored.groups.into_iter().map(|group| group.outcome);
    let outcome = ends.find(|outcome| outcome.end == End::TurnLimit).unwrap();
    assert_eq!(outcome.held, None);
    let (_, step) = way_to(&mut exploration, &outcome);
    assert_eq!(step as u64, MAX_TURNS);
}

/// Finds out when the execution was decided that was looked at last.
fn decided(exploration: &mut Exploration, now: &Scenario) -> Explored {
    let clock = clock(1.0);
    while exploration.ponders() {
        let explored = exploration.explored(now);
        assert!(explored.ponders && explored.fate.is_none(), "{explored:?}");
        exploration.ponder(&clock);
    }
    exploration.explored(now)
}

#[wasm_bindgen_test]
fn what_somebody_looks_at_has_a_step_that_decided() {
    let scenario = lost_update();
    let (mut exploration, _) = exhaust(&scenario);
    let groups = exploration.explored(&scenario).groups;
    let counted: Vec<_> = groups.iter().map(|group| group.n_interleavings).collect();
    assert_eq!(counted, [Some(4), Some(2)]);
    let (bad, _) = way_to(&mut exploration, &groups[0].outcome);
    let explored = decided(&mut exploration, &bad);
    assert_eq!(
        (explored.n_interleavings, explored.n_preemptions, explored.fate),
        (Some(6), Some(1), Some(Fate::Turn(2)))
    );
    let other = exploration.explored(&scenario);
    assert_eq!((other.n_preemptions, other.fate), (None, None), "it is not what the player holds");
    let (good, _) = way_to(&mut exploration, &groups[1].outcome);
    let explored = decided(&mut exploration, &good);
    assert_eq!((explored.n_preemptions, explored.fate), (Some(0), None), "nothing went wrong");

    let program = "future-deadlock?variant=pair";
    let (mut exploration, _) = exhaust(&self::scenario(program));
    let outcome = exploration.explored(&scenario).groups[0].outcome.clone();
    let (always, _) = way_to(&mut exploration, &outcome);
    assert_eq!(decided(&mut exploration, &always).fate, Some(Fate::Always));
}

#[wasm_bindgen_test]
fn a_branch_of_the_tree_is_a_place_that_the_player_can_go_to() {
    let scenario = scenario("philosophers?solution=naive&philosophers=3&meals=1");
    let (mut exploration, _) = exhaust(&scenario);
    let tree = exploration.tree().clone();
    assert_eq!(tree.branch(0).n_executions, 7);
    for number in 0..tree.n_branches() {
        let branch = tree.branch(number);
        let schedule = exploration.visit(number).unwrap();
        let stage = Stage::model(&schedule);
        let step = branch.from + branch.turns.len();
        let (path, n) = tree.follow(stage.recording().turns(step));
        assert_eq!((path.last(), n), (Some(&number), step), "{number}");
        let explored = decided(&mut exploration, &schedule);
        let is_bad = explored.groups.iter().any(|group| group.is_seen && group.outcome.is_bad());
        assert_eq!(explored.fate.is_some(), is_bad, "{number}");
        assert!(!is_bad || branch.n_bad > 0, "{number}");
    }
}

#[wasm_bindgen_test]
fn a_branch_is_told_by_who_takes_its_turns_and_what_comes_of_it() {
    rust_i18n::set_locale(Language::En.tag());
    let (exploration, _) = exhaust(&lost_update());
    let stage = Stage::model(&lost_update());
    let told = |number| words::branch(stage.recording().names(), exploration.tree().branch(number));
    let mut all: Vec<_> = (0..exploration.tree().n_branches()).map(told).collect();
    all.sort();
    let wanted = [
        "Adder 0: load x; from here 3 executions, bad: 2",
        "Adder 0: store to x; adder 1: load x, store to x; Finished · x = 2",
        "Adder 0: store to x; adder 1: store to x; Finished wrong · x = 1",
        "Adder 1 ×2; adder 0 ×2; Finished · x = 2",
        "Adder 1: load x; from here 2 executions, bad: 2",
        "Adder 1: store to x; adder 0: store to x; Finished wrong · x = 1",
        "The beginning; from here 4 executions, bad: 2",
    ];
    assert_eq!(all, wanted);
}

#[wasm_bindgen_test]
fn the_tree_is_drawn_with_time_to_the_right_and_a_line_for_each_execution() {
    for text in [
        "lost-update?actors=2&rounds=1",
        "philosophers?solution=naive&philosophers=3&meals=2",
        "lost-update?actors=4&rounds=1",
        "peterson?variant=swapped",
    ] {
        let (exploration, _) = exhaust(&scenario(text));
        let tree = exploration.tree();
        let few = open_at_first(tree);
        let [none, all] = [false, true].map(|is_open| vec![is_open; tree.n_branches()]);
        for open in [&none, &few, &all] {
            let boughs = Boughs::new(tree, open, &|_| 1);
            let ends: Vec<_> =
                boughs.all.iter().filter(|bough| bough.is_open != Some(true)).collect();
            assert!(ends.windows(2).all(|pair| pair[0].rect.y + 1.0 < pair[1].rect.y), "{text}");
            for bough in &boughs.all {
                assert!(bough.rect.x + bough.rect.w < boughs.w, "{text}");
                assert!(bough.rect.y + bough.rect.h <= boughs.h, "{text}");
                let to = bough.marks.last().map(|mark| mark.to);
                let branch = tree.branch(bough.number);
                let end = branch.from + branch.turns.len();
                assert!(to.is_none_or(|to| to == end), "{text}");
                let n: usize = bough.marks.iter().map(|mark| mark.n).sum();
                assert_eq!(n, branch.turns.len(), "{text}");
                let mut x = 0.0;
                for mark in &bough.marks {
                    assert!(mark.x >= x && mark.w > 0.0, "{text}");
                    x = mark.x + mark.w;
                }
                assert!(x <= bough.rect.w, "{text}");
                let Some(from) = bough.from else { continue };
                assert!(from.x < bough.rect.x && from.y <= bough.rect.middle().y, "{text}");
            }
        }
        let n_ends = |open: &[bool]| {
            let boughs = Boughs::new(tree, open, &|_| 1);
            boughs.all.iter().filter(|bough| bough.is_open != Some(true)).count()
        };
        assert_eq!(n_ends(&none), 1, "{text}");
        assert_eq!(n_ends(&all), tree.branch(0).n_executions, "{text}");
        assert!(n_ends(&few) <= 16, "{text}");
        assert!(tree.n_executions() > 16 || n_ends(&few) == n_ends(&all), "{text}");
    }
}

#[wasm_bindgen_test]
fn it_is_one_of_a_program_whatever_its_schedule() {
    let now = lost_update();
    let exploration = Exploration::new(&now);
    let pick = Pick { turn: 0, actor: ActorId(1) };
    assert!(exploration.is_of(&now.branch(pick)));
    assert!(exploration.is_of(&Scenario { time: Time::Free, ..now.clone() }));
    assert!(!exploration.is_of(&Scenario { grain: Grain::Words, ..now.clone() }));
    assert!(!exploration.is_of(&Scenario { seed: 2, ..now }));
    assert!(!exploration.is_of(&scenario("lost-update?actors=2&rounds=2")));
}

#[wasm_bindgen_test]
fn exploring_is_an_intent() {
    let mut intent = Intent::new(Language::En);
    intent = intent.apply(Action::Explore(Explore::Go(true)), 0);
    assert!(intent.explores);
    let outcome = Outcome { held: Some(false), end: End::Deadlock, lines: Vec::new() };
    intent = intent.apply(Action::Explore(Explore::See(outcome.clone())), 0);
    assert_eq!(intent.sought, Some(outcome));

    let found = Scenario { time: Time::Free, ..lost_update() };
    let epoch = intent.epoch;
    intent = Intent { tab: Tab::Explore, place: Place::Threads, ..intent };
    intent = intent.apply(Action::Set(Set::Found(Box::new(found.clone()), usize::MAX)), 0);
    assert_eq!((&intent.scenario, intent.place, intent.step), (&found, Place::Model, usize::MAX));
    assert_eq!((intent.sought.as_ref(), intent.epoch), (None, epoch + 1));
    assert_eq!((intent.tab, intent.playing, intent.explores), (Tab::Explore, false, true));

    let kept = link::write(&intent, 4);
    assert!(kept.contains("time=free"), "{kept}");
    let (read, problems) = link::read(&kept, Intent::new(Language::En));
    assert_eq!((read.scenario, read.tab, problems), (found, Tab::Explore, Vec::new()));

    intent.scenario = intent.scenario.branch(Pick { turn: 1, actor: ActorId(1) });
    intent = intent.apply(Action::Set(Set::Time(Time::Virtual)), 4);
    assert_eq!((&intent.scenario, intent.step), (&lost_update(), 0));
    intent = intent.apply(Action::Set(Set::Beside(true)), 4);
    assert!(!intent.explores, "another lesson is explored when somebody wants it");
}

#[wasm_bindgen_test]
fn every_outcome_and_answer_has_its_words() {
    let ends = [
        (Some(false), End::Deadlock),
        (Some(false), End::LostWakeup),
        (Some(false), End::Assertion("it is full")),
        (Some(false), End::Misuse("not the owner")),
        (Some(false), End::Finished),
        (Some(true), End::Finished),
        (None, End::TurnLimit),
    ];
    let answers =
        [(true, false, 0), (true, true, 0), (true, false, 1), (false, false, 0), (false, false, 1)];
    for language in [Language::En, Language::Zh] {
        rust_i18n::set_locale(language.tag());
        let mut said: Vec<String> = ends
            .iter()
            .map(|&(held, end)| words::outcome(&Outcome { held, end, lines: Vec::new() }))
            .collect();
        said.extend(answers.iter().map(|&(is_exhausted, is_cut_off, n_bad)| {
            words::answer(&Explored { is_exhausted, is_cut_off, n_bad, ..Explored::default() })
        }));
        let fates = [None, Some(Fate::Always), Some(Fate::Turn(3)), Some(Fate::Unknown)];
        said.extend(fates.iter().map(|&fate| {
            let ponders = fate.is_none();
            words::fate(&Explored { fate, ponders, ..Explored::default() }, "x")
        }));
        said.extend(words::interleavings(Some(4), Some(6)));
        assert!(
            said.iter().all(|text| !text.contains("explore.") && !text.contains("%{")),
            "{said:?}"
        );
        let mut different = said.clone();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), said.len(), "{said:?}");
    }
    rust_i18n::set_locale(Language::En.tag());
    assert_eq!(words::fate(&Explored::default(), ""), "");
    let decided = Explored { fate: Some(Fate::Turn(3)), ..Explored::default() };
    assert_eq!(
        words::fate(&decided, "It falls."),
        "Up to step 2 it could still go well; step 3 decides: It falls."
    );
    let explored =
        Explored { n_executions: 1234567, n_outcomes: 3, n_bad: 1, ..Explored::default() };
    assert_eq!(
        words::announcement(&explored),
        "The exploration is at rest. There are more, but it can go wrong. \
         Executions: 1,234,567; outcomes: 3; bad: 1."
    );
    for (n, said) in [(0_u64, "0"), (999, "999"), (1000, "1,000"), (12345678, "12,345,678")] {
        assert_eq!(words::count(n), said);
    }
}

#[wasm_bindgen_test]
fn a_data_race_is_told_and_shown_where_it_is() {
    let scenario = lost_update();
    let (mut exploration, _) = exhaust(&scenario);
    let explored = exploration.explored(&scenario);
    let (finding, n) = explored.findings[0];
    assert!(finding.is_bad() && n > 0, "{finding:?}");
    let (schedule, step) = exploration.look_at(finding).unwrap();
    assert!((2..=4).contains(&step), "{step}");
    let mut run = schedule.run(Config::default());
    run.advance(&mut schedule.scheduler(), step as u64);
    assert!(!run.races().is_empty());
    rust_i18n::set_locale("en");
    let said = words::finding(&run.log().names, &finding);
    assert!(said.starts_with("Data race on x: nothing orders a "), "{said}");
}

#[wasm_bindgen_test]
fn wakeups_for_no_reason_go_with_the_grain_of_words() {
    let lesson = Set::Lesson(engine::lessons::lesson("futex-mutex").unwrap());
    let intent = Intent::new(Language::En).apply(Action::Set(lesson), 0);
    let spurious = intent.apply(Action::Set(Set::Spurious(true)), 0);
    assert!(spurious.scenario.spurious);
    let whole = spurious.apply(Action::Set(Set::Grain(Grain::Operations)), 0);
    assert!(!whole.scenario.spurious);
}
