//! Our webhook subscriptions: the sinks that are known, what the service told of them, the challenges sent.
//!
//! In: sinks before the service is asked, its answers afterwards. Out: rows, known sinks. A row exists before the
//! request that makes the subscription, so that the challenge finds its sink known. Decides nothing; subscriptions of
//! other programs are not here.
//!
//! ```text
//! write_down ──> (id is null) ──> told ──> (id) ──> told, mark_verified, attempt … ──> forget
//!                     └── the service refused: forget           └── gone upstream: missing
//! ```

use super::{Store, Tx};
use crate::report::Problem;
use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;

/// A subscription of ours.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Subscription {
    /// The row.
    #[serde(skip)]
    pub row: i64,
    /// The account.
    pub account_id: i64,
    /// The service's id, nothing until it is known.
    pub id: Option<String>,
    /// Where the service sends.
    pub sink: String,
    /// The group.
    pub event_group: String,
    /// The event types as the service told them.
    pub types: Vec<String>,
    /// The types that a person asked for; `None`: those of the group.
    pub wanted: Option<Vec<String>>,
    /// Whether the sink has answered the challenge.
    pub verified: bool,
    /// When that was learnt.
    pub verified_at: Option<String>,
    /// `header` or `query`.
    pub verification_method: Option<String>,
    /// `binary` or `structured`.
    pub mapping: Option<String>,
    /// A person wished for it.
    pub by_hand: bool,
    /// The sink is a person's choice: it is not moved.
    pub sink_by_hand: bool,
    /// Challenges that we know of, since it was last not verified.
    pub attempts: u32,
    /// When the last was sent.
    pub last_attempt_at: Option<String>,
    /// When the row was written.
    pub created_at: String,
    /// When the service last told of it.
    pub seen_at: Option<String>,
    /// Since when the service has it no more.
    pub missing_since: Option<String>,
}

/// A subscription that the service is going to be asked for.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    /// The account.
    pub account_id: i64,
    /// Where the service is to send.
    pub sink: &'a str,
    /// The group.
    pub event_group: &'a str,
    /// The types that a person asked for; `None`: those of the group.
    pub wanted: Option<&'a [String]>,
    /// A person wished for it.
    pub by_hand: bool,
    /// The sink is a person's choice.
    pub sink_by_hand: bool,
}

/// What the service told of a subscription.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// Its id.
    pub id: &'a str,
    /// Where it sends.
    pub sink: &'a str,
    /// What it sends.
    pub types: &'a [String],
    /// Whether the sink has answered the challenge.
    pub verified: bool,
    /// `header` or `query`.
    pub verification_method: Option<&'a str>,
    /// `binary` or `structured`.
    pub mapping: Option<&'a str>,
    /// When the service was asked, UTC.
    pub asked_at: &'a str,
}

const COLUMNS: &str = "SELECT rowid, account_id, id, sink, event_group, types, wanted, verified, verified_at,
    verification_method, mapping, by_hand, sink_by_hand, attempts, last_attempt_at, created_at, seen_at, missing_since
    FROM subscriptions";

fn subscription(row: &Row<'_>) -> rusqlite::Result<Subscription> {
    Ok(Subscription {
        row: row.get(0)?,
        account_id: row.get(1)?,
        id: row.get(2)?,
        sink: row.get(3)?,
        event_group: row.get(4)?,
        types: list(&row.get::<_, String>(5)?),
        wanted: row.get::<_, Option<String>>(6)?.map(|text| list(&text)),
        verified: row.get(7)?,
        verified_at: row.get(8)?,
        verification_method: row.get(9)?,
        mapping: row.get(10)?,
        by_hand: row.get(11)?,
        sink_by_hand: row.get(12)?,
        attempts: row.get(13)?,
        last_attempt_at: row.get(14)?,
        created_at: row.get(15)?,
        seen_at: row.get(16)?,
        missing_since: row.get(17)?,
    })
}

/// A JSON list of texts. What a person wrote into the file otherwise counts as none.
fn list(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

fn by_row(conn: &Connection, row: i64) -> Result<Subscription> {
    conn.prepare_cached(&format!("{COLUMNS} WHERE rowid = ?1"))?
        .query_row([row], subscription)
        .optional()?
        .context("the subscription was removed meanwhile")
}

/// Marks the subscriptions of an account with that sink as verified, as the welcome event and the service's answers say.
/// Returns how many were not yet.
pub fn mark_verified(tx: &Tx<'_>, account_id: i64, sink: &str, now: &str) -> Result<usize> {
    Ok(tx
        .prepare_cached(
            "UPDATE subscriptions SET verified = 1, verified_at = ?3, attempts = 0
              WHERE account_id = ?1 AND sink = ?2 AND NOT verified",
        )?
        .execute((account_id, sink, now))?)
}

const KNOWN_SINKS: &str = "SELECT DISTINCT sink FROM subscriptions WHERE account_id = ?1 AND event_group = ?2";

/// What the listener asks.
impl Store {
    /// The sinks that are written down for an account and group.
    pub fn known_sinks(&self, account_id: i64, event_group: &str) -> Result<Vec<String>> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(KNOWN_SINKS)?;
            Ok(statement.query_map((account_id, event_group), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Whether one with that sink is not verified.
    pub fn has_unverified(&self, account_id: i64, event_group: &str, sink: &str) -> Result<bool> {
        self.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM subscriptions
                      WHERE account_id = ?1 AND event_group = ?2 AND sink = ?3 AND NOT verified)",
                )?
                .query_row((account_id, event_group, sink), |row| row.get(0))?)
        })
    }
}

