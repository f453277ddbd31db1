//! Listings: what is shown of a source, and which of its lines mean the same in two languages.
//!
//! A line of a lesson's Rust source may end with `//: name`, and a line of its Python listing with
//! `#: name`. Lines with the same mark do the same, so whoever is at the one is at the other; no line
//! number is written down anywhere. A mark that stands alone belongs to the line above, where a block
//! begins, and is not shown.

use super::{Kind, Values};

/// What is shown of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Its lines, in order.
    pub lines: Vec<Line>,
}

/// One line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the source, from 1.
    pub number: u32,
    /// What it says, without its mark.
    pub text: String,
    /// Its mark.
    pub mark: Option<String>,
}

impl Listing {
    /// The program in a Rust source: without what is said about it (the module's page, imports, the
    /// entry in the catalogue) and without its tests.
    ///
    /// ```
    /// use engine::lessons::Listing;
    ///
    /// let source = "//! A page.\n\nuse std::fmt;\n\nfn f() {\n    //: begin\n    g(); //: call\n}\n";
    /// let listing = Listing::rust(source);
    /// assert_eq!(listing.lines.len(), 3);
    /// assert_eq!(listing.lines[1].text, "    g();");
    /// assert_eq!([5, 6, 7].map(|line| listing.mark_at(line)), [Some("begin"), None, Some("call")]);
    /// ```
    pub fn rust(source: &str) -> Self {
        let mut lines = numbered(source, "//:");
        if let Some(tests) = lines.iter().position(|line| line.text == "#[cfg(test)]") {
            lines.truncate(tests);
        }
        // The entry is a `static` whose end is a line of its own.
        let entry = lines.iter().position(|line| line.text.starts_with("pub static LESSON"));
        let end_of_entry = entry.and_then(|start| {
            lines[start..].iter().position(|line| line.text == "};").map(|length| start + length)
        });
        let begin = end_of_entry.or_else(|| {
            lines
                .iter()
                .rposition(|line| line.text.starts_with("use ") || line.text.starts_with("mod "))
        });
        Self { lines: lines.split_off(begin.map_or(0, |begin| begin + 1)) }.trimmed()
    }

    /// A Python listing with these values in the place of its constants.
    pub fn python(source: &str, values: &Values) -> Self {
        let mut lines = numbered(source, "#:");
        for param in values.lesson().params {
            let start = format!("{} = ", param.id.to_uppercase().replace('-', "_"));
            let Some(line) = lines.iter_mut().find(|line| line.text.starts_with(&start)) else {
                continue;
            };
            let quote = if matches!(param.kind, Kind::Choice { .. }) { "\"" } else { "" };
            let comment = line.text.find("  #").map_or("", |at| &line.text[at..]).to_owned();
            line.text = format!("{start}{quote}{}{quote}{comment}", values.text(param.id));
        }
        Self { lines }.trimmed()
    }

    /// The mark of the line with this number.
    pub fn mark_at(&self, number: u32) -> Option<&str> {
        let line = self.lines.iter().find(|line| line.number == number)?;
        line.mark.as_deref()
    }

    /// The number of the line with this mark.
    pub fn line_of(&self, mark: &str) -> Option<u32> {
        let line = self.lines.iter().find(|line| line.mark.as_deref() == Some(mark))?;
        Some(line.number)
    }

    /// Without empty lines at the beginning and the end.
    fn trimmed(mut self) -> Self {
        let is_empty = |line: &Line| line.text.is_empty();
        while self.lines.last().is_some_and(is_empty) {
            self.lines.pop();
        }
        let begin = self.lines.iter().position(|line| !is_empty(line)).unwrap_or(0);
        self.lines.drain(..begin);
        self
    }
}

/// The numbers of the first lines of a Rust source that have a mark, and how many have one: to be known
/// when it is compiled.
pub(super) const fn marked<const N: usize>(source: &str) -> ([u16; N], usize) {
    let source = source.as_bytes();
    let (mut lines, mut n_marked, mut line, mut at) = ([0; N], 0, 1, 0);
    let mut is_blank = true;
    while at + 2 < source.len() {
        if source[at] == b'\n' {
            line += 1;
            is_blank = true;
        } else if source[at] == b'/' && source[at + 1] == b'/' && source[at + 2] == b':' {
            if n_marked < N {
                lines[n_marked] = if is_blank { line - 1 } else { line };
            }
            n_marked += 1;
        } else if source[at] != b' ' {
            is_blank = false;
        }
        at += 1;
    }
    (lines, n_marked)
}

fn numbered(source: &str, sign: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (line, number) in source.lines().zip(1..) {
        let (text, mark) = match line.rsplit_once(sign) {
            Some((text, mark)) => (text.trim_end(), Some(mark.trim().to_owned())),
            None => (line.trim_end(), None),
        };
        match lines.last_mut() {
            Some(above) if mark.is_some() && text.is_empty() => above.mark = mark,
            _ => lines.push(Line { number, text: text.to_owned(), mark }),
        }
    }
    lines
}
