//! The cookbook's queries run and find something; the schema is fresh; Debian's `sqlite3` reads all of it.

use crate::schema_text;
use crate::world::{project, text_of, world};
use ficsync_sandbox::COMPANY;
use serde_json::Value;
use std::process::{Command, Output};

/// The files of `sql/queries`, with their text.
fn queries() -> Vec<(String, String)> {
    let mut files: Vec<String> = std::fs::read_dir(project("sql/queries"))
        .expect("sql/queries")
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .collect();
    files.sort();
    files.into_iter().map(|name| (name.clone(), text_of(&format!("sql/queries/{name}")))).collect()
}

#[test]
fn every_query_opens_with_a_question_and_finds_something() {
    let queries = queries();
    assert!(queries.len() >= 10, "{} queries", queries.len());
    for (name, sql) in queries {
        let first = sql.lines().next().unwrap_or_default();
        assert!(first.starts_with("-- ") && first.ends_with('?'), "{name} opens with {first:?}");
        let rows = world().rows(&sql).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(rows > 0, "{name} finds nothing");
    }
}

#[test]
fn turnover_is_the_services_to_the_cent() {
    let sql = text_of("sql/queries/turnover_by_month.sql");
    let sum = format!("SELECT round(sum(net), 2), sum(invoices) FROM ({})", sql.trim().trim_end_matches(';'));
    let (net, count): (f64, i64) =
        world().open().query_row(&sum, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("a sum");
    let truth = world().fic.truth(COMPANY, "invoices");
    assert_eq!((cents(net), count), (truth.iter().map(|i| amount(&i["amount_net"])).sum::<i64>(), truth.len() as i64));
}

#[test]
fn every_bucket_of_age_is_counted_once() {
    let sql = text_of("sql/queries/aging_buckets.sql");
    let sums = format!(
        "SELECT no_due_date + not_due_yet + days_1_to_30 + days_31_to_60 + days_61_to_90 + over_90_days, total FROM ({})",
        sql.trim().trim_end_matches(';')
    );
    let (parts, total): (f64, f64) =
        world().open().query_row(&sums, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("sums");
    let open: i64 = world()
        .fic
        .truth(COMPANY, "invoices")
        .iter()
        .flat_map(|invoice| invoice["payments_list"].as_array().cloned().unwrap_or_default())
        .filter(|payment| payment["status"] == "not_paid")
        .map(|payment| amount(&payment["amount"]))
        .sum();
    assert_eq!((cents(parts), cents(total)), (open, open));
}

fn amount(value: &Value) -> i64 {
    cents(value.as_f64().unwrap_or_default())
}

fn cents(amount: f64) -> i64 {
    (amount * 100.0).round() as i64
}

#[test]
fn the_schema_file_is_fresh() {
    let schema = schema_text::of(&world().open()).expect("schema");
    assert!(schema == text_of("sql/schema.sql"), "sql/schema.sql is stale; run: make schema");
}

#[test]
fn every_migration_says_why_and_every_view_answers_a_question() {
    for (folder, end) in [("sql/migrations", '.'), ("sql/views", '?')] {
        for entry in std::fs::read_dir(project(folder)).expect("folder") {
            let path = entry.expect("entry").path();
            let text = std::fs::read_to_string(&path).expect("file");
            let first = text.lines().next().unwrap_or_default();
            assert!(first.starts_with("-- ") && first.ends_with(end), "{} opens with {first:?}", path.display());
        }
    }
}

/// Runs the `sqlite3` program on the database; nothing where there is none.
fn sqlite3(sql: &str) -> Option<Output> {
    // Other tests' connections come and go: the last to be closed holds the file for a moment.
    let options = ["-batch", "-bail", "-readonly", "-cmd", ".timeout 5000"];
    let ran = Command::new("sqlite3").args(options).arg(world().file()).arg(sql).output();
    match ran {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: there is no sqlite3 program here");
            None
        }
        other => Some(other.expect("sqlite3 runs")),
    }
}

#[track_caller]
fn lines(output: &Output, what: &str) -> Vec<String> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{what}: {stderr}");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn the_sqlite3_program_reads_everything() {
    let Some(check) = sqlite3("PRAGMA integrity_check; PRAGMA foreign_key_check;") else { return };
    assert_eq!(lines(&check, "integrity"), ["ok"]);
    let conn = world().open();
    let mut statement =
        conn.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").expect("statement");
    let names: Vec<String> =
        statement.query_map([], |row| row.get(0)).expect("names").collect::<Result<_, _>>().expect("names");
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        if let Some(output) = sqlite3(&format!("SELECT * FROM {name} LIMIT 1")) {
            lines(&output, &name);
        }
    }
}

#[test]
fn the_sqlite3_program_answers_the_cookbook_alike() {
    for (name, sql) in queries() {
        // Texts of invoices hold line breaks, so the rows are counted by the program itself.
        let counted = format!("SELECT count(*) FROM ({})", sql.trim().trim_end_matches(';'));
        let Some(output) = sqlite3(&counted) else { return };
        assert_eq!(lines(&output, &name), [world().rows(&sql).expect("rows").to_string()], "{name}");
    }
}
