//! Every lesson of the catalogue: it is complete, its listings fit, and what it does in the model is
//! what its Python listing does under CPython.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::lessons::{
    Check, Kind, Lesson, Listing, MAX_ACTORS, Plan, Policy, Scenario, Values, Verdict, catalogue,
    lesson, translated,
};
use engine::log::{Ending, Event, EventKind, Log, Scene};
use engine::model::{Config, Grain, Scheduler, View};
use engine::real::{self, Recorded};
use engine::world::ActorId;
use everywhere::twice;

mod everywhere;
mod homework;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &str) -> String {
    std::fs::read_to_string(workspace().join(file)).unwrap_or_else(|why| panic!("{file}: {why}"))
}

/// The lesson with its defaults, once for each of its variants.
fn variants(lesson: &'static Lesson) -> Vec<Values> {
    let choice = lesson.params.iter().find_map(|param| match param.kind {
        Kind::Choice { options, .. } => Some((param.id, options)),
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

/// The policies under which each lesson comes to its end.
const POLICIES: [Policy; 2] = [Policy::Random, Policy::Pct];

fn run(values: &Values, policy: Policy, seed: u64) -> (Ending, Log) {
    let scenario =
        Scenario { values: values.clone(), policy, seed, ..Scenario::new(values.lesson()) };
    let mut run = scenario.run(Config { max_turns: 100_000, ..Config::default() });
    let ending = twice(&mut run, |run| run.finish(&mut scenario.scheduler()));
    (ending, run.into_log())
}

/// Whatever can be set changes something, for one of a few seeds; and what is said to mean nothing does
/// not.
#[test]
fn every_number_matters_where_it_is_said_to() {
    const SEEDS: std::ops::Range<u64> = 1..9;
    let log = |values: &Values, seed| run(values, Policy::Random, seed).1;
    for mut values in catalogue().flat_map(variants) {
        let lesson = values.lesson();
        for param in lesson.params {
            let Kind::Number { min, max, default, .. } = param.kind else { continue };
            // Not always the largest: some runs would take long.
            let others = [min, default + 1, (2 * default).max(2), default + 3];
            let others: BTreeSet<u32> = others.into_iter().filter(|n| *n <= max).collect();
            let before: Vec<Log> = SEEDS.map(|seed| log(&values, seed)).collect();
            let is_changed = others.into_iter().any(|other| {
                values.set(param.id, &other.to_string()).unwrap();
                SEEDS.zip(&before).any(|(seed, before)| log(&values, seed) != *before)
            });
            values.set(param.id, &default.to_string()).unwrap();
            let scenario = Scenario { values: values.clone(), ..Scenario::new(lesson) };
            let (id, says) = (param.id, values.matters(param));
            assert_eq!(is_changed, says, "{scenario}: some run changes with {id} / it says so");
        }
    }
}

/// What a run printed, as its Python listing would.
fn outcome(lesson: &Lesson, ending: &Ending, log: &Log) -> String {
    let mut lines = (lesson.outcome)(lesson, log);
    if matches!(ending, Ending::Deadlock(_)) {
        lines.push("deadlock".to_owned());
    }
    lines.join("\n")
}

/// The command of a Python of version 3.13 or later, if there is one.
fn newest_python() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv/versions"));
    let versions = home.and_then(|versions| versions.read_dir().ok()).into_iter().flatten();
    let pyenv = versions.filter_map(|version| Some(version.ok()?.path().join("bin/python3")));
    let named = ["python3.13", "python3.14", "python3"].map(PathBuf::from).into_iter();
    let is_new = |python: &PathBuf| {
        let test = "import sys; sys.exit(sys.version_info < (3, 13))";
        let status = Command::new(python).args(["-c", test]).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    named.chain(pyenv).find(is_new)
}

/// The scenarios whose Python listing needs version 3.13 or later begin like this.
const NEEDS_PYTHON_3_13: &str = "queue?variant=shutdown";

/// CPython prints a line and its end in two steps; another thread may print between them.
const PRINT_WHOLE_LINES: &str =
    "import sys; print = lambda *words: sys.stdout.write(' '.join(map(str, words)) + '\\n')\n";

/// The Python listing, if there is one.
fn python_listing(values: &Values) -> Option<Listing> {
    Some(Listing::python(&read(&values.lesson().python()?), values))
}

/// What a Python listing prints.
fn python(command: &Path, values: &Values) -> String {
    let listing = python_listing(values).unwrap();
    let lines: Vec<_> = listing.lines.into_iter().map(|line| line.text).collect();
    let mut child = Command::new(command)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let program = [PRINT_WHOLE_LINES, &lines.join("\n")].concat();
    child.stdin.take().unwrap().write_all(program.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}: {}", values.lesson().id, output.status);
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

fn values_of(scenario: &str) -> Values {
    scenario.parse::<Scenario>().unwrap_or_else(|why| panic!("{scenario}: {why}")).values
}

/// Every line of what the lessons say that they print, and every variant of the dinner.
fn listed() -> Vec<Listed> {
    let of_lesson = |lesson: &'static Lesson| -> Vec<Listed> {
        let rows = lesson.allowed().iter().map(|(values, outcomes)| {
            let name = format!("{}?{values}", lesson.id);
            let outcomes = outcomes.iter().map(|outcome| outcome.replace('|', "\n")).collect();
            Listed { values: values_of(&name), name, allowed: Some(outcomes) }
        });
        let dinners = variants(lesson).into_iter().map(|values| {
            let scenario = Scenario { values: values.clone(), ..Scenario::new(lesson) };
            Listed { name: scenario.to_string(), values, allowed: None }
        });
        if lesson.id == "philosophers" { dinners.collect() } else { rows.collect() }
    };
    catalogue().flat_map(of_lesson).collect()
}

/// Whether a philosophers' list, and perhaps `deadlock` below it, is one that may come out.
///
/// # Errors
/// Says what is wrong.
fn judge_dinner(values: &Values, printed: &str) -> Result<(), String> {
    let (philosophers, meals) = (values.number("philosophers"), values.number("meals"));
    let (list, is_stuck) = match printed.split_once('\n') {
        None => (printed, false),
        Some((list, "deadlock")) if values.choice("solution").id == "naive" => (list, true),
        Some((_, rest)) => return Err(format!("not expected: {rest}")),
    };
    let mut list: Vec<[u32; 3]> = serde_json::from_str(list).map_err(|why| why.to_string())?;
    if is_stuck {
        // Where everybody holds the left fork, they can put it down and eat one after the other.
        let eaten = |who| list.iter().filter(|[by, _, what]| (*by, *what) == (who, 3)).count();
        let left: Vec<_> = (0..philosophers).map(|who| meals as usize - eaten(who)).collect();
        list.extend((0..philosophers).map(|who| [who, 1, 2]));
        for (who, left) in (0..philosophers).zip(left) {
            let meal = [[1, 1], [2, 1], [0, 3], [1, 2], [2, 2]];
            let meals = std::iter::repeat_n(meal, left).flatten();
            list.extend(meals.map(|[fork, action]| [who, fork, action]));
        }
    }
    homework::judge(&list, philosophers, meals)
}

#[test]
fn every_lesson_says_what_it_is_and_ends() {
    let first = catalogue().next().map(|lesson| lesson.id);
    assert_eq!(
        first,
        Some("philosophers"),
        "the page opens with them, before it has all of its code"
    );
    let (mut ids, mut places) = (BTreeSet::new(), BTreeSet::new());
    for lesson in catalogue() {
        assert!(ids.insert(lesson.id), "{} is there twice", lesson.id);
        let family = format!("{:?}", lesson.family).to_lowercase();
        let file = format!("engine/src/lessons/{family}/{}.rs", lesson.id.replace('-', "_"));
        assert_eq!(lesson.file, file, "the folder is the family, and the file is the id");
        let is_free = places.insert((family, lesson.place));
        assert!(is_free, "{}: another lesson has place {}", lesson.id, lesson.place);
        for text in [lesson.title, lesson.summary, lesson.property.text] {
            assert!(!text.en.is_empty() && !text.zh.is_ascii(), "{}: {text:?}", lesson.id);
        }
        for values in variants(lesson) {
            for seed in 0..20 {
                let (ending, log) = run(&values, Policy::Random, seed);
                let is_over = !matches!(ending, Ending::Paused | Ending::Stopped);
                assert!(is_over && ending != Ending::TurnLimit, "{}: {ending:?}", lesson.id);
                if let Verdict::Broken { event } = lesson.verdict(&values, &log, &ending) {
                    assert!(event < log.events.len(), "{}", lesson.id);
                }
            }
        }
    }
}

/// A lesson translates the names that it has, in some variant, and no two translate one name differently.
#[test]
fn a_lesson_translates_its_own_names() {
    for lesson in catalogue() {
        let logs = variants(lesson).into_iter().map(|values| run(&values, Policy::Random, 1).1);
        let names: BTreeSet<&str> = logs
            .flat_map(|log| {
                let objects = log.names.objects.into_iter().map(|(_, label)| label);
                log.names.actors.into_iter().chain(objects).map(|label| label.name)
            })
            .collect();
        for text in lesson.names {
            assert!(names.contains(text.en), "{} has no '{}'", lesson.id, text.en);
            assert_eq!(translated(text.en), Some(*text), "{}", lesson.id);
        }
    }
}

/// What a lesson claims is no matter of course: in each of its variants some run does not keep it, or one
/// with an event left out or with another value or text in it would not, or one of another variant.
#[test]
fn every_property_can_be_broken() {
    let breaks = |values: &Values, seed| {
        let lesson = values.lesson();
        let breaks_in = |(ending, log): &(Ending, Log)| {
            matches!(lesson.verdict(values, log, ending), Verdict::Broken { .. })
        };
        let (ending, log) = run(values, Policy::Random, seed);
        let is_broken =
            |events: Vec<Event>| breaks_in(&(ending.clone(), Log { events, ..log.clone() }));
        let texts = log.events.iter().filter(|event| event.kind == EventKind::Printed);
        let texts: BTreeSet<u16> = texts.map(|event| event.place).collect();
        let is_broken_at = |idx: usize| {
            let with = |change: &dyn Fn(&mut Vec<Event>)| {
                let mut events = log.events.clone();
                change(&mut events);
                is_broken(events)
            };
            with(&|events| events.truncate(idx))
                || with(&|events| _ = events.remove(idx))
                || with(&|events| events[idx].value = events[idx].value.wrapping_add(1))
                || texts.iter().any(|text| with(&|events| events[idx].place = *text))
        };
        let of_another = |other: &Values| breaks_in(&run(other, Policy::Random, seed));
        is_broken(log.events.clone())
            || (0..log.events.len()).any(is_broken_at)
            || variants(lesson).iter().any(of_another)
    };
    for values in catalogue().flat_map(variants) {
        let can_break = (0..20).any(|seed| breaks(&values, seed));
        let scenario = Scenario { values: values.clone(), ..Scenario::new(values.lesson()) };
        assert!(can_break, "nothing breaks what is claimed of {scenario}");
    }
}

#[test]
fn nothing_is_said_of_a_run_of_which_not_all_is_known() {
    let values = values_of("philosophers?solution=ordered");
    let (ending, mut log) = run(&values, Policy::Random, 1);
    let verdict = |log: &Log| values.lesson().verdict(&values, log, &ending);
    assert_eq!(verdict(&log), Verdict::Holds);
    log.events.retain(|event| event.kind != EventKind::Phase);
    assert!(matches!(verdict(&log), Verdict::Broken { .. }));
    log.n_lost = 1;
    assert_eq!(verdict(&log), Verdict::Open);
}

/// Every step of an actor that is written in the lesson's own file has a mark, and every mark stands
/// in both listings.
#[test]
fn every_step_has_its_line_in_both_languages() {
    for lesson in catalogue().filter(|lesson| lesson.id != "philosophers") {
        let rust = Listing::rust(&read(lesson.file));
        let python = python_listing(&Values::new(lesson));
        let marks = |listing: &Listing| -> Vec<String> {
            listing.lines.iter().filter_map(|line| line.mark.clone()).collect()
        };
        for listing in python.iter().chain([&rust]) {
            let (all, unique) =
                (marks(listing), marks(listing).into_iter().collect::<BTreeSet<_>>());
            assert_eq!(all.len(), unique.len(), "{}: a mark stands once", lesson.id);
        }
        let marked = rust.lines.iter().filter(|line| line.mark.is_some());
        let marked: Vec<u32> = marked.map(|line| line.number).collect();
        let known = lesson.marked().iter().copied().map(u32::from);
        assert_eq!(known.collect::<Vec<_>>(), marked, "{}", lesson.id);
        if let Some(python) = &python {
            let mut odd = marks(&rust);
            odd.extend(marks(python));
            odd.retain(|mark| rust.line_of(mark).is_none() || python.line_of(mark).is_none());
            assert!(odd.is_empty(), "{}: marks of only one language: {odd:?}", lesson.id);
            for param in lesson.params {
                let constant = format!("{} = ", param.id.to_uppercase().replace('-', "_"));
                let is_there = python.lines.iter().any(|line| line.text.starts_with(&constant));
                assert!(is_there, "{}: Python does not begin a line with '{constant}'", lesson.id);
            }
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

/// No execution that is known has been at one of them.
#[test]
fn a_check_says_which_lines_nobody_came_to() {
    let challenges = catalogue().filter_map(|lesson| lesson.challenge.as_ref());
    let mut n_unreached = 0;
    for challenge in challenges {
        let start = challenge.start();
        let lesson = start.lesson();
        for choice in challenge.choices() {
            let mut scenario = start.clone();
            scenario.values.set(challenge.mend, choice.id).unwrap();
            let mut check = Check::new(&scenario, Plan::Classes, 200);
            assert!(check.next() && check.unreached().is_empty(), "there may be more");
            while check.n_executions() < 2_000 && check.next() {}
            if !check.is_done() {
                continue;
            }
            let unreached = check.unreached();
            let is_unreached = |line: u32| unreached.iter().any(|lines| lines.contains(&line));
            for (_, found) in check.outcomes() {
                let mut run = scenario.run(Config { explored: true, ..Config::default() });
                found.order.iter().for_each(|actor| run.turn(*actor).unwrap());
                let log = run.log();
                let own = log.names.places().iter().filter(|place| place.file() == lesson.file);
                own.for_each(|place| assert!(!is_unreached(place.line()), "{scenario}: {place}"));
            }
            n_unreached += unreached.len();
        }
    }
    assert!(n_unreached > 20, "{n_unreached}");
}

/// The philosophers' steps are written in files of their own, one for each solution.
#[test]
fn the_philosophers_lines_are_in_python_too() {
    let lesson = lesson("philosophers").unwrap();
    let python = python_listing(&Values::new(lesson)).unwrap();
    for values in variants(lesson) {
        let (solution, (_, log)) = (values.choice("solution").id, run(&values, Policy::Random, 1));
        let declared = log.events.iter().filter(|e| e.kind == EventKind::Declared);
        for place in declared.filter_map(|event| log.names.place(event.place)) {
            let rust = Listing::rust(&read(place.file()));
            let line = rust.mark_at(place.line()).and_then(|mark| python.line_of(mark));
            assert!(line.is_some(), "{solution}: {place} is not in Python");
        }
    }
}

#[test]
fn every_variant_has_its_outcomes_listed() {
    let listed = listed();
    for values in catalogue().flat_map(variants) {
        let is_listed = listed.iter().any(|listed| listed.values == values);
        let scenario = Scenario { values: values.clone(), ..Scenario::new(values.lesson()) };
        assert!(is_listed, "what {scenario} prints is not listed");
    }
}

/// What comes out under many schedules is what the lesson says: no more, and all of it.
#[test]
fn the_model_has_exactly_the_outcomes_that_are_listed() {
    for Listed { name: scenario, values, allowed } in listed() {
        let Some(allowed) = allowed else { continue };
        let mut found = BTreeSet::new();
        for seed in 0..20_000 {
            if seed >= 1_000 && found == allowed {
                break;
            }
            for policy in POLICIES {
                let (ending, log) = run(&values, policy, seed);
                let outcome = outcome(values.lesson(), &ending, &log);
                let schedule = format!("policy={}&seed={seed}", policy.id());
                assert!(allowed.contains(&outcome), "{scenario}, {schedule}: it prints\n{outcome}");
                found.insert(outcome);
            }
        }
        assert_eq!(found, allowed, "{scenario}");
    }
}

/// What CPython prints is one of the outcomes that the model has.
#[test]
fn the_python_listings_do_what_the_model_allows() {
    let newest = newest_python();
    if newest.is_none() {
        eprintln!("there is no Python 3.13 here; not run: {NEEDS_PYTHON_3_13}");
    }
    let can_run = |Listed { name, values, .. }: &Listed| {
        let is_new = name.starts_with(NEEDS_PYTHON_3_13);
        values.lesson().python().is_some() && (newest.is_some() || !is_new)
    };
    let command = newest.as_deref().unwrap_or(Path::new("python3"));

    let listed = listed().into_iter().filter(can_run).collect();
    // A listing calls it a deadlock when it has lost its patience.
    let lost_patience = |printed: &str| printed.ends_with("deadlock");
    check_all(listed, |values| python(command, values), lost_patience);
}

/// What comes out on real threads is one of the outcomes that the model has.
#[test]
fn real_threads_do_what_the_model_allows() {
    let print = |values: &Values| {
        let setup = |world: &Recorded| values.lesson().on_threads(values, world);
        let run = real::Run::start(real::Threads, real::Config::default(), setup);
        let (ending, log) = run.join_with_log();
        assert_eq!(log.n_lost, 0);
        outcome(values.lesson(), &ending, &log)
    };
    check_all(listed(), print, |_| false);
}

/// One call after another takes the sum of their times, and through a pool the longest.
#[test]
fn a_pool_takes_as_long_as_the_longest_call() {
    let took = |variant: &str| {
        let (ending, log) =
            run(&values_of(&format!("web-server?variant={variant}")), Policy::Random, 1);
        assert_eq!(ending, Ending::Finished);
        log.events.last().unwrap().time_ns / 1_000_000
    };
    assert_eq!(["sequence", "pool"].map(took), [50 + 100 + 150, 150]);
}

/// Whoever has a thread for each of so many can run every lesson, whatever is set.
#[test]
fn no_lesson_has_more_actors_than_it_may() {
    let mut most = 0;
    for mut values in catalogue().flat_map(variants) {
        for param in values.lesson().params {
            if let Kind::Number { max, unit: "", .. } = param.kind {
                values.set(param.id, &max.to_string()).unwrap();
            }
        }
        let (_, log) = run(&values, Policy::Random, 1);
        let n_actors = log.names.actors.len();
        assert!(n_actors <= MAX_ACTORS, "{} has {n_actors} actors", values.lesson().id);
        most = most.max(n_actors);
    }
    assert!(2 * most > MAX_ACTORS, "{most} are the most: there is no need for so many");
}

/// Checks what is printed; what `excuses` says yes to may come out on a busy machine.
fn check_all(
    listed: Vec<Listed>,
    print: impl Fn(&Values) -> String + Sync,
    excuses: impl Fn(&str) -> bool + Sync,
) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        // They mostly sleep, but too many at once would be late for their own appointments.
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(listed) = listed.get(next.fetch_add(1, Ordering::Relaxed)) {
                    listed.check(|| print(&listed.values), &excuses);
                }
            });
        }
    });
}

