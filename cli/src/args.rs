//! The command line. The flags of `run` come from the catalogue, so a new lesson needs no change
//! here, and whatever is wrong is said in one sentence.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::ffi::OsString;
use std::fmt::Display;
use std::str::FromStr;
use std::thread::available_parallelism;

use anyhow::{Result, bail};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use engine::lessons::{
    Invalid, Kind, Lesson, Param, Picture, Plan, Policy, Scenario, catalogue, lesson,
};
use engine::model::{Config, Grain, Time};

use crate::check::CheckOrder;
use serde::Serialize;

/// What somebody wants.
pub enum Request {
    /// Read a text: the help or the version.
    Show(String),
    /// Know the lessons.
    List { json: bool },
    /// Run one.
    Run(Order),
    /// Know what can come out of one.
    Check(CheckOrder),
}

/// One run, as it is wanted.
pub struct Order {
    pub scenario: Scenario,
    pub world: WorldName,
    pub format: Format,
    pub max_turns: u64,
}

/// Where a lesson runs.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum WorldName {
    /// A deterministic scheduler on virtual time
    Model,
    /// A thread of the operating system for each actor, in real time
    Threads,
}

/// What is printed of a run.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// How it ended and what each actor got
    Summary,
    /// One line of JSON: the homework's list [philosopher, fork, action]
    Actions,
    /// A line for each event
    Log,
    /// The trace-event JSON that ui.perfetto.dev opens
    Perfetto,
}

/// Five Forks, a concurrency laboratory.
#[derive(Parser)]
#[command(name = "five-forks", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the lessons with their parameters
    List {
        /// Print the catalogue as JSON
        #[arg(long)]
        json: bool,
    },
    /// Run a lesson and print what happened
    Run(RunArgs),
    /// Look at all executions of a lesson in the model and print what can come out
    Check(CheckArgs),
}

#[derive(Args)]
struct CheckArgs {
    /// Which lesson; `five-forks list` says which there are
    lesson: String,

    /// Where the actors' random sequences begin [default: 1]
    #[arg(long, value_parser = read_seed)]
    seed: Option<u64>,

    /// What a single turn is: an operation or an access to a word [default: ops; inside the lock:
    /// words]
    #[arg(long, value_name = "ops|words", value_parser = Scenario::grain_from)]
    grain: Option<Grain>,

    /// Whether sleeps and timeouts may end at any moment (free), or in the order of their lengths and
    /// when nobody else can go (virtual) [default: free]
    #[arg(long, value_name = "free|virtual", value_parser = Scenario::time_from)]
    time: Option<Time>,

    /// Let each actor be woken once for no reason, as systems may; at the grain of words
    #[arg(long)]
    spurious: bool,

    /// Look at every state once: finds every way to end, also where there are too many executions
    #[arg(long, conflicts_with_all = ["all", "bound", "sample", "threads"])]
    states: bool,

    /// For how many states there shall be room, in MiB [default: 1024]
    #[arg(long, value_name = "MIB", requires = "states", value_parser = read_memory)]
    memory: Option<usize>,

    /// Look at every interleaving, also at those that nobody can tell apart
    #[arg(long, conflicts_with_all = ["bound", "sample"])]
    all: bool,

    /// Look at every interleaving with at most so many preemptions
    #[arg(long, value_name = "N", conflicts_with = "sample", value_parser = read_bound)]
    bound: Option<usize>,

    /// Look at random executions, until a limit
    #[arg(long, value_name = "random|pct", value_parser = read_sample)]
    sample: Option<Plan>,

    /// Stop after so many executions [default: 10000000; of a sample: 10000]
    #[arg(long, value_name = "N", value_parser = read_limit)]
    limit: Option<u64>,

    /// Stop after so many seconds
    #[arg(long, value_name = "N", value_parser = read_seconds)]
    seconds: Option<u64>,

    /// How many threads look at executions at once [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = read_threads)]
    threads: Option<usize>,

