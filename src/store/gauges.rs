//! What monitoring asks: few numbers, cheap to get at any size of the tables.
//!
//! In: nothing. Out: events by account and status, the age of the oldest that waits, quotas, last successes. Counts no
//! mirrored rows: that costs a walk over them.

use super::Store;
use crate::clock;
use anyhow::Result;

/// Events of an account with one status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventCount {
    /// Whose.
    pub account_id: i64,
    /// `pending`, `processing`, `done`, `failed`, `ignored`.
    pub status: String,
    /// How many.
    pub count: i64,
}

/// When a resource was last synced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastSuccess {
    /// Whose.
    pub account_id: i64,
    /// The plural name.
    pub resource: String,
    /// Unix time.
    pub at: i64,
}

impl Store {
    /// Events by account and status.
    ///
    /// # Errors
    /// The database's.
    pub fn event_counts(&self) -> Result<Vec<EventCount>> {
        self.read(|conn| {
            let mut statement = conn
                .prepare_cached("SELECT account_id, status, count(*) FROM events GROUP BY 1, 2 ORDER BY 1, 2")?;
            let rows = statement.query_map([], |row| {
                Ok(EventCount { account_id: row.get(0)?, status: row.get(1)?, count: row.get(2)? })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Per account, how many seconds ago the oldest event came that still waits or is in work.
    ///
    /// # Errors
    /// The database's.
    pub fn oldest_waiting(&self) -> Result<Vec<(i64, i64)>> {
        let now = self.clock().now();
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT account_id, min(received_at) FROM events
                  WHERE status IN ('pending', 'processing') GROUP BY account_id",
            )?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
            let rows: Vec<(i64, String)> = rows.collect::<rusqlite::Result<_>>()?;
            let age = |text: &str| clock::parse_stamp(text).map(|then| clock::seconds_between(then, now).max(0));
            Ok(rows.iter().filter_map(|(account, then)| Some((*account, age(then)?))).collect())
        })
    }

    /// Last successes of the resources that were ever synced.
    ///
    /// # Errors
    /// The database's.
    pub fn last_successes(&self) -> Result<Vec<LastSuccess>> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT account_id, resource, unixepoch(last_success_at) FROM sync_state
                  WHERE unixepoch(last_success_at) IS NOT NULL ORDER BY 1, 2",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(LastSuccess { account_id: row.get(0)?, resource: row.get(1)?, at: row.get(2)? })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}
