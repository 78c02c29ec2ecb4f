//! Corrispettivi, F24, the cashbook (prima nota) and e-mails of Rossi.

use super::build::{at, put};
use crate::world::FIRST;
use ficsync_sandbox::Sandbox;
use serde_json::json;

pub fn fill(fic: &Sandbox) {
    receipts(fic);
    taxes(fic);
    cashbook(fic);
    emails(fic);
}

fn receipts(fic: &Sandbox) {
    let item = |net: f64, vat: f64, gross: f64, id: i64, rate: i64| {
        json!({"id": 1, "amount_net": net, "amount_vat": vat, "amount_gross": gross, "category": "altro",
            "vat": {"id": id, "value": rate, "description": ""}})
    };
    // 100.00 at 22 % and 50.00 at 10 %: 150.00 + 22.00 + 5.00 = 177.00
    put(
        fic,
        FIRST,
        "receipts",
        json!({"id": 701, "number": 1, "numeration": "REC", "date": "2025-03-31",
        "amount_net": 150, "amount_vat": 27, "amount_gross": 177, "rc_center": "", "description": "marzo",
        "payment_account": at(222), "items_list": [item(100.0, 22.0, 122.0, 0, 22), item(50.0, 5.0, 55.0, 3, 10)],
        "created_at": "2025-03-31 20:00:00", "updated_at": "2025-03-31 20:00:00"}),
    );
    put(
        fic,
        FIRST,
        "receipts",
        json!({"id": 702, "number": 2, "numeration": "REC", "date": "2025-06-29",
        "amount_net": 40, "amount_vat": 8.8, "amount_gross": 48.8, "rc_center": "Milano", "description": "giugno",
        "payment_account": at(444), "items_list": [item(40.0, 8.8, 48.8, 0, 22)],
        "created_at": "2025-06-29 20:00:00", "updated_at": "2025-06-30 08:00:00"}),
    );
}

fn taxes(fic: &Sandbox) {
    let tax = |id: i64, due: &str, status: &str, amount: f64, description: &str| {
        put(
            fic,
            FIRST,
            "taxes",
            json!({"id": id, "due_date": due, "status": status, "amount": amount,
            "description": description, "payment_account": at(333), "attachment_url": null}),
        );
    };
    tax(801, "2025-05-16", "paid", 300.0, "IVA marzo");
    tax(802, "2025-06-16", "not_paid", 150.5, "Ritenute");
    tax(803, "2025-07-16", "not_paid", 100.0, "IVA giugno");
    tax(804, "2025-06-16", "reversed", 999.0, "Compensato");
    // Deleted after the first run.
    tax(805, "2025-08-20", "not_paid", 77.0, "Doppio");
}

fn cashbook(fic: &Sandbox) {
    let entry = |id: &str, date: &str, kind: &str, amount_in: f64, into: i64, amount_out: f64, from: i64| {
        let account = |id: i64| if id == 0 { json!(null) } else { at(id) };
        put(
            fic,
            FIRST,
            "cashbook_entries",
            json!({"id": id, "date": date, "kind": kind,
            "type": if amount_in > 0.0 { "in" } else { "out" }, "description": "movimento", "entity_name": null,
            "document": null, "amount_in": amount_in, "payment_account_in": account(into), "amount_out": amount_out,
            "payment_account_out": account(from)}),
        );
    };
    entry("901", "2025-05-31", "cashbook", 0.0, 0, 5.0, 333);
    // A transfer from the till to the bank.
    entry("902", "2025-06-01", "cashbook", 100.0, 333, 100.0, 222);
    // Repeats an instalment of the invoice 101: not added.
    entry("issued_document_903", "2025-02-20", "issued_document", 122.0, 333, 0.0, 0);
    // A partner's loan.
    entry("904", "2025-04-01", "cashbook", 1000.0, 333, 0.0, 0);
}

fn emails(fic: &Sandbox) {
    let email = |id: i64, sent: &str, to: &str, seen: &str, errors: i64| {
        put(
            fic,
            FIRST,
            "emails",
            json!({"id": id, "status": "sent", "sent_date": sent, "errors_count": errors,
            "to_name": to, "to_email": "a@example.com", "subject": "Fattura", "recipient_status": seen,
            "recipient_date": null, "attachments": []}),
        );
    };
    email(951, "2025-06-01 10:00:00", "Alfa", "unknown", 0);
    email(952, "2025-06-02 10:00:00", "Beta", "document_opened", 0);
    email(953, "2025-06-03 10:00:00", "Lux", "unknown", 1);
    email(954, "2024-06-03 10:00:00", "Lux", "unknown", 0);
}
