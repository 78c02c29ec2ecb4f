//! Notes of a full walk: which rows it missed where they should stand, and which records it met in plain pages.
//!
//! In: ids. Out: what a finished walk says about deletions. The notes survive a crash, as the walk does.

use super::gone::Gone;
use super::mirror::{self, Place};
use super::{Store, Tx};
use crate::record::Id;
use anyhow::Result;
use rusqlite::OptionalExtension;

/// What a note says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The row is here, the walk did not meet it where it should stand.
    Missing,
    /// The same, but the walk may have overlooked it: several answers were needed where it should stand.
    Doubtful,
    /// The walk in plain pages met it.
    Seen,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Doubtful => "doubtful",
            Self::Seen => "seen",
        }
    }
}

/// Notes ids. A note that is there already stays as it is. Returns how many were new.
pub fn note(tx: &Tx<'_>, place: Place<'_>, kind: Kind, ids: &[Id], as_of: i64) -> Result<usize> {
    let mut new = 0;
    let mut statement = tx.prepare_cached(
        "INSERT OR IGNORE INTO walk_records (account_id, resource, kind, id, asked) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for id in ids {
        new += statement.execute((place.account_id, place.resource.name, kind.name(), id, as_of))?;
    }
    Ok(new)
}

/// Records were met after all: they are not missing.
pub fn met(tx: &Tx<'_>, place: Place<'_>, ids: &[Id]) -> Result<()> {
    tx.prepare_cached(include_str!("../../sql/statements/met_in_walk.sql"))?.execute((
        place.account_id,
        place.resource.name,
        serde_json::to_string(ids)?,
    ))?;
    Ok(())
}

/// Forgets the notes of a walk.
pub fn forget(tx: &Tx<'_>, place: Place<'_>) -> Result<()> {
    tx.prepare_cached("DELETE FROM walk_records WHERE account_id = ?1 AND resource = ?2")?
        .execute((place.account_id, place.resource.name))?;
    Ok(())
}

/// Deletes the rows noted as missing that nothing met since, at the end of a walk. Returns how many went.
pub fn delete_missing(tx: &Tx<'_>, place: Place<'_>, now: &str) -> Result<u64> {
    let notes: Vec<(Id, i64)> = tx
        .prepare_cached(
            "SELECT id, asked FROM walk_records WHERE account_id = ?1 AND resource = ?2 AND kind = 'missing'",
        )?
        .query_map((place.account_id, place.resource.name), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut gone = 0;
    for (id, as_of) in notes {
        gone += mirror::delete(tx, place, &Gone::unmet(id, as_of), now)?;
    }
    Ok(gone)
}

/// Deletes rows that a whole walk in plain pages did not meet (see [`Store::unseen`]). Returns how many went.
pub fn delete_unseen(tx: &Tx<'_>, place: Place<'_>, unseen: &[Id], as_of: i64, now: &str) -> Result<u64> {
    unseen.iter().map(|id| mirror::delete(tx, place, &Gone::unmet(id.clone(), as_of), now)).sum()
}

impl Store {
    /// Rows that a whole walk in plain pages did not meet.
    pub fn unseen(&self, place: Place<'_>) -> Result<Vec<Id>> {
        let sql = include_str!("../../sql/statements/unseen_in_walk.sql").replace("{table}", place.resource.table.name);
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&sql)?;
            let ids = statement.query_map((place.account_id, place.resource.name), |row| row.get(0))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The rows that the walk under way did not meet so far, whatever speaks for it.
    pub fn unmet(&self, place: Place<'_>) -> Result<Vec<Id>> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id FROM walk_records WHERE account_id = ?1 AND resource = ?2 AND kind IN ('missing', 'doubtful')",
            )?;
            let ids = statement.query_map((place.account_id, place.resource.name), |row| row.get(0))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// How many notes of that kind there are, and the earliest `asked` among them.
    pub fn noted(&self, place: Place<'_>, kind: Kind) -> Result<(u64, Option<i64>)> {
        self.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT count(*), min(asked) FROM walk_records
                      WHERE account_id = ?1 AND resource = ?2 AND kind = ?3",
                )?
                .query_row((place.account_id, place.resource.name, kind.name()), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?
                .unwrap_or((0, None)))
        })
    }
}
