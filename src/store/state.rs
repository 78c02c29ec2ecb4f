//! How far the mirror of each resource got: watermark, resume point, what the service refused, last success and error.
//!
//! In and out: [`State`]. The resume point is JSON that `sync` understands; here it is text.

use super::{Store, Tx};
use anyhow::Result;
use rusqlite::{Connection, OptionalExtension};

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
}

fn load(conn: &Connection, account_id: i64, resource: &str) -> Result<Option<State>> {
    Ok(conn
        .prepare_cached(
            "SELECT watermark, progress, refused, last_full_at, last_success_at, last_error
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
            })
        })
        .optional()?)
}

/// Writes the resume point, together with the rows that it speaks of.
///
/// # Errors
/// The database's.
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
    ))?;
    Ok(())
}

impl Store {
    /// The state of a resource: an empty one when it was never synced.
    ///
    /// # Errors
    /// The database's.
    pub fn state(&self, account_id: i64, resource: &str) -> Result<State> {
        self.read(|conn| Ok(load(conn, account_id, resource)?.unwrap_or_default()))
    }

    /// Notes when all resources of an account were last synced well.
    ///
    /// # Errors
    /// The database's.
    pub fn set_last_sync(&mut self, account_id: i64, at: &str) -> Result<()> {
        self.write(|tx| {
            tx.execute("UPDATE accounts SET last_sync_at = ?2 WHERE id = ?1", (account_id, at))?;
            Ok(())
        })
    }
}
