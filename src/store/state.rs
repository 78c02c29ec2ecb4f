//! How far the mirror of each resource got: watermark, resume point, what the service refused, last success and error.
//!
//! In and out: [`State`]. The resume point is JSON that `sync` understands; here it is text.

use super::{Store, Tx};
use crate::clock;
use crate::resource::Resource;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;

/// Bookkeeping of one resource of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Newest `updated_at` up to which every change is known.
    pub watermark: Option<String>,
    /// Resume point of unfinished work, JSON.
    pub progress: Option<String>,
    /// Sorts and filters that the service refused, JSON.
    pub refused: Option<String>,
    /// End of the last full walk.
    pub last_full_at: Option<String>,
    /// End of the last run that ended well.
    pub last_success_at: Option<String>,
    /// Error of the last run, nothing when it ended well.
    pub last_error: Option<String>,
    /// When the list was last looked at, by a run that ended well or by a worker.
    pub looked_at: Option<String>,
    /// When the service last said that the token may not read it. Nothing once it may.
    pub denied_at: Option<String>,
    /// A walk, or a part of the changes, is not read to its end.
    pub unfinished: bool,
}

/// After a refusal a list is asked for again so much later.
const ASK_AGAIN: SignedDuration = SignedDuration::from_hours(7 * 24);

impl State {
    /// Until when a refusal counts, if it still does.
    pub fn denied_until(&self, now: Timestamp) -> Option<Timestamp> {
        let at = clock::past(self.denied_at.as_deref()?, now)?;
        let until = at.saturating_add(ASK_AGAIN).ok()?;
        (until > now).then_some(until)
    }
}

/// The state of a resource: an empty one when it was never synced.
pub fn load(conn: &Connection, account_id: i64, resource: &str) -> Result<State> {
    Ok(conn
        .prepare_cached(
            "SELECT watermark, progress, refused, last_full_at, last_success_at, last_error, looked_at, denied_at, unfinished
               FROM sync_state WHERE account_id = ?1 AND resource = ?2",
        )?
        .query_row((account_id, resource), |row| {
            Ok(State {
                watermark: row.get(0)?,
                progress: row.get(1)?,
                refused: row.get(2)?,
                last_full_at: row.get(3)?,
                last_success_at: row.get(4)?,
                last_error: row.get(5)?,
                looked_at: row.get(6)?,
                denied_at: row.get(7)?,
                unfinished: row.get(8)?,
            })
        })
        .optional()?
        .unwrap_or_default())
}

/// Writes the resume point, together with the rows that it speaks of.
pub fn save(tx: &Tx<'_>, account_id: i64, resource: &str, state: &State) -> Result<()> {
    tx.prepare_cached(include_str!("../../sql/statements/save_state.sql"))?.execute((
        account_id,
        resource,
        &state.watermark,
        &state.progress,
        &state.refused,
        &state.last_full_at,
        &state.last_success_at,
        &state.last_error,
        &state.looked_at,
        &state.denied_at,
        state.unfinished,
    ))?;
    Ok(())
}

/// Notes that a list was looked at.
pub fn looked(tx: &Tx<'_>, account_id: i64, resource: &str, at: &str) -> Result<()> {
    let state = State { looked_at: Some(at.to_owned()), ..load(tx, account_id, resource)? };
    save(tx, account_id, resource, &state)
}

/// Notes that the token may not read these resource types.
pub fn deny(tx: &Tx<'_>, account_id: i64, resources: &[&str], at: &str) -> Result<()> {
    for resource in resources {
        let state = State { denied_at: Some(at.to_owned()), ..load(tx, account_id, resource)? };
        save(tx, account_id, resource, &state)?;
    }
    Ok(())
}

impl Store {
    /// Forgets what a token may not read: the account has another one.
    pub fn forget_denials(&mut self, account_id: i64) -> Result<()> {
        self.write(|tx| {
            tx.execute("UPDATE sync_state SET denied_at = NULL WHERE account_id = ?1", [account_id])?;
            Ok(())
        })
    }

    /// These resource types were found not to be due: as good as looked at, for who asks how old the mirror is.
    pub fn note_not_due(&mut self, account_id: i64, resources: &[&str]) -> Result<()> {
        if resources.is_empty() {
            return Ok(());
        }
        let (now, names) = (self.clock().stamp(), serde_json::to_string(resources)?);
        self.write(|tx| {
            tx.prepare_cached(
                "UPDATE sync_state SET last_success_at = ?3
                  WHERE account_id = ?1 AND resource IN (SELECT value FROM json_each(?2))
                    AND last_success_at IS NOT NULL AND last_error IS NULL",
            )?
            .execute((account_id, names, now))?;
            Ok(())
        })
    }

    /// The state of a resource: an empty one when it was never synced.
    pub fn state(&self, account_id: i64, resource: &str) -> Result<State> {
        self.read(|conn| load(conn, account_id, resource))
    }

    /// The oldest last success among these resources, for each account that had one: those that never had are left out.
    pub fn oldest_successes(&self, resources: &[&Resource]) -> Result<HashMap<i64, String>> {
        let mut oldest: HashMap<i64, String> = HashMap::new();
        let mut note = |account_id: i64, at: String| {
            let known = oldest.entry(account_id).or_insert_with(|| at.clone());
            if at < *known {
                *known = at;
            }
        };
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT account_id, last_success_at FROM sync_state WHERE resource = ?1 AND last_success_at IS NOT NULL",
            )?;
            for resource in resources {
                let rows = statement.query_map([resource.name], |row| Ok((row.get(0)?, row.get(1)?)))?;
                for row in rows {
                    let (account_id, at) = row?;
                    note(account_id, at);
                }
            }
            Ok(())
        })?;
        Ok(oldest)
    }

    /// Notes when all resources of an account were last synced well.
    pub fn set_last_sync(&mut self, account_id: i64, at: &str) -> Result<()> {
        self.write(|tx| {
            tx.execute("UPDATE accounts SET last_sync_at = ?2 WHERE id = ?1", (account_id, at))?;
            Ok(())
        })
    }
}
