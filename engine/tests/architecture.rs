//! The architecture, as a test: which room may name which, and what every file begins with.
//!
//! The checks work on plain strings and are themselves checked; then they are run on the sources.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of the engine from the ground up. A room may name those on lower floors and itself;
/// rooms on one floor do not know each other.
const FLOORS: [(&str, u32); 11] = [
    ("world", 0),
    ("log", 1),
    ("model", 2),
    ("real", 2),
    ("explore", 3),
    ("sync", 3),
    ("thread", 4),
    ("queue", 4),
    ("philosophers", 4),
    ("pool", 5),
    ("lessons", 6),
];

/// What the engine must not know: browsers, command lines, benchmarks.
const STRANGERS: [&str; 12] = [
    "anyhow",
    "clap",
    "cli",
    "criterion",
    "frontend",
    "gloo",
    "js-sys",
    "native-bench",
    "wasm-bindgen",
    "wasm-bindgen-rayon",
    "web-sys",
    "yew",
];

fn floor(room: &str) -> Option<u32> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// The rooms that a source names by `crate::…`, in code and in the links of its comments.
fn rooms_named_in(source: &str) -> Vec<(usize, &str)> {
    let lines = source.lines().enumerate();
    let names = lines.flat_map(|(idx, line)| {
        let after = line.match_indices("crate::").map(move |(at, path)| &line[at + path.len()..]);
        after.map(move |rest| {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            (idx + 1, &rest[..end.unwrap_or(rest.len())])
        })
    });
    names.collect()
}

/// The arrows of a file in `room` that point up or aside.
fn wrong_arrows(room: &str, source: &str) -> Vec<String> {
    let own = floor(room);
    let mut wrong = Vec::new();
    for (line, named) in rooms_named_in(source) {
        let is_fine = match (floor(named), own) {
            (Some(named_floor), Some(own)) => named == room || named_floor < own,
            // The root of the crate may name everybody; `crate::{…}` would hide whom.
            (Some(_), None) => room == "lib",
            (None, _) => ["World", "block"].contains(&named),
        };
        if !is_fine {
            wrong.push(format!("line {line}: {room} names crate::{named}"));
        }
    }
    wrong
}

/// Whether a source begins by saying what it is.
fn introduces_itself(source: &str) -> bool {
    source.lines().next().is_some_and(|line| line.starts_with("//! ") && line.len() > 8)
}

/// The packages that a manifest depends on in whichever way.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut is_dependencies = false;
    let mut names = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(table) = line.strip_prefix('[') {
            let table = table.trim_end_matches(']');
            is_dependencies = table.ends_with("dependencies");
            // `[dependencies.name]`
            if let Some((_, name)) = table.split_once("dependencies.") {
                names.push(name);
            }
        } else if is_dependencies && let Some((name, _)) = line.split_once('=') {
            names.push(name.trim().split('.').next().unwrap_or_default());
        }
    }
    names
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust sources below a directory.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut sources: Vec<PathBuf> = paths
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    sources.sort();
    sources
}

// --- the checks, checked -----------------------------------------------------------------------

#[test]
fn arrows_that_point_down_are_fine() {
    assert_eq!(wrong_arrows("sync", "use crate::world::{Act, World};"), [""; 0]);
    assert_eq!(wrong_arrows("lessons", "use crate::model::Model;\nuse crate::real::Run;"), [""; 0]);
    assert_eq!(wrong_arrows("model", "pub(crate) fn f(); use crate::model::kernel;"), [""; 0]);
    assert_eq!(wrong_arrows("lib", "pub use crate::lessons::CATALOGUE;"), [""; 0]);
}

