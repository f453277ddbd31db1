//! The lessons and their parameters, for people and for programs.

use std::io::{self, Write};

use engine::lessons::catalogue;

use crate::args;

/// Prints the catalogue.
pub fn print(out: &mut dyn Write, json: bool) -> io::Result<()> {
    if json {
        serde_json::to_writer_pretty(&mut *out, &catalogue().collect::<Vec<_>>())?;
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
