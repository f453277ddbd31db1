//! Checks a lesson: looks at its executions, and prints what can come out of them.

use std::io::{self, IsTerminal, Write};
use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use engine::lessons::{Census, Check, End, Fate, Found, Outcome, Plan, Progress, Scenario};
use engine::log::Turn;
use engine::model::Config;
use serde_json::{Value, json};

use crate::{findings, words};

/// A check, as it is wanted.
pub struct CheckOrder {
    pub scenario: Scenario,
    pub plan: Plan,
    pub max_turns: u64,
    pub limit: u64,
    pub seconds: Option<u64>,
    pub n_threads: usize,
    pub json: bool,
}

/// How many executions may be spent on finding simpler ways, to all outcomes together.
const SIMPLEST_LIMIT: u64 = 100_000;
/// In how many places of all classes one may look to count the interleavings.
const COUNT_LIMIT: u64 = 10_000_000;
/// How many outcomes are printed for people.
const N_SHOWN: usize = 40;
/// How often the progress is shown.
const TICK: Duration = Duration::from_millis(200);

/// What a check found.
pub struct Report {
    check: Check,
    /// In how many interleavings each outcome comes, where it is known that they are limited.
    census: Option<Census>,
    elapsed: Duration,
    /// What it came to before the end.
    limit: Option<Limit>,
    /// How many executions may be spent on finding a simpler way to an outcome, and as many on when it
    /// was decided.
    simplest_limit: u64,
}

/// What keeps a check from looking at everything.
#[derive(Clone, Copy)]
enum Limit {
    Executions(u64),
    Seconds(u64),
    /// Some executions had not ended after so many.
    Turns(u64),
}

impl Limit {
    fn of(order: &CheckOrder, check: &Check, is_late: bool) -> Option<Self> {
        match (check.is_done(), order.seconds) {
            _ if check.is_exhausted() => None,
            (true, _) => Some(Self::Turns(order.max_turns)),
            (false, Some(seconds)) if is_late => Some(Self::Seconds(seconds)),
            (false, _) => Some(Self::Executions(order.limit)),
        }
    }

    /// The flag that sets it, and its value.
    fn flag(self) -> (&'static str, u64) {
        match self {
            Self::Executions(n) => ("limit", n),
            Self::Seconds(n) => ("seconds", n),
            Self::Turns(n) => ("max-turns", n),
        }
    }
}

/// Looks at the executions until there are no more, or as many as wanted.
pub fn check(order: &CheckOrder) -> Report {
    let CheckOrder { scenario, plan, max_turns, n_threads, .. } = order;
    let mut check = Check::new(scenario, *plan, *max_turns);
    let start = Instant::now();
    let until = order.seconds.map(|seconds| start + Duration::from_secs(seconds));
    let mut is_late = false;
    let mut terminal = io::stderr().is_terminal().then(io::stderr);
    check.together(*n_threads, order.limit, TICK, |progress| {
        if let Some(terminal) = &mut terminal {
            // Whoever cannot read it, need not.
            let _ = write!(terminal, "\r\x1b[K{}", how_far(progress, start.elapsed()));
        }
        is_late = until.is_some_and(|until| Instant::now() >= until);
        !is_late
    });
    if let Some(terminal) = &mut terminal {
        let _ = write!(terminal, "\r\x1b[K");
    }
    let elapsed = start.elapsed();
    let limit = Limit::of(order, &check, is_late);
    let census = (*plan == Plan::Classes && check.is_exhausted()).then(|| {
        let mut census = check.census(COUNT_LIMIT, COUNT_LIMIT);
        while census.next() {}
        census
    });
    let simplest_limit = SIMPLEST_LIMIT / count(&check).0.max(1) as u64;
    Report { check, census, elapsed, limit, simplest_limit }
}

fn how_far(progress: &Progress, elapsed: Duration) -> String {
    let Progress { n_executions: n, n_estimated, n_outcomes, n_bad } = *progress;
    // An estimate that has been overtaken says nothing.
    let of = n_estimated.filter(|estimated| *estimated > n);
    let of = of.map_or(String::new(), |estimated| format!(" of perhaps {estimated}"));
    let rate = rate(n, elapsed);
    format!("{n}{of} executions, {rate:.0} a second; outcomes: {n_outcomes}, bad: {n_bad}")
}

fn rate(n_executions: u64, elapsed: Duration) -> f64 {
    n_executions as f64 / elapsed.as_secs_f64().max(1e-9)
}

