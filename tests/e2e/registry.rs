//! Every entry of the registry against the extract of the vendor's description (`tests/openapi.json`), and against the
//! sandbox, which was written from the documentation by itself: paths, parameters, scopes, events, sorts, filters, ids.

use crate::env::Env;
use crate::subscriptions::ask;
use ficsync::record::Ids;
use ficsync::resource::{self, Kind, Parts, Resource, Shape, TieBreak, events};
use ficsync_sandbox::{COMPANY, Quirk, TOKEN};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::OnceLock;

fn description() -> &'static Value {
    static PARSED: OnceLock<Value> = OnceLock::new();
    PARSED.get_or_init(|| serde_json::from_str(include_str!("../openapi.json")).expect("the description is JSON"))
}

fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The operation of a path below a company.
fn operation(path: &str) -> Option<&'static Value> {
    description()["operations"].get(format!("GET /c/{{company_id}}{path}"))
}

/// The operation of single records below a path.
fn single(path: &str) -> Option<&'static Value> {
    let operations = description()["operations"].as_object().expect("operations");
    let start = format!("GET /c/{{company_id}}{path}/{{");
    let found = operations
        .iter()
        .find(|(line, _)| line.strip_prefix(&start).is_some_and(|rest| rest.find('}') == Some(rest.len() - 1)));
    found.map(|(_, operation)| operation)
}

/// The path of its list as the description writes it.
fn list_path(resource: &Resource) -> String {
    match resource.whole().map(|whole| whole.parts) {
        Some(Parts::OfEach { below, .. }) => format!("{}/{{price_list_id}}{below}", resource.list.path),
        _ => resource.list.path.to_owned(),
    }
}

fn enumerated(resource: &Resource, parameter: &str) -> BTreeSet<&'static str> {
    let operation = operation(&list_path(resource)).expect("the list's operation");
    texts(&operation["parameters"][parameter]["enum"])
}

fn required(operation: &Value) -> BTreeSet<&str> {
    let parameters = operation["parameters"].as_object().expect("parameters");
    parameters.iter().filter(|(_, p)| p["required"] == true).map(|(name, _)| name.as_str()).collect()
}

/// The parameters that a list must have and may have, by what the registry says of it.
fn parameters(resource: &Resource) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let pages = ["page", "per_page", "fieldset"];
    let (must, may): (Vec<&str>, Vec<&str>) = match resource.list.kind {
        Kind::Stamped(_) => {
            (resource.list.document_type.iter().map(|_| "type").collect(), [&pages[..], &["sort", "q"]].concat())
        }
        Kind::Whole(whole) => match whole.parts {
            Parts::Pages(sort) => (vec![], pages.into_iter().chain(sort.map(|_| "sort")).collect()),
            Parts::PagesOf { parameter, .. } => (vec![parameter], pages.to_vec()),
            Parts::AnswerOf { parameter, .. } => (vec![parameter], vec![]),
            Parts::Years => (vec!["date_from", "date_to"], vec![]),
            Parts::DetailedAnswer => (vec![], vec!["fieldset"]),
            Parts::Answer(_) | Parts::OfEach { .. } | Parts::Company => (vec![], vec![]),
        },
    };
    (must.into_iter().collect(), may.into_iter().collect())
}

#[test]
fn every_list_is_described_with_the_parameters_that_it_is_asked_with() {
    for resource in resource::ALL {
        let name = resource.name;
        let operation = operation(&list_path(resource)).unwrap_or_else(|| panic!("{name}: no such path"));
        let (must, may) = parameters(resource);
        assert_eq!(required(operation), must, "{name}: what must be given");
        for parameter in must.iter().chain(&may) {
            assert!(!operation["parameters"][*parameter].is_null(), "{name}: no parameter {parameter}");
        }
        if let Some(single_path) = resource.single {
            assert!(single(single_path).is_some(), "{name}: no single record at {single_path}");
        } else if !matches!(resource.whole().map(|w| w.parts), Some(Parts::OfEach { .. })) {
            assert!(single(resource.list.path).is_none(), "{name}: a single record can be asked for");
        }
    }
}

#[test]
fn every_kind_of_a_list_has_its_entry() {
    for path in ["/issued_documents", "/received_documents"] {
        let of_path = || resource::ALL.iter().filter(|r| r.list.path == path && r.stamped().is_some());
        let types: BTreeSet<&str> = of_path().filter_map(|r| r.list.document_type).collect();
        assert_eq!(types, enumerated(of_path().next().expect("an entry"), "type"), "{path}");
        assert_eq!(types.len(), of_path().count(), "{path}: a type twice");
    }
    for resource in resource::ALL {
        if let Some(Parts::PagesOf { parameter, values, .. } | Parts::AnswerOf { parameter, values, .. }) =
            resource.whole().map(|whole| whole.parts)
        {
            assert_eq!(
                values.iter().copied().collect::<BTreeSet<_>>(),
                enumerated(resource, parameter),
                "{}",
                resource.name
            );
        }
    }
}

