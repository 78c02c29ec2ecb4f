//! Lists that come whole: the cashbook between two days, price lists and their items, all `/info/…` lists. In: a request
//! with who asks. Out: `{"data": …}`, or a refusal.

use serde_json::{Map, Value};

use crate::answer::{Refusal, Reply};
use crate::asked::{Asked, no_record, unknown};
use crate::collection::{Collection, Key, Record, place};
use crate::faults::Fault;
use crate::id::Id;
use crate::list::{self, Setting};
use crate::paths::collection_of;
use crate::query;
use crate::quirks::Quirk;
use crate::resource::{self, Kind, Resource};
use crate::state::State;
use crate::view::{self, View};

/// Answers a list.
pub(crate) fn list(state: &mut State, asked: &Asked<'_>, resource: &'static Resource) -> Result<Reply, Refusal> {
    asked.get(parameters(resource))?;
    asked.need_list(resource, &state.quirks)?;
    let wanted = Wanted::read(asked, resource)?;
    let (collection, mut setting) = collection_of(state, asked, resource)?;
    if resource.kind == Kind::Name {
        return Ok(names(collection, &wanted, &setting));
    }
    let query = &asked.request.query;
    // Price lists and the cashbook know no fieldset: they show all that there is.
    let default = if matches!(resource.kind, Kind::Cashbook | Kind::PriceList) { View::Whole } else { View::Basic };
    let view = view::read(resource, query, default)?;
    let sort = asked.given("sort").map(|text| query::sort(resource, text, &setting)).transpose()?.unwrap_or_default();
    let order = collection.order(&sort);
    let hits: Vec<u32> = order.iter().copied().filter(|at| wanted.has(collection.at(*at))).collect();
    let rows = list::lie(&hits, setting.fault);
    Ok(Reply::data(&list::rows_of(collection, &rows, &view, &mut setting), rows.len()))
}

/// The parameters that the vendor's description has for a list.
fn parameters(resource: &Resource) -> &'static [&'static str] {
    match resource.kind {
        Kind::Cashbook => &["date_from", "date_to", "year", "type", "payment_account_id"],
        Kind::VatType => &["fieldset"],
        Kind::PaymentMethod | Kind::PaymentAccount => &["fields", "fieldset", "sort"],
        Kind::Name if resource.name == "product_categories" => &["context"],
        _ => &[],
    }
}

/// Which records of a list are wanted: keys by their place. Nothing set, all.
#[derive(Default)]
struct Wanted {
    /// From and to, both inclusive.
    days: Option<(usize, String, String)>,
    same: Vec<(usize, Key)>,
    /// One of these fields is the number.
    either: Option<(Vec<usize>, Key)>,
}

impl Wanted {
    fn read(asked: &Asked<'_>, resource: &Resource) -> Result<Wanted, Refusal> {
        let kind = resource.kind;
        let place = |field: &str| place(kind, field).ok_or_else(|| unknown(asked.request));
        let mut wanted = Wanted::default();
        if resource.name == "product_categories" {
            let context = asked.one_of("context", &["products", "issued_documents", "received_documents"])?;
            wanted.same.push((place("context")?, Key::Text(context.into())));
        }
        if kind != Kind::Cashbook {
            return Ok(wanted);
        }
        wanted.days = Some((place("date")?, day(asked, "date_from")?, day(asked, "date_to")?));
        whole_number(asked, "year")?;
        if let Some(way @ ("in" | "out")) = asked.maybe_one_of("type", &["all", "in", "out"])? {
            wanted.same.push((place("type")?, Key::Text(way.into())));
        }
        if let Some(account) = whole_number(asked, "payment_account_id")? {
            let places = vec![place("payment_account_in.id")?, place("payment_account_out.id")?];
            wanted.either = Some((places, Key::Number(account as f64)));
        }
        Ok(wanted)
    }

    fn has(&self, record: &Record) -> bool {
        let in_time = self.days.as_ref().is_none_or(|(place, from, to)| match record.key(*place) {
            Key::Text(date) => **date >= **from && **date <= **to,
            _ => false,
        });
        let either = self.either.as_ref().is_none_or(|(places, key)| places.iter().any(|at| record.key(*at) == key));
        in_time && either && self.same.iter().all(|(place, key)| record.key(*place) == key)
    }
}

/// A required parameter that is a day.
fn day(asked: &Asked<'_>, name: &str) -> Result<String, Refusal> {
    let given = asked.given(name).unwrap_or_default();
    match given.parse::<jiff::civil::Date>() {
        Ok(_) if given.len() == 10 => Ok(given.to_owned()),
        _ => Err(Refusal::invalid(name, format!("{name} is {:?}, not a day", asked.given(name)))),
    }
}

fn whole_number(asked: &Asked<'_>, name: &str) -> Result<Option<i64>, Refusal> {
    let wrong = |text: &str| Refusal::invalid(name, format!("{name} is {text:?}, not a number"));
    asked.given(name).map(|text| text.parse().map_err(|_| wrong(text))).transpose()
}

/// Lists of texts.
fn names(collection: &Collection, wanted: &Wanted, setting: &Setting<'_>) -> Reply {
    let hits = collection.records.iter().filter(|record| wanted.has(record));
    let names: Vec<Value> = hits.map(|record| record.value()["name"].take()).collect();
    let rows = list::lie(&names, setting.fault);
    Reply::data(&Value::from(rows.clone()).to_string(), rows.len())
}

/// What stands in a price list: an object, keyed by the products' ids.
pub(crate) fn items(state: &mut State, asked: &Asked<'_>, list: &str) -> Result<Reply, Refusal> {
    asked.get(&[])?;
    let resource = resource::named("price_list_items");
    asked.need_list(resource, &state.quirks)?;
    let known = collection_of(state, asked, resource::named("price_lists"))?.0.get(&Id::from(list)).is_some();
    if !known {
        return Err(no_record());
    }
    let (collection, setting) = collection_of(state, asked, resource)?;
    let prefix = format!("{list}/");
    let from = collection.records.partition_point(|item| item.id < Id::from(prefix.as_str()));
    let own =
        collection.records[from..].iter().take_while(|item| item.id.text().is_some_and(|id| id.starts_with(&prefix)));
    let rows = list::lie(&own.map(Record::value).collect::<Vec<Value>>(), setting.fault);
    let object: Map<String, Value> = rows.iter().map(item).collect();
    let empty = object.is_empty() && setting.has(&Quirk::EmptyObjectsAsLists);
    let data = if empty { "[]".to_owned() } else { Value::from(object).to_string() };
    Ok(Reply::data(&data, rows.len()))
}

/// A record of the list `price_list_items` as the service sends it.
fn item(record: &Value) -> (String, Value) {
    let mut members = record.as_object().cloned().unwrap_or_default();
    members.shift_remove("price_list_id");
    let product = members.shift_remove("product_id").unwrap_or_default();
    (product.to_string(), members.into())
}

/// Is the answer to be empty?
pub(crate) fn emptied(asked: &Asked<'_>) -> bool {
    asked.fault == Some(&Fault::EmptyPage)
}
