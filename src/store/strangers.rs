//! The refusal of files that are not ours, or a newer ficsync's: they are left as they are.
//!
//! In: the path of a file. Out: nothing, or who it belongs to. A process that was killed in the middle of a change without
//! the write-ahead log (the very first one, of a new file) leaves a journal, and whoever looks next must first take that
//! change back: that is done here, since every command looks first. It is SQLite's own recovery, and none of a stranger's
//! file.

use super::file;
use super::migrate::{APPLICATION_ID, VERSION, version};
use crate::exit::Exit;
use crate::folder::Folder;
use crate::report::Problem;
use anyhow::Result;
use rusqlite::{OpenFlags, ffi};
use rustix::fs::Access;
use std::io::Read;
use std::path::Path;

/// What tells whose a file is.
#[derive(Debug, PartialEq)]
struct Mark {
    application_id: i32,
    version: usize,
    is_empty: bool,
}

/// Looks at a file.
///
/// # Errors
/// When it is another program's (exit 78), a newer ficsync's (exit 1), or cannot be read.
pub fn refuse(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Err(Problem::new(Exit::Settings, format!("{} is a folder, not a database file", path.display()))
            .hint("name a file in it with --db, FICSYNC_DB or `db` in the configuration file")
            .into());
    }
    let mark = match look(path, OpenFlags::SQLITE_OPEN_READ_ONLY) {
        Err(error) if is_unfinished(&error) && may_write(path) => {
            // The middle of the change is seen as well: it has no other owner.
            check(&header(path)?, path)?;
            look(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
        }
        other => other,
    };
    check(&mark?, path)
}

fn look(path: &Path, access: OpenFlags) -> rusqlite::Result<Mark> {
    let conn = file::connect(path, access)?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(Mark {
        application_id: conn.pragma_query_value(None, "application_id", |row| row.get(0))?,
        version: version(&conn)?,
        is_empty: tables == 0,
    })
}

/// A change is to be taken back, and a connection that only reads may not.
fn is_unfinished(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_READONLY_ROLLBACK)
}

fn may_write(path: &Path) -> bool {
    rustix::fs::access(path, Access::WRITE_OK).is_ok()
}

/// The same from the file's first bytes (https://sqlite.org/fileformat2.html): without the journal, and without a change.
fn header(path: &Path) -> Result<Mark> {
    let mut bytes = [0; 105];
    let folder = Folder::open(path.parent().unwrap_or(path))?;
    let file = folder.map_or(Ok(None), |folder| folder.read(path.file_name().unwrap_or_default()))?;
    let read = file.map_or(Ok(0), |mut file| file.read(&mut bytes))?;
    let at = |from: usize| i32::from_be_bytes([bytes[from], bytes[from + 1], bytes[from + 2], bytes[from + 3]]);
    Ok(Mark {
        application_id: at(68),
        version: usize::try_from(at(60)).unwrap_or(usize::MAX),
        // The first page is the list of tables: a leaf (13) without a cell.
        is_empty: read < bytes.len() || (bytes[100] == 13 && bytes[103..105] == [0, 0]),
    })
}

fn check(mark: &Mark, path: &Path) -> Result<()> {
    let file = path.display();
    if mark.application_id == APPLICATION_ID && mark.version > VERSION {
        return Err(Problem::failed(
            format!(
                "{file} was written by a newer ficsync (schema {}, this one knows {VERSION}); it was left as it is",
                mark.version
            ),
            "install that version or a later one",
        )
        .into());
    }
    if mark.application_id != APPLICATION_ID && (!mark.is_empty || mark.application_id != 0) {
        return Err(Problem::new(
            Exit::Settings,
            format!("{file} is the database of another program; it was left as it is"),
        )
        .hint("name another file with --db, FICSYNC_DB or `db` in the configuration file")
        .into());
    }
    Ok(())
}
