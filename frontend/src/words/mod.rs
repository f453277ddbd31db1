//! Words for what the log says, in the page's language: here the names; [`say`] narrates, [`outlook`]
//! tells what is to come, [`objects`] describes what is drawn, [`ending`] how it ended, [`explored`]
//! what can come out at all, [`challenge`] how a challenge stands.

mod challenge;
mod ending;
mod explored;
mod objects;
mod outlook;
mod say;

pub use challenge::{goal, standing, ways};
pub use ending::{Told, cycle, ending, link};
pub use explored::{
    announcement, answer, branch, count, fate, finding, interleavings, outcome, progress, unreached,
};
pub use objects::{caption, describe, kind, loss, n_free, n_lost, number, state, writer};
pub use outlook::{activity, outlook};
pub use say::{Beside, say, step};

use engine::lessons::{Invalid, translated};
use engine::log::{Label, Names};
use engine::philosophers::Phase;
use engine::world::{ActorId, ObjectId, ObjectKind};
use rust_i18n::t;

/// The name of an actor, as in a sentence.
pub fn actor(names: &Names, actor: ActorId) -> String {
    actor_label(names, names.actor(actor))
}

fn actor_label(names: &Names, label: Label) -> String {
    named(label, "name", is_one(label, names.actors.iter().copied()), true)
}

/// The name of an actor where it stands alone.
pub fn actor_caption(names: &Names, actor: ActorId) -> String {
    let label = names.actor(actor);
    named(label, "name", is_one(label, names.actors.iter().copied()), false)
}

/// The fewest letters that tell an actor from all others.
pub fn initials(names: &Names, actor: ActorId) -> String {
    let label = names.actor(actor);
    let kin = || names.actors.iter().filter(|other| other.name == label.name);
    if kin().count() == names.actors.len() {
        return label.idx.to_string();
    }
    let first = named(label, "name", true, false).chars().find(|letter| letter.is_alphabetic());
    let first = first.map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    if kin().count() == 1 { first } else { format!("{first}{}", label.idx) }
}

/// The name of an object, as in a sentence.
pub fn object(names: &Names, object: ObjectId) -> String {
    object_named(names, object, true)
}

fn object_label(names: &Names, label: Label) -> String {
    let one = is_one(label, names.objects.iter().map(|(_, label)| *label));
    named(label, "thing", one, true)
}

fn object_named(names: &Names, object: ObjectId, in_sentence: bool) -> String {
    let Some((kind, label)) = names.objects.get(object.idx()) else { return String::new() };
    if *kind == ObjectKind::Thread {
        // An actor's life has its actor's name.
        let one = is_one(*label, names.actors.iter().copied());
        return named(*label, "name", one, in_sentence);
    }
    let one = is_one(*label, names.objects.iter().map(|(_, label)| *label));
    named(*label, "thing", one, in_sentence)
}

/// What is waited for: an object, or the end of a life.
pub fn awaited(names: &Names, id: ObjectId) -> String {
    let object = object(names, id);
    match names.objects.get(id.idx()) {
        Some((ObjectKind::Thread, _)) => fill("name.life", &[("who", &object)]),
        _ => object,
    }
}

fn is_one(label: Label, all: impl Iterator<Item = Label>) -> bool {
    all.filter(|other| other.name == label.name).count() <= 1
}

/// `special` is where names are that are not a word and a number: among those of actors, of objects.
fn named(label: Label, special: &str, one: bool, in_sentence: bool) -> String {
    let Label { name, idx } = label;
    if let Some(known) = known(&format!("{special}.{name}")) {
        return known.replace("%{n}", &idx.to_string());
    }
    match (word(name), one) {
        (Some(word), true) if in_sentence => fill("name.the", &[("word", &word)]),
        (Some(word), true) => word,
        (Some(word), false) => {
            spaced(&fill("name.nth", &[("word", &word), ("n", &idx.to_string())]))
        }
        // A name of the program's.
        (None, true) => name.to_owned(),
        (None, false) => label.to_string(),
    }
}

