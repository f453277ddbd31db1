//! The test lanes. Each sets up what it needs; one that fails does not stop the next.

use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::ValueEnum;
use xshell::{Cmd, PushDir, Shell, cmd};

use crate::tally::{Tally, check, tests};
use crate::{browsers, tools, web};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lane {
    /// Formatting and lints
    Tidy,
    /// All native tests, with the examples in the docs
    Native,
    /// The page's own tests, in headless Chromium
    Wasm,
    /// The release build, within its budget
    Build,
    /// The page in dist/, in Chromium and Firefox
    E2e,
    /// The engine under weak memory orderings
    Loom,
    /// The engine under a checker for undefined behaviour
    Miri,
    /// Real threads under stress, and a checker for data races
    Tsan,
}

impl Lane {
    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    fn run(self, sh: &Shell) -> Result<Tally> {
        match self {
            Lane::Tidy => tidy(sh),
            Lane::Native => {
                tools::python(sh)?;
                tests(cmd!(sh, "cargo test --workspace --exclude frontend --no-fail-fast"))
            }
            Lane::Wasm => wasm(sh),
            Lane::Build => web::build(sh).map(|()| Tally::PASS),
            Lane::E2e => e2e(sh),
            Lane::Loom => loom(sh),
            Lane::Miri => miri(sh),
            Lane::Tsan => tsan(sh),
        }
    }
}

