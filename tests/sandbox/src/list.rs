//! Answers lists in pages: filters, sorts, cuts a page, wraps it in the vendor's envelope. In: a list and the decoded
//! query, which `query.rs` reads. Out: the answer, or a refusal. Knows neither tokens nor quotas.

use fastrand::Rng;
use serde_json::{Value, json};

use crate::answer::{Refusal, Reply};
use crate::collection::{Collection, Record, SortKey, compare, place};
use crate::faults::Fault;
use crate::query::{self, Ask};
use crate::quirks::Quirk;
use crate::resource::{Kind, Resource};
use crate::view::{self, Looks, View};

/// What lies around an answer.
pub(crate) struct Setting<'a> {
    pub(crate) quirks: &'a [Quirk],
    pub(crate) fault: Option<&'a Fault>,
    /// The API's base and the company's list, for whole URLs.
    pub(crate) url: &'a str,
    pub(crate) dice: &'a mut Rng,
    /// The sandbox's present, in seconds: a ticket says when it was given.
    pub(crate) now: i64,
}

impl Setting<'_> {
    pub(crate) fn has(&self, quirk: &Quirk) -> bool {
        self.quirks.contains(quirk)
    }
}

/// Answers a list.
pub(crate) fn page(
    collection: &mut Collection,
    query: &[(String, String)],
    setting: &mut Setting<'_>,
) -> Result<Reply, Refusal> {
    let ask = query::read(collection.resource, query, setting)?;
    let mut hits = select(collection, &ask, setting);
    let from = (ask.page - 1).saturating_mul(ask.per_page).min(hits.len());
    let to = (from + ask.per_page).min(hits.len());
    if !ask.sort.is_empty() && !setting.has(&Quirk::KeepTies) {
        shuffle_ties(collection, &ask.sort, &mut hits, from, to, setting.dice);
    }
    let total = if setting.fault == Some(&Fault::EmptyPage) { 0 } else { hits.len() };
    let rows = lie(&hits[from..to], setting.fault);
    let data = rows_of(collection, &rows, &ask.view, setting);
    let more = aggregate(collection, &hits);
    let mut body = envelope(&ask, total, to - from, &data, collection.resource.path, setting);
    body.push_str(&more);
    let mut reply = Reply::text(200, body);
    reply.records = rows.len();
    Ok(reply)
}

/// The records at these positions as a JSON list.
pub(crate) fn rows_of(collection: &Collection, rows: &[u32], view: &View, setting: &mut Setting<'_>) -> String {
    let kind = collection.resource.kind;
    let looks = looks(collection.resource, view, setting);
    let mut data = String::with_capacity(rows.len() * 4000 + 2);
    data.push('[');
    for (row, position) in rows.iter().enumerate() {
        if row > 0 {
            data.push(',');
        }
        let record = collection.at(*position);
        if row == 0 && setting.fault == Some(&Fault::NoId) {
            view::show(record, kind, view, &Looks { without: &["id"], ..looks.clone() }, &mut data);
        } else {
            view::show(record, kind, view, &looks, &mut data);
        }
    }
    data.push(']');
    data
}