/// What this name is in the page's language: one that many lessons have, or that a lesson translates.
fn word(name: &str) -> Option<String> {
    known(&format!("word.{name}")).or_else(|| {
        let text = translated(name)?;
        Some(if is_english() { text.en } else { text.zh }.to_owned())
    })
}

fn is_english() -> bool {
    *rust_i18n::locale() == *"en"
}

/// The text with this key, with each `%{name}` replaced. One function for all of them: what is made
/// for each place where a text is used makes the page large.
fn fill(key: &str, with: &[(&str, &str)]) -> String {
    let text = known(key).unwrap_or_else(|| key.to_owned());
    with.iter().fold(text, |text, (name, value)| text.replace(&format!("%{{{name}}}"), value))
}

/// This key, or the one that is for such objects only, where there is one.
fn of_kind(key: &str, kind: Option<ObjectKind>) -> String {
    let own = kind.map(|kind| format!("{key}.{}", objects::kind_id(kind)));
    own.filter(|own| known(own).is_some()).unwrap_or_else(|| key.to_owned())
}

/// The text with this key, if there is one.
fn known(key: &str) -> Option<String> {
    crate::_rust_i18n_try_translate(&rust_i18n::locale(), key).map(|text| text.into_owned())
}

/// The text with this key in this language, and in no other instead.
pub fn exactly(language: &str, key: &str) -> Option<String> {
    crate::_rust_i18n_backend_translate(language, key).map(|text| text.into_owned())
}

/// The text as it is set in its script: in Chinese a space stands between Chinese and other letters,
/// and nowhere else.
pub fn spaced(text: &str) -> String {
    let is_han = |letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter);
    let letters: Vec<char> = text.chars().collect();
    if !letters.iter().any(|letter| is_han(*letter)) {
        return text.to_owned();
    }
    let mut out = String::new();
    for (idx, &letter) in letters.iter().enumerate() {
        let next = letters.get(idx + 1).copied();
        let last = out.chars().next_back();
        if letter == ' ' && last.is_some_and(is_han) && next.is_some_and(is_han) {
            continue;
        }
        let meet = |a: char, b: char| is_han(a) && b.is_ascii_alphanumeric();
        if last.is_some_and(|last| meet(last, letter) || meet(letter, last)) {
            out.push(' ');
        }
        out.push(letter);
    }
    out
}

/// The name of a philosopher's phase.
pub fn phase(phase: Phase) -> String {
    t!(format!("phase.{}", Phase::NAMES[phase as usize])).into_owned()
}

/// A time of the run in milliseconds, without more digits than it needs.
pub fn millis(ns: u64) -> String {
    let ms = ns as f64 / 1e6;
    if ms >= 100.0 || ms.fract() == 0.0 { format!("{ms:.0}") } else { format!("{ms:.2}") }
}

/// The text with a capital first letter, where its script has them.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// What was wrong with a value.
pub fn invalid(invalid: &Invalid) -> String {
    // The engine says it in English itself.
    if is_english() {
        return invalid.to_string();
    }
    let said = match invalid {
        Invalid::Lesson { given, valid } => {
            t!("invalid.lesson", given = given, valid = valid.join(", "))
        }
        Invalid::Param { lesson, given, valid } => {
            t!("invalid.param", lesson = lesson, given = given, valid = valid.join(", "))
        }
        Invalid::OneOf { what, given, valid } => {
            t!("invalid.one_of", what = what, given = given, valid = valid.join(", "))
        }
        Invalid::Number { what, given, range: [min, max], real, .. } => {
            let key = if *real { "invalid.number_real" } else { "invalid.number" };
            t!(key, what = what, given = given, min = min, max = max)
        }
        Invalid::Version { given, known } => t!("invalid.version", given = given, known = known),
        Invalid::Picks { given } => t!("invalid.picks", given = given),
        Invalid::Other(sentence) => return sentence.clone(),
    };
    said.into_owned()
}
