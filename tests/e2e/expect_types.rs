//! What the table of any resource type must hold: `columns.txt` says which member stands in which column.

use ficsync::resource::{Resource, Rows};
use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::Value;
use std::collections::BTreeMap;

/// A column, where its value stands in the record, and what it becomes.
struct Column {
    name: &'static str,
    pointer: &'static str,
    kind: &'static str,
}

fn columns(table: &str) -> Vec<Column> {
    let lines = include_str!("columns.txt").lines().filter(|line| !line.starts_with('#'));
    let read = |line: &'static str| {
        let words: Vec<&'static str> = line.split(' ').collect();
        (words[0], Column { name: words[1], pointer: words[2], kind: words[3] })
    };
    lines.map(read).filter(|(of, _)| *of == table).map(|(_, column)| column).collect()
}

/// The table of `resource` holds exactly these records, their columns and the rows of their lists.
#[track_caller]
pub fn same_as_truth(conn: &Connection, resource: &Resource, truth: &[Value]) {
    let name = resource.name;
    let expected: BTreeMap<String, &Value> = truth.iter().map(|record| (key(resource, record), record)).collect();
    assert_eq!(expected.len(), truth.len(), "{name}: the truth has different ids");
    let here = rows(conn, resource);
    let keys = |m: &BTreeMap<String, (i64, Value, Vec<Sql>)>| m.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&here), expected.keys().cloned().collect::<Vec<_>>(), "{name}: ids");
    for (id, record) in &expected {
        let (row, raw, values) = &here[id];
        assert_eq!(steady(resource, raw), steady(resource, record), "{name} {id}: raw");
        for (column, value) in columns(resource.table.name).iter().zip(values) {
            let member = record.pointer(column.pointer).unwrap_or(&Value::Null);
            assert!(is(value, member, column.kind), "{name} {id}: {} is {value:?}, not {member}", column.name);
        }
        for child in resource.table.children {
            if let Rows::List(list) = child.rows {
                children(conn, child.table, *row, record[list].as_array().map_or(&[][..], Vec::as_slice));
            }
        }
    }
}

/// The id of a record as text; some are put together by ficsync and have one of their own.
fn key(resource: &Resource, record: &Value) -> String {
    let text = |member: &str| match &record[member] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match resource.table.name {
        "names" if record["context"].is_null() => text("name"),
        "names" => format!("{}/{}", text("context"), text("name")),
        "price_list_items" => format!("{}/{}", text("price_list_id"), text("product_id")),
        "numeration_rows" => format!("{}/{}/{}", text("resource"), text("year"), text("numeration")),
        _ => text("id"),
    }
}

/// Without what differs at each answer.
fn steady(resource: &Resource, record: &Value) -> Value {
    let mut record = record.clone();
    if let Some(members) = record.as_object_mut() {
        for name in resource.table.form.volatile {
            members.remove(*name);
            if let Some((list, member)) = name.split_once("[].") {
                let elements = members.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
                elements.filter_map(Value::as_object_mut).for_each(|element| drop(element.remove(member)));
            }
        }
    }
    record
}

fn rows(conn: &Connection, resource: &Resource) -> BTreeMap<String, (i64, Value, Vec<Sql>)> {
    let table = resource.table.name;
    let names: Vec<&str> = columns(table).iter().map(|column| column.name).collect();
    assert!(!names.is_empty(), "{table} is not in columns.txt");
    let sql = format!("SELECT CAST(id AS TEXT), row, raw, {} FROM {table} WHERE resource = ?1", names.join(", "));
    let mut statement = conn.prepare(&sql).expect("the table");
    let mut rows = statement.query([resource.name]).expect("rows");
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next().expect("a row") {
        let raw: String = row.get(2).expect("raw");
        let values = (0..names.len()).map(|index| row.get(index + 3).expect("a column")).collect();
        let raw = serde_json::from_str(&raw).expect("raw is JSON");
        found.insert(row.get(0).expect("an id"), (row.get(1).expect("a row"), raw, values));
    }
    found
}

#[track_caller]
fn children(conn: &Connection, table: &str, parent: i64, expected: &[Value]) {
    let columns = columns(table);
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let sql = format!("SELECT position, {} FROM {table} WHERE parent = ?1 ORDER BY position", names.join(", "));
    let mut statement = conn.prepare_cached(&sql).expect("the table");
    let mut rows = statement.query([parent]).expect("rows");
    let mut position = 0;
    while let Some(row) = rows.next().expect("a row") {
        assert_eq!(row.get::<_, i64>(0).expect("a position"), position, "{table}: positions count from 0");
        let element = expected.get(position as usize).unwrap_or_else(|| panic!("{table}: more rows than elements"));
        for (index, column) in columns.iter().enumerate() {
            let value: Sql = row.get(index + 1).expect("a column");
            let member = element.pointer(column.pointer).unwrap_or(&Value::Null);
            assert!(is(&value, member, column.kind), "{table}: {} is {value:?}, not {member}", column.name);
        }
        position += 1;
    }
    assert_eq!(position as usize, expected.len(), "{table}: rows");
}

/// Whether a column holds what the member says.
fn is(here: &Sql, there: &Value, kind: &str) -> bool {
    match (kind, here, there) {
        ("h", Sql::Integer(flag), there) => (*flag == 1) != there.is_null(),
        (_, Sql::Null, Value::Null) => true,
        ("i", Sql::Integer(n), Value::Bool(flag)) => *n == i64::from(*flag),
        ("i", Sql::Integer(n), Value::Number(m)) => m.as_i64() == Some(*n),
        ("i", Sql::Integer(n), Value::String(text)) => text.parse() == Ok(*n),
        ("i", Sql::Null, Value::Number(m)) => m.as_i64().is_none(),
        ("i" | "n", Sql::Null, Value::String(text)) => text.parse::<f64>().is_err(),
        ("n", Sql::Real(x), Value::Number(m)) => m.as_f64() == Some(*x),
        ("n", Sql::Real(x), Value::String(text)) => text.parse() == Ok(*x),
        ("t", Sql::Text(text), Value::String(other)) => text == other,
        ("t", Sql::Text(text), Value::Number(n)) => *text == n.to_string(),
        ("j", Sql::Text(text), there) => serde_json::from_str::<Value>(text).is_ok_and(|json| json == *there),
        _ => false,
    }
}
