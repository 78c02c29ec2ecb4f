//! The views: made anew whenever their text differs from what the file has, so that they need no migration.
//!
//! In: templates of `sql/views/types`, one set for each resource type of the registry, and the views of `sql/views`, which
//! stand over several types. Out: the views of people. Reads no rows.

use super::Tx;
use crate::resource::{self, Resource};
use anyhow::{Context, Result};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Views over several resource types: see sql/README.md.
const OVER_TYPES: &[&str] = &[
    include_str!("../../sql/views/cash_movements.sql"),
    include_str!("../../sql/views/e_invoices.sql"),
    include_str!("../../sql/views/offers.sql"),
    include_str!("../../sql/views/purchase_payments.sql"),
    include_str!("../../sql/views/purchases.sql"),
    include_str!("../../sql/views/sale_lines.sql"),
    include_str!("../../sql/views/sale_payments.sql"),
    include_str!("../../sql/views/sales.sql"),
    include_str!("../../sql/views/series.sql"),
    include_str!("../../sql/views/stamp_duties.sql"),
    include_str!("../../sql/views/to_register.sql"),
    include_str!("../../sql/views/vat_lines.sql"),
];

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
    for template in OVER_TYPES {
        let text = statement(template);
        views.insert(name(&text), text);
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
    fn every_file_is_listed_and_bears_its_views_name() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sql/views");
        let files = std::fs::read_dir(folder).expect("sql/views").map(|entry| entry.expect("an entry").path());
        let mut files: Vec<_> = files.filter(|path| path.is_file()).collect();
        files.sort();
        let listed: Vec<String> = OVER_TYPES.iter().map(|text| name(&statement(text))).collect();
        let named: Vec<String> =
            files.iter().filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned())).collect();
        assert_eq!(listed, named);
    }

    /// Views name the types of sales and purchases, so that an index can be used: they are those that have a sign.
    #[test]
    fn sales_and_purchases_are_the_types_with_a_sign() {
        let signed = |table: &str| {
            let such = resource::ALL.iter().filter(|r| r.table.name == table && r.sign != 0);
            such.map(|r| format!("'{}'", r.name)).collect::<Vec<_>>().join(", ")
        };
        for (view, table) in [("sales", "documents"), ("purchases", "received_documents")] {
            let types = signed(table);
            assert!(wanted()[view].ends_with(&format!("WHERE d.resource IN ({types})")), "{view}: {types}");
        }
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
