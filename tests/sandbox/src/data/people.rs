//! Clients and suppliers: companies, persons, public bodies and condominiums, with tax numbers that check.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::documents::map as object;
use super::{Birth, dice, reference};
use crate::italy;

/// A client in detailed form.
pub(crate) fn client(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    let mut record = common(&mut rng, birth.id);
    let extra = client_extra(&mut rng);
    record.extend(extra);
    finish(record, birth)
}

/// A supplier in detailed form.
pub(crate) fn supplier(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    let mut record = common(&mut rng, birth.id);
    record.insert("bank_iban".into(), if rng.bool() { iban(&mut rng).into() } else { Value::Null });
    finish(record, birth)
}

/// The part of a partner that a document keeps as its `entity`.
pub(crate) fn entity(seed: u64, id: i64) -> Value {
    let mut record = common(&mut dice(seed, id), id);
    for dropped in ["code", "phone", "fax", "notes"] {
        record.shift_remove(dropped);
    }
    record.insert("ei_code".into(), "0000000".into());
    Value::Object(record)
}

fn finish(mut record: Map<String, Value>, birth: &Birth<'_>) -> Value {
    record.insert("created_at".into(), birth.created_at.into());
    record.insert("updated_at".into(), birth.updated_at.into());
    Value::Object(record)
}

struct Who {
    kind: &'static str,
    name: String,
    first: &'static str,
    last: &'static str,
    vat: Value,
    tax: Value,
}

fn who(rng: &mut Rng, city: &italy::City) -> Who {
    match rng.u8(..10) {
        0..=3 => {
            let (woman, first, last) = italy::person(rng);
            let tax = italy::tax_code(rng, woman, first, last, city);
            Who { kind: "person", name: format!("{first} {last}"), first, last, vat: "".into(), tax: tax.into() }
        }
        4 => {
            let name = format!("Comune di {}", city.name);
            Who { kind: "pa", name, first: "", last: "", vat: Value::Null, tax: italy::vat_number(rng).into() }
        }
        5 => {
            let name = format!("Condominio {}", italy::street(rng));
            Who { kind: "condo", name, first: "", last: "", vat: Value::Null, tax: italy::vat_number(rng).into() }
        }
        _ => {
            let vat = italy::vat_number(rng);
            let (name, tax) = (italy::company(rng), Value::from(vat.clone()));
            Who { kind: "company", name, first: "", last: "", vat: format!("IT{vat}").into(), tax }
        }
    }
}

fn common(rng: &mut Rng, id: i64) -> Map<String, Value> {
    let city = italy::place(rng);
    let who = who(rng, city);
    let mailbox = italy::plain(&who.name).chars().take(24).collect::<String>();
    let contact = if rng.u8(..4) == 0 { format!("Sig.ra {}", italy::person(rng).2) } else { String::new() };
    let code = match rng.u8(..8) {
        0 => Value::Null,
        1 => "".into(),
        _ => format!("CL{id:06}").into(),
    };
    let email = if rng.u8(..6) == 0 { "".into() } else { Value::from(format!("{mailbox}{id}@example.com")) };
    let pec = if rng.u8(..3) == 0 { Value::Null } else { Value::from(format!("{mailbox}{id}@pec.example.it")) };
    object(json!({
        "id": id, "code": code, "name": who.name, "type": who.kind,
        "first_name": who.first, "last_name": who.last, "contact_person": contact,
        "vat_number": who.vat, "tax_code": who.tax,
        "address_street": italy::street(rng), "address_postal_code": city.postal_code,
        "address_city": city.name, "address_province": city.province,
        "address_extra": if rng.u8(..5) == 0 { "c/o Studio Però, scala B, 2º piano" } else { "" },
        "country": "Italia", "country_iso": "IT",
        "email": email, "certified_email": pec,
        "phone": format!("0{}", rng.u32(20_000_000..99_999_999)),
        "fax": if rng.bool() { Value::from("") } else { Value::Null },
        "notes": notes(rng),
    }))
}

/// Mostly empty, now and then long, with line breaks, quotes and letters of all kinds.
pub(super) fn notes(rng: &mut Rng) -> String {
    match rng.u8(..12) {
        0 => "Cliente storico: \"pagamento a 60 gg\"\nNon chiamare prima delle 9.\tGrazie! 👍 <b>&amp;</b> \\ fine"
            .into(),
        1 => "Perché così? Già più volte… ".repeat(rng.usize(5..60)),
        _ => String::new(),
    }
}

fn iban(rng: &mut Rng) -> String {
    format!("IT{:02}P{:010}{:012}", rng.u8(10..99), rng.u64(..10_000_000_000), rng.u64(..1_000_000_000_000))
}

fn client_extra(rng: &mut Rng) -> Map<String, Value> {
    let terms = *italy::pick(rng, &[0, 30, 60, 90]);
    let intent = rng.u8(..20) == 0;
    let bank = rng.u8(..3) == 0;
    let default_vat = if rng.u8(..5) == 0 { reference::draw_vat(rng).whole() } else { Value::Null };
    let method = if rng.bool() { reference::draw_method(rng) } else { Value::Null };
    object(json!({
        "default_vat": default_vat, "default_payment_terms": terms,
        "default_payment_terms_type": if rng.bool() { "standard" } else { "end_of_month" },
        "default_payment_method": method,
        "bank_name": if bank { Value::from("Banca Popolare di Sondrio") } else { "".into() },
        "bank_iban": if bank { iban(rng).into() } else { Value::Null },
        "bank_swift_code": if bank { Value::from("POSOIT22") } else { "".into() },
        "shipping_address": if rng.u8(..4) == 0 { italy::street(rng) } else { String::new() },
        "e_invoice": rng.bool(), "discount_highlight": rng.bool(),
        "ei_code": if rng.bool() { "0000000" } else { "M5UXCR1" },
        "default_discount": if rng.u8(..6) == 0 { json!(12.5) } else { json!(0) },
        "has_intent_declaration": intent,
        "intent_declaration_protocol_number": if intent { Value::from("21012612345678901-000001") } else { Value::Null },
        "intent_declaration_protocol_date": if intent { Value::from("2024-01-26") } else { Value::Null },
        "price_list_id": if rng.u8(..4) == 0 { Value::from("10") } else { Value::Null },
    }))
}
