//! `db path`, `db check`, `db backup`.

use crate::cli::DbCommand;
use crate::exit::Exit;
use crate::report::{Problem, say};
use crate::settings::Settings;
use crate::store::Store;
use anyhow::Result;

/// Runs a `db` command.
///
/// # Errors
/// When the file cannot be read, is damaged, or the copy cannot be made.
pub fn run(command: DbCommand, settings: &Settings) -> Result<Exit> {
    match command {
        DbCommand::Path => say(settings.db.display())?,
        DbCommand::Check => check(settings)?,
        DbCommand::Backup { file } => {
            Store::open_read_only(&settings.db, settings.clock)?.backup(&file)?;
            say(format_args!("{} copied to {}", settings.db.display(), file.display()))?;
        }
    }
    Ok(Exit::Done)
}

fn check(settings: &Settings) -> Result<()> {
    let findings = Store::open_read_only(&settings.db, settings.clock)?.check()?;
    if findings.is_empty() {
        return say(format_args!("{} is intact", settings.db.display()));
    }
    for finding in &findings {
        say(finding)?;
    }
    Err(Problem::failed(
        format!("the database {} is damaged ({} findings)", settings.db.display(), findings.len()),
        "restore a backup, or move the file away and run: ficsync sync all",
    )
    .into())
}
