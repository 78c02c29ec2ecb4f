//! The log of runs, for people and for `status`: one row per account, resource and run.

use super::{Store, Tx};
use anyhow::Result;
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

/// Adds a finished run.
///
/// # Errors
/// The database's.
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
    /// How many requests the runs for changes have sent since `since`; nothing when the log does not reach further back,
    /// so that they say little about a whole day.
    ///
    /// # Errors
    /// The database's.
    pub fn requests_since(&self, account_id: i64, since: &str) -> Result<Option<u64>> {
        self.read(|conn| {
            let (sent, older): (u64, bool) = conn.query_row(
                "SELECT coalesce(sum(requests) FILTER (WHERE mode = 'changes' AND started_at BETWEEN ?2 AND ?3), 0),
                        coalesce(min(started_at) < ?2, 0)
                   FROM sync_runs WHERE account_id = ?1",
                (account_id, since, self.clock().stamp()),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            Ok(Some(sent).filter(|sent| older && *sent > 0))
        })
    }

    /// Forgets runs that began before `before`, so that a timer's log does not grow for ever.
    ///
    /// # Errors
    /// The database's.
    pub fn prune_runs(&mut self, before: &str) -> Result<usize> {
        self.write(|tx| Ok(tx.execute("DELETE FROM sync_runs WHERE started_at < ?1", [before])?))
    }
}
