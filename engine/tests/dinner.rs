//! The dining philosophers in both worlds: every solution, judged by its homework list.

mod everywhere;
mod homework;

use std::collections::BTreeMap;
use std::mem;

use engine::lessons::{Policy, Scenario, lesson};
use engine::log::{Ending, Log, Scene, trace_events};
use engine::model::{self, Grain, Pct, Pick};
use engine::philosophers::{Phase, Solution, Tally, actions};
use engine::world::ActorId;
use engine::{real, world::ObjectId};
use everywhere::twice;
use homework::judge;

const GRAINS: [Grain; 2] = [Grain::Operations, Grain::Words];

/// A dinner; where `millis` is 0 nobody takes any time for anything.
fn scenario(solution: Solution, philosophers: u16, meals: u32, millis: u32) -> Scenario {
    let mut scenario = Scenario::new(lesson("philosophers").unwrap());
    let mut set = |id, text: String| scenario.values.set(id, &text).unwrap();
    set("solution", solution.id().into());
    set("philosophers", philosophers.to_string());
    set("meals", meals.to_string());
    for id in ["think", "eat", "backoff"] {
        set(id, millis.to_string());
    }
    scenario
}

fn run(scenario: &Scenario) -> (Ending, Log) {
    let mut run = scenario.run(model::Config::default());
    let ending = twice(&mut run, |run| run.finish(&mut scenario.scheduler()));
    (ending, run.into_log())
}

/// Runs the scenario, and once more from its string: both must be the same.
fn run_surely(scenario: &Scenario) -> (Ending, Log) {
    let first = run(scenario);
    let replayed: Scenario = scenario.to_string().parse().unwrap();
    assert_eq!(&replayed, scenario);
    assert!(first == run(&replayed), "the replay differs: {scenario}");
    first
}

/// Every link waits for what the next one holds, and the last for what the first one holds.
fn assert_closed(ending: &Ending, scenario: &Scenario) -> usize {
    let Ending::Deadlock(deadlock) = ending else { panic!("{ending:?}: {scenario}") };
    let cycle = &deadlock.cycle;
    let next = cycle.iter().cycle().skip(1);
    assert!(cycle.iter().zip(next).all(|(link, next)| link.holder == Some(next.actor)));
    cycle.len()
}

/// Try-lock without a back-off may go on for ever where everybody moves in step.
fn may_livelock(scenario: &Scenario) -> bool {
    scenario.values.choice("solution").id == Solution::TryLock.id()
        && scenario.values.number("backoff") == 0
        && scenario.policy != Policy::Random
}

#[test]
fn every_solution_in_the_model_is_right_repeatable_and_free_of_deadlock_unless_naive() {
    let mut n_deadlocks = 0;
    for solution in Solution::ALL {
        for philosophers in [2, 3, 5, 8] {
            for (meals, millis, seed) in [(1, 0, 1), (2, 5, 2), (3, 0, 3), (3, 5, 4), (1, 1, 5)] {
                for (policy, grain) in Policy::ALL.into_iter().flat_map(|p| GRAINS.map(|g| (p, g)))
                {
                    let dinner = scenario(solution, philosophers, meals, millis);
                    let dinner = Scenario { grain, policy, seed, ..dinner };
                    if may_livelock(&dinner) {
                        continue;
                    }
                    let (ending, log) = run_surely(&dinner);
                    if solution.can_deadlock() && ending != Ending::Finished {
                        assert_closed(&ending, &dinner);
                        n_deadlocks += 1;
                        continue;
                    }
                    assert_eq!(ending, Ending::Finished, "{dinner}");
                    let judged = judge(&actions(&log), philosophers.into(), meals);
                    assert_eq!(judged, Ok(()), "{dinner}");
                    assert_done(&log, philosophers, meals);
                }
            }
        }
    }
    assert!(n_deadlocks > 20, "the naive solution deadlocks often: {n_deadlocks}");
}

/// The picture and the tally at the end of a dinner.
fn assert_done(log: &Log, philosophers: u16, meals: u32) {
    let tally = Tally::of(philosophers, &log.events);
    assert!(tally.seats.iter().all(|seat| seat.meals == meals));
    let scene = Scene::of(&log.events);
    assert!(scene.actors.iter().all(|actor| actor.phase == Phase::Done as u32));
    assert!(scene.actors.iter().all(|actor| actor.held.is_empty()));
    let n_objects = log.names.objects.len() as u16;
    assert!((0..n_objects).all(|idx| scene.holdings.holders(ObjectId(idx)).is_empty()));
}

