//! Every lesson of the catalogue: it is complete, its listings fit, and what it does in the model is
//! what its Python listing does under CPython.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use engine::lessons::{Kind, Lesson, Listing, Policy, Scenario, Values, Verdict, catalogue};
use engine::log::{Ending, EventKind, Log};
use engine::model::Config;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &str) -> String {
    std::fs::read_to_string(workspace().join(file)).unwrap_or_else(|why| panic!("{file}: {why}"))
}

/// The lesson with its defaults, once for each of its variants.
fn variants(lesson: &'static Lesson) -> Vec<Values> {
    let choice = lesson.params.iter().find_map(|param| match param.kind {
        Kind::Choice { options } => Some((param.id, options)),
        Kind::Number { .. } => None,
    });
    let Some((id, options)) = choice else { return vec![Values::new(lesson)] };
    let variant = |option: &engine::lessons::Choice| {
        let mut values = Values::new(lesson);
        values.set(id, option.id).unwrap();
        values
    };
    options.iter().map(variant).collect()
}

fn run(values: &Values, policy: Policy, seed: u64) -> (Ending, Log) {
    let scenario =
        Scenario { values: values.clone(), policy, seed, ..Scenario::new(values.lesson()) };
    let mut run = scenario.run(Config { max_turns: 100_000, ..Config::default() });
    let ending = run.finish(&mut scenario.scheduler());
    (ending, run.into_log())
}

/// What a run printed, as its Python listing would.
fn outcome(lesson: &Lesson, ending: &Ending, log: &Log) -> String {
    let mut lines = (lesson.outcome)(lesson, log);
    if matches!(ending, Ending::Deadlock(_)) {
        lines.push("deadlock".to_owned());
    }
    lines.join("\n")
}

/// What a Python listing prints.
fn python(values: &Values) -> String {
    let listing = Listing::python(&read(&values.lesson().python()), values);
    let lines: Vec<_> = listing.lines.into_iter().map(|line| line.text).collect();
    let mut child = Command::new("python3")
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    child.stdin.take().unwrap().write_all(lines.join("\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}: {}", values.lesson().id, output.status);
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[test]
fn every_lesson_says_what_it_is_and_ends() {
    let mut ids = BTreeSet::new();
    for lesson in catalogue() {
        assert!(ids.insert(lesson.id), "{} is there twice", lesson.id);
        for text in [lesson.title, lesson.summary, lesson.property.text] {
            assert!(!text.en.is_empty() && !text.zh.is_ascii(), "{}: {text:?}", lesson.id);
        }
        for values in variants(lesson) {
            for seed in 0..20 {
                let (ending, log) = run(&values, Policy::Random, seed);
                let again = run(&values, Policy::Random, seed);
                assert_eq!((&ending, &log), (&again.0, &again.1), "{}: the same twice", lesson.id);
                let is_over = !matches!(ending, Ending::Paused | Ending::Stopped);
                assert!(is_over && ending != Ending::TurnLimit, "{}: {ending:?}", lesson.id);
                if let Verdict::Broken { event } = lesson.verdict(&values, &log, &ending) {
                    assert!(event < log.events.len(), "{}", lesson.id);
                }
            }
        }
    }
}

/// Every step of an actor that is written in the lesson's own file has a mark, and every mark stands
/// in both listings.
#[test]
fn every_step_has_its_line_in_both_languages() {
    for lesson in catalogue().filter(|lesson| lesson.id != "philosophers") {
        let rust = Listing::rust(&read(lesson.file));
        let python = Listing::python(&read(&lesson.python()), &Values::new(lesson));
        let marks = |listing: &Listing| -> Vec<String> {
            listing.lines.iter().filter_map(|line| line.mark.clone()).collect()
        };
        for listing in [&rust, &python] {
            let (all, unique) =
                (marks(listing), marks(listing).into_iter().collect::<BTreeSet<_>>());
            assert_eq!(all.len(), unique.len(), "{}: a mark stands once", lesson.id);
        }
        for mark in marks(&rust) {
            assert!(python.line_of(&mark).is_some(), "{}: Python has no '{mark}'", lesson.id);
        }
        for values in variants(lesson) {
            for seed in 0..10 {
                let (_, log) = run(&values, Policy::Random, seed);
                let declared = log.events.iter().filter(|e| e.kind == EventKind::Declared);
                let places = declared.filter_map(|event| log.names.place(event.place));
                for place in places.filter(|place| place.file() == lesson.file) {
                    let mark = rust.mark_at(place.line());
                    assert!(mark.is_some(), "{}: {place} has no mark", lesson.id);
                }
            }
        }
    }
}

/// What CPython prints is one of the outcomes that the model has.
#[test]
fn the_python_listings_do_what_the_model_allows() {
    std::thread::scope(|scope| {
        for lesson in catalogue() {
            // One thread a lesson: their runs mostly sleep.
            scope.spawn(move || {
                for values in variants(lesson) {
                    let printed = python(&values);
                    let found = (0..20_000).any(|seed| {
                        let policy = if seed % 2 == 0 { Policy::Random } else { Policy::Pct };
                        let (ending, log) = run(&values, policy, seed);
                        outcome(lesson, &ending, &log) == printed
                    });
                    assert!(found, "{}: the model never prints\n{printed}", lesson.id);
                }
            });
        }
    });
}
