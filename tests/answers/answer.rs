//! Asks a query and compares every row with what is expected.

use crate::head::{self, Query};
use rusqlite::types::Value;
use rusqlite::{Connection, Statement, ToSql};

/// Names of the columns, and rows.
pub type Answer = (Vec<String>, Vec<Vec<Value>>);

/// Asks a query; `given` are its parameters, `today=2025-06-30 year=2025`.
pub fn ask(conn: &Connection, query: &Query, given: &str) -> rusqlite::Result<Answer> {
    let mut statement = conn.prepare(&query.sql)?;
    for pair in given.split_whitespace() {
        let (name, value) = pair.split_once('=').expect("name=value");
        let declared = query.parameters.iter().find(|p| p.name == name);
        let declared = declared.unwrap_or_else(|| panic!("{} has no parameter {name}", query.name));
        match declared.kind.as_str() {
            "integer" => bind(&mut statement, name, value.parse::<i64>().expect("a number"))?,
            _ => bind(&mut statement, name, value)?,
        }
    }
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.raw_query();
    let mut answer = Vec::new();
    while let Some(row) = rows.next()? {
        answer.push((0..names.len()).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Value>>>()?);
    }
    drop(rows);
    Ok((names, answer))
}

fn bind(statement: &mut Statement<'_>, name: &str, value: impl ToSql) -> rusqlite::Result<()> {
    let index = statement.parameter_index(&format!(":{name}"))?.unwrap_or_else(|| panic!("no :{name} in the query"));
    statement.raw_bind_parameter(index, value)
}

/// Asks a query and compares. The first line of `expected` are the columns; then one line a row; `|` stands between cells.
/// `null` is null; a number is compared as a number, to the last digit.
#[track_caller]
pub fn same(conn: &Connection, call: &str, expected: &str) {
    same_where(conn, call, &[], |_| true, expected);
}

/// The same without some columns, and of some rows.
#[track_caller]
pub fn same_where(conn: &Connection, call: &str, without: &[&str], wanted: impl Fn(&[Value]) -> bool, expected: &str) {
    let (name, given) = call.split_once(' ').unwrap_or((call, ""));
    let (columns, rows) = ask(conn, &head::named(name), given).unwrap_or_else(|error| panic!("{name}: {error}"));
    let kept: Vec<usize> = (0..columns.len()).filter(|at| !without.contains(&columns[*at].as_str())).collect();
    let columns: Vec<&str> = kept.iter().map(|at| columns[*at].as_str()).collect();
    let rows: Vec<Vec<&Value>> =
        rows.iter().filter(|row| wanted(row)).map(|row| kept.iter().map(|at| &row[*at]).collect()).collect();
    let mut lines = expected.lines().map(str::trim).filter(|line| !line.is_empty());
    assert_eq!(columns.join("|"), cells(lines.next().unwrap_or_default()).join("|"), "{name}: columns");
    let expected: Vec<Vec<String>> = lines.map(cells).collect();
    let equal = |(row, want): (&Vec<&Value>, &Vec<String>)| {
        row.len() == want.len() && row.iter().zip(want).all(|(cell, want)| is(cell, want))
    };
    let all = rows.len() == expected.len() && rows.iter().zip(&expected).all(equal);
    let given: Vec<String> =
        rows.iter().map(|row| row.iter().map(|cell| shown(cell)).collect::<Vec<_>>().join("|")).collect();
    let expected: Vec<String> = expected.iter().map(|row| row.join("|")).collect();
    assert!(all, "{call}\ngives\n{}\nexpected\n{}\n", given.join("\n"), expected.join("\n"));
}

fn cells(line: &str) -> Vec<String> {
    line.split('|').map(|cell| cell.trim().to_owned()).collect()
}

fn is(cell: &Value, want: &str) -> bool {
    match cell {
        Value::Integer(number) => want.parse() == Ok(*number),
        // All amounts are REAL, so that programs see one type; none is minus zero, which some programs show.
        Value::Real(number) => {
            want.contains('.') && want.parse() == Ok(*number) && (*number != 0.0 || number.is_sign_positive())
        }
        _ => shown(cell) == want,
    }
}

fn shown(cell: &Value) -> String {
    match cell {
        Value::Null => "null".into(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => format!("{number:?}"),
        Value::Text(text) => text.clone(),
        Value::Blob(_) => "blob".into(),
    }
}
