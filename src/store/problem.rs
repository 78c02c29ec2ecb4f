//! What SQLite's errors mean to a person, and what to do about them.
//!
//! In: an error from the database. Out: the same with a sentence and a next step. Nothing is retried here.

use crate::exit::Exit;
use crate::report::{self, Problem};
use anyhow::Result;
use rusqlite::{ErrorCode, ffi};
use std::path::Path;

/// Puts the sentence for a person in front of a database error; other errors pass unchanged.
pub fn explain<T>(result: Result<T>, path: &Path) -> Result<T> {
    result.map_err(|error| match error.chain().find_map(|e| e.downcast_ref::<rusqlite::Error>()) {
        Some(cause) if report::problem(&error).is_none() => {
            let problem = sentence(cause, path);
            error.context(problem)
        }
        _ => error,
    })
}

/// A command that only reads finds no database.
pub fn missing(path: &Path) -> anyhow::Error {
    Problem::failed(
        format!("there is no database {} yet", path.display()),
        "make it with: ficsync account add --name NAME --token-file F; or name the right file with --db",
    )
    .into()
}

/// The folder of the database cannot be made.
pub fn no_folder(folder: &Path, error: std::io::Error) -> anyhow::Error {
    let problem = Problem::failed(
        format!("could not create the folder {} for the database", folder.display()),
        "create it so that this user may write there, or name another file with --db",
    );
    anyhow::Error::from(error).context(problem)
}

/// Whether there is a database cannot be seen.
pub fn hidden(path: &Path, error: std::io::Error) -> anyhow::Error {
    let problem = Problem::failed(
        format!("could not look for the database {}", path.display()),
        "run as the user that owns it, or name another file with --db",
    );
    anyhow::Error::from(error).context(problem)
}

/// Somebody must take a change back, or bring the log in order, before it can be read.
fn is_unfinished(cause: &rusqlite::Error) -> bool {
    let codes = [ffi::SQLITE_READONLY_ROLLBACK, ffi::SQLITE_READONLY_RECOVERY, ffi::SQLITE_READONLY_CANTINIT];
    cause.sqlite_error().is_some_and(|error| codes.contains(&error.extended_code))
}

fn sentence(cause: &rusqlite::Error, path: &Path) -> Problem {
    let file = path.display();
    let folder = path.parent().unwrap_or(path).display();
    match cause.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            Problem::new(Exit::Settings, format!("{file} is not a SQLite database; it was left as it is"))
                .hint("name another file with --db, or move this one away")
        }
        Some(ErrorCode::DatabaseCorrupt) => Problem::failed(
            format!("the database {file} is damaged"),
            format!("run: ficsync db check; then restore a backup, or move {file} away and sync again"),
        ),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Problem::failed(
            format!("could not open the database {file}"),
            format!("check that {folder} exists and that this user may write there, or name another file with --db"),
        ),
        Some(ErrorCode::ReadOnly) if is_unfinished(cause) => Problem::failed(
            format!("a program that wrote to the database {file} was killed, and this user may not put that in order"),
            format!("as the user that owns it, run: ficsync db check; see: ls -l {file}"),
        ),
        Some(ErrorCode::ReadOnly) => Problem::failed(
            format!("the database {file} cannot be written"),
            format!("give this user write access to {folder} and the file, or run as the user that owns them"),
        ),
        Some(ErrorCode::DiskFull) => Problem::failed(
            format!("the disk that holds {file} is full; what was being written was taken back, nothing is lost"),
            "free some space and run again",
        ),
        Some(ErrorCode::SystemIoFailure) => Problem::failed(
            format!("the disk that holds {file} failed to read or write; the last transaction was taken back"),
            "look at the kernel's log and the free space, then run: ficsync db check",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Problem::failed(
            format!("another program holds the database {file}"),
            format!("find it with: fuser {file}; then run again"),
        ),
        _ => Problem::failed(format!("the database {file} refused a statement"), "run: ficsync db check"),
    }
}
