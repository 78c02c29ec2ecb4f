//! What monitoring asks besides the events' numbers, cheap to get at any size of the tables.
//!
//! In: nothing. Out: last successes. Counts no mirrored rows: that costs a walk over them.

use super::Store;
use anyhow::Result;

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
    /// Last successes of the resources that were ever synced.
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
