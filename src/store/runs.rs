//! The log of runs, for people and for `status`: one row per account, resource and run.

use super::{Store, Tx};
use crate::resource;
use anyhow::Result;
use rusqlite::Row;
use serde::Serialize;

/// One row of `sync_runs`.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Run {
    /// The resource's plural name.
    pub resource: &'static str,
    /// `full` or `changes`.
    pub mode: &'static str,
    /// When it began, UTC.
    pub started_at: String,
    /// Requests sent, refused and repeated ones too.
    pub requests: u64,
    /// Records that came.
    pub fetched: u64,
    /// Records that were not here.
    pub inserted: u64,
    /// Records whose content changed.
    pub updated: u64,
    /// Records that were here already.
    pub unchanged: u64,
    /// Records found deleted.
    pub deleted: u64,
    /// `ok`, `stopped`, `failed`, `skipped`.
    pub outcome: &'static str,
    /// Why it did not end well.
    pub error: Option<String>,
}

/// A row of the log, as far as it tells how long things take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The account.
    pub account_id: i64,
    /// The resource's plural name.
    pub resource: String,
    /// `full` or `changes`.
    pub mode: String,
    /// When it began, UTC.
    pub started_at: String,
    /// When it ended, UTC.
    pub finished_at: String,
}

/// Adds a finished run.
pub fn add(tx: &Tx<'_>, account_id: i64, run: &Run, finished_at: &str) -> Result<()> {
    tx.prepare_cached(include_str!("../../sql/statements/insert_run.sql"))?.execute((
        account_id,
        run.resource,
        run.mode,
        &run.started_at,
        finished_at,
        run.requests,
        run.fetched,
        run.inserted,
        run.updated,
        run.unchanged,
        run.deleted,
        run.outcome,
        &run.error,
    ))?;
    Ok(())
}

impl Store {
    /// How many requests looks have sent since `since`, walks over lists with stamps apart; nothing when the log does not
    /// reach further back, so that they say little about a whole day.
    pub fn requests_since(&self, account_id: i64, since: &str) -> Result<Option<u64>> {
        let stamped: Vec<&str> = resource::ALL.iter().filter(|r| r.stamped().is_some()).map(|r| r.name).collect();
        let stamped = serde_json::to_string(&stamped)?;
        self.read(|conn| {
            let (sent, older): (u64, bool) = conn.query_row(
                "SELECT coalesce(sum(requests) FILTER (
                            WHERE (mode = 'changes' OR resource NOT IN (SELECT value FROM json_each(?4)))
                              AND started_at BETWEEN ?2 AND ?3), 0),
                        coalesce(min(started_at) < ?2, 0)
                   FROM sync_runs WHERE account_id = ?1",
                (account_id, since, self.clock().stamp(), stamped),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            Ok(Some(sent).filter(|sent| older && *sent > 0))
        })
    }

    /// The latest rows of the log, the newest first, at most so many.
    pub fn latest_runs(&self, most: usize) -> Result<Vec<Past>> {
        self.read(|conn| {
            let sql =
                "SELECT account_id, resource, mode, started_at, finished_at FROM sync_runs ORDER BY id DESC LIMIT ?1";
            let past = |row: &Row<'_>| {
                Ok(Past {
                    account_id: row.get(0)?,
                    resource: row.get(1)?,
                    mode: row.get(2)?,
                    started_at: row.get(3)?,
                    finished_at: row.get(4)?,
                })
            };
            Ok(conn.prepare_cached(sql)?.query_map([most], past)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Forgets runs that began before `before`, and all but the latest `most` rows: a timer's log over many accounts must
    /// not grow for ever. Rows are in the order of time: only what goes is looked at, not the whole log.
    pub fn prune_runs(&mut self, before: &str, most: i64) -> Result<usize> {
        let now = self.clock().stamp();
        let sql = include_str!("../../sql/statements/prune_runs.sql");
        self.write(|tx| Ok(tx.execute(sql, (before, &now, most))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{self, Clock};
    use jiff::SignedDuration;

    #[test]
    fn the_log_keeps_the_latest_rows_and_no_old_ones() {
        let dir = tempfile::tempdir().expect("folder");
        let clock = Clock::shifted(0);
        let mut store = Store::open(&dir.path().join("f.db"), clock).expect("a database");
        let id = store.add_account("Rossi", (1, None), |_| Ok(())).expect("an account").id;
        let ago = |hours: i64| clock::stamp(clock.now() - SignedDuration::from_hours(hours));
        let mut note = |hours: i64| {
            let row = Run {
                resource: "clients",
                mode: "changes",
                started_at: ago(hours),
                requests: 1,
                fetched: 0,
                inserted: 0,
                updated: 0,
                unchanged: 0,
                deleted: 0,
                outcome: "ok",
                error: None,
            };
            store.write(|tx| add(tx, id, &row, &ago(hours))).expect("a row");
        };
        // The second is from a wrong clock.
        [9, -500, 8, 7, 6, 2, 1].into_iter().for_each(&mut note);
        let left = |store: &Store| store.latest_runs(100).expect("rows").len();
        assert_eq!((store.prune_runs(&ago(10), 100).expect("pruned"), left(&store)), (0, 7));
        assert_eq!((store.prune_runs(&ago(7), 100).expect("pruned"), left(&store)), (3, 4));
        assert_eq!((store.prune_runs(&ago(7), 3).expect("pruned"), left(&store)), (1, 3));
        assert_eq!((store.prune_runs(&ago(0), 100).expect("pruned"), left(&store)), (3, 0), "all are old");
        assert_eq!(store.prune_runs(&ago(0), 100).expect("nothing to prune"), 0);
    }
}