/// What the commands ask and write.
impl Store {
    /// The subscriptions of an account, oldest first.
    pub fn subscriptions(&self, account_id: i64) -> Result<Vec<Subscription>> {
        self.read(|conn| of_account(conn, account_id))
    }

    /// The one with that id, of whichever account.
    ///
    /// # Errors
    /// When there is none.
    pub fn subscription(&self, id: &str) -> Result<Subscription> {
        let found = self.read(|conn| {
            Ok(conn
                .query_row(&format!("{COLUMNS} WHERE id = ?1 ORDER BY account_id"), [id], subscription)
                .optional()?)
        })?;
        found.ok_or_else(|| {
            Problem::failed(format!("there is no subscription {id} of ours"), "run: ficsync subscriptions sync").into()
        })
    }

    /// Writes one down that the service is going to be asked for. On disk before it returns; once however often called.
    pub fn write_down(&mut self, wish: &Wish<'_>) -> Result<Subscription> {
        let now = self.clock().stamp();
        let wanted = wish.wanted.map(serde_json::to_string).transpose()?;
        self.write_durably(|tx| {
            tx.prepare_cached(include_str!("../../sql/statements/insert_subscription.sql"))?.execute((
                wish.account_id,
                wish.sink,
                wish.event_group,
                &wanted,
                wish.by_hand,
                wish.sink_by_hand,
                &now,
            ))?;
            let found = format!("{COLUMNS} WHERE account_id = ?1 AND event_group = ?2 AND sink = ?3 AND id IS NULL");
            Ok(tx.query_row(&found, (wish.account_id, wish.event_group, wish.sink), subscription)?)
        })
    }

    /// Notes that the service is being asked to send a challenge: before it is asked, so that a crash does not hide one.
    pub fn note_attempt(&mut self, row: i64) -> Result<()> {
        let now = self.clock().stamp();
        self.write_durably(|tx| {
            tx.execute(
                "UPDATE subscriptions SET attempts = attempts + 1, last_attempt_at = ?2 WHERE rowid = ?1",
                (row, &now),
            )?;
            Ok(())
        })
    }

    /// Takes an attempt back that the service did not make.
    pub fn take_attempt_back(&mut self, before: &Subscription) -> Result<()> {
        self.write(|tx| {
            tx.execute(
                "UPDATE subscriptions SET attempts = ?2, last_attempt_at = ?3 WHERE rowid = ?1",
                (before.row, before.attempts, &before.last_attempt_at),
            )?;
            Ok(())
        })
    }

    /// Takes over what the service told of the subscription in that row. Another row of the same id, and what was
    /// written down for its new sink, are merged into it.
    pub fn told(&mut self, row: i64, told: &Told<'_>) -> Result<Subscription> {
        let now = self.clock().stamp();
        let types = serde_json::to_string(told.types)?;
        self.write_durably(|tx| {
            merge_others(tx, row, told)?;
            tx.prepare_cached(include_str!("../../sql/statements/update_subscription.sql"))?.execute((
                row,
                told.id,
                told.sink,
                &types,
                told.verified,
                told.verification_method,
                told.mapping,
                told.asked_at,
                &now,
            ))?;
            by_row(tx, row)
        })
    }

    /// Notes that the service has it no more. It is wanted still, by `ensure`.
    pub fn missing(&mut self, row: i64) -> Result<()> {
        let now = self.clock().stamp();
        self.write(|tx| {
            tx.execute(
                "UPDATE subscriptions SET missing_since = coalesce(missing_since, ?2), verified = 0 WHERE rowid = ?1",
                (row, &now),
            )?;
            Ok(())
        })
    }

    /// Takes one away.
    pub fn forget_subscription(&mut self, row: i64) -> Result<()> {
        self.write_durably(|tx| {
            tx.execute("DELETE FROM subscriptions WHERE rowid = ?1", [row])?;
            Ok(())
        })
    }
}

/// The subscriptions of an account, oldest first.
pub fn of_account(conn: &Connection, account_id: i64) -> Result<Vec<Subscription>> {
    let mut statement = conn.prepare_cached(&format!("{COLUMNS} WHERE account_id = ?1 ORDER BY rowid"))?;
    Ok(statement.query_map([account_id], subscription)?.collect::<rusqlite::Result<_>>()?)
}

/// One row per subscription: what the welcome event said of a row that goes is kept in the row that stays.
fn merge_others(tx: &Tx<'_>, row: i64, told: &Told<'_>) -> Result<()> {
    let kept = by_row(tx, row)?;
    if kept.sink != told.sink {
        // It was verified for the other sink.
        tx.execute("UPDATE subscriptions SET verified = 0, verified_at = NULL WHERE rowid = ?1", [row])?;
    }
    let others = format!(
        "{COLUMNS} WHERE account_id = ?1 AND rowid <> ?2
            AND (id = ?3 OR (id IS NULL AND sink = ?4 AND event_group = ?5))"
    );
    let others: Vec<Subscription> = tx
        .prepare_cached(&others)?
        .query_map((kept.account_id, row, told.id, told.sink, &kept.event_group), subscription)?
        .collect::<rusqlite::Result<_>>()?;
    for other in others {
        tx.execute("DELETE FROM subscriptions WHERE rowid = ?1", [other.row])?;
        let by_hand = other.by_hand || kept.by_hand;
        tx.execute("UPDATE subscriptions SET by_hand = ?2 WHERE rowid = ?1", (row, by_hand))?;
        if other.verified {
            let verified = "UPDATE subscriptions SET verified = 1, verified_at = ?2, attempts = 0 WHERE rowid = ?1";
            tx.execute(verified, (row, &other.verified_at))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
