//! The commands: one file each. They build the parts, call one function, print the outcome.
//!
//! In: what was typed and the settings. Out: tables or JSON on stdout, and the exit code.

mod account;
mod db;
mod doctor;
mod events;
pub mod parts;
mod shell;
mod status;
mod subscriptions;
mod sync;
mod table;
mod webhook_listen;

use crate::cli::Command;
use crate::exit::Exit;
use crate::settings::Settings;
use anyhow::Result;

pub use crate::describe::describe;

/// Runs a command.
///
/// # Errors
/// The command's: printed once, by `main`.
pub fn run(command: Command, settings: &Settings) -> Result<Exit> {
    if settings.webhook_public_key.is_some() {
        // As every setting is, also by commands that do not use it: the listener should not be the first to find out.
        webhook_listen::verifier(settings)?;
    }
    match command {
        Command::Account(command) => account::run(command, settings),
        Command::Db(command) => db::run(command, settings),
        Command::Doctor(args) => doctor::run(&args, settings),
        Command::Events(command) => events::run(command, settings),
        Command::Completions { shell } => shell::completions(shell),
        Command::Subscriptions(command) => subscriptions::run(command, settings),
        Command::SyncSubscriptions { dry_run } => subscriptions::sync(dry_run, settings),
        Command::Man => shell::man(),
        Command::Status(args) => status::run(&args, settings),
        Command::Sync(args) => sync::run(args, settings),
        Command::WebhookListen => webhook_listen::run(settings),
    }
}
