//! Lists and single records.
//!
//! In: what to list. Out: a [`Page`]: its records as they came, and how many the service counts. A page that
//! contradicts itself or the question (rows missing, not sorted) is no page. One request each: the loops are `sync`'s.

use super::{Answer, Api, ApiError, Unreadable, filter};
use crate::record::{Id, Record};
use crate::resource::Resource;
use crate::window::Window;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The largest page that the service gives (documentation, "Paginate Results").
pub const PER_PAGE: u64 = 100;

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The service's own.
    None,
    /// Newest change first.
    NewestChange,
    /// Oldest change first.
    OldestChange,
    /// By id: steady pages where many records share a stamp.
    Id,
    /// By these fields of the registry.
    Fields(&'static str),
}

impl Sort {
    fn parameter(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::NewestChange => Some("-updated_at"),
            Self::OldestChange => Some("updated_at"),
            Self::Id => Some("id"),
            Self::Fields(fields) => Some(fields),
        }
    }

    /// Whether the records stand in this order. Where nulls stand is the service's choice.
    fn holds(self, records: &[Record]) -> bool {
        let stamps: Vec<&str> = records.iter().filter_map(|r| r.updated_at.as_deref()).collect();
        match self {
            Self::None | Self::Fields(_) => true,
            Self::NewestChange => stamps.is_sorted_by(|a, b| a >= b),
            Self::OldestChange => stamps.is_sorted(),
            Self::Id => records.is_sorted_by(|a, b| a.id <= b.id),
        }
    }
}

/// What to list.
#[derive(Debug, Clone)]
pub struct List<'a> {
    /// The resource type.
    pub resource: &'a Resource,
    /// The part of the list.
    pub window: Window,
    /// Its order.
    pub sort: Sort,
    /// The page, from 1.
    pub page: u64,
    /// A parameter with its value, where the list has parts.
    pub part: Option<(&'static str, &'static str)>,
}

/// One page of a list.
#[derive(Debug)]
pub struct Page {
    /// Its records, in the service's order.
    pub records: Vec<Record>,
    /// How many records the list has, by the service's count.
    pub total: u64,
    /// Whether another page follows.
    pub more: bool,
    /// Records that a page holds: 100, unless the service gives fewer.
    pub size: u64,
    /// The service's clock when it was asked, where it said so.
    pub at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Envelope {
    data: Option<Vec<Box<RawValue>>>,
    #[serde(default, deserialize_with = "count")]
    total: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    per_page: Option<u64>,
}

/// A count, also when it stands in quotes; what is none counts as missing.
fn count<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    let value = serde_json::Value::deserialize(value)?;
    Ok(value.as_u64().or_else(|| value.as_str()?.parse().ok()))
}

#[derive(Deserialize)]
struct Single {
    data: Option<Box<RawValue>>,
}

impl Api {
    /// One page of 100 detailed records.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub fn page(&self, list: &List<'_>) -> Result<Page, ApiError> {
        let mut query = vec![("fieldset", "detailed".to_owned())];
        query.extend(list.sort.parameter().map(|sort| ("sort", sort.to_owned())));
        query.extend(common(list, PER_PAGE));
        self.get(&self.of_company(list.resource.list.path), &query, |answer| read_page(answer, list))
    }

    /// How many records a list has: asks for one record and one member of it.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub fn count(&self, resource: &Resource, window: &Window) -> Result<u64, ApiError> {
        let list = List { resource, window: window.clone(), sort: Sort::None, page: 1, part: None };
        let mut query = vec![("fields", "id".to_owned())];
        query.extend(common(&list, 1));
        self.get(&self.of_company(resource.list.path), &query, |answer| Ok(envelope(&answer.body)?.1))
    }

    /// One record, or nothing when the service has it no more.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub fn record(&self, resource: &Resource, id: &Id) -> Result<Option<Record>, ApiError> {
        let Some(single) = resource.single else {
            return Err(ApiError::NotFound(format!("{} cannot be asked for one by one", resource.name)));
        };
        let path = self.of_company(&format!("{single}/{}", segment(&id.to_string())));
        let read = |answer: &Answer| {
            let single: Single =
                serde_json::from_str(&answer.body).map_err(|e| format!("not the JSON of a record ({e})"))?;
            let raw = single.data.ok_or_else(|| "a record without data".to_owned())?;
            Ok(Record::with_id(raw, resource.table.form, id)?)
        };
        match self.get(&path, &[("fieldset", "detailed".to_owned())], read) {
            Ok(record) => Ok(Some(record)),
            Err(ApiError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn common(list: &List<'_>, per_page: u64) -> Vec<(&'static str, String)> {
    let mut query = vec![("page", list.page.to_string()), ("per_page", per_page.to_string())];
    query.extend(list.resource.list.document_type.map(|kind| ("type", kind.to_owned())));
    query.extend(list.part.map(|(parameter, value)| (parameter, value.to_owned())));
    query.extend(filter::q(&list.window).map(|q| ("q", q)));
    query
}

/// Splits a page into its records' texts, its count and its size.
/// A text as a part of a path.
pub fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn envelope(body: &str) -> Result<(Vec<Box<RawValue>>, u64, u64), String> {
    let envelope: Envelope = serde_json::from_str(body).map_err(|e| format!("not the JSON of a page ({e})"))?;
    let total = envelope.total.ok_or_else(|| "a page that does not say how many records there are".to_owned())?;
    let per_page = envelope.per_page.filter(|n| (1..=PER_PAGE).contains(n)).unwrap_or(PER_PAGE);
    Ok((envelope.data.unwrap_or_default(), total, per_page))
}

fn read_page(answer: &Answer, list: &List<'_>) -> Result<Page, Unreadable> {
    let (data, total, per_page) = envelope(&answer.body)?;
    let before = (list.page - 1).saturating_mul(per_page);
    let due = total.saturating_sub(before).min(per_page);
    if data.len() as u64 != due {
        return Err(format!(
            "page {} of {} holds {} records where {due} are due of {total}",
            list.page,
            list.resource.name,
            data.len()
        )
        .into());
    }
    let records =
        data.into_iter().map(|raw| Record::new(raw, list.resource.table.form)).collect::<Result<Vec<_>, _>>()?;
    let mut ids: Vec<&Id> = records.iter().map(|r| &r.id).collect();
    ids.sort_unstable();
    if let Some(twice) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("page {} of {} holds record {} twice", list.page, list.resource.name, twice[0]).into());
    }
    if !list.sort.holds(&records) {
        return Err(Unreadable::Ignored(format!("{} did not come in the order asked for", list.resource.name)));
    }
    if let Some(stranger) = records.iter().find(|r| !list.window.holds(r)) {
        return Err(Unreadable::Ignored(format!(
            "{} {} is not what was filtered for",
            list.resource.name, stranger.id
        )));
    }
    Ok(Page { records, total, more: before + due < total, size: per_page, at: answer.asked_at() })
}
