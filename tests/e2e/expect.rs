//! What the tables must hold for a record of the service: said here anew, in Rust, so that a mistake in the SQL shows.

use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::Value;
use std::collections::BTreeMap;

/// Columns and the members that they come from.
const ENTITY: &[(&str, &str)] = &[
    ("id", "/id"),
    ("code", "/code"),
    ("name", "/name"),
    ("type", "/type"),
    ("vat_number", "/vat_number"),
    ("tax_code", "/tax_code"),
    ("email", "/email"),
    ("certified_email", "/certified_email"),
    ("phone", "/phone"),
    ("address_street", "/address_street"),
    ("address_postal_code", "/address_postal_code"),
    ("address_city", "/address_city"),
    ("address_province", "/address_province"),
    ("country", "/country"),
    ("ei_code", "/ei_code"),
    ("created_at", "/created_at"),
    ("updated_at", "/updated_at"),
];
const DOCUMENT: &[(&str, &str)] = &[
    ("id", "/id"),
    ("number", "/number"),
    ("numeration", "/numeration"),
    ("date", "/date"),
    ("year", "/year"),
    ("entity_id", "/entity/id"),
    ("entity_name", "/entity/name"),
    ("entity_vat_number", "/entity/vat_number"),
    ("subject", "/subject"),
    ("currency", "/currency/id"),
    ("amount_net", "/amount_net"),
    ("amount_vat", "/amount_vat"),
    ("amount_gross", "/amount_gross"),
    ("next_due_date", "/next_due_date"),
    ("ei_status", "/ei_status"),
    ("created_at", "/created_at"),
    ("updated_at", "/updated_at"),
];
const ITEM: &[(&str, &str)] = &[
    ("id", "/id"),
    ("product_id", "/product_id"),
    ("code", "/code"),
    ("name", "/name"),
    ("description", "/description"),
    ("category", "/category"),
    ("qty", "/qty"),
    ("measure", "/measure"),
    ("net_price", "/net_price"),
    ("gross_price", "/gross_price"),
    ("discount", "/discount"),
    ("vat_id", "/vat/id"),
    ("vat_value", "/vat/value"),
];
const PAYMENT: &[(&str, &str)] = &[
    ("id", "/id"),
    ("amount", "/amount"),
    ("due_date", "/due_date"),
    ("paid_date", "/paid_date"),
    ("status", "/status"),
    ("payment_account_id", "/payment_account/id"),
];

/// The tables of `resource` hold exactly these records.
#[track_caller]
pub fn same(conn: &Connection, resource: &str, truth: &[Value]) {
    let document = matches!(resource, "invoices" | "quotes");
    let columns = if document { DOCUMENT } else { ENTITY };
    let mut here = raws(conn, resource);
    let expected: BTreeMap<i64, &Value> = truth.iter().map(|record| (id(record), record)).collect();
    let missing: Vec<&i64> = expected.keys().filter(|id| !here.contains_key(id)).collect();
    let surplus: Vec<&i64> = here.keys().filter(|id| !expected.contains_key(id)).collect();
    assert!(
        missing.is_empty(),
        "{resource}: {} records missing, such as {:?}",
        missing.len(),
        &missing[..missing.len().min(5)]
    );
    assert!(
        surplus.is_empty(),
        "{resource}: {} records too many, such as {:?}",
        surplus.len(),
        &surplus[..surplus.len().min(5)]
    );
    for (id, record) in &expected {
        let raw = without_links(here.remove(id).expect("compared above"));
        assert_eq!(raw, without_links((*record).clone()), "{resource} {id}: raw");
    }
    rows_are(conn, resource, "id", columns, &expected.values().map(|r| (*r).clone()).collect::<Vec<_>>());
    if document {
        let singular = resource.trim_end_matches('s');
        children(conn, singular, "items", "items_list", ITEM, &expected);
        children(conn, singular, "payments", "payments_list", PAYMENT, &expected);
        statuses(conn, resource, &expected);
    }
}

fn id(record: &Value) -> i64 {
    record["id"].as_i64().expect("the sandbox gives ids")
}

/// Download links expire: each answer has others.
fn without_links(mut record: Value) -> Value {
    if let Some(members) = record.as_object_mut() {
        ["url", "dn_url", "ai_url", "attachment_url"].iter().for_each(|link| {
            members.remove(*link);
        });
    }
    record
}

