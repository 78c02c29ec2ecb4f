//! The views: made anew whenever their text differs from what the file has, so that they need no migration.
//!
//! In: templates of `sql/views/types`, one set for each resource type of the registry. Out: the views of people. Reads no rows.

use super::Tx;
use crate::resource::{self, Resource};
use anyhow::{Context, Result};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The views by their names, with the text that SQLite keeps of them.
fn wanted() -> &'static BTreeMap<String, String> {
    static WANTED: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    WANTED.get_or_init(written)
}

fn written() -> BTreeMap<String, String> {
    let mut views = BTreeMap::new();
    for resource in resource::ALL {
        for template in resource.table.views {
            let text = statement(&filled(template, resource));
            views.insert(name(&text), text);
        }
    }
    views
}

/// A template for a resource type.
fn filled(template: &str, resource: &Resource) -> String {
    template.replace("{resource}", resource.name).replace("{singular}", resource.singular)
}

/// The statement alone, without the comment before it and the semicolon.
fn statement(text: &str) -> String {
    let lines: Vec<&str> = text.lines().skip_while(|line| line.starts_with("--")).collect();
    lines.join("\n").trim().trim_end_matches(';').to_owned()
}

/// `invoices` of `CREATE VIEW invoices AS …`.
fn name(statement: &str) -> String {
    statement.split_whitespace().nth(2).unwrap_or_default().to_owned()
}

fn there(conn: &Connection) -> Result<BTreeMap<String, String>> {
    let mut statement = conn.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'view'")?;
    let views = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(views.collect::<rusqlite::Result<_>>()?)
}

/// Whether the file's views are this program's.
pub fn are_fresh(conn: &Connection) -> Result<bool> {
    Ok(there(conn)? == *wanted())
}

/// Drops all views: before migrations, which may change what they stand on.
pub fn drop_all(tx: &Tx<'_>) -> Result<()> {
    for name in there(tx)?.keys() {
        tx.execute_batch(&format!("DROP VIEW \"{}\"", name.replace('"', "\"\"")))?;
    }
    Ok(())
}

/// Makes all views.
pub fn create(tx: &Tx<'_>) -> Result<()> {
    for (name, text) in wanted() {
        tx.execute_batch(text).with_context(|| format!("could not make the view {name}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrate;

    #[test]
    fn a_view_whose_text_differs_is_made_anew() {
        let mut conn = Connection::open_in_memory().expect("memory");
        migrate::migrate(&mut conn).expect("the schema");
        assert!(are_fresh(&conn).expect("a look"));
        conn.execute_batch("DROP VIEW invoices; CREATE VIEW invoices AS SELECT 1; CREATE VIEW former AS SELECT 2")
            .expect("other views");
        assert!(!are_fresh(&conn).expect("a look"));
        migrate::migrate(&mut conn).expect("the views");
        assert!(are_fresh(&conn).expect("a look"));
    }

    #[test]
    fn every_view_can_be_asked() {
        let mut conn = Connection::open_in_memory().expect("memory");
        migrate::migrate(&mut conn).expect("the schema");
        for name in wanted().keys() {
            conn.prepare(&format!("SELECT * FROM {name}")).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
    }
}