#[test]
fn each_scheduler_finds_the_naive_deadlock_and_its_string_replays_it() {
    // PCT runs whoever has the highest priority; with its depth of 3 it can hold back two.
    let cases = [(Policy::RoundRobin, 5), (Policy::Random, 5), (Policy::Pct, 3)];
    for (policy, philosophers) in cases {
        for grain in GRAINS {
            let dinner = scenario(Solution::Naive, philosophers, 3, 0);
            let found = (0..20_000).find_map(|seed| {
                let dinner = Scenario { policy, grain, seed, ..dinner.clone() };
                let ending = run(&dinner).0;
                matches!(ending, Ending::Deadlock(_)).then_some(dinner)
            });
            let dinner = found.unwrap_or_else(|| panic!("{policy:?} finds no deadlock"));
            let (ending, log) = run_surely(&dinner);
            let n_links = assert_closed(&ending, &dinner);
            assert_eq!(n_links, usize::from(philosophers), "all of them wait: {dinner}");
            let Ending::Deadlock(deadlock) = ending else { unreachable!("it is one") };
            assert_eq!(Scene::of(&log.events).waits(), deadlock, "the picture shows it too");
        }
    }
}

#[test]
fn pct_of_the_right_depth_finds_the_naive_deadlock_of_five() {
    let dinner = scenario(Solution::Naive, 5, 1, 0);
    let mut run = dinner.run(model::Config { record: false, ..Default::default() });
    let found = (0..100_000).any(|seed| {
        let ending = twice(&mut run, |run| run.finish(&mut Pct::new(seed, 5, 40)));
        matches!(ending, Ending::Deadlock(_))
    });
    assert!(found);
}

#[test]
fn try_lock_without_back_off_can_go_round_for_ever() {
    let dinner = scenario(Solution::TryLock, 5, 1, 0);
    let dinner = Scenario { policy: Policy::RoundRobin, ..dinner };
    let mut run = dinner.run(model::Config { max_turns: 5_000, ..Default::default() });
    let ending = twice(&mut run, |run| run.finish(&mut dinner.scheduler()));
    assert_eq!(ending, Ending::TurnLimit);
    assert_eq!(Tally::of(5, &run.log().events).n_meals(), 0);
}

#[test]
fn a_branch_keeps_what_was_before_it() {
    for (solution, grain) in Solution::ALL.into_iter().flat_map(|s| GRAINS.map(|g| (s, g))) {
        let dinner = Scenario { grain, ..scenario(solution, 4, 2, 2) };
        let (_, log) = run(&dinner);
        let stops = log.stops();
        for turn in (0..stops.len() as u64 - 1).step_by(7) {
            // Whoever could have gone, and time.
            let mut before = dinner.run(model::Config::default());
            twice(&mut before, |run| run.advance(&mut dinner.scheduler(), turn));
            let prefix = &log.events[..stops[turn as usize]];
            assert_eq!(before.log().events, prefix, "{dinner} before turn {turn}");
            let clock = before.can_pass_time().then_some(ActorId::CLOCK);
            for actor in before.ready().iter().chain(clock) {
                let branch = dinner.branch(Pick { turn, actor });
                let (ending, branched) = run_surely(&branch);
                assert_ne!(ending, Ending::Paused, "{branch}");
                assert!(branched.events.starts_with(prefix), "{branch}");
                let taken = branched.events[prefix.len()];
                assert_eq!(taken.actor, actor, "{branch}");
            }
        }
    }
}

#[test]
fn a_later_branch_keeps_the_earlier_picks() {
    let dinner = scenario(Solution::Naive, 3, 1, 0);
    let pick = |turn, actor| Pick { turn, actor: ActorId(actor) };
    let branched = dinner.branch(pick(4, 0)).branch(pick(9, 1)).branch(pick(6, 2));
    assert_eq!(branched.picks, [pick(4, 0), pick(6, 2)]);
}

