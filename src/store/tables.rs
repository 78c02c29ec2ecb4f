//! Tables by name, where a statement is the same for several of them.

/// Tables with rows of accounts, in the order in which they can be emptied (children of others first).
pub const OF_ACCOUNTS: &[&str] = &[
    "document_payments",
    "document_items",
    "documents",
    "entities",
    "deleted_records",
    "walk_records",
    "sync_state",
    "sync_runs",
    "event_records",
    "events",
    "event_pauses",
    "recent_requests",
    "quota",
    "subscriptions",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrate;

    #[test]
    fn every_table_with_an_account_id_is_listed() {
        let mut conn = rusqlite::Connection::open_in_memory().expect("memory");
        migrate::migrate(&mut conn).expect("migrations");
        let tables: Vec<String> = conn
            .prepare(
                "SELECT t.name FROM sqlite_schema t, pragma_table_info(t.name) c
                  WHERE t.type = 'table' AND c.name = 'account_id' ORDER BY 1",
            )
            .and_then(|mut s| s.query_map([], |r| r.get(0))?.collect())
            .expect("tables");
        let mut listed: Vec<String> = OF_ACCOUNTS.iter().map(|t| (*t).to_owned()).collect();
        listed.sort();
        assert_eq!(tables, listed);
    }
}
