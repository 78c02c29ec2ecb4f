//! Rows of an older schema, written anew from their JSON by today's statements.
//!
//! In: tables `former_…` that a migration left. Out: the same records in the tables of the registry, with their stamps and
//! numbers of writes; the former tables are gone. Runs in the migration's own transaction.

use super::Tx;
use super::mirror;
use super::writing::{About, Writer};
use crate::record::{self, Id};
use crate::resource::{self, Table};
use anyhow::{Context, Result};
use rusqlite::named_params;

/// Takes over what migrations left.
pub fn run(tx: &Tx<'_>) -> Result<()> {
    for table in resource::tables() {
        let former = format!("former_{}", table.name);
        if tx.table_exists(None, former.as_str())? {
            take_over(tx, table, &former).with_context(|| format!("could not take over the rows of {}", table.name))?;
            tx.execute_batch(&format!("DROP TABLE {former}"))?;
        }
    }
    if tx.table_exists(None, FORMER_TOMBSTONES)? {
        tx.pragma_update(None, "defer_foreign_keys", true)?;
        take_over_tombstones(tx).context("could not take over deleted_records")?;
        tx.execute_batch(&format!("DROP TABLE {FORMER_TOMBSTONES}"))?;
    }
    Ok(())
}

/// Tombstones of a schema in which their columns were fewer.
const FORMER_TOMBSTONES: &str = "former_deleted_records";

/// What a tombstone keeps in columns of its own is taken from the row that its record would have: it is written, looked
/// at, and taken away again. One of which nothing else is known stays as it is.
fn take_over_tombstones(tx: &Tx<'_>) -> Result<()> {
    let sql = format!("SELECT account_id, resource, id, deleted_at, written_in, raw FROM {FORMER_TOMBSTONES}");
    let mut statement = tx.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (account_id, name, raw): (i64, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(5)?);
        let (id, deleted_at, written_in): (Id, String, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let (Some(resource), Some(raw)) = (resource::by_name(&name), raw.as_ref()) else {
            tx.execute(
                "INSERT INTO deleted_records (account_id, resource, id, deleted_at, written_in, raw)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (account_id, &name, &id, &deleted_at, written_in, &raw),
            )?;
            continue;
        };
        let table = resource.table;
        let free: i64 =
            tx.query_row(&format!("SELECT coalesce(max(row), 0) + 1 FROM {}", table.name), [], |r| r.get(0))?;
        // An account that no one has: the record itself may have come back.
        let about = About {
            account_id: NOBODY,
            resource: resource.name,
            sign: resource.sign,
            row: free,
            id: &id,
            synced_at: &deleted_at,
            written_in,
            content: 0,
        };
        let mut writer = Writer::new(tx, table)?;
        writer.write(raw, about, false)?;
        let values = named_params! { ":deleted_at": deleted_at, ":written_in": written_in, ":row": free };
        tx.prepare_cached(&mirror::tombstone(table))?.execute(values)?;
        tx.execute("UPDATE deleted_records SET account_id = ?1 WHERE account_id = ?2", (account_id, NOBODY))?;
        writer.clear(free)?;
        tx.execute(&format!("DELETE FROM {} WHERE row = ?1", table.name), [free])?;
    }
    Ok(())
}

/// No account has this id.
const NOBODY: i64 = 0;

fn take_over(tx: &Tx<'_>, table: &'static Table, former: &str) -> Result<()> {
    let mut writer = Writer::new(tx, table)?;
    let mut statement = tx.prepare(&format!(
        "SELECT account_id, resource, id, synced_at, written_in, raw FROM {former} ORDER BY rowid"
    ))?;
    let mut rows = statement.query([])?;
    let mut number = 0;
    while let Some(row) = rows.next()? {
        let (name, raw): (String, String) = (row.get(1)?, row.get(5)?);
        let Some(resource) = resource::by_name(&name) else { continue };
        number += 1;
        let content = record::fingerprint(&raw, table.form).with_context(|| format!("row {number}, of {name}"))?;
        let about = About {
            account_id: row.get(0)?,
            resource: resource.name,
            sign: resource.sign,
            row: number,
            id: &row.get::<_, i64>(2)?.into(),
            synced_at: &row.get::<_, String>(3)?,
            written_in: row.get(4)?,
            content,
        };
        writer.write(&raw, about, false)?;
    }
    Ok(())
}
