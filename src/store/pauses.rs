//! Pauses: an account, or a kind of its events, waits for a quota, a token, a scope, or a service that is down.
//!
//! In: until when, and why. Out: nothing of theirs is claimed before. In the table, so that the listener and
//! `events drain` know of each other's. Asks nobody whether the wait is over: the first request that succeeds says so.
//! Touches no event: a pause begins and ends at the same cost, however many wait.

use super::Store;
use super::outbox::claim::LONGEST_DELAY;
use super::outbox::{MOST_AT_ONCE, OTHERS_TURN};
use crate::clock;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, named_params};

/// Longer than any pause: a month's quota, and the longest block that is believed.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(32 * 24);
/// Finds waits that a wrong clock wrote.
pub(in crate::store) const WRONG_WAITS: &str = concat!(
    include_str!("../../sql/statements/kinds_that_wait.sql"),
    include_str!("../../sql/statements/wrong_waits.sql")
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
    pub fn pause(&mut self, account_id: i64, prefix: &str, until: Timestamp, reason: &str) -> Result<()> {
        let (now, until) = (self.clock().stamp(), clock::stamp(until));
        let values = named_params! {
            ":account_id": account_id, ":prefix": prefix, ":until": until, ":reason": reason, ":now": now,
        };
        self.write(|tx| {
            tx.prepare_cached(include_str!("../../sql/statements/save_pause.sql"))?.execute(values)?;
            Ok(())
        })
    }

    /// The last pause, which may be over: no request has succeeded since. One that was noted in the future counts for
    /// nothing.
    pub fn pause_of(&self, account_id: i64, prefix: &str) -> Result<Option<Pause>> {
        self.read(|conn| {
            let row = conn
                .prepare_cached(
                    "SELECT until, times FROM event_pauses
                      WHERE account_id = ?1 AND prefix = ?2 AND coalesce(noted_at, '') <= ?3",
                )?
                .query_row((account_id, prefix, self.clock().stamp()), |row| {
                    Ok((row.get::<_, String>(0)?, row.get(1)?))
                })
                .optional()?;
            Ok(row.and_then(|(until, times)| Some(Pause { until: clock::parse_stamp(&until)?, times })))
        })
    }

    /// Ends waits that began in the future or are longer than any can be, and makes their events due: a clock that was
    /// ahead wrote them, and has been set right. Returns how many events that were.
    pub fn mend_waits(&mut self) -> Result<u64> {
        let mut mended = 0;
        loop {
            let some = self.mend_some_waits()?;
            mended += some;
            if some < MOST_AT_ONCE.into() {
                return Ok(mended);
            }
            std::thread::sleep(OTHERS_TURN);
        }
    }

    /// The same for at most [`MOST_AT_ONCE`] events. Writes only when there are such: none may be kept waiting by the look.
    pub fn mend_some_waits(&mut self) -> Result<u64> {
        let now = self.clock().now();
        let stamp = |ahead| clock::stamp(now.saturating_add(ahead).unwrap_or(Timestamp::MAX));
        let (now, longest_pause, longest_delay) = (clock::stamp(now), stamp(LONGEST_PAUSE), stamp(LONGEST_DELAY));
        self.end_wrong_pauses(&longest_pause, &now)?;
        let ids: Vec<i64> = self.read(|conn| {
            let values = named_params! { ":now": now, ":longest_delay": longest_delay, ":most": MOST_AT_ONCE };
            let mut statement = conn.prepare_cached(WRONG_WAITS)?;
            Ok(statement.query_map(values, |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })?;
        if ids.is_empty() {
            return Ok(0);
        }
        let values = named_params! { ":now": now, ":ids": serde_json::to_string(&ids)? };
        self.write(|tx| {
            Ok(tx.prepare_cached(include_str!("../../sql/statements/mend_waits.sql"))?.execute(values)? as u64)
        })
    }

    fn end_wrong_pauses(&mut self, longest_pause: &str, now: &str) -> Result<()> {
        let wrong = "until > ?1 OR noted_at > ?2";
        let found: bool = self.read(|conn| {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM event_pauses WHERE {wrong})");
            Ok(conn.query_row(&sql, (longest_pause, now), |row| row.get(0))?)
        })?;
        if found {
            let sql = format!("DELETE FROM event_pauses WHERE {wrong}");
            self.write(|tx| Ok(tx.execute(&sql, (longest_pause, now))?))?;
        }
        Ok(())
    }

    /// Ends the pauses of an account: the one of this prefix and that of all its events, or each one. What waited for
    /// them is due as it was before. Returns whether there was one.
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
