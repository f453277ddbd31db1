//! A run in each format that can be asked for.

use std::io::{self, Write};

use engine::lessons::{Picture, Verdict};
use engine::log::{Log, Waits, trace_events};
use engine::philosophers::{Tally, actions};

use crate::args::Format;
use crate::run::Outcome;
use crate::words;

/// Prints the run.
pub fn print(out: &mut dyn Write, outcome: &Outcome, format: Format) -> io::Result<()> {
    match format {
        Format::Summary => summary(out, outcome),
        Format::Log => log(out, outcome),
        Format::Actions => {
            serde_json::to_writer(&mut *out, &actions(&outcome.log))?;
            writeln!(out)
        }
        Format::Perfetto => {
            let lesson = outcome.values.lesson();
            let word = |value| lesson.word(value);
            let trace = trace_events(&outcome.log, lesson.phases, &word);
            serde_json::to_writer(&mut *out, &trace)?;
            writeln!(out)
        }
    }
}

fn log(out: &mut dyn Write, Outcome { log, values, .. }: &Outcome) -> io::Result<()> {
    for event in &log.events {
        let (time, what) =
            (millis(event.time_ns), words::event(event, &log.names, values.lesson()));
        writeln!(out, "{time:>12.6} ms  {what}")?;
    }
    Ok(())
}

fn millis(nanos: u64) -> f64 {
    nanos as f64 / 1e6
}

fn summary(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let Outcome { values, ending, log, n_turns, replay } = outcome;
    let lesson = values.lesson();
    writeln!(out, "{}: {}", lesson.title.en, words::ending(ending, &log.names))?;
    let end_ns = log.events.last().map_or(0, |event| event.time_ns);
    match n_turns {
        Some(n_turns) => {
            writeln!(out, "{n_turns} turns, {:.3} ms of virtual time", millis(end_ns))?;
        }
        None => writeln!(out, "{:.3} ms on real threads", millis(end_ns))?,
    }
    let property = lesson.property.text.en;
    match lesson.verdict(values, log, ending) {
        Verdict::Holds => writeln!(out, "held: {property}")?,
        Verdict::Broken { event } => {
            let step = words::event(&log.events[event], &log.names, lesson);
            writeln!(out, "broken: {property}; the step that broke it: {step}")?;
        }
        Verdict::Open => writeln!(out, "not decided: {property}")?,
    }

    writeln!(out)?;
    match lesson.picture {
        Picture::Table => meals(out, log, end_ns)?,
        Picture::Objects => {
            (lesson.outcome)(lesson, log).iter().try_for_each(|line| writeln!(out, "{line}"))?;
            writeln!(out)?;
            waits(out, log, end_ns)?;
        }
    }
    writeln!(out, "events lost: {}", log.n_lost)?;
    match replay {
        Some(replay) => writeln!(out, "replay: {replay}"),
        None => Ok(()),
    }
}

/// What each philosopher got.
fn meals(out: &mut dyn Write, log: &Log, end_ns: u64) -> io::Result<()> {
    let tally = Tally::of(u16::try_from(log.names.actors.len()).unwrap_or(u16::MAX), &log.events);
    let (names, width) = names(log);
    writeln!(out, "{:width$}  {:>5}  {:>6}  {:>17}", "", "meals", "waits", "longest hunger")?;
    for (name, seat) in names.iter().zip(&tally.seats) {
        let hunger = millis(seat.longest_hunger_at(end_ns));
        writeln!(out, "{name:width$}  {:>5}  {:>6}  {hunger:>14.3} ms", seat.meals, seat.waits)?;
    }
    let fairness = tally.fairness(end_ns);
    writeln!(out, "\nfairness of hunger: {fairness:.3} (1: all were hungry equally long)")
}

/// How often and how long each actor waited.
fn waits(out: &mut dyn Write, log: &Log, end_ns: u64) -> io::Result<()> {
    let waits = Waits::of(&log.events);
    let (names, width) = names(log);
    writeln!(out, "{:width$}  {:>6}  {:>17}", "", "waits", "longest wait")?;
    for (name, actor) in names.iter().zip(&waits.actors) {
        writeln!(
            out,
            "{name:width$}  {:>6}  {:>14.3} ms",
            actor.n,
            millis(actor.longest_at(end_ns))
        )?;
    }
    writeln!(out)
}

/// The names of the actors, and how wide they are.
fn names(log: &Log) -> (Vec<String>, usize) {
    let names: Vec<_> = log.names.actors.iter().map(ToString::to_string).collect();
    let width = names.iter().map(String::len).max().unwrap_or(0);
    (names, width)
}
