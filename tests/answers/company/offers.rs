//! Quotes, proformas, orders, delivery notes and work reports of Rossi: no turnover.

use super::build::{issued, line};
use crate::world::FIRST;
use ficsync_sandbox::Sandbox;
use serde_json::{Value, json};

pub fn fill(fic: &Sandbox) {
    let document = |list: &str, id: i64, date: &str, entity: Value, net: f64, more: Value| {
        let members = json!({"id": id, "number": id - 300, "date": date, "entity": entity, "amount_net": net,
            "items_list": [line("Offerta", 1.0, net, 0)]});
        issued(fic, FIRST, list, super::build::with(members, more));
    };
    let client = |id: i64, name: &str| json!({"id": id, "name": name});
    let none = json!({});
    // The service says that it was merged.
    document(
        "quotes",
        301,
        "2025-03-01",
        client(1, "Alfa S.r.l."),
        150.0,
        json!({"merged_in": [{"id": 1, "type": "invoice"}]}),
    );
    // The invoice 111 names it as its origin, though the amount is another.
    document("quotes", 302, "2025-03-20", client(1, "Alfa S.r.l."), 350.0, none.clone());
    // Beta has an invoice of 50.00 of the 15th of April.
    document("quotes", 303, "2025-04-10", client(2, "Beta S.r.l."), 50.0, none.clone());
    // A day later than that invoice: not its quote.
    document("quotes", 304, "2025-04-16", client(2, "Beta S.r.l."), 50.0, none.clone());
    // Without a client's id nothing can be guessed.
    document("quotes", 305, "2025-04-01", json!({"id": null, "name": "Beta S.r.l."}), 50.0, none.clone());
    // Will be transformed into the order 322 and vanish.
    document("quotes", 306, "2025-05-20", client(9, "Lux S.r.l."), 60.0, none.clone());
    document("proformas", 311, "2025-05-15", client(1, "Alfa S.r.l."), 70.0, none.clone());
    // Fidia has an invoice of 1000.00 of the 1st of March.
    document("orders", 321, "2025-02-20", client(6, "Fidia S.p.A."), 1000.0, none.clone());
    document(
        "orders",
        322,
        "2025-05-21",
        client(9, "Lux S.r.l."),
        60.0,
        json!({"original_document": {"id": 306, "type": "quote"}}),
    );
    document("delivery_notes", 331, "2025-06-10", client(9, "Lux S.r.l."), 30.0, none.clone());
    document("work_reports", 341, "2025-06-12", client(9, "Lux S.r.l."), 40.0, none.clone());
    // Of a supplier that is not in the list of suppliers.
    document("supplier_orders", 351, "2025-06-13", client(99, "Ditta Scomparsa"), 500.0, none);
}
