//! Received documents of Rossi, and those that wait to be registered.

use super::build::{line, open, paid, put, received, with};
use crate::world::FIRST;
use ficsync_sandbox::Sandbox;
use serde_json::{Value, json};

pub fn fill(fic: &Sandbox) {
    let lists = [
        ("expenses", foreign_and_reverse_charge()),
        ("expenses", domestic()),
        ("passive_credit_notes", credit_notes()),
        // SDI's copy of our own self-invoice 401: no purchase, no VAT.
        (
            "received_self_invoices",
            vec![json!({"id": 651, "date": "2025-02-28", "entity": supplier(3, "Cloud Ltd"),
            "invoice_number": "1", "amount_net": 100, "amount_vat": 22, "items_list": [line("Cloud", 1.0, 100.0, 0)]})],
        ),
        (
            "passive_delivery_notes",
            vec![json!({"id": 661, "date": "2025-03-11", "invoice_number": "D1",
            "entity": supplier(1, "Fornitore S.p.A."), "amount_net": 999, "items_list": [line("Merce", 1.0, 999.0, 0)]})],
        ),
    ];
    for (list, documents) in lists {
        documents.into_iter().for_each(|document| received(fic, FIRST, list, document));
    }
    waiting(fic);
}

fn supplier(id: i64, name: &str) -> Value {
    json!({"id": id, "name": name})
}

fn foreign_and_reverse_charge() -> Vec<Value> {
    vec![
        // From Ireland, N2.1; the self-invoice 401 integrates it.
        json!({"id": 501, "date": "2025-02-15", "entity": supplier(3, "Cloud Ltd"), "invoice_number": "C-1",
            "category": "Servizi", "amount_net": 100, "items_list": [line("Cloud", 1.0, 100.0, 21)],
            "payments_list": [paid(100.0, "2025-02-16", "2025-02-16", 333)]}),
        // The next one is not integrated.
        json!({"id": 502, "date": "2025-05-15", "entity": supplier(3, "Cloud Ltd"), "invoice_number": "C-2",
            "category": "Servizi", "amount_net": 80, "items_list": [line("Cloud", 1.0, 80.0, 21)],
            "payments_list": [open(80.0, "2025-06-15")]}),
        // Building work, N6.3.
        json!({"id": 503, "date": "2025-04-10", "entity": supplier(4, "Edile S.r.l."), "invoice_number": "7/E",
            "category": "Immobili", "amount_net": 1000, "items_list": [line("Lavori", 1.0, 1000.0, 63)],
            "payments_list": [open(1000.0, "2025-07-10")]}),
    ]
}

