//! Ids of records: numbers, texts where the service has texts (cashbook, price lists), and texts of our own where the
//! service has no id at all (names, items of price lists, numerations). In: numbers and texts. Out: one type for both.

use std::fmt;

use serde_json::Value;

/// The id of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Id {
    /// As most lists have it.
    Number(i64),
    /// As cashbook entries and price lists have it: `"10"` is not 10.
    Text(Box<str>),
}

impl Id {
    /// The number, if it is one.
    pub fn number(&self) -> Option<i64> {
        match self {
            Id::Number(number) => Some(*number),
            Id::Text(_) => None,
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Id::Number(_) => None,
            Id::Text(text) => Some(text),
        }
    }

    /// As it stands in JSON.
    pub fn json(&self) -> Value {
        match self {
            Id::Number(number) => Value::from(*number),
            Id::Text(text) => Value::from(&**text),
        }
    }

    /// A number or text of JSON.
    pub(crate) fn of_json(value: &Value) -> Option<Id> {
        value.as_i64().map(Id::Number).or_else(|| value.as_str().map(Id::from))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Id::Number(number) => number.fmt(f),
            Id::Text(text) => text.fmt(f),
        }
    }
}

impl From<i64> for Id {
    fn from(number: i64) -> Id {
        Id::Number(number)
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Id {
        Id::Text(text.into())
    }
}

impl From<String> for Id {
    fn from(text: String) -> Id {
        Id::Text(text.into())
    }
}

impl From<&Id> for Id {
    fn from(id: &Id) -> Id {
        id.clone()
    }
}
