//! Answers lists: checks the query, filters, sorts, cuts a page, wraps it in the vendor's envelope. In: a list
//! and the decoded query. Out: the answer, or a refusal. Knows neither tokens nor quotas.

use fastrand::Rng;
use serde_json::{Value, json};

use crate::answer::{self, Refusal, Reply};
use crate::faults::Fault;
use crate::filter;
use crate::matches::{self, Tester};
use crate::moods::Mood;
use crate::resource::{Kind, Resource};
use crate::shelf::{Shelf, SortKey, compare, place};
use crate::view::{self, Looks, View};

/// What a list request asks for.
struct Ask {
    page: usize,
    per_page: usize,
    sort: Vec<SortKey>,
    filter: Option<Tester>,
    view: View,
}

/// What lies around an answer.
pub(crate) struct Setting<'a> {
    pub(crate) moods: &'a [Mood],
    pub(crate) fault: Option<&'a Fault>,
    /// The API's base and the company's list, for whole URLs.
    pub(crate) url: &'a str,
    pub(crate) dice: &'a mut Rng,
}

impl Setting<'_> {
    fn has(&self, mood: &Mood) -> bool {
        self.moods.contains(mood)
    }
}

/// Answers a list.
pub(crate) fn page(shelf: &mut Shelf, query: &[(String, String)], setting: &mut Setting<'_>) -> Result<Reply, Refusal> {
    let ask = read(shelf.resource, query, setting)?;
    let mut hits = select(shelf, &ask, setting);
    let from = (ask.page - 1).saturating_mul(ask.per_page).min(hits.len());
    let to = (from + ask.per_page).min(hits.len());
    if !ask.sort.is_empty() && !setting.has(&Mood::KeepTies) {
        shuffle_ties(shelf, &ask.sort, &mut hits, from, to, setting.dice);
    }
    let looks = looks(shelf.resource.kind, &ask.view, setting);
    let total = if setting.fault == Some(&Fault::EmptyPage) { 0 } else { hits.len() };
    let rows = lie(&hits[from..to], setting.fault);
    let mut data = String::with_capacity(rows.len() * 4000);
    for (row, position) in rows.iter().enumerate() {
        data.push(if row == 0 { '[' } else { ',' });
        let record = shelf.at(*position);
        if row == 0 && setting.fault == Some(&Fault::NoId) {
            let looks = Looks { without: &["id"], ..looks.clone() };
            view::show(record, shelf.resource.kind, &ask.view, &looks, &mut data);
        } else {
            view::show(record, shelf.resource.kind, &ask.view, &looks, &mut data);
        }
    }
    data.push_str(if rows.is_empty() { "[]" } else { "]" });
    let mut reply = Reply::text(200, envelope(&ask, total, to - from, &data, shelf.resource.path, setting));
    reply.records = rows.len();
    Ok(reply)
}

/// Positions of all matching records in the order asked for.
fn select(shelf: &mut Shelf, ask: &Ask, setting: &Setting<'_>) -> Vec<u32> {
    let sort: &[SortKey] = if setting.fault == Some(&Fault::Unsorted) { &[] } else { &ask.sort };
    let order = shelf.order(sort);
    match &ask.filter {
        Some(tester) if setting.fault != Some(&Fault::FilterIgnored) => {
            order.iter().copied().filter(|position| tester.matches(shelf.at(*position))).collect()
        }
        _ => order.to_vec(),
    }
}

