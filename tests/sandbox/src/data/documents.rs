//! Issued and received documents: lines, VAT, discounts, instalments. Totals follow from the lines.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{Birth, day, money, people, price};
use crate::italy;
use crate::shelf::TICKET;

struct Totals {
    net: i64,
    vat: i64,
}

struct Payments {
    list: Vec<Value>,
    next_due: Value,
}

/// An issued document in detailed form.
pub(crate) fn issued(birth: &Birth<'_>, doc_type: &str) -> Value {
    let mut rng = birth.dice();
    let (items, totals) = items(&mut rng, birth.id);
    let paid = matches!(doc_type, "invoice" | "credit_note" | "receipt" | "self_own_invoice" | "self_supplier_invoice");
    let gross = totals.net + totals.vat;
    let payments = if paid { payments(&mut rng, birth, gross) } else { no_payments() };
    let mut record = head(&mut rng, birth, doc_type);
    record.extend(amounts(&mut rng, &totals));
    record.extend(electronic(&mut rng, paid));
    record.extend(layout(&mut rng, birth));
    record.insert("next_due_date".into(), payments.next_due);
    record.insert("items_list".into(), items.into());
    record.insert("payments_list".into(), payments.list.into());
    record.extend(links(&mut rng, birth.id));
    record.insert("created_at".into(), birth.created_at.into());
    record.insert("updated_at".into(), birth.updated_at.into());
    Value::Object(record)
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn head(rng: &mut Rng, birth: &Birth<'_>, doc_type: &str) -> Map<String, Value> {
    let date = birth.date();
    let year: i64 = date.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    let partner = birth.partner.unwrap_or(birth.id + 1);
    map(json!({
        "id": birth.id, "type": doc_type, "entity": people::entity(birth.seed, partner),
        "number": birth.ordinal, "numeration": *italy::pick(rng, &["", "", "/A", "/PA"]),
        "date": date, "year": year,
        "currency": {"id": "EUR", "symbol": "€", "exchange_rate": "1.00000", "html_symbol": "&euro;"},
        "language": {"code": "it", "name": "Italiano"},
        "subject": if rng.u8(..3) == 0 { "Manutenzione impianti – 1º semestre" } else { "" },
        "visible_subject": if rng.u8(..5) == 0 { Value::from("Attività \"chiavi in mano\"") } else { "".into() },
        "rc_center": if rng.u8(..4) == 0 { Value::from("Milano") } else { Value::Null },
        "notes": people::notes(rng),
    }))
}

fn amounts(rng: &mut Rng, totals: &Totals) -> Map<String, Value> {
    map(json!({
        "rivalsa": 0, "cassa": 0, "amount_cassa": 0, "cassa_taxable": 0, "amount_cassa_taxable": 0,
        "cassa2": 0, "amount_cassa2": 0, "cassa2_taxable": 0, "amount_cassa2_taxable": 0,
        "global_cassa_taxable": 0, "amount_global_cassa_taxable": 0,
        "withholding_tax": 0, "withholding_tax_taxable": 100, "other_withholding_tax": 0,
        "stamp_duty": if rng.u8(..8) == 0 { 2 } else { 0 },
        "amount_net": money(totals.net), "amount_vat": money(totals.vat),
        "amount_gross": money(totals.net + totals.vat), "amount_due_discount": 0,
        "amount_rivalsa": 0, "amount_rivalsa_taxable": 0,
        "amount_withholding_tax": 0, "amount_withholding_tax_taxable": 0,
        "amount_other_withholding_tax": 0, "amount_other_withholding_tax_taxable": 0,
        "amount_enasarco_taxable": 0,
    }))
}

fn electronic(rng: &mut Rng, paid: bool) -> Map<String, Value> {
    const STATES: [&str; 7] = ["not_sent", "sent", "pending", "accepted", "not_delivered", "discarded", "rejected"];
    let e_invoice = paid && rng.u8(..3) > 0;
    let data = json!({
        "vat_kind": "I", "original_document_type": "ordine", "od_number": "", "od_date": Value::Null,
        "cig": "", "cup": "", "payment_method": "MP05", "bank_name": "Banca Intesa",
        "bank_iban": "IT40P1234567812340000001234", "bank_beneficiary": "Rossi S.r.l.",
        "invoice_number": Value::Null, "invoice_date": Value::Null,
    });
    map(json!({
        "payment_method": people::payment_method(rng), "use_split_payment": rng.u8(..10) == 0,
        "use_gross_prices": false, "e_invoice": e_invoice,
        "ei_data": if e_invoice { data } else { Value::Null },
        "ei_cassa_type": Value::Null, "ei_cassa2_type": Value::Null, "ei_withholding_tax_causal": Value::Null,
        "ei_other_withholding_tax_type": Value::Null, "ei_other_withholding_tax_causal": Value::Null,
        "ei_raw": Value::Null,
        "ei_status": if e_invoice { Value::from(*italy::pick(rng, &STATES)) } else { Value::Null },
    }))
}

fn layout(rng: &mut Rng, birth: &Birth<'_>) -> Map<String, Value> {
    let template = json!({
        "id": 2821, "privacy": "public", "type": "standard", "name": "Light Smoke", "can_disable_watermark": true,
        "author": "", "content": "", "supports_custom_taxable": false,
    });
    map(json!({
        "template": template, "delivery_note_template": Value::Null, "acc_inv_template": Value::Null,
        "h_margins": 15, "v_margins": 16, "show_payments": true, "show_payment_method": rng.bool(),
        "show_totals": "all", "show_notification_button": false, "show_tspay_button": false,
        "delivery_note": false, "accompanying_invoice": false,
        "dn_number": Value::Null, "dn_date": Value::Null, "dn_ai_packages_number": Value::Null,
        "dn_ai_weight": Value::Null, "dn_ai_causal": Value::Null, "dn_ai_destination": Value::Null,
        "dn_ai_transporter": Value::Null, "dn_ai_notes": Value::Null, "is_marked": rng.u8(..10) == 0,
        "extra_data": extra_data(rng), "merged_in": Value::Null, "original_document": Value::Null,
        "seen_date": if rng.bool() { Value::from(day(birth.date(), 2)) } else { Value::Null },
        "price_list_id": Value::Null, "locked": false, "has_ts_pay_pending_payment": false,
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

fn links(rng: &mut Rng, id: i64) -> Map<String, Value> {
    let url = |what: &str| Value::from(format!("https://downloads.example.com/{what}/{id:010}.pdf?ticket={TICKET}"));
    let attached = rng.u8(..4) == 0;
    map(json!({
        "url": url("doc"), "dn_url": Value::Null, "ai_url": Value::Null,
        "attachment_url": if attached { url("attachment") } else { Value::Null },
    }))
}

/// One to six lines; some are discounted, some give something back, a few documents are negative as a whole.
fn items(rng: &mut Rng, id: i64) -> (Vec<Value>, Totals) {
    let refund = rng.u8(..25) == 0;
    let mut totals = Totals { net: 0, vat: 0 };
    let count = rng.i64(1..7);
    let list = (0..count)
        .map(|place| {
            let sign = if refund || (place > 0 && rng.u8(..12) == 0) { -1 } else { 1 };
            item(rng, id * 10 + place, sign, &mut totals)
        })
        .collect();
    (list, totals)
}

fn item(rng: &mut Rng, id: i64, sign: i64, totals: &mut Totals) -> Value {
    const GOODS: [(&str, &str, &str); 6] = [
        ("Soggiorno", "notti", "Camera doppia, vista lago"),
        ("Consulenza", "ore", "Attività di consulenza – fase 2\nTrasferta inclusa"),
        ("Tavolo di marmo", "pz", "Tavolo in marmo pregiato, 120×80 cm"),
        ("Caffè macinato 250 g", "", ""),
        ("Sconto fedeltà", "", "È un premio"),
        ("Acqua \"Frizzante\"", "bt", ""),
    ];
    let (name, measure, description) = *italy::pick(rng, &GOODS);
    let quarters = *italy::pick(rng, &[4, 4, 4, 8, 12, 2, 9, 40]);
    // A third of the prices are whole euros, so that whole totals occur.
    let units = if rng.u8(..3) == 0 { rng.i64(1..500) * 100_000 } else { rng.i64(1_000..90_000_000) } * sign;
    let permille = *italy::pick(rng, &[0, 0, 0, 0, 100, 125]);
    let (rate, vat) = people::vat(rng);
    let net = rounded(units * quarters * (1000 - permille), 4 * 1000 * 1000);
    totals.net += net;
    totals.vat += rounded(net * rate, 100);
    json!({
        "id": id, "product_id": if rng.bool() { Value::from(rng.i64(1000..9999)) } else { Value::Null },
        "code": if rng.u8(..3) == 0 { Value::from("") } else { Value::from(format!("ART{}", rng.u16(..1000))) },
        "name": name, "category": if rng.bool() { Value::from("servizi") } else { "".into() },
        "description": description, "qty": quantity(quarters), "measure": measure,
        "net_price": price(units), "gross_price": price(units + rounded(units * rate, 100)), "vat": vat,
        "not_taxable": false, "apply_withholding_taxes": true,
        "discount": if permille == 125 { json!(12.5) } else { json!(permille / 10) },
        "discount_highlight": false, "in_dn": false, "stock": false, "ei_raw": Value::Null,
    })
}

fn quantity(quarters: i64) -> Value {
    if quarters % 4 == 0 { Value::from(quarters / 4) } else { Value::from(quarters as f64 / 4.0) }
}

/// Half away from zero.
fn rounded(value: i64, by: i64) -> i64 {
    (value.abs() * 2 + by) / (by * 2) * value.signum()
}

fn no_payments() -> Payments {
    Payments { list: Vec::new(), next_due: Value::Null }
}

/// One to four instalments that add up to the total: paid, not paid, reversed, mixed.
fn payments(rng: &mut Rng, birth: &Birth<'_>, gross: i64) -> Payments {
    if rng.u8(..15) == 0 {
        return no_payments();
    }
    let count = *italy::pick(rng, &[1, 1, 2, 3, 4]);
    let share = gross / count;
    let mut found = no_payments();
    for place in 0..count {
        let amount = if place + 1 == count { gross - share * (count - 1) } else { share };
        let due = day(birth.date(), 30 * place);
        let status = *italy::pick(rng, &["paid", "paid", "not_paid", "not_paid", "reversed"]);
        if status == "not_paid" && found.next_due.is_null() {
            found.next_due = due.clone().into();
        }
        let paid = status == "paid";
        found.list.push(json!({
            "id": birth.id * 10 + place, "due_date": due, "amount": money(amount), "status": status,
            "payment_account": if paid { people::payment_account(rng) } else { Value::Null },
            "paid_date": if paid { Value::from(day(birth.date(), 30 * place + 3)) } else { Value::Null },
            "ei_raw": Value::Null, "payment_terms": {"days": 30 * place, "type": "standard"},
        }));
    }
    found
}

/// A received document in detailed form.
pub(crate) fn received(birth: &Birth<'_>, doc_type: &str) -> Value {
    let mut rng = birth.dice();
    let (items, totals) = items(&mut rng, birth.id);
    let payments = payments(&mut rng, birth, totals.net + totals.vat);
    let entity = people::entity(birth.seed, birth.partner.unwrap_or(birth.id + 1));
    let items: Vec<Value> = items.into_iter().map(received_item).collect();
    json!({
        "id": birth.id, "type": doc_type, "entity": entity, "date": birth.date(), "category": "servizi",
        "description": "Soggiorno di lavoro", "amount_net": money(totals.net), "amount_vat": money(totals.vat),
        "amount_withholding_tax": 0, "amount_other_withholding_tax": 0,
        "amount_gross": money(totals.net + totals.vat), "amortization": 1, "rc_center": "",
        "invoice_number": format!("{}/E", birth.ordinal), "is_marked": false, "is_detailed": true,
        "e_invoice": rng.bool(), "next_due_date": payments.next_due,
        "currency": {"id": "EUR", "symbol": "€", "exchange_rate": "1.00000", "html_symbol": "&euro;"},
        "tax_deductibility": 50, "vat_deductibility": 100,
        "items_list": items, "payments_list": payments.list,
        "attachment_url": format!("https://downloads.example.com/spesa/{:010}.pdf?ticket={TICKET}", birth.id),
        "attachment_preview_url": Value::Null, "extra_data": Value::Null, "auto_calculate": true, "locked": false,
        "created_at": birth.created_at, "updated_at": birth.updated_at,
        "ei_reception_date": Value::Null, "is_from_pending_expenses": false,
    })
}

fn received_item(item: Value) -> Value {
    json!({
        "id": item["id"], "product_id": item["product_id"], "code": item["code"], "name": item["name"],
        "measure": item["measure"], "net_price": item["net_price"], "category": item["category"],
        "qty": item["qty"], "vat": item["vat"], "stock": 0, "deductibility_vat_percentage": Value::Null,
    })
}
