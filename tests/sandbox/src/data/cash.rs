//! Entries of the cashbook: money that moved, and what repeats a document, an F24 or a receipt.

use serde_json::{Value, json};

use super::{Birth, money, reference};
use crate::italy;

/// An entry. Its id is text; some ids are digits alone. It has no times of creation and change.
pub(super) fn entry(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    let amount = money(rng.i64(100..2_000_000));
    let origin = birth.around.origin.filter(|_| rng.u8(..3) > 0);
    let kind = origin.map_or("cashbook", |(kind, _)| kind);
    let transfer = origin.is_none() && rng.u8(..6) == 0;
    let incoming = match kind {
        "issued_document" | "receipt" => true,
        "received_document" | "tax" => false,
        _ => rng.bool(),
    };
    let (into, out) = (incoming || transfer, !incoming || transfer);
    let one = reference::draw_account(&mut rng);
    let other = reference::draw_account(&mut rng);
    let nothing = if rng.bool() { Value::Null } else { 0.into() };
    let document =
        origin.map_or(Value::Null, |(kind, id)| json!({"id": id, "type": kind, "path": format!("/{kind}s/view/{id}")}));
    json!({
        "id": if origin.is_some() { format!("{kind}_{}", birth.id) } else { birth.id.to_string() },
        "date": birth.date(),
        "description": match kind {
            "issued_document" => format!("Fattura n. {}/2024", birth.ordinal),
            "tax" => "F24".to_owned(),
            "receipt" => "Corrispettivo".to_owned(),
            _ if transfer => "Giroconto".to_owned(),
            _ => (*italy::pick(&mut rng, &["Prelievo", "Versamento in banca", "Spese bancarie – 1º trim."])).to_owned(),
        },
        "kind": kind, "type": if incoming { "in" } else { "out" },
        "entity_name": if origin.is_some() { italy::company(&mut rng).into() } else { Value::Null },
        "document": document,
        "amount_in": if into { amount.clone() } else { nothing.clone() },
        "payment_account_in": if into { one } else { Value::Null },
        "amount_out": if out { amount } else { nothing },
        "payment_account_out": if out { other } else { Value::Null },
    })
}
