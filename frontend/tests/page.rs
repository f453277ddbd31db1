//! The pure parts of the page, in the browser that runs them: links, intents, recordings, geometry.

use engine::lessons::{Policy, Scenario, catalogue};
use engine::log::{Activity, Event, EventKind, Log, Scene, Waits};
use engine::model::{self, Grain, Pick};
use engine::philosophers::{Phase, Tally, actions};
use engine::world::ActorId;
use frontend::geometry::{ForkAt, Layout, Point};
use frontend::intent::{Action, Intent, Language, Page, Place, Play, SPEEDS, Set, Tab, Theme};
use frontend::link;
use frontend::recording::{Frame, Recording, Tone};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

// --- links -----------------------------------------------------------------------------------

fn scenario(text: &str) -> Scenario {
    text.parse().unwrap_or_else(|invalid| panic!("{text}: {invalid}"))
}

/// Every field that a link carries, away from what a fresh page has.
fn far_from_fresh() -> Intent {
    Intent {
        scenario: scenario(
            "philosophers?solution=try-lock&philosophers=7&meals=4&think=12&eat=0&backoff=3\
             &grain=words&time=free&policy=pct&seed=18446744073709551615&picks=3.1-5.65535",
        ),
        step: 17,
        speed: SPEEDS.len() - 1,
        tab: Tab::Actions,
        theme: Theme::Dark,
        ..Intent::new(Language::Zh)
    }
}

fn read_well(link: &str) -> Intent {
    let (intent, problems) = link::read(link, Intent::new(Language::En));
    assert_eq!(problems, [], "{link}");
    intent
}

#[wasm_bindgen_test]
fn a_link_gives_back_the_very_same_intent() {
    let mut intents = vec![Intent::new(Language::En), Intent::new(Language::Zh), far_from_fresh()];
    intents.extend(Tab::ALL.map(|tab| Intent { tab, ..far_from_fresh() }));
    intents.extend(Theme::ALL.map(|theme| Intent { theme, ..far_from_fresh() }));
    intents.extend((0..SPEEDS.len()).map(|speed| Intent { speed, ..far_from_fresh() }));
    intents.push(Intent { place: Place::Threads, ..far_from_fresh() });
    for intent in intents {
        let link = link::write(&intent, intent.step);
        assert_eq!(read_well(&link), intent, "{link}");
        assert_eq!(link::write(&read_well(&link), intent.step), link, "and once more");
    }
}

#[wasm_bindgen_test]
fn an_address_without_a_link_is_a_fresh_page() {
    for address in ["", "#", "#/"] {
        assert_eq!(read_well(address), Intent::new(Language::En), "{address}");
    }
}

#[wasm_bindgen_test]
fn what_a_link_has_wrong_is_named_and_all_else_is_opened() {
    let good = "&meals=9&tab=counts";
    let cases = [
        ("solution=hope", "solution must be one of naive"),
        ("meals=61", "meals must be a whole number from 1 to 60"),
        ("philosophers=-1", "philosophers must be a whole number from 2 to 100"),
        ("step=soon", "step must be a whole number"),
        ("speed=7", "speed must be one of 1, 2, 4"),
        ("world=hell", "world must be one of model, threads"),
        ("lang=xx", "lang must be one of en, zh-CN"),
        ("theme=pink", "theme must be one of system, light, dark"),
        ("seed=one", "seed must be a whole number"),
        ("policy=none", "policy must be one of"),
        ("grain=sand", "grain must be one of"),
        ("v=9", "the schedule is of version '9'"),
        ("colour=red", "has no parameter 'colour'"),
    ];
    for (pair, said) in cases {
        let link = format!("#/philosophers?{pair}{good}");
        let (intent, problems) = link::read(&link, Intent::new(Language::En));
        assert_eq!(problems.len(), 1, "{link}: {problems:?}");
        assert!(problems[0].to_string().contains(said), "{link}: {problems:?}");
        assert_eq!(intent.tab, Tab::Counts, "{link}");
        assert_eq!(intent.scenario.values.number("meals"), 9, "{link}");
    }

    let (intent, problems) = link::read("#/quicksort?tab=counts", Intent::new(Language::En));
    assert!(problems[0].to_string().contains("there is no lesson 'quicksort'"), "{problems:?}");
    assert_eq!(
        (intent.tab, intent.scenario),
        (Tab::Counts, Scenario::new(catalogue().next().unwrap()))
    );

    let link = "#/philosophers?philosophers=100&world=threads";
    let (intent, problems) = link::read(link, Intent::new(Language::En));
    assert_eq!((problems.len(), intent.place), (1, Place::Model), "{problems:?}");
    assert_eq!(intent.scenario.values.number("philosophers"), 100);
}

