//! The outbox: webhook events waiting to be put into the tables.
//!
//! In: verified events, in batches. Out: leased events; counts. On disk before the service is answered. Knows nothing of
//! HTTP, nor of what an event means: see `worker`.
//!
//! ```text
//!               store_batch                                    settle: nothing remains
//!  (a twin is ─────┬────────> pending ── claim ──> processing ─────────────────────────> done, ignored
//!   no event)      │           ^ ^ ^ └─ settle: another event's fetch served it too ──────^
//!                  │           │ │ └─ retry, down: attempt failed ───┤
//!                  │           │ └─ snooze, release: attempt taken back ┤
//!                  │           └─ rescue: its process is gone ───────┤
//!                  └> ignored                                        └── fail, rescue: it was the last attempt ──> failed
//!                                                                         failed ── retry_failed ──> pending
//! ```
//!
//! `processed_at` is set in done, ignored and failed, `next_attempt_at` in pending, the lease in processing; CHECKs hold
//! that. done and ignored are pruned. [`settle`] runs in the transaction that writes the records; the other changes of
//! claimed events are [`Store::put_back`]'s.

mod back;
pub(in crate::store) mod claim;
mod settle;

pub use back::{Back, PutBack};
pub use claim::{Claim, Claimed};
pub use settle::{Finished, Settled, close, settle};

use super::{Store, Tx};
use crate::clock;
use crate::resource::events;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use rusqlite::named_params;
use std::time::Duration;

/// How long a lease lasts: it is renewed three times as often, and what a dead process held must be taken up again
/// within 60 s.
pub const LEASE: SignedDuration = SignedDuration::from_secs(45);
/// Attempts that an event has.
pub const MOST_ATTEMPTS: u32 = 12;
/// So many of them a young event can lose by processes that die: the waits of the others are three days by themselves.
const MOST_BY_CRASHES: u32 = 6;
/// Attempts are to reach over this time; younger than it is young.
const ATTEMPTS_TIME: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How long an event rests that has seen many processes die. It is taken up again within 60 s.
const REST: SignedDuration = SignedDuration::from_secs(45);
/// Of many events so many are changed in one transaction: who stores new ones waits no longer than for these.
pub const MOST_AT_ONCE: u32 = 1_000;
/// What others have between two such transactions, to begin theirs.
pub(super) const OTHERS_TURN: Duration = Duration::from_millis(20);

/// What dead processes held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Events that are due again.
    pub again: u64,
    /// The account of each event that has failed for good.
    pub failed: Vec<i64>,
}

/// An event as it came.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The account whose sink it came to.
    pub account_id: i64,
    /// The group of that sink.
    pub event_group: String,
    /// The service's id of the event.
    pub event_id: String,
    /// Its type's full name, where it has one.
    pub event_type: Option<String>,
    /// When it happened, as sent.
    pub occurred_at: Option<String>,
    /// The ids of its records: a JSON array.
    pub resource_ids: String,
    /// Why there is nothing to do for it, where the event itself says so.
    pub nothing_to_do: Option<String>,
}

impl NewEvent {
    /// What its type is about, if that is mirrored. Its own type counts, not the sink that it came to.
    fn lane(&self) -> Option<&'static str> {
        self.event_type.as_deref().and_then(events::lane)
    }

    /// Why it is stored as ignored, if it is.
    pub fn why_ignored(&self) -> Option<&str> {
        let unmirrored = || self.lane().is_none().then_some("nothing of this type is mirrored");
        self.nothing_to_do.as_deref().or_else(unmirrored)
    }
}

/// What became of an event that was to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is in the table, under this id.
    New(i64),
    /// It was there already, or its account is no more: nothing was written.
    Known,
}

impl Store {
    /// Stores events in one transaction, in their order, on disk before it returns. Twins are no-ops. An event of a type
    /// that is not mirrored is stored as ignored.
    ///
    /// # Errors
    /// The database's: nothing is stored then.
    pub fn store_batch(&mut self, events: &[NewEvent]) -> Result<Vec<Stored>> {
        let now = self.clock().stamp();
        self.write_durably(|tx| events.iter().map(|event| store(tx, event, &now)).collect())
    }

    /// The id of the newest event: to be noted before a request begins.
    pub fn last_event(&self) -> Result<i64> {
        self.read(|conn| {
            Ok(conn.prepare_cached("SELECT coalesce(max(id), 0) FROM events")?.query_row([], |row| row.get(0))?)
        })
    }

