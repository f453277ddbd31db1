//! The lessons and their parameters, for people and for programs.

use std::io::{self, Write};

use clap::ValueEnum;
use engine::lessons::{Lesson, catalogue};
use serde::Serialize;

use crate::args::{self, WorldName};

/// A lesson as programs read it.
#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    lesson: &'static Lesson,
    /// Where it runs: every lesson runs everywhere.
    worlds: &'static [WorldName],
}

/// Prints the catalogue.
pub fn print(out: &mut dyn Write, json: bool) -> io::Result<()> {
    if json {
        let worlds = WorldName::value_variants();
        let entries: Vec<_> = catalogue().map(|lesson| Entry { lesson, worlds }).collect();
        serde_json::to_writer_pretty(&mut *out, &entries)?;
        return writeln!(out);
    }
    for lesson in catalogue() {
        writeln!(out, "{}: {} ({})", lesson.id, lesson.title.en, lesson.title.zh)?;
        writeln!(out, "  {}", lesson.summary.en)?;
        let width = lesson.params.iter().map(|param| param.id.len()).max().unwrap_or(0);
        for param in lesson.params {
            writeln!(out, "  --{:width$}  {} [{}]", param.id, param.title.en, args::range(param))?;
        }
    }
    Ok(())
}
