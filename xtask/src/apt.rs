//! Packages of a Debian-like system, for whoever is root there.

use std::path::Path;

use anyhow::Result;
use xshell::{Shell, cmd};

/// Installs packages where that is possible; elsewhere it does nothing.
pub fn install(sh: &Shell, packages: &[&str]) -> Result<()> {
    let user = cmd!(sh, "id -u").quiet().read();
    if user.is_ok_and(|id| id == "0") && Path::new("/usr/bin/apt-get").exists() {
        println!("Installing {} with apt-get", packages.join(", "));
        cmd!(sh, "apt-get update").run()?;
        cmd!(sh, "apt-get install -y --no-install-recommends {packages...}")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .run()?;
    }
    Ok(())
}
