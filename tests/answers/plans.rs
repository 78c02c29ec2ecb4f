//! How SQLite goes about the queries: what is looked up for each client is looked up by an index, or a company with many
//! clients waits for minutes.

use crate::head;
use crate::world::full;

#[test]
fn names_of_clients_and_suppliers_are_found_by_index() {
    let conn = full();
    let mut seen = 0;
    for query in head::all() {
        let lookup = |key: &str| query.sql.contains(&format!("s.{key} = g.{key}")) && query.sql.contains("LIMIT 1");
        let table = match (lookup("client_id"), lookup("supplier_id")) {
            (true, _) => "documents",
            (_, true) => "received_documents",
            _ => continue,
        };
        seen += 1;
        let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {}", query.sql)).expect("a plan");
        let mut rows = statement.raw_query();
        let mut plan = Vec::new();
        while let Some(row) = rows.next().expect("a row") {
            plan.push(row.get::<_, String>(3).expect("a step"));
        }
        let by_entity = format!("USING COVERING INDEX {table}_by_entity (account_id=? AND entity_id=? AND resource=?)");
        // Once for any sale of the client, once in the view for the name on the latest.
        let found = plan.iter().filter(|step| step.contains(&by_entity)).count();
        assert!(found >= 2, "{}: {plan:#?}", query.name);
    }
    assert!(seen >= 9, "{seen} queries look up names");
}
