//! The gallery, the pictures in it, and where everybody is in the source: the pure parts.

use engine::lessons::{Lesson, Listing, Scenario, Values, catalogue, lesson};
use engine::model;
use engine::world::ActorId;
use frontend::gallery::{beside, found};
use frontend::intent::{Action, Intent, Language, Page, Place, Set, Tab, Theme};
use frontend::link;
use frontend::recording::Recording;
use frontend::source::{Tongue, line_in, spots, taken, url};
use frontend::syntax::{Ink, pieces};
use frontend::thumb::{SIZE, Thumb};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn the(id: &str) -> &'static Lesson {
    lesson(id).unwrap_or_else(|invalid| panic!("{invalid}"))
}

// --- finding a lesson ------------------------------------------------------------------------

fn ids(query: &str) -> Vec<&'static str> {
    let families = found(query).into_iter();
    families.flat_map(|(_, lessons)| lessons).map(|lesson| lesson.id).collect()
}

#[wasm_bindgen_test]
fn without_a_word_every_lesson_is_there_once_and_in_order() {
    let all: Vec<_> = catalogue().map(|lesson| lesson.id).collect();
    assert_eq!(ids(""), all);
    assert_eq!(ids("  "), all);
    for (family, lessons) in found("") {
        assert!(lessons.iter().all(|lesson| lesson.family == family));
    }
}

#[wasm_bindgen_test]
fn a_lesson_is_found_by_id_title_and_summary_in_both_languages() {
    for lesson in catalogue() {
        for query in [lesson.id, lesson.title.en, lesson.title.zh, lesson.summary.en] {
            assert!(ids(query).contains(&lesson.id), "{query}");
            assert!(ids(&query.to_uppercase()).contains(&lesson.id), "{query} in capitals");
        }
    }
    assert_eq!(ids("philosopher dining"), ["philosophers"], "words in any order");
    assert_eq!(ids("哲学家"), ["philosophers"]);
    assert!(ids("lost load").contains(&"lost-update"));
    assert!(!ids("lost load").contains(&"philosophers"), "all words, not one of them");
    assert_eq!(ids("no lesson says this").len(), 0);
}

#[wasm_bindgen_test]
fn the_neighbours_lead_through_all_lessons_and_back() {
    let all: Vec<_> = catalogue().collect();
    assert_eq!(beside(all[0], false), None);
    assert_eq!(beside(all[all.len() - 1], true), None);
    for pair in all.windows(2) {
        assert_eq!(beside(pair[0], true), Some(pair[1]));
        assert_eq!(beside(pair[1], false), Some(pair[0]));
    }
}

// --- choosing one ----------------------------------------------------------------------------

fn somewhere() -> Intent {
    let scenario = "philosophers?meals=9&grain=words&policy=pct&seed=7&picks=3.1";
    Intent {
        scenario: scenario.parse().unwrap_or_else(|invalid| panic!("{invalid}")),
        step: 17,
        playing: true,
        speed: 2,
        tab: Tab::Source,
        tongue: Tongue::Python,
        follow: Some(ActorId(3)),
        theme: Theme::Dark,
        gallery: true,
        notice: Some("old".to_owned()),
        ..Intent::new(Language::Zh)
    }
}

#[wasm_bindgen_test]
fn another_lesson_begins_as_it_comes_on_the_same_page() {
    let before = somewhere();
    let after = before.clone().apply(Action::Set(Set::Lesson(the("lost-update"))), 90);
    let kept = Intent {
        scenario: Scenario::new(the("lost-update")),
        step: 0,
        playing: false,
        follow: None,
        gallery: false,
        notice: None,
        epoch: before.epoch + 1,
        ..before.clone()
    };
    assert_eq!(after, kept);

    let threads = Intent { place: Place::Threads, ..before };
    let live = threads.apply(Action::Set(Set::Lesson(the("lost-update"))), 90);
    assert_eq!((live.place, live.playing), (Place::Threads, true), "it can, so it does");
}

#[wasm_bindgen_test]
fn beyond_the_last_lesson_nothing_changes() {
    let first = somewhere();
    assert_eq!(first.clone().apply(Action::Set(Set::Beside(false)), 90), first);
    let second = first.apply(Action::Set(Set::Beside(true)), 90);
    assert_eq!(Some(second.scenario.lesson()), catalogue().nth(1));
}

#[wasm_bindgen_test]
fn what_the_source_shows_is_in_the_link() {
    for tongue in Tongue::ALL {
        for follow in [None, Some(ActorId(0)), Some(ActorId(4))] {
            let page = [Page::Tongue(tongue), Page::Follow(follow), Page::Tab(Tab::Source)];
            let intent = page.into_iter().fold(Intent::new(Language::Zh), |intent, page| {
                intent.apply(Action::Page(page), 9)
            });
            let link = link::write(&intent, 0);
            let (read, problems) = link::read(&link, Intent::new(Language::En));
            assert_eq!((read, problems), (intent, vec![]), "{link}");
        }
    }
}

#[wasm_bindgen_test]
fn the_name_of_a_lesson_alone_is_a_link() {
    for lesson in catalogue() {
        for link in [format!("#{}", lesson.id), format!("#/{}", lesson.id)] {
            let (read, problems) = link::read(&link, Intent::new(Language::En));
            assert_eq!((read.scenario, problems), (Scenario::new(lesson), vec![]), "{link}");
        }
    }
}

// --- pictures --------------------------------------------------------------------------------

