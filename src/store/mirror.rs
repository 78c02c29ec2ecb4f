//! The mirror: the one door through which records enter the tables, and the one through which they leave.
//!
//! In: records of one resource of one account, with the number of writes there had been when the service was asked for
//! them. Out: what was inserted, updated, left alone. A record is left alone when nothing in it changed, when the row
//! is newer than the answer, or when its deletion was recorded after the question was asked.
//!
//! Order without clocks: every write to the mirror gets a number (`written_in`); a request notes the last one when it
//! begins ([`Store::asked`]). A row with a larger number was written after the request began, so its answer may be older
//! than the row: then only a later `updated_at` lets it in.

use super::gone::Gone;
use super::{Store, Tx};
use crate::record::Record;
use crate::resource::Resource;
use anyhow::Result;
use rusqlite::{OptionalExtension, named_params};

/// What a batch of records did to the tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Records that were not here.
    pub inserted: u64,
    /// Records whose content changed.
    pub updated: u64,
    /// Records that are here already, as new or newer.
    pub unchanged: u64,
}

impl Written {
    /// Records that were written.
    pub fn changed(self) -> u64 {
        self.inserted + self.updated
    }

    /// Adds another batch's numbers.
    pub fn add(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
    }
}

/// Where a batch belongs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The local account.
    pub account_id: i64,
    /// The resource type.
    pub resource: &'a Resource,
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "account {} {}", self.account_id, self.resource.name)
    }
}

impl Store {
    /// How many writes to the mirror there were: to be noted before a request begins.
    ///
    /// # Errors
    /// The database's.
    pub fn asked(&self) -> Result<i64> {
        self.read(|conn| Ok(conn.prepare_cached("SELECT n FROM write_counter")?.query_row([], |row| row.get(0))?))
    }
}

/// Puts records into the tables.
///
/// # Errors
/// The database's.
pub fn apply(tx: &Tx<'_>, place: Place<'_>, records: &[Record], asked: i64, now: &str) -> Result<Written> {
    let mut written = Written::default();
    let mut number = None;
    for record in records {
        match verdict(tx, place, record, asked)? {
            Verdict::Leave => written.unchanged += 1,
            Verdict::Insert => {
                write(tx, place, record, next_number(tx, &mut number)?, now, false)?;
                written.inserted += 1;
            }
            Verdict::Update => {
                write(tx, place, record, next_number(tx, &mut number)?, now, true)?;
                written.updated += 1;
            }
        }
    }
    Ok(written)
}

/// Moves rows to `deleted_records`, except those that were written after the request that missed them began.
/// Returns how many went.
///
/// # Errors
/// The database's.
pub fn delete(tx: &Tx<'_>, place: Place<'_>, gone: &Gone, now: &str) -> Result<u64> {
    let mut number = None;
    let mut count = 0;
    for id in gone.ids() {
        let table = place.resource.table;
        let raw: Option<String> = tx
            .prepare_cached(&format!(
                "SELECT raw FROM {table} WHERE account_id = ?1 AND resource = ?2 AND id = ?3 AND written_in <= ?4"
            ))?
            .query_row((place.account_id, place.resource.name, id, gone.asked()), |row| row.get(0))
            .optional()?;
        let Some(raw) = raw else { continue };
        let number = next_number(tx, &mut number)?;
        tx.prepare_cached(include_str!("../../sql/statements/insert_tombstone.sql"))?.execute(named_params! {
            ":account_id": place.account_id, ":resource": place.resource.name, ":id": id,
            ":deleted_at": now, ":written_in": number, ":raw": raw,
        })?;
        tx.prepare_cached(&format!("DELETE FROM {table} WHERE account_id = ?1 AND resource = ?2 AND id = ?3"))?
            .execute((place.account_id, place.resource.name, id))?;
        count += 1;
    }
    Ok(count)
}

enum Verdict {
    Insert,
    Update,
    Leave,
}

/// What to do with a record, by the row that is here and the tombstone that may be.
fn verdict(tx: &Tx<'_>, place: Place<'_>, record: &Record, asked: i64) -> Result<Verdict> {
    let key = (place.account_id, place.resource.name, record.id);
    let here: Option<(String, Option<String>, i64)> = tx
        .prepare_cached(&format!(
            "SELECT raw, updated_at, written_in FROM {} WHERE account_id = ?1 AND resource = ?2 AND id = ?3",
            place.resource.table
        ))?
        .query_row(key, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((raw, updated_at, written_in)) = here else {
        let buried: Option<i64> = tx
            .prepare_cached(
                "SELECT written_in FROM deleted_records WHERE account_id = ?1 AND resource = ?2 AND id = ?3",
            )?
            .query_row(key, |row| row.get(0))
            .optional()?;
        return Ok(if buried.is_some_and(|n| n > asked) { Verdict::Leave } else { Verdict::Insert });
    };
    let maybe_older = written_in > asked && record.updated_at <= updated_at;
    if maybe_older || raw == record.raw.get() || same_but_links(tx, place.resource, &raw, record, &updated_at)? {
        return Ok(Verdict::Leave);
    }
    Ok(Verdict::Update)
}

/// Whether two texts of a record differ in nothing but links that expire. Asked only when the stamp is the same.
fn same_but_links(
    tx: &Tx<'_>,
    resource: &Resource,
    raw: &str,
    record: &Record,
    updated_at: &Option<String>,
) -> Result<bool> {
    if resource.volatile.is_empty() || record.updated_at != *updated_at {
        return Ok(false);
    }
    let paths = resource.volatile.iter().map(|path| format!("'{path}'")).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT json_remove(?1, {paths}) = json_remove(?2, {paths})");
    Ok(tx.prepare_cached(&sql)?.query_row((raw, record.raw.get()), |row| row.get(0))?)
}

/// The number of this batch's write, taken when its first row is written.
fn next_number(tx: &Tx<'_>, number: &mut Option<i64>) -> Result<i64> {
    if let Some(number) = number {
        return Ok(*number);
    }
    let next = tx
        .prepare_cached("UPDATE write_counter SET n = n + 1 RETURNING n")?
        .query_row([], |row| row.get::<_, i64>(0))?;
    *number = Some(next);
    Ok(next)
}

fn write(tx: &Tx<'_>, place: Place<'_>, record: &Record, number: i64, now: &str, replaces: bool) -> Result<()> {
    let raw = record.raw.get();
    let binary: Vec<u8> = tx.prepare_cached("SELECT jsonb(?1)")?.query_row([raw], |row| row.get(0))?;
    let (account_id, resource, id) = (place.account_id, place.resource.name, record.id);
    if replaces {
        for sql in place.resource.clear {
            tx.prepare_cached(sql)?
                .execute(named_params! { ":account_id": account_id, ":resource": resource, ":id": id })?;
        }
    }
    for (index, sql) in place.resource.upsert.iter().enumerate() {
        let mut statement = tx.prepare_cached(sql)?;
        let key = named_params! {
            ":account_id": account_id, ":resource": resource, ":id": id, ":record": binary,
        };
        if index == 0 {
            statement.execute(named_params! {
                ":account_id": account_id, ":resource": resource, ":id": id, ":record": binary,
                ":synced_at": now, ":written_in": number, ":raw": raw,
            })?;
        } else {
            statement.execute(key)?;
        }
    }
    Ok(())
}
