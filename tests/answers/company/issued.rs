//! Invoices, credit notes, ricevute and self-invoices of Rossi.

use super::build::{at, issued, line, of_product, open, paid, with};
use crate::world::FIRST;
use ficsync_sandbox::Sandbox;
use serde_json::{Value, json};

pub fn fill(fic: &Sandbox) {
    let lists = [
        ("invoices", of_2024()),
        ("invoices", of_2025()),
        ("invoices", special()),
        ("credit_notes", credit_notes()),
        ("self_supplier_invoices", for_suppliers()),
        ("self_own_invoices", for_ourselves()),
        ("issued_receipts", ricevute()),
    ];
    for (list, documents) in lists {
        documents.into_iter().for_each(|document| issued(fic, FIRST, list, document));
    }
}

fn client(id: i64, name: &str) -> Value {
    json!({"id": id, "name": name})
}

fn of_2024() -> Vec<Value> {
    vec![
        // 1000.00 + 22 % 220.00
        json!({"id": 90, "number": 1, "date": "2024-06-10", "entity": client(9, "Lux S.r.l."), "amount_net": 1000,
            "amount_vat": 220, "items_list": [line("Consulenza", 1.0, 1000.0, 0)],
            "payments_list": [paid(1220.0, "2024-07-10", "2024-07-15", 333)]}),
        // 500.00 + 110.00, less 20 % withheld 100.00 = 510.00, paid in the next year
        json!({"id": 91, "number": 2, "date": "2024-12-20", "entity": client(2, "Beta S.r.l."), "amount_net": 500,
            "amount_vat": 110, "withholding_tax": 20, "amount_withholding_tax": 100,
            "items_list": [line("Consulenza", 1.0, 500.0, 0)],
            "payments_list": [paid(510.0, "2024-12-31", "2025-01-08", 333)]}),
        // Export, N3.1
        json!({"id": 92, "number": 3, "date": "2024-11-30", "entity": client(4, "Delta GmbH"), "amount_net": 200,
            "items_list": [line("Consulenza", 1.0, 200.0, 31)],
            "payments_list": [paid(200.0, "2024-12-15", "2024-12-15", 333)]}),
        // A series of its own, whose numbers go on over the years.
        json!({"id": 93, "number": 7, "numeration": "/A", "date": "2024-10-01", "entity": client(1, "Alfa Vecchia"),
            "amount_net": 10, "amount_vat": 2.2, "items_list": [line("Vite", 1.0, 10.0, 0)],
            "payments_list": [paid(12.2, "2024-10-01", "2024-10-01", 222)]}),
    ]
}

