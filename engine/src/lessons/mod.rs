//! The lessons: programs to run, watch and measure, as data. A lesson is one file in the folder of its
//! family, and nothing else has to know of it; its Python listing lies beside it.
//!
//! - [`catalogue`]: every [`Lesson`] with its titles and parameters;
//! - [`Values`]: the parameters of one run, always within their ranges;
//! - [`Property`]: what must hold, and where a run broke it;
//! - [`Listing`]: what is shown of a source, in Rust and in Python;
//! - [`Check`]: everything that can come out of a lesson; [`Decisive`]: when that was decided; [`Tree`]:
//!   where its executions part;
//! - [`Challenge`]: what one can try at a lesson that can fail;
//! - [`Scenario`]: a lesson, its values and a schedule, as the short string that a link holds, a
//!   failure prints and a test replays.
//!
//! # One more
//!
//! Begin with a copy of the lesson that is most like it. Then:
//!
//! - the file is called as the `id`, with `_` for `-`, and lies in the folder of its `family`, where
//!   nobody else has its `place`, and none comes before the philosophers, with whom the page opens;
//! - `names` has the nouns that its actors and objects are called by in both languages, but for those that
//!   the page knows (`frontend/locales/objects.yml`, where also what is no noun stands, as "not empty");
//! - every line on which an actor takes a step has a mark (see [`Listing`]);
//! - `ALLOWED` has all that comes out, for each variant at least: the lines of `outcome`, and `deadlock`
//!   where a run may end in one. `five-forks check --time virtual` tells them;
//! - what can fail has a [`Challenge`], small enough that 12,000 classes of executions are all there are;
//!   at its smallest numbers every lesson is so small.
//!
//! A Python listing beside it is called alike, has the same marks, and a constant for each parameter:
//! `MOST_ROUNDS = 3` for `most-rounds`. It ends by itself: where it could wait for ever, it loses its
//! patience and prints `deadlock`. `./x test tidy native wasm` says what is missing.

mod atom;
mod challenge;
mod check;
mod errand;
mod facts;
mod fate;
mod findings;
mod invalid;
mod listing;
mod param;
mod property;
mod reached;
mod scenario;
#[cfg(not(target_family = "wasm"))]
mod together;
mod tree;
mod values;

/// The lessons of a family: all that lie in its folder, as `build.rs` has found them.
macro_rules! lessons {
    ($($file:ident $has_python:literal),*) => {
        $(mod $file;)*

        /// Every lesson of this family, in the order in which one teaches them.
        pub static LESSONS: &[super::Entry] = &super::in_place([$({
            use super::listing::marked;
            const SOURCE: &str = include_str!(concat!(stringify!($file), ".rs"));
            const LINES: [u16; marked::<0>(SOURCE).1] = marked(SOURCE).0;
            super::Entry { lesson: &$file::LESSON, marked: &LINES, has_python: $has_python }
        }),*]);

        /// What each may print, by its id.
        pub static ALLOWED: &[(&str, &[super::Allowed])] = &[$(($file::LESSON.id, $file::ALLOWED)),*];
    };
}
include!(concat!(env!("OUT_DIR"), "/found.rs"));
use {found, lessons};

mod classics;
mod inside;
mod threads;

pub use challenge::Challenge;
pub use check::{Census, Check, End, Found, Outcome, Plan, Progress, Simplest};
pub use errand::Errand;
pub use fate::{Decisive, Fate};
pub use findings::{DataRace, Finding, Overtaken};
pub use invalid::Invalid;
pub use listing::{Line, Listing};
pub use param::{Choice, Kind, Param, Text};
pub use property::{Property, Verdict};
pub use scenario::{Policy, Scenario};
pub use tree::{Branch, Tree};
pub use values::Values;

use serde::Serialize;

use crate::log::{CONTINUED, Ending, Log, Names, Printed, Scene};
use crate::model::{Grain, Model};
use crate::real::Recorded;
use crate::world::{ActorId, Either};
use param::text;

/// How many actors a lesson has at most, whatever is set.
pub const MAX_ACTORS: usize = 128;

/// A lesson, and what only its files say.
#[derive(Clone, Copy)]
struct Entry {
    lesson: &'static Lesson,
    /// The lines of its Rust source that have a mark. Of the sources nothing but these numbers is kept.
    marked: &'static [u16],
    /// Whether its Python listing lies beside it.
    has_python: bool,
}

/// From the smallest place to the largest.
const fn in_place<const N: usize>(mut entries: [Entry; N]) -> [Entry; N] {
    let mut n_sorted = 1;
    while n_sorted < N {
        let mut at = n_sorted;
        while at > 0 && entries[at].lesson.place < entries[at - 1].lesson.place {
            entries.swap(at, at - 1);
            at -= 1;
        }
        n_sorted += 1;
    }
    entries
}

fn entries() -> impl Iterator<Item = &'static Entry> {
    [threads::LESSONS, inside::LESSONS, classics::LESSONS].into_iter().flatten()
}

/// Every lesson, in the order in which one teaches them.
pub fn catalogue() -> impl Iterator<Item = &'static Lesson> {
    entries().map(|entry| entry.lesson)
}

/// The lesson with this id.
///
/// # Errors
/// Says which ids there are.
pub fn lesson(id: &str) -> Result<&'static Lesson, Invalid> {
    catalogue().find(|lesson| lesson.id == id).ok_or_else(|| {
        let valid = catalogue().map(|lesson| lesson.id).collect();
        Invalid::Lesson { given: id.to_owned(), valid }
    })
}

/// What this name of an actor or an object is in both languages, if a lesson says so.
///
/// ```
/// assert_eq!(engine::lessons::translated("barber").unwrap().zh, "理发师");
/// ```
pub fn translated(name: &str) -> Option<Text> {
    catalogue().flat_map(|lesson| lesson.names).find(|text| text.en == name).copied()
}