#[wasm_bindgen_test]
fn every_lesson_has_a_picture_that_fits_and_is_always_the_same() {
    for lesson in catalogue() {
        let thumb = Thumb::of(lesson);
        assert_eq!(Thumb::of(lesson), thumb, "{}", lesson.id);
        assert!(!thumb.0[4].is_empty(), "{}: somebody does something", lesson.id);
        for start in thumb.0.iter().flat_map(|path| path.split('M').skip(1)) {
            let numbers = start.split(|c: char| !"0123456789.".contains(c));
            let numbers: Vec<f64> = numbers.filter_map(|number| number.parse().ok()).collect();
            let [x, bottom, wide, up, back] = numbers[..] else { panic!("{start}") };
            assert!(wide >= 0.0 && wide == back && x + wide <= SIZE[0] + 0.2, "{start}");
            assert!(up >= 0.0 && bottom - up >= 0.0 && bottom <= SIZE[1], "{start}");
        }
    }
}

// --- the source ------------------------------------------------------------------------------

const RUST: &str = include_str!("../../engine/src/lessons/threads/lost_update.rs");
const PYTHON: &str = include_str!("../../engine/src/lessons/threads/lost_update.py");

fn recorded(text: &str) -> Recording {
    let scenario: Scenario = text.parse().unwrap_or_else(|invalid| panic!("{invalid}"));
    let mut run = scenario.run(model::Config::default());
    let ending = run.finish(&mut scenario.scheduler());
    let mut recording = Recording::new(&scenario, true);
    recording.follow(&run.log());
    recording.end(ending);
    recording
}

#[wasm_bindgen_test]
fn everybody_is_at_a_line_that_both_listings_have() {
    let values = Values::new(the("lost-update"));
    let (rust, python) = (Listing::rust(RUST), Listing::python(PYTHON, &values));
    let recording = recorded("lost-update?actors=3&rounds=2");
    let mut before: Vec<(ActorId, String)> = Vec::new();
    for stop in 0..=recording.last_stop() {
        let scene = recording.frame(stop).scene;
        let spots = spots(&scene, recording.names());
        let lines: Vec<_> = spots
            .iter()
            .map(|spot| {
                let rust_line = line_in(*spot, &rust, None).expect("it is in the listing");
                let python_line = line_in(*spot, &rust, Some(&python)).expect("so is its sibling");
                let text = |listing: &Listing, number| {
                    let line = listing.lines.iter().find(|line| line.number == number);
                    line.map(|line| line.text.clone()).unwrap_or_default()
                };
                let is_load = text(&rust, rust_line).contains("x.load");
                assert_eq!(text(&python, python_line).contains("seen = x"), is_load);
                (spot.actor, text(&rust, rust_line))
            })
            .collect();
        let n_left = 3 - scene.actors.iter().filter(|actor| actor.declared.is_none()).count();
        assert_eq!(lines.len(), n_left, "stop {stop}");

        // The step to here was taken at the line that its actor stood at before.
        let took = taken(&recording, stop);
        assert_eq!(took.is_some(), stop > 0, "stop {stop}");
        if let Some(took) = took {
            let line = line_in(took, &rust, None);
            let was = before.iter().find(|(actor, _)| *actor == took.actor).expect("it was there");
            let shown = rust.lines.iter().find(|shown| Some(shown.number) == line);
            assert_eq!(shown.map(|shown| &shown.text), Some(&was.1), "stop {stop}");
        }
        before = lines;
    }
}

#[wasm_bindgen_test]
fn nobody_takes_the_steps_of_the_clock() {
    let recording = recorded("philosophers?solution=ordered&meals=1");
    let clock = (1..=recording.last_stop()).filter(|stop| {
        recording.events_of(*stop).first().is_some_and(|e| e.actor == ActorId::CLOCK)
    });
    for stop in clock {
        assert_eq!(taken(&recording, stop), None, "stop {stop}");
    }
    let files: Vec<_> = (1..=recording.last_stop())
        .filter_map(|stop| taken(&recording, stop))
        .map(|spot| url(spot.place.file()))
        .collect();
    assert!(files.iter().all(|file| file.starts_with("source/philosophers/")), "{files:?}");
}

// --- colours ---------------------------------------------------------------------------------

#[wasm_bindgen_test]
fn colours_leave_every_letter_where_it_is() {
    for (text, tongue) in [(RUST, Tongue::Rust), (PYTHON, Tongue::Python)] {
        let mut open = None;
        for line in text.lines() {
            let said: String =
                pieces(line, tongue, &mut open).iter().map(|(_, text)| *text).collect();
            assert_eq!(said, line);
        }
        assert_eq!(open, None, "every string is closed");
    }
}

#[wasm_bindgen_test]
fn comments_strings_and_keywords_are_told_apart() {
    let inks = |line, tongue, open: &mut Option<&'static str>| {
        let said: Vec<_> =
            pieces(line, tongue, open).into_iter().filter(|(ink, _)| *ink != Ink::Plain).collect();
        said
    };
    let none = &mut None;
    assert_eq!(
        inks("x = '# no' + \"a\\\"b\"  # yes", Tongue::Python, none),
        [(Ink::Text, "'# no'"), (Ink::Text, "\"a\\\"b\""), (Ink::Comment, "# yes")]
    );
    assert_eq!(inks("fn formal<'a>(informal: u8)", Tongue::Rust, none), [(Ink::Keyword, "fn")]);
    assert_eq!(inks("\"goes \\", Tongue::Rust, none), [(Ink::Text, "\"goes \\")]);
    assert_eq!(inks("  on\"; // so", Tongue::Rust, none)[0], (Ink::Text, "  on\""));
    assert_eq!(inks("def 你好(): pass", Tongue::Python, &mut None).len(), 2);
}