fn domestic() -> Vec<Value> {
    let null_status = with(open(177.0, "2025-04-20"), json!({"status": null}));
    let part = with(line("Carburante", 1.0, 100.0, 0), json!({"deductibility_vat_percentage": 40}));
    vec![
        // A fee: 500.00 + 110.00, less 100.00 that we withhold = 510.00, half of it paid.
        json!({"id": 504, "date": "2025-01-20", "entity": supplier(2, "Geom. Neri"), "invoice_number": "3",
            "category": "Consulenze", "amount_net": 500, "amount_vat": 110, "amount_withholding_tax": 100,
            "items_list": [line("Rilievo", 1.0, 500.0, 0)],
            "payments_list": [paid(255.0, "2025-02-05", "2025-02-05", 333), open(255.0, "2025-03-31")]}),
        // A car: of the VAT of 44.00 40 % are deductible = 17.60, of the cost of 200.00 20 % = 40.00.
        json!({"id": 505, "date": "2025-03-12", "entity": supplier(1, "Fornitore S.p.A."), "invoice_number": "11",
            "category": "Auto", "amount_net": 200, "amount_vat": 44, "vat_deductibility": 40, "tax_deductibility": 20,
            "items_list": [line("Noleggio", 1.0, 200.0, 0)],
            "payments_list": [paid(244.0, "2025-03-12", "2025-03-12", 222)]}),
        // One line of 100.00 (VAT 22.00, 40 % deductible = 8.80), one of 50.00 (VAT 5.00, all) = 13.80 of 27.00.
        json!({"id": 506, "date": "2025-03-20", "entity": supplier(1, "Fornitore S.p.A."), "invoice_number": "12",
            "category": "Auto", "amount_net": 150, "amount_vat": 27, "items_list": [part, line("Libro", 1.0, 50.0, 3)],
            "payments_list": [null_status]}),
        // Entered without lines: no rate is known.
        json!({"id": 507, "date": "2025-06-05", "entity": supplier(1, "Fornitore S.p.A."), "invoice_number": "13",
            "amount_net": 300, "amount_vat": 66, "is_detailed": false, "rc_center": "Milano",
            "payments_list": [open(366.0, "2025-07-05")]}),
        // Bought without VAT by our own declaration of intent, N3.5.
        json!({"id": 508, "date": "2025-01-31", "entity": supplier(1, "Fornitore S.p.A."), "invoice_number": "10",
            "amount_net": 120, "items_list": [line("Merce", 1.0, 120.0, 35)],
            "payments_list": [paid(120.0, "2025-02-28", "2025-02-28", 333)]}),
        // In dollars: 110.00 $ + 24.20 $ at 1.1 = 100.00 € + 22.00 €. Its supplier was never entered.
        json!({"id": 509, "date": "2025-06-20", "entity": {"id": null, "name": "Bar Sport"}, "invoice_number": null,
            "currency": {"id": "USD", "symbol": "$", "exchange_rate": "1.1"}, "amount_net": 110, "amount_vat": 24.2,
            "items_list": [line("Pranzo", 1.0, 110.0, 0)],
            "payments_list": [paid(134.2, "2025-06-20", "2025-06-20", 222)]}),
    ]
}

fn credit_notes() -> Vec<Value> {
    vec![
        // Fornitore pays back 30.00 + 6.60.
        json!({"id": 601, "date": "2025-06-10", "entity": supplier(1, "Fornitore S.p.A."), "invoice_number": "NC1",
            "category": "Auto", "amount_net": 30, "amount_vat": 6.6, "items_list": [line("Noleggio", 1.0, 30.0, 0)],
            "payments_list": [paid(36.6, "2025-06-10", "2025-06-20", 333)]}),
        // Edile owes us 15.00.
        json!({"id": 602, "date": "2025-06-12", "entity": supplier(4, "Edile S.r.l."), "invoice_number": "NC2",
            "category": "Immobili", "amount_net": 15, "items_list": [line("Lavori", 1.0, 15.0, 63)],
            "payments_list": [open(15.0, "2025-06-12")]}),
    ]
}

fn waiting(fic: &Sandbox) {
    let euro = json!({"id": "EUR", "symbol": "€", "exchange_rate": "1.00000"});
    put(
        fic,
        FIRST,
        "pending_documents",
        json!({"id": 671, "type": "agyo", "date": "2025-06-28",
        "emssion_date": "2025-06-25", "supplier_name": "Luce S.p.A.", "subject": "Luce", "amount_net": 50,
        "amount_vat": 11, "currency": euro, "import_error": null}),
    );
    put(
        fic,
        FIRST,
        "pending_documents",
        json!({"id": 672, "type": "mail", "date": "2025-06-27", "emssion_date": null,
        "supplier_name": null, "subject": "Fwd: fattura", "amount_net": null, "amount_vat": null, "currency": euro,
        "import_error": "Fornitore non trovato"}),
    );
    // 55.00 $ at 1.1 = 50.00 €
    put(
        fic,
        FIRST,
        "pending_documents",
        json!({"id": 673, "type": "browser", "date": "2025-06-29",
        "emssion_date": "2025-06-20", "supplier_name": "Hosting Inc.", "subject": "Hosting", "amount_net": 55,
        "amount_vat": 0, "currency": {"id": "USD", "symbol": "$", "exchange_rate": "1.1"}, "import_error": null}),
    );
}