/// What closes the page: for F24 the sum of all that match, as text.
fn aggregate(collection: &Collection, hits: &[u32]) -> String {
    let amount = match (collection.resource.kind, place(collection.resource.kind, "amount")) {
        (Kind::Tax, Some(place)) => place,
        _ => return "}".to_owned(),
    };
    let sum: f64 = hits.iter().map(|position| collection.at(*position).key(amount).number()).sum();
    format!(r#","aggregated_data":{{"amount":"{sum:.2}"}}}}"#)
}

/// Positions of all matching records in the order asked for.
fn select(collection: &mut Collection, ask: &Ask, setting: &Setting<'_>) -> Vec<u32> {
    let sort: &[SortKey] = if setting.fault == Some(&Fault::Unsorted) { &[] } else { &ask.sort };
    let order = collection.order(sort);
    let tester = ask.filter.as_ref().filter(|_| setting.fault != Some(&Fault::FilterIgnored));
    let place = place(collection.resource.kind, "type");
    let from_there = |record: &Record| match (&ask.source, place) {
        (Some(source), Some(place)) => record.key(place) == source,
        _ => true,
    };
    if tester.is_none() && ask.source.is_none() {
        return order.to_vec();
    }
    let wanted = |record: &Record| from_there(record) && tester.is_none_or(|tester| tester.matches(record));
    order.iter().copied().filter(|position| wanted(collection.at(*position))).collect()
}

/// Gives tied records a new order, where a tie touches the page.
fn shuffle_ties(collection: &Collection, sort: &[SortKey], hits: &mut [u32], from: usize, to: usize, dice: &mut Rng) {
    let tied = |hits: &[u32], one: usize, two: usize| {
        compare(sort, collection.at(hits[one]), collection.at(hits[two])).is_eq()
    };
    let mut start = from;
    while start > 0 && start < hits.len() && tied(hits, start - 1, start) {
        start -= 1;
    }
    while start < to {
        let mut end = start + 1;
        while end < hits.len() && tied(hits, start, end) {
            end += 1;
        }
        dice.shuffle(&mut hits[start..end]);
        start = end;
    }
}

/// What a lie leaves of the rows of an answer.
pub(crate) fn lie<T: Clone>(rows: &[T], fault: Option<&Fault>) -> Vec<T> {
    let mut rows = rows.to_vec();
    match fault {
        Some(Fault::EmptyPage) => rows.clear(),
        Some(Fault::ShortPage(missing)) => rows.truncate(rows.len().saturating_sub(*missing)),
        Some(Fault::RepeatedRow) => {
            let first = rows.first().cloned();
            if let (Some(last), Some(first)) = (rows.last_mut(), first) {
                *last = first;
            }
        }
        _ => {}
    }
    rows
}

/// How one answer's records look.
pub(crate) fn looks(resource: &Resource, view: &View, setting: &mut Setting<'_>) -> Looks {
    let kind = resource.kind;
    let documents = matches!(kind, Kind::Issued | Kind::Received);
    let whole = documents && *view == View::Whole;
    let nulls: &[&str] = if whole && setting.has(&Quirk::NullLists) { &["items_list", "payments_list"] } else { &[] };
    let without: &[&str] =
        if whole && setting.has(&Quirk::NoStampsInLists) { &["created_at", "updated_at"] } else { &[] };
    let without = if setting.has(&Quirk::WithoutId(resource.name)) { &["id"] } else { without };
    Looks { ticket: ticket(setting), turn_keys: turn_keys(setting), nulls, without }
}

/// A new ticket for download addresses, or always the same.
pub(crate) fn ticket(setting: &mut Setting<'_>) -> String {
    match setting.has(&Quirk::StableUrls) {
        true => "0".to_owned(),
        false => format!("{:x}-{:08x}", setting.now, setting.dice.u32(..)),
    }
}

/// By how many places the keys of this answer are moved.
pub(crate) fn turn_keys(setting: &mut Setting<'_>) -> usize {
    if setting.has(&Quirk::VolatileKeyOrder) { setting.dice.usize(1..40) } else { 0 }
}

fn envelope(ask: &Ask, total: usize, rows: usize, data: &str, path: &str, setting: &Setting<'_>) -> String {
    let last = total.div_ceil(ask.per_page).max(1);
    let url = |page: usize| {
        let short = format!("page={page}");
        Value::from(if setting.has(&Quirk::WholeUrls) { format!("{}?{short}", setting.url) } else { short })
    };
    let from = (ask.page - 1).saturating_mul(ask.per_page);
    let held = rows > 0 && total > 0;
    let edge = |value: usize| {
        if held { Value::from(value) } else { Value::Null }
    };
    let next = if ask.page < last { url(ask.page + 1) } else { Value::Null };
    let previous = if ask.page > 1 { url((ask.page - 1).min(last)) } else { Value::Null };
    let total = if setting.fault == Some(&Fault::NullTotal) { Value::Null } else { Value::from(total) };
    format!(
        r#"{{"current_page":{},"data":{data},"first_page_url":{},"from":{},"last_page":{last},"last_page_url":{},"next_page_url":{next},"path":{},"per_page":{},"prev_page_url":{previous},"to":{},"total":{total}"#,
        ask.page,
        url(1),
        edge(from + 1),
        url(last),
        json!(path),
        ask.per_page,
        edge(from + rows),
    )
}