/// Gives tied records a new order, where a tie touches the page.
fn shuffle_ties(shelf: &Shelf, sort: &[SortKey], hits: &mut [u32], from: usize, to: usize, dice: &mut Rng) {
    let tied = |hits: &[u32], one: usize, two: usize| compare(sort, shelf.at(hits[one]), shelf.at(hits[two])).is_eq();
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

fn lie(rows: &[u32], fault: Option<&Fault>) -> Vec<u32> {
    let mut rows = rows.to_vec();
    match fault {
        Some(Fault::EmptyPage) => rows.clear(),
        Some(Fault::ShortPage(missing)) => rows.truncate(rows.len().saturating_sub(*missing)),
        Some(Fault::RepeatedRow) => {
            let first = rows.first().copied();
            if let (Some(last), Some(first)) = (rows.last_mut(), first) {
                *last = first;
            }
        }
        _ => {}
    }
    rows
}

/// How one answer's records look.
pub(crate) fn looks(kind: Kind, view: &View, setting: &mut Setting<'_>) -> Looks {
    let documents = matches!(kind, Kind::Issued | Kind::Received);
    let whole = documents && *view == View::Whole;
    let nulls: &[&str] = if whole && setting.has(&Mood::NullLists) { &["items_list", "payments_list"] } else { &[] };
    let without: &[&str] =
        if whole && setting.has(&Mood::NoStampsInLists) { &["created_at", "updated_at"] } else { &[] };
    Looks { ticket: ticket(setting), turn_keys: turn_keys(setting), nulls, without }
}

/// A new ticket for download addresses, or always the same.
pub(crate) fn ticket(setting: &mut Setting<'_>) -> String {
    if setting.has(&Mood::StableUrls) { "0".to_owned() } else { format!("{:016x}", setting.dice.u64(..)) }
}

/// By how many places the keys of this answer are moved.
pub(crate) fn turn_keys(setting: &mut Setting<'_>) -> usize {
    if setting.has(&Mood::VolatileKeyOrder) { setting.dice.usize(1..40) } else { 0 }
}

fn envelope(ask: &Ask, total: usize, rows: usize, data: &str, path: &str, setting: &Setting<'_>) -> String {
    let last = total.div_ceil(ask.per_page).max(1);
    let url = |page: usize| {
        let short = format!("page={page}");
        Value::from(if setting.has(&Mood::WholeUrls) { format!("{}?{short}", setting.url) } else { short })
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
        r#"{{"current_page":{},"data":{data},"first_page_url":{},"from":{},"last_page":{last},"last_page_url":{},"next_page_url":{next},"path":{},"per_page":{},"prev_page_url":{previous},"to":{},"total":{total}}}"#,
        ask.page,
        url(1),
        edge(from + 1),
        url(last),
        json!(path),
        ask.per_page,
        edge(from + rows),
    )
}

fn read(resource: &'static Resource, query: &[(String, String)], setting: &Setting<'_>) -> Result<Ask, Refusal> {
    check_names(resource, query)?;
    let given = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let page = number(given("page"), "page", 1, usize::MAX)?;
    let per_page = number(given("per_page"), "per_page", 5, 100)?;
    let cap = setting.moods.iter().find_map(|mood| match mood {
        Mood::PerPageCap(cap) => Some(*cap as usize),
        _ => None,
    });
    let sort = given("sort").map(|text| sort(resource, text, setting)).transpose()?.unwrap_or_default();
    let filter = given("q").map(|text| filter(resource, text, setting)).transpose()?;
    let view = view::read(resource, query, View::Basic)?;
    Ok(Ask { page, per_page: per_page.min(cap.unwrap_or(per_page)).max(1), sort, filter, view })
}

/// The parameters that the vendor's description has for lists, each once.
fn check_names(resource: &Resource, query: &[(String, String)]) -> Result<(), Refusal> {
    for (place, (name, _)) in query.iter().enumerate() {
        let known = match name.as_str() {
            "fields" | "fieldset" | "sort" | "page" | "per_page" | "q" => true,
            "type" => resource.doc_type.is_some(),
            "inclusive" => resource.kind == Kind::Issued,
            _ => false,
        };
        if !known {
            return Err(Refusal::invalid(name, format!("unknown parameter {name:?}")));
        }
        if query[..place].iter().any(|(earlier, _)| earlier == name) {
            return Err(Refusal::invalid(name, format!("parameter {name:?} given twice")));
        }
    }
    Ok(())
}

fn number(text: Option<&str>, name: &str, default: usize, max: usize) -> Result<usize, Refusal> {
    let Some(text) = text else { return Ok(default) };
    match text.parse::<usize>() {
        Ok(number) if (1..=max).contains(&number) && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
        _ => Err(Refusal::invalid(name, format!("{name} is {text:?}"))),
    }
}

fn sort(resource: &'static Resource, text: &str, setting: &Setting<'_>) -> Result<Vec<SortKey>, Refusal> {
    let kind = resource.kind;
    text.split(',')
        .map(|part| {
            let (field, descending) = part.strip_prefix('-').map_or((part, false), |field| (field, true));
            let refused = setting
                .moods
                .iter()
                .any(|mood| matches!(mood, Mood::RefuseSort(list, name) if *list == resource.name && *name == field));
            if refused {
                let what = format!("the field {field} cannot be sorted by");
                return Err(Refusal::innocent(answer::validation("sort", &what)));
            }
            match place(kind, field).filter(|_| kind.sorts().contains(&field)) {
                Some(place) => Ok(SortKey { place, descending, nulls_turned: setting.has(&Mood::NullsTurned) }),
                None => Err(Refusal::invalid("sort", format!("the field {field:?} cannot be sorted by"))),
            }
        })
        .collect()
}

fn filter(resource: &'static Resource, text: &str, setting: &Setting<'_>) -> Result<Tester, Refusal> {
    let wrong = |what: String| Refusal::invalid("q", format!("q={text}: {what}"));
    let tester = matches::compile(resource.kind, &filter::parse(text).map_err(wrong)?).map_err(wrong)?;
    let places = tester.places();
    let refused = setting.moods.iter().find_map(|mood| match mood {
        Mood::RefuseFilter(list, field) if *list == resource.name => {
            place(resource.kind, field).filter(|place| places.contains(place)).map(|_| *field)
        }
        _ => None,
    });
    match refused {
        Some(field) => {
            let what = format!("the field {field} cannot be filtered by");
            Err(Refusal::innocent(answer::validation("q", &what)))
        }
        None => Ok(tester),
    }
}
