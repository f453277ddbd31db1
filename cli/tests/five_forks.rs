//! The program as its users meet it: what it prints, what it complains about, how it exits.

#[path = "../../engine/tests/homework/mod.rs"]
mod homework;

use std::io::Read;
use std::process::{Command, Output, Stdio};

use engine::lessons::catalogue;
use expect_test::{Expect, expect};

const SOLUTIONS: [&str; 6] =
    ["ordered", "odd-even", "waiter", "both-or-none", "try-lock", "chandy-misra"];

fn five_forks(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_five-forks")).args(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The program refuses `args` with this sentence and prints nothing else.
fn refuses(args: &str, sentence: Expect) {
    let output = five_forks(&args.split(' ').filter(|arg| !arg.is_empty()).collect::<Vec<_>>());
    // There are many lessons, and there will be more.
    let ids: Vec<_> = catalogue().map(|lesson| lesson.id).collect();
    sentence.assert_eq(stderr(&output).trim_end().replace(&ids.join(", "), "…").as_str());
    assert_eq!(stderr(&output).lines().count(), 1);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""));
}

/// The homework's list, which must be the only line on stdout, and nothing on stderr.
fn list_of(output: &Output) -> Vec<[u32; 3]> {
    assert_eq!((output.status.code(), stderr(output).as_str()), (Some(0), ""));
    let text = stdout(output);
    assert_eq!(text.lines().count(), 1);
    assert!(text.starts_with("[[") && text.ends_with("]]\n") && !text.contains(' '));
    serde_json::from_str(&text).unwrap()
}

/// What stands between the quotes behind `--schedule` on stderr.
fn schedule_in(text: &str) -> &str {
    text.split_once("--schedule '").unwrap().1.split_once('\'').unwrap().0
}