/// How many outcomes there are, and how many of them should not be.
fn count(check: &Check) -> (usize, usize) {
    (check.outcomes().count(), check.outcomes().filter(|(outcome, _)| outcome.is_bad()).count())
}

/// 0: nothing is wrong; 3: something is; 4: nothing was found, but there is more to look at.
pub fn judge(Report { check, .. }: &Report) -> ExitCode {
    match count(check) {
        (_, 1..) => ExitCode::from(3),
        _ if check.findings().any(|(finding, _)| finding.is_bad()) => ExitCode::from(3),
        _ if check.is_exhausted() => ExitCode::SUCCESS,
        _ => ExitCode::from(4),
    }
}

/// Prints what a check found.
pub fn print(out: &mut dyn Write, order: &CheckOrder, report: &Report) -> io::Result<()> {
    if order.json { print_json(out, order, report) } else { print_text(out, order, report) }
}

/// An outcome with its simplest schedule, and how many preemptions that has if they are the fewest.
struct Way {
    schedule: Scenario,
    n_preemptions: Option<usize>,
    n_turns: u64,
    ending: String,
    /// When it was decided that it ends badly, if it does, and by what.
    fate: Option<(Fate, Option<String>)>,
}

fn way(report: &Report, order: &CheckOrder, outcome: &Outcome) -> Option<Way> {
    let Report { check, simplest_limit, .. } = report;
    let simplest = check.simplest(outcome, *simplest_limit)?;
    let schedule = simplest.schedule()?;
    let mut run = schedule.run(Config { max_turns: order.max_turns, ..Config::default() });
    let ending = run.finish(&mut schedule.scheduler());
    let log = run.log();
    let fate = outcome.is_bad().then(|| {
        let mut decisive = check.decisive(simplest.order(), *simplest_limit);
        while decisive.next() {}
        let fate = decisive.fate();
        let turn = match fate {
            Fate::Turn(nth) => Turn::all(&log.events).nth(nth - 1),
            Fate::Always | Fate::Unknown => None,
        };
        let told =
            |turn: Turn| format!("{}: {}", log.names.actor(turn.actor), turn.told(&log.names));
        (fate, turn.map(told))
    });
    let ending = words::ending(&ending, &log.names);
    let n_preemptions = simplest.n_preemptions();
    Some(Way { schedule, n_preemptions, n_turns: run.n_turns(), ending, fate })
}

/// When it was decided that an execution ends badly.
fn doom((fate, by): &(Fate, Option<String>)) -> String {
    match (fate, by) {
        (Fate::Always, _) => "doomed from the start: every execution ends badly".to_owned(),
        (Fate::Turn(nth), Some(by)) => format!("doomed from turn {nth} ({by})"),
        (Fate::Turn(nth), None) => format!("doomed from turn {nth}"),
        (Fate::Unknown, _) => "which turn doomed it is not known".to_owned(),
    }
}

fn what_was_covered(order: &CheckOrder, report: &Report) -> String {
    let Report { check, census, elapsed, limit, .. } = report;
    let n = check.n_executions();
    let kind = match order.plan {
        Plan::Classes => "executions, one of each class".to_owned(),
        Plan::States(_) => "executions, each state once".to_owned(),
        Plan::Every => "interleavings".to_owned(),
        Plan::Bounded(bound) => format!("interleavings with at most {bound} preemptions"),
        Plan::Random => "random executions".to_owned(),
        Plan::Pct => "executions of random priorities".to_owned(),
        Plan::InStep => "executions in step".to_owned(),
    };
    let all = match (limit.map(Limit::flag), census.as_ref().and_then(Census::n_all)) {
        (None, Some(n_all)) => format!("; these are all ({n_all} interleavings)"),
        (None, None) => "; these are all".to_owned(),
        (Some((flag, most)), _) => format!("; there are more, beyond --{flag} {most}"),
    };
    format!("{n} {kind}{all}; {:.2} s, {:.0} a second", elapsed.as_secs_f64(), rate(n, *elapsed))
}

