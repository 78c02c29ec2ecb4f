//! Issued documents of all eleven types in detailed form.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::amounts::{Extras, Totals, lines};
use super::documents::{currency, map, numeration};
use super::payments::{self, Payments};
use super::{Birth, day, people, reference};
use crate::italy;

/// Types that money is paid for.
const PAID: [&str; 5] = ["invoice", "credit_note", "receipt", "self_own_invoice", "self_supplier_invoice"];
/// Types that go through the exchange system.
const ELECTRONIC: [&str; 4] = ["invoice", "credit_note", "self_own_invoice", "self_supplier_invoice"];

/// An issued document.
pub(super) fn issued(birth: &Birth<'_>, doc_type: &str) -> Value {
    let mut rng = birth.dice();
    let entity = people::entity(birth.seed, birth.around.partner.unwrap_or(birth.id + 1));
    let lines = lines(&mut rng, birth.id, &birth.around.products, doc_type != "credit_note");
    let extras = if doc_type.starts_with("self_") { Extras::default() } else { Extras::draw(&mut rng) };
    let totals = Totals::of(&lines, &extras);
    let electronic = ELECTRONIC.contains(&doc_type) && rng.u8(..3) > 0;
    // Public bodies pay the VAT to the State themselves.
    let split = entity["type"] == "pa" && rng.u8(..5) > 0;
    let stamp = stamp_duty(&mut rng, &totals);
    let payments = if PAID.contains(&doc_type) {
        payments::draw(&mut rng, birth, totals.due(split) + if electronic { 0 } else { stamp })
    } else {
        Payments::default()
    };
    let mut record = head(&mut rng, birth, doc_type, entity);
    record.extend(totals.members(&extras));
    record.insert("stamp_duty".into(), (stamp / 100).into());
    record.extend(transmission(&mut rng, doc_type, electronic, split));
    record.extend(layout(&mut rng, birth, doc_type));
    record.insert("next_due_date".into(), payments.next_due);
    record.insert("items_list".into(), lines.into_iter().map(|line| line.value).collect());
    record.insert("payments_list".into(), payments.list.into());
    record.extend(links(&mut rng, birth, doc_type));
    record.insert("created_at".into(), birth.created_at.into());
    record.insert("updated_at".into(), birth.updated_at.into());
    Value::Object(record)
}

fn head(rng: &mut Rng, birth: &Birth<'_>, doc_type: &str, entity: Value) -> Map<String, Value> {
    let date = birth.date();
    let year: i64 = date.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    map(json!({
        "id": birth.id, "type": doc_type, "entity": entity,
        "number": birth.around.number, "numeration": numeration(birth.seed, birth.id, doc_type),
        "date": date, "year": year, "currency": currency(rng),
        "language": {"code": "it", "name": "Italiano"},
        "subject": if rng.u8(..3) == 0 { "Manutenzione impianti – 1º semestre" } else { "" },
        "visible_subject": if rng.u8(..5) == 0 { Value::from("Attività \"chiavi in mano\"") } else { "".into() },
        "rc_center": if rng.u8(..4) == 0 { (*italy::pick(rng, &reference::CENTERS)).into() } else { Value::Null },
        "notes": people::notes(rng),
    }))
}

/// In cents: due above 77.47 EUR without VAT, and forgotten now and then.
fn stamp_duty(rng: &mut Rng, totals: &Totals) -> i64 {
    if totals.without_vat > 7747 && rng.u8(..5) > 0 { 200 } else { 0 }
}

