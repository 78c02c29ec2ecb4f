//! Where a database lies, and how its file is opened: never through a link.
//!
//! In: the path that was given, whose folders may be links (they are the administrator's). Out: the file's own path, and
//! connections to it. SQLite opens the companions itself, and follows no symbolic link; that none of them is another file
//! under a second name is looked at here, before.

use super::problem;
use crate::exit::Exit;
use crate::folder;
use crate::report::Problem;
use anyhow::Result;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};

/// What SQLite puts beside a database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The file's own path. It need not be there yet; its folder must.
///
/// # Errors
/// When the file, or one beside it, is a link, has a second name or is no file (1; the database as a link 78).
pub fn find(path: &Path) -> Result<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(|error| problem::hidden(path, error))?;
    let real = folder.join(path.file_name().unwrap_or_default());
    if let Ok(target) = real.read_link() {
        return Err(a_link(path, &folder.join(target)));
    }
    // A folder has a sentence of its own.
    if !real.is_dir() {
        folder::refuse_links(&real)?;
    }
    for companion in COMPANIONS {
        let mut name = real.clone().into_os_string();
        name.push(companion);
        folder::refuse_links(Path::new(&name))?;
    }
    Ok(real)
}

/// A connection to a file that [`find`] found, which must be there.
///
/// # Errors
/// SQLite's.
pub fn connect(real: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    // Each connection has one thread: SQLite need not guard it.
    let conn =
        Connection::open_with_flags(real, access | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(super::BUSY)?;
    Ok(conn)
}

fn a_link(path: &Path, target: &Path) -> anyhow::Error {
    Problem::new(
        Exit::Settings,
        format!("the database {} is a symbolic link, and ficsync opens none through one", path.display()),
    )
    .hint(format!(
        "name the file itself with --db, FICSYNC_DB or `db` in the configuration file, if it is yours: {}",
        target.display()
    ))
    .into()
}
