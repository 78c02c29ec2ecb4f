//! What a worker must know of rows before and after it asks for records by their ids.
//!
//! In: ids of a resource. Out: which are here, how many rows lie between them, which were written after a request began.
//! Writes nothing.

use super::mirror::Place;
use super::{Store, Tx};
use crate::record::Id;
use crate::window::Window;
use anyhow::Result;

impl Store {
    /// Those of `ids` (a JSON array) that have a row.
    pub fn present(&self, place: Place<'_>, ids: &str) -> Result<Vec<Id>> {
        self.read(|conn| {
            let sql = format!(
                "SELECT id FROM {} WHERE account_id = ?1 AND resource = ?2 AND id IN (SELECT value FROM json_each(?3))",
                place.resource.table.name
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let rows = statement.query_map((place.account_id, place.resource.name, ids), |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// For each of `ids` (increasing): how many rows lie between the one before and it, themselves not counted.
    pub fn gaps(&self, place: Place<'_>, ids: &[i64]) -> Result<Vec<u64>> {
        let mut before = None;
        let gap = |id: &i64| {
            let window = Window::default().ids(before.replace(*id), Some(*id - 1));
            self.count(place.account_id, place.resource, &window)
        };
        ids.iter().map(gap).collect()
    }
}

/// Those of `ids` (a JSON array) that were written or buried after a request began: its answer may be older than what is
/// here, and proves nothing about them.
pub fn contested(tx: &Tx<'_>, place: Place<'_>, ids: &str, as_of: i64) -> Result<Vec<Id>> {
    let written = |table: &str| -> Result<Vec<Id>> {
        let sql = format!(
            "SELECT id FROM {table} WHERE account_id = ?1 AND resource = ?2 AND written_in > ?3
                AND id IN (SELECT value FROM json_each(?4))"
        );
        let mut statement = tx.prepare_cached(&sql)?;
        let rows = statement.query_map((place.account_id, place.resource.name, as_of, ids), |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    };
    let mut ids = written(place.resource.table.name)?;
    ids.extend(written("deleted_records")?);
    Ok(ids)
}
