//! Lists without stamps, and what is put together from several answers.
//!
//! In: a resource type and a part of its list. Out: its records, some of which have no id of their own: then one is made of
//! what tells them apart. One request each but for the company; which parts there are is `sync`'s.

use super::pages::{List, Sort};
use super::{Answer, Api, ApiError, Unreadable};
use crate::record::{Id, Record};
use crate::resource::{self, Kind, Parts, Resource, Shape};
use crate::window::Window;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is counted of a plan (documentation, "Get Company Plan Usage").
const USAGES: [&str; 4] = ["clients", "suppliers", "products", "documents"];

#[derive(Deserialize)]
struct Body {
    data: Option<Box<RawValue>>,
}

impl Api {
    /// The records of one answer, in the order of the service.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub fn answer(
        &self,
        resource: &Resource,
        path: &str,
        query: &[(&str, String)],
        shape: Shape,
        part: Option<&str>,
    ) -> Result<Vec<Record>, ApiError> {
        self.get(&self.of_company(path), query, |answer| Ok(records(resource, &data(answer)?, shape, part)?))
    }

    /// The company, with its tax profile where the token may read it, and how much of its plan is used.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub fn company(&self, resource: &Resource) -> Result<Record, ApiError> {
        let mut company = self.object("/company/info", &[])?;
        match self.object("/settings/tax_profile", &[]) {
            Ok(profile) => drop(company.insert("tax_profile".to_owned(), Value::Object(profile))),
            Err(ApiError::Scope(_)) => {}
            Err(error) => return Err(error),
        }
        let mut usage = serde_json::Map::new();
        for category in USAGES {
            let found = self.object("/company/plan_usage", &[("category", category.to_owned())])?;
            usage.insert(category.to_owned(), found.get("usage").cloned().unwrap_or(Value::Null));
        }
        company.insert("usage".to_owned(), Value::Object(usage));
        // Of the token's own secret nothing is kept.
        company.remove("access_token");
        made(resource, None, &Value::Object(company)).map_err(ApiError::Malformed)
    }

    fn object(&self, path: &str, query: &[(&str, String)]) -> Result<serde_json::Map<String, Value>, ApiError> {
        self.get(&self.of_company(path), query, |answer| {
            serde_json::from_str(data(answer)?.get()).map_err(|e| Unreadable::Malformed(format!("no object ({e})")))
        })
    }

    /// Asks whether the token may read a resource type, for as little as may be.
    ///
    /// # Errors
    /// [`ApiError::Scope`] when it may not.
    pub fn may_read(&self, resource: &Resource, now: Timestamp) -> Result<(), ApiError> {
        let Kind::Whole(whole) = resource.list.kind else { return self.count(resource, &Window::default()).map(drop) };
        let path = resource.list.path;
        let first =
            |parameter: &'static str, values: &[&'static str]| (parameter, values.first().copied().unwrap_or_default());
        match whole.parts {
            Parts::Pages(_) => self.count(resource, &Window::default()).map(drop),
            Parts::PagesOf { parameter, values, .. } => {
                let part = Some(first(parameter, values));
                let list = List { resource, window: Window::default(), sort: Sort::None, page: 1, part };
                self.page(&list).map(drop)
            }
            Parts::AnswerOf { parameter, values, shape, .. } => {
                let (parameter, value) = first(parameter, values);
                self.answer(resource, path, &[(parameter, value.to_owned())], shape, Some(value)).map(drop)
            }
            Parts::Years => {
                let today = now.strftime("%Y-%m-%d").to_string();
                let query = [("date_from", today.clone()), ("date_to", today)];
                self.answer(resource, path, &query, Shape::Records, None).map(drop)
            }
            Parts::DetailedAnswer => {
                let query = [("fieldset", "basic".to_owned())];
                self.answer(resource, path, &query, Shape::Records, None).map(drop)
            }
            Parts::Answer(shape) => self.answer(resource, path, &[], shape, None).map(drop),
            Parts::OfEach { .. } => self.answer(resource, path, &[], Shape::Records, None).map(drop),
            Parts::Company => self.object(path, &[]).map(drop),
        }
    }
}

fn data(answer: &Answer) -> Result<Box<RawValue>, Unreadable> {
    let body: Body = serde_json::from_str(&answer.body).map_err(|e| format!("not the JSON of a list ({e})"))?;
    body.data.ok_or_else(|| Unreadable::Malformed("an answer without data".to_owned()))
}