    /// After how many turns to give an execution up [default: 1000]
    #[arg(long, value_name = "N", value_parser = read_turns)]
    max_turns: Option<u64>,

    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct RunArgs {
    /// Which lesson; `five-forks list` says which there are
    lesson: String,

    /// Where it runs
    #[arg(long, value_enum, default_value_t = WorldName::Model)]
    world: WorldName,

    /// Where random sequences begin [default: 1]
    #[arg(long, value_parser = read_seed)]
    seed: Option<u64>,

    /// The schedule to follow, as an earlier run printed it; it says all about the run
    #[arg(long)]
    schedule: Option<String>,

    /// What a single turn of the model is: an operation or an access to a word [default: ops;
    /// inside the lock: words]
    #[arg(long, value_name = "ops|words", value_parser = Scenario::grain_from)]
    grain: Option<Grain>,

    /// Who chooses the next turn of the model [default: random]
    #[arg(long, value_name = "random|round-robin|pct", value_parser = read_policy)]
    policy: Option<Policy>,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Summary)]
    format: Format,

    /// After how many turns of the model to give up [default: 1000000]
    #[arg(long, value_name = "N", value_parser = read_turns)]
    max_turns: Option<u64>,
}

/// Reads the command line.
///
/// # Errors
/// [`Invalid`], in one sentence that names what is valid.
pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Request> {
    let mut command = command();
    let args: Vec<OsString> = args.into_iter().collect();
    let named = catalogue().find(|lesson| args.iter().any(|arg| *arg == *lesson.id));
    let matches = match command.try_get_matches_from_mut(args) {
        Ok(matches) => matches,
        Err(error) if error.exit_code() == 0 => {
            return Ok(Request::Show(error.render().to_string()));
        }
        Err(error) => bail!(Invalid::Other(sentence(&error, &command, named))),
    };
    match Cli::from_arg_matches(&matches)?.command {
        Command::List { json } => Ok(Request::List { json }),
        Command::Run(run) => {
            let matches = matches.subcommand_matches("run");
            Ok(Request::Run(order(&run, matches.unwrap_or(&ArgMatches::default()))?))
        }
        Command::Check(check) => {
            let matches = matches.subcommand_matches("check");
            Ok(Request::Check(check_order(&check, matches.unwrap_or(&ArgMatches::default()))?))
        }
    }
}

fn command() -> clap::Command {
    let params = || catalogue().flat_map(|lesson| lesson.params);
    // Lessons may share a parameter; it is one flag.
    let ids: BTreeSet<&'static str> = params().map(|param| param.id).collect();
    let flags = || ids.iter().map(|id| flag(id));
    let said_by_schedule = ids.iter().copied().chain(["seed", "grain", "policy"]);
    let said_by_schedule: Vec<&'static str> = said_by_schedule.collect();
    Cli::command().mut_subcommand("check", |check| check.args(flags())).mut_subcommand(
        "run",
        |run| {
            run.args(flags())
                .mut_arg("schedule", |schedule| schedule.conflicts_with_all(said_by_schedule))
        },
    )
}

fn flag(id: &'static str) -> Arg {
    let of_lesson =
        |lesson: &'static Lesson| Some((lesson.id, lesson.params.iter().find(|p| p.id == id)?));
    let uses: Vec<_> = catalogue().filter_map(of_lesson).collect();
    let help: Vec<_> = uses
        .iter()
        .map(|(lesson, param)| format!("{} [{lesson}: {}]", param.title.en, range(param)))
        .collect();
    Arg::new(id)
        .long(id)
        .value_name("VALUE")
        .allow_negative_numbers(true)
        .help(help.join("; "))
        .help_heading("Parameters of the lessons")
}

/// Which values a parameter takes, in words.
pub fn range(param: &Param) -> String {
    match param.kind {
        Kind::Number { min, max, default, unit, .. } => {
            let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
            format!("{min} to {max}{unit}; default: {default}")
        }
        Kind::Choice { options, default } => {
            let ids: Vec<_> = options.iter().map(|option| option.id).collect();
            format!("{}; default: {default}", ids.join(", "))
        }
    }
}

