//! Migrations: from any older schema to this version's.
//!
//! In: a connection. Out: the same at [`VERSION`]. Each migration is one transaction; a failed one stops the program
//! and leaves the file as it was. Views are made anew with them, and whenever their text differs: see `views`.

use crate::report::Problem;
use crate::store::{refill, views};
use anyhow::{Context, Result};
use rusqlite::{Connection, TransactionBehavior};

/// `PRAGMA application_id` of ficsync's databases: "FICS".
pub const APPLICATION_ID: i32 = 0x4649_4353;

/// The migrations, oldest first; their number is `PRAGMA user_version`.
const MIGRATIONS: &[&str] = &[
    include_str!("../../sql/migrations/0001_mirror.sql"),
    include_str!("../../sql/migrations/0002_outbox.sql"),
    include_str!("../../sql/migrations/0003_subscriptions.sql"),
    include_str!("../../sql/migrations/0004_too_fast.sql"),
    include_str!("../../sql/migrations/0005_retry_at.sql"),
    include_str!("../../sql/migrations/0006_noted.sql"),
    include_str!("../../sql/migrations/0007_event_records.sql"),
    include_str!("../../sql/migrations/0008_doubtful.sql"),
    include_str!("../../sql/migrations/0009_everything.sql"),
];

/// The schema version that this program works with.
pub const VERSION: usize = MIGRATIONS.len();

/// Whether the schema, or the text of a view, is another than this program's.
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

/// The schema's version.
pub(super) fn version(conn: &Connection) -> rusqlite::Result<usize> {
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
    fn a_block_that_an_older_version_noted_still_holds() {
        let mut conn = Connection::open_in_memory().expect("memory");
        for migration in &MIGRATIONS[..5] {
            conn.execute_batch(migration).expect("an older schema");
        }
        conn.execute_batch(
            "INSERT INTO accounts (id, name, company_id, created_at) VALUES (1, 'A', 7, 'x'), (2, 'B', 8, 'x');
             INSERT INTO quota (account_id, hourly_remaining, seen_at, blocked_until, blocked_reason, too_fast_at)
             VALUES (1, 5, 's', 'u', 'r', 't'), (2, 6, 's', NULL, NULL, NULL);
             PRAGMA user_version = 5;",
        )
        .expect("rows");
        migrate(&mut conn).expect("migrated");
        let row = |id: i64| -> (i64, String, Option<String>, Option<String>, Option<String>) {
            let sql = "SELECT hourly_remaining, seen_at, blocked_until, blocked_at, too_fast_at FROM quota
                        WHERE account_id = ?1";
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
            conn.query_row(sql, [id], read).expect("a row")
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(row(1), (5, "s".to_owned(), text("u"), text("s"), text("t")));
        assert_eq!(row(2), (6, "s".to_owned(), None, None, None));
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

    #[test]
    fn events_that_wait_in_an_older_database_are_served_and_due_as_before_their_pause() {
        use crate::store::outbox::{Settled, settle};
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("f.db");
        let conn = Connection::open(&path).expect("a file");
        let then = MIGRATIONS.iter().position(|sql| sql.contains("CREATE TABLE event_records")).expect("a migration");
        MIGRATIONS[..then].iter().for_each(|sql| conn.execute_batch(sql).expect("an older schema"));
        conn.pragma_update(None, "application_id", APPLICATION_ID).expect("ours");
        conn.pragma_update(None, "user_version", then).expect("a version");
        conn.execute_batch(
            r#"INSERT INTO accounts (id, name, company_id, created_at) VALUES (1, 'A', 7, ''), (2, 'B', 8, '');
             INSERT INTO event_pauses (account_id, prefix, until, reason, times)
             VALUES (2, '', '2999-01-01T00:00:00Z', 'quota', 1);
             INSERT INTO events (id, account_id, event_group, event_id, type, received_at, resource_ids, remaining_ids,
                                 status, next_attempt_at, processed_at, retry_at, waits_since, lane)
             SELECT value ->> 0, value ->> 1, 'entity', value ->> 0, 'it.fattureincloud.webhooks.entities.clients.update',
                    coalesce(value ->> 8, '2026-01-01T00:00:00Z'), value ->> 2, value ->> 2, value ->> 3, value ->> 4,
                    value ->> 5, value ->> 6, value ->> 7, '/entities/clients'
               FROM json_each('[
                 [1, 1, [5,"a",5], "pending", "2026-01-01T00:00:00Z", null, null],
                 [2, 1, [5], "pending", "2026-01-01T00:00:00Z", null, null],
                 [3, 1, [5], "failed", null, "2026-01-01T00:00:00Z", null],
                 [4, 1, [5], "done", null, "2026-01-01T00:00:00Z", null],
                 [5, 2, [5], "pending", "2999-01-01T00:00:00Z", null, null],
                 [6, 2, [5], "pending", "2999-01-01T00:00:00Z", null, "2999-06-01T00:00:00Z"],
                 [7, 2, [5], "pending", "2999-02-01T00:00:00Z", null, "2999-02-01T00:00:00Z"],
                 [8, 2, [5], "pending", "2999-01-01T00:00:00Z", null, null, "2026-01-02T00:00:00Z", "2998-01-01T00:00:00Z"]
                 ]')"#,
        )
        .expect("events");
        drop(conn);
        let mut store = crate::store::Store::open(&path, crate::clock::Clock::default()).expect("it is migrated");
        let claim = store.claim("x", i64::MAX).expect("claim").expect("due");
        assert_eq!(claim.events.iter().map(|event| event.id).collect::<Vec<_>>(), [1, 2]);
        let (lane, ids) = (claim.lane.as_str(), r#"[5,"a"]"#);
        let settled = Settled { account_id: 1, lane, holder: "x", seen: i64::MAX, ids, foreign: None };
        assert_eq!(store.write(|tx| settle(tx, settled, "2026-01-02T00:00:00Z")).expect("settled").done, 2);
        store.resume(2, None).expect("the pause is over");
        let claim = store.claim("x", i64::MAX).expect("claim").expect("due");
        assert_eq!(claim.events.iter().map(|event| event.id).collect::<Vec<_>>(), [5, 6, 8], "7 failed by itself");
        assert_eq!(store.check().expect("check"), Vec::<String>::new());
    }
}
