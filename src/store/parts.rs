//! Parts of a list that is read whole: which rows belong to one.
//!
//! In: a [`Part`]. Out: counts and ids of rows, and what is gone. A part is one list of the service: a source of pending
//! documents, a year of the cashbook, a price list.

use super::gone::Gone;
use super::mirror::Place;
use super::{Store, Tx};
use crate::record::Id;
use anyhow::Result;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

/// The rows of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All rows of the resource type.
    All,
    /// Those with this value in a column of theirs.
    Of {
        /// The column.
        column: &'static str,
        /// Its value.
        value: String,
    },
    /// Those whose `date` lies between two days, both included.
    Days {
        /// First day.
        from: String,
        /// Last day.
        to: String,
    },
}

impl Part {
    /// The condition and its values, for the rows of a resource type of an account.
    fn condition(&self, place: Place<'_>) -> (String, Vec<Value>) {
        let mut values = vec![place.account_id.into(), place.resource.name.to_owned().into()];
        let sql = match self {
            Self::All => String::new(),
            Self::Of { column, value } => {
                values.push(value.clone().into());
                format!(" AND {column} = ?")
            }
            Self::Days { from, to } => {
                values.extend([from.clone().into(), to.clone().into()]);
                " AND date BETWEEN ? AND ?".to_owned()
            }
        };
        (format!("account_id = ? AND resource = ?{sql}"), values)
    }
}

fn absent(conn: &Connection, place: Place<'_>, part: &Part, present: &[Id], as_of: i64) -> Result<Vec<Id>> {
    let (condition, mut values) = part.condition(place);
    values.extend([as_of.into(), serde_json::to_string(present)?.into()]);
    let sql = format!(
        "SELECT id FROM {} WHERE {condition} AND written_in <= ? AND id NOT IN (SELECT value FROM json_each(?))",
        place.resource.table.name
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let ids = statement.query_map(params_from_iter(values), |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

impl Store {
    /// How many rows a part has.
    pub fn count_part(&self, place: Place<'_>, part: &Part) -> Result<u64> {
        let (condition, values) = part.condition(place);
        let sql = format!("SELECT count(*) FROM {} WHERE {condition}", place.resource.table.name);
        self.read(|conn| Ok(conn.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| row.get(0))?))
    }

    /// The rows of a part that are not among `present`, and were not written after the request that found those began.
    pub fn absent_from_part(&self, place: Place<'_>, part: &Part, present: &[Id], as_of: i64) -> Result<Vec<Id>> {
        self.read(|conn| absent(conn, place, part, present, as_of))
    }

    /// The ids of all rows of a resource type, in their order.
    pub fn all_ids(&self, place: Place<'_>) -> Result<Vec<Id>> {
        let sql =
            format!("SELECT id FROM {} WHERE account_id = ?1 AND resource = ?2 ORDER BY id", place.resource.table.name);
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&sql)?;
            let ids = statement.query_map((place.account_id, place.resource.name), |row| row.get(0))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The earliest `date` among the rows of a resource type.
    pub fn first_day(&self, place: Place<'_>) -> Result<Option<String>> {
        let sql =
            format!("SELECT min(date) FROM {} WHERE account_id = ?1 AND resource = ?2", place.resource.table.name);
        self.read(|conn| {
            Ok(conn.prepare_cached(&sql)?.query_row((place.account_id, place.resource.name), |r| r.get(0))?)
        })
    }

    /// The values of a part's column that have rows.
    pub fn values_of(&self, place: Place<'_>, column: &str) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT DISTINCT {column} FROM {} WHERE account_id = ?1 AND resource = ?2 AND {column} IS NOT NULL",
            place.resource.table.name
        );
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&sql)?;
            let values = statement.query_map((place.account_id, place.resource.name), |row| row.get(0))?;
            Ok(values.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// What is gone of a part that one answer held whole.
pub fn gone(tx: &Tx<'_>, place: Place<'_>, part: &Part, present: &[Id], as_of: i64) -> Result<Gone> {
    Ok(Gone::in_part(absent(tx, place, part, present, as_of)?, as_of))
}

/// What is gone by two readings of all pages of a part: the rows that neither met.
pub fn gone_twice(unmet: Vec<Id>, as_of: i64) -> Gone {
    Gone::in_part(unmet, as_of)
}
