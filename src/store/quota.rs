//! What the service last said of an account's quota, shared by all processes that ask for the account.
//!
//! In: the numbers of an answer, the time of a request. Out: the same. What follows from them is `api::pacer`'s.

use super::Store;
use anyhow::Result;
use rusqlite::OptionalExtension;

/// The quota of an account as its last answer told it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quota {
    /// Requests left in this hour.
    pub hourly_remaining: Option<i64>,
    /// Requests an hour has.
    pub hourly_limit: Option<i64>,
    /// Requests left in this month.
    pub monthly_remaining: Option<i64>,
    /// Requests a month has.
    pub monthly_limit: Option<i64>,
    /// When it was told, UTC.
    pub seen_at: Option<String>,
    /// Not to ask before this time, UTC.
    pub blocked_until: Option<String>,
    /// Why.
    pub blocked_reason: Option<String>,
    /// When a request was last refused for speed (429), UTC.
    pub too_fast_at: Option<String>,
}

impl Store {
    /// The quota of an account: an empty one before its first request.
    ///
    /// # Errors
    /// The database's.
    pub fn quota(&self, account_id: i64) -> Result<Quota> {
        self.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT hourly_remaining, hourly_limit, monthly_remaining, monthly_limit,
                            seen_at, blocked_until, blocked_reason, too_fast_at
                       FROM quota WHERE account_id = ?1",
                )?
                .query_row([account_id], |row| {
                    Ok(Quota {
                        hourly_remaining: row.get(0)?,
                        hourly_limit: row.get(1)?,
                        monthly_remaining: row.get(2)?,
                        monthly_limit: row.get(3)?,
                        seen_at: row.get(4)?,
                        blocked_until: row.get(5)?,
                        blocked_reason: row.get(6)?,
                        too_fast_at: row.get(7)?,
                    })
                })
                .optional()?
                .unwrap_or_default())
        })
    }

    /// Keeps what an answer told. A missing number, and a missing `too_fast_at`, leaves the one known.
    ///
    /// # Errors
    /// The database's.
    pub fn save_quota(&mut self, account_id: i64, quota: &Quota) -> Result<()> {
        self.write(|tx| {
            tx.prepare_cached(include_str!("../../sql/statements/save_quota.sql"))?.execute((
                account_id,
                quota.hourly_remaining,
                quota.hourly_limit,
                quota.monthly_remaining,
                quota.monthly_limit,
                &quota.seen_at,
                &quota.blocked_until,
                &quota.blocked_reason,
                &quota.too_fast_at,
            ))?;
            Ok(())
        })
    }

    /// Notes that a request is being sent at `at` (unix milliseconds) and forgets those before `forget_before`.
    ///
    /// # Errors
    /// The database's.
    pub fn note_request(&mut self, account_id: i64, at: i64, forget_before: i64) -> Result<()> {
        self.write(|tx| {
            tx.prepare_cached("DELETE FROM recent_requests WHERE account_id = ?1 AND sent_at < ?2")?
                .execute((account_id, forget_before))?;
            tx.prepare_cached("INSERT INTO recent_requests (account_id, sent_at) VALUES (?1, ?2)")?
                .execute((account_id, at))?;
            Ok(())
        })
    }

    /// When the `nth` latest request after `since` was sent (unix milliseconds); nothing when there were fewer.
    ///
    /// # Errors
    /// The database's.
    pub fn nth_latest_request(&self, account_id: i64, nth: u32, since: i64) -> Result<Option<i64>> {
        self.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT sent_at FROM recent_requests WHERE account_id = ?1 AND sent_at > ?2
                      ORDER BY sent_at DESC LIMIT 1 OFFSET ?3",
                )?
                .query_row((account_id, since, nth.saturating_sub(1)), |row| row.get(0))
                .optional()?)
        })
    }
}