/// Where the description names another scope than the one it has for the type, or none although there is one.
fn scope_by_type(resource: &Resource) -> bool {
    resource.list.path == "/issued_documents" || resource.name == "emails"
}

#[test]
fn scopes_are_those_of_the_description() {
    let all = texts(&description()["scopes"]);
    for resource in resource::ALL {
        let (name, listed) = (resource.name, texts(&operation(&list_path(resource)).expect("described")["scopes"]));
        match resource.scope {
            None => assert!(listed.is_empty(), "{name} needs one of {listed:?}"),
            Some(scope) => {
                assert!(all.contains(scope), "{name}: there is no scope {scope}");
                assert!(listed.contains(scope) || scope_by_type(resource), "{name}: {scope} is none of {listed:?}");
                if let Some(single) = resource.single.and_then(single) {
                    let listed = texts(&single["scopes"]);
                    assert!(listed.contains(scope) || scope_by_type(resource), "{name}: {scope}, single: {listed:?}");
                }
            }
        }
    }
    // All that reads records of a company, but for what is not mirrored.
    let used: BTreeSet<&str> = resource::ALL.iter().filter_map(|r| r.scope).collect();
    let left: Vec<&str> = all.into_iter().filter(|scope| scope.ends_with(":r") && !used.contains(scope)).collect();
    assert_eq!(left, ["calendar:r", "situation:r", "stock:r"]);
}

/// The description leaves a name out that a page of the documentation has.
const ONLY_DOCUMENTED: &str = "issued_documents.self_invoices";

#[test]
fn events_are_those_of_the_description() {
    let described = texts(&description()["events"]);
    for event in described.iter().filter(|event| !event.contains(".all.")) {
        let told: Vec<_> = events::tell_of(&format!("{}{event}", events::PREFIX)).collect();
        assert!(!told.is_empty(), "{event} tells of nothing");
        let group = told[0].events.group.expect("a group");
        assert!(told.iter().all(|r| r.events.group == Some(group) && r.lane() == told[0].lane()), "{event}: {told:?}");
    }
    for resource in resource::ALL {
        for event in resource.types() {
            assert!(described.contains(event.as_str()), "{}: {event}", resource.name);
        }
        for kind in resource.events.kinds.iter().filter(|kind| **kind != ONLY_DOCUMENTED) {
            assert!(described.contains(format!("{kind}.update").as_str()), "{}: {kind}", resource.name);
        }
    }
    for group in events::GROUPS {
        for event in events::group_types(group) {
            let name = event.strip_prefix(events::PREFIX).expect("a whole type");
            assert!(described.contains(name), "{group}: {name}");
        }
    }
}

/// A world with some records of every list.
fn filled() -> Env {
    let env = Env::new();
    env.fic.set_quota(100_000, 100_000, 1_000_000);
    let gathered = ["companies", "numerations"];
    for resource in resource::ALL.iter().filter(|r| !gathered.contains(&r.name)) {
        env.fic.populate(COMPANY, resource.name, 12);
    }
    env
}

/// Asks the sandbox; the status, and the body.
fn get_as(env: &Env, token: &str, path: &str, query: &[(&str, &str)]) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).http_status_as_error(false).build().into();
    let request = agent.get(format!("{}/c/{COMPANY}{path}", env.fic.url()));
    let request = request.header("Authorization", format!("Bearer {token}"));
    let mut answer = request.query_pairs(query.iter().copied()).call().expect("the sandbox answers");
    let body = answer.body_mut().read_to_string().expect("text");
    (answer.status().as_u16(), serde_json::from_str(&body).unwrap_or_default())
}

/// What its list must be asked with, and the path.
fn question(env: &Env, resource: &Resource) -> (String, Vec<(&'static str, &'static str)>) {
    let plain = resource.list.path.to_owned();
    match resource.list.kind {
        Kind::Stamped(_) => (plain, resource.list.document_type.map(|kind| ("type", kind)).into_iter().collect()),
        Kind::Whole(whole) => match whole.parts {
            Parts::PagesOf { parameter, values, .. } | Parts::AnswerOf { parameter, values, .. } => {
                (plain, vec![(parameter, values[0])])
            }
            Parts::Years => (plain, vec![("date_from", "2000-01-01"), ("date_to", "2100-12-31")]),
            Parts::OfEach { parent, below, .. } => {
                (format!("{plain}/{}{below}", env.fic.all_ids(COMPANY, parent)[0]), vec![])
            }
            _ => (plain, vec![]),
        },
    }
}