/// How often a listing or a run may be late. Where a machine is busy with something else, it may be so for
/// a while.
const N_TRIES: u32 = 60;

/// A lesson's values, and what may come out; `None`: any dinner.
struct Listed {
    name: String,
    values: Values,
    allowed: Option<BTreeSet<String>>,
}

impl Listed {
    fn check(&self, print: impl Fn() -> String, excuses: impl Fn(&str) -> bool) {
        let Some(allowed) = &self.allowed else {
            assert_eq!(judge_dinner(&self.values, &print()), Ok(()), "{}", self.name);
            return;
        };
        // On a busy machine a sleep may lose its race, but not always; and then it prints what the
        // model prints where a sleep may last as long as it likes.
        for _ in 0..N_TRIES {
            let printed = print();
            if allowed.contains(&printed) {
                return;
            }
            let is_late = excuses(&printed) || self.comes_out_late(&printed);
            assert!(
                is_late,
                "{}: 60,000 schedules of the model do not print\n{printed}",
                self.name
            );
        }
        panic!("{}: never in time, in {N_TRIES} attempts", self.name);
    }

    /// Whether the model prints this when time passes now and then although somebody could go on, whatever
    /// a turn is: who is late may be so between any two accesses.
    fn comes_out_late(&self, printed: &str) -> bool {
        let grains = [Grain::Operations, Grain::Words];
        grains.into_iter().any(|grain| self.comes_out_of(grain, printed))
    }