#[wasm_bindgen_test]
fn a_pane_that_the_lesson_has_not_is_named_or_comes_back_with_a_lesson_that_has() {
    let (intent, problems) = link::read("#/lock?tab=actions", Intent::new(Language::En));
    let said = "tab must be one of next, source, explore, graph, counts, not 'actions'";
    assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [said]);
    assert_eq!(intent.pane(), Tab::Next);

    let set = |id| Action::Set(Set::Lesson(engine::lessons::lesson(id).unwrap()));
    let elsewhere = far_from_fresh().apply(set("lock"), 0);
    assert_eq!(elsewhere.pane(), Tab::Next);
    assert_eq!(read_well(&link::write(&elsewhere, 0)).pane(), Tab::Next, "a link to what is seen");
    assert_eq!(elsewhere.apply(set("philosophers"), 0).pane(), Tab::Actions);
}

// --- intents ---------------------------------------------------------------------------------

/// The last step of the run that the tests below pretend to watch.
const LAST: usize = 90;

fn playing() -> Intent {
    Intent { playing: true, ..far_from_fresh() }
}

#[wasm_bindgen_test]
fn another_program_begins_at_its_first_step_without_the_old_picks() {
    for set in [
        Set::Param("meals", "9".to_owned()),
        Set::Seed(2),
        Set::Policy(Policy::RoundRobin),
        Set::Grain(Grain::Operations),
        Set::Place(Place::Model),
    ] {
        let after = playing().apply(Action::Set(set.clone()), LAST);
        assert_eq!((after.step, after.playing), (0, false), "{set:?}");
        assert_eq!(after.scenario.picks, [], "{set:?}");
        assert_eq!(after.epoch, playing().epoch + 1, "{set:?}");
        assert_eq!(after.notice, None, "{set:?}");
    }
    let again = playing().apply(Action::Set(Set::Restart), LAST);
    assert_eq!(again.scenario, playing().scenario, "the same run, choices and all");
    assert_eq!((again.step, again.playing), (0, false));
}

#[wasm_bindgen_test]
fn a_value_out_of_range_is_told_and_changes_no_value() {
    for text in ["0", "61", "-1", "", "1e9", "four"] {
        let set = Set::Param("meals", text.to_owned());
        let after = Intent::new(Language::En).apply(Action::Set(set), LAST);
        assert_eq!(after.scenario.values.number("meals"), 3, "{text}");
        assert!(after.notice.is_some_and(|notice| notice.contains("from 1 to 60")), "{text}");
    }
}

#[wasm_bindgen_test]
fn a_pick_drops_the_later_ones_and_shows_what_it_did() {
    let pick = |turn, actor| Pick { turn, actor: ActorId(actor) };
    let before = Intent { step: 4, ..far_from_fresh() };
    let after = before.clone().apply(Action::Set(Set::Pick(4, ActorId(6))), LAST);
    assert_eq!(after.scenario.picks, [pick(3, 1), pick(4, 6)]);
    assert_eq!((after.step, after.playing, after.epoch), (5, false, before.epoch + 1));

    let forgotten = after.apply(Action::Set(Set::ForgetPicks), LAST);
    assert_eq!((forgotten.scenario.picks.len(), forgotten.step), (0, 5));
}

#[wasm_bindgen_test]
fn real_threads_are_watched_live_and_seat_no_more_than_they_can() {
    let to_threads = Action::Set(Set::Place(Place::Threads));
    let live = Intent::new(Language::En).apply(to_threads.clone(), LAST);
    assert_eq!((live.place, live.playing, live.notice), (Place::Threads, true, None));

    let mut crowd = Intent::new(Language::En);
    crowd.scenario = scenario("philosophers?philosophers=13");
    let refused = crowd.apply(to_threads, LAST);
    assert_eq!((refused.place, refused.playing), (Place::Model, false));
    assert!(refused.notice.is_some_and(|notice| notice.contains("12")));
}

