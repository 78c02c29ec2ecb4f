//! Every query runs where there is nothing: in a new file, and for a company that has nothing yet.

use crate::answer::ask;
use crate::head;
use crate::world::{OTHER, World};

/// What a query needs that has a parameter without a default.
fn needed(query: &head::Query) -> String {
    let needed = query.parameters.iter().filter(|parameter| parameter.default.is_none());
    needed.map(|parameter| format!("{}=1 ", parameter.name)).collect()
}

#[test]
fn every_query_runs_on_an_empty_file_and_for_an_empty_company() {
    let world = World::new();
    world.make_file();
    world.fic.add_company(OTHER, "Verdi");
    for account in [false, true] {
        if account {
            world.add_account("Verdi", &world.fic.issue_token(&[OTHER], &["*"]));
            world.run("sync all");
        }
        let conn = world.open();
        for query in head::all() {
            let (columns, rows) =
                ask(&conn, &query, &needed(&query)).unwrap_or_else(|error| panic!("{}: {error}", query.name));
            assert_eq!(columns.first().map(String::as_str), Some("account_id"), "{}", query.name);
            let expected = match query.name.as_str() {
                // One row per account, whatever there is.
                "dso" | "forfettario_threshold" | "export_plafond" if account => 1,
                "requests_by_day" if account => rows.len(),
                _ => 0,
            };
            assert_eq!(rows.len(), expected, "{}", query.name);
        }
    }
}