/// Runs the lanes and sums them up. The last line of output is `N passed, N failed`.
pub fn run(sh: &Shell, lanes: &[Lane]) -> Result<ExitCode> {
    let mut reports = Vec::new();
    let mut total = Tally::default();
    for &lane in lanes {
        println!("\n=== {} ===", lane.name());
        let start = Instant::now();
        let (tally, remark) = judge(lane.run(sh));
        println!("=== {}: {} ===", lane.name(), in_seconds(start.elapsed()));
        total += tally;
        reports.push((lane, tally, start.elapsed(), remark));
    }

    println!();
    for (lane, tally, elapsed, remark) in reports {
        let Tally { passed, failed } = tally;
        let elapsed = in_seconds(elapsed);
        println!("{:<8}{passed:>6} passed {failed:>4} failed {elapsed:>9}{remark}", lane.name());
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    stdout().flush()?;
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A lane that could not run has failed.
fn judge(result: Result<Tally>) -> (Tally, &'static str) {
    match result {
        Ok(tally) => (tally, ""),
        Err(error) => {
            println!("{error:#}");
            (Tally::FAIL, "  (stopped)")
        }
    }
}

fn in_seconds(elapsed: Duration) -> String {
    format!("{:.1} s", elapsed.as_secs_f32())
}

fn tidy(sh: &Shell) -> Result<Tally> {
    let mut tally = Tally::default();
    for command in formatting(sh)? {
        tally += check(command.arg("--check"))?;
    }
    tally += check(cmd!(
        sh,
        "cargo clippy --workspace --exclude frontend --all-targets -- -D warnings"
    ))?;
    tally += check(cmd!(
        sh,
        "cargo clippy -p frontend --target wasm32-unknown-unknown --all-targets -- -D warnings"
    ))?;
    Ok(tally)
}

/// What formats all sources: cargo does not see the lessons, which a macro declares.
pub fn formatting(sh: &Shell) -> Result<[Cmd<'_>; 2]> {
    let mut lessons = Vec::new();
    for family in sh.read_dir("engine/src/lessons")?.into_iter().filter(|path| path.is_dir()) {
        lessons.extend(sh.read_dir(family)?);
    }
    lessons.retain(|file| file.extension().is_some_and(|ext| ext == "rs") && file.is_file());
    Ok([cmd!(sh, "cargo fmt --all"), cmd!(sh, "rustfmt --edition 2024").args(lessons)])
}

fn wasm(sh: &Shell) -> Result<Tally> {
    tools::wasm_bindgen(sh)?;
    browsers::ready(sh)?;
    tests(
        cmd!(sh, "cargo test -p frontend --target wasm32-unknown-unknown --no-fail-fast")
            // Starting many workers takes seconds on a small machine; the default is 20.
            .env("WASM_BINDGEN_TEST_TIMEOUT", "120"),
    )
}

fn e2e(sh: &Shell) -> Result<Tally> {
    tools::node(sh)?;
    browsers::ready(sh)?;
    if !sh.path_exists("dist/index.html") {
        web::build(sh)?;
    }
    // Without it only the tests that open it fail.
    if let Err(error) = tools::perfetto(sh) {
        println!("{error:#}");
    }
    let _dir = sh.push_dir("e2e");
    if modules_are_stale(sh) {
        cmd!(sh, "npm ci --no-audit --no-fund").run()?;
    }
    // One file after the other: one browser at a time is enough for a small machine.
    tests(
        cmd!(sh, "node --test --test-concurrency=1 --test-reporter=spec")
            .arg("--test-timeout=300000"),
    )
}

/// npm writes its own lock into node_modules; it is older than ours when ours has changed.
fn modules_are_stale(sh: &Shell) -> bool {
    let changed = |path: &str| sh.current_dir().join(path).metadata()?.modified();
    match (changed("package-lock.json"), changed("node_modules/.package-lock.json")) {
        (Ok(wanted), Ok(installed)) => installed < wanted,
        _ => true,
    }
}

fn loom(sh: &Shell) -> Result<Tally> {
    let root = sh.current_dir();
    let _dir = outside(sh);
    // Its own folder: the flag would rebuild everything, back and forth. A release build makes the
    // search fast.
    tests(
        linked_fast(cmd!(
            sh,
            "cargo test --manifest-path {root}/Cargo.toml -p engine --release --test loom"
        ))
        .env("RUSTFLAGS", "--cfg loom")
        .env("CARGO_TARGET_DIR", root.join("target/loom")),
    )
}

/// Without the slow link that the page and the benchmarks have of a release build.
fn linked_fast(cmd: Cmd<'_>) -> Cmd<'_> {
    cmd.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
}

/// The modules whose unit tests have threads, or `unsafe`; those of timers have the world that is either.
const REAL: [&str; 7] =
    ["log::ring", "model::", "pool::", "queue::", "real::", "sync::", "thread::"];

fn miri(sh: &Shell) -> Result<Tally> {
    let root = sh.current_dir();
    let _dir = outside(sh);
    tests(
        cmd!(sh, "cargo miri test --manifest-path {root}/Cargo.toml -p engine --lib")
            .arg("--")
            .args(REAL)
            // The clock of the real world is the host's, and a futex knows a word by its address.
            .env("MIRIFLAGS", "-Zmiri-disable-isolation -Zmiri-permissive-provenance"),
    )
}

/// The sanitizer knows atomics with their orderings but no fences; the engine's only ones order no plain
/// data. It must see all of the program, so std is rebuilt with it. A test binary in which it found a race
/// fails.
fn tsan(sh: &Shell) -> Result<Tally> {
    let root = sh.current_dir();
    let target = tools::host(sh)?;
    // From there, as for loom: std is asked for here, without the one that the page needs.
    let _dir = outside(sh);
    let cargo_test = |args: &[&str]| {
        let cargo = cmd!(sh, "cargo test --manifest-path {root}/Cargo.toml -p engine --release");
        tests(
            linked_fast(cargo)
                .args(["--target", &target, "-Zbuild-std=std", "--no-fail-fast"])
                .args(args)
                .env("RUSTFLAGS", "-Zsanitizer=thread")
                .env("CARGO_TARGET_DIR", root.join("target/tsan")),
        )
    };
    let mut tally = cargo_test(&["--test", "stress", "--test", "threads"])?;
    tally += cargo_test(&[&["--lib", "--"], &REAL[..]].concat())?;
    Ok(tally)
}

/// Real threads under load for that many minutes, with a line of progress every half minute.
pub fn soak(sh: &Shell, minutes: f64) -> Result<ExitCode> {
    let root = sh.current_dir();
    let _dir = outside(sh);
    let tally = tests(
        linked_fast(cmd!(sh, "cargo test --manifest-path {root}/Cargo.toml -p engine --release"))
            .args(["--test", "stress", "--", "--ignored", "--exact", "soak::soak", "--nocapture"])
            .env("FIVE_FORKS_SOAK_MINUTES", minutes.to_string())
            .env("CARGO_TARGET_DIR", root.join("target/soak")),
    )?;
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Leaves the checkout until the result is dropped. Cargo looks for .cargo/config.toml from the
/// working folder upwards, so from there it does not rebuild std: miri brings a std of its own and
/// stops at a second one, and loom needs none. The toolchain stays: rustup has put it into the
/// environment of this process.
fn outside(sh: &Shell) -> PushDir<'_> {
    sh.push_dir("/")
}