#[test]
fn sorts_and_filters_are_those_of_the_documentation() {
    let env = filled();
    for resource in resource::ALL {
        let (path, asked) = question(&env, resource);
        let status = |more: &[(&str, &str)]| get_as(&env, TOKEN, &path, &[&asked, more].concat()).0;
        let takes = |name: &str, value: &str, taken: bool| {
            let expected = if taken { 200 } else { 422 };
            assert_eq!(status(&[(name, value)]), expected, "{}: {name}={value}", resource.name);
        };
        assert_eq!(status(&[]), 200, "{}", resource.name);
        match resource.list.kind {
            Kind::Stamped(list) => {
                for sort in ["updated_at", "-updated_at"] {
                    takes("sort", sort, true);
                }
                for filter in
                    ["updated_at >= '2026-01-01 00:00:00'", "created_at < '2026-01-01 00:00:00'", "updated_at is null"]
                {
                    takes("q", filter, true);
                }
                takes("q", "id > 3 and id <= 9", list.tie_break == TieBreak::FilterById);
                // A list whose ids can be filtered needs no order by them.
                if list.tie_break != TieBreak::FilterById {
                    takes("sort", "id", list.tie_break == TieBreak::SortById);
                }
                takes("sort", list.steady_sort, true);
            }
            Kind::Whole(whole) => {
                takes("sort", "-updated_at", false);
                takes("q", "updated_at >= '2026-01-01 00:00:00'", false);
                if let Parts::Pages(Some(sort)) = whole.parts {
                    takes("sort", sort, true);
                }
            }
        }
    }
}

#[test]
fn a_scope_opens_its_lists_and_no_other_does() {
    let env = filled();
    // The scope exists, and the description does not name it at the path.
    env.fic.quirk(Quirk::NeedsScope("emails", "emails"));
    let all: BTreeSet<&str> = resource::ALL.iter().filter_map(|r| r.scope).collect();
    for resource in resource::ALL {
        let (path, query) = question(&env, resource);
        let others: Vec<&str> = all.iter().copied().filter(|scope| Some(*scope) != resource.scope).collect();
        let status = |scopes: &[&str]| get_as(&env, &env.fic.issue_token(&[COMPANY], scopes), &path, &query).0;
        let own: Vec<&str> = resource.scope.into_iter().collect();
        assert_eq!(status(&own), 200, "{}: its own scope", resource.name);
        let expected = if resource.scope.is_some() { 403 } else { 200 };
        assert_eq!(status(&others), expected, "{}: all others", resource.name);
    }
    env.nothing_forbidden();
}

#[test]
fn single_records_are_found_where_the_registry_says() {
    let env = filled();
    for resource in resource::ALL.iter().filter(|r| r.single.is_some()) {
        let id = env.fic.all_ids(COMPANY, resource.name)[3].clone();
        let path = format!("{}/{id}", resource.single.expect("a path"));
        let (status, body) = get_as(&env, TOKEN, &path, &[("fieldset", "detailed")]);
        assert_eq!((status, &body["data"]["id"]), (200, &id.json()), "{}", resource.name);
    }
    env.nothing_forbidden();
    for resource in resource::ALL.iter().filter(|r| r.single.is_none() && r.list.path != "/company/info") {
        assert_eq!(get_as(&env, TOKEN, &format!("{}/1", resource.list.path), &[]).0, 404, "{}", resource.name);
    }
}

#[test]
fn stamps_and_ids_are_as_the_registry_says() {
    let env = filled();
    for resource in resource::ALL {
        let records = env.fic.truth(COMPANY, resource.name);
        assert!(!records.is_empty(), "{}", resource.name);
        for record in &records {
            let has = |member: &str| record.get(member).is_some();
            let stamps = (has("created_at"), has("updated_at"));
            let expected = resource.stamped().is_some();
            assert_eq!(stamps, (expected, expected), "{}: {record}", resource.name);
            let made_here = match resource.whole().map(|whole| whole.parts) {
                Some(Parts::Answer(shape) | Parts::AnswerOf { shape, .. } | Parts::OfEach { shape, .. }) => {
                    shape != Shape::Records
                }
                _ => false,
            };
            let is_number = record["id"].is_number();
            let right = if resource.table.form.ids == Ids::Numbers { is_number } else { record["id"].is_string() };
            assert!(right || made_here && !has("id"), "{}: {record}", resource.name);
        }
    }
}

#[test]
fn a_subscription_of_a_group_brings_what_its_types_need() {
    let env = Env::new();
    let mirrored: Vec<&Resource> = resource::ALL.iter().collect();
    for group in events::GROUPS {
        let sink = format!("https://hooks.example.it/api/webhooks/fic/1/{group}");
        let types = events::group_types(group);
        let body = json!({"data": {"sink": sink, "types": types, "verification_method": "header",
                                   "config": {"mapping": "binary"}}});
        let made = ask(&env, "POST", "", Some(body));
        let there = texts(&made["data"]["types"]);
        for needed in events::needed_types(group, &mirrored) {
            assert!(there.contains(needed.as_str()), "{group}: {needed} is missing in {there:?}");
        }
    }
    env.nothing_forbidden();
}
