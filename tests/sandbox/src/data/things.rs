//! Products, till receipts, tax forms (F24) and archived documents.

use serde_json::{Value, json};

use super::{Birth, day, money, people, price};
use crate::italy;
use crate::shelf::TICKET;

/// A product in detailed form.
pub(crate) fn product(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    let units = rng.i64(10_000..50_000_000);
    let (rate, vat) = people::vat(&mut rng);
    let stocked = rng.bool();
    json!({
        "id": birth.id, "name": format!("{} n. {}", italy::company(&mut rng), birth.ordinal),
        "code": format!("P{:05}", birth.ordinal), "net_price": price(units),
        "gross_price": price(units + units * rate / 100), "use_gross_price": false, "default_vat": vat,
        "net_cost": if rng.bool() { price(units / 2) } else { Value::Null },
        "measure": *italy::pick(&mut rng, &["", "kg", "pz", "m²"]), "description": "Pregiato, fatto a mano",
        "category": *italy::pick(&mut rng, &["arredamento", "servizi", "caffè"]), "notes": people::notes(&mut rng),
        "in_stock": stocked, "stock_initial": if stocked { json!(10) } else { Value::Null },
        "stock_current": if stocked { json!(rng.u8(..50)) } else { Value::Null },
        "average_cost": Value::Null, "average_price": Value::Null,
        "created_at": birth.created_at, "updated_at": birth.updated_at,
    })
}

/// A till receipt in detailed form.
pub(crate) fn receipt(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    let (net, (rate, vat)) = (rng.i64(100..100_000), people::vat(&mut rng));
    let tax = net * rate / 100;
    let item = json!({
        "id": birth.id * 10, "amount_net": money(net), "amount_vat": money(tax), "amount_gross": money(net + tax),
        "category": "altro", "vat": vat,
    });
    json!({
        "id": birth.id, "date": birth.date(), "number": birth.ordinal, "numeration": "REC",
        "amount_net": money(net), "amount_vat": money(tax), "amount_gross": money(net + tax),
        "use_gross_prices": true, "type": if rng.bool() { "sales_receipt" } else { "till_receipt" },
        "description": "cassa 1", "rc_center": "", "created_at": birth.created_at, "updated_at": birth.updated_at,
        "payment_account": people::payment_account(&mut rng), "items_list": [item],
    })
}

/// A tax form (F24), which has no times of creation and change.
pub(crate) fn tax(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    json!({
        "id": birth.id, "due_date": day(birth.date(), 30),
        "status": *italy::pick(&mut rng, &["paid", "not_paid", "reversed"]),
        "payment_account": people::payment_account(&mut rng), "amount": money(rng.i64(100..1_000_000)),
        "attachment_url": format!("https://downloads.example.com/f24/{:010}.pdf?ticket={TICKET}", birth.id),
        "description": "PAGAMENTO IVA",
    })
}

/// An archived document, which has no times of creation and change.
pub(crate) fn archive(birth: &Birth<'_>) -> Value {
    json!({
        "id": birth.id, "date": birth.date(), "category": "Altri documenti",
        "description": format!("spesa {}", birth.ordinal),
        "attachment_url": format!("https://downloads.example.com/archive/{:010}.pdf?ticket={TICKET}", birth.id),
    })
}
