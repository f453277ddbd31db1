//! The browsers that the tests drive: told by the environment, found on the machine, or (as root
//! on a Debian-like system) installed from its packages.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};
use xshell::Shell;

use crate::apt;

const CHROME: &[&str] = &[
    "chromium",
    "google-chrome",
    "chromium-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const CHROMEDRIVER: &[&str] = &["chromedriver"];
const FIREFOX: &[&str] =
    &["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"];

const PACKAGES: &[&str] = &["chromium", "chromium-driver", "firefox-esr", "fonts-noto-cjk"];

/// Names the browsers to the commands of this shell: CHROME, CHROMEDRIVER, FIREFOX.
pub fn ready(sh: &Shell) -> Result<()> {
    if find_all().is_none() {
        apt::install(sh, PACKAGES)?;
    }
    let found = find_all().with_context(|| {
        format!(
            "Chromium with chromedriver and Firefox are needed: install {} (Debian names), \
             or set CHROME, CHROMEDRIVER and FIREFOX",
            PACKAGES.join(", ")
        )
    })?;
    for (name, path) in found {
        sh.set_var(name, path);
    }
    Ok(())
}

fn find_all() -> Option<[(&'static str, PathBuf); 3]> {
    Some([
        ("CHROME", find("CHROME", CHROME)?),
        ("CHROMEDRIVER", find("CHROMEDRIVER", CHROMEDRIVER)?),
        ("FIREFOX", find("FIREFOX", FIREFOX)?),
    ])
}

fn find(variable: &str, names: &[&str]) -> Option<PathBuf> {
    if let Some(told) = env::var_os(variable) {
        return Some(told.into());
    }
    let dirs: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    // Joining an absolute name gives that name itself.
    names.iter().find_map(|name| dirs.iter().map(|dir| dir.join(name)).find(|path| path.is_file()))
}
