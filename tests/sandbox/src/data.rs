//! Makes records, deterministic from a seed and an id, in the service's detailed form with every documented
//! property. In: kind, id, times. Out: a tree of JSON. The shapes of one kind each are in the modules below.

mod documents;
mod people;
mod things;

use fastrand::Rng;
use serde_json::Value;

use crate::resource::{Kind, Resource};

/// What a new record is told.
pub(crate) struct Birth<'a> {
    pub(crate) seed: u64,
    pub(crate) id: i64,
    /// How many records the list has had: documents are numbered by it.
    pub(crate) ordinal: i64,
    pub(crate) created_at: &'a str,
    pub(crate) updated_at: &'a str,
    /// A client or supplier that the document may be for.
    pub(crate) partner: Option<i64>,
}

impl Birth<'_> {
    /// A generator of the record's own, so that data do not depend on the order in which records are made.
    fn dice(&self) -> Rng {
        dice(self.seed, self.id)
    }

    /// The local date of creation.
    fn date(&self) -> &str {
        self.created_at.get(..10).unwrap_or(self.created_at)
    }
}

fn dice(seed: u64, id: i64) -> Rng {
    Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ id as u64)
}

/// A new record of a list.
pub(crate) fn make(resource: &Resource, birth: &Birth<'_>) -> Value {
    match resource.kind {
        Kind::Client => people::client(birth),
        Kind::Supplier => people::supplier(birth),
        Kind::Product => things::product(birth),
        Kind::Issued => documents::issued(birth, resource.doc_type.unwrap_or_default()),
        Kind::Received => documents::received(birth, resource.doc_type.unwrap_or_default()),
        Kind::Receipt => things::receipt(birth),
        Kind::Tax => things::tax(birth),
        Kind::Archive => things::archive(birth),
    }
}

/// An amount in cents as the service writes it: `75` and `68.18`.
fn money(cents: i64) -> Value {
    if cents % 100 == 0 { Value::from(cents / 100) } else { Value::from(cents as f64 / 100.0) }
}

/// A unit price in hundred-thousandths: up to five decimals.
fn price(units: i64) -> Value {
    if units % 100_000 == 0 { Value::from(units / 100_000) } else { Value::from(units as f64 / 100_000.0) }
}

/// A date moved by days.
fn day(date: &str, days: i64) -> String {
    date.parse::<jiff::civil::Date>()
        .map(|date| date.saturating_add(jiff::Span::new().days(days)).to_string())
        .unwrap_or_else(|_| date.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::RESOURCES;

    fn birth(id: i64) -> Birth<'static> {
        let stamp = "2024-03-05 10:00:00";
        Birth { seed: 1, id, ordinal: id, created_at: stamp, updated_at: stamp, partner: Some(9) }
    }

    fn cents(value: &Value) -> i64 {
        (value.as_f64().unwrap_or(f64::NAN) * 100.0).round() as i64
    }

    #[test]
    fn a_seed_and_an_id_always_make_the_same_record() {
        for resource in RESOURCES {
            assert_eq!(make(resource, &birth(5)), make(resource, &birth(5)), "{}", resource.name);
            assert_ne!(make(resource, &birth(5)), make(resource, &birth(6)), "{}", resource.name);
            assert_eq!(make(resource, &birth(5))["id"], 5);
        }
    }

    #[test]
    fn net_and_vat_make_gross_and_payments_make_the_total() {
        let (mut negative, mut mixed, mut whole, mut decimals) = (false, false, false, false);
        for id in 1..400 {
            let invoice = make(&RESOURCES[3], &birth(id));
            let gross = cents(&invoice["amount_gross"]);
            assert_eq!(cents(&invoice["amount_net"]) + cents(&invoice["amount_vat"]), gross);
            let payments = invoice["payments_list"].as_array().expect("payments");
            if !payments.is_empty() {
                assert_eq!(payments.iter().map(|payment| cents(&payment["amount"])).sum::<i64>(), gross);
            }
            negative |= gross < 0;
            mixed |= payments.iter().any(|payment| payment["status"] != payments[0]["status"]);
            whole |= invoice["amount_gross"].is_i64();
            decimals |= invoice["items_list"][0]["net_price"].to_string().len() > 7;
        }
        assert!(negative && mixed && whole && decimals, "{negative} {mixed} {whole} {decimals}");
    }
}
