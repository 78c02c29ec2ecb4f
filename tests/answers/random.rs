//! What must hold whatever the data are: sums of one query are those of another, and those of the service's own records,
//! reckoned here anew. On random companies with everything in them.

use crate::answer::ask;
use crate::head::named;
use crate::world::{FIRST, World};
use ficsync_sandbox::TOKEN;
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::Value;
use std::collections::BTreeMap;

/// Nothing is outside of it.
const EVER: &str = "from=1900-01-01 to=2999-12-31";

/// Cents by a key: a month, a client.
type Sums = BTreeMap<String, i64>;

/// A company made of a seed.
fn company(seed: u64) -> World {
    let world = World::of_seed(seed);
    for (list, count) in [
        ("clients", 12),
        ("suppliers", 6),
        ("products", 8),
        ("quotes", 10),
        ("invoices", 90),
        ("credit_notes", 25),
        ("issued_receipts", 5),
        ("self_supplier_invoices", 5),
        ("self_own_invoices", 4),
        ("expenses", 50),
        ("passive_credit_notes", 12),
        ("received_self_invoices", 4),
        ("receipts", 30),
        ("taxes", 15),
        ("cashbook_entries", 25),
    ] {
        world.fic.populate(FIRST, list, count);
    }
    world.add_account("Rossi", TOKEN);
    world.run("sync all");
    world
}

/// Sums of a column of a query's answer, by another.
fn sums(conn: &Connection, call: &str, key: &str, column: &str) -> Sums {
    let (name, given) = call.split_once(' ').unwrap_or((call, ""));
    let (columns, rows) = ask(conn, &named(name), given).unwrap_or_else(|error| panic!("{name}: {error}"));
    let at = |wanted: &str| columns.iter().position(|name| name == wanted).unwrap_or_else(|| panic!("no {wanted}"));
    let (key, column) = (at(key), at(column));
    let mut sums = Sums::new();
    for row in rows {
        let key = match &row[key] {
            Cell::Text(text) => text.clone(),
            other => format!("{other:?}"),
        };
        let Cell::Real(amount) = row[column] else { panic!("{name}: {:?}", row[column]) };
        *sums.entry(key).or_default() += cents(amount);
    }
    sums
}

/// The sum of a column.
fn sum(conn: &Connection, call: &str, column: &str) -> i64 {
    sums(conn, call, "account_id", column).values().sum()
}

fn cents(amount: f64) -> i64 {
    (amount * 100.0).round() as i64
}

/// An amount of a record in cents of a euro.
fn euro(record: &Value, amount: &Value) -> i64 {
    let currency = &record["currency"];
    let rate = match currency["id"].as_str() {
        None | Some("EUR") => 1.0,
        Some(_) => currency["exchange_rate"].as_str().and_then(|rate| rate.parse().ok()).unwrap_or(1.0),
    };
    cents(ficsync::money::cents(amount.as_f64().unwrap_or_default() / rate))
}

fn payments(record: &Value) -> Vec<Value> {
    record["payments_list"].as_array().cloned().unwrap_or_default()
}

/// What is open, of sales or purchases.
fn open(world: &World, lists: [(&str, i64); 2]) -> i64 {
    let of = |(list, sign): (&str, i64)| -> i64 {
        let records = world.fic.truth(FIRST, list);
        let open = |record: &Value| -> i64 {
            let open =
                payments(record).into_iter().filter(|p| !matches!(p["status"].as_str(), Some("paid" | "reversed")));
            open.map(|payment| sign * euro(record, &payment["amount"])).sum()
        };
        records.iter().map(open).sum()
    };
    lists.into_iter().map(of).sum()
}

const SALES: [(&str, i64); 2] = [("invoices", 1), ("credit_notes", -1)];
const PURCHASES: [(&str, i64); 2] = [("expenses", 1), ("passive_credit_notes", -1)];

/// Revenue by month, reckoned from the service's records.
fn revenue(world: &World, list: &str) -> Sums {
    let mut sums = Sums::new();
    for record in world.fic.truth(FIRST, list) {
        let month = record["date"].as_str().expect("a date")[..7].to_owned();
        let amount = euro(&record, &record["amount_net"]) + euro(&record, &record["amount_rivalsa"]);
        *sums.entry(month).or_default() += amount;
    }
    sums
}

fn without_zeros(mut sums: Sums) -> Sums {
    sums.retain(|_, cents| *cents != 0);
    sums
}

#[test]
fn answers_agree_with_the_services_records_and_with_each_other() {
    for seed in [1, 2, 3, 4, 5, 6] {
        let world = company(seed);
        let conn = world.open();
        turnover(&world, &conn, seed);
        owed(&world, &conn, seed);
        cash(&conn, seed);
        vat(&conn, seed);
    }
}