    /// Looks for it by chance; where what comes out is what was printed, line by line: what has printed the
    /// first ones is gone on from.
    fn comes_out_of(&self, grain: Grain, printed: &str) -> bool {
        let lesson = self.values.lesson();
        let lines_of = |log: &Log| -> Vec<String> {
            let printed = Scene::of(&log.events).printed;
            lesson.lines(&log.names, &printed).into_iter().map(|(_, line)| line).collect()
        };
        let fresh = Scenario::new(lesson);
        let mut scenario = Scenario { values: self.values.clone(), grain, ..fresh };
        let wanted: Vec<&str> = printed.lines().collect();
        let (mut run, mut good) = (scenario.run(Config::default()), Vec::new());
        let mut n_good = 0;
        run.finish(&mut scenario.scheduler());
        let is_by_line = (lesson.outcome)(lesson, &run.log()) == lines_of(&run.log());
        for seed in 0..30_000 {
            // Perhaps it leads nowhere.
            if seed % 3_000 == 0 {
                (good, n_good) = (Vec::new(), 0);
            }
            (scenario.seed, scenario.policy) = (seed, POLICIES[seed as usize % POLICIES.len()]);
            let (mut scheduler, mut order) = (scenario.scheduler(), good.clone());
            run.restart();
            order.iter().for_each(|actor| run.turn(*actor).unwrap());
            let (mut chance, mut n_events) = (fastrand::Rng::with_seed(seed), 0);
            let rarely = 1 << chance.u32(1..10);
            while run.ending().is_none() && order.len() < 10_000 {
                let view = View {
                    ready: &run.ready(),
                    last: order.last().copied(),
                    turn: order.len() as u64,
                };
                let by_policy = scheduler.next(&view);
                let is_late = run.can_pass_time() && chance.u32(0..rarely) == 0;
                let actor = if is_late { ActorId::CLOCK } else { by_policy.unwrap() };
                run.turn(actor).unwrap();
                order.push(actor);
                let log = run.log();
                let new = &log.events[n_events..];
                let has_printed = new.iter().any(|event| event.kind == EventKind::Printed);
                n_events = log.events.len();
                if is_by_line && has_printed {
                    let lines = lines_of(&log);
                    let is_as_wanted =
                        lines.iter().zip(&wanted).all(|(line, wanted)| line == wanted);
                    if lines.len() > wanted.len() || !is_as_wanted {
                        break;
                    }
                    if lines.len() > n_good {
                        (good, n_good) = (order.clone(), lines.len());
                    }
                }
            }
            let comes_out = |ending| outcome(lesson, ending, &run.log()) == printed;
            if run.ending().is_some_and(comes_out) {
                return true;
            }
        }
        false
    }
}

/// Where a sleep loses its race, or somebody is stopped between asking and standing in the line, the model
/// says so too; and it does not say everything.
#[test]
fn what_comes_too_late_is_known_to_the_model() {
    let is_late = |scenario: &str, printed: &str| {
        let listed = listed().into_iter().find(|listed| listed.name == scenario).unwrap();
        listed.comes_out_late(&printed.replace('|', "\n"))
    };
    assert!(is_late("dirty-read?", "2|10|10|10|10|10|10|10|10|10"));
    assert!(!is_late("dirty-read?actors=1", "2"));
    let fair = "readers-writer?variant=fair";
    assert!(is_late(fair, "order RWRWR|writers overtaken 0|readers overtaken 1"));
    assert!(!is_late("timer?variant=run", "done|ring"));
}
