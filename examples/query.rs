//! Runs one query and prints its rows as a table, for machines without the `sqlite3` program.
//!
//! ```text
//! cargo run --example query -- FILE.db QUERY.sql        a file of sql/queries
//! cargo run --example query -- FILE.db 'SELECT …'       a query typed in
//! ```
//!
//! The database is opened for reading only.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use comfy_table::{Cell, CellAlignment, Table, presets};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

/// Longer texts (`raw`) are cut, so that a row stays a line.
const WIDEST: usize = 48;

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Vec<String>) -> Result<()> {
    let [file, query] = args.as_slice() else {
        bail!("usage: query FILE.db QUERY.sql|'SELECT …'");
    };
    let sql = if query.ends_with(".sql") {
        std::fs::read_to_string(query).with_context(|| format!("could not read {query}"))?
    } else {
        query.clone()
    };
    let conn = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("could not open {file}"))?;
    let table = rows(&conn, &sql).with_context(|| format!("could not run {query}"))?;
    let mut out = std::io::stdout().lock();
    for line in table.to_string().lines() {
        match writeln!(out, "{}", line.trim_end()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => break, // … | head
            other => other?,
        }
    }
    Ok(())
}

fn rows(conn: &Connection, sql: &str) -> Result<Table> {
    let mut statement = conn.prepare(sql)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(&names);
    // Parameters that are not bound are null: the queries' own defaults.
    let mut found = statement.raw_query();
    while let Some(row) = found.next()? {
        let cells: Vec<Cell> = (0..names.len()).map(|at| row.get_ref(at).map(cell)).collect::<Result<_, _>>()?;
        table.add_row(cells);
    }
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 2));
    });
    Ok(table)
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::new(""),
        ValueRef::Integer(n) => Cell::new(n).set_alignment(CellAlignment::Right),
        ValueRef::Real(x) => Cell::new(format!("{x:.2}")).set_alignment(CellAlignment::Right),
        ValueRef::Text(text) => Cell::new(short(&String::from_utf8_lossy(text))),
        ValueRef::Blob(bytes) => Cell::new(format!("{} bytes", bytes.len())),
    }
}

fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= WIDEST {
        return line;
    }
    line.chars().take(WIDEST - 1).chain(['…']).collect()
}
