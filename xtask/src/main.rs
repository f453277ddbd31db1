//! The project's chores, run as `./x CHORE` or `cargo xtask CHORE`. This file is the command line
//! only; each chore has its own file.

mod apt;
mod browsers;
mod lanes;
mod split;
mod tally;
mod tools;
mod web;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use xshell::{Shell, cmd};

use lanes::Lane;

#[derive(Parser)]
#[command(name = "x", about = "The chores of Five Forks")]
enum Chore {
    /// Build the page, serve it with isolation headers, rebuild on every change
    Serve {
        /// Passed on to `trunk serve`, for instance `--port 9000` or `--release`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Build the release page into dist/ and check its size
    Build,
    /// Split the code of a page that Trunk has just built; Trunk calls this itself
    Split,
    /// Set everything up, run all test lanes and count
    Test {
        /// Only these lanes
        #[arg(value_enum)]
        lanes: Vec<Lane>,
    },
    /// Run the loom tests of the engine: weak memory orderings
    Loom,
    /// Run the engine's unit tests in miri: undefined behaviour and leaks
    Miri,
    /// Run the stress tests under ThreadSanitizer: data races
    Tsan,
    /// Keep real threads under load for minutes: nothing lost, nobody stuck, memory flat
    Soak {
        /// How long
        #[arg(long, default_value_t = 10.0)]
        minutes: f64,
    },
    /// Run the native benchmarks and write their report
    Bench {
        /// Passed on to `cargo bench -p native-bench`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Format the code, then check formatting, lints and dependencies
    Tidy,
}

fn main() -> ExitCode {
    run(Chore::parse()).unwrap_or_else(|error| {
        // The chain of causes in one line, and never a backtrace.
        eprintln!("{error:#}");
        ExitCode::FAILURE
    })
}

fn run(chore: Chore) -> Result<ExitCode> {
    let sh = Shell::new()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent")?;
    sh.change_dir(root);
    tools::use_cache(&sh)?;

    match chore {
        Chore::Serve { args } => web::serve(&sh, &args)?,
        Chore::Build => web::build(&sh)?,
        Chore::Split => web::split(&sh)?,
        Chore::Test { lanes } if lanes.is_empty() => {
            return lanes::run(&sh, Lane::value_variants());
        }
        Chore::Test { lanes } => return lanes::run(&sh, &lanes),
        Chore::Loom => return lanes::run(&sh, &[Lane::Loom]),
        Chore::Miri => return lanes::run(&sh, &[Lane::Miri]),
        Chore::Tsan => return lanes::run(&sh, &[Lane::Tsan]),
        Chore::Soak { minutes } => return lanes::soak(&sh, minutes),
        Chore::Bench { args } => bench(&sh, &args)?,
        Chore::Tidy => return tidy(&sh),
    }
    Ok(ExitCode::SUCCESS)
}

fn bench(sh: &Shell, args: &[String]) -> Result<()> {
    cmd!(sh, "cargo bench -p native-bench {args...}").run()?;
    cmd!(sh, "cargo run --release -p native-bench --bin report").run()?;
    Ok(())
}

fn tidy(sh: &Shell) -> Result<ExitCode> {
    for command in lanes::formatting(sh)? {
        command.run()?;
    }
    if tools::version_line(sh, "cargo-deny").is_some() {
        cmd!(sh, "cargo deny check").run()?;
    } else {
        println!("Skipped the dependency check: cargo-deny is not installed.");
    }
    lanes::run(sh, &[Lane::Tidy])
}