fn order(run: &RunArgs, matches: &ArgMatches) -> Result<Order> {
    let lesson = lesson(&run.lesson)?;
    let scenario = match &run.schedule {
        Some(schedule) => scenario_from(schedule, lesson)?,
        None => scenario_of(run, matches, lesson)?,
    };
    if run.world == WorldName::Threads {
        let given = [
            ("schedule", run.schedule.is_some()),
            ("grain", run.grain.is_some()),
            ("policy", run.policy.is_some()),
            ("max-turns", run.max_turns.is_some()),
        ];
        if let Some((flag, _)) = given.into_iter().find(|(_, is_given)| *is_given) {
            bail!(Invalid::Other(format!(
                "nobody schedules threads; --{flag} goes with --world model only"
            )));
        }
    }
    if run.format == Format::Actions && lesson.picture != Picture::Table {
        bail!(Invalid::Other(format!(
            "only philosophers have a list of actions; for {} the formats are: summary, log, \
             perfetto",
            lesson.id
        )));
    }
    let max_turns = run.max_turns.unwrap_or(Config::default().max_turns);
    Ok(Order { scenario, world: run.world, format: run.format, max_turns })
}

fn scenario_from(schedule: &str, lesson: &'static Lesson) -> Result<Scenario> {
    let broken = |problem| Invalid::Other(format!("the schedule is broken: {problem}"));
    let scenario: Scenario = schedule.parse().map_err(broken)?;
    if scenario.lesson() != lesson {
        let (its, asked) = (scenario.lesson().id, lesson.id);
        bail!(Invalid::Other(format!("the schedule is one of {its}, not of {asked}")));
    }
    Ok(scenario)
}

fn scenario_of(run: &RunArgs, matches: &ArgMatches, lesson: &'static Lesson) -> Result<Scenario> {
    let scenario = with_values(lesson, matches)?;
    let seed = run.seed.unwrap_or(scenario.seed);
    let grain = run.grain.unwrap_or(scenario.grain);
    let policy = run.policy.unwrap_or(scenario.policy);
    Ok(Scenario { seed, grain, policy, ..scenario })
}

/// The lesson with the parameters that are given.
fn with_values(lesson: &'static Lesson, matches: &ArgMatches) -> Result<Scenario> {
    let mut scenario = Scenario::new(lesson);
    for param in catalogue().flat_map(|lesson| lesson.params) {
        if let Some(text) = matches.get_one::<String>(param.id) {
            scenario.values.set(param.id, text)?;
        }
    }
    Ok(scenario)
}

fn check_order(check: &CheckArgs, matches: &ArgMatches) -> Result<CheckOrder> {
    let scenario = with_values(lesson(&check.lesson)?, matches)?;
    let plan = match (check.all, check.bound, check.sample) {
        _ if check.states => Plan::States(check.memory.unwrap_or(1024) << 20),
        (true, ..) => Plan::Every,
        (_, Some(bound), _) => Plan::Bounded(bound),
        (.., Some(sample)) => sample,
        _ => Plan::Classes,
    };
    let mut scenario = Scenario {
        seed: check.seed.unwrap_or(scenario.seed),
        grain: check.grain.unwrap_or(scenario.grain),
        time: check.time.unwrap_or(Time::Free),
        spurious: check.spurious,
        ..scenario
    };
    scenario.make_consistent()?;
    Ok(CheckOrder {
        scenario,
        plan,
        max_turns: check.max_turns.unwrap_or(1_000),
        limit: check.limit.unwrap_or(if check.sample.is_some() { 10_000 } else { 10_000_000 }),
        seconds: check.seconds,
        n_threads: check.threads.unwrap_or_else(|| available_parallelism().map_or(1, Into::into)),
        json: check.json,
    })
}

// --- values ------------------------------------------------------------------------------------

fn read_seed(text: &str) -> Result<u64, Invalid> {
    read_number("seed", "", text, [0, u64::MAX])
}

fn read_turns(text: &str) -> Result<u64, Invalid> {
    read_number("max-turns", "", text, [1, u64::MAX])
}

fn read_limit(text: &str) -> Result<u64, Invalid> {
    read_number("limit", "", text, [1, u64::MAX])
}

fn read_seconds(text: &str) -> Result<u64, Invalid> {
    read_number("seconds", "", text, [1, 1_000_000])
}

fn read_memory(text: &str) -> Result<usize, Invalid> {
    read_number("memory", " of MiB", text, [1, 1_000_000])
}

fn read_threads(text: &str) -> Result<usize, Invalid> {
    read_number("threads", "", text, [1, 256])
}

fn read_bound(text: &str) -> Result<usize, Invalid> {
    read_number("bound", "", text, [0, 1_000])
}