#[wasm_bindgen_test]
fn the_player_stays_within_the_run() {
    let at = |step, playing| Intent { step, playing, ..Intent::new(Language::En) };
    let play = |before: Intent, play| {
        let after = before.apply(Action::Play(play), LAST);
        (after.step, after.playing)
    };
    assert_eq!(play(at(5, false), Play::Toggle), (5, true));
    assert_eq!(play(at(5, true), Play::Toggle), (5, false));
    assert_eq!(play(at(LAST, false), Play::Toggle), (0, true), "the end: once more");
    assert_eq!(play(at(LAST, true), Play::Toggle), (LAST, false));
    assert_eq!(play(at(5, true), Play::To(7)), (7, false), "who steps does not play");
    assert_eq!(play(at(5, false), Play::To(LAST + 9)), (LAST, false));
    assert_eq!(play(at(5, true), Play::Reached(LAST + 9)), (LAST, true));
    // A link may name a step beyond the end.
}

#[wasm_bindgen_test]
fn speed_theme_tab_and_language_leave_the_run_alone() {
    let mut intent = playing();
    for _ in 0..2 * SPEEDS.len() {
        intent = intent.apply(Action::Play(Play::Faster(false)), LAST);
    }
    assert_eq!(intent.speed, 0);
    for _ in 0..2 * SPEEDS.len() {
        intent = intent.apply(Action::Play(Play::Faster(true)), LAST);
    }
    assert_eq!(intent.speed, SPEEDS.len() - 1);

    let mut themes = Vec::new();
    for _ in Theme::ALL {
        intent = intent.apply(Action::Page(Page::Theme), LAST);
        themes.push(intent.theme);
    }
    assert_eq!(themes, [Theme::System, Theme::Light, Theme::Dark], "round and back to dark");

    intent = intent.apply(Action::Page(Page::Language), LAST);
    assert_eq!(intent.language, Language::En);
    intent = intent.apply(Action::Page(Page::Language), LAST);
    intent = intent.apply(Action::Page(Page::Tab(Tab::Counts)), LAST);
    intent = intent.apply(Action::Page(Page::Tab(Tab::Actions)), LAST);
    assert_eq!(intent, playing());
}

#[wasm_bindgen_test]
fn a_whole_link_replaces_everything_and_begins_a_run() {
    let before = playing();
    let link = Intent::new(Language::En);
    let after = before.clone().apply(Action::Set(Set::All(Box::new(link.clone()))), LAST);
    assert_eq!(after.epoch, before.epoch + 1);
    assert_eq!(Intent { epoch: link.epoch, ..after }, link);
}

// --- recordings ------------------------------------------------------------------------------

const RUNS: [&str; 4] = [
    "philosophers?solution=ordered&philosophers=5&meals=6",
    "philosophers?solution=chandy-misra&philosophers=12&meals=3&think=0&eat=0",
    "philosophers?solution=try-lock&philosophers=2&meals=3&grain=words&seed=4",
    "philosophers?solution=naive&meals=1&think=0&eat=0&policy=round-robin",
];

/// The recording of a model's run, fed a little at a time as the page feeds it, and its log.
fn of_model(scenario: &Scenario) -> (Recording, Log) {
    let mut run = scenario.run(model::Config::default());
    let mut scheduler = scenario.scheduler();
    let mut recording = Recording::new(scenario, true);
    loop {
        let turns_before = run.n_turns();
        let ending = run.advance(&mut scheduler, 7);
        recording.follow(&run.log());
        if ending != model::Ending::Paused || run.n_turns() == turns_before {
            recording.end(ending);
            return (recording, run.into_log());
        }
    }
}

/// The same as threads would have recorded it: no turns, and nobody declares anything.
fn of_threads(scenario: &Scenario) -> (Recording, Log) {
    let (_, mut log) = of_model(scenario);
    log.events.retain(|event| !matches!(event.kind, EventKind::Turn | EventKind::Declared));
    let mut recording = Recording::new(scenario, false);
    let mut part = Log { names: log.names.clone(), ..Log::default() };
    for events in log.events.chunks(11) {
        part.events.extend_from_slice(events);
        recording.follow(&part);
    }
    (recording, log)
}

