//! Shapes of the vendor's description: the extract in `tests/openapi.json`, and values held against its schemas.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Map, Value};

/// Members of records that only requests hold, though the description does not say so.
const ONLY_SENT: [&str; 1] = ["attachment_token"];

/// The extract; it says itself how it is read.
pub fn description() -> &'static Value {
    static READ: OnceLock<Value> = OnceLock::new();
    READ.get_or_init(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.json");
        let text = std::fs::read_to_string(path).expect("the extract");
        serde_json::from_str(&text).expect("JSON")
    })
}

/// Members of a schema, with those that only examples have.
fn members(schema: &str) -> Option<BTreeMap<&'static str, &'static str>> {
    let members = description()["schemas"].get(schema)?.as_object()?;
    let typed = members.iter().filter_map(|(name, kind)| Some((name.as_str(), kind.as_str()?)));
    let more = description()["examples"][schema].as_array().into_iter().flatten();
    Some(typed.chain(more.filter_map(|name| Some((name.as_str()?, "any")))).collect())
}

/// What is wrong with a value of a type of the description. Any may be null.
pub fn wrong(kind: &str, value: &Value, at: &str) -> Vec<String> {
    let kind = kind.trim_end_matches('?');
    let no = |right: bool| if right { Vec::new() } else { vec![format!("{at} is {value}, no {kind}")] };
    if value.is_null() || kind == "any" {
        return Vec::new();
    }
    if let Some(inner) = kind.strip_prefix('[').and_then(|kind| kind.strip_suffix(']')) {
        let Some(list) = value.as_array() else { return no(false) };
        return list.iter().flat_map(|value| wrong(inner, value, &format!("{at}[]"))).collect();
    }
    if let Some(inner) = kind.strip_prefix('{').and_then(|kind| kind.strip_suffix('}')) {
        let Some(object) = value.as_object() else { return no(false) };
        return object.values().flat_map(|value| wrong(inner, value, &format!("{at}{{}}"))).collect();
    }
    if let Some(texts) = kind.strip_prefix("enum(").and_then(|kind| kind.strip_suffix(')')) {
        return no(value.as_str().is_some_and(|text| texts.split('|').any(|known| known == text)));
    }
    match kind {
        "string" if at.ends_with("ei_type") => no(value.is_string() || value.is_number()),
        "string" => no(value.is_string()),
        // The example of the list of F24 has a text.
        "number" if at.ends_with("aggregated_data.amount") => no(value.is_string()),
        "number" => no(value.is_number()),
        "integer" => no(value.is_i64()),
        "boolean" => no(value.is_boolean()),
        "object" => no(value.is_object()),
        schema => wrong_object(schema, value, at),
    }
}

fn wrong_object(schema: &str, value: &Value, at: &str) -> Vec<String> {
    let known = members(schema).unwrap_or_else(|| panic!("no schema {schema}"));
    if let Some(whole) = known.get("") {
        return wrong(whole, value, at);
    }
    let Some(object) = value.as_object() else { return vec![format!("{at} is {value}, no {schema}")] };
    let check = |(name, value): (&String, &Value)| match known.get(name.as_str()) {
        Some(kind) => wrong(kind, value, &format!("{at}.{name}")),
        None => vec![format!("{at}.{name} is not in {schema}")],
    };
    object.iter().flat_map(check).collect()
}

/// Members that the schema of a list's rows or of a record has and the answer lacks.
pub fn missing(schema: &str, body: &Value) -> Vec<String> {
    let data = members(schema).and_then(|members| members.get("data").copied()).unwrap_or_default();
    let record = data.trim_matches(['[', ']', '?']);
    let (Some(shape), false) = (description()["schemas"].get(record), record.contains("Price")) else {
        return Vec::new();
    };
    let first = body["data"].get(0).unwrap_or(&body["data"]);
    let has = |name: &&String| first.get(name.as_str()).is_some() || ONLY_SENT.contains(&name.as_str());
    let lacks = |members: &Map<String, Value>| members.keys().filter(|name| !has(name)).cloned().collect();
    shape.as_object().filter(|shape| !shape.contains_key("")).map(lacks).unwrap_or_default()
}