fn read_number<T: FromStr + PartialOrd + Display>(
    what: &str,
    unit: &str,
    text: &str,
    [least, most]: [T; 2],
) -> Result<T, Invalid> {
    text.parse().ok().filter(|n| (&least..=&most).contains(&n)).ok_or_else(|| {
        Invalid::Other(format!(
            "{what} must be a whole number{unit} from {least} to {most}, not '{text}'"
        ))
    })
}

fn read_sample(text: &str) -> Result<Plan, Invalid> {
    match text {
        "random" => Ok(Plan::Random),
        "pct" => Ok(Plan::Pct),
        _ => Err(Invalid::Other(format!("sample must be one of random, pct, not '{text}'"))),
    }
}

fn read_policy(text: &str) -> Result<Policy, Invalid> {
    Policy::ALL.into_iter().find(|policy| policy.id() == text).ok_or_else(|| {
        let ids = Policy::ALL.map(Policy::id).join(", ");
        Invalid::Other(format!("policy must be one of {ids}, not '{text}'"))
    })
}

// --- what is wrong -----------------------------------------------------------------------------

/// What clap has to complain about, in one sentence that names what is valid.
fn sentence(error: &clap::Error, command: &clap::Command, lesson: Option<&Lesson>) -> String {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    };
    let (arg, value) = (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue));
    let flag = arg.split(' ').next().unwrap_or_default();
    match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => format!("{flag} needs a value"),
        ErrorKind::InvalidValue => {
            let (name, valid) = (flag.trim_start_matches('-'), text(ContextKind::ValidValue));
            format!("{name} must be one of {valid}, not '{value}'")
        }
        ErrorKind::ValueValidation => match error.source() {
            Some(source) => source.to_string(),
            None => format!("'{value}' is no value for {flag}"),
        },
        ErrorKind::UnknownArgument => {
            format!(
                "there is nothing called '{arg}' here; {}",
                what_there_is(error, command, lesson)
            )
        }
        ErrorKind::MissingRequiredArgument => {
            let ids: Vec<_> = catalogue().map(|lesson| lesson.id).collect();
            format!("say which lesson; the lessons are: {}", ids.join(", "))
        }
        ErrorKind::InvalidSubcommand => {
            let name = text(ContextKind::InvalidSubcommand);
            format!("there is no command '{name}'; the commands are: list, run, check, help")
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "say what to do; the commands are: list, run, check, help".to_owned()
        }
        ErrorKind::ArgumentConflict if error.get(ContextKind::PriorArg).is_some() => {
            let prior = text(ContextKind::PriorArg);
            let prior = prior.split(' ').next().unwrap_or_default();
            if prior == flag {
                format!("{flag} can be given only once")
            } else if [flag, prior].contains(&"--schedule") {
                format!("{flag} and {prior} do not go together: a schedule says all about the run")
            } else {
                format!("{flag} and {prior} do not go together")
            }
        }
        _ => {
            let rendered = error.render().to_string();
            let first = rendered.lines().next().unwrap_or_default();
            first.trim_start_matches("error: ").to_owned()
        }
    }
}

/// The options of the command that was called, without the parameters of other lessons than this.
fn what_there_is(error: &clap::Error, command: &clap::Command, lesson: Option<&Lesson>) -> String {
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => String::new(),
    };
    let called = command.get_subcommands().find(|sub| {
        usage.contains(&format!("five-forks {} ", sub.get_name()))
            || usage.ends_with(&format!("five-forks {}", sub.get_name()))
    });
    let options = called
        .unwrap_or(command)
        .get_opts()
        .chain(called.unwrap_or(command).get_arguments().filter(|arg| arg.get_long().is_some()));
    let mut names: Vec<String> =
        options.filter_map(|arg| arg.get_long().map(|long| format!("--{long}"))).collect();
    let is_param =
        |name: &str, of: &Lesson| of.params.iter().any(|param| name == format!("--{}", param.id));
    names.retain(|name| {
        lesson.is_none_or(|lesson| {
            is_param(name, lesson) || !catalogue().any(|other| is_param(name, other))
        })
    });
    names.sort();
    names.dedup();
    format!("the options are: {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_are_consistent() {
        command().debug_assert();
    }
}
