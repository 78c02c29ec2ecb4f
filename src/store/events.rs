//! Events to look at: lists for people, counts for `status`, `doctor` and metrics.
//!
//! In: nothing, or a status, or an id. Out: rows and numbers. Changes nothing: see `outbox`.

use super::Store;
use crate::clock;
use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use serde::Serialize;
use serde_json::value::RawValue;

/// The words of the column `status`.
pub const STATUSES: [&str; 5] = ["pending", "processing", "done", "failed", "ignored"];

/// An event, column by column.
#[derive(Debug, Serialize)]
pub struct Event {
    /// The local id.
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The group of the sink it came to.
    pub event_group: String,
    /// The service's id of it.
    pub event_id: String,
    /// The type's full name.
    #[serde(rename = "type")]
    pub event_type: Option<String>,
    /// When it happened, as sent.
    pub occurred_at: Option<String>,
    /// When it was stored.
    pub received_at: String,
    /// The records: a JSON array.
    pub resource_ids: Box<RawValue>,
    /// One of [`STATUSES`].
    pub status: String,
    /// Attempts begun.
    pub attempts: u32,
    /// Pending: not before.
    pub next_attempt_at: Option<String>,
    /// Of the last attempt that failed.
    pub last_error: Option<String>,
    /// When it was finished.
    pub processed_at: Option<String>,
    /// Why it is ignored.
    pub reason: Option<String>,
    /// Events of one lane are worked on one after the other.
    pub lane: Option<String>,
    /// Records that are not in the tables yet: a JSON array.
    pub remaining_ids: Box<RawValue>,
    /// Processing: by which process.
    pub leased_by: Option<String>,
    /// Processing: until when.
    pub leased_until: Option<String>,
    /// Pending: tries before this, of a service that is down, are no attempts.
    pub retry_at: Option<String>,
    /// Pending, and a pause holds it back: due since then.
    pub due_at: Option<String>,
    /// Pending: when `next_attempt_at` was written; nothing: when it was received.
    pub waits_since: Option<String>,
}

/// How many events of one account have one status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The account.
    pub account_id: i64,
    /// One of [`STATUSES`].
    pub status: String,
    /// How many.
    pub events: u64,
    /// When the oldest of them was stored.
    pub oldest: String,
}

/// The numbers of one account, for `status`.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
pub struct Numbers {
    /// Waiting.
    pub pending: u64,
    /// In work.
    pub processing: u64,
    /// Given up.
    pub failed: u64,
    /// Not mirrored.
    pub ignored: u64,
    /// Age of the oldest that waits or is in work; nothing, too, where it was stored at a time that lies in the future.
    pub oldest_pending_seconds: Option<i64>,
    /// The error of the first that was given up.
    #[serde(skip)]
    pub first_error: Option<String>,
}

impl Store {
    /// The newest events first: `most` of those of a status, or of all.
    pub fn events(&self, status: Option<&str>, most: u32) -> Result<Vec<Event>> {
        self.look(status, None, most)
    }

    /// One event.
    pub fn event(&self, id: i64) -> Result<Option<Event>> {
        Ok(self.look(None, Some(id), 1)?.pop())
    }

    fn look(&self, status: Option<&str>, id: Option<i64>, most: u32) -> Result<Vec<Event>> {
        let now = self.clock().stamp();
        self.read(|conn| {
            let mut statement = conn.prepare_cached(include_str!("../../sql/statements/list_events.sql"))?;
            let values = named_params! { ":status": status, ":id": id, ":most": most, ":now": now };
            let rows = statement.query_map(values, event)?.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(rows)
        })
    }

    /// All events, counted by account and status.
    pub fn event_counts(&self) -> Result<Vec<Count>> {
        self.read(|conn| counts(conn, None))
    }

    /// The numbers of one account.
    pub fn event_numbers(&self, account_id: i64) -> Result<Numbers> {
        self.read(|conn| {
            let mut numbers = Numbers::default();
            let mut oldest: Option<String> = None;
            for count in counts(conn, Some(account_id))? {
                match count.status.as_str() {
                    "pending" => numbers.pending = count.events,
                    "processing" => numbers.processing = count.events,
                    "failed" => numbers.failed = count.events,
                    "ignored" => numbers.ignored = count.events,
                    _ => {}
                }
                if matches!(count.status.as_str(), "pending" | "processing") {
                    oldest = Some(oldest.map_or(count.oldest.clone(), |other| other.min(count.oldest)));
                }
            }
            let now = self.clock().now();
            numbers.oldest_pending_seconds = oldest.and_then(|stamp| clock::age(&stamp, now)).map(|age| age.as_secs());
            numbers.first_error = conn
                .prepare_cached(
                    "SELECT last_error FROM events WHERE status = 'failed' AND account_id = ?1 ORDER BY id LIMIT 1",
                )?
                .query_row([account_id], |row| row.get(0))
                .optional()?
                .flatten();
            Ok(numbers)
        })
    }
}

fn counts(conn: &Connection, account_id: Option<i64>) -> Result<Vec<Count>> {
    let mut statement = conn.prepare_cached(include_str!("../../sql/statements/count_events.sql"))?;
    let rows = statement.query_map(named_params! { ":account_id": account_id }, |row| {
        Ok(Count { account_id: row.get(0)?, status: row.get(1)?, events: row.get(2)?, oldest: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        id: row.get("id")?,
        account_id: row.get("account_id")?,
        event_group: row.get("event_group")?,
        event_id: row.get("event_id")?,
        event_type: row.get("type")?,
        occurred_at: row.get("occurred_at")?,
        received_at: row.get("received_at")?,
        resource_ids: json(row, "resource_ids")?,
        status: row.get("status")?,
        attempts: row.get("attempts")?,
        next_attempt_at: row.get("next_attempt_at")?,
        last_error: row.get("last_error")?,
        processed_at: row.get("processed_at")?,
        reason: row.get("reason")?,
        lane: row.get("lane")?,
        remaining_ids: json(row, "remaining_ids")?,
        leased_by: row.get("leased_by")?,
        leased_until: row.get("leased_until")?,
        retry_at: row.get("retry_at")?,
        due_at: row.get("due_at")?,
        waits_since: row.get("waits_since")?,
    })
}

/// A column that a CHECK keeps JSON.
fn json(row: &Row<'_>, column: &str) -> rusqlite::Result<Box<RawValue>> {
    RawValue::from_string(row.get(column)?)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(e)))
}
