//! The page: served while one works on it, built for release, weighed.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use xshell::{Shell, cmd};

use crate::{split, tools};

/// What a reader may have to download before the page is open, and in all: WebAssembly and JavaScript, as
/// brotli. Half of it all is the engine with its lessons, which are compiled once, for a world that is
/// either the model or the real one; the explorer with its pane and its tree is a thirteenth, the
/// challenges with their hints are a twenty-fifth.
const FIRST_BYTES: u64 = 250_000;
const BUDGET_BYTES: u64 = 500_000;

/// What the file of the rest is called, before a mark of what is in it.
const REST: &str = "rest-";

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

/// Splits the code of the page that Trunk has built, where it lies until all is ready.
pub fn split(sh: &Shell) -> Result<()> {
    let of_trunk =
        |name| env::var(name).with_context(|| format!("Trunk sets {name}, and only it calls this"));
    let (dir, profile) =
        (PathBuf::from(of_trunk("TRUNK_STAGING_DIR")?), of_trunk("TRUNK_PROFILE")?);
    let mut files = code_files(sh, &dir)?;
    files.retain(|file| file.extension().is_some_and(|ext| ext == "wasm"));
    let [whole] = &files[..] else { bail!("the page has {} WebAssembly modules", files.len()) };
    // This program lies in cargo's folder as Trunk's work does.
    let program = env::current_exe()?;
    let target = program.ancestors().nth(2).context("this program lies nowhere")?;
    let named = target.join("wasm-bindgen").join(profile).join("frontend_bg.wasm");

    let mut halves = split::split(&fs::read(whole)?, &fs::read(named)?)?;
    // A name that changes with what is in it: browsers may keep the file for as long as they like.
    let mut hasher = DefaultHasher::new();
    halves.rest.hash(&mut hasher);
    let name = format!("{REST}{:016x}.wasm", hasher.finish());
    split::name_rest(&mut halves.first, &name);
    fs::write(dir.join(&name), halves.rest)?;
    fs::write(whole, halves.first)?;
    Ok(())
}

/// Prints the size of each file of code and holds their sums against the budgets.
fn weigh(sh: &Shell, dist: &Path) -> Result<()> {
    let files = code_files(sh, dist)?;
    // Node is there for wasm-opt already, and its brotli is the one that servers use.
    let script = "const { readFileSync } = require('fs'), { brotliCompressSync } = require('zlib'); \
        for (const file of process.argv.slice(1)) \
        console.log(brotliCompressSync(readFileSync(file)).length)";
    let said = cmd!(sh, "node -e {script}").args(&files).quiet().read()?;

    println!("{:>10} {:>10}", "bytes", "brotli");
    let (mut first, mut rest) = (0, 0);
    for (file, brotli) in files.iter().zip(said.lines()) {
        let (raw, brotli) = (file.metadata()?.len(), brotli.parse::<u64>()?);
        println!("{raw:>10} {brotli:>10}  {}", file.strip_prefix(dist)?.display());
        let comes_later = file
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(REST.as_bytes()));
        *if comes_later { &mut rest } else { &mut first } += brotli;
    }
    println!("{:>10} {first:>10}  of {FIRST_BYTES} before the page is open", "");
    println!("{:>10} {:>10}  of {BUDGET_BYTES} in all", "", first + rest);
    ensure!(rest > 0, "the page was not split");
    ensure!(first <= FIRST_BYTES, "the page opens with more than {FIRST_BYTES} bytes of brotli");
    ensure!(
        first + rest <= BUDGET_BYTES,
        "the page is over its budget of {BUDGET_BYTES} bytes of brotli"
    );
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