fn of_2025() -> Vec<Value> {
    let null_status = with(open(122.0, "2025-03-10"), json!({"status": null}));
    let no_dates = json!({"id": 1, "amount": 89.67, "due_date": null, "paid_date": null, "status": "paid",
        "payment_account": at(222)});
    let chairs = with(of_product(1, "S1", line("Sedia", 2.0, 100.0, 0)), json!({"discount": 10}));
    vec![
        // 2 · 100.00 less 10 % = 180.00, and 20.00; VAT 44.00. Two instalments: one paid late, one without a status.
        json!({"id": 101, "number": 1, "date": "2025-01-10", "entity": client(1, "Alfa Vecchia"), "amount_net": 200,
            "amount_vat": 44, "e_invoice": true, "ei_status": "accepted", "rc_center": "Milano",
            "items_list": [chairs, with(line("Trasporto", 1.0, 20.0, 0), json!({"code": "TR", "qty": null}))],
            "payments_list": [paid(122.0, "2025-02-10", "2025-02-20", 333), null_status]}),
        // Export in dollars: 1,084.50 $ at 1.0845 = 1,000.00 €, half of it paid
        json!({"id": 102, "number": 2, "date": "2025-01-15", "entity": client(4, "Delta GmbH"), "amount_net": 1084.5,
            "currency": {"id": "USD", "symbol": "$", "exchange_rate": "1.08450"},
            "items_list": [of_product(2, "T1", line("Tavolo", 10.0, 108.45, 31))],
            "payments_list": [paid(542.25, "2025-01-31", "2025-01-31", 333), open(542.25, "2025-04-15")]}),
        // A fee: 1000.00, rivalsa 4 % 40.00, cassa 4 % of 1040.00 = 41.60, VAT 22 % of 1081.60 = 237.95,
        // withheld 20 % of 1040.00 = 208.00 and 10.00 more: to pay 1101.55, 40 % of it paid.
        json!({"id": 103, "number": 3, "date": "2025-02-01", "entity": client(2, "Beta S.r.l."), "amount_net": 1000,
            "amount_rivalsa": 40, "amount_cassa": 41.6, "amount_vat": 237.95, "amount_withholding_tax": 208,
            "amount_other_withholding_tax": 10,
            "rivalsa": 4, "cassa": 4, "withholding_tax": 20, "items_list": [line("Consulenza", 1.0, 1000.0, 0)],
            "payments_list": [paid(440.62, "2025-03-03", "2025-03-01", 333), open(660.93, "2025-04-30")]}),
        // Split payment: 500.00 are paid, the VAT of 110.00 by the public body to the state.
        json!({"id": 104, "number": 4, "date": "2025-02-10", "entity": client(3, "Comune di Cuneo"), "amount_net": 500,
            "amount_vat": 110, "use_split_payment": true, "e_invoice": true, "ei_status": "not_delivered",
            "ei_data": {"vat_kind": "S"}, "items_list": [line("Consulenza", 1.0, 500.0, 0)],
            "payments_list": [with(paid(500.0, "2025-03-10", "", 333), json!({"paid_date": null}))]}),
        // IVA per cassa: 300.00 + 66.00, half of it paid.
        json!({"id": 105, "number": 5, "date": "2025-02-20", "entity": client(7, "Gamma S.r.l."), "amount_net": 300,
            "amount_vat": 66, "e_invoice": true, "ei_status": "accepted", "ei_data": {"vat_kind": "D"},
            "items_list": [line("Consulenza", 1.0, 300.0, 0)],
            "payments_list": [paid(183.0, "2025-04-05", "2025-04-05", 333), open(183.0, "2025-05-31")]}),
        // To a habitual exporter, N3.5; stamp duty paid. Number 6 is missing.
        json!({"id": 106, "number": 7, "date": "2025-03-01", "entity": client(6, "Fidia S.p.A."), "amount_net": 1000,
            "stamp_duty": 2, "e_invoice": true, "ei_status": "no_response",
            "items_list": [of_product(2, "T1", line("Tavolo", 8.0, 125.0, 35))],
            "payments_list": [open(1000.0, "2025-07-31")]}),
        // The same without stamp duty and without a protocol number; discarded by SDI.
        json!({"id": 107, "number": 8, "date": "2025-03-05", "entity": client(8, "Iris S.r.l."), "amount_net": 100,
            "e_invoice": true, "ei_status": "discarded", "items_list": [of_product(3, "L1", line("Lampada", 10.0, 10.0, 35))],
            "payments_list": [open(100.0, "2025-03-31")]}),
        // On paper: exempt 77.47, just not over the limit, and 10.00 + 2.20. Paid, without any date.
        json!({"id": 108, "number": 9, "date": "2025-03-06", "entity": client(5, "Esposito Eva"), "amount_net": 87.47,
            "amount_vat": 2.2, "items_list": [line("Visita", 1.0, 77.47, 40), line("Vite", 1.0, 10.0, 0)],
            "payments_list": [no_dates]}),
        // Set off by the credit note 202.
        json!({"id": 109, "number": 10, "date": "2025-04-01", "entity": client(1, "Alfa Vecchia"), "amount_net": 100,
            "amount_vat": 22, "e_invoice": true, "ei_status": "accepted",
            "items_list": [of_product(9, "X9", line("Armadio", 1.0, 100.0, 0))],
            "payments_list": [with(open(122.0, "2025-04-30"), json!({"status": "reversed"}))]}),
        // Never sent; no instalments.
        json!({"id": 110, "number": 11, "date": "2025-04-15", "entity": client(2, "Beta S.r.l."), "amount_net": 50,
            "amount_vat": 5, "e_invoice": true, "ei_status": "not_sent", "items_list": [line("Libro", 1.0, 50.0, 3)]}),
    ]
}

