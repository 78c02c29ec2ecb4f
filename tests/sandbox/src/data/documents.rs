//! What issued and received documents share: currency, numbering, merging of members.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{Birth, dice};
use crate::resource::all_issued;

pub(super) fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Mostly euros; the rate of others is text, "1 EUR = so many".
pub(super) fn currency(rng: &mut Rng) -> Value {
    match rng.u8(..24) {
        0 => json!({"id": "USD", "symbol": "$", "exchange_rate": "1.08450", "html_symbol": "&#36;"}),
        1 => json!({"id": "CHF", "symbol": "CHF", "exchange_rate": "0.94120", "html_symbol": "CHF"}),
        2 => json!({"id": "EUR", "symbol": "€", "exchange_rate": Value::Null, "html_symbol": "&euro;"}),
        _ => json!({"id": "EUR", "symbol": "€", "exchange_rate": "1.00000", "html_symbol": "&euro;"}),
    }
}

/// The numeration of an issued document; delivery notes have none.
pub(crate) fn numeration(seed: u64, id: i64, doc_type: &str) -> &'static str {
    if doc_type == "delivery_note" {
        return "";
    }
    const NUMERATIONS: [&str; 4] = ["", "", "/A", "/PA"];
    NUMERATIONS[dice(seed ^ 0x004E_554D, id).usize(..NUMERATIONS.len())]
}

/// A numeration that no document has used yet; the service shows some with null instead of a number.
pub(super) fn series(birth: &Birth<'_>) -> Value {
    let mut rng = birth.dice();
    let resources: Vec<&str> = all_issued().map(|resource| resource.name).collect();
    let year: i64 = birth.date().get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    json!({
        "resource": resources[birth.id as usize % resources.len()], "year": year,
        "numeration": format!("/X{}", birth.id),
        "next_number": if rng.u8(..4) == 0 { Value::Null } else { rng.i64(1..50).into() },
    })
}
