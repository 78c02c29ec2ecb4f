//! Settling: events whose records are in the tables are done.
//!
//! In: records, and who fetched them. Out: how many events that finished. Part of the transaction that wrote the records;
//! costs by the events that it settles, however many others wait. Knows nothing of how they were fetched.

use super::super::Tx;
use anyhow::Result;
use rusqlite::named_params;

/// What a transaction settles.
#[derive(Debug, Clone, Copy)]
pub struct Settled<'a> {
    /// Whose.
    pub account_id: i64,
    /// The lane.
    pub lane: &'a str,
    /// Who holds the lease.
    pub holder: &'a str,
    /// The newest event that was stored before the request began ([`super::super::Store::last_event`]): what a later one
    /// tells of may be younger than the answer.
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

/// Takes records off the events that named them; events of which nothing remains are done.
pub fn settle(tx: &Tx<'_>, settled: Settled<'_>, now: &str) -> Result<Finished> {
    let mut statement = tx.prepare_cached(include_str!("../../../sql/statements/settle_events.sql"))?;
    let values = named_params! {
        ":account_id": settled.account_id, ":lane": settled.lane, ":seen": settled.seen, ":holder": settled.holder,
        ":ids": settled.ids, ":now": now, ":reason": settled.foreign,
    };
    let mut finished = Finished::default();
    let rows = statement.query_map(values, |row| row.get::<_, String>(0))?;
    for status in rows {
        match status?.as_str() {
            "done" => finished.done += 1,
            "ignored" => finished.ignored += 1,
            _ => {}
        }
    }
    Ok(finished)
}

/// Closes events of this holder (a JSON array of their local ids) that name no record.
pub fn close(tx: &Tx<'_>, holder: &str, events: &str, now: &str) -> Result<Finished> {
    let mut statement = tx.prepare_cached(include_str!("../../../sql/statements/close_events.sql"))?;
    let reason = "it names no record";
    let values = named_params! { ":events": events, ":holder": holder, ":now": now, ":reason": reason };
    Ok(Finished { done: 0, ignored: statement.execute(values)? as u64 })
}
