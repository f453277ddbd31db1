//! Measures the engine next to its peers, prints one table, and writes a page with plots.

mod measure;
mod page;
mod text;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;

use native_bench::rows;

use measure::{Effort, measure};

/// Measure Five Forks next to its peers.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Measure for a short time only; the ratios are less certain.
    #[arg(long)]
    quick: bool,
    /// Where to write the page.
    #[arg(long, value_name = "PATH", default_value = "report.html")]
    out: PathBuf,
    /// Measure only rows whose name in the table contains this text.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let effort = if args.quick {
        Effort { n_rounds: 5, slice: Duration::from_millis(4) }
    } else {
        Effort { n_rounds: 15, slice: Duration::from_millis(20) }
    };
    let rows = rows::all().into_iter();
    let rows = rows.filter(|row| format!("{}: {}", row.group, row.name).contains(&args.only));
    let findings: Vec<_> = rows
        .map(|row| {
            eprintln!("measuring {}: {}", row.group, row.name);
            measure(row, effort)
        })
        .collect();
    anyhow::ensure!(!findings.is_empty(), "no row contains {:?}", args.only);
    print!("{}", text::table(&findings));
    let page = page::html(&findings, effort)?;
    let out = args.out.display();
    std::fs::write(&args.out, page).with_context(|| format!("cannot write {out}"))?;
    println!("\nThe plots are in {out}.");
    Ok(())
}
