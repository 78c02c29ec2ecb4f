//! The commands: one file each. They build the parts, call one function, print the outcome.
//!
//! In: what was typed and the settings. Out: tables or JSON on stdout, and the exit code.

mod db;
mod shell;

use crate::cli::Command;
use crate::exit::Exit;
use crate::settings::Settings;
use anyhow::Result;

/// Runs a command.
///
/// # Errors
/// The command's: printed once, by `main`.
pub fn run(command: Command, settings: &Settings) -> Result<Exit> {
    match command {
        Command::Db(command) => db::run(command, settings),
        Command::Completions { shell } => shell::completions(shell),
        Command::Man => shell::man(),
        Command::Account(_) | Command::Sync(_) | Command::Status(_) => anyhow::bail!("not in this build"),
    }
}
