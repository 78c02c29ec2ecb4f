//! Runs a query of people: reading only, for so long at most.
//!
//! In: SQL with named parameters, and values for some of them. Out: columns and rows. What is not given stays null: the SQL
//! makes its default. Checks no values.

use super::Store;
use crate::exit::Exit;
use crate::report::Problem;
use anyhow::{Context, Result};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql};
use serde::Serialize;
use std::sync::mpsc;
use std::time::Duration;

/// A value to be bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Given {
    /// A whole number.
    Integer(i64),
    /// A day or a word.
    Text(String),
}

impl ToSql for Given {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Integer(n) => n.to_sql(),
            Self::Text(text) => text.to_sql(),
        }
    }
}

/// A value in the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Null.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// A text. What is no UTF-8 is shown as far as it can be.
    Text(String),
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The rows, each with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

impl Store {
    /// Runs `sql`, the query `name`, for `longest` at most, with these values bound to its parameters.
    ///
    /// # Errors
    /// When the SQL is wrong, would write, or takes longer.
    pub fn query(&self, name: &str, sql: &str, values: &[(String, Given)], longest: Duration) -> Result<Answer> {
        self.read(|conn| {
            let handle = conn.get_interrupt_handle();
            let (done, ended) = mpsc::channel::<()>();
            std::thread::scope(|scope| {
                scope.spawn(move || {
                    if ended.recv_timeout(longest) == Err(mpsc::RecvTimeoutError::Timeout) {
                        handle.interrupt();
                    }
                });
                let answer = run(conn, name, sql, values);
                drop(done);
                answer.map_err(|error| explain(error, name, longest))
            })
        })
    }
}

fn run(conn: &Connection, name: &str, sql: &str, values: &[(String, Given)]) -> Result<Answer> {
    let mut statement = conn.prepare(sql).with_context(|| format!("the query {name} is no valid SQL"))?;
    if !statement.readonly() {
        let problem = Problem::failed(format!("the query {name} would write: it was not run"), "queries only read");
        return Err(problem.into());
    }
    for (key, value) in values {
        if let Some(index) = statement.parameter_index(&format!(":{key}"))? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = Vec::new();
    let mut found = statement.raw_query();
    while let Some(row) = found.next()? {
        rows.push((0..columns.len()).map(|index| Ok(cell(row.get_ref(index)?))).collect::<Result<_>>()?);
    }
    Ok(Answer { columns, rows })
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(n) => Cell::Integer(n),
        ValueRef::Real(x) => Cell::Real(x),
        ValueRef::Text(text) | ValueRef::Blob(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
    }
}

fn explain(error: anyhow::Error, name: &str, longest: Duration) -> anyhow::Error {
    let is_stopped = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<rusqlite::Error>())
        .any(|cause| cause.sqlite_error_code() == Some(ErrorCode::OperationInterrupted));
    if !is_stopped {
        return error;
    }
    let message = format!("the query {name} was stopped after {} s", longest.as_secs());
    Problem::new(Exit::Failed, message).hint("allow it more: --timeout 10m").into()
}
