//! Migrations: from any older schema to this version's, and the refusal of files that are not ours.
//!
//! In: a connection. Out: the same at [`VERSION`]. Each migration is one transaction; a failed one stops the program
//! and leaves the file as it was. Views are made anew with them, and whenever their text differs: see `views`.

use crate::exit::Exit;
use crate::report::Problem;
use crate::store::{refill, views};
use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;

/// `PRAGMA application_id` of ficsync's databases: "FICS".
pub const APPLICATION_ID: i32 = 0x4649_4353;

/// The migrations, oldest first; their number is `PRAGMA user_version`.
const MIGRATIONS: &[&str] = &[
    include_str!("../../sql/migrations/0001_mirror.sql"),
    include_str!("../../sql/migrations/0002_outbox.sql"),
    include_str!("../../sql/migrations/0003_subscriptions.sql"),
    include_str!("../../sql/migrations/0004_too_fast.sql"),
    include_str!("../../sql/migrations/0005_retry_at.sql"),
    include_str!("../../sql/migrations/0008_doubtful.sql"),
    include_str!("../../sql/migrations/0009_everything.sql"),
];

/// The schema version that this program works with.
pub const VERSION: usize = MIGRATIONS.len();

/// Looks at an existing file without writing to it.
///
/// # Errors
/// When it is another program's (exit 78), a newer ficsync's (exit 1), or cannot be read.
pub fn refuse_strangers(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Err(Problem::new(Exit::Settings, format!("{} is a folder, not a database file", path.display()))
            .hint("name a file in it with --db, FICSYNC_DB or `db` in the configuration file")
            .into());
    }
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let application_id: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = version(&conn)?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application_id == APPLICATION_ID && version > VERSION {
        return Err(Problem::failed(
            format!(
                "{} was written by a newer ficsync (schema {version}, this one knows {VERSION}); it was left as it is",
                path.display()
            ),
            "install that version or a later one",
        )
        .into());
    }
    if application_id != APPLICATION_ID && (tables > 0 || application_id != 0) {
        return Err(Problem::new(
            Exit::Settings,
            format!("{} is the database of another program; it was left as it is", path.display()),
        )
        .hint("name another file with --db, FICSYNC_DB or `db` in the configuration file")
        .into());
    }
    Ok(())
}

/// Whether the schema, or the text of a view, is another than this program's.
///
/// # Errors
/// The database's.
pub fn is_needed(conn: &Connection) -> Result<bool> {
    Ok(version(conn)? < VERSION || !views::are_fresh(conn)?)
}

/// For who may not write, and so not migrate.
pub fn too_old() -> anyhow::Error {
    Problem::failed(
        format!("the database was written by an older ficsync, and this one's schema is {VERSION}"),
        "run any ficsync command as the user that owns the database, it migrates the file",
    )
    .into()
}

/// Brings the schema up to [`VERSION`].
///
/// # Errors
/// When a migration fails; the database is then as before it.
pub fn migrate(conn: &mut Connection) -> Result<()> {
    if !is_needed(conn)? {
        return Ok(());
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again under the lock: another process may have migrated meanwhile.
    let from = version(&tx)?;
    views::drop_all(&tx)?;
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(from) {
        tx.execute_batch(migration).with_context(|| format!("migration {} of the database failed", index + 1))?;
    }
    refill::run(&tx)?;
    views::create(&tx)?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()?;
    if from > 0 && from < VERSION {
        log::info!("database migrated from schema {from} to {VERSION}");
    }
    Ok(())
}

fn version(conn: &Connection) -> rusqlite::Result<usize> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrating_from_nothing_gives_a_sound_database_once() {
        let mut conn = Connection::open_in_memory().expect("memory");
        migrate(&mut conn).expect("first");
        migrate(&mut conn).expect("second does nothing");
        let check: String = conn.query_row("PRAGMA integrity_check", [], |r| r.get(0)).expect("check");
        assert_eq!((check.as_str(), version(&conn).expect("version")), ("ok", VERSION));
    }

    #[test]
    fn who_only_looks_migrates_an_older_database_too() {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("f.db");
        let conn = Connection::open(&path).expect("a file");
        conn.execute_batch(MIGRATIONS[0]).expect("the first schema");
        conn.pragma_update(None, "application_id", APPLICATION_ID).expect("ours");
        conn.pragma_update(None, "user_version", 1).expect("a version");
        drop(conn);
        let store = crate::store::Store::open_read_only(&path, crate::clock::Clock::default()).expect("a look");
        assert_eq!(store.accounts().expect("accounts").len(), 0);
        assert_eq!(store.read(|conn| Ok(version(conn)?)).expect("version"), VERSION);
    }
}