fn raws(conn: &Connection, resource: &str) -> BTreeMap<i64, Value> {
    let mut statement = conn.prepare(&format!("SELECT id, raw FROM {resource}")).expect("view");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).expect("rows");
    rows.map(|row| row.expect("row")).map(|(id, raw)| (id, serde_json::from_str(&raw).expect("raw is JSON"))).collect()
}

/// An instalment without a status, or with an unknown one, is still to be paid.
fn with_known_status(payment: &mut Value) {
    if !matches!(payment["status"].as_str(), Some("paid" | "not_paid" | "reversed")) {
        payment["status"] = "not_paid".into();
    }
}

/// Every row's columns equal the members, in the order of `order`.
#[track_caller]
fn rows_are(conn: &Connection, table: &str, order: &str, columns: &[(&str, &str)], expected: &[Value]) {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let sql = format!("SELECT {} FROM {table} ORDER BY {order}", names.join(", "));
    let mut statement = conn.prepare(&sql).expect("view");
    let mut rows = statement.query([]).expect("rows");
    let mut count = 0;
    while let Some(row) = rows.next().expect("row") {
        let record = expected.get(count).unwrap_or_else(|| panic!("{table}: more rows than expected"));
        for (index, (name, member)) in columns.iter().enumerate() {
            let value: Sql = row.get(index).expect("column");
            let wanted = record.pointer(member).unwrap_or(&Value::Null);
            assert!(equal(&value, wanted), "{table} {}: {name} is {value:?}, not {wanted}", record["id"]);
        }
        count += 1;
    }
    assert_eq!(count, expected.len(), "{table}: rows");
}

fn equal(here: &Sql, there: &Value) -> bool {
    match (here, there) {
        (Sql::Null, Value::Null) => true,
        (Sql::Integer(n), Value::Number(m)) => m.as_i64() == Some(*n),
        (Sql::Real(x), Value::Number(m)) => m.as_f64() == Some(*x),
        (Sql::Text(text), Value::String(other)) => text == other,
        _ => false,
    }
}

fn children(
    conn: &Connection,
    singular: &str,
    table: &str,
    list: &str,
    columns: &[(&str, &str)],
    expected: &BTreeMap<i64, &Value>,
) {
    let mut rows: Vec<Value> =
        expected.values().flat_map(|record| record[list].as_array().cloned().unwrap_or_default()).collect();
    if list == "payments_list" {
        rows.iter_mut().for_each(with_known_status);
    }
    let table = format!("{singular}_{table}");
    rows_are(conn, &table, &format!("{singular}_id, position"), columns, &rows);
    let gaps: i64 = conn
        .query_row(
            &format!(
                "SELECT count(*) FROM (SELECT max(position) - count(*) + 1 AS gap FROM {table} GROUP BY {singular}_id)
                  WHERE gap <> 0"
            ),
            [],
            |row| row.get(0),
        )
        .expect("positions");
    assert_eq!(gaps, 0, "{table}: positions count from 0 without gaps");
}

fn statuses(conn: &Connection, table: &str, expected: &BTreeMap<i64, &Value>) {
    let mut statement = conn.prepare(&format!("SELECT id, payment_status FROM {table}")).expect("view");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?))).expect("rows");
    for row in rows {
        let (id, status): (i64, _) = row.expect("row");
        assert_eq!(status.as_deref(), payment_status(expected[&id]), "{table} {id}: payment_status");
    }
}

/// paid, partly_paid, not_paid; reversed payments are left out unless all are.
fn payment_status(record: &Value) -> Option<&'static str> {
    let payments = record["payments_list"].as_array()?;
    let status = |payment: &Value| payment["status"].as_str().unwrap_or("not_paid").to_owned();
    let counted: Vec<String> = payments.iter().map(status).filter(|status| status != "reversed").collect();
    let paid = counted.iter().filter(|status| *status == "paid").count();
    match (payments.len(), counted.len(), paid) {
        (0, _, _) => None,
        (_, 0, _) => Some("reversed"),
        (_, _, 0) => Some("not_paid"),
        (_, all, paid) if all == paid => Some("paid"),
        _ => Some("partly_paid"),
    }
}
