//! Colours for listings: comments, strings, keywords, and nothing else.

use crate::source::Tongue;

/// What a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Anything else.
    Plain,
    /// Said to the reader.
    Comment,
    /// Said by the program.
    Text,
    /// A word of the language.
    Keyword,
}

const RUST: &str = " as async await break const continue else enum fn for if impl in let loop match \
                    mod move mut pub ref return self Self static struct super trait type unsafe use \
                    where while ";
const PYTHON: &str = " and as async await break class continue def del elif else except False finally \
                      for from global if import in is lambda None nonlocal not or pass raise return \
                      True try while with yield ";

/// A line in pieces. `open` is the quote of a string that goes on from line to line.
///
/// ```
/// use frontend::{source::Tongue, syntax::{Ink, pieces}};
///
/// let said = pieces("let a = \"b\"; // c", Tongue::Rust, &mut None);
/// let inks: Vec<Ink> = said.iter().map(|(ink, _)| *ink).collect();
/// assert_eq!(inks, [Ink::Keyword, Ink::Plain, Ink::Text, Ink::Plain, Ink::Comment]);
/// ```
pub fn pieces<'a>(
    line: &'a str,
    tongue: Tongue,
    open: &mut Option<&'static str>,
) -> Vec<(Ink, &'a str)> {
    let (comment, keywords, quotes) = match tongue {
        // A single quote may be a lifetime.
        Tongue::Rust => ("//", RUST, &["\""][..]),
        Tongue::Python => ("#", PYTHON, &["\"\"\"", "\"", "'"][..]),
    };
    let mut pieces: Vec<(Ink, &str)> = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let starts = |quote: &&&str| rest.starts_with(**quote);
        let (ink, length) = if let Some(quote) = open.take() {
            let end = end_of_string(rest, quote);
            // Only some strings go on; a stray quote must not colour the rest of the file.
            if end.is_none() && (tongue == Tongue::Rust || quote.len() == 3) {
                *open = Some(quote);
            }
            (Ink::Text, end.unwrap_or(rest.len()))
        } else if rest.starts_with(comment) {
            (Ink::Comment, rest.len())
        } else if let Some(quote) = quotes.iter().find(starts) {
            *open = Some(quote);
            (Ink::Text, quote.len())
        } else {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let first = rest.chars().next().map_or(0, char::len_utf8);
            let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let is_keyword = word > 0 && keywords.contains(&format!(" {} ", &rest[..word]));
            (if is_keyword { Ink::Keyword } else { Ink::Plain }, word.max(first))
        };
        let (piece, after) = rest.split_at(length);
        match pieces.last_mut() {
            Some((last, text)) if *last == ink => {
                *text = &line[line.len() - rest.len() - text.len()..line.len() - after.len()];
            }
            _ => pieces.push((ink, piece)),
        }
        rest = after;
    }
    pieces
}

/// The length of a string's rest with its quote, when it ends in this line.
fn end_of_string(rest: &str, quote: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        if !escaped && rest[at..].starts_with(quote) {
            return Some(at + quote.len());
        }
        escaped = c == '\\' && !escaped;
    }
    None
}
