//! Products, till receipts, tax forms (F24), archived documents and e-mails.

use serde_json::{Value, json};

use super::{Birth, day, money, people, price, reference};
use crate::italy;

/// A product in detailed form.
pub(super) fn product(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    let units = rng.i64(10_000..50_000_000);
    let kind = reference::draw_vat(&mut rng);
    let stocked = rng.bool();
    json!({
        "id": birth.id, "name": format!("{} n. {}", italy::company(&mut rng), birth.ordinal),
        "code": format!("P{:05}", birth.ordinal), "net_price": price(units),
        "gross_price": price(units + units * kind.rate / 100), "use_gross_price": false, "default_vat": kind.whole(),
        "net_cost": if rng.bool() { price(units / 2) } else { Value::Null },
        "measure": *italy::pick(&mut rng, &["", "kg", "pz", "m²"]), "description": "Pregiato, fatto a mano",
        "category": *italy::pick(&mut rng, &reference::CATEGORIES), "notes": people::notes(&mut rng),
        "in_stock": stocked, "stock_initial": if stocked { json!(10) } else { Value::Null },
        "stock_current": if stocked { json!(rng.u8(..50)) } else { Value::Null },
        "average_cost": if stocked { price(units / 2) } else { Value::Null }, "average_price": Value::Null,
        "created_at": birth.created_at, "updated_at": birth.updated_at,
    })
}

/// A till receipt in detailed form: one to three rates.
pub(super) fn receipt(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    let (mut net, mut tax) = (0, 0);
    let items: Vec<Value> = (0..rng.i64(1..4))
        .map(|place| {
            let (amount, kind) = (rng.i64(100..100_000), reference::draw_vat(&mut rng));
            let vat = amount * kind.rate / 100;
            (net, tax) = (net + amount, tax + vat);
            json!({
                "id": birth.id * 10 + place, "amount_net": money(amount), "amount_vat": money(vat),
                "amount_gross": money(amount + vat), "category": "altro", "vat": kind.whole(),
            })
        })
        .collect();
    json!({
        "id": birth.id, "date": birth.date(), "number": birth.ordinal, "numeration": "REC",
        "amount_net": money(net), "amount_vat": money(tax), "amount_gross": money(net + tax),
        "use_gross_prices": true, "type": if rng.bool() { "sales_receipt" } else { "till_receipt" },
        "description": "cassa 1", "rc_center": if rng.u8(..4) == 0 { "Milano" } else { "" },
        "created_at": birth.created_at, "updated_at": birth.updated_at,
        "payment_account": reference::draw_account(&mut rng), "items_list": items,
    })
}

/// A tax form (F24), which has no times of creation and change.
pub(super) fn tax(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    let attached = rng.u8(..4) > 0;
    json!({
        "id": birth.id, "due_date": day(birth.date(), 30),
        "status": *italy::pick(&mut rng, &["paid", "paid", "not_paid", "reversed"]),
        "payment_account": reference::draw_account(&mut rng), "amount": money(rng.i64(100..1_000_000)),
        "attachment_url": if attached { birth.link("attachment_url") } else { Value::Null },
        "description": *italy::pick(&mut rng, &["PAGAMENTO IVA", "RITENUTE 1040", "SALDO IRES"]),
    })
}

/// An archived document, which has no times of creation and change.
pub(super) fn archive(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    json!({
        "id": birth.id, "date": birth.date(), "category": *italy::pick(&mut rng, &reference::ARCHIVE_CATEGORIES),
        "description": format!("spesa {}", birth.ordinal), "attachment_url": birth.link("attachment_url"),
    })
}

/// An e-mail that was sent, with its HTML; now and then a long one.
pub(super) fn email(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    let status = *italy::pick(&mut rng, &["sent", "sent", "sent", "sent", "sending", "pending"]);
    let sent = status == "sent";
    let failed = rng.u8(..12) == 0;
    let seen = *italy::pick(&mut rng, &["unknown", "document_opened", "email_opened"]);
    let body = "<p>Gentile cliente, in allegato la fattura. <b>Perché no?</b></p>\n".repeat(rng.usize(1..8));
    let long = if rng.u8(..50) == 0 { 200 } else { 1 };
    let attachment = json!({"filename": format!("Fattura {}.pdf", birth.ordinal), "url": birth.link("attachments")});
    json!({
        "id": birth.id, "status": status, "sent_date": if sent { birth.created_at.into() } else { Value::Null },
        "errors_count": i64::from(failed), "error_log": if failed { "550 casella piena" } else { "" },
        "from_email": "mario.rossi@example.com", "from_name": "Rossi S.r.l.",
        "to_email": format!("cliente{}@example.com", birth.ordinal), "to_name": italy::company(&mut rng),
        "subject": format!("Fattura n. {} – Rossi S.r.l.", birth.ordinal), "content": body.repeat(long),
        "copy_to": "", "recipient_status": if sent { seen } else { "unknown" },
        "recipient_date": if sent && seen != "unknown" { day(birth.date(), 1).into() } else { Value::Null },
        "kind": *italy::pick(&mut rng, &["Fatture", "Preventivi", "Solleciti"]),
        "attachments": if rng.u8(..4) > 0 { vec![attachment] } else { Vec::new() },
    })
}
