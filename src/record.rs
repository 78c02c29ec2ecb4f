//! A record of the service, as it passes from `api` (or a webhook's fetch) to `store`.
//!
//! In: the JSON text of one record. Out: its text, untouched, with the values that mirroring needs. No other field is
//! looked at here: columns are taken out of the text by SQL.

use crate::json::{Broken, Walk};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fmt;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The service's id of a record: a number nearly everywhere, a text in the cashbook and for price lists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Id {
    /// `3062300`
    Number(i64),
    /// `"10"`
    Text(String),
}

impl Id {
    /// The number; nothing for a text.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
        }
    }
}

impl From<i64> for Id {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// How the records of a table are read.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// What their ids are.
    pub ids: Ids,
    /// Members that differ at each answer (download links expire): a change of nothing else is no change. `url` of the
    /// record, or `attachments[].url` of the elements of a list.
    pub volatile: &'static [&'static str],
}

/// What the ids of records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// Numbers.
    Numbers,
    /// Texts.
    Texts,
    /// Texts; a record that comes without one is known by its content. (The vendor's schema of a cashbook entry has an id,
    /// its example has none.)
    TextsOrContent,
}

/// One record: its JSON as the service sent it, and its keys.
#[derive(Debug, Clone)]
pub struct Record {
    /// The service's id.
    pub id: Id,
    /// When the service created it: its own wall clock, `2021-08-23 05:34:20`, or nothing.
    pub created_at: Option<String>,
    /// When the service last changed it, in the same form, or nothing.
    pub updated_at: Option<String>,
    /// Fingerprint of its members, whatever their order, but for those that differ at each answer.
    pub content: i64,
    /// The text as it came.
    pub raw: Box<RawValue>,
}

/// The keys as they stand in the text: what is of another type than described must not stop a page.
#[derive(Debug, Default)]
struct Keys<'a> {
    id: Option<&'a str>,
    created_at: Option<String>,
    updated_at: Option<String>,
    content: u64,
}

fn text(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

/// Reads the keys of a record; the members named in `volatile` do not count as content.
fn keys<'a>(text: &'a str, volatile: &[&str]) -> Result<Keys<'a>, Broken> {
    let mut walk = Walk::new(text);
    if !walk.enter(b'{') {
        return Err(Broken(0));
    }
    members(&mut walk, volatile)
}

/// The same, once the record is entered.
fn members<'a>(walk: &mut Walk<'a>, volatile: &[&str]) -> Result<Keys<'a>, Broken> {
    let mut keys = Keys::default();
    while let Some(name) = walk.name()? {
        let value = walk.value()?;
        match &*name {
            "id" => keys.id = Some(value),
            "created_at" => keys.created_at = text(value),
            "updated_at" => keys.updated_at = text(value),
            _ => {}
        }
        if !volatile.contains(&&*name) {
            keys.content = keys.content.wrapping_add(member(&name, value, volatile));
        }
    }
    Ok(keys)
}

/// What a member adds to the fingerprint: a sum, so that it does not depend on the order.
fn member(name: &str, value: &str, volatile: &[&str]) -> u64 {
    let seed = xxh3_64_with_seed(name.as_bytes(), 0);
    let whole = || xxh3_64_with_seed(value.as_bytes(), seed);
    let of_elements = || volatile.iter().filter_map(|path| path.strip_prefix(name)?.strip_prefix("[]."));
    if of_elements().next().is_none() {
        return whole();
    }
    // The volatile members of its elements are left out.
    elements(value, &of_elements().collect::<Vec<_>>(), seed).unwrap_or_else(|_| whole())
}

/// What the elements of a list add, where it is one.
fn elements(list: &str, volatile: &[&str], seed: u64) -> Result<u64, Broken> {
    let mut walk = Walk::new(list);
    if !walk.enter(b'[') {
        return Err(Broken(0));
    }
    let (mut sum, mut place) = (seed, 0_u64);
    while walk.element()? {
        let element = walk.value()?;
        let content = match keys(element, volatile) {
            Ok(keys) => keys.content,
            Err(Broken(_)) => xxh3_64_with_seed(element.as_bytes(), seed),
        };
        sum = sum.wrapping_add(content.wrapping_mul(place * 2 + 1));
        place += 1;
    }
    Ok(sum)
}

/// The fingerprint of a record's text: see [`Record::content`].
///
/// # Errors
/// When it is no object.
pub fn fingerprint(text: &str, form: Form) -> Result<i64, Broken> {
    Ok(keys(text, form.volatile)?.content.cast_signed())
}

impl Keys<'_> {
    /// The id, where it is usable.
    fn id(&self, ids: Ids) -> Option<Id> {
        let json = self.id.filter(|json| *json != "null");
        match ids {
            // A number, also when it stands in quotes.
            Ids::Numbers => json?.trim_matches('"').parse().ok().map(Id::Number),
            // A text, also when it stands there as a number.
            Ids::Texts => json.map(|json| Id::Text(text(json).unwrap_or_else(|| json.to_owned()))),
            Ids::TextsOrContent => {
                let known = json.map(|json| Id::Text(text(json).unwrap_or_else(|| json.to_owned())));
                Some(known.unwrap_or_else(|| Id::Text(format!("content:{:016x}", self.content))))
            }
        }
    }
}

impl Record {
    /// Reads the keys of one record.
    ///
    /// # Errors
    /// A text, for people, when it is no object or has no usable `id`.
    pub fn new(raw: Box<RawValue>, form: Form) -> Result<Self, String> {
        Self::read(raw, form, None)
    }

