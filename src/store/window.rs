//! Windows as SQL: counts and ids of the mirror's rows within one.
//!
//! In: a [`Window`]. Out: numbers and ids. The conditions are put together here because only those that are asked for
//! let SQLite use its index.

use super::place::Place;
use super::{Store, Tx};
use crate::record::Id;
use crate::resource::Resource;
use crate::window::{Span, Window};
use anyhow::Result;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

/// A WHERE clause with its values.
struct Condition {
    sql: String,
    values: Vec<Value>,
}

impl Condition {
    fn new(account_id: i64, resource: &Resource, window: &Window) -> Self {
        let mut condition = Self { sql: String::from("account_id = ?"), values: vec![account_id.into()] };
        condition.and("resource = ?", resource.name.to_owned());
        condition.span("updated_at", &window.updated);
        condition.span("created_at", &window.created);
        if let Some(id) = window.after_id {
            condition.and("id > ?", id);
        }
        if let Some(id) = window.to_id {
            condition.and("id <= ?", id);
        }
        condition
    }

    fn and(&mut self, sql: &str, value: impl Into<Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
        self.values.push(value.into());
    }

    fn span(&mut self, column: &str, span: &Span) {
        match span {
            Span::Any => {}
            Span::Null => self.sql.push_str(&format!(" AND {column} IS NULL")),
            Span::NotNull => self.sql.push_str(&format!(" AND {column} IS NOT NULL")),
            Span::At(at) => self.and(&format!("{column} = ?"), at.clone()),
            Span::After(after) => self.and(&format!("{column} > ?"), after.clone()),
            Span::Between { after, before } => {
                self.and(&format!("{column} > ?"), after.clone());
                self.and(&format!("{column} < ?"), before.clone());
            }
            Span::Range { from, before } => {
                if let Some(from) = from {
                    self.and(&format!("{column} >= ?"), from.clone());
                }
                if let Some(before) = before {
                    self.and(&format!("{column} < ?"), before.clone());
                }
                if from.is_none() && before.is_none() {
                    self.span(column, &Span::NotNull);
                }
            }
        }
    }
}

/// Rows of the mirror within `window` that are not among `present`, and were not written after the request that found
/// `present` began (`asked`). Whether they are gone depends on the window: see [`super::gone::Gone`].
pub fn absent(tx: &Tx<'_>, place: Place<'_>, window: &Window, present: &[Id], as_of: i64) -> Result<Vec<Id>> {
    let Place { account_id, resource } = place;
    let mut condition = Condition::new(account_id, resource, window);
    condition.and("written_in <= ?", as_of);
    condition.and("id NOT IN (SELECT value FROM json_each(?))", serde_json::to_string(present)?);
    let sql = format!("SELECT id FROM {} WHERE {}", resource.table.name, condition.sql);
    let mut statement = tx.prepare_cached(&sql)?;
    let ids = statement.query_map(params_from_iter(condition.values), |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids)
}

fn count(conn: &Connection, account_id: i64, resource: &Resource, window: &Window) -> Result<u64> {
    let condition = Condition::new(account_id, resource, window);
    let sql = format!("SELECT count(*) FROM {} WHERE {}", resource.table.name, condition.sql);
    Ok(conn.prepare_cached(&sql)?.query_row(params_from_iter(condition.values), |row| row.get(0))?)
}

impl Store {
    /// How many rows of the mirror lie within the window.
    pub fn count(&self, account_id: i64, resource: &Resource, window: &Window) -> Result<u64> {
        self.read(|conn| count(conn, account_id, resource, window))
    }

    /// Where to split a window in two halves by `created_at`: a stamp above the first one, so that both halves hold
    /// rows; nothing when all rows share one stamp.
    pub fn middle(&self, account_id: i64, resource: &Resource, window: &Window) -> Result<Option<String>> {
        self.read(|conn| {
            let rows = count(conn, account_id, resource, window)?;
            let stamp = |columns: &str, rest: &str| -> Result<Option<String>> {
                let condition = Condition::new(account_id, resource, window);
                let sql = format!("SELECT {columns} FROM {} WHERE {} {rest}", resource.table.name, condition.sql);
                let row = conn
                    .prepare_cached(&sql)?
                    .query_row(params_from_iter(condition.values), |row| row.get(0))
                    .optional()?;
                Ok(row.flatten())
            };
            let Some(first) = stamp("min(created_at)", "")? else { return Ok(None) };
            let half = stamp("created_at", &format!("ORDER BY created_at LIMIT 1 OFFSET {}", rows / 2))?;
            match half {
                Some(half) if half > first => Ok(Some(half)),
                _ => {
                    let first = first.replace('\'', "''");
                    stamp("min(created_at)", &format!("AND created_at > '{first}'"))
                }
            }
        })
    }

    /// How many of these ids have a row.
    pub fn known(&self, account_id: i64, resource: &Resource, ids: &[Id]) -> Result<u64> {
        let ids = serde_json::to_string(ids)?;
        self.read(|conn| {
            let sql = format!(
                "SELECT count(*) FROM {} WHERE account_id = ?1 AND resource = ?2
                    AND id IN (SELECT value FROM json_each(?3))",
                resource.table.name
            );
            Ok(conn.prepare_cached(&sql)?.query_row((account_id, resource.name, ids), |row| row.get(0))?)
        })
    }
}
