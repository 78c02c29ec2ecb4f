//! The contract of a table, as sql/README.md states it, held against every entry of the registry.

use super::own::{About, Name, Own};
use super::plan;
use super::reading::Reading;
use crate::money::Worked;
use crate::record::{Id, Ids};
use crate::resource::{self, Parts, Resource, Rows, Table};
use crate::store::columns::Parameter;
use crate::store::{migrate, mirror};
use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, Value};
use std::collections::BTreeSet;

const README: &str = include_str!("../../../sql/README.md");
/// What each column of a record's own members holds, written from the vendor's description for the tests of the binary.
const COLUMNS: &str = include_str!("../../../tests/e2e/columns.txt");

fn database() -> Connection {
    let mut conn = Connection::open_in_memory().expect("memory");
    migrate::migrate(&mut conn).expect("the schema");
    conn
}

/// A column: its name, its type, whether it may be null.
type Column = (String, String, bool);

fn columns(conn: &Connection, table: &str) -> Vec<Column> {
    let sql = "SELECT name, type, NOT (\"notnull\" OR pk) FROM pragma_table_info(?1) ORDER BY cid";
    let mut statement = conn.prepare(sql).expect("a pragma");
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    statement.query_map([table], read).expect("columns").collect::<Result<_, _>>().expect("columns")
}

/// The columns of each index of a table, unique ones and its primary key too.
fn indexes(conn: &Connection, table: &str) -> Vec<(String, String)> {
    let sql = "SELECT l.origin, group_concat(i.name, ', ' ORDER BY i.seqno)
                 FROM pragma_index_list(?1) l, pragma_index_info(l.name) i GROUP BY l.name";
    let mut statement = conn.prepare(sql).expect("a pragma");
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    statement.query_map([table], read).expect("indexes").collect::<Result<_, _>>().expect("indexes")
}

/// How a table is made: strict, without rowid.
fn kind(conn: &Connection, table: &str) -> (bool, bool) {
    let sql = "SELECT strict, wr FROM pragma_table_list(?1) WHERE schema = 'main'";
    conn.query_row(sql, [table], |row| Ok((row.get(0)?, row.get(1)?))).expect("the table")
}

/// The resource types that a table holds.
fn held<'t>(table: &'t Table) -> impl Iterator<Item = &'static Resource> + 't {
    resource::ALL.iter().filter(|r| r.table.name == table.name)
}

#[test]
fn every_table_of_records_has_its_columns_and_indexes() {
    let conn = database();
    for table in resource::tables() {
        let (name, there) = (table.name, columns(&conn, table.name));
        let has = |column: &str, of: &str, null: bool| {
            assert!(there.contains(&(column.to_owned(), of.to_owned(), null)), "{name}: no {column} {of}");
        };
        let id = if table.form.ids == Ids::Numbers { "INTEGER" } else { "TEXT" };
        for (column, of) in [
            ("row", "INTEGER"),
            ("account_id", "INTEGER"),
            ("resource", "TEXT"),
            ("id", id),
            ("written_in", "INTEGER"),
            ("content", "INTEGER"),
            ("synced_at", "TEXT"),
            ("raw", "TEXT"),
        ] {
            has(column, of, false);
        }
        assert_eq!(there.last().map(|(column, ..)| column.as_str()), Some("raw"), "{name}: the last column");
        let stamped = held(table).all(|r| r.stamped().is_some());
        assert_eq!(
            held(table).any(|r| r.stamped().is_some()),
            stamped,
            "{name}: all of its types have stamps, or none"
        );
        let (found, mut wanted) = (indexes(&conn, name), vec![("c", "account_id, written_in")]);
        wanted.push(("u", "account_id, resource, id"));
        if stamped {
            has("created_at", "TEXT", true);
            has("updated_at", "TEXT", true);
            wanted.push(("c", "account_id, resource, updated_at, id"));
            wanted.push(("c", "account_id, resource, created_at, id"));
        } else {
            assert!(there.iter().all(|(column, ..)| column != "updated_at"), "{name} has no stamps");
        }
        for (origin, of) in wanted {
            assert!(found.contains(&(origin.to_owned(), of.to_owned())), "{name}: no index on {of} in {found:?}");
        }
        assert_eq!(kind(&conn, name), (true, false), "{name}: strict, with rowid");
    }
}

#[test]
fn every_table_of_a_list_has_its_columns() {
    let conn = database();
    for (child, table) in resource::children() {
        let there = columns(&conn, child);
        for column in ["account_id", "parent", "position"] {
            assert!(
                there.contains(&(column.to_owned(), "INTEGER".to_owned(), false)),
                "{child} of {table}: no {column}"
            );
        }
        let key = ("pk".to_owned(), "parent, position".to_owned());
        assert!(indexes(&conn, child).contains(&key), "{child}: {:?}", indexes(&conn, child));
        assert_eq!(kind(&conn, child), (true, true), "{child}: strict, without rowid");
    }
}

#[test]
fn every_type_has_its_view_and_the_columns_of_its_parts() {
    let conn = database();
    for resource in resource::ALL {
        let (name, table) = (resource.name, resource.table.name);
        let sql = format!("SELECT account_id, id, synced_at, raw FROM {name}");
        conn.prepare(&sql).unwrap_or_else(|e| panic!("{name}: {e}"));
        let column = match resource.whole().map(|whole| whole.parts) {
            Some(Parts::PagesOf { column, .. } | Parts::AnswerOf { column, .. } | Parts::OfEach { column, .. }) => {
                column
            }
            Some(Parts::Years) => "date",
            _ => continue,
        };
        let there = columns(&conn, table);
        assert!(there.iter().any(|(c, of, _)| c == column && of == "TEXT"), "{name}: {table} has no {column}");
    }
    for table in resource::tables() {
        conn.prepare(&mirror::tombstone(table))
            .unwrap_or_else(|e| panic!("{}: what is kept of a row: {e}", table.name));
    }
}

