//! The page: served while one works on it, built for release, weighed.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use crate::tools;

/// What a reader may have to download before the lab runs: all WebAssembly and JavaScript, as brotli.
/// Nearly half of it is the engine with its lessons, which are compiled once, for a world that is
/// either the model or the real one; the explorer with its pane and its tree is a thirteenth, the
/// challenges with their hints are a twenty-fifth.
const BUDGET_BYTES: u64 = 433_500;

/// Becomes Trunk, which prints the address: a signal to this process then ends the server.
pub fn serve(sh: &Shell, args: &[String]) -> Result<()> {
    ready(sh)?;
    Err(Command::from(cmd!(sh, "trunk serve {args...}")).exec()).context("trunk does not start")
}

/// Makes sure of what Trunk and the steps that it calls need.
fn ready(sh: &Shell) -> Result<()> {
    tools::trunk(sh)?;
    tools::wasm_bindgen(sh)?;
    tools::wasm_opt(sh)
}

pub fn build(sh: &Shell) -> Result<()> {
    ready(sh)?;
    // A build that fails must not leave an older page behind for the tests.
    sh.remove_path("dist")?;
    // A relative address, so that dist/ works under any path of a static host.
    cmd!(sh, "trunk build --public-url ./").run()?;
    weigh(sh, &sh.current_dir().join("dist"))
}

/// Prints the size of each file of code and holds their sum against the budget.
fn weigh(sh: &Shell, dist: &Path) -> Result<()> {
    let files = code_files(sh, dist)?;
    // Node is there for wasm-opt already, and its brotli is the one that servers use.
    let script = "const { readFileSync } = require('fs'), { brotliCompressSync } = require('zlib'); \
        for (const file of process.argv.slice(1)) \
        console.log(brotliCompressSync(readFileSync(file)).length)";
    let said = cmd!(sh, "node -e {script}").args(&files).quiet().read()?;

    println!("{:>10} {:>10}", "bytes", "brotli");
    let mut total = 0;
    for (file, brotli) in files.iter().zip(said.lines()) {
        let (raw, brotli) = (file.metadata()?.len(), brotli.parse::<u64>()?);
        println!("{raw:>10} {brotli:>10}  {}", file.strip_prefix(dist)?.display());
        total += brotli;
    }
    println!("{:>10} {total:>10}  of {BUDGET_BYTES}", "");
    ensure!(total <= BUDGET_BYTES, "the page is over its budget of {BUDGET_BYTES} bytes of brotli");
    Ok(())
}

fn code_files(sh: &Shell, dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in sh.read_dir(dir)? {
        if path.is_dir() {
            files.extend(code_files(sh, &path)?);
        } else if path.extension().is_some_and(|ext| ext == "wasm" || ext == "js") {
            files.push(path);
        }
    }
    Ok(files)
}
