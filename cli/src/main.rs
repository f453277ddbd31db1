//! `five-forks`: lists the lessons, runs them in the model or on threads, checks what can come out of
//! them, and prints what happened.
//!
//! Exit codes: 0 when all is well, 1 when the output cannot be written, 2 when what was asked for is
//! not valid (one sentence on stderr says what is), 3 when the run did not end well or the check found
//! something wrong, 4 when the check came to its limit first.

mod args;
mod check;
mod findings;
mod list;
mod print;
mod run;
mod words;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use engine::lessons::Invalid;

use args::Request;

fn main() -> ExitCode {
    match answer() {
        Ok(code) => code,
        Err(error) => {
            // Whoever reads no further needs no explanation.
            if error.downcast_ref::<io::Error>().is_some_and(is_closed) {
                return ExitCode::SUCCESS;
            }
            complain(&error.to_string());
            ExitCode::from(if error.is::<Invalid>() { 2 } else { 1 })
        }
    }
}

fn answer() -> Result<ExitCode> {
    match args::read(std::env::args_os())? {
        Request::Show(text) => to_stdout(|out| write!(out, "{text}"))?,
        Request::List { json } => to_stdout(|out| list::print(out, json))?,
        Request::Run(order) => {
            let outcome = run::run(&order)?;
            let printed = to_stdout(|out| print::print(out, &outcome, order.format));
            // How the run ended counts, also when nobody reads what happened.
            printed.or_else(|error| if is_closed(&error) { Ok(()) } else { Err(error) })?;
            return Ok(run::judge(&outcome));
        }
        Request::Check(order) => {
            let report = check::check(&order);
            let printed = to_stdout(|out| check::print(out, &order, &report));
            printed.or_else(|error| if is_closed(&error) { Ok(()) } else { Err(error) })?;
            return Ok(check::judge(&report));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes to stdout through one buffer.
fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    write(&mut out)?;
    out.flush()
}

/// Whether nobody reads the output any more, as after `| head`.
fn is_closed(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

/// Says a sentence on stderr. Where that is closed, there is nobody to tell.
fn complain(sentence: &str) {
    let _ = writeln!(io::stderr(), "five-forks: {sentence}");
}
