//! Tables by what they have, where a statement is the same for several of them.

use anyhow::Result;
use rusqlite::Connection;

/// All tables with rows of accounts. None of them has a foreign key to another one.
pub fn of_accounts(conn: &Connection) -> Result<Vec<String>> {
    let mut statement = conn.prepare(
        "SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
          WHERE t.type = 'table' AND c.name = 'account_id' ORDER BY t.name",
    )?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrate;

    #[test]
    fn they_can_be_emptied_in_any_order() {
        let mut conn = Connection::open_in_memory().expect("memory");
        migrate::migrate(&mut conn).expect("migrations");
        let tables = of_accounts(&conn).expect("tables");
        assert!(tables.iter().any(|t| t == "documents") && tables.iter().any(|t| t == "events"), "{tables:?}");
        for table in tables {
            let parents: i64 = conn
                .query_row(
                    "SELECT count(*) FROM pragma_foreign_key_list(?1) WHERE \"table\" <> 'accounts'",
                    [&table],
                    |row| row.get(0),
                )
                .expect("foreign keys");
            assert_eq!(parents, 0, "{table}");
        }
    }
}