/// The records in the `data` of an answer. `part` is the value that the list was asked for.
fn records(resource: &Resource, data: &RawValue, shape: Shape, part: Option<&str>) -> Result<Vec<Record>, String> {
    let unreadable = |e: serde_json::Error| format!("{} that cannot be read ({e})", resource.name);
    match shape {
        Shape::Records => {
            let records: Option<Vec<Box<RawValue>>> = serde_json::from_str(data.get()).map_err(unreadable)?;
            records.unwrap_or_default().into_iter().map(|raw| Record::new(raw, resource.table.form)).collect()
        }
        Shape::Texts => {
            let names: Option<Vec<String>> = serde_json::from_str(data.get()).map_err(unreadable)?;
            let mut names = names.unwrap_or_default();
            names.sort_unstable();
            names.dedup();
            names.iter().map(|name| text(resource, part, name)).collect()
        }
        Shape::ByProduct => {
            let items: Value = serde_json::from_str(data.get()).map_err(unreadable)?;
            let Value::Object(items) = items else { return Ok(Vec::new()) };
            items.into_iter().map(|(product, item)| price(resource, part, &product, item)).collect()
        }
        Shape::Numerations => numerations(resource, data, part).map_err(unreadable)?,
    }
}

/// A text of a list is a record with its name alone.
fn text(resource: &Resource, context: Option<&str>, name: &str) -> Result<Record, String> {
    let id = context.map_or_else(|| name.to_owned(), |context| format!("{context}/{name}"));
    made(resource, Some(id), &json!({ "list": resource.name, "context": context, "name": name }))
}

/// The price of a product on a price list: an object under the product's id.
fn price(resource: &Resource, list: Option<&str>, product: &str, item: Value) -> Result<Record, String> {
    let list = list.unwrap_or_default();
    let number = product.parse::<i64>().map_or_else(|_| json!(product), |number| json!(number));
    let mut record = json!({ "price_list_id": list, "product_id": number });
    if let (Value::Object(record), Value::Object(item)) = (&mut record, item) {
        record.extend(item);
    }
    made(resource, Some(format!("{list}/{product}")), &record)
}

/// The next number of each series of a document type.
fn numerations(
    resource: &Resource,
    data: &RawValue,
    document_type: Option<&str>,
) -> serde_json::Result<Result<Vec<Record>, String>> {
    #[derive(Deserialize)]
    struct Info {
        numerations: Option<Value>,
    }
    let info: Option<Info> = serde_json::from_str(data.get())?;
    let years: BTreeMap<String, Value> = match info.and_then(|info| info.numerations) {
        Some(years @ Value::Object(_)) => serde_json::from_value(years)?,
        _ => BTreeMap::new(),
    };
    let name = document_type.and_then(resource::of_document_type).map_or("", |r| r.name);
    let mut records = Vec::new();
    for (year, series) in &years {
        for (numeration, next) in series.as_object().into_iter().flatten() {
            let year: Value = year.parse::<i64>().map_or_else(|_| json!(year), |year| json!(year));
            let record = json!({ "resource": name, "year": year, "numeration": numeration, "next_number": next });
            records.push(made(resource, Some(format!("{name}/{year}/{numeration}")), &record));
        }
    }
    Ok(records.into_iter().collect())
}

/// A record that is put together here, with an id of its own where it has none.
fn made(resource: &Resource, id: Option<String>, record: &Value) -> Result<Record, String> {
    let raw = serde_json::value::to_raw_value(record).map_err(|e| e.to_string())?;
    match id {
        Some(id) => Record::with_id(raw, resource.table.form, &Id::Text(id)),
        None => Record::new(raw, resource.table.form),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, data: &str, shape: Shape, part: Option<&str>) -> Vec<(String, Value)> {
        let resource = resource::by_name(name).expect("a resource type");
        let data = RawValue::from_string(data.to_owned()).expect("JSON");
        let records = records(resource, &data, shape, part).expect("records");
        records.iter().map(|r| (r.id.to_string(), serde_json::from_str(r.raw.get()).expect("JSON"))).collect()
    }

    #[test]
    fn each_shape_becomes_records() {
        let names = read("product_categories", r#"["Arredo", "Alimentari", "Arredo"]"#, Shape::Texts, Some("products"));
        let name = |name: &str| json!({ "list": "product_categories", "context": "products", "name": name });
        assert_eq!(
            names,
            [("products/Alimentari".to_owned(), name("Alimentari")), ("products/Arredo".to_owned(), name("Arredo"))]
        );
        assert_eq!(read("cost_centers", "null", Shape::Texts, None), []);
        let items = read("price_list_items", r#"{"7": {"price": 3.5}}"#, Shape::ByProduct, Some("10"));
        assert_eq!(items, [("10/7".to_owned(), json!({ "price_list_id": "10", "product_id": 7, "price": 3.5 }))]);
        let info = r#"{"numerations": {"2026": {"": 12, "/A": null}}, "dn_numerations": {}}"#;
        let series = |numeration: &str, next: Value| json!({ "resource": "invoices", "year": 2026, "numeration": numeration, "next_number": next });
        assert_eq!(
            read("numerations", info, Shape::Numerations, Some("invoice")),
            [
                ("invoices/2026/".to_owned(), series("", json!(12))),
                ("invoices/2026//A".to_owned(), series("/A", Value::Null))
            ]
        );
        assert_eq!(read("numerations", r#"{"numerations": []}"#, Shape::Numerations, Some("invoice")), []);
    }
}
