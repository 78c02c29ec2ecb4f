//! `query`: the list, the answers in each form, parameters, the administrator's own queries.

use crate::env::Env;
use ficsync_sandbox::COMPANY;
use serde_json::Value;

/// A synced company with some invoices.
fn synced() -> Env {
    let env = Env::with_account();
    env.fic.populate(COMPANY, "invoices", 30);
    env.fic.populate(COMPANY, "clients", 5);
    env.run("sync all").exit(0);
    env.fic.clear_journal();
    env
}

/// Writes a query of the administrator's own.
fn own(env: &Env, name: &str, sql: &str) {
    let folder = env.dir.path().join("queries");
    std::fs::create_dir_all(&folder).expect("folder");
    std::fs::write(folder.join(name), sql).expect("query");
}

#[test]
fn every_query_is_listed_and_described_and_runs() {
    let env = synced();
    let list = env.run("query").exit(0).stdout();
    let names: Vec<&str> = list.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() >= 46 && names.contains(&"turnover_by_month"), "{list}");
    for name in names {
        let page = env.run(&format!("query --help {name}")).exit(0).stdout();
        assert!(page.contains("?\n") && page.contains("account_id=N  [default: all]"), "{page}");
        let client = if name == "client_statement" { "client_id=1" } else { "" };
        let json = env.run(&format!("query {name} {client} --format json")).exit(0).json();
        let columns = json["columns"].as_array().expect("columns").len();
        assert_eq!((&json["version"], &json["query"]), (&1.into(), &name.into()));
        for row in json["rows"].as_array().expect("rows") {
            assert_eq!(row.as_array().map(Vec::len), Some(columns), "{name}");
        }
    }
    assert!(env.run("query --help").exit(0).stdout().contains("--format"));
    assert!(env.fic.journal().is_empty(), "the service is not asked");
}

#[test]
fn an_answer_is_the_same_in_each_form() {
    let env = synced();
    let json = env.run("query turnover_by_month --format json").exit(0).json();
    let rows = json["rows"].as_array().expect("rows");
    let columns: Vec<&str> = json["columns"].as_array().expect("columns").iter().filter_map(Value::as_str).collect();
    let month = columns.iter().position(|name| *name == "month").expect("a month");
    assert!(!rows.is_empty());
    let csv = env.run("query turnover_by_month --format csv").exit(0).stdout();
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!((lines[0], lines.len()), (columns.join(",").as_str(), rows.len() + 2));
    let fields = |row: &Value| -> Vec<String> {
        let text = |cell: &Value| match cell {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            // A whole amount is written without decimals in CSV.
            other => other.to_string().trim_end_matches(".0").to_owned(),
        };
        row.as_array().expect("a row").iter().map(text).collect()
    };
    for (line, row) in lines[1..].iter().zip(rows) {
        assert_eq!(*line, fields(row).join(","));
    }
    let table = env.run("query turnover_by_month").exit(0).stdout();
    let markdown = env.run("query turnover_by_month --format markdown").exit(0).stdout();
    let months = |text: &str| rows.iter().all(|row| text.contains(row[month].as_str().expect("a month")));
    assert!(months(&table) && months(&markdown) && markdown.starts_with("| account_id | "), "{table}\n{markdown}");
    assert!(table.contains("no turnover"), "what it cannot know stands below:\n{table}");
}

#[test]
fn parameters_are_bound_and_checked() {
    let env = synced();
    let rows = |words: &str| env.run(&format!("query {words} --format json")).exit(0).json()["rows"].clone();
    assert_eq!(rows("turnover_by_month --account-id 2"), Value::Array(Vec::new()));
    assert_eq!(rows("turnover_by_month account_id=1"), rows("turnover_by_month --account-id 1"));
    own(
        &env,
        "echo.sql",
        "-- What was said?\n-- :day date = today\n-- :what one|two = one\n-- :n integer = 1\nSELECT :day, :what, :n, typeof(:n);\n",
    );
    assert_eq!(rows("echo day=2026-06-30 what=two n=7"), serde_json::json!([["2026-06-30", "two", 7, "integer"]]));
    assert_eq!(rows("echo"), serde_json::json!([[null, null, null, "null"]]));
    for (words, said) in [
        ("turnover_by_mont", "did you mean turnover_by_month?"),
        ("echo dya=2026-06-30", "did you mean day?"),
        ("echo day=30/06/2026", "2026-06-30"),
        ("echo what=three", "one or two"),
        ("echo n=1;DROP", "whole number"),
        ("echo n", "KEY=VALUE"),
        ("client_statement", "client_id"),
    ] {
        env.run(&format!("query {words}")).exit(2).says(&[said]);
    }
}

#[test]
fn the_administrators_own_win_read_only_and_are_stopped_in_time() {
    let env = synced();
    own(&env, "turnover_by_month.sql", "-- Is it mine?\nSELECT 'mine' AS answer;\n");
    assert!(env.run("query").exit(0).stdout().contains("Is it mine?"));
    assert_eq!(env.run("query turnover_by_month --format csv").exit(0).stdout(), "answer\r\nmine\r\n");
    own(&env, "wipe.sql", "-- Is all gone?\nDELETE FROM documents;\n");
    env.run("query wipe").exit(1).says(&["wipe", "would write"]);
    own(&env, "wrong.sql", "-- Is it wrong?\nSELEC 1;\n");
    env.run("query wrong").exit(1).says(&["wrong", "no valid SQL"]);
    let endless = "-- When?\nWITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n;\n";
    own(&env, "endless.sql", endless);
    env.run("query endless --timeout 1s").exit(1).says(&["endless", "stopped after 1 s", "--timeout"]);
    env.same_as_service("invoices");
}
