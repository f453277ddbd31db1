//! The lessons as one looks for them: in the order of teaching, by what is typed.

use engine::lessons::{Family, Lesson, catalogue};

/// Every lesson that a query finds, by family, in the order in which one teaches them.
pub fn found(query: &str) -> Vec<(Family, Vec<&'static Lesson>)> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let mut families: Vec<(Family, Vec<_>)> = Vec::new();
    for lesson in catalogue().filter(|lesson| matches(lesson, &words)) {
        match families.iter_mut().find(|(family, _)| *family == lesson.family) {
            Some((_, lessons)) => lessons.push(lesson),
            None => families.push((lesson.family, vec![lesson])),
        }
    }
    families
}

/// Whether every word is somewhere in what is said of the lesson, in either language.
fn matches(lesson: &Lesson, words: &[String]) -> bool {
    let (title, summary) = (lesson.title, lesson.summary);
    let said = [lesson.id, title.en, title.zh, summary.en, summary.zh].join("\n").to_lowercase();
    words.iter().all(|word| said.contains(word))
}

/// The lesson that is taught before (`false`) or after (`true`) this one.
pub fn beside(lesson: &Lesson, after: bool) -> Option<&'static Lesson> {
    let lessons: Vec<_> = catalogue().collect();
    let at = lessons.iter().position(|other| *other == lesson)?;
    let at = if after { at.checked_add(1) } else { at.checked_sub(1) };
    lessons.get(at?).copied()
}
