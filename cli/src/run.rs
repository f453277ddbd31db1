//! Runs a lesson in one of the worlds.

use std::process::ExitCode;

use anyhow::{Result, bail};
use engine::lessons::{Invalid, MAX_ACTORS, Scenario, Values};
use engine::log::{Ending, Log};
use engine::{model, real};

use crate::args::{Order, WorldName};
use crate::{complain, words};

/// A run that has ended.
pub struct Outcome {
    pub values: Values,
    pub ending: Ending,
    pub log: Log,
    /// How many turns it took, in the model.
    pub n_turns: Option<u64>,
    /// The command that does it all again, where there is one.
    pub replay: Option<String>,
}

/// Runs what is ordered.
pub fn run(order: &Order) -> Result<Outcome> {
    match order.world {
        WorldName::Model => in_model(order),
        WorldName::Threads => Ok(on_threads(&order.scenario)),
    }
}

fn in_model(Order { scenario, max_turns, .. }: &Order) -> Result<Outcome> {
    let config = model::Config { max_turns: *max_turns, ..Default::default() };
    let mut run = scenario.run(config);
    let ending = run.finish(&mut scenario.scheduler());
    check_picks(scenario, &run, &ending)?;

    let mut replay = format!("five-forks run {} --schedule '{scenario}'", scenario.lesson().id);
    if *max_turns != model::Config::default().max_turns {
        replay += &format!(" --max-turns {max_turns}");
    }
    let n_turns = Some(run.n_turns());
    let (values, log) = (scenario.values.clone(), run.into_log());
    Ok(Outcome { values, ending, n_turns, log, replay: Some(replay) })
}

/// Whether the run could follow all the picks of its schedule.
fn check_picks(scenario: &Scenario, run: &model::Run, ending: &Ending) -> Result<()> {
    let n_turns = run.n_turns();
    // The one at which the run stands still, or the first that came too late.
    let Some(pick) = scenario.picks.iter().find(|pick| pick.turn >= n_turns) else { return Ok(()) };
    match ending {
        Ending::TurnLimit => Ok(()),
        Ending::Paused => {
            let names = &run.log().names;
            let ready: Vec<_> =
                run.ready().iter().map(|actor| words::actor(actor, names)).collect();
            bail!(Invalid::Other(format!(
                "the schedule cannot be followed: at turn {} it picks {}, but only these can go: \
                 {}",
                pick.turn,
                words::actor(pick.actor, names),
                ready.join(", ")
            )))
        }
        _ => bail!(Invalid::Other(format!(
            "the schedule cannot be followed: it picks somebody for turn {}, but the run has only \
             the turns 0 to {}",
            pick.turn,
            n_turns.saturating_sub(1)
        ))),
    }
}

fn on_threads(scenario: &Scenario) -> Outcome {
    // Room for what the fastest actors write while nobody reads; what is not used takes no memory.
    let (max_actors, ring_capacity) = (MAX_ACTORS, 1 << 17);
    let config =
        real::Config { seed: scenario.seed, max_actors, ring_capacity, ..Default::default() };
    let values = scenario.values.clone();
    let setup = |world: &real::Recorded| values.lesson().on_threads(&values, world);
    let (ending, log) = real::Run::start(real::Threads, config, setup).join_with_log();
    Outcome { values, ending, log, n_turns: None, replay: None }
}

/// Says on stderr what went wrong, and how to see it again.
pub fn judge(Outcome { ending, log, replay, .. }: &Outcome) -> ExitCode {
    let n_lost = log.n_lost;
    if *ending == Ending::Finished && n_lost == 0 {
        return ExitCode::SUCCESS;
    }
    if n_lost > 0 {
        complain(&format!("{n_lost} events were lost: what is printed has gaps"));
    }
    if *ending != Ending::Finished {
        complain(&words::ending(ending, &log.names));
        complain(&match replay {
            Some(replay) => format!("replay: {replay}"),
            None => "threads never do the same twice, so this cannot be replayed; what \
                     --world model does can"
                .to_owned(),
        });
    }
    ExitCode::from(3)
}
