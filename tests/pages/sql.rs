//! The cookbook's queries run and find something; the schema is fresh; Debian's `sqlite3` reads all of it.

use crate::schema_text;
use crate::world::{project, text_of, world};
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

/// What they find is the matter of tests/answers.
#[test]
fn every_query_runs_and_most_find_something() {
    let mut silent = Vec::new();
    for (name, sql) in queries() {
        let rows = world().rows(&sql).unwrap_or_else(|error| panic!("{name}: {error}"));
        if rows == 0 {
            silent.push(name);
        }
    }
    assert!(silent.len() <= 5, "{silent:?} find nothing");
}

#[test]
fn the_schema_file_is_fresh() {
    let schema = schema_text::of(&world().open()).expect("schema");
    assert!(schema == text_of("sql/schema.sql"), "sql/schema.sql is stale; run: make schema");
}

#[test]
fn every_migration_says_why_and_every_view_answers_a_question() {
    for (folder, end) in [("sql/migrations", '.'), ("sql/views", '?'), ("sql/views/types", '?')] {
        for entry in std::fs::read_dir(project(folder)).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                continue;
            }
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