fn print_text(out: &mut dyn Write, order: &CheckOrder, report: &Report) -> io::Result<()> {
    let lesson = order.scenario.lesson();
    writeln!(out, "{}: {}", lesson.title.en, what_was_covered(order, report))?;
    writeln!(out, "must hold: {}\n", lesson.property.text.en)?;
    for (outcome, found) in report.check.outcomes().take(N_SHOWN) {
        let held = match outcome.held {
            Some(true) => "held",
            Some(false) => "BROKEN",
            None => "open",
        };
        let way = way(report, order, outcome);
        let said = match &way {
            Some(way) if outcome.end != End::Finished => way.ending.clone(),
            _ => end(outcome).to_owned(),
        };
        write!(out, "{held:>6}  {}  {said}", share(report, outcome, found))?;
        let lines: Vec<_> = outcome.lines.iter().map(String::as_str).collect();
        writeln!(out, "{}{}", if lines.is_empty() { "" } else { ": " }, lines.join(" | "))?;
        if let Some(Way { schedule, n_preemptions, n_turns, fate, .. }) = way {
            let few = n_preemptions.map_or(String::new(), |n| format!(", fewest preemptions: {n}"));
            let doom = fate.as_ref().map_or(String::new(), |fate| format!("; {}", doom(fate)));
            writeln!(out, "        {n_turns} turns{few}{doom}; to see it:")?;
            writeln!(out, "        five-forks run {} --schedule '{schedule}'", lesson.id)?;
        }
    }
    let n_more = count(&report.check).0.saturating_sub(N_SHOWN);
    if n_more > 0 {
        writeln!(out, "and {n_more} more outcomes; --json has them all")?;
    }
    findings::print(out, &report.check, &unreached(order, report), lesson)
}

/// Which lines nobody came to at all: with few preemptions that is nothing to tell, and of executions
/// that were given up it is not known.
fn unreached(order: &CheckOrder, report: &Report) -> Vec<RangeInclusive<u32>> {
    match order.plan {
        Plan::Bounded(_) | Plan::States(_) => Vec::new(),
        _ => report.check.unreached(),
    }
}

/// How many of the executions have this outcome, and how many of the interleavings.
fn share(report: &Report, outcome: &Outcome, found: &Found) -> String {
    let n = format!("{} of {}", found.n_executions, report.check.n_executions());
    match n_interleavings(report, outcome) {
        Some((n_of, n_all)) => format!("{n} ({n_of} of {n_all} interleavings)"),
        None => n,
    }
}

fn n_interleavings(Report { census, .. }: &Report, outcome: &Outcome) -> Option<(u128, u128)> {
    let census = census.as_ref()?;
    Some((census.n_of(outcome)?, census.n_all()?))
}

/// A number as JSON; as text, where it has more than 64 bits.
fn number(n: u128) -> Value {
    u64::try_from(n).map_or_else(|_| n.to_string().into(), Value::from)
}

fn end(outcome: &Outcome) -> &'static str {
    match outcome.end {
        End::Finished => "finished",
        End::Deadlock => "deadlock",
        End::LostWakeup => "lost wakeup",
        End::Assertion(_) => "failed assertion",
        End::Misuse(_) => "misuse",
        End::Livelock => "livelock",
        End::TurnLimit => "turn limit",
    }
}

fn print_json(out: &mut dyn Write, order: &CheckOrder, report: &Report) -> io::Result<()> {
    let outcomes: Vec<Value> = report
        .check
        .outcomes()
        .map(|(outcome, found)| {
            let way = way(report, order, outcome);
            let way = way.as_ref();
            let fate = way.and_then(|way| way.fate.as_ref());
            json!({
                "end": end(outcome),
                "held": outcome.held,
                "lines": outcome.lines,
                "executions": found.n_executions,
                "interleavings": n_interleavings(report, outcome).map(|(n, _)| number(n)),
                "turns": way.map(|way| way.n_turns),
                "fewestPreemptions": way.and_then(|way| way.n_preemptions),
                "doomed": fate.map(|(fate, _)| match fate {
                    Fate::Always => "always",
                    Fate::Turn(_) => "turn",
                    Fate::Unknown => "unknown",
                }),
                "doomedFromTurn": fate.and_then(|(fate, _)| match fate {
                    Fate::Turn(nth) => Some(nth),
                    Fate::Always | Fate::Unknown => None,
                }),
                "doomedBy": fate.and_then(|(_, by)| by.clone()),
                "schedule": way.map(|way| way.schedule.to_string()),
                "explanation": way.map(|way| way.ending.clone()),
            })
        })
        .collect();
    let report = json!({
        "lesson": order.scenario.lesson().id,
        "mustHold": order.scenario.lesson().property.text.en,
        "executions": report.check.n_executions(),
        "interleavings": report.census.as_ref().and_then(Census::n_all).map(number),
        "exhausted": report.check.is_exhausted(),
        "stoppedBy": report.limit.map(|limit| limit.flag().0),
        "outcomes": outcomes,
        "findings": findings::json(&report.check, &unreached(order, report), order.scenario.lesson()),
    });
    serde_json::to_writer(&mut *out, &report)?;
    writeln!(out)
}
