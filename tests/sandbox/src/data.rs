//! Makes records, deterministic from a seed and an id, in the service's detailed form with every documented
//! property. In: kind, id, times, what lies around. Out: a tree of JSON. The shapes are in the modules below.

mod amounts;
mod cash;
mod company;
mod documents;
mod issued;
mod payments;
mod people;
mod received;
mod reference;
mod things;

use fastrand::Rng;
use serde_json::Value;

pub(crate) use company::{info, permissions, tax_profile};
pub(crate) use documents::numeration;
pub(crate) use reference::standard;

use crate::collection::TICKET;
use crate::id::Id;
use crate::resource::{Kind, Resource};

/// What a new record is told.
pub(crate) struct Birth<'a> {
    pub(crate) seed: u64,
    pub(crate) id: i64,
    /// How many records the list has had: products and receipts are numbered by it.
    pub(crate) ordinal: i64,
    pub(crate) created_at: &'a str,
    pub(crate) updated_at: &'a str,
    /// The present day: what is due later is not paid yet.
    pub(crate) today: &'a str,
    /// Where files of the record are: the sandbox's own address, company and list.
    pub(crate) files: &'a str,
    pub(crate) around: Around,
}

/// Other records that this one may point at.
#[derive(Debug, Default)]
pub(crate) struct Around {
    /// A client or supplier that the document may be for.
    pub(crate) partner: Option<i64>,
    pub(crate) products: Vec<i64>,
    /// A quote that an invoice may come from, or a document that an entry of the cashbook may repeat.
    pub(crate) origin: Option<(&'static str, i64)>,
    pub(crate) price_list: Option<String>,
    /// The document's number in its series.
    pub(crate) number: i64,
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

    /// The temporary address of a file of the record.
    fn link(&self, member: &str) -> Value {
        format!("{}/{member}/{:010}.pdf?ticket={TICKET}", self.files, self.id).into()
    }
}

fn dice(seed: u64, id: i64) -> Rng {
    Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ id as u64)
}

/// A new record of a list.
pub(crate) fn make(resource: &Resource, birth: &Birth<'_>) -> Value {
    let doc_type = resource.doc_type.unwrap_or_default();
    match resource.kind {
        Kind::Client => people::client(birth),
        Kind::Supplier => people::supplier(birth),
        Kind::Product => things::product(birth),
        Kind::Issued => issued::issued(birth, doc_type),
        Kind::Received => received::received(birth, doc_type),
        Kind::Pending => received::pending(birth),
        Kind::Receipt => things::receipt(birth),
        Kind::Tax => things::tax(birth),
        Kind::Archive => things::archive(birth),
        Kind::Email => things::email(birth),
        Kind::Cashbook => cash::entry(birth),
        Kind::PriceList => reference::price_list(birth),
        Kind::PriceListItem => reference::price_list_item(birth),
        Kind::VatType => reference::vat_type(birth),
        Kind::PaymentMethod => reference::payment_method(birth),
        Kind::PaymentAccount => reference::payment_account(birth),
        Kind::Name => reference::name(birth, resource.name),
        Kind::Numeration => documents::series(birth),
        Kind::Company => Value::Null,
    }
}

/// The id of a record, as its members say it.
pub(crate) fn id_of(kind: Kind, record: &Value) -> Option<Id> {
    let text = |members: &[&str]| {
        let parts = members.iter().map(|member| match &record[*member] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        Some(Id::from(parts.collect::<Vec<_>>().join("/")))
    };
    match kind {
        Kind::Name if record["context"].is_null() => text(&["name"]),
        Kind::Name => text(&["context", "name"]),
        Kind::PriceListItem => text(&["price_list_id", "product_id"]),
        Kind::Numeration => text(&["resource", "year", "numeration"]),
        _ => Id::of_json(&record["id"]),
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

/// Half away from zero.
fn rounded(value: i128, by: i128) -> i64 {
    let (value, by) = if by < 0 { (-value, -by) } else { (value, by) };
    ((value.abs() * 2 + by) / (by * 2) * value.signum()) as i64
}

/// A date moved by days.
fn day(date: &str, days: i64) -> String {
    date.parse::<jiff::civil::Date>()
        .map(|date| date.saturating_add(jiff::Span::new().days(days)).to_string())
        .unwrap_or_else(|_| date.to_owned())
}

#[cfg(test)]
mod tests;
