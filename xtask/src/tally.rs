//! Runs one command of a lane, passes its output on as it comes, and counts the tests in it.

use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use xshell::Cmd;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
}

impl Tally {
    pub const PASS: Tally = Tally { passed: 1, failed: 0 };
    pub const FAIL: Tally = Tally { passed: 0, failed: 1 };
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Runs a command that is one check as a whole: its exit status is the result.
pub fn check(cmd: Cmd) -> Result<Tally> {
    let (_, ok) = stream(cmd)?;
    Ok(if ok { Tally::PASS } else { Tally::FAIL })
}

/// Runs a command that runs tests and says how many.
pub fn tests(cmd: Cmd) -> Result<Tally> {
    let (mut tally, ok) = stream(cmd)?;
    // It did not compile, crashed, or was killed: no test has failed, yet all is not well.
    if !ok && tally.failed == 0 {
        tally.failed = 1;
    }
    ensure!(tally.passed + tally.failed > 0, "no test was run");
    Ok(tally)
}

/// Returns what the output counted, and whether the command ended well.
fn stream(cmd: Cmd) -> Result<(Tally, bool)> {
    println!("$ {cmd}");
    let mut child = Command::from(cmd).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut output = BufReader::new(child.stdout.take().context("stdout was piped")?);

    let mut tally = Tally::default();
    let mut line = Vec::new();
    // Bytes, not `lines()`: a test may print something that is not UTF-8.
    while output.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        tally += counted(&text);
        line.clear();
    }
    Ok((tally, child.wait()?.success()))
}

/// The tests that one line of output reports as run: a summary line of a Rust test binary, or one
/// of the summary lines of `node --test`.
fn counted(line: &str) -> Tally {
    let words: Vec<&str> = line.split(|c: char| c.is_whitespace() || c == ';').collect();
    let number = |word: &str| word.parse().unwrap_or(0);

    let mut tally = Tally::default();
    if line.starts_with("test result:") {
        for pair in words.windows(2) {
            match pair {
                [n, "passed"] => tally.passed += number(n),
                [n, "failed"] => tally.failed += number(n),
                _ => {}
            }
        }
    } else {
        match words[..] {
            ["ℹ", "pass", n, ..] => tally.passed += number(n),
            ["ℹ", "fail" | "cancelled", n, ..] => tally.failed += number(n),
            _ => {}
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::{Tally, counted};

    #[test]
    fn summary_lines_are_counted_and_nothing_else() {
        let cases = [
            ("test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 7 filtered out", 12, 0),
            ("test result: FAILED. 4 passed; 2 failed; 0 ignored; finished in 0.01s\n", 4, 2),
            ("ℹ pass 5\n", 5, 0),
            ("ℹ fail 1\n", 0, 1),
            ("ℹ cancelled 2\n", 0, 2),
            ("ℹ tests 8\n", 0, 0),
            ("test queue::fifo ... ok\n", 0, 0),
            ("3 passed\n", 0, 0),
        ];
        for (line, passed, failed) in cases {
            assert_eq!(counted(line), Tally { passed, failed }, "{line:?}");
        }
    }
}
