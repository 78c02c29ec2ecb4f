//! The company: Rossi S.r.l., as it stands on 30 June 2025. Amounts are chosen so that they can be reckoned by hand.
//!
//! A second company, Verdi, has the same ids: nothing of it may appear in answers about the first, and nothing is added up
//! over both.

mod build;
mod issued;
mod offers;
mod partners;
mod received;
mod rest;

use crate::world::{FIRST, OTHER};
use ficsync_sandbox::Sandbox;
use serde_json::json;

/// Puts everything into the service.
pub fn fill(fic: &Sandbox) {
    partners::fill(fic);
    issued::fill(fic);
    offers::fill(fic);
    received::fill(fic);
    rest::fill(fic);
    other(fic);
}

/// What is deleted after the first run.
pub fn delete(fic: &Sandbox) {
    // Gamma: its invoice stays, and bears the name that it had.
    fic.delete(FIRST, "clients", 7);
    // A quote that was transformed without keeping a copy: the order 322 names it as its origin.
    fic.delete(FIRST, "quotes", 306);
    fic.delete(FIRST, "taxes", 805);
}

/// Verdi: one client, one product, one invoice, one expense, all with ids that Rossi has too.
fn other(fic: &Sandbox) {
    fic.add_company(OTHER, "Verdi");
    build::put(
        fic,
        OTHER,
        "clients",
        json!({"id": 1, "name": "Zeta S.r.l.", "type": "company",
        "vat_number": "IT09876543210", "tax_code": "09876543210", "country": "Italia", "country_iso": "IT",
        "ei_code": "ZZZZZZ1", "certified_email": "", "e_invoice": true, "created_at": "2024-01-02 09:00:00",
        "updated_at": "2024-01-02 09:00:00", "has_intent_declaration": false}),
    );
    // 10.00 + 22 % 2.20 = 12.20, open since 31 January.
    build::issued(
        fic,
        OTHER,
        "invoices",
        json!({"id": 101, "number": 1, "date": "2025-01-10", "entity": {"id": 1,
        "name": "Zeta S.r.l."}, "amount_net": 10, "amount_vat": 2.2,
        "items_list": [build::line("Vite", 1.0, 10.0, 0)],
        "payments_list": [build::open(12.2, "2025-01-31")]}),
    );
    // Flat-rate scheme: 100,000.01 in 2021; 85,000.01 in 2022; 85,000.00 in 2023. Of the stamp duty 5,001.00; 4,000.00 and
    // 1,500.00; 3,000.00 and 2,000.00 and, in a leap year's winter, 2.00.
    for (id, date, net, duty) in [
        (121, "2021-02-10", 100_000.01, 5001),
        (122, "2022-02-10", 80_000.0, 4000),
        (123, "2022-05-10", 5000.01, 1500),
        (124, "2023-03-31", 80_000.0, 3000),
        (125, "2023-06-30", 5000.0, 2000),
        (126, "2023-12-01", 0.0, 2),
    ] {
        build::issued(
            fic,
            OTHER,
            "invoices",
            json!({"id": id, "number": id, "date": date, "amount_net": net,
            "entity": {"id": 1, "name": "Zeta S.r.l."}, "e_invoice": true, "ei_status": "accepted", "stamp_duty": duty,
            "items_list": [build::line("Consulenza", 1.0, net, 22)],
            "payments_list": [build::paid(net, date, date, 333)]}),
        );
    }
}
