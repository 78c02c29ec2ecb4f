//! Back to the outbox: claimed events that were not settled.
//!
//! In: what became of each, as a [`Back`]. Out: pending or failed events, without a lease. Decides nothing: when an event is
//! tried again, and whether that counts, is `worker`'s.

use super::super::Store;
use crate::clock;
use anyhow::Result;
use jiff::Timestamp;
use rusqlite::named_params;

/// What happens to a claimed event that was not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Back {
    /// The attempt failed: again at that time, or never.
    Retry(Option<Timestamp>, String),
    /// The service is down.
    Down {
        /// When it is looked whether the service is back.
        until: Timestamp,
        /// Whether a pause holds it back that may end before.
        held: bool,
        /// From when on another try counts. Nothing: this one did not, and it stays as it was.
        retry_at: Option<Timestamp>,
        /// What the service did.
        error: String,
    },
    /// It has to wait; that is no attempt.
    Snooze {
        /// How long.
        until: Timestamp,
        /// Whether a pause holds it back that may end before.
        held: bool,
        /// What for.
        reason: String,
    },
    /// Handed back as it was taken.
    Release,
}

/// How many claimed events were put back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PutBack {
    /// After a failed attempt; there will be another.
    pub retried: u64,
    /// Without an attempt: they wait for something, or the program stops.
    pub waiting: u64,
    /// After their last attempt.
    pub failed: u64,
}

impl Store {
    /// Puts claimed events back; those that were settled meanwhile stay so.
    pub fn put_back(&mut self, holder: &str, events: &[(i64, Back)]) -> Result<PutBack> {
        let now = self.clock().stamp();
        self.write(|tx| {
            let mut counts = PutBack::default();
            for (id, back) in events {
                let plan = plan(back);
                let changed = tx.prepare_cached(include_str!("../../../sql/statements/put_back_event.sql"))?.execute(
                    named_params! {
                        ":id": id, ":holder": holder, ":now": now, ":failed": plan.failed, ":held": plan.held,
                        ":next_attempt_at": plan.next, ":retry_at": plan.retry_at, ":taken_back": !plan.counts,
                        ":error": plan.error,
                    },
                )?;
                *plan.counter(&mut counts) += changed as u64;
            }
            Ok(counts)
        })
    }

    /// Hands back all that a holder still has: it stops.
    pub fn release_all(&mut self, holder: &str) -> Result<()> {
        let ids: Vec<i64> = self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT id FROM events WHERE status = 'processing' AND leased_by = ?1")?;
            Ok(statement.query_map([holder], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })?;
        let events: Vec<(i64, Back)> = ids.into_iter().map(|id| (id, Back::Release)).collect();
        if events.is_empty() { Ok(()) } else { self.put_back(holder, &events).map(|_| ()) }
    }
}

/// What is written.
struct Plan<'a> {
    /// It was the last attempt.
    failed: bool,
    /// A pause holds it back: it is due as it was when it came.
    held: bool,
    /// Nothing: it is due as it was when it came.
    next: Option<String>,
    /// `None`: it stays.
    retry_at: Option<String>,
    /// Whether the attempt counts.
    counts: bool,
    error: Option<&'a str>,
}

impl Plan<'_> {
    fn counter<'c>(&self, counts: &'c mut PutBack) -> &'c mut u64 {
        match (self.failed, self.counts) {
            (true, _) => &mut counts.failed,
            (false, true) => &mut counts.retried,
            (false, false) => &mut counts.waiting,
        }
    }
}

fn plan(back: &Back) -> Plan<'_> {
    let waits = Plan { failed: false, held: false, next: None, retry_at: None, counts: false, error: None };
    match back {
        Back::Retry(at, error) => {
            let at = at.map(clock::stamp);
            Plan { failed: at.is_none(), next: at.clone(), retry_at: at, counts: true, error: Some(error), ..waits }
        }
        Back::Down { until, held, retry_at, error } => Plan {
            held: *held,
            next: Some(clock::stamp(*until)),
            retry_at: retry_at.map(clock::stamp),
            counts: retry_at.is_some(),
            error: Some(error),
            ..waits
        },
        Back::Snooze { until, held, reason } => {
            Plan { held: *held, next: Some(clock::stamp(*until)), error: Some(reason), ..waits }
        }
        Back::Release => waits,
    }
}
