//! What the service last said of an account's quota, shared by all processes that ask for the account.
//!
//! In: what is known after an answer, the time of a request (see `notes`). Out: the same. Which answer counts is `ledger`'s to say, and
//! what follows from it `api::pacer`'s.

use super::{Store, Tx};
use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, named_params};

/// The quota of an account as its answers told it.
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
    /// When the numbers were told, UTC.
    pub seen_at: Option<String>,
    /// How many answers there were.
    pub answers: i64,
    /// How many there were when the request began whose answer told the numbers.
    pub numbers_of: i64,
    /// Not to ask before this time, UTC.
    pub blocked_until: Option<String>,
    /// Why.
    pub blocked_reason: Option<String>,
    /// When that was said, UTC.
    pub blocked_at: Option<String>,
    /// How often it was said.
    pub blocks: i64,
    /// When a request was last refused for speed (429), UTC.
    pub too_fast_at: Option<String>,
}

/// When requests were sent is looked at by unix milliseconds. Threads note theirs a moment apart: what is further ahead
/// than this is of a clock that was wrong.
const A_MOMENT: i64 = 1_000;

impl Store {
    /// The quota of an account: an empty one before its first request.
    pub fn quota(&self, account_id: i64) -> Result<Quota> {
        self.read(|conn| load(conn, account_id))
    }

    /// When the `nth` latest request after `since` and until `now` was sent (unix milliseconds); nothing when there were
    /// fewer.
    pub fn nth_latest_request(&self, account_id: i64, nth: u32, since: i64, now: i64) -> Result<Option<i64>> {
        self.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT sent_at FROM recent_requests WHERE account_id = ?1 AND sent_at > ?2 AND sent_at <= ?3
                      ORDER BY sent_at DESC LIMIT 1 OFFSET ?4",
                )?
                .query_row((account_id, since, now, nth.saturating_sub(1)), |row| row.get(0))
                .optional()?)
        })
    }
}

/// Keeps what is known after an answer: `after` makes it of what was known before, and nobody else's answer comes between.
pub(super) fn change(tx: &Tx<'_>, account_id: i64, after: impl FnOnce(Quota) -> Quota) -> Result<()> {
    let quota = after(load(tx, account_id)?);
    tx.prepare_cached(include_str!("../../sql/statements/save_quota.sql"))?.execute(named_params! {
        ":account_id": account_id,
        ":hourly_remaining": quota.hourly_remaining, ":hourly_limit": quota.hourly_limit,
        ":monthly_remaining": quota.monthly_remaining, ":monthly_limit": quota.monthly_limit,
        ":seen_at": quota.seen_at, ":answers": quota.answers, ":numbers_of": quota.numbers_of,
        ":blocked_until": quota.blocked_until, ":blocked_reason": quota.blocked_reason,
        ":blocked_at": quota.blocked_at, ":blocks": quota.blocks, ":too_fast_at": quota.too_fast_at,
    })?;
    Ok(())
}

/// Notes that a request was sent at `now` (unix milliseconds), and forgets those before `forget_before` and those that a
/// clock far ahead noted.
pub(super) fn note_request(tx: &Tx<'_>, account_id: i64, now: i64, forget_before: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM recent_requests WHERE account_id = ?1 AND (sent_at < ?2 OR sent_at > ?3)")?
        .execute((account_id, forget_before, now + A_MOMENT))?;
    tx.prepare_cached("INSERT INTO recent_requests (account_id, sent_at) VALUES (?1, ?2)")?
        .execute((account_id, now))?;
    tx.prepare_cached(
        "INSERT INTO request_days (account_id, day, requests) VALUES (?1, date(?2 / 1000, 'unixepoch'), 1)
         ON CONFLICT (account_id, day) DO UPDATE SET requests = requests + 1",
    )?
    .execute((account_id, now))?;
    Ok(())
}

fn load(conn: &Connection, account_id: i64) -> Result<Quota> {
    Ok(conn
        .prepare_cached(
            "SELECT hourly_remaining, hourly_limit, monthly_remaining, monthly_limit, seen_at, answers, numbers_of,
                    blocked_until, blocked_reason, blocked_at, blocks, too_fast_at
               FROM quota WHERE account_id = ?1",
        )?
        .query_row([account_id], |row| {
            Ok(Quota {
                hourly_remaining: row.get(0)?,
                hourly_limit: row.get(1)?,
                monthly_remaining: row.get(2)?,
                monthly_limit: row.get(3)?,
                seen_at: row.get(4)?,
                answers: row.get(5)?,
                numbers_of: row.get(6)?,
                blocked_until: row.get(7)?,
                blocked_reason: row.get(8)?,
                blocked_at: row.get(9)?,
                blocks: row.get(10)?,
                too_fast_at: row.get(11)?,
            })
        })
        .optional()?
        .unwrap_or_default())
}
