//! The mirror: the one door through which records enter the tables, and the one through which they leave.
//!
//! In: records of one resource of one account, as of a number of writes (`as_of`): those that there had been when the
//! service was asked for them. Out: what was inserted, updated, left alone. A record is left alone when nothing in it
//! changed, when the row is newer than the answer, or when its deletion was recorded after the question was asked.
//!
//! Order without clocks: every write to the mirror gets a number (`written_in`); a request notes the last one when it
//! begins ([`Store::writes`]). A row with a larger number was written after the request began, so its answer may be older
//! than the row: then only a later `updated_at` lets it in.

use super::gone::Gone;
pub use super::place::Place;
use super::writing::{About, Writer};
use super::{Store, Tx};
use crate::record::Record;
use crate::resource::{Summary, Table};
use anyhow::Result;
use rusqlite::{CachedStatement, OptionalExtension, named_params};

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

impl Store {
    /// How many writes to the mirror there were: to be noted before a request begins.
    pub fn writes(&self) -> Result<i64> {
        self.read(|conn| Ok(conn.prepare_cached("SELECT n FROM write_counter")?.query_row([], |row| row.get(0))?))
    }
}

/// Puts records into the tables.
pub fn apply(tx: &Tx<'_>, place: Place<'_>, records: &[Record], as_of: i64, now: &str) -> Result<Written> {
    let mut written = Written::default();
    let mut writer = Writer::new(tx, place.resource.table)?;
    let mut look = Look::new(tx, place)?;
    let mut number = None;
    for record in records {
        let (row, replaces) = match look.decide(record, as_of)? {
            Decision::Leave => {
                written.unchanged += 1;
                continue;
            }
            Decision::Insert => {
                written.inserted += 1;
                (look.next_row()?, false)
            }
            Decision::Update(row) => {
                written.updated += 1;
                (row, true)
            }
        };
        let about = About {
            account_id: place.account_id,
            resource: place.resource.name,
            sign: place.resource.sign,
            row,
            id: &record.id,
            synced_at: now,
            written_in: next_number(tx, &mut number)?,
            content: record.content,
        };
        writer.write(record.raw.get(), about, replaces)?;
    }
    Ok(written)
}

/// Moves rows to `deleted_records`, except those that were written after the request that missed them began.
/// Returns how many went.
pub fn delete(tx: &Tx<'_>, place: Place<'_>, gone: &Gone, now: &str) -> Result<u64> {
    let mut number = None;
    let mut count = 0;
    let table = place.resource.table;
    let mut writer = Writer::new(tx, table)?;
    let name = table.name;
    let find =
        format!("SELECT row FROM {name} WHERE account_id = ?1 AND resource = ?2 AND id = ?3 AND written_in <= ?4");
    let mut find = tx.prepare_cached(&find)?;
    let mut tombstone = tx.prepare_cached(&tombstone(table))?;
    let mut remove = tx.prepare_cached(&format!("DELETE FROM {name} WHERE row = ?1"))?;
    for id in gone.ids() {
        let key = (place.account_id, place.resource.name, id, gone.as_of());
        let found: Option<i64> = find.query_row(key, |row| row.get(0)).optional()?;
        let Some(row) = found else { continue };
        let number = next_number(tx, &mut number)?;
        tombstone.execute(named_params! { ":deleted_at": now, ":written_in": number, ":row": row })?;
        writer.clear(row)?;
        remove.execute([row])?;
        count += 1;
    }
    Ok(count)
}

/// The statement that keeps what is known of a row of this table.
pub(super) fn tombstone(table: &Table) -> String {
    let Summary { label, name, date, amount } = table.summary;
    let columns =
        [("{label}", label), ("{name}", name), ("{date}", date), ("{amount}", amount), ("{table}", table.name)];
    let sql = include_str!("../../sql/statements/insert_tombstone.sql").to_owned();
    columns.iter().fold(sql, |sql, (place, column)| sql.replace(place, column))
}

enum Decision {
    Insert,
    /// In place of this row.
    Update(i64),
    Leave,
}

/// Looks at what is here before records are written.
struct Look<'tx> {
    place: Place<'tx>,
    here: CachedStatement<'tx>,
    buried: CachedStatement<'tx>,
    last_row: CachedStatement<'tx>,
    next: Option<i64>,
}

impl<'tx> Look<'tx> {
    fn new(tx: &'tx Tx<'_>, place: Place<'tx>) -> Result<Self> {
        let table = place.resource.table.name;
        // Without stamps an answer that may be older never counts.
        let stamp = if place.resource.stamped().is_some() { "updated_at" } else { "NULL" };
        let here = format!(
            "SELECT row, content, {stamp}, written_in FROM {table} WHERE account_id = ?1 AND resource = ?2 AND id = ?3"
        );
        let buried = "SELECT written_in FROM deleted_records WHERE account_id = ?1 AND resource = ?2 AND id = ?3";
        Ok(Self {
            place,
            here: tx.prepare_cached(&here)?,
            buried: tx.prepare_cached(buried)?,
            last_row: tx.prepare_cached(&format!("SELECT coalesce(max(row), 0) FROM {table}"))?,
            next: None,
        })
    }

    /// What to do with a record, by the row that is here and the tombstone that may be.
    fn decide(&mut self, record: &Record, as_of: i64) -> Result<Decision> {
        let key = (self.place.account_id, self.place.resource.name, &record.id);
        let here: Option<(i64, i64, Option<String>, i64)> =
            self.here.query_row(key, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).optional()?;
        let Some((row, content, updated_at, written_in)) = here else {
            let buried: Option<i64> = self.buried.query_row(key, |row| row.get(0)).optional()?;
            return Ok(if buried.is_some_and(|n| n > as_of) { Decision::Leave } else { Decision::Insert });
        };
        let maybe_older = written_in > as_of && record.updated_at <= updated_at;
        Ok(if maybe_older || content == record.content { Decision::Leave } else { Decision::Update(row) })
    }

    /// The number of a row that is new.
    fn next_row(&mut self) -> Result<i64> {
        let next = match self.next {
            Some(next) => next,
            None => self.last_row.query_row([], |row| row.get::<_, i64>(0))? + 1,
        };
        self.next = Some(next + 1);
        Ok(next)
    }
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
