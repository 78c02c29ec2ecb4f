//! What happens at the service is told by the events that the vendor's description has, and by no other.

use crate::sink::{PATIENCE, SINK, Sink, call, wanted};
use ficsync_sandbox::{COMPANY, Sandbox};
use serde_json::{Value, json};

#[test]
fn every_list_tells_of_itself_and_of_what_happens_to_it() {
    let sink = Sink::start();
    let sandbox = Sandbox::start(13);
    sandbox.map_sink("https://hooks.example.com", &sink.base);
    let types = [
        "cashbook.create",
        "cashbook.update",
        "cashbook.delete",
        "received_documents.create",
        "received_documents.e_invoices.receive",
        "issued_documents.e_invoices.status_update",
        "issued_documents.all.email_sent",
        "products.stock_update",
        "archive_documents.create",
    ];
    assert_eq!(call(&sandbox, "POST", "", wanted(SINK, &types)).0, 200);
    assert!(sandbox.settled(PATIENCE));
    sandbox.deliver(true);
    let entry = sandbox.add(COMPANY, "cashbook_entries");
    sandbox.update(COMPANY, "cashbook_entries", &entry);
    sandbox.delete(COMPANY, "cashbook_entries", &entry);
    let pending = sandbox.create_with(COMPANY, "pending_documents", |record| record["type"] = json!("agyo"));
    sandbox.create_with(COMPANY, "pending_documents", |record| record["type"] = json!("mail"));
    let expense = sandbox.register(COMPANY, pending);
    let quote = sandbox.create(COMPANY, "quotes");
    let invoice = sandbox.create(COMPANY, "invoices");
    sandbox.set_ei_status(COMPANY, "invoices", invoice, "accepted");
    let mail = sandbox.send_email(COMPANY, "quotes", quote);
    assert_eq!(sandbox.ids(COMPANY, "emails"), [mail]);
    let product = sandbox.create(COMPANY, "products");
    sandbox.set_stock(COMPANY, product, 7);
    for silent in ["vat_types", "price_lists", "numerations", "archive_categories", "emails"] {
        sandbox.add(COMPANY, silent);
    }
    let archived = sandbox.create(COMPANY, "archive_documents");
    assert!(sandbox.settled(PATIENCE));
    let posts = sink.posts().split_off(1);
    let told: Vec<(String, Value)> = posts
        .iter()
        .map(|got| (got.header("ce-type").expect("a type").to_owned(), got.body["data"]["ids"].clone()))
        .collect();
    let entry = json!([entry.text().expect("a text")]);
    let expected = [
        ("cashbook.create", entry.clone()),
        ("cashbook.update", entry.clone()),
        ("cashbook.delete", entry),
        ("received_documents.e_invoices.receive", json!([pending])),
        ("received_documents.create", json!([expense])),
        ("issued_documents.e_invoices.status_update", json!([invoice])),
        ("issued_documents.quotes.email_sent", json!([quote])),
        ("products.stock_update", json!([product])),
        ("archive_documents.create", json!([archived])),
    ];
    let expected = expected.map(|(tail, ids)| (format!("it.fattureincloud.webhooks.{tail}"), ids));
    assert_eq!(told, expected);
    assert_eq!(sandbox.violations(), [""; 0]);
}
