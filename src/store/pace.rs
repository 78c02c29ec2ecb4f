//! What the cadence must know: the newest change of a list, whether webhooks come, how much of the month was used.
//!
//! In: an account and a resource type or group. Out: stamps and counts. Decides nothing: see `sync::cadence`.

use super::mirror::Place;
use super::{Store, Tx};
use anyhow::Result;
use rusqlite::OptionalExtension;

impl Store {
    /// The newest `updated_at` among the rows of a resource type: the service's text.
    pub fn newest_change(&self, place: Place<'_>) -> Result<Option<String>> {
        let table = place.resource.table.name;
        let sql = format!("SELECT max(updated_at) FROM {table} WHERE account_id = ?1 AND resource = ?2");
        self.read(|conn| {
            Ok(conn.prepare_cached(&sql)?.query_row((place.account_id, place.resource.name), |row| row.get(0))?)
        })
    }

    /// Whether a group has a verified subscription, and an event of it came after `since`.
    pub fn has_webhooks(&self, account_id: i64, group: &str, since: &str) -> Result<bool> {
        self.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM subscriptions
                                     WHERE account_id = ?1 AND event_group = ?2 AND verified AND missing_since IS NULL)
                        AND EXISTS (SELECT 1 FROM events
                                     WHERE account_id = ?1 AND event_group = ?2 AND received_at > ?3)",
                )?
                .query_row((account_id, group, since), |row| row.get(0))?)
        })
    }

    /// Requests that looks by themselves have used in a month, 2026-06.
    pub fn month_requests(&self, account_id: i64, month: &str) -> Result<u64> {
        self.read(|conn| {
            Ok(conn
                .prepare_cached("SELECT requests FROM month_requests WHERE account_id = ?1 AND month = ?2")?
                .query_row((account_id, month), |row| row.get(0))
                .optional()?
                .unwrap_or(0))
        })
    }
}

/// Adds requests to a month's.
pub fn add_to_month(tx: &Tx<'_>, account_id: i64, month: &str, requests: u64) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO month_requests (account_id, month, requests) VALUES (?1, ?2, ?3)
         ON CONFLICT (account_id, month) DO UPDATE SET requests = requests + excluded.requests",
    )?
    .execute((account_id, month, requests))?;
    Ok(())
}
