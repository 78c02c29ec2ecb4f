//! `completions` and `man`: made from the command line's own description.

use crate::cli::Cli;
use crate::exit::Exit;
use anyhow::Result;
use clap::CommandFactory;
use std::io::Write;

/// Prints the completions for a shell.
///
/// # Errors
/// When stdout cannot be written.
pub fn completions(shell: clap_complete::Shell) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ficsync", &mut text);
    std::io::stdout().lock().write_all(&text)?;
    Ok(Exit::Done)
}

/// Prints the manual page of the program as a whole.
///
/// # Errors
/// When stdout cannot be written.
pub fn man() -> Result<Exit> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut text)?;
    std::io::stdout().lock().write_all(&text)?;
    Ok(Exit::Done)
}