#[test]
fn every_number_of_meals_is_eaten_in_both_worlds() {
    for solution in Solution::ALL.into_iter().filter(|solution| !solution.can_deadlock()) {
        for meals in 1..=60 {
            let dinner = scenario(solution, 5, meals, 0);
            let (ending, log) = run(&dinner);
            assert_eq!(ending, Ending::Finished, "{dinner}");
            assert_eq!(judge(&actions(&log), 5, meals), Ok(()), "{dinner}");

            let (ending, log) = run_on_threads(&dinner);
            assert_eq!(ending, Ending::Finished, "{dinner}");
            assert_eq!((judge(&actions(&log), 5, meals), log.n_lost), (Ok(()), 0), "{dinner}");
        }
    }
}

fn run_on_threads(scenario: &Scenario) -> (Ending, Log) {
    let values = scenario.values.clone();
    let config = real::Config { max_actors: 16, ring_capacity: 1 << 17, ..Default::default() };
    let setup = |world: &real::Recorded| values.lesson().on_threads(&values, world);
    real::Run::start(real::Threads, config, setup).join_with_log()
}

#[test]
fn threads_dine_at_tables_of_every_size() {
    for solution in Solution::ALL.into_iter().filter(|solution| !solution.can_deadlock()) {
        for (philosophers, millis) in [(2, 0), (3, 1), (8, 0), (12, 1)] {
            let dinner = scenario(solution, philosophers, 3, millis);
            let (ending, log) = run_on_threads(&dinner);
            assert_eq!(ending, Ending::Finished, "{dinner}");
            assert_eq!(judge(&actions(&log), philosophers.into(), 3), Ok(()), "{dinner}");
            assert_done(&log, philosophers, 3);
        }
    }
}

#[test]
fn naive_threads_dine_or_end_in_a_cycle() {
    for _ in 0..30 {
        let dinner = scenario(Solution::Naive, 3, 40, 0);
        let (ending, log) = run_on_threads(&dinner);
        if ending == Ending::Finished {
            assert_eq!(judge(&actions(&log), 3, 40), Ok(()));
        } else {
            assert_eq!(assert_closed(&ending, &dinner), 3);
            let Ending::Deadlock(deadlock) = ending else { unreachable!("it is one") };
            assert_eq!(Scene::of(&log.events).waits(), deadlock, "the recording ends with it");
        }
    }
}

/// Perfetto drops what ends without having begun, and what goes back in time.
#[test]
fn the_slices_of_a_trace_begin_and_end() {
    for solution in Solution::ALL {
        let dinner = scenario(solution, 5, 3, 1);
        let lesson = dinner.lesson();
        for (_, log) in [run(&dinner), run_on_threads(&dinner)] {
            let trace = trace_events(&log, lesson.phases, &|value| lesson.word(value));
            let mut tracks = BTreeMap::<u64, (u64, Vec<&str>)>::new();
            let mut n_slices = 0;
            for event in trace["traceEvents"].as_array().unwrap() {
                let (now, open) = tracks.entry(event["tid"].as_u64().unwrap()).or_default();
                let Some(phase @ ("B" | "E" | "i")) = event["ph"].as_str() else { continue };
                let at = nanoseconds(&event["ts"].to_string());
                assert!(at >= mem::replace(now, at), "{dinner}: {event}");
                match phase {
                    "B" => open.push(event["cat"].as_str().unwrap()),
                    "E" => assert!(open.pop().is_some(), "{dinner}: {event}"),
                    _ => {}
                }
                assert!(
                    matches!(open[..], [] | ["phase"] | ["phase", "wait"]),
                    "{dinner}: {event}"
                );
                n_slices += usize::from(phase == "B");
            }
            // Who may all wait for each other have thought at least, and waited.
            let least = if solution.can_deadlock() { 5 * 2 } else { 5 * 3 * 3 + 1 };
            assert!(n_slices >= least, "{dinner}: {n_slices}");
            assert!(tracks.values().all(|(_, open)| open.is_empty()), "{dinner}");
            assert!(!tracks.contains_key(&0), "Perfetto takes thread 0 for another");
        }
    }
}

/// Reads microseconds, of which no digit is smaller than a nanosecond.
fn nanoseconds(micros: &str) -> u64 {
    let (whole, part) = micros.split_once('.').unwrap_or((micros, ""));
    assert!(part.len() <= 3, "{micros} is more exact than the clock");
    format!("{whole}{part:0<3}").parse().unwrap()
}
