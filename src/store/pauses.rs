//! Pauses: an account, or a kind of its events, waits for a quota, a token, a scope, or a service that is down.
//!
//! In: until when, and why. Out: nothing of theirs is claimed before. In the table, so that the listener and
//! `events drain` know of each other's. Asks nobody whether the wait is over: the first request that succeeds says so.
//! Touches no event: a pause begins and ends at the same cost, however many wait.

use super::Store;
use super::outbox::MOST_AT_ONCE;
use super::outbox::claim::LONGEST_DELAY;
use crate::clock;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, named_params};

/// Longer than any pause: a month's quota, and the longest block that is believed.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(32 * 24);
pub(in crate::store) const MEND_WAITS: &str = concat!(
    include_str!("../../sql/statements/kinds_that_wait.sql"),
    include_str!("../../sql/statements/mend_waits.sql")
);

/// A pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// When it ends.
    pub until: Timestamp,
    /// Pauses in a row, this one included.
    pub times: u32,
}

impl Store {
    /// Lets the events of an account wait whose type begins with `prefix`; an empty one is all of them.
    ///
    /// # Errors
    /// The database's.
    pub fn pause(&mut self, account_id: i64, prefix: &str, until: Timestamp, reason: &str) -> Result<()> {
        let until = clock::stamp(until);
        let values = named_params! {
            ":account_id": account_id, ":prefix": prefix, ":until": until, ":reason": reason,
        };
        self.write(|tx| {
            tx.prepare_cached(include_str!("../../sql/statements/save_pause.sql"))?.execute(values)?;
            Ok(())
        })
    }

    /// The last pause, which may be over: no request has succeeded since.
    ///
    /// # Errors
    /// The database's.
    pub fn pause_of(&self, account_id: i64, prefix: &str) -> Result<Option<Pause>> {
        self.read(|conn| {
            let row = conn
                .prepare_cached("SELECT until, times FROM event_pauses WHERE account_id = ?1 AND prefix = ?2")?
                .query_row((account_id, prefix), |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
                .optional()?;
            Ok(row.and_then(|(until, times)| Some(Pause { until: clock::parse_stamp(&until)?, times })))
        })
    }

    /// Ends waits that are longer than any can be, and makes their events due, at most [`MOST_AT_ONCE`] of them: a clock
    /// that was far ahead wrote them, and has been set right. Returns how many events that were.
    ///
    /// # Errors
    /// The database's.
    pub fn mend_waits(&mut self) -> Result<u64> {
        let now = self.clock().now();
        let stamp = |ahead| clock::stamp(now.saturating_add(ahead).unwrap_or(Timestamp::MAX));
        self.write(|tx| {
            tx.execute("DELETE FROM event_pauses WHERE until > ?1", [stamp(LONGEST_PAUSE)])?;
            let values = named_params! {
                ":now": clock::stamp(now), ":longest_delay": stamp(LONGEST_DELAY), ":most": MOST_AT_ONCE,
            };
            Ok(tx.prepare_cached(MEND_WAITS)?.execute(values)? as u64)
        })
    }

    /// Ends the pauses of an account: the one of this prefix and that of all its events, or each one. What waited for
    /// them is due as it was before. Returns whether there was one.
    ///
    /// # Errors
    /// The database's.
    pub fn resume(&mut self, account_id: i64, prefix: Option<&str>) -> Result<bool> {
        let paused = self.read(|conn| {
            let sql = "SELECT EXISTS (SELECT 1 FROM event_pauses WHERE account_id = ?1)";
            Ok(conn.prepare_cached(sql)?.query_row([account_id], |row| row.get::<_, bool>(0))?)
        })?;
        if !paused {
            return Ok(false);
        }
        self.write(|tx| {
            let gone = tx
                .prepare_cached(
                    "DELETE FROM event_pauses WHERE account_id = ?1 AND (?2 IS NULL OR prefix IN ('', ?2))",
                )?
                .execute((account_id, prefix))?;
            Ok(gone > 0)
        })
    }
}
