//! A record of the service, as it passes from `api` (or a webhook's fetch) to `store`.
//!
//! In: the JSON text of one record. Out: its text, untouched, with the three values that mirroring needs. No other
//! field is looked at here: columns are taken out of the text by SQL.

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// One record: its JSON as the service sent it, and its keys.
#[derive(Debug, Clone)]
pub struct Record {
    /// The service's id.
    pub id: i64,
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
struct Keys {
    id: Option<i64>,
    created_at: Option<String>,
    updated_at: Option<String>,
    content: u64,
}

/// A number, also when it stands in quotes.
fn number(raw: &RawValue) -> Option<i64> {
    raw.get().trim_matches('"').parse().ok()
}

fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// Reads the keys of a record; the members named here do not count as content.
struct Reader<'v>(&'v [&'v str]);

impl<'a> Visitor<'a> for Reader<'_> {
    type Value = Keys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Keys, A::Error> {
        let mut keys = Keys::default();
        while let Some(Name(name)) = map.next_key::<Name<'a>>()? {
            let value: &'a RawValue = map.next_value()?;
            match &*name {
                "id" => keys.id = number(value),
                "created_at" => keys.created_at = text(value),
                "updated_at" => keys.updated_at = text(value),
                _ => {}
            }
            if !self.0.contains(&&*name) {
                // A sum does not depend on the order.
                let member = xxh3_64_with_seed(value.get().as_bytes(), xxh3_64_with_seed(name.as_bytes(), 0));
                keys.content = keys.content.wrapping_add(member);
            }
        }
        Ok(keys)
    }
}

/// The name of a member, not copied where that is not needed.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The fingerprint of a record's text: see [`Record::content`].
///
/// # Errors
/// When it is no object.
pub fn fingerprint(text: &str, volatile: &[&str]) -> serde_json::Result<i64> {
    Ok(keys(text, volatile)?.content.cast_signed())
}

fn keys(text: &str, volatile: &[&str]) -> serde_json::Result<Keys> {
    serde_json::Deserializer::from_str(text).deserialize_map(Reader(volatile))
}

impl Record {
    /// Reads the keys of one record. `volatile` are the members that differ at each answer.
    ///
    /// # Errors
    /// A text, for people, when it is no object or has no usable `id`.
    pub fn new(raw: Box<RawValue>, volatile: &[&str]) -> Result<Self, String> {
        Self::read(raw, volatile, None)
    }

    /// The same for a record that was asked for by its id: the service's examples of single records come without one.
    ///
    /// # Errors
    /// Also when the record has another id than the one asked for.
    pub fn with_id(raw: Box<RawValue>, volatile: &[&str], asked: i64) -> Result<Self, String> {
        Self::read(raw, volatile, Some(asked))
    }

    fn read(raw: Box<RawValue>, volatile: &[&str], asked: Option<i64>) -> Result<Self, String> {
        let keys = keys(raw.get(), volatile).map_err(|e| format!("a record that cannot be read ({e})"))?;
        let id = match (keys.id, asked) {
            (Some(id), Some(asked)) if id != asked => return Err(format!("record {id} where {asked} was asked for")),
            (Some(id), _) | (None, Some(id)) => id,
            (None, None) => return Err("a record without id".to_owned()),
        };
        let (created_at, updated_at) = (keys.created_at, keys.updated_at);
        Ok(Self { id, created_at, updated_at, content: keys.content.cast_signed(), raw })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).expect("test JSON")
    }

    #[test]
    fn keys_are_read_and_the_text_is_kept() {
        let text = r#"{"name" : "È", "id":7,"updated_at":null}"#;
        let record = Record::new(raw(text), &[]).expect("a record");
        assert_eq!((record.id, record.updated_at, record.raw.get()), (7, None, text));
    }

    #[test]
    fn keys_of_other_types_do_no_harm() {
        let record =
            Record::new(raw(r#"{"id":"7","created_at":5,"updated_at":"2021-08-23 05:34:20"}"#), &[]).expect("a record");
        assert_eq!(
            (record.id, record.created_at, record.updated_at.as_deref()),
            (7, None, Some("2021-08-23 05:34:20"))
        );
    }

    #[test]
    fn a_record_needs_its_id() {
        assert!(Record::new(raw(r#"{"name":"x"}"#), &[]).is_err());
        assert!(Record::new(raw("[]"), &[]).is_err());
        assert!(Record::with_id(raw(r#"{"id":8}"#), &[], 7).is_err());
        assert_eq!(Record::with_id(raw(r#"{"name":"x"}"#), &[], 7).expect("a record").id, 7);
    }

    #[test]
    fn the_fingerprint_tells_content_and_nothing_else() {
        let of = |text: &str| Record::new(raw(text), &["url"]).expect("a record").content;
        let one = of(r#"{"id":7,"name":"a","url":"x"}"#);
        assert_eq!(of(r#"{"url":"y","name":"a","id":7}"#), one);
        assert_ne!(of(r#"{"id":7,"name":"b","url":"x"}"#), one);
        assert_ne!(of(r#"{"id":7,"name":"a","code":null}"#), one);
        assert_ne!(of(r#"{"id":"a","name":7}"#.replace("\"a\"", "8").as_str()), of(r#"{"id":7,"name":8}"#));
    }
}