#[test]
fn arrows_that_point_up_or_aside_are_found() {
    let wrong = |room, source| wrong_arrows(room, source).len();
    assert_eq!(wrong("world", "use crate::log::Event;"), 1);
    assert_eq!(wrong("log", "\nuse crate::model::Run;\nlet x = crate::sync::Lock::new();"), 2);
    assert_eq!(wrong("model", "use crate::real::Run;"), 1);
    assert_eq!(wrong("real", "pub use crate::model::Run;"), 1);
    assert_eq!(wrong("sync", "//! See [`crate::philosophers::Table`]."), 1);
    assert_eq!(wrong("sync", "use crate::{lessons::Lesson, world::World};"), 1, "hidden in braces");
    assert_eq!(wrong("attic", "use crate::world::World;"), 1, "a room without a floor");
    let said = wrong_arrows("world", "\nuse crate::log::Event;");
    assert_eq!(said, ["line 2: world names crate::log"]);
}

#[test]
fn a_file_without_an_introduction_is_found() {
    assert!(introduces_itself("//! A lock.\n"));
    let others =
        ["", "use x;\n", "// A lock.\n", "//!\n", "\n//! A lock.\n", "#![x]\n//! A lock.\n"];
    assert!(!others.into_iter().any(introduces_itself));
}

#[test]
fn dependencies_are_read() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\na = \"1\"\nb.workspace = true\n\
                    [target.'cfg(unix)'.dev-dependencies]\nc = { path = \"..\" }\n\
                    [build-dependencies.d]\nversion = \"1\"\n[lints]\ne = 1\n";
    assert_eq!(dependencies(manifest), ["a", "b", "c", "d"]);
}

// --- the sources -------------------------------------------------------------------------------

#[test]
fn no_room_names_a_higher_one() {
    let src = workspace().join("engine/src");
    let sources = sources(&src);
    assert!(sources.len() > 20);
    let mut rooms_seen = Vec::new();
    let mut wrong = Vec::new();
    for path in &sources {
        let within = path.strip_prefix(&src).unwrap();
        let room = within.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        rooms_seen.push(room.to_owned());
        let arrows = wrong_arrows(room, &fs::read_to_string(path).unwrap());
        wrong.extend(arrows.into_iter().map(|arrow| format!("{}, {arrow}", within.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(FLOORS.iter().all(|(room, _)| rooms_seen.iter().any(|seen| seen == room)));
    let is_known = |room: &String| floor(room).is_some() || room == "lib";
    assert!(rooms_seen.iter().all(is_known), "a room without a floor: {rooms_seen:?}");
}

#[test]
fn every_file_says_what_it_is() {
    let houses = ["cli", "engine", "frontend", "native-bench", "xtask"];
    let all: Vec<PathBuf> = houses
        .iter()
        .flat_map(|house| {
            ["src", "tests", "benches", "examples"].map(|dir| format!("{house}/{dir}"))
        })
        .flat_map(|dir| sources(&workspace().join(dir)))
        .collect();
    assert!(all.len() > 40);
    let mute = all.iter().filter(|path| !introduces_itself(&fs::read_to_string(path).unwrap()));
    let mute: Vec<_> = mute.collect();
    assert!(mute.is_empty(), "{mute:?}");
}

#[test]
fn the_engine_knows_nobody_and_the_houses_around_it_know_the_engine() {
    let manifest =
        |house: &str| fs::read_to_string(workspace().join(house).join("Cargo.toml")).unwrap();
    let engine = manifest("engine");
    let known = dependencies(&engine);
    assert!(known.contains(&"serde"), "the manifest was read: {known:?}");
    let strangers: Vec<_> = known.iter().filter(|name| STRANGERS.contains(name)).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
    for house in ["cli", "frontend", "native-bench"] {
        let manifest = manifest(house);
        let known = dependencies(&manifest);
        assert!(known.contains(&"engine"), "{house} is built on the engine");
        let neighbours = ["cli", "frontend", "native-bench", "xtask"];
        let wrong: Vec<_> = known.iter().filter(|name| neighbours.contains(name)).collect();
        assert!(wrong.is_empty(), "{house} depends on {wrong:?}");
    }
}