/// The part of a course that a lesson belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Threads and what they share.
    Threads,
    /// What locks and queues are made of, word by word.
    Inside,
    /// Problems that everybody meets, by the names everybody knows.
    Classics,
}

impl Family {
    /// What it is called.
    pub fn title(self) -> Text {
        match self {
            Self::Threads => text("Threads", "线程"),
            Self::Inside => text("Inside the lock", "锁的内部"),
            Self::Classics => text("Classics", "经典问题"),
        }
    }

    /// What a single turn of its lessons is, where nobody says otherwise.
    pub fn grain(self) -> Grain {
        match self {
            Self::Inside => Grain::Words,
            Self::Threads | Self::Classics => Grain::Operations,
        }
    }
}

/// Values of a lesson, as in a link, and all that it may print with them: each outcome as its lines, joined
/// by `|`. Where the virtual time of the model decides, that is: it moves only when nobody is ready, so a
/// longer sleep ends after a shorter one. On a machine that is very slow a sleep may lose its race.
pub type Allowed = (&'static str, &'static [&'static str]);

/// How a lesson is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Picture {
    /// As the philosophers' table.
    Table,
    /// As its actors and objects, each kind in its own way.
    Objects,
}

/// A program that teaches something.
#[derive(Debug, Serialize)]
pub struct Lesson {
    /// Its name on the command line and in links.
    pub id: &'static str,
    /// Where it belongs.
    pub family: Family,
    /// Where it stands in its family: the smaller, the earlier. There are gaps, for lessons to come.
    #[serde(skip)]
    pub place: u16,
    /// Its title.
    pub title: Text,
    /// What to see in it.
    pub summary: Text,
    /// What can be set.
    pub params: &'static [Param],
    /// How it is drawn.
    pub picture: Picture,
    /// What the phases of its actors are called.
    pub phases: &'static [&'static str],
    /// What its actors and objects are called, as far as it is not what many are: the English is the name
    /// in its program, and the same in all lessons. A name that nobody translates, as x, stays as it is.
    pub names: &'static [Text],
    /// What the numbers in its queues and its output stand for; those beyond it, for themselves.
    pub words: &'static [&'static str],
    /// What must hold.
    pub property: Property,
    /// What one can try at it; nothing where it cannot fail.
    #[serde(skip)]
    pub challenge: Option<Challenge>,
    /// Its Rust source, from the root of the project.
    pub file: &'static str,
    /// What it printed, line by line, as its Python listing does.
    #[serde(skip)]
    pub outcome: fn(&Lesson, &Log) -> Vec<String>,
    /// Sets it up in either world.
    #[serde(skip)]
    start: fn(&Values, &Either<Model, Recorded>),
}

impl PartialEq for Lesson {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Lesson {}

impl Lesson {
    /// Sets it up in the model.
    pub fn in_model(&self, values: &Values, world: &Model) {
        (self.start)(values, &Either::First(world.clone()));
    }

    /// Sets it up on real threads.
    pub fn on_threads(&self, values: &Values, world: &Recorded) {
        (self.start)(values, &Either::Second(world.clone()));
    }

    /// Where its Python listing lies, from the root of the project, if it has one.
    pub fn python(&self) -> Option<String> {
        self.entry().filter(|entry| entry.has_python).map(|_| self.file.replace(".rs", ".py"))
    }

    /// The lines of its Rust source that have a mark: all that is done by turns.
    pub fn marked(&self) -> &'static [u16] {
        self.entry().map_or(&[], |entry| entry.marked)
    }

    /// What it may print, for each of its variants and some other values; of the philosophers that is too
    /// much to be listed. Tables of their own, so that a page which never asks need not carry them.
    pub fn allowed(&self) -> &'static [Allowed] {
        let mut all = [threads::ALLOWED, inside::ALLOWED, classics::ALLOWED].into_iter().flatten();
        all.find(|(id, _)| *id == self.id).map_or(&[], |(_, allowed)| allowed)
    }

    fn entry(&self) -> Option<&'static Entry> {
        entries().find(|entry| entry.lesson == self)
    }

    /// What a number in its queues and its output stands for: a word, or itself, with its sign.
    pub fn word(&self, value: u32) -> String {
        let number = || value.cast_signed().to_string();
        self.words.get(value as usize).map_or_else(number, |&word| word.to_owned())
    }

    /// What an actor printed: a line, or its continuation.
    pub fn line(&self, names: &Names, text: u16, value: u32) -> String {
        names.text(text).replace("{}", &self.word(value))
    }

    /// The lines that its actors printed, and who printed them.
    pub fn lines(&self, names: &Names, printed: &[Printed]) -> Vec<(ActorId, String)> {
        let mut lines: Vec<(ActorId, String)> = Vec::new();
        for piece in printed {
            let text = self.line(names, piece.text, piece.value);
            let open = lines.iter_mut().rfind(|(by, _)| *by == piece.by);
            match open.filter(|_| names.text(piece.text) == CONTINUED) {
                Some((_, line)) => line.push_str(&text),
                None => lines.push((piece.by, text)),
            }
        }
        lines
    }

    /// Whether its property held in a run that ended like this.
    pub fn verdict(&self, values: &Values, log: &Log, ending: &Ending) -> Verdict {
        self.property.verdict(values, log, ending)
    }
}

/// The lines that its actors printed: the outcome of most lessons.
fn printed(lesson: &Lesson, log: &Log) -> Vec<String> {
    let lines = lesson.lines(&log.names, &Scene::of(&log.events).printed);
    lines.into_iter().map(|(_, line)| line).collect()
}
