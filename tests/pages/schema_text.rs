//! The schema of a database as text: tables, their indexes, views, each as it was written.
//!
//! In: a migrated database. Out: what stands in `sql/schema.sql`. Shared by `make schema` and the test.

use rusqlite::Connection;

const HEAD: &str = "\
-- The schema of a ficsync database, for reading. Made by `make schema`; changes belong into sql/migrations and
-- sql/views, see sql/README.md.
";

/// The whole text.
pub fn of(conn: &Connection) -> rusqlite::Result<String> {
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let mut text = format!("{HEAD}-- Schema version (PRAGMA user_version): {version}\n");
    // Tables in the order in which migrations made them, each with its indexes and triggers; then the views by name.
    let mut statement = conn.prepare(
        "SELECT sql FROM sqlite_schema AS s
          WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
          ORDER BY type = 'view', CASE WHEN type = 'view' THEN name END,
                   (SELECT t.rowid FROM sqlite_schema AS t WHERE t.type = 'table' AND t.name = s.tbl_name),
                   CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, rowid",
    )?;
    let parts = statement.query_map([], |row| row.get::<_, String>(0))?;
    for part in parts {
        text.push_str(&format!("\n{};\n", apart(part?.trim_end())));
    }
    Ok(text)
}

/// Columns that migrations added stand in the line of the one before them, whose comment would seem to be theirs.
fn apart(sql: &str) -> String {
    const END: &str = " DEFAULT NULL";
    let line = |line: &str| match line.rsplit_once(END).and_then(|(head, tail)| Some((head.split_once(", ")?, tail))) {
        Some(((old, added), tail)) => {
            let added = added.replace(&format!("{END}, "), &format!("{END},\n    "));
            format!("{old}{tail}\n    {added}{END},\n")
        }
        None => format!("{line}\n"),
    };
    sql.lines().map(line).collect::<String>().trim_end().to_owned()
}
