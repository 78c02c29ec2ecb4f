//! How errors are said to people: what happened, then what to do next.
//!
//! In: an error chain. Out: one line, `error: what: why; hint`, the last on stderr. A hint is something to type or to
//! do. Each error also has an exit code: that of its [`Problem`].

use crate::exit::Exit;
use std::fmt;
use std::io::{self, Write};

/// Something that a user, the service or the machine caused, with its exit code and what to do about it.
#[derive(Debug)]
pub struct Problem {
    exit: Exit,
    message: String,
    hint: Option<String>,
}

impl Problem {
    /// A problem that ends the run with `exit`.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None }
    }

    /// A failure (exit 1) with its next step.
    pub fn failed(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message).hint(hint)
    }

    /// Adds the next step: a command to type, or a thing to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The exit code it ends with.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// What to do next, where there is something.
    pub fn next_step(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// The problem in an error's chain: at its root, as a context, or inside another error.
pub fn problem(error: &anyhow::Error) -> Option<&Problem> {
    error.downcast_ref().or_else(|| error.chain().find_map(|e| e.downcast_ref()))
}

/// The exit code of an error: that of the [`Problem`] in its chain, else 1.
pub fn exit_of(error: &anyhow::Error) -> Exit {
    problem(error).map_or(Exit::Failed, Problem::exit)
}

/// The whole chain in one line, with the hint at its end: for `error:` lines, `sync_runs` and `last_error`.
pub fn one_line(error: &anyhow::Error) -> String {
    let mut line = error.chain().map(|e| single_line(&e.to_string())).collect::<Vec<_>>().join(": ");
    if let Some(hint) = problem(error).and_then(Problem::next_step) {
        line.push_str("; ");
        line.push_str(hint);
    }
    line
}

/// Messages of others can hold line breaks; ours are one line each, as journald and `grep` want them.
fn single_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Prints the error, once, as the last line on stderr. A reader that went away (`ficsync status | head -1`) is no error
/// worth a word.
pub fn print_error(error: &anyhow::Error) {
    if !is_broken_pipe(error) {
        log::error!("{}", one_line(error));
    }
}

/// Whether the error is that nobody reads stdout any more.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|e| e.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// Writes a line (or several) to stdout.
///
/// # Errors
/// When stdout cannot be written.
pub fn say(text: impl fmt::Display) -> anyhow::Result<()> {
    writeln!(io::stdout().lock(), "{text}").map_err(|error| {
        let problem = Problem::failed("could not write the output", "send it where there is room, and run again");
        anyhow::Error::from(error).context(problem)
    })
}

/// Writes one JSON document to stdout.
///
/// # Errors
/// When stdout cannot be written.
pub fn say_json(document: &impl serde::Serialize) -> anyhow::Result<()> {
    say(serde_json::to_string_pretty(document)?)
}

/// Says something to the person at the terminal, on stderr, whatever the log's filter: what to open, what to answer.
///
/// # Errors
/// When stderr cannot be written.
pub fn tell(text: impl fmt::Display) -> anyhow::Result<()> {
    // One write: stderr is not buffered, and lines of others must not come between.
    io::stderr().lock().write_all(format!("{text}\n").as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn the_hint_comes_last() {
        let error =
            Err::<(), _>(Problem::failed("the file is\nmissing", "run: ficsync x")).context("account 2").unwrap_err();
        assert_eq!(one_line(&error), "account 2: the file is missing; run: ficsync x");
    }

    #[test]
    fn a_problem_may_be_the_context_of_its_cause() {
        let error = anyhow::anyhow!("os error 2").context(Problem::failed("no file", "make one")).context("account 2");
        assert_eq!(one_line(&error), "account 2: no file: os error 2; make one");
    }

    #[test]
    fn the_code_is_found_below_contexts() {
        let error = Err::<(), _>(Problem::new(Exit::Settings, "no such file")).context("could not read x").unwrap_err();
        assert_eq!(exit_of(&error), Exit::Settings);
        assert_eq!(exit_of(&anyhow::anyhow!("cause").context(Problem::new(Exit::Denied, "no"))), Exit::Denied);
        assert_eq!(exit_of(&anyhow::anyhow!("whatever")), Exit::Failed);
    }
}
