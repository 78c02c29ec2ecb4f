//! Received documents, and those that wait to be registered.

use serde_json::{Value, json};

use super::amounts::{Extras, Totals, lines};
use super::documents::currency;
use super::{Birth, day, money, payments, people, reference};
use crate::italy;

/// A received document in detailed form.
pub(super) fn received(birth: &Birth<'_>, doc_type: &str) -> Value {
    let mut rng = birth.dice();
    let entity = people::entity(birth.seed, birth.around.partner.unwrap_or(birth.id + 1));
    let lines = lines(&mut rng, birth.id, &birth.around.products, doc_type == "expense");
    let totals = Totals::of(&lines, &Extras::draw(&mut rng));
    let (withheld, other) = totals.withheld();
    let mut payments = payments::draw(&mut rng, birth, totals.due(false));
    for payment in &mut payments.list {
        // Only issued documents have it.
        payment.as_object_mut().map(|payment| payment.shift_remove("ei_raw"));
    }
    let detailed = rng.u8(..5) > 0;
    let items: Vec<Value> =
        if detailed { lines.iter().map(|line| item(&mut rng, &line.value)).collect() } else { Vec::new() };
    json!({
        "id": birth.id, "type": doc_type, "entity": entity, "date": birth.date(),
        "category": *italy::pick(&mut rng, &reference::EXPENSE_CATEGORIES),
        "description": *italy::pick(&mut rng, &["Soggiorno di lavoro", "Assicurazione RCA", "Fornitura caffè"]),
        "amount_net": money(totals.net), "amount_vat": money(totals.vat),
        "amount_withholding_tax": money(withheld), "amount_other_withholding_tax": money(other),
        "amount_gross": money(totals.gross()), "amortization": if rng.u8(..12) == 0 { 5 } else { 1 },
        "rc_center": if rng.u8(..4) == 0 { *italy::pick(&mut rng, &reference::CENTERS) } else { "" },
        "invoice_number": format!("{}/E", birth.ordinal), "is_marked": false, "is_detailed": detailed,
        "e_invoice": rng.bool(), "next_due_date": payments.next_due, "currency": currency(&mut rng),
        "tax_deductibility": *italy::pick(&mut rng, &[100, 100, 50, 20]),
        "vat_deductibility": *italy::pick(&mut rng, &[100, 100, 40, 0]),
        "items_list": items, "payments_list": payments.list, "attachment_url": birth.link("attachment_url"),
        "attachment_preview_url": Value::Null, "extra_data": Value::Null, "auto_calculate": true, "locked": false,
        "created_at": birth.created_at, "updated_at": birth.updated_at,
        "ei_reception_date": Value::Null, "is_from_pending_expenses": false,
    })
}

fn item(rng: &mut fastrand::Rng, line: &Value) -> Value {
    let part = if rng.u8(..6) == 0 { (*italy::pick(rng, &[0, 40, 50])).into() } else { Value::Null };
    json!({
        "id": line["id"], "product_id": line["product_id"], "code": line["code"], "name": line["name"],
        "measure": line["measure"], "net_price": line["net_price"], "category": line["category"],
        "qty": line["qty"], "vat": line["vat"], "stock": 0, "deductibility_vat_percentage": part,
    })
}

/// A document that was received and is not registered yet. It has no times of creation and change.
pub(super) fn pending(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    let source = *italy::pick(&mut rng, &["agyo", "agyo", "mail", "browser"]);
    let (net, vat) = (rng.i64(1_000..500_000), rng.i64(0..3) * 1_100);
    let read = source == "agyo";
    let payment = json!({
        "amount": money(net + vat), "due_date": day(birth.date(), 30), "paid_date": Value::Null,
        "payment_terms": {"days": 30, "type": "standard"}, "status": "not_paid", "paid_with_ts_pay": false,
        "payment_account": Value::Null,
    });
    let extra = json!([{"filename": "condizioni generali.pdf", "attachment": ""}]);
    let extracted = json!({"mining": {"save_entity": true}});
    json!({
        "id": birth.id, "date": birth.date(), "subject": if read { "Fornitura di energia – bimestre" } else { "Fwd: fattura" },
        "filename": format!("IT{:011}_{:05}.{}", birth.id, birth.ordinal, if read { "xml" } else { "pdf" }),
        "type": source, "attachment_url": birth.link("attachment_url"),
        "amount_gross": if read { money(net + vat) } else { Value::Null }, "currency": currency(&mut rng),
        "document_type": *italy::pick(&mut rng, &["expense", "expense", "expense", "passive_credit_note"]),
        "supplier_name": if read { italy::company(&mut rng).into() } else { Value::Null },
        "cost_center": if rng.u8(..4) == 0 { "Milano".into() } else { Value::Null },
        "category": if rng.bool() { Value::from("Utenze") } else { "".into() },
        "other_attachments": if rng.u8(..4) == 0 { extra } else { json!([]) },
        "emssion_date": day(birth.date(), -3),
        "payments_list": if read { vec![payment] } else { Vec::new() },
        "amount_net": if read { money(net) } else { Value::Null }, "amount_vat": if read { money(vat) } else { Value::Null },
        "import_error": if rng.u8(..10) == 0 { "Fornitore non trovato".into() } else { Value::Null },
        "extracted_data": if read { Value::Null } else { extracted },
    })
}