fn special() -> Vec<Value> {
    vec![
        // Not sent yet, five days old; made from the quote 302.
        json!({"id": 111, "number": 12, "date": "2025-06-25", "entity": client(1, "Alfa S.r.l."), "amount_net": 400,
            "amount_vat": 88, "e_invoice": true, "rc_center": "Milano", "original_document": {"id": 302, "type": "quote"},
            "items_list": [of_product(1, "S1", line("Sedia", 4.0, 100.0, 0))],
            "payments_list": [open(488.0, "2025-07-25")]}),
        // The number 12 again, and dated before it. N2.1, one cent over the limit of the stamp duty. Due today.
        json!({"id": 112, "number": 12, "date": "2025-06-24", "entity": client(4, "Delta GmbH"), "amount_net": 77.48,
            "items_list": [line("Consulenza", 1.0, 77.48, 21)], "payments_list": [open(77.48, "2025-06-30")]}),
        // 9/A follows 7/A of last year: 8/A is missing.
        json!({"id": 113, "number": 9, "numeration": "/A", "date": "2025-05-02", "entity": client(1, "Alfa S.r.l."),
            "amount_net": 20, "amount_vat": 4.4, "items_list": [line("Vite", 2.0, 10.0, 0)],
            "payments_list": [paid(24.4, "2025-05-02", "2025-05-02", 999)]}),
    ]
}

fn credit_notes() -> Vec<Value> {
    vec![
        // A chair comes back, the money too: 50.00 + 11.00
        json!({"id": 201, "number": 1, "date": "2025-05-10", "entity": client(1, "Alfa S.r.l."), "amount_net": 50,
            "amount_vat": 11, "e_invoice": true, "ei_status": "accepted",
            "items_list": [of_product(1, "S1", line("Sedia", 1.0, 50.0, 0))],
            "payments_list": [paid(61.0, "2025-05-10", "2025-05-20", 333)]}),
        // Sets off the invoice 109: 100.00 + 22.00
        json!({"id": 202, "number": 2, "date": "2025-04-20", "entity": client(1, "Alfa S.r.l."), "amount_net": 100,
            "amount_vat": 22, "items_list": [of_product(9, "X9", line("Armadio", 1.0, 100.0, 0))],
            "payments_list": [with(open(122.0, "2025-04-20"), json!({"status": "reversed"}))]}),
        // Open: 10.00 + 10 % 1.00 are owed to Beta.
        json!({"id": 203, "number": 3, "date": "2025-06-01", "entity": client(2, "Beta S.r.l."), "amount_net": 10,
            "amount_vat": 1, "items_list": [line("Libro", 1.0, 10.0, 3)], "payments_list": [open(11.0, "2025-06-15")]}),
        // Of the export of 2024.
        json!({"id": 204, "number": 1, "date": "2024-12-31", "entity": client(4, "Delta GmbH"), "amount_net": 20,
            "items_list": [line("Consulenza", 1.0, 20.0, 31)],
            "payments_list": [paid(20.0, "2024-12-31", "2024-12-31", 333)]}),
    ]
}

/// TD17: integrates the expense 501.
fn for_suppliers() -> Vec<Value> {
    vec![json!({"id": 401, "number": 1, "date": "2025-02-28", "entity": {"id": 3, "name": "Cloud Ltd"},
        "amount_net": 100, "amount_vat": 22, "e_invoice": true, "ei_status": "accepted",
        "items_list": [line("Cloud", 1.0, 100.0, 0)]})]
}

/// TD27: a gift.
fn for_ourselves() -> Vec<Value> {
    vec![json!({"id": 411, "number": 1, "date": "2025-03-31", "entity": {"id": null, "name": "Rossi S.r.l."},
        "amount_net": 10, "amount_vat": 2.2, "e_invoice": true, "ei_status": "error",
        "items_list": [line("Omaggio", 1.0, 10.0, 0)]})]
}

/// A ricevuta, which stands in the corrispettivi too; exempt, without stamp duty.
fn ricevute() -> Vec<Value> {
    vec![json!({"id": 361, "number": 1, "date": "2025-05-05", "entity": client(5, "Esposito Eva"), "amount_net": 100,
        "items_list": [line("Visita", 1.0, 100.0, 40)],
        "payments_list": [paid(100.0, "2025-05-05", "2025-05-05", 222)]})]
}
