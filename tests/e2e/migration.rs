//! Files of every older schema: what is in them is there after the migration, with the columns that are new filled from
//! the records themselves; runs go on from where the older ficsync was, and walk what is new.

use crate::env::{Env, RESOURCES};
use crate::expect_types as expect;
use crate::types::full_world;
use ficsync::resource::{self, Resource};
use ficsync_sandbox::{COMPANY, TOKEN};
use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The migrations before the one that brought every resource type, oldest first.
fn older() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/migrations");
    let files = std::fs::read_dir(folder).expect("migrations").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    let before = files.into_iter().take_while(|path| !path.ends_with("0009_everything.sql"));
    before.map(|path| std::fs::read_to_string(path).expect("a migration")).collect()
}

fn types() -> impl Iterator<Item = &'static Resource> {
    RESOURCES.iter().map(|name| resource::by_name(name).expect("a type"))
}

const SYNCED_AT: &str = "2026-01-31T12:00:00Z";
/// Writes to the mirror there were.
const WRITES: i64 = 9;

/// Puts a file in the place of the database that an older ficsync would have left: the four types that it knew, as the
/// service has them now, and what was deleted.
fn leave_old_file(env: &Env, migrations: &[String]) {
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", env.db().display()));
    }
    let conn = Connection::open(env.db()).expect("a file");
    conn.execute_batch("PRAGMA journal_mode = WAL").expect("a log");
    for migration in migrations {
        conn.execute_batch(migration).expect("an older schema");
    }
    conn.execute_batch(
        "CREATE VIEW clients AS SELECT account_id, id, name, raw FROM entities WHERE resource = 'clients';
         CREATE VIEW invoice_items AS SELECT account_id, document_id AS invoice_id, name FROM document_items;",
    )
    .expect("views");
    conn.pragma_update(None, "application_id", 0x4649_4353).expect("ours");
    conn.pragma_update(None, "user_version", migrations.len()).expect("a version");
    conn.execute(
        "INSERT INTO accounts (id, name, company_id, created_at) VALUES (1, 'Rossi', ?1, '2026-01-01T00:00:00Z')",
        [COMPANY],
    )
    .expect("an account");
    conn.execute("UPDATE write_counter SET n = ?1", [WRITES]).expect("a counter");
    for resource in types() {
        for (n, record) in env.fic.truth(COMPANY, resource.name).iter().enumerate() {
            row(&conn, resource, record, n as i64 % WRITES + 1);
        }
        for record in env.fic.deleted_records(COMPANY, resource.name) {
            bury(&conn, resource.name, record["id"].as_i64().expect("an id"), Some(&record));
        }
        state(&conn, env, resource);
    }
    // One that came back, and one of which nothing else is known.
    let back = env.fic.truth(COMPANY, "invoices").swap_remove(0);
    bury(&conn, "invoices", back["id"].as_i64().expect("an id"), Some(&back));
    bury(&conn, "quotes", 4_711, None);
}