#[test]
fn lists_its_lessons() {
    let output = five_forks(&["list"]);
    assert!(output.status.success());
    expect![[r#"
        philosophers: The dining philosophers (哲学家就餐问题)
          Everyone needs two forks, and there are as many forks as philosophers. Which rules keep them from waiting for each other for ever?
          --solution      Solution [naive, ordered, odd-even, waiter, both-or-none, try-lock, chandy-misra; default: naive]
          --philosophers  Philosophers [2 to 100; default: 5]
          --meals         Meals each [1 to 60; default: 3]
          --think         Thinking time [0 to 10000 ms; default: 100]
          --eat           Eating time [0 to 10000 ms; default: 80]
          --backoff       Back-off [0 to 10000 ms; default: 20]
        lost-update: The lost update (丢失的更新)
          Everybody adds one to x, but an addition is a load and a store. Whoever stores between somebody else's two steps has worked for nothing.
          --variant  Variant [plain, late, whole; default: plain]
          --actors   Actors [2 to 8; default: 2]
          --rounds   Additions each [1 to 20; default: 1]
    "#]]
    .assert_eq(&stdout(&output).lines().take(13).fold(String::new(), |text, line| text + line + "\n"));
    for lesson in catalogue() {
        let line = format!("{}: {} ({})", lesson.id, lesson.title.en, lesson.title.zh);
        assert!(stdout(&output).lines().any(|other| other == line), "{line}");
    }
}

#[test]
fn lists_its_lessons_as_json() {
    let output = five_forks(&["list", "--json"]);
    assert!(output.status.success());
    let lessons: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(lessons[0]["id"], "philosophers");
    let params = &lessons[0]["params"];
    let meals = &params[2];
    assert_eq!((meals["id"].as_str(), meals["max"].as_u64()), (Some("meals"), Some(60)));
    for lesson in lessons.as_array().unwrap() {
        let id = &lesson["id"];
        assert_eq!(lesson["worlds"], serde_json::json!(["model", "threads"]), "{id}");
        for param in lesson["params"].as_array().unwrap() {
            assert!(param["type"].is_string() && !param["default"].is_null(), "{id}: {param}");
        }
    }
}

#[test]
fn helps() {
    for args in [&["--help"][..], &["run", "--help"], &["help", "run"], &["--version"]] {
        let output = five_forks(args);
        assert!(output.status.success());
        assert!(!stdout(&output).is_empty() && stderr(&output).is_empty());
    }
    assert!(stdout(&five_forks(&["run", "--help"])).contains("--philosophers"));
}

#[test]
fn every_number_of_meals_makes_a_right_list_in_the_model() {
    for solution in SOLUTIONS {
        for meals in 1..=60 {
            let n = meals.to_string();
            let args = [
                "run",
                "philosophers",
                "--meals",
                &n,
                "--solution",
                solution,
                "--format",
                "actions",
            ];
            let list = list_of(&five_forks(&args));
            assert_eq!(homework::judge(&list, 5, meals), Ok(()), "{solution}, {meals} meals");
        }
    }
}

#[test]
fn threads_make_right_lists() {
    for solution in SOLUTIONS {
        for meals in [1, 2, 7, 30, 60] {
            let n = meals.to_string();
            let args = ["run", "philosophers", "--world", "threads", "--format", "actions"];
            let quick = ["--think", "0", "--eat", "0", "--backoff", "1"];
            let args = [&args[..], &quick, &["--meals", &n, "--solution", solution]].concat();
            let list = list_of(&five_forks(&args));
            assert_eq!(homework::judge(&list, 5, meals), Ok(()), "{solution}, {meals} meals");
        }
    }
}

#[test]
fn the_same_order_prints_the_same_and_another_seed_something_else() {
    let print = |seed, format, grain| {
        let args = ["run", "philosophers", "--solution", "waiter", "--policy", "pct"];
        let order = ["--seed", seed, "--format", format, "--grain", grain];
        stdout(&five_forks(&[&args[..], &order].concat()))
    };
    for format in ["actions", "log", "perfetto", "summary"] {
        for grain in ["ops", "words"] {
            assert_eq!(print("1", format, grain), print("1", format, grain));
            assert_ne!(print("1", format, grain), print("2", format, grain));
        }
    }
}

#[test]
fn a_summary_says_how_it_went() {
    let args = ["run", "philosophers", "--solution", "ordered", "--philosophers", "3"];
    let output = five_forks(&[&args[..], &["--meals", "2", "--policy", "round-robin"]].concat());
    assert_eq!(output.status.code(), Some(0));
    expect![[r#"
        The dining philosophers: finished
        36 turns, 511.572 ms of virtual time
        held: everybody eats as often as there are meals

                       meals   waits     longest hunger
        philosopher 0      2       1          19.649 ms
        philosopher 1      2       3         136.836 ms
        philosopher 2      2       2          83.102 ms

        fairness of hunger: 0.722 (1: all were hungry equally long)
        events lost: 0
        replay: five-forks run philosophers --schedule 'philosophers?v=1&solution=ordered&philosophers=3&meals=2&think=100&eat=80&backoff=20&grain=ops&policy=round-robin&seed=1'
    "#]]
    .assert_eq(&stdout(&output));

    let schedule = stdout(&output);
    let again = five_forks(&["run", "philosophers", "--schedule", schedule_in(&schedule)]);
    assert_eq!(stdout(&again), schedule);
}

#[test]
fn a_deadlock_is_told_in_words_and_replays() {
    let table = ["run", "philosophers", "--philosophers", "3", "--think", "0", "--eat", "0"];
    for policy in ["round-robin", "random", "pct"] {
        for grain in ["ops", "words"] {
            let output = (0..5_000).map(|seed| {
                let seed = seed.to_string();
                let how = ["--policy", policy, "--grain", grain, "--seed", &seed];
                five_forks(&[&table[..], &how, &["--format", "log"]].concat())
            });
            let mut output = output.filter(|output| output.status.code() != Some(0));
            let output = output.next().expect("a deadlock is found");
            assert_eq!(output.status.code(), Some(3));
            let told = stderr(&output);
            let cycle = told.lines().next().unwrap();
            assert_eq!(cycle.matches(" waits for fork ").count(), 3, "{told}");
            assert_eq!(cycle.matches(", held by philosopher ").count(), 3, "{told}");

            let schedule = ["run", "philosophers", "--schedule", schedule_in(&told)];
            let again = five_forks(&[&schedule[..], &["--format", "log"]].concat());
            assert_eq!(again, output, "the replay prints the same and exits the same");
        }
    }
}

#[test]
fn the_words_of_a_deadlock() {
    let args = ["--philosophers", "2", "--think", "0", "--policy", "round-robin"];
    let output =
        five_forks(&[&["run", "philosophers"], &args[..], &["--format", "actions"]].concat());
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(stdout(&output), "[[0,1,1],[1,1,1]]\n", "what happened so far");
    expect![[r#"
        five-forks: deadlock: philosopher 0 waits for fork 0, held by philosopher 1; philosopher 1 waits for fork 1, held by philosopher 0
        five-forks: replay: five-forks run philosophers --schedule 'philosophers?v=1&solution=naive&philosophers=2&meals=3&think=0&eat=80&backoff=20&grain=ops&policy=round-robin&seed=1'
    "#]]
    .assert_eq(&stderr(&output));
}

#[test]
fn there_are_as_many_threads_as_a_lesson_wants() {
    let run = |args: &str| {
        let output = five_forks(&args.split(' ').collect::<Vec<_>>());
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{args}");
    };
    run("run semaphore --world threads");
    run(
        "run philosophers --world threads --solution ordered --philosophers 100 --meals 1 --think 0",
    );
}

#[test]
fn a_deadlock_of_threads_is_told_without_a_schedule() {
    // Whoever thinks for no time and eats for none meets the others in the middle sooner or later.
    let args = ["run", "philosophers", "--world", "threads", "--philosophers", "2"];
    let quick = ["--think", "0", "--eat", "0", "--meals", "60"];
    for _ in 0..2_000 {
        let output = five_forks(&[&args[..], &quick].concat());
        if output.status.success() {
            continue;
        }
        assert_eq!(output.status.code(), Some(3));
        let told = stderr(&output);
        assert!(told.contains("deadlock: philosopher "), "{told}");
        assert_eq!(told.matches(", held by philosopher ").count(), 2, "{told}");
        assert!(told.contains("cannot be replayed") && !told.contains("--schedule"), "{told}");
        return;
    }
    panic!("no deadlock in all these dinners");
}

#[test]
fn a_run_without_end_is_ended() {
    let table = ["run", "philosophers", "--solution", "try-lock", "--think", "0", "--backoff", "0"];
    let how = ["--policy", "round-robin", "--max-turns", "5000", "--format", "actions"];
    let output = five_forks(&[&table[..], &how].concat());
    assert_eq!(output.status.code(), Some(3));
    let told = stderr(&output);
    assert!(told.starts_with("five-forks: the limit of turns was reached"), "{told}");
    assert!(told.trim_end().ends_with("--max-turns 5000"), "{told}");
}

#[test]
fn picks_are_followed() {
    let schedule = "philosophers?philosophers=2&think=0&eat=0&policy=round-robin&picks=2.0-3.0";
    let output =
        five_forks(&["run", "philosophers", "--schedule", schedule, "--format", "actions"]);
    let list = list_of(&output);
    assert_eq!(list[..2], [[0, 1, 1], [0, 2, 1]], "philosopher 0 is not interrupted");
    assert_eq!(homework::judge(&list, 2, 3), Ok(()));
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let args = ["run", "philosophers", "--meals", "60", "--philosophers", "100", "--format", "log"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_five-forks"))
        .args([&args[..], &["--solution", "ordered"]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 100];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}

#[test]
fn runs_every_lesson_in_both_worlds() {
    for lesson in catalogue() {
        for world in ["model", "threads"] {
            let output = five_forks(&["run", lesson.id, "--world", world]);
            let told = stdout(&output) + &stderr(&output);
            let how = format!("{} in {world}: {told}", lesson.id);
            // Some of them end badly: that is what they teach.
            assert!([Some(0), Some(3)].contains(&output.status.code()), "{how}");
            assert!(told.starts_with(&format!("{}: ", lesson.title.en)), "{how}");
            assert!(told.contains(lesson.property.text.en), "{how}");
            assert!(told.contains("events lost: 0"), "{how}");
        }
        let output = five_forks(&["run", lesson.id, "--format", "perfetto"]);
        let trace: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert!(trace["traceEvents"].as_array().unwrap().len() > 1, "{}", lesson.id);
    }
}

#[test]
fn a_trace_calls_numbers_by_their_words() {
    for (lesson, name) in [
        ("deque", "took -2 at row 0"),
        ("deque", "printed -2"),
        ("priority-queue", "put work at wishes 0"),
        ("event", "light 0 is set"),
    ] {
        let trace = stdout(&five_forks(&["run", lesson, "--format", "perfetto"]));
        assert!(trace.contains(&format!(r#""name":"{name}""#)), "{lesson}: {name}");
    }
}

#[test]
fn only_philosophers_have_actions() {
    refuses(
        "run lost-update --format actions",
        expect![
            "five-forks: only philosophers have a list of actions; for lost-update the formats are: summary, log, perfetto"
        ],
    );
}

#[test]
fn refuses_what_is_not_valid_in_one_sentence() {
    refuses("", expect!["five-forks: say what to do; the commands are: list, run, check, help"]);
    refuses(
        "dine",
        expect!["five-forks: there is no command 'dine'; the commands are: list, run, check, help"],
    );
    refuses(
        "list --jsn",
        expect![
            "five-forks: there is nothing called '--jsn' here; the options are: --help, --json"
        ],
    );
    refuses("run", expect!["five-forks: say which lesson; the lessons are: …"]);
    refuses("run hope", expect!["five-forks: there is no lesson 'hope'; the lessons are: …"]);
    let table = |args: &str, sentence| refuses(&format!("run philosophers {args}"), sentence);
    for meals in ["0", "61", "-1", "many", "1.5", "99999999999"] {
        let output = five_forks(&["run", "philosophers", "--meals", meals]);
        assert_eq!(output.status.code(), Some(2));
        let sentence =
            format!("five-forks: meals must be a whole number from 1 to 60, not '{meals}'\n");
        assert_eq!(stderr(&output), sentence);
    }
    table("--meals", expect!["five-forks: --meals needs a value"]);
    table("--meals 1 --meals 2", expect!["five-forks: --meals can be given only once"]);
    table(
        "--philosophers 1",
        expect!["five-forks: philosophers must be a whole number from 2 to 100, not '1'"],
    );
    table(
        "--solution hope",
        expect![
            "five-forks: solution must be one of naive, ordered, odd-even, waiter, both-or-none, try-lock, chandy-misra, not 'hope'"
        ],
    );
    table("--world mars", expect!["five-forks: world must be one of model, threads, not 'mars'"]);
    table("--grain sand", expect!["five-forks: grain must be one of ops, words, not 'sand'"]);
    table(
        "--policy none",
        expect!["five-forks: policy must be one of random, round-robin, pct, not 'none'"],
    );
    table(
        "--format pdf",
        expect!["five-forks: format must be one of summary, actions, log, perfetto, not 'pdf'"],
    );
    table(
        "--seed x",
        expect!["five-forks: seed must be a whole number from 0 to 18446744073709551615, not 'x'"],
    );
    table(
        "--max-turns 0",
        expect![
            "five-forks: max-turns must be a whole number from 1 to 18446744073709551615, not '0'"
        ],
    );
    table(
        "--hat red",
        expect![
            "five-forks: there is nothing called '--hat' here; the options are: --backoff, --eat, --format, --grain, --help, --max-turns, --meals, --philosophers, --policy, --schedule, --seed, --solution, --think, --world"
        ],
    );
    table(
        "--world threads --grain ops",
        expect!["five-forks: nobody schedules threads; --grain goes with --world model only"],
    );
}

#[test]
fn refuses_a_schedule_that_cannot_be_followed() {
    let table =
        |args: &str, sentence| refuses(&format!("run philosophers --schedule {args}"), sentence);
    table(
        "hope",
        expect![
            "five-forks: the schedule is broken: there is no lesson 'hope'; the lessons are: …"
        ],
    );
    table(
        "philosophers?meals=0",
        expect![
            "five-forks: the schedule is broken: meals must be a whole number from 1 to 60, not '0'"
        ],
    );
    table(
        "philosophers?hat=red",
        expect![
            "five-forks: the schedule is broken: philosophers has no parameter 'hat'; it has: solution, philosophers, meals, think, eat, backoff"
        ],
    );
    table(
        "philosophers?v=2",
        expect![
            "five-forks: the schedule is broken: the schedule is of version '2', and this program reads version 1"
        ],
    );
    table(
        "philosophers?picks=5.1-3.0",
        expect![
            "five-forks: the schedule is broken: picks must be a list of TURN.ACTOR with ascending turns, as in 3.1-5.0, not '5.1-3.0'"
        ],
    );
    table(
        "philosophers?meals=2 --meals 3",
        expect![
            "five-forks: --schedule and --meals do not go together: a schedule says all about the run"
        ],
    );
    table(
        "philosophers?meals=2 --seed 3",
        expect![
            "five-forks: --schedule and --seed do not go together: a schedule says all about the run"
        ],
    );
    table(
        "philosophers?meals=2 --world threads",
        expect!["five-forks: nobody schedules threads; --schedule goes with --world model only"],
    );
    let quick = "philosophers?philosophers=2&think=0&eat=0&policy=round-robin";
    table(
        &format!("{quick}&picks=0.7"),
        expect![
            "five-forks: the schedule cannot be followed: at turn 0 it picks actor 7, but only these can go: philosopher 0, philosopher 1"
        ],
    );
    table(
        &format!("{quick}&picks=0.65535"),
        expect![
            "five-forks: the schedule cannot be followed: at turn 0 it picks the clock, but only these can go: philosopher 0, philosopher 1"
        ],
    );
    table(
        &format!("{quick}&picks=2.0-3.0-4.1"),
        expect![
            "five-forks: the schedule cannot be followed: at turn 4 it picks philosopher 1, but only these can go: philosopher 0"
        ],
    );
    table(
        &format!("{quick}&picks=900.1"),
        expect![
            "five-forks: the schedule cannot be followed: it picks somebody for turn 900, but the run has only the turns 0 to 3"
        ],
    );
}

// --- check ---------------------------------------------------------------------------------------

/// What `check --json` says, and how it exits.
fn checked(args: &str) -> (serde_json::Value, Option<i32>) {
    let args: Vec<_> = ["check"].into_iter().chain(args.split(' ')).chain(["--json"]).collect();
    let output = five_forks(&args);
    assert_eq!(stderr(&output), "");
    (serde_json::from_str(&stdout(&output)).unwrap(), output.status.code())
}

#[test]
fn a_check_finds_every_outcome_of_a_lost_update() {
    let (report, code) = checked("lost-update");
    assert_eq!((code, report["exhausted"].as_bool()), (Some(3), Some(true)));
    let outcomes = report["outcomes"].as_array().unwrap();
    let found: Vec<_> = outcomes
        .iter()
        .map(|o| (o["held"].as_bool(), o["lines"][0].as_str(), o["interleavings"].as_u64()))
        .collect();
    let lost = (Some(false), Some("x = 1"), Some(4));
    assert_eq!(found, [lost, (Some(true), Some("x = 2"), Some(2))]);
    let smallest = |args| {
        let (report, _) = checked(args);
        let lines = report["outcomes"].as_array().unwrap().iter().map(|o| o["lines"][0].clone());
        let numbers = lines.map(|line| line.as_str().unwrap()[4..].parse::<u32>().unwrap());
        numbers.min()
    };
    assert_eq!(smallest("lost-update --rounds 5"), Some(2), "not 1, however often they add");
}

#[test]
fn a_check_finds_the_deadlock_with_the_fewest_turns_and_the_schedule_shows_it() {
    let (report, code) = checked("philosophers --philosophers 4 --meals 1");
    let deadlock = &report["outcomes"][0];
    assert_eq!((code, deadlock["end"].as_str()), (Some(3), Some("deadlock")));
    // Everybody thinks and takes one fork; who wants the second one already waits.
    assert_eq!(
        (deadlock["turns"].as_u64(), deadlock["fewestPreemptions"].as_u64()),
        (Some(8), Some(1))
    );
    assert_eq!(report["executions"].as_u64(), Some((1 << 4) - 1), "each fork has a first owner");
    // Until the last one takes a fork, somebody could have got a second one.
    let doomed = ["doomed", "doomedFromTurn", "doomedBy"].map(|key| deadlock[key].to_string());
    assert_eq!(doomed, [r#""turn""#, "8", r#""philosopher 3: acquire fork 0""#]);
    assert!(report["outcomes"][1]["doomed"].is_null(), "it ends well");
    let text = five_forks(&["check", "philosophers", "--philosophers", "4", "--meals", "1"]);
    let said = "8 turns, fewest preemptions: 1; doomed from turn 8 (philosopher 3: acquire fork 0)";
    assert!(stdout(&text).contains(said), "{}", stdout(&text));
    let schedule = deadlock["schedule"].as_str().unwrap();
    let replayed = five_forks(&["run", "philosophers", "--schedule", schedule]);
    assert_eq!(replayed.status.code(), Some(3));
    assert!(stderr(&replayed).contains(deadlock["explanation"].as_str().unwrap()));
}

#[test]
fn a_check_says_where_no_turn_decides_and_where_it_is_not_known_which() {
    let (report, _) = checked("future-deadlock");
    assert_eq!(report["outcomes"][0]["doomed"].as_str(), Some("always"));
    let text = stdout(&five_forks(&["check", "future-deadlock"]));
    assert!(text.contains("doomed from the start: every execution ends badly"), "{text}");
    // Only those that end badly are as short as that.
    let args = "philosophers --philosophers 3 --meals 1 --max-turns 7 --bound 1";
    let (report, _) = checked(args);
    assert_eq!(report["outcomes"][0]["doomed"].as_str(), Some("unknown"));
}

#[test]
fn a_check_proves_the_solutions_of_few_philosophers_free_of_deadlock() {
    // By solution, the number of classes for so many philosophers and meals.
    let [three, four, five] = [[3, 1], [4, 1], [5, 1]];
    let [three_twice, four_twice] = [[3, 2], [4, 2]];
    let few = [three, four, five, three_twice, four_twice];
    let classes = [
        ("ordered", few.iter().zip(&[6, 14, 30, 90, 786])),
        ("odd-even", few.iter().zip(&[6, 14, 30, 90, 786])),
        ("waiter", few.iter().zip(&[126, 9_176])),
        ("both-or-none", few.iter().zip(&[30, 720, 22_300, 2_898])),
        ("chandy-misra", few.iter().zip(&[110, 731, 4_108])),
    ];
    for (solution, expected) in classes {
        for ([k, n], n_classes) in expected {
            let args = format!("philosophers --solution {solution} --philosophers {k} --meals {n}");
            let (report, code) = checked(&args);
            assert_eq!(code, Some(0), "{args}");
            assert_eq!(report["executions"].as_u64(), Some(*n_classes), "{args}");
            assert_eq!(report["outcomes"].as_array().unwrap().len(), 1, "{args}");
        }
    }
}

#[test]
fn a_check_of_all_states_proves_what_has_too_many_classes() {
    // By solution: one of these has more than 36 million classes, and who finds forks by trying has
    // executions without an end.
    for solution in ["ordered", "odd-even", "waiter", "both-or-none", "try-lock", "chandy-misra"] {
        for (k, n) in [(3, 1), (3, 2), (4, 1), (4, 2)] {
            let few = format!("--philosophers {k} --meals {n}");
            let args = format!("philosophers --solution {solution} {few} --states");
            let (report, code) = checked(&args);
            assert_eq!((code, report["exhausted"].as_bool()), (Some(0), Some(true)), "{args}");
            let outcomes = report["outcomes"].as_array().unwrap();
            assert_eq!(outcomes.len(), 1, "{args}");
        }
    }
    let (report, code) = checked("philosophers --philosophers 4 --meals 2 --states");
    let ends = report["outcomes"].as_array().unwrap().iter().map(|o| o["end"].as_str().unwrap());
    assert_eq!((code, ends.collect::<Vec<_>>()), (Some(3), vec!["deadlock", "finished"]));
}

#[test]
fn a_check_of_all_states_finds_what_a_check_of_all_classes_finds() {
    let lines = |args: &str| {
        let (report, code) = checked(args);
        let outcomes = report["outcomes"].as_array().unwrap().iter();
        let said =
            |o: &serde_json::Value| (o["end"].clone(), o["held"].clone(), o["lines"].clone());
        (outcomes.map(said).collect::<Vec<_>>(), code)
    };
    for args in [
        "lost-update --actors 3 --rounds 2",
        "lost-update --variant late",
        "condition --variant if",
        "abba-deadlock",
        "bank-transfer --variant naive",
        "treiber-stack --variant aba",
        "futex-mutex --variant two-steps",
    ] {
        // A small store forgets, and finds the same.
        for states in ["--states", "--states --memory 1"] {
            assert_eq!(lines(&format!("{args} {states}")), lines(args), "{args} {states}");
        }
    }
}

/// Who tries again after any while can do so for ever, so there is no end to these executions; of the
/// states there are all above. What is finite is looked at all the same.
#[test]
fn a_check_of_try_lock_covers_what_is_finite() {
    let checked = |args: &str| checked(&format!("philosophers --solution try-lock {args}"));
    // Where nobody is slower than the clock, whoever backs off comes back when another has eaten.
    for (args, n_classes) in
        [("--philosophers 3 --meals 2", 42), ("--philosophers 4 --meals 2", 211)]
    {
        let (report, code) = checked(&format!("{args} --think 0 --time virtual"));
        assert_eq!((code, report["executions"].as_u64()), (Some(0), Some(n_classes)), "{args}");
    }
    // However slow they are: nobody is stuck in the first 40 turns with at most two preemptions.
    let (report, code) = checked("--philosophers 3 --meals 1 --bound 2 --max-turns 40");
    assert_eq!((code, report["executions"].as_u64()), (Some(4), Some(2_691)));
    let ends = report["outcomes"].as_array().unwrap().iter().map(|o| o["end"].as_str().unwrap());
    assert_eq!(ends.collect::<Vec<_>>(), ["turn limit", "finished"]);
}

#[test]
fn a_check_that_comes_to_its_limit_says_so() {
    for (args, [flag, most]) in [
        ("philosophers --solution waiter --limit 10", ["limit", "10"]),
        ("philosophers --solution waiter --meals 3 --seconds 1", ["seconds", "1"]),
        ("barrier --sample pct --limit 3 --time virtual", ["limit", "3"]),
        // Some never end.
        (
            "philosophers --solution try-lock --philosophers 2 --limit 5000 --max-turns 30",
            ["max-turns", "30"],
        ),
    ] {
        let (report, code) = checked(args);
        assert_eq!((code, report["exhausted"].as_bool()), (Some(4), Some(false)), "{args}");
        assert_eq!(report["stoppedBy"].as_str(), Some(flag), "{args}");
        let args: Vec<_> = ["check"].into_iter().chain(args.split(' ')).collect();
        let text = stdout(&five_forks(&args));
        assert!(text.contains(&format!("there are more, beyond --{flag} {most};")), "{text}");
    }
    let (report, _) = checked("philosophers --solution waiter --limit 10");
    assert_eq!(report["executions"].as_u64(), Some(10));
    assert!(checked("lost-update").0["stoppedBy"].is_null());
}

#[test]
fn a_check_with_many_outcomes_shows_the_first_and_says_how_many_more_there_are() {
    // Which executions two threads look at first is not always the same.
    let args = ["check", "dirty-read", "--limit", "200", "--threads", "1"];
    let (report, _) = checked("dirty-read --limit 200 --threads 1");
    let n_outcomes = report["outcomes"].as_array().unwrap().len();
    assert!(n_outcomes > 100, "{n_outcomes}");
    let text = stdout(&five_forks(&args));
    assert_eq!(text.matches("to see it").count(), 40);
    let more = format!("and {} more outcomes; --json has them all\n", n_outcomes - 40);
    assert!(text.contains(&more), "{text}");
}

#[test]
fn a_check_tells_what_it_saw_beside_the_outcomes() {
    let kinds = |report: &serde_json::Value| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let names = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>();
    let few = "lost-update --actors 2 --rounds 1";
    let (report, code) = checked(few);
    assert_eq!((code, kinds(&report)), (Some(3), names(&["data race", "data race", "unreached"])));
    assert_eq!(report["findings"][0]["cell"], "x 0");
    let [from, to] = [0, 1].map(|at| report["findings"][2]["lines"][0][at].to_string());
    let args: Vec<_> = ["check"].into_iter().chain(few.split(' ')).collect();
    let said = format!(
        "never reached with these parameters: engine/src/lessons/threads/lost_update.rs:{from}–{to}\n"
    );
    let text = stdout(&five_forks(&args));
    assert!(text.ends_with(&said), "what the other variants do: {text}");
    let (report, code) = checked(&format!("{few} --bound 9"));
    assert_eq!((code, kinds(&report)), (Some(3), names(&["data race", "data race"])));

    let (report, code) = checked("lock --actors 2 --rounds 2");
    assert_eq!((code, kinds(&report)), (Some(0), names(&["overtaken", "unreached"])));
    assert_eq!(report["findings"][0]["times"], 1);

    let (report, code) = checked(
        "philosophers --solution try-lock --philosophers 2 --meals 1 --limit 100 --max-turns 200",
    );
    assert_eq!((code, kinds(&report)[0].as_str()), (Some(3), "livelock"));
    let schedule = report["findings"][0]["schedule"].as_str().unwrap();
    let args = ["run", "philosophers", "--schedule", schedule, "--max-turns", "3000"];
    assert!(stdout(&five_forks(&args)).contains("limit of turns"), "it goes on for ever");
}

#[test]
fn wakeups_for_no_reason_are_part_of_the_schedule() {
    let few = "futex-mutex --variant futex --actors 2 --rounds 1";
    let (plain, _) = checked(few);
    let (report, code) = checked(&format!("{few} --spurious"));
    assert_eq!(code, Some(0), "{report}");
    assert!(report["executions"].as_u64() > plain["executions"].as_u64());
    let schedule = report["outcomes"][0]["schedule"].as_str().unwrap();
    assert!(schedule.contains("&spurious=yes&"), "{schedule}");
    let text = stdout(&five_forks(&["run", "futex-mutex", "--schedule", schedule]));
    assert!(text.contains("spurious wakeup"), "{text}");
    refuses(
        "check lock --spurious",
        expect!["five-forks: there are spurious wakeups at the grain of words only (grain=words)"],
    );
}

#[test]
fn what_a_check_cannot_do_is_one_sentence() {
    refuses("check", expect!["five-forks: say which lesson; the lessons are: …"]);
    refuses(
        "check lost-update --bound x",
        expect!["five-forks: bound must be a whole number from 0 to 1000, not 'x'"],
    );
    refuses(
        "check lost-update --limit 0",
        expect!["five-forks: limit must be a whole number from 1 to 18446744073709551615, not '0'"],
    );
    refuses(
        "check lost-update --states --memory 0",
        expect!["five-forks: memory must be a whole number of MiB from 1 to 1000000, not '0'"],
    );
    refuses(
        "check lost-update --states --all",
        expect!["five-forks: --states and --all do not go together"],
    );
    refuses(
        "check lost-update --threads 0",
        expect!["five-forks: threads must be a whole number from 1 to 256, not '0'"],
    );
    refuses(
        "check lost-update --sample best",
        expect!["five-forks: sample must be one of random, pct, not 'best'"],
    );
    refuses(
        "check lost-update --time never",
        expect!["five-forks: time must be one of virtual, free, not 'never'"],
    );
}