fn recordings() -> impl Iterator<Item = (Scenario, Recording, Log)> {
    RUNS.into_iter().map(scenario).flat_map(|scenario| {
        [of_model(&scenario), of_threads(&scenario)]
            .map(|(recording, log)| (scenario.clone(), recording, log))
    })
}

fn n_seats(scenario: &Scenario) -> u16 {
    scenario.values.number("philosophers") as u16
}

fn fold(scenario: &Scenario, events: &[Event]) -> (Scene, Tally, Waits) {
    (Scene::of(events), Tally::of(n_seats(scenario), events), Waits::of(events))
}

#[wasm_bindgen_test]
fn the_picture_at_every_stop_is_the_fold_of_what_came_before() {
    for (scenario, recording, log) in recordings() {
        let mut position = 0;
        for stop in 0..=recording.last_stop() {
            let new = recording.events_of(stop);
            assert_eq!(new, &log.events[position..position + new.len()], "{scenario}: {stop}");
            position += new.len();
            let from_scratch = fold(&scenario, &log.events[..position]);
            let Frame { scene, tally, waits, .. } = recording.frame(stop);
            assert!((scene, tally, waits) == from_scratch, "{scenario}: stop {stop}");
        }
        if recording.is_model() {
            assert_eq!(position, log.events.len(), "{scenario}");
            assert_eq!(recording.last_stop() + 1, log.stops().len(), "{scenario}");
        }
        assert!(recording.last_stop() > 5, "{scenario}: there is something to see");
    }
}

#[wasm_bindgen_test]
fn going_back_gives_the_very_same_pictures() {
    for (scenario, recording, _) in recordings() {
        let last = recording.last_stop();
        let forward: Vec<Frame> = (0..=last).map(|stop| recording.frame(stop)).collect();
        for stop in (0..=last).rev() {
            assert!(recording.frame(stop) == forward[stop], "{scenario}: stop {stop}");
        }
        // A link may name a step beyond the end.
        assert!(recording.frame(last + 100) == forward[last], "{scenario}");
    }
}

#[wasm_bindgen_test]
fn the_homework_list_only_grows_from_stop_to_stop() {
    for (scenario, recording, log) in recordings() {
        let all = actions(&log);
        let mut n_before = 0;
        for stop in 0..=recording.last_stop() {
            let list: Vec<_> = recording.actions(stop).collect();
            assert!(list.len() >= n_before, "{scenario}: stop {stop}");
            assert!(all.starts_with(&list), "{scenario}: stop {stop}");
            n_before = list.len();
        }
        assert_eq!((n_before, recording.n_actions()), (all.len(), all.len()), "{scenario}");
    }
}

#[wasm_bindgen_test]
fn the_lanes_show_what_the_pictures_show() {
    for (scenario, recording, _) in recordings() {
        for (seat, lane) in recording.lanes().iter().enumerate() {
            assert!(lane.is_sorted_by_key(|segment| segment.from), "{scenario}: lane {seat}");
            assert!(lane.is_sorted_by_key(|segment| segment.from_ns), "{scenario}: lane {seat}");
            // In a real run the actors are born one after the other, before the first stop.
            let first = lane.first().map(|segment| segment.from);
            assert_eq!(first, Some(0), "{scenario}: lane {seat} begins at the left edge");
            for stop in 1..=recording.last_stop() {
                let Some(segment) = lane.iter().rev().find(|segment| segment.from <= stop) else {
                    panic!("{scenario}: lane {seat} has a gap at stop {stop}")
                };
                let actor = &recording.frame(stop).scene.actors[seat];
                let phase = Phase::from_number(actor.phase);
                assert_eq!(
                    segment.tone,
                    Tone::of_phase(phase),
                    "{scenario}: lane {seat}, stop {stop}"
                );
                // Between two stops of a real run somebody may be woken without being heard.
                if recording.is_model() {
                    let waits = matches!(actor.activity, Activity::Blocked(_));
                    assert_eq!(segment.waits, waits, "{scenario}: lane {seat}, stop {stop}");
                }
            }
        }
    }
}

#[wasm_bindgen_test]
fn a_stop_is_found_again_by_its_time() {
    for (scenario, recording, _) in recordings() {
        let last = recording.last_stop();
        assert!((0..=last).map(|stop| recording.time_ns(stop)).is_sorted(), "{scenario}");
        for stop in 0..=last {
            let time_ns = recording.time_ns(stop);
            let found = recording.stop_at(time_ns);
            assert!(found <= last, "{scenario}: stop {stop}");
            // Several stops may share a moment; the one found is not past it.
            assert!(recording.time_ns(found) <= time_ns, "{scenario}: stop {stop} gave {found}");
        }
        assert_eq!(recording.stop_at(u64::MAX), last, "{scenario}");
    }
}

