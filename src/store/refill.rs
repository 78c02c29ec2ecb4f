//! Rows of an older schema, written anew from their JSON by today's statements.
//!
//! In: tables `former_…` that a migration left. Out: the same records in the tables of the registry, with their stamps and
//! numbers of writes; the former tables are gone. Runs in the migration's own transaction.

use super::Tx;
use super::writing::{About, Writer};
use crate::record;
use crate::resource::{self, Table};
use anyhow::{Context, Result};

/// Takes over what migrations left.
///
/// # Errors
/// The database's.
pub fn run(tx: &Tx<'_>) -> Result<()> {
    for table in resource::tables() {
        let former = format!("former_{}", table.name);
        if tx.table_exists(None, former.as_str())? {
            take_over(tx, table, &former).with_context(|| format!("could not take over the rows of {}", table.name))?;
            tx.execute_batch(&format!("DROP TABLE {former}"))?;
        }
    }
    Ok(())
}

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
