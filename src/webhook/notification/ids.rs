//! The record ids of a notification: `[3062300, "a12"]`.
//!
//! In: JSON text. Out: the ids, in order and each once. What is no id is left out, and makes the
//! list strange only where nothing else is in it: the others are worked on.

use std::collections::HashSet;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// Ids kept of one event. An Excel import has thousands; 1 MiB could hold half a million.
const MOST: usize = 100_000;
/// Longest id. The cashbook's are texts of some 20 characters.
const LONGEST: usize = 256;

/// The id of a record: a positive number for most, a text in the cashbook. A text of digits is the
/// number that it reads as.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecordId {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

impl RecordId {
    /// The service's numbers begin with 1.
    fn of_number(number: i64) -> Option<RecordId> {
        (number > 0).then_some(RecordId::Number(number))
    }

    fn of_text(text: &str) -> Option<RecordId> {
        // too long for a number: some other name
        if let Ok(number) = text.parse() {
            return RecordId::of_number(number);
        }
        let fit = (1..=LONGEST).contains(&text.len()) && !text.chars().any(char::is_control);
        fit.then(|| RecordId::Text(text.to_owned()))
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordId::Number(number) => write!(f, "{number}"),
            RecordId::Text(text) => f.write_str(text),
        }
    }
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Ids {
    pub(super) ids: Vec<RecordId>,
    pub(super) strange: Option<&'static str>,
}

/// Reads a list of ids.
pub(super) fn read(text: &RawValue) -> Ids {
    serde_json::from_str(text.get()).unwrap_or(Ids { ids: Vec::new(), strange: Some("the record ids are no list") })
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ids, D::Error> {
        deserializer.deserialize_seq(ListVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = Ids;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of record ids")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Ids, A::Error> {
        let mut found = Ids::default();
        let mut seen = HashSet::new();
        let mut others = false;
        while let Some(Element(id)) = list.next_element()? {
            match id {
                None => others = true,
                Some(id) if seen.contains(&id) => {}
                Some(_) if seen.len() >= MOST => found.strange = Some("too many record ids"),
                Some(id) => {
                    seen.insert(id.clone());
                    found.ids.push(id);
                }
            }
        }
        if others && found.ids.is_empty() {
            found.strange = Some("a record id is neither positive number nor text");
        }
        Ok(found)
    }
}

/// An element of the list; none if it is no id.
struct Element(Option<RecordId>);

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Element, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_i64<E>(self, number: i64) -> Result<Element, E> {
        Ok(Element(RecordId::of_number(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Element, E> {
        Ok(Element(i64::try_from(number).ok().and_then(RecordId::of_number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Element, E> {
        Ok(Element(RecordId::of_text(text)))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Element, E> {
        Ok(Element(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Element, E> {
        Ok(Element(None))
    }

    fn visit_unit<E>(self) -> Result<Element, E> {
        Ok(Element(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Element, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Element(None))
    }
}