fn row(conn: &Connection, resource: &Resource, record: &Value, written_in: i64) {
    let table = resource.table.name;
    let sql = format!(
        "INSERT INTO {table} (account_id, resource, id, created_at, updated_at, synced_at, written_in, raw)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    );
    let (id, raw) = (record["id"].as_i64(), record.to_string());
    let (created, updated) = (record["created_at"].as_str(), record["updated_at"].as_str());
    conn.execute(&sql, (resource.name, id, created, updated, SYNCED_AT, written_in, raw)).expect("a row");
    for list in ["items_list", "payments_list"] {
        for position in 0..record[list].as_array().map_or(0, Vec::len) {
            let child = if list == "items_list" { "document_items" } else { "document_payments" };
            let sql =
                format!("INSERT INTO {child} (account_id, resource, document_id, position) VALUES (1, ?1, ?2, ?3)");
            conn.execute(&sql, (resource.name, id, position as i64)).expect("a row of a list");
        }
    }
}

fn bury(conn: &Connection, resource: &str, id: i64, record: Option<&Value>) {
    conn.execute(
        "INSERT INTO deleted_records (account_id, resource, id, deleted_at, written_in, raw) VALUES (1, ?1, ?2, ?3, ?4, ?5)",
        (resource, id, SYNCED_AT, WRITES, record.map(Value::to_string)),
    )
    .expect("a tombstone");
}

/// Everything was walked, and nothing changed since.
fn state(conn: &Connection, env: &Env, resource: &Resource) {
    let truth = env.fic.truth(COMPANY, resource.name);
    let newest = truth.iter().filter_map(|record| record["updated_at"].as_str()).max();
    conn.execute(
        "INSERT INTO sync_state (account_id, resource, watermark, last_full_at, last_success_at) VALUES (1, ?1, ?2, ?3, ?3)",
        (resource.name, newest, ficsync::clock::stamp(env.fic.now())),
    )
    .expect("a state");
}

/// All rows of a type and of its lists by their keys, without what is this file's own.
fn rows(conn: &Connection, resource: &Resource) -> BTreeMap<String, Vec<(String, Sql)>> {
    const OWN: [&str; 6] = ["row", "parent", "account_id", "written_in", "synced_at", "raw"];
    let table = resource.table.name;
    let mut all = BTreeMap::new();
    let mut read = |what: &str, sql: &str| {
        let mut statement = conn.prepare(sql).expect("a table");
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([resource.name]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            let value = |index: usize| -> Sql { row.get(index).expect("a value") };
            let of: (i64, i64) = (row.get(0).expect("an id"), row.get(1).expect("a position"));
            let columns = (2..names.len()).filter(|index| !OWN.contains(&names[*index].as_str()));
            let columns = columns.map(|index| (names[index].clone(), value(index))).collect();
            all.insert(format!("{what} {of:?}"), columns);
        }
    };
    read(table, &format!("SELECT id, 0, * FROM {table} WHERE resource = ?1"));
    for child in resource.table.children {
        let child = child.table;
        let sql = format!(
            "SELECT r.id, c.position, c.* FROM {child} c JOIN {table} r ON r.row = c.parent WHERE r.resource = ?1"
        );
        read(child, &sql);
    }
    all
}

/// A file that today's program has made of the same service.
fn fresh(env: &Env) -> Connection {
    let db = env.dir.path().join("fresh/ficsync.db");
    std::fs::create_dir(db.parent().expect("a folder")).expect("a folder");
    let token = env.dir.path().join("fresh-token.txt");
    std::fs::write(&token, TOKEN).expect("token file");
    let other = [("FICSYNC_DB", db.to_str().expect("a path"))];
    env.run_with(&format!("account add --name Rossi --token-file {}", token.display()), &other).exit(0);
    env.run_with(&format!("sync {}", RESOURCES.join(" ")), &other).exit(0);
    Connection::open(db).expect("the other file")
}

#[test]
fn what_older_files_hold_is_there_with_the_new_columns_and_runs_go_on() {
    let env = full_world(40);
    for resource in types() {
        for id in &env.fic.ids(COMPANY, resource.name)[..3] {
            env.fic.delete(COMPANY, resource.name, *id);
        }
    }
    // A moment later, so that the newest second is over.
    env.pass(60);
    let fresh = fresh(&env);
    let migrations = older();
    assert!(migrations.len() >= 7, "{} older schemas", migrations.len());
    for version in 1..=migrations.len() {
        leave_old_file(&env, &migrations[..version]);
        env.run("status").exit(0);
        migrated(&env, &fresh, version);
        goes_on(&env, version);
    }
}

/// A query right after the migration tells the truth.
fn migrated(env: &Env, fresh: &Connection, version: usize) {
    let conn = env.open();
    for resource in types() {
        expect::same_as_truth(&conn, resource, &env.fic.truth(COMPANY, resource.name));
        assert_eq!(rows(&conn, resource), rows(fresh, resource), "{}: of schema {version}", resource.name);
        let sql = format!(
            "SELECT count(*) FROM {} WHERE resource = ?1 AND (synced_at <> ?2 OR written_in NOT BETWEEN 1 AND ?3)",
            resource.table.name
        );
        let others: i64 = conn.query_row(&sql, (resource.name, SYNCED_AT, WRITES), |row| row.get(0)).expect("a count");
        assert_eq!(others, 0, "{}: when they were written", resource.name);
        for record in env.fic.deleted_records(COMPANY, resource.name) {
            tombstone(&conn, resource, &record);
        }
    }
    let left: i64 = conn.query_row("SELECT count(*) FROM deleted_records", [], |row| row.get(0)).expect("a count");
    assert_eq!(left, 4 * 3 + 2, "of schema {version}");
    let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check");
    assert_eq!(sound, "ok");
    let orphans: i64 =
        conn.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).expect("a check");
    assert_eq!(orphans, 0);
    let former: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'former%'", [], |row| row.get(0))
        .expect("a count");
    assert_eq!(former, 0, "nothing of the old tables stays");
}

fn tombstone(conn: &Connection, resource: &Resource, record: &Value) {
    let sql = "SELECT typeof(id), deleted_at, written_in, name, date, label IS NOT NULL, amount IS NOT NULL
                 FROM deleted_records WHERE resource = ?1 AND id = ?2";
    let is_document = resource.table.name == "documents";
    let kept: (String, String, i64, Option<String>, Option<String>, bool, bool) = conn
        .query_row(sql, (resource.name, record["id"].as_i64()), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
        })
        .expect("a tombstone");
    let name = if is_document { &record["entity"]["name"] } else { &record["name"] };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let expected =
        ("integer".into(), SYNCED_AT.into(), WRITES, text(name), text(&record["date"]), is_document, is_document);
    assert_eq!(kept, expected, "{} {}", resource.name, record["id"]);
}

/// The next run asks the four types for changes, finds none, and walks the others.
fn goes_on(env: &Env, version: usize) {
    env.fic.clear_journal();
    let run = env.run("sync all --json").exit(0).json();
    for part in run["accounts"][0]["resources"].as_array().expect("resources") {
        let name = part["resource"].as_str().expect("a name");
        let is_old = RESOURCES.contains(&name);
        assert_eq!(
            (&part["outcome"], part["mode"] == "changes"),
            (&"ok".into(), is_old),
            "{name}: of schema {version}"
        );
        if is_old {
            let written = (&part["inserted"], &part["updated"], &part["deleted"]);
            assert_eq!(written, (&0.into(), &0.into(), &0.into()), "{name}: of schema {version}");
            assert_eq!(part["requests"], 1, "{name}: of schema {version}");
        }
    }
    crate::types::all_types_same(env);
}