fn turnover(world: &World, conn: &Connection, seed: u64) {
    let by_month = |column: &str| without_zeros(sums(conn, "turnover_by_month", "month", column));
    assert_eq!(by_month("invoiced"), without_zeros(revenue(world, "invoices")), "{seed}");
    assert_eq!(by_month("credited"), without_zeros(revenue(world, "credit_notes")), "{seed}");
    assert_eq!(by_month("receipts"), without_zeros(revenue(world, "receipts")), "{seed}");
    let sold = sum(conn, "turnover_by_month", "invoiced") - sum(conn, "turnover_by_month", "credited");
    assert_eq!(sum(conn, &format!("turnover_by_client {EVER}"), "revenue"), sold, "{seed}: by client");
    let centers = format!("result_by_center {EVER}");
    assert_eq!(sum(conn, &centers, "revenue"), sold + sum(conn, "turnover_by_month", "receipts"), "{seed}: by centre");
    assert_eq!(sum(conn, &centers, "costs"), sum(conn, &format!("suppliers_by_spend {EVER}"), "net"), "{seed}");
    assert_eq!(sum(conn, &centers, "costs"), sum(conn, &format!("spend_by_category {EVER}"), "net"), "{seed}");
    // Each group is rounded once: half a cent for each.
    let lines: f64 = conn.query_row("SELECT sum(net) FROM sale_lines", [], |row| row.get(0)).expect("lines");
    let groups = sums(conn, &format!("turnover_by_product {EVER}"), "name", "net");
    assert!(
        (groups.values().sum::<i64>() - cents(lines)).unsigned_abs() as usize <= groups.len(),
        "{seed}: by product"
    );
}

fn owed(world: &World, conn: &Connection, seed: u64) {
    let (receivable, payable) = (open(world, SALES), open(world, PURCHASES));
    assert_eq!(sum(conn, "receivables_aging", "total"), receivable, "{seed}: receivables");
    assert_eq!(sum(conn, "receivables_by_due_date", "amount"), receivable, "{seed}: one by one");
    assert_eq!(sum(conn, "payables_aging", "total"), payable, "{seed}: payables");
    let parts = ["not_due", "days_1_30", "days_31_60", "days_61_90", "days_over_90"];
    assert_eq!(parts.iter().map(|part| sum(conn, "receivables_aging", part)).sum::<i64>(), receivable, "{seed}: parts");
    let balance = sum(conn, "due_dates_by_week weeks=2", "balance");
    assert_eq!(balance, receivable - payable - sum(conn, "taxes_due", "amount"), "{seed}: by week");
    assert_eq!(sum(conn, "dso", "receivable"), receivable, "{seed}");
    let owed = sums(conn, "receivables_aging", "client_id", "total");
    for client in world.fic.ids(FIRST, "clients") {
        let events = format!("client_statement client_id={client}");
        let balance = sum(conn, &events, "debit") - sum(conn, &events, "credit");
        let total = owed.get(&format!("Integer({client})")).copied().unwrap_or_default();
        assert_eq!(balance, total, "{seed}: statement of client {client}");
    }
}

fn cash(conn: &Connection, seed: u64) {
    let by_month = without_zeros(sums(conn, "cash_by_month", "month", "balance"));
    assert_eq!(without_zeros(sums(conn, "movements_by_account", "month", "balance")), by_month, "{seed}: by account");
    let part = |column: &str| sum(conn, "cash_by_month", column);
    let balance = part("from_clients") + part("receipts") + part("other_in")
        - part("to_suppliers")
        - part("taxes")
        - part("other_out");
    assert_eq!(balance, by_month.values().sum::<i64>(), "{seed}: parts");
}

fn vat(conn: &Connection, seed: u64) {
    let uneven: i64 = conn
        .query_row(
            "SELECT count(*)
               FROM (SELECT d.base_eur AS base, d.vat_eur AS vat, sum(v.net_eur) AS net, sum(v.vat_eur) AS vat_of_groups
                       FROM documents d LEFT JOIN document_vat v ON v.parent = d.row GROUP BY d.row
                      UNION ALL
                     SELECT d.net_eur, d.vat_eur, sum(v.net_eur), sum(v.vat_eur)
                       FROM received_documents d LEFT JOIN received_vat v ON v.parent = d.row GROUP BY d.row)
              WHERE NOT (round(base, 2) = round(net, 2) AND round(vat, 2) = round(vat_of_groups, 2)) OR net IS NULL",
            [],
            |row| row.get(0),
        )
        .expect("a count");
    assert_eq!(uneven, 0, "{seed}: groups do not add up to their documents");
    let mut of_years = 0;
    let this_year: i64 =
        conn.query_row("SELECT CAST(strftime('%Y') AS INTEGER)", [], |row| row.get(0)).expect("a year");
    for year in this_year - 6..=this_year {
        let by = |period: &str, column: &str| sum(conn, &format!("vat_settlement year={year} by={period}"), column);
        for column in ["sales_vat", "debit", "deductible_vat", "credit", "balance"] {
            assert_eq!(by("month", column), by("quarter", column), "{seed}: {column} of {year}");
        }
        of_years += by("quarter", "sales_vat") + by("quarter", "receipts_vat");
    }
    assert_eq!(of_years, sum(conn, "turnover_by_month", "vat"), "{seed}: VAT of all years");
    let register = |list: &str| sum(conn, &format!("vat_register_{list} {EVER}"), "vat");
    assert_eq!(register("sales") + of_receipts(conn), of_years, "{seed}: the register of sales");
    assert_eq!(register("purchases"), sum(conn, &format!("suppliers_by_spend {EVER}"), "vat"), "{seed}");
}

fn of_receipts(conn: &Connection) -> i64 {
    let vat: f64 = conn.query_row("SELECT sum(amount_vat) FROM receipts", [], |row| row.get(0)).expect("a sum");
    cents(vat)
}
