//! Finds the lessons: each folder of `src/lessons` is a family, and each Rust file in it a lesson.

use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::{env, io};

const LESSONS: &str = "src/lessons";

/// Writes a macro that hands the files of a family to `lessons!`, each with whether there is Python beside
/// it. That only a macro stands between `mod` and its family keeps the paths of the sources as they are.
fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={LESSONS}");
    let families = entries(LESSONS.as_ref())?.into_iter().filter(|entry| entry.path().is_dir());
    let arms = families.map(|family| arm(&family)).collect::<io::Result<String>>()?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("found.rs"), format!("macro_rules! found {{\n{arms}}}\n"))
}

fn arm(family: &DirEntry) -> io::Result<String> {
    let files = entries(&family.path())?.into_iter().map(|entry| entry.path());
    let lessons = files.filter(|file| {
        file.extension().is_some_and(|ext| ext == "rs")
            && file.file_stem().is_some_and(|stem| stem != "mod")
    });
    let lessons = lessons.map(|file| {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        format!("{name} {}", file.with_extension("py").exists())
    });
    let (family, lessons) = (family.file_name(), lessons.collect::<Vec<_>>().join(", "));
    Ok(format!("    ({}) => {{ super::lessons![{lessons}]; }};\n", family.to_string_lossy()))
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> io::Result<Vec<DirEntry>> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    // An editor's.
    entries.retain(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}