fn transmission(rng: &mut Rng, doc_type: &str, electronic: bool, split: bool) -> Map<String, Value> {
    const STATES: [&str; 24] = [
        "not_sent",
        "attempt",
        "missing",
        "sent",
        "sent",
        "pending",
        "processing",
        "error",
        "discarded",
        "not_delivered",
        "not_delivered",
        "accepted",
        "accepted",
        "accepted",
        "accepted",
        "accepted",
        "accepted",
        "accepted",
        "accepted",
        "accepted",
        "rejected",
        "no_response",
        "manual_accepted",
        "manual_rejected",
    ];
    let kind = if split { "S" } else { *italy::pick(rng, &["I", "I", "I", "I", "I", "I", "D"]) };
    let public = rng.u8(..4) == 0;
    let data = json!({
        "vat_kind": kind, "original_document_type": if public { "contratto".into() } else { Value::Null },
        "od_number": if public { "12/2024" } else { "" },
        "od_date": if public { Value::from("2024-01-15") } else { Value::Null },
        "cig": if public { "Z5A3B2C1D0" } else { "" }, "cup": "", "payment_method": "MP05",
        "bank_name": "Banca Intesa", "bank_iban": "IT40P1234567812340000001234", "bank_beneficiary": "Rossi S.r.l.",
        "invoice_number": Value::Null, "invoice_date": Value::Null,
    });
    let known = match doc_type {
        "credit_note" => "TD04",
        "self_own_invoice" => "TD27",
        "self_supplier_invoice" => *italy::pick(rng, &["TD17", "TD18", "TD19", "TD16"]),
        _ => *italy::pick(rng, &["TD01", "TD01", "TD24"]),
    };
    let raw = json!({"FatturaElettronicaBody": {
        "DatiGenerali": {"DatiGeneraliDocumento": {"TipoDocumento": known}},
    }});
    map(json!({
        "payment_method": reference::draw_method(rng), "use_split_payment": split, "use_gross_prices": false,
        "e_invoice": electronic, "ei_data": if electronic { data } else { Value::Null },
        "ei_cassa_type": Value::Null, "ei_cassa2_type": Value::Null, "ei_withholding_tax_causal": Value::Null,
        "ei_other_withholding_tax_type": Value::Null, "ei_other_withholding_tax_causal": Value::Null,
        "ei_raw": if electronic && rng.bool() { raw } else { Value::Null },
        "ei_status": if electronic { Value::from(*italy::pick(rng, &STATES)) } else { Value::Null },
    }))
}

fn layout(rng: &mut Rng, birth: &Birth<'_>, doc_type: &str) -> Map<String, Value> {
    let template = json!({
        "id": 2821, "privacy": "public", "type": "standard", "name": "Light Smoke", "can_disable_watermark": true,
        "author": "", "content": "", "supports_custom_taxable": false,
    });
    let note = doc_type == "delivery_note";
    let quote = birth.around.origin.filter(|(kind, _)| doc_type == "invoice" && *kind == "quote" && rng.u8(..6) == 0);
    map(json!({
        "template": template, "delivery_note_template": Value::Null, "acc_inv_template": Value::Null,
        "h_margins": 15, "v_margins": 16, "show_payments": true, "show_payment_method": rng.bool(),
        "show_totals": "all", "show_notification_button": false, "show_tspay_button": false,
        "delivery_note": note, "accompanying_invoice": false,
        "dn_number": if note { birth.around.number.into() } else { Value::Null },
        "dn_date": if note { birth.date().into() } else { Value::Null },
        "dn_ai_packages_number": if note { "3".into() } else { Value::Null },
        "dn_ai_weight": if note { "12,5 kg".into() } else { Value::Null },
        "dn_ai_causal": if note { "Vendita".into() } else { Value::Null },
        "dn_ai_destination": if note { italy::street(rng).into() } else { Value::Null },
        "dn_ai_transporter": if note { "Trasporti Però".into() } else { Value::Null },
        "dn_ai_notes": Value::Null, "is_marked": rng.u8(..10) == 0,
        "extra_data": extra_data(rng), "merged_in": Value::Null,
        "original_document": quote.map_or(Value::Null, |(kind, id)| json!({"id": id, "type": kind})),
        "seen_date": if rng.bool() { Value::from(day(birth.date(), 2)) } else { Value::Null },
        "price_list_id": if rng.u8(..8) == 0 { birth.around.price_list.clone().into() } else { Value::Null },
        "locked": false, "has_ts_pay_pending_payment": false,
    }))
}

fn extra_data(rng: &mut Rng) -> Value {
    if rng.u8(..6) > 0 {
        return Value::Null;
    }
    json!({
        "multifatture_sent": Value::Null, "ts_communication": true, "ts_flag_tipo_spesa": 1,
        "ts_pagamento_tracciato": true, "ts_tipo_spesa": "SR", "ts_opposizione": false, "ts_status": 0,
        "ts_file_id": Value::Null, "ts_sent_date": Value::Null, "ts_full_amount": true,
        "imported_by": Value::Null, "debt_vat_detect": Value::Null, "revenue_detect": Value::Null,
    })
}

fn links(rng: &mut Rng, birth: &Birth<'_>, doc_type: &str) -> Map<String, Value> {
    let attached = rng.u8(..4) == 0;
    map(json!({
        "url": birth.link("url"),
        "dn_url": if doc_type == "delivery_note" { birth.link("dn_url") } else { Value::Null }, "ai_url": Value::Null,
        "attachment_url": if attached { birth.link("attachment_url") } else { Value::Null },
    }))
}
