//! The commands: one file each. They build the parts, call one function, print the outcome.
//!
//! In: what was typed and the settings. Out: tables or JSON on stdout, and the exit code.

mod account;
mod db;
mod doctor;
mod events;
pub mod parts;
mod query;
mod shell;
mod status;
mod subscriptions;
mod sync;
mod table;
mod webhook_listen;

use crate::cli::{Command, DbCommand};
use crate::exit::Exit;
use crate::ownership;
use crate::settings::Settings;
use anyhow::Result;
use secrecy::SecretString;

pub use crate::describe::describe;

/// Runs a command.
///
/// # Errors
/// The command's: printed once, by `main`.
pub fn run(command: Command, settings: &Settings) -> Result<Exit> {
    // Root may keep a secret where the owner of the data folder cannot read it.
    let secret = account::secret(&command)?;
    let owner = if uses_data(&command) { ownership::work_as_owner(&settings.db)? } else { None };
    let ended = dispatch(command, secret, settings);
    if let (Err(_), Some(owner)) = (&ended, &owner) {
        log::info!("this was done as {owner}, whose {} is, not as root", owner.place().display());
    }
    ended
}

/// Whether a command looks below the data folder.
fn uses_data(command: &Command) -> bool {
    !matches!(command, Command::Completions { .. } | Command::Man | Command::Db(DbCommand::Path))
}

fn dispatch(command: Command, secret: Option<SecretString>, settings: &Settings) -> Result<Exit> {
    if settings.webhook_public_key.is_some() {
        // As every setting is, also by commands that do not use it: the listener should not be the first to find out.
        webhook_listen::verifier(settings)?;
    }
    match command {
        Command::Account(command) => account::run(command, secret, settings),
        Command::Db(command) => db::run(command, settings),
        Command::Doctor(args) => doctor::run(&args, settings),
        Command::Events(command) => events::run(command, settings),
        Command::Query(args) => query::run(&args, settings),
        Command::Completions { shell } => shell::completions(shell),
        Command::Subscriptions(command) => subscriptions::run(command, settings),
        Command::SyncSubscriptions { dry_run } => subscriptions::sync(dry_run, settings),
        Command::Man => shell::man(),
        Command::Status(args) => status::run(&args, settings),
        Command::Sync(args) => sync::run(args, settings),
        Command::WebhookListen => webhook_listen::run(settings),
    }
}
