//! One member's JSON as an SQL value.
//!
//! In: its text, and what it is to become. Out: a value; null where it is something else. A surprise in one member never
//! stops a page.

use super::Kind;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use serde::Deserializer;
use serde::de::{self, Visitor};
use std::borrow::Cow;

/// The value of a member; nothing stands for a member that is not there.
pub fn value(kind: Kind, json: Option<&str>) -> ToSqlOutput<'_> {
    let json = json.filter(|json| *json != "null");
    if kind == Kind::Has {
        return ToSqlOutput::Owned(Value::Integer(json.is_some().into()));
    }
    let Some(json) = json else { return ToSqlOutput::Owned(Value::Null) };
    match kind {
        Kind::Json => borrowed(json),
        Kind::Text => match (json.as_bytes().first(), json) {
            (Some(b'"'), _) => match unquoted(json) {
                Cow::Borrowed(text) => borrowed(text),
                Cow::Owned(text) => ToSqlOutput::Owned(Value::Text(text)),
            },
            (_, "true") => borrowed("1"),
            (_, "false") => borrowed("0"),
            _ => borrowed(json),
        },
        Kind::Int => ToSqlOutput::Owned(int(json).map_or(Value::Null, Value::Integer)),
        Kind::Num => ToSqlOutput::Owned(num(json).map_or(Value::Null, Value::Real)),
        Kind::Has => ToSqlOutput::Owned(Value::Null),
    }
}

/// A whole number, also one in quotes.
pub fn int(json: &str) -> Option<i64> {
    match json {
        "true" => Some(1),
        "false" => Some(0),
        _ => bare(json).parse().ok(),
    }
}

/// A finite number, also one in quotes.
pub fn num(json: &str) -> Option<f64> {
    bare(json).parse().ok().filter(|x: &f64| x.is_finite())
}

/// A text; nothing where it is null.
pub fn text(json: &str) -> Option<String> {
    match value(Kind::Text, Some(json)) {
        ToSqlOutput::Borrowed(ValueRef::Text(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ToSqlOutput::Owned(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// A text without the quotes around it.
fn bare(json: &str) -> &str {
    json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(json).trim()
}

fn borrowed(text: &str) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))
}

/// What a JSON text says. Half of a surrogate pair, which no text can hold, becomes U+FFFD.
fn unquoted(json: &str) -> Cow<'_, str> {
    let inner = json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(json);
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let bytes = serde_json::Deserializer::from_str(json).deserialize_bytes(Bytes).unwrap_or_default();
    Cow::Owned(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

/// The bytes of a JSON text: as such, serde_json lets half a surrogate pass.
struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::cents;
    use proptest::prelude::*;

    fn read(kind: Kind, json: &str) -> Value {
        match value(kind, Some(json)) {
            ToSqlOutput::Owned(value) => value,
            ToSqlOutput::Borrowed(value) => value.try_into().expect("UTF-8"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn members_become_what_is_asked_for() {
        let text = |text: &str| Value::Text(text.to_owned());
        for (kind, json, expected) in [
            (Kind::Text, r#""È\"x\n""#, text("È\"x\n")),
            (Kind::Text, r#""""#, text("")),
            (Kind::Text, "12.50", text("12.50")),
            (Kind::Text, "true", text("1")),
            (Kind::Text, "null", Value::Null),
            (Kind::Text, r#""\ud83d\ude00 \ud83d""#, text("😀 \u{fffd}\u{fffd}\u{fffd}")),
            (Kind::Text, r#"{"a":1}"#, text(r#"{"a":1}"#)),
            (Kind::Int, "7", Value::Integer(7)),
            (Kind::Int, r#"" 7""#, Value::Integer(7)),
            (Kind::Int, "false", Value::Integer(0)),
            (Kind::Int, "7.5", Value::Null),
            (Kind::Int, r#""x""#, Value::Null),
            (Kind::Int, "[]", Value::Null),
            (Kind::Num, "75", Value::Real(75.0)),
            (Kind::Num, r#""68.18""#, Value::Real(68.18)),
            (Kind::Num, "1e200000", Value::Null),
            (Kind::Num, r#""inf""#, Value::Null),
            (Kind::Num, "{}", Value::Null),
            (Kind::Json, r#"{"id": 7}"#, text(r#"{"id": 7}"#)),
            (Kind::Json, "null", Value::Null),
            (Kind::Has, r#""https://x""#, Value::Integer(1)),
            (Kind::Has, "null", Value::Integer(0)),
        ] {
            assert_eq!(read(kind, json), expected, "{kind:?} {json}");
        }
        assert_eq!(value(Kind::Has, None), ToSqlOutput::Owned(Value::Integer(0)));
    }

    proptest! {
        #[test]
        fn sqlite_rounds_as_the_figures_in_euro_are(thousandths in -100_000_000_i64..100_000_000, by in 1_i64..400) {
            let conn = rusqlite::Connection::open_in_memory().expect("memory");
            for x in [thousandths as f64 / 1_000.0, thousandths as f64 / by as f64, thousandths as f64 / 8.0] {
                let there: f64 = conn.query_row("SELECT round(?1, 2)", [x], |row| row.get(0)).expect("a number");
                prop_assert_eq!(cents(x), there, "{}", x);
            }
        }
    }
}
