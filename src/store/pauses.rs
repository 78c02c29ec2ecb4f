//! Pauses: an account, or a kind of its events, waits for a quota, a token, a scope, or a service that is down.
//!
//! In: until when, and why. Out: nothing of theirs is claimed before. In the table, so that the listener and
//! `events drain` know of each other's. Asks nobody whether the wait is over: the first request that succeeds says so.

use super::Store;
use crate::clock;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, named_params};

/// The statement that takes off waits which a wrong clock wrote.
const MEND: &str = include_str!("../../sql/statements/mend_waits.sql");
/// Longer than any pause: a month's quota, and the longest block that is believed.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(32 * 24);
/// Longer than any delay between two attempts.
const LONGEST_DELAY: SignedDuration = SignedDuration::from_hours(3 * 24);

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
            tx.prepare_cached(include_str!("../../sql/statements/wait_with_pause.sql"))?.execute(values)?;
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
    /// ahead wrote them, and has been set right. Returns how many events that were. Writes only when there are such:
    /// many may wait, and none may be kept waiting by the look.
    pub fn mend_waits(&mut self) -> Result<u64> {
        let now = self.clock().now();
        let stamp = |ahead| clock::stamp(now.saturating_add(ahead).unwrap_or(Timestamp::MAX));
        let (now, longest_pause, longest_delay) = (clock::stamp(now), stamp(LONGEST_PAUSE), stamp(LONGEST_DELAY));
        let wrong = "until > ?1 OR noted_at > ?2";
        let pauses: bool = self.read(|conn| {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM event_pauses WHERE {wrong})");
            Ok(conn.query_row(&sql, (&longest_pause, &now), |row| row.get(0))?)
        })?;
        if pauses {
            let sql = format!("DELETE FROM event_pauses WHERE {wrong}");
            self.write(|tx| Ok(tx.execute(&sql, (&longest_pause, &now))?))?;
        }
        let ids: Vec<i64> = self.read(|conn| {
            let mut statement = conn.prepare_cached(include_str!("../../sql/statements/wrong_waits.sql"))?;
            let values = named_params! { ":now": now, ":longest_delay": longest_delay };
            Ok(statement.query_map(values, |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })?;
        if ids.is_empty() {
            return Ok(0);
        }
        let ids = serde_json::to_string(&ids)?;
        self.write(|tx| Ok(tx.prepare_cached(MEND)?.execute(named_params! { ":now": now, ":ids": ids })? as u64))
    }

    /// Ends the pauses of an account: the one of this prefix and that of all its events, or each one. What waited for
    /// them goes on. Returns whether there was one.
    pub fn resume(&mut self, account_id: i64, prefix: Option<&str>) -> Result<bool> {
        let paused = self.read(|conn| {
            let sql = "SELECT EXISTS (SELECT 1 FROM event_pauses WHERE account_id = ?1)";
            Ok(conn.prepare_cached(sql)?.query_row([account_id], |row| row.get::<_, bool>(0))?)
        })?;
        if !paused {
            return Ok(false);
        }
        let now = self.clock().stamp();
        self.write(|tx| {
            let values = named_params! { ":account_id": account_id, ":prefix": prefix, ":now": now };
            tx.prepare_cached(include_str!("../../sql/statements/resume_after_pause.sql"))?.execute(values)?;
            let gone = tx
                .prepare_cached(
                    "DELETE FROM event_pauses WHERE account_id = ?1 AND (?2 IS NULL OR prefix IN ('', ?2))",
                )?
                .execute((account_id, prefix))?;
            Ok(gone > 0)
        })
    }
}
