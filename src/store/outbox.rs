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

pub use back::{Back, PutBack};

use super::{Store, Tx};
use crate::clock;
use crate::resource::events;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use rusqlite::named_params;

/// How long a lease lasts: it is renewed three times as often, and what a dead process held must be taken up again
/// within 60 s.
pub const LEASE: SignedDuration = SignedDuration::from_secs(45);
/// Events that are claimed at once: what they name is held in memory.
const MOST_CLAIMED: u32 = 1_000;
/// Attempts that an event has.
pub const MOST_ATTEMPTS: u32 = 12;
/// So many of them a young event can lose by processes that die: the waits of the others are three days by themselves.
const MOST_BY_CRASHES: u32 = 6;
/// Attempts are to reach over this time; younger than it is young.
const ATTEMPTS_TIME: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How long an event rests that has seen many processes die. It is taken up again within 60 s.
const REST: SignedDuration = SignedDuration::from_secs(45);

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

/// The due events of one lane, leased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Whose.
    pub account_id: i64,
    /// What they are about: the path of the resource types.
    pub lane: String,
    /// The events, oldest first.
    pub events: Vec<Claimed>,
}

/// A leased event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its local id.
    pub id: i64,
    /// Its type's full name.
    pub event_type: String,
    /// Ids of records that are not in the tables yet: a JSON array.
    pub remaining_ids: String,
    /// Attempts, this one included.
    pub attempts: u32,
    /// Before this a try of a service that is down is no attempt.
    pub retry_at: Option<Timestamp>,
}

/// What a transaction settles.
#[derive(Debug, Clone, Copy)]
pub struct Settled<'a> {
    /// Whose.
    pub account_id: i64,
    /// The lane.
    pub lane: &'a str,
    /// Who holds the lease.
    pub holder: &'a str,
    /// The newest event that was stored before the request began ([`Store::last_event`]): what a later one tells of may
    /// be younger than the answer.
    pub seen: i64,
    /// The records: a JSON array of ids.
    pub ids: &'a str,
    /// Why they are not mirrored, when they are not.
    pub foreign: Option<&'a str>,
}

/// How many events were finished.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Finished {
    /// Done.
    pub done: u64,
    /// Ignored.
    pub ignored: u64,
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

    /// Leases the due events of one lane among those with ids up to `up_to`. `None`: no lane has any, or all that have
    /// are worked on.
    pub fn claim(&mut self, holder: &str, up_to: i64) -> Result<Option<Claim>> {
        if !self.is_due(up_to)? {
            return Ok(None);
        }
        let now = self.clock().now();
        self.write(|tx| {
            let mut statement = tx.prepare_cached(include_str!("../../sql/statements/claim_events.sql"))?;
            let values = named_params! {
                ":holder": holder, ":now": clock::stamp(now), ":leased_until": clock::stamp(now + LEASE),
                ":up_to": up_to, ":most": MOST_CLAIMED,
            };
            let rows = statement.query_map(values, |row| {
                let (account_id, lane): (i64, String) = (row.get(1)?, row.get(2)?);
                let (id, event_type, remaining_ids, attempts) = (row.get(0)?, row.get(3)?, row.get(4)?, row.get(5)?);
                let retry_at = row.get::<_, Option<String>>(6)?.as_deref().and_then(clock::parse_stamp);
                Ok((account_id, lane, Claimed { id, event_type, remaining_ids, attempts, retry_at }))
            })?;
            let mut claim: Option<Claim> = None;
            for row in rows {
                let (account_id, lane, event) = row?;
                claim.get_or_insert(Claim { account_id, lane, events: Vec::new() }).events.push(event);
            }
            if let Some(claim) = &mut claim {
                claim.events.sort_by_key(|event| event.id);
            }
            Ok(claim)
        })
    }

    /// Whether an event waits that may be begun now, its lane free or not.
    pub fn is_due(&self, up_to: i64) -> Result<bool> {
        let now = self.clock().stamp();
        self.read(|conn| {
            Ok(conn
                .prepare_cached(include_str!("../../sql/statements/due_events.sql"))?
                .query_row(named_params! { ":now": now, ":up_to": up_to }, |row| row.get(0))?)
        })
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
        self.write(|tx| {
            let gone = tx
                .prepare_cached("DELETE FROM events WHERE status IN ('done', 'ignored') AND processed_at < ?1")?
                .execute([clock::stamp(before)])?;
            Ok(gone as u64)
        })
    }

    /// Makes failed events wait again, with all their attempts: those with these ids, or all. Returns the ids of those
    /// that were.
    pub fn retry_failed(&mut self, ids: Option<&[i64]>) -> Result<Vec<i64>> {
        let (now, ids) = (self.clock().stamp(), ids.map(serde_json::to_string).transpose()?);
        self.write_durably(|tx| {
            let mut statement = tx.prepare_cached(
                "UPDATE events SET status = 'pending', attempts = 0, next_attempt_at = ?1, waits_since = ?1, retry_at = NULL,
                        processed_at = NULL
                  WHERE status = 'failed' AND (?2 IS NULL OR id IN (SELECT value FROM json_each(?2)))
                 RETURNING id",
            )?;
            Ok(statement.query_map((now, ids), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
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

/// Takes records off the events that named them; events of which nothing remains are done. Part of the transaction that
/// wrote the records.
pub fn settle(tx: &Tx<'_>, settled: Settled<'_>, now: &str) -> Result<Finished> {
    tx.prepare_cached(include_str!("../../sql/statements/settle_events.sql"))?.execute(named_params! {
        ":account_id": settled.account_id, ":lane": settled.lane, ":seen": settled.seen, ":holder": settled.holder,
        ":ids": settled.ids,
    })?;
    let mut statement = tx.prepare_cached(include_str!("../../sql/statements/finish_events.sql"))?;
    let values = named_params! {
        ":account_id": settled.account_id, ":lane": settled.lane, ":seen": settled.seen, ":holder": settled.holder,
        ":now": now, ":reason": settled.foreign,
    };
    let finished: Vec<String> = statement.query_map(values, |row| row.get(0))?.collect::<Result<_, _>>()?;
    let done = finished.iter().filter(|status| *status == "done").count() as u64;
    Ok(Finished { done, ignored: finished.len() as u64 - done })
}

#[cfg(test)]
mod tests;
