//! A record of the service, as it passes from `api` (or a webhook's fetch) to `store`.
//!
//! In: the JSON text of one record. Out: its text, untouched, with the three values that mirroring needs. No other
//! field is looked at here: columns are taken out of the text by SQL.

use serde::Deserialize;
use serde_json::value::RawValue;

/// One record: its JSON as the service sent it, and its keys.
#[derive(Debug, Clone)]
pub struct Record {
    /// The service's id.
    pub id: i64,
    /// When the service created it: its own wall clock, `2021-08-23 05:34:20`, or nothing.
    pub created_at: Option<String>,
    /// When the service last changed it, in the same form, or nothing.
    pub updated_at: Option<String>,
    /// The text as it came.
    pub raw: Box<RawValue>,
}

/// The keys as they stand in the text: what is of another type than described must not stop a page.
#[derive(Deserialize)]
struct Keys<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    created_at: Option<&'a RawValue>,
    #[serde(borrow)]
    updated_at: Option<&'a RawValue>,
}

/// A number, also when it stands in quotes.
fn number(raw: &RawValue) -> Option<i64> {
    raw.get().trim_matches('"').parse().ok()
}

fn text(raw: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(raw?.get()).ok()
}

impl Record {
    /// Reads the keys of one record.
    ///
    /// # Errors
    /// A text, for people, when it is no object or has no usable `id`.
    pub fn new(raw: Box<RawValue>) -> Result<Self, String> {
        Self::read(raw, None)
    }

    /// The same for a record that was asked for by its id: the service's examples of single records come without one.
    ///
    /// # Errors
    /// Also when the record has another id than the one asked for.
    pub fn with_id(raw: Box<RawValue>, asked: i64) -> Result<Self, String> {
        Self::read(raw, Some(asked))
    }

    fn read(raw: Box<RawValue>, asked: Option<i64>) -> Result<Self, String> {
        let keys: Keys<'_> =
            serde_json::from_str(raw.get()).map_err(|e| format!("a record that cannot be read ({e})"))?;
        let id = match (keys.id.and_then(number), asked) {
            (Some(id), Some(asked)) if id != asked => return Err(format!("record {id} where {asked} was asked for")),
            (Some(id), _) | (None, Some(id)) => id,
            (None, None) => return Err("a record without id".to_owned()),
        };
        let (created_at, updated_at) = (text(keys.created_at), text(keys.updated_at));
        Ok(Self { id, created_at, updated_at, raw })
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
        let record = Record::new(raw(text)).expect("a record");
        assert_eq!((record.id, record.updated_at, record.raw.get()), (7, None, text));
    }

    #[test]
    fn keys_of_other_types_do_no_harm() {
        let record =
            Record::new(raw(r#"{"id":"7","created_at":5,"updated_at":"2021-08-23 05:34:20"}"#)).expect("a record");
        assert_eq!(
            (record.id, record.created_at, record.updated_at.as_deref()),
            (7, None, Some("2021-08-23 05:34:20"))
        );
    }

    #[test]
    fn a_record_needs_its_id() {
        assert!(Record::new(raw(r#"{"name":"x"}"#)).is_err());
        assert!(Record::new(raw("[]")).is_err());
        assert!(Record::with_id(raw(r#"{"id":8}"#), 7).is_err());
        assert_eq!(Record::with_id(raw(r#"{"name":"x"}"#), 7).expect("a record").id, 7);
    }
}