/// A statement's columns and, for each, the expression that fills it.
fn fills(sql: &str) -> Vec<(String, String)> {
    let (columns, values) = sql.split_once("VALUES").expect("an INSERT with VALUES");
    let columns = columns.split_once('(').expect("columns").1;
    apart(columns).into_iter().zip(apart(values.trim_start().trim_start_matches('('))).collect()
}

/// Splits what is within a parenthesis that is open already.
fn apart(text: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0_i32);
    for letter in text.chars() {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        match letter {
            ',' if depth == 0 => parts.push(String::new()),
            ')' if depth < 0 => break,
            letter => parts.last_mut().expect("a part").push(letter),
        }
    }
    parts.iter().map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// All statements of the registry: the table, the statement, the names of figures that it gets, and whether it gets members.
fn statements() -> Vec<(&'static str, &'static str, BTreeSet<&'static str>, bool)> {
    let mut all = Vec::new();
    for table in resource::tables() {
        let worked = worked(table);
        let names = |figures: &[(&'static str, crate::money::Figure)]| figures.iter().map(|(name, _)| *name).collect();
        all.push((table.name, table.insert, names(&worked.record), true));
        for child in table.children {
            let (of, lists) = match child.rows {
                Rows::List(list) => (list, &worked.lists),
                Rows::WorkedOut(rows) => (rows, &worked.rows),
            };
            let figures = lists.iter().find(|(name, _)| *name == of).and_then(|(_, rows)| rows.first());
            let figures = figures.map_or_else(BTreeSet::new, |figures| names(figures));
            all.push((child.table, child.insert, figures, matches!(child.rows, Rows::List(_))));
        }
    }
    all
}

/// What is worked out for a record with one element in each of its lists.
fn worked(table: &'static Table) -> Worked {
    let Some(how) = table.work_out else { return Worked::default() };
    let conn = database();
    let plan = plan::of(&conn, table).expect("a plan");
    let lists: Vec<String> = how.lists.iter().map(|(name, _)| format!("\"{name}\": [{{}}]")).collect();
    let record = format!("{{{}}}", lists.join(", "));
    let found = plan.paths.read(&record).expect("JSON");
    (how.work_out)(&Reading::new(&plan.paths, &found), 1)
}

#[test]
fn every_statement_fills_every_column() {
    let conn = database();
    for (table, sql, ..) in statements() {
        let filled: Vec<String> = fills(sql).into_iter().map(|(column, _)| column).collect();
        let there: Vec<String> = columns(&conn, table).into_iter().map(|(column, ..)| column).collect();
        assert_eq!(filled, there, "{table}");
    }
}

/// The parameters that every statement gets, by the README: those in its table's rows that name a single value.
fn documented() -> BTreeSet<&'static str> {
    let rows = README.lines().filter_map(|line| line.strip_prefix("| `:"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    cells.flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches(|c| c == '`' || c == ':')).collect()
}

#[test]
fn every_parameter_is_known() {
    let conn = database();
    let documented = documented();
    assert_eq!(documented.len(), 11, "{documented:?}");
    for (table, sql, figures, has_members) in statements() {
        let statement = conn.prepare(sql).unwrap_or_else(|e| panic!("{table}: {e}"));
        for index in 1..=statement.parameter_count() {
            let name = statement.parameter_name(index).unwrap_or_else(|| panic!("{table}: a parameter without a name"));
            match Parameter::read(name) {
                Some(Parameter::Own(own)) => {
                    let is_known = documented.contains(own.as_str()) || figures.contains(own.as_str());
                    assert!(is_known, "{table}: nobody gives {name}; worked out are {figures:?}");
                }
                Some(Parameter::Member(..)) => assert!(has_members, "{table}: {name}, and its rows are of no list"),
                None => panic!("{table}: {name} says nothing"),
            }
        }
    }
}

#[test]
fn what_every_statement_gets_has_a_value() {
    let (id, text) = (Id::Number(7), "x");
    let about =
        About { account_id: 1, resource: text, sign: -1, row: 3, id: &id, synced_at: text, written_in: 9, content: 5 };
    let own = Own { about: &about, raw: text, position: 2, figures: &[] };
    let is_null = |value: ToSqlOutput<'_>| matches!(value, ToSqlOutput::Owned(Value::Null));
    for name in documented() {
        assert!(!is_null(own.value(&Name::read(name.to_owned()))), "{name} is in sql/README.md, and nobody gives it");
    }
    assert!(is_null(own.value(&Name::read("something".to_owned()))), "what nobody knows is null");
}

#[test]
fn every_column_holds_the_member_that_the_description_says() {
    let letter = |kind: &str| match kind {
        "text" => "t",
        "int" => "i",
        "num" => "n",
        "json" => "j",
        "has" => "h",
        other => panic!("what is ${other}?"),
    };
    let mut here = BTreeSet::new();
    for (table, sql, ..) in statements() {
        for (column, value) in fills(sql) {
            // What is an expression is worked out by SQL, and tested by itself.
            let Some((kind, path)) = value.strip_prefix('$').and_then(|v| v.strip_suffix(')')?.split_once('(')) else {
                continue;
            };
            here.insert(format!("{table} {column} /{} {}", path.replace('.', "/"), letter(kind)));
        }
    }
    let there: BTreeSet<String> = COLUMNS.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    assert_eq!(here.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "columns.txt lacks them");
    assert_eq!(there.difference(&here).collect::<Vec<_>>(), Vec::<&String>::new(), "no statement fills them so");
}
