//! Clients, suppliers and products of Rossi.

use super::build::put;
use crate::world::FIRST;
use ficsync_sandbox::Sandbox;
use serde_json::{Value, json};

pub fn fill(fic: &Sandbox) {
    for client in clients() {
        put(fic, FIRST, "clients", whole(client));
    }
    for supplier in suppliers() {
        put(fic, FIRST, "suppliers", whole(supplier));
    }
    for product in products() {
        put(fic, FIRST, "products", product);
    }
}

fn clients() -> Vec<Value> {
    vec![
        // Renamed since: documents know it as Alfa Vecchia.
        json!({"id": 1, "name": "Alfa S.r.l.", "vat_number": "IT01234567890", "ei_code": "ABCDEF1"}),
        // The same VAT number, written otherwise; neither PEC nor code.
        json!({"id": 2, "name": "Beta S.r.l.", "vat_number": "01234567890", "tax_code": "BETA", "ei_code": "0000000"}),
        // A public body whose code has not six characters.
        json!({"id": 3, "name": "Comune di Cuneo", "type": "pa", "vat_number": "", "tax_code": "80001230042",
            "ei_code": "UF12"}),
        // A foreigner: needs neither code nor Italian numbers.
        json!({"id": 4, "name": "Delta GmbH", "vat_number": "", "tax_code": "", "country": "Germania",
            "country_iso": "DE"}),
        json!({"id": 5, "name": "Esposito Eva", "type": "person", "vat_number": "", "tax_code": "SPSVEA80A41F839X"}),
        json!({"id": 6, "name": "Fidia S.p.A.", "vat_number": "IT06666666666", "certified_email": "fidia@pec.it",
            "has_intent_declaration": true, "intent_declaration_protocol_number": "25010112345678901-000001",
            "intent_declaration_protocol_date": "2025-01-02"}),
        json!({"id": 7, "name": "Gamma S.r.l.", "vat_number": "IT07777777777", "ei_code": "GGGGGG7"}),
        // It says that it has one, but without its number.
        json!({"id": 8, "name": "Iris S.r.l.", "vat_number": "IT08888888888", "ei_code": "IIIIII8",
            "has_intent_declaration": true}),
        json!({"id": 9, "name": "Lux S.r.l.", "vat_number": "IT09999999999", "ei_code": "LLLLLL9"}),
        // Italian, without any number; no e-invoices for it.
        json!({"id": 10, "name": "Mario al mercato", "vat_number": "", "tax_code": "", "e_invoice": false}),
        // The tax code of Esposito, in other letters.
        json!({"id": 11, "name": "Eva Esposito", "type": "person", "vat_number": "", "tax_code": "spsvea80a41f839x"}),
        // A public body with six characters, new in the last week.
        json!({"id": 12, "name": "Scuola di Cuneo", "type": "pa", "vat_number": "", "tax_code": "80001230099",
            "ei_code": "UFABCD", "code": "S1", "created_at": "2025-06-24 08:00:00", "updated_at": "2025-06-25 08:00:00"}),
    ]
}

fn suppliers() -> Vec<Value> {
    vec![
        // Changed in the last week.
        json!({"id": 1, "name": "Fornitore S.p.A.", "vat_number": "IT11111111111", "code": "F1",
            "updated_at": "2025-06-23 00:00:00"}),
        json!({"id": 2, "name": "Geom. Neri", "vat_number": "IT12222222222"}),
        json!({"id": 3, "name": "Cloud Ltd", "vat_number": "IE3333333XX", "country": "Irlanda", "country_iso": "IE"}),
        json!({"id": 4, "name": "Edile S.r.l.", "vat_number": "IT14444444444"}),
    ]
}

/// An Italian company, made and changed last in January 2024, unless it says so.
fn whole(members: Value) -> Value {
    let plain = json!({
        "type": "company", "code": "", "tax_code": "", "country": "Italia", "country_iso": "IT", "certified_email": "",
        "ei_code": "", "e_invoice": true, "email": "", "has_intent_declaration": false, "address_city": "Cuneo",
        "intent_declaration_protocol_number": null, "intent_declaration_protocol_date": null,
        "created_at": "2024-01-02 09:00:00", "updated_at": "2024-01-02 09:00:00",
    });
    super::build::with(plain, members)
}

fn products() -> Vec<Value> {
    let old = json!({"created_at": "2024-01-02 09:00:00", "updated_at": "2024-01-02 09:00:00"});
    [
        json!({"id": 1, "code": "S1", "name": "Sedia", "net_price": 100, "net_cost": 30, "average_cost": 99}),
        // No cost of its own: the average counts.
        json!({"id": 2, "code": "T1", "name": "Tavolo", "net_price": 110, "net_cost": 0, "average_cost": 55.25}),
        json!({"id": 3, "code": "L1", "name": "Lampada", "net_price": 10, "net_cost": null, "average_cost": null}),
    ]
    .into_iter()
    .map(|product| super::build::with(old.clone(), product))
    .collect()
}
