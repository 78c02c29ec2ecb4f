//! What people who only read need of the file: its companions stay, and a shared folder gives a shared file.
//!
//! In: a connection, or the path of a database that is not there yet. Out: the same, readable for others. Decides
//! nothing about who they are: the folder's group and modes do, and the credentials have a folder of their own (0700).
//!
//! A reader who may not write the folder can open a database in WAL mode only while its `-wal` and `-shm` lie beside it
//! (https://sqlite.org/wal.html, "Read-Only Databases"), and SQLite removes both when the last connection is closed.

use anyhow::{Context, Result};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rustix::fs::OFlags;
use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

/// The group reads, others do not. SQLite gives `-wal` and `-shm` the mode of the database.
const SHARED: u32 = 0o640;
/// A folder with this bit says that what is in it belongs to its group.
const SET_GROUP_ID: u32 = 0o2000;

/// Lets `-wal` and `-shm` stay when this connection is the last to be closed. SQLite then takes no exclusive lock for
/// that, which a reader without a time-out would meet as "database is locked": see [`empty_log`].
pub fn keep_companions(conn: &Connection) -> Result<()> {
    let kept = conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    kept.map(drop).context("could not keep the write-ahead log")
}

/// Writes the log back into the database and empties it, as far as that needs no waiting for others. To be called before
/// a connection is closed, so that the file alone is the whole database whenever no ficsync runs.
pub fn empty_log(conn: &Connection) {
    // A reader or a writer at work keeps the log; whoever closes later, or the next run, empties it.
    let emptied = conn
        .busy_timeout(Duration::ZERO)
        .and_then(|()| conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)));
    if let Err(error) = emptied {
        log::debug!("the write-ahead log stays until the next run: {error}");
    }
}

/// Makes an empty database where there is none: one that the group can read, whatever this user's umask says, where the
/// folder's set-group-id bit asks for that. An empty file is given that mode too: a start may have been killed before.
///
/// # Errors
/// When the file cannot be made.
pub fn prepare(path: &Path) -> Result<()> {
    if path.symlink_metadata().is_ok_and(|found| found.len() != 0) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    let shared = folder.metadata().is_ok_and(|about| about.permissions().mode() & SET_GROUP_ID != 0);
    let make = || -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.create(true).append(true).mode(SHARED).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
        let file = options.open(path)?;
        // Another process may make it in the same moment: what is there is left as it is.
        if shared && file.metadata()?.len() == 0 {
            file.set_permissions(Permissions::from_mode(SHARED))?;
        }
        Ok(())
    };
    make().with_context(|| format!("could not make the database {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::store::Store;

    fn mode(path: &Path) -> u32 {
        path.metadata().expect("a file").permissions().mode() & 0o777
    }

    #[test]
    fn the_companions_stay_after_the_last_close_and_the_log_is_empty() {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("f.db");
        let store = Store::open(&path, Clock::shifted(0)).expect("a database");
        let other = store.again().expect("another connection");
        drop(store);
        drop(other);
        assert_eq!(dir.path().join("f.db-wal").metadata().expect("the log").len(), 0);
        assert!(dir.path().join("f.db-shm").exists());
    }

    #[test]
    fn a_shared_folder_gives_a_file_that_its_group_reads() {
        let dir = tempfile::tempdir().expect("folder");
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o2750)).expect("a shared folder");
        let path = dir.path().join("f.db");
        let _store = Store::open(&path, Clock::shifted(0)).expect("a database");
        for name in ["f.db", "f.db-wal", "f.db-shm"] {
            assert_eq!(mode(&dir.path().join(name)), SHARED, "{name}");
        }
    }

    #[test]
    fn a_file_that_is_there_keeps_its_mode() {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("f.db");
        drop(Store::open(&path, Clock::shifted(0)).expect("a database"));
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("a mode");
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o2750)).expect("a shared folder");
        drop(Store::open(&path, Clock::shifted(0)).expect("the database"));
        assert_eq!(mode(&path), 0o600);
    }
}