// --- geometry --------------------------------------------------------------------------------

fn distance(a: Point, b: Point) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// How far to the right of `seat` a point lies for one who sits there and looks at the middle.
fn to_the_right(seat: Point, point: Point) -> f64 {
    // y grows downward: who looks up (0, −1) has the right hand at (1, 0).
    let (ahead_x, ahead_y) = (-seat.x, -seat.y);
    (point.x - seat.x) * -ahead_y + (point.y - seat.y) * ahead_x
}

#[wasm_bindgen_test]
fn a_fork_on_the_table_lies_between_its_two_neighbours() {
    for n in 2..=100 {
        let layout = Layout::new(n);
        for idx in 0..n {
            let (right_one, left_one) = (idx, (idx + n - 1) % n);
            let (fork, _) = layout.fork(idx, ForkAt::Table);
            let to = |seat| distance(fork, layout.seat(seat));
            assert!((to(right_one) - to(left_one)).abs() < 1e-6, "{n}: fork {idx}");
            let others = (0..n).filter(|seat| ![right_one, left_one].contains(seat));
            assert!(others.into_iter().all(|seat| to(seat) > to(idx)), "{n}: fork {idx}");
            assert!(to_the_right(layout.seat(right_one), fork) > 0.0, "{n}: fork {idx}");
            assert!(to_the_right(layout.seat(left_one), fork) < 0.0, "{n}: fork {idx}");
        }
    }
}

#[wasm_bindgen_test]
fn a_fork_in_a_hand_is_at_that_hand_of_its_holder() {
    for n in 2..=100 {
        let layout = Layout::new(n);
        for seat in 0..n {
            let (right, left) = (seat, (seat + 1) % n);
            let at = layout.seat(seat);
            for (fork, place) in [(right, ForkAt::RightOf(seat)), (left, ForkAt::LeftOf(seat))] {
                let (held, _) = layout.fork(fork, place);
                let side = to_the_right(at, held);
                let is_right = matches!(place, ForkAt::RightOf(_));
                assert!(if is_right { side > 0.0 } else { side < 0.0 }, "{n}: {place:?}");
                let nearest = (0..n)
                    .min_by(|a, b| {
                        let to = |idx: u16| distance(held, layout.seat(idx));
                        to(*a).total_cmp(&to(*b))
                    })
                    .expect("somebody sits here");
                assert_eq!(nearest, seat, "{n}: {place:?}");
                let (on_table, _) = layout.fork(fork, ForkAt::Table);
                let moved = distance(held, at) < distance(on_table, at);
                assert!(moved, "{n}: {place:?} is nearer than on the table");
            }
        }
    }
}

#[wasm_bindgen_test]
fn seats_never_overlap_and_fit_into_the_drawing() {
    for n in 2..=100 {
        let layout = Layout::new(n);
        let radius = layout.seat_radius();
        for idx in 0..n {
            let (seat, next) = (layout.seat(idx), layout.seat((idx + 1) % n));
            assert!(distance(seat, next) > 2.0 * radius, "{n}: seats {idx} and the next");
            assert!(seat.x.abs().max(seat.y.abs()) + radius < layout.reach(), "{n}: seat {idx}");
        }
    }
}

#[wasm_bindgen_test]
fn an_arrow_has_no_number_that_cannot_be_drawn() {
    for n in 2..=40 {
        let layout = Layout::new(n);
        for (from, to) in (0..n).flat_map(|a| (0..n).map(move |b| (a, b))) {
            if from != to {
                let arrow = layout.arrow(from, to);
                let mut numbers = arrow.split(|c: char| !"0123456789.-".contains(c));
                assert_eq!(numbers.next(), Some(""), "{arrow}");
                let numbers: Vec<f64> = numbers.map(|n| n.parse().unwrap()).collect();
                assert_eq!(numbers.len(), 6, "{arrow}");
                assert!(numbers.iter().all(|number| number.abs() < layout.reach()), "{arrow}");
            }
        }
    }
}
