//! How records are shown: which fields, which fieldset, with which peculiarities. In: stored text. Out: text
//! appended to an answer. Whole records are copied as they are, without parsing.

use serde_json::{Map, Value};

use crate::answer::{self, Refusal};
use crate::collection::{Record, TICKET};
use crate::data::{self, Birth};
use crate::resource::{Kind, Resource};

/// Which part of a record is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Whole,
    Basic,
    /// These fields; with `true` besides those of the basic fieldset.
    Fields(Vec<String>, bool),
}

/// Peculiarities of one answer.
#[derive(Clone, Debug)]
pub(crate) struct Looks {
    pub(crate) ticket: String,
    /// By how many places the keys are moved.
    pub(crate) turn_keys: usize,
    /// Fields shown as null.
    pub(crate) nulls: &'static [&'static str],
    /// Fields left out.
    pub(crate) without: &'static [&'static str],
}

/// Reads `fields` and `fieldset`; `default` is for requests with neither.
pub(crate) fn read(resource: &Resource, query: &[(String, String)], default: View) -> Result<View, Refusal> {
    let given = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let fieldset = match given("fieldset") {
        None => None,
        Some("basic" | "fic_view") => Some(View::Basic),
        Some("detailed") => Some(View::Whole),
        Some(other) => {
            return Err(Refusal::invalid("fieldset", format!("unknown fieldset {other:?}")));
        }
    };
    let Some(fields) = given("fields") else {
        return Ok(fieldset.unwrap_or(default));
    };
    let fields: Vec<String> = fields.split(',').map(str::to_owned).collect();
    let sample = sample(resource);
    if let Some(unknown) = fields.iter().find(|field| sample.get(head(field)).is_none()) {
        return Err(Refusal::invalid("fields", format!("unknown field {unknown:?}")));
    }
    // A known fault of the service: it fails when nothing but rows is asked for.
    if resource.kind == Kind::Issued && fields.iter().all(|field| matches!(&**field, "items_list" | "payments_list")) {
        let reply = answer::failure(500, "Internal server error.", "SERVER_ERROR");
        return Err(Refusal::mistake(reply, "the fields are rows alone"));
    }
    Ok(match fieldset {
        Some(View::Whole) => View::Whole,
        Some(_) => View::Fields(fields, true),
        None => View::Fields(fields, false),
    })
}

/// A record of the kind, for its keys.
fn sample(resource: &Resource) -> Value {
    let stamp = "2024-01-01 00:00:00";
    let (today, around) = ("2024-01-01", data::Around::default());
    let birth = Birth { seed: 0, id: 1, ordinal: 1, created_at: stamp, updated_at: stamp, today, files: "", around };
    data::make(resource, &birth)
}

/// `entity.name` asks for the entity.
fn head(field: &str) -> &str {
    field.split('.').next().unwrap_or(field)
}

/// Appends a record to an answer.
pub(crate) fn show(record: &Record, kind: Kind, view: &View, looks: &Looks, out: &mut String) {
    let plain = *view == View::Whole && looks.turn_keys == 0 && looks.nulls.is_empty() && looks.without.is_empty();
    if plain {
        append(&record.text, &looks.ticket, out);
        return;
    }
    let Ok(Value::Object(fields)) = serde_json::from_str(&record.text) else {
        return;
    };
    let mut shown: Map<String, Value> = fields
        .into_iter()
        .filter(|(field, _)| view.shows(kind, field) && !looks.without.contains(&field.as_str()))
        .map(|(field, value)| {
            let null = looks.nulls.contains(&field.as_str()) || (view.is_basic() && kind.null_in_basic(&field));
            (field, if null { Value::Null } else { value })
        })
        .collect();
    if looks.turn_keys > 0 {
        turn(&mut shown, looks.turn_keys);
    }
    append(&Value::Object(shown).to_string(), &looks.ticket, out);
}

impl View {
    fn is_basic(&self) -> bool {
        matches!(self, View::Basic)
    }

    fn shows(&self, kind: Kind, field: &str) -> bool {
        match self {
            View::Whole => true,
            View::Basic => kind.shows_in_basic(field),
            View::Fields(fields, basic) => {
                fields.iter().any(|wanted| head(wanted) == field) || (*basic && kind.shows_in_basic(field))
            }
        }
    }
}

/// Moves the first keys behind the others, at all depths.
fn turn(map: &mut Map<String, Value>, places: usize) {
    let mut entries: Vec<(String, Value)> = std::mem::take(map).into_iter().collect();
    let by = places % entries.len().max(1);
    entries.rotate_left(by);
    for (key, mut value) in entries {
        turn_inside(&mut value, places);
        map.insert(key, value);
    }
}

fn turn_inside(value: &mut Value, places: usize) {
    match value {
        Value::Object(map) => turn(map, places),
        Value::Array(list) => list.iter_mut().for_each(|value| turn_inside(value, places)),
        _ => {}
    }
}

fn append(text: &str, ticket: &str, out: &mut String) {
    let mut parts = text.split(TICKET);
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str(ticket);
        out.push_str(part);
    }
}