    /// Renews the leases of a holder.
    pub fn renew_leases(&mut self, holder: &str) -> Result<()> {
        let until = clock::stamp(self.clock().now() + LEASE);
        self.write(|tx| {
            tx.prepare_cached("UPDATE events SET leased_until = ?2 WHERE status = 'processing' AND leased_by = ?1")?
                .execute((holder, until))?;
            Ok(())
        })
    }

    /// Who holds leases now.
    pub fn holders(&self) -> Result<Vec<String>> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT DISTINCT leased_by FROM events WHERE status = 'processing'")?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Takes back events whose lease ended or whose holder is among `dead`. Their attempt counts, within limits.
    pub fn rescue(&mut self, dead: &[String]) -> Result<Rescued> {
        let (now, dead) = (self.clock().now(), serde_json::to_string(dead)?);
        self.write(|tx| {
            let mut statement = tx.prepare_cached(include_str!("../../sql/statements/rescue_events.sql"))?;
            let values = named_params! {
                ":now": clock::stamp(now), ":later": clock::stamp(now + REST), ":dead": dead,
                ":long_ago": clock::stamp(now - ATTEMPTS_TIME), ":most_attempts": MOST_ATTEMPTS,
                ":most_by_crashes": MOST_BY_CRASHES,
            };
            let mut rescued = Rescued::default();
            let rows = statement.query_map(values, |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
            for row in rows {
                match row? {
                    (status, account_id) if status == "failed" => rescued.failed.push(account_id),
                    _ => rescued.again += 1,
                }
            }
            Ok(rescued)
        })
    }

    /// Deletes done and ignored events that were processed before a time. Returns how many.
    pub fn prune_events(&mut self, before: Timestamp) -> Result<u64> {
        let mut gone = 0;
        loop {
            let some = self.prune_some_events(before)?;
            gone += some;
            if some < MOST_AT_ONCE.into() {
                return Ok(gone);
            }
            std::thread::sleep(OTHERS_TURN);
        }
    }

    /// The same for at most [`MOST_AT_ONCE`] of them.
    pub fn prune_some_events(&mut self, before: Timestamp) -> Result<u64> {
        let values = named_params! { ":before": clock::stamp(before), ":most": MOST_AT_ONCE };
        self.write(|tx| {
            Ok(tx.prepare_cached(include_str!("../../sql/statements/prune_events.sql"))?.execute(values)? as u64)
        })
    }

    /// Makes failed events wait again, with all their attempts: those with these ids, or all. Returns the ids of those
    /// that were.
    pub fn retry_failed(&mut self, ids: Option<&[i64]>) -> Result<Vec<i64>> {
        let (now, ids) = (self.clock().stamp(), ids.map_or_else(|| self.failed_events(), |ids| Ok(ids.to_vec()))?);
        let mut waiting = Vec::new();
        for some in ids.chunks(MOST_AT_ONCE as usize) {
            if !waiting.is_empty() {
                std::thread::sleep(OTHERS_TURN);
            }
            let values = named_params! { ":now": now, ":ids": serde_json::to_string(some)? };
            waiting.extend(self.write_durably(|tx| {
                let mut statement = tx.prepare_cached(include_str!("../../sql/statements/retry_events.sql"))?;
                Ok(statement.query_map(values, |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?)
            })?);
        }
        Ok(waiting)
    }

    fn failed_events(&self) -> Result<Vec<i64>> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT id FROM events INDEXED BY events_failed WHERE status = 'failed'")?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn store(tx: &Tx<'_>, event: &NewEvent, now: &str) -> Result<Stored> {
    let mut statement = tx.prepare_cached(include_str!("../../sql/statements/insert_event.sql"))?;
    let mut rows = statement.query(named_params! {
        ":account_id": event.account_id, ":event_group": event.event_group, ":event_id": event.event_id,
        ":type": event.event_type, ":occurred_at": event.occurred_at, ":resource_ids": event.resource_ids,
        ":now": now, ":reason": event.why_ignored(), ":lane": event.lane(),
    })?;
    Ok(match rows.next()? {
        Some(row) => Stored::New(row.get(0)?),
        None => Stored::Known,
    })
}

#[cfg(test)]
mod tests;