    /// The same for a record that was asked for by its id: the service's examples of single records come without one.
    ///
    /// # Errors
    /// Also when the record has another id than the one asked for.
    pub fn with_id(raw: Box<RawValue>, form: Form, asked: &Id) -> Result<Self, String> {
        Self::read(raw, form, Some(asked))
    }

    fn read(raw: Box<RawValue>, form: Form, asked: Option<&Id>) -> Result<Self, String> {
        let keys = keys(raw.get(), form.volatile).map_err(|e| format!("a record that cannot be read ({e})"))?;
        let own = if asked.is_some() && keys.id.is_none_or(|json| json == "null") { None } else { keys.id(form.ids) };
        let id = match (own, asked) {
            (Some(id), Some(asked)) if id != *asked => return Err(format!("record {id} where {asked} was asked for")),
            (Some(id), _) => id,
            (None, Some(asked)) => asked.clone(),
            (None, None) => return Err("a record without id".to_owned()),
        };
        let (created_at, updated_at, content) = (keys.created_at, keys.updated_at, keys.content.cast_signed());
        Ok(Self { id, created_at, updated_at, content, raw })
    }
}

/// The ids of records.
pub fn ids(records: &[Record]) -> Vec<Id> {
    records.iter().map(|r| r.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBERS: Form = Form { ids: Ids::Numbers, volatile: &["url"] };
    const TEXTS: Form = Form { ids: Ids::Texts, volatile: &[] };

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).expect("test JSON")
    }

    #[test]
    fn keys_are_read_and_the_text_is_kept() {
        let text = r#"{"name" : "È", "id":7,"updated_at":null}"#;
        let record = Record::new(raw(text), NUMBERS).expect("a record");
        assert_eq!((record.id, record.updated_at, record.raw.get()), (Id::Number(7), None, text));
    }

    #[test]
    fn keys_of_other_types_do_no_harm() {
        let text = r#"{"id":"7","created_at":5,"updated_at":"2021-08-23 05:34:20"}"#;
        let record = Record::new(raw(text), NUMBERS).expect("a record");
        assert_eq!(
            (record.id, record.created_at, record.updated_at.as_deref()),
            (Id::Number(7), None, Some("2021-08-23 05:34:20"))
        );
        for (text, id) in [(r#"{"id":"10"}"#, "10"), (r#"{"id":10}"#, "10"), (r#"{"id":"a\"1"}"#, "a\"1")] {
            assert_eq!(Record::new(raw(text), TEXTS).expect("a record").id, Id::from(id), "{text}");
        }
    }

    #[test]
    fn a_record_needs_its_id() {
        assert!(Record::new(raw(r#"{"name":"x"}"#), NUMBERS).is_err());
        assert!(Record::new(raw(r#"{"id":"x"}"#), NUMBERS).is_err());
        assert!(Record::new(raw(r#"{"id":null}"#), TEXTS).is_err());
        assert!(Record::new(raw("[]"), NUMBERS).is_err());
        assert!(Record::with_id(raw(r#"{"id":8}"#), NUMBERS, &7.into()).is_err());
        assert_eq!(Record::with_id(raw(r#"{"name":"x"}"#), NUMBERS, &7.into()).expect("a record").id, Id::Number(7));
    }

    #[test]
    fn where_there_may_be_no_id_the_content_is_one() {
        let form = Form { ids: Ids::TextsOrContent, volatile: &[] };
        let id = |text: &str| Record::new(raw(text), form).expect("a record").id;
        assert_eq!(id(r#"{"id":"a7"}"#), Id::from("a7"));
        assert_eq!(id(r#"{"date":"2026-01-31","amount_in":1}"#), id(r#"{"amount_in":1,"date":"2026-01-31"}"#));
        assert_ne!(id(r#"{"date":"2026-01-31","amount_in":1}"#), id(r#"{"amount_in":2,"date":"2026-01-31"}"#));
        let asked = Record::with_id(raw(r#"{"date":"x"}"#), form, &"a7".into()).expect("a record");
        assert_eq!(asked.id, Id::from("a7"));
    }

    #[test]
    fn links_in_a_list_do_not_count() {
        let form = Form { ids: Ids::Numbers, volatile: &["attachments[].url"] };
        let of = |attachments: &str| {
            fingerprint(&format!(r#"{{"id":7,"attachments":{attachments}}}"#), form).expect("an object")
        };
        let one = of(r#"[{"filename":"a","url":"x"},{"filename":"b","url":"y"}]"#);
        assert_eq!(of(r#"[{"filename":"a","url":"1"},{"url":"2","filename":"b"}]"#), one);
        assert_ne!(of(r#"[{"filename":"b","url":"x"},{"filename":"a","url":"y"}]"#), one);
        assert_ne!(of(r#"[{"filename":"a","url":"x"}]"#), one);
        assert_ne!(of("null"), of("[]"));
    }

    #[test]
    fn the_fingerprint_tells_content_and_nothing_else() {
        let of = |text: &str| fingerprint(text, NUMBERS).expect("an object");
        let one = of(r#"{"id":7,"name":"a","url":"x"}"#);
        assert_eq!(of(r#"{"url":"y","name":"a","id":7}"#), one);
        assert_ne!(of(r#"{"id":7,"name":"b","url":"x"}"#), one);
        assert_ne!(of(r#"{"id":7,"name":"a","code":null}"#), one);
        assert_ne!(of(r#"{"id":8,"name":7}"#), of(r#"{"id":7,"name":8}"#));
    }
}
