//! What the sandbox answers, against an extract of the vendor's description (`tests/openapi.json`): paths, parameters,
//! scopes, shapes of answers, types of events. What it does not serve is named here.

use crate::client::{Answer, agent, get, get_as};
use crate::shapes::{description, missing, wrong};
use ficsync_sandbox::{COMPANY, Id, Sandbox, TOKEN};
use serde_json::Value;

/// Paths of the description that ficsync has no use for: the sandbox takes them for mistakes.
const NOT_SERVED: [&str; 11] = [
    "/entities/clients/info",
    "/issued_documents/{document_id}/email",
    "/issued_documents/{document_id}/e_invoice/xml_verify",
    "/received_documents/info",
    "/receipts/info",
    "/receipts/monthly_totals",
    "/settings/templates",
    "/settings/templates/{template_id}",
    "/issued_documents/transform",
    "/issued_documents/join",
    "/subscriptions/{subscription_id}",
];
/// Paths below a company, with their GET operation.
fn operations() -> Vec<(&'static str, &'static Value)> {
    let all = description()["operations"].as_object().expect("operations");
    let served = |(line, operation): (&'static String, &'static Value)| {
        let path = line.strip_prefix("GET /c/{company_id}")?;
        (!NOT_SERVED.contains(&path)).then_some((path, operation))
    };
    all.iter().filter_map(served).collect()
}

/// A sandbox with records of every type.
fn filled() -> Sandbox {
    let sandbox = Sandbox::start(21);
    let first = ["clients", "suppliers", "products", "price_lists", "quotes"];
    for list in first.into_iter().chain(ficsync_sandbox::lists().filter(|list| !first.contains(list))) {
        if list != "companies" {
            sandbox.populate(COMPANY, list, 12);
        }
    }
    for list in ["invoices", "expenses"] {
        sandbox.delete(COMPANY, list, sandbox.ids(COMPANY, list)[3]);
    }
    sandbox
}

/// The path with ids of records that are there.
fn concrete(sandbox: &Sandbox, path: &str) -> String {
    let of = |list: &str| sandbox.all_ids(COMPANY, list)[5].to_string();
    let e_invoice = || {
        let wanted = |record: &&Value| record["ei_status"] == "discarded";
        let invoice = sandbox.ids(COMPANY, "invoices")[0];
        sandbox.set_ei_status(COMPANY, "invoices", invoice, "discarded");
        sandbox.truth(COMPANY, "invoices").iter().find(wanted).expect("an e-invoice")["id"].to_string()
    };
    let Some((start, end)) = path.find('{').zip(path.find('}')) else { return path.to_owned() };
    let id = match &path[..start] {
        "/issued_documents/" if path.contains("e_invoice") => e_invoice(),
        "/bin/issued_documents/" => sandbox.deleted(COMPANY, "invoices")[0].to_string(),
        "/bin/received_documents/" => sandbox.deleted(COMPANY, "expenses")[0].to_string(),
        other => of(match other {
            "/entities/clients/" => "clients",
            "/entities/suppliers/" => "suppliers",
            "/products/" => "products",
            "/issued_documents/" => "invoices",
            "/received_documents/" => "expenses",
            "/received_documents/pending/" => "pending_documents",
            "/receipts/" => "receipts",
            "/taxes/" => "taxes",
            "/archive/" => "archive_documents",
            "/cashbook/" => "cashbook_entries",
            "/price_lists/" => "price_lists",
            "/settings/payment_methods/" => "payment_methods",
            "/settings/payment_accounts/" => "payment_accounts",
            "/settings/vat_types/" => "vat_types",
            other => panic!("no list is known at {other}"),
        }),
    };
    format!("{}{id}{}", &path[..start], &path[end + 1..])
}

/// A right value of a parameter; none where the documentation knows none.
fn value(path: &str, name: &str, parameter: &Value) -> Option<String> {
    let undocumented = ["/emails", "/info/payment_methods", "/info/payment_accounts"].contains(&path);
    if let Some(first) = parameter["enum"].get(0) {
        return Some(first.as_str().map_or_else(|| first.to_string(), str::to_owned));
    }
    Some(match name {
        "date_from" => "2000-01-01".to_owned(),
        "date_to" => "2100-12-31".to_owned(),
        "fields" => "id".to_owned(),
        "sort" | "q" if undocumented => return None,
        "sort" => if path == "/taxes" {
            "-due_date"
        } else if path.contains("entities") {
            "name"
        } else {
            ""
        }
        .to_owned(),
        "q" => return None,
        _ if parameter["type"] == "boolean" => "true".to_owned(),
        _ => "1".to_owned(),
    })
    .map(|text| match (name, text.as_str(), path) {
        ("sort", "", "/products") => "name".to_owned(),
        ("sort", "", _) => "date".to_owned(),
        _ => text,
    })
}

/// The query of the required parameters, but for one.
fn required(path: &str, operation: &Value, without: &str) -> String {
    let parameters = operation["parameters"].as_object().expect("parameters");
    let needed = parameters.iter().filter(|(name, parameter)| parameter["required"] == true && *name != without);
    let pairs = needed.map(|(name, parameter)| format!("{name}={}", value(path, name, parameter).expect("a value")));
    pairs.collect::<Vec<_>>().join("&")
}

#[test]
fn every_parameter_of_the_description_is_known_and_no_other() {
    let sandbox = filled();
    let mut mistakes = 0;
    for (path, operation) in operations() {
        let there = concrete(&sandbox, path);
        let plain = required(path, operation, "");
        let ask = |more: &str| get(&sandbox, &format!("{there}?{}", [&plain, more].join("&").trim_matches('&')));
        assert_eq!(ask("").status, 200, "{path}");
        for (name, parameter) in operation["parameters"].as_object().expect("parameters") {
            if parameter["required"] == true {
                let less = get(&sandbox, &format!("{there}?{}", required(path, operation, name)));
                assert_eq!(less.status, 422, "{path} without {name}");
                mistakes += 1;
            } else if let Some(right) = value(path, name, parameter) {
                assert_eq!(ask(&format!("{name}={right}")).status, 200, "{path} with {name}={right}");
            }
            if !parameter["enum"].is_null() && parameter["required"] != true {
                assert_eq!(ask(&format!("{name}=nonsense")).status, 422, "{path} with {name}=nonsense");
                mistakes += 1;
            }
        }
        assert_eq!(ask("colour=red").status, 422, "{path} with colour");
        let posted = agent()
            .post(format!("{}/c/{COMPANY}{there}", sandbox.url()))
            .header("Authorization", format!("Bearer {TOKEN}"))
            .send("{}");
        // New subscriptions are posted.
        let status = if path == "/subscriptions" { 422 } else { 405 };
        assert_eq!(posted.expect("an answer").status().as_u16(), status, "POST {path}");
        mistakes += 2;
    }
    assert_eq!(sandbox.violations().len(), mistakes, "{:#?}", sandbox.violations());
}

#[test]
fn paths_that_are_not_served_are_mistakes() {
    let sandbox = filled();
    let paths = NOT_SERVED.iter().filter(|path| !path.starts_with("/subscriptions"));
    for path in paths {
        let path = path.replace("{document_id}", "5").replace("{template_id}", "5");
        let before = sandbox.violations().len();
        assert_eq!(get(&sandbox, &path).status, 404, "{path}");
        assert_eq!(sandbox.violations().len(), before + 1, "{path}");
    }
}

#[test]
fn each_path_demands_its_scope_and_no_more() {
    let sandbox = filled();
    let token = sandbox.issue_token(&[COMPANY], &["nothing:r"]);
    let status = |path: &str| get_as(&sandbox, &token, &format!("/c/{COMPANY}{path}")).expect("an answer").status;
    for (path, operation) in operations() {
        let there = format!("{}?{}", concrete(&sandbox, path), required(path, operation, ""));
        let scopes: Vec<&str> =
            operation["scopes"].as_array().expect("scopes").iter().filter_map(Value::as_str).collect();
        sandbox.set_scopes(&token, &["nothing:r"]);
        assert_eq!(status(&there), if scopes.is_empty() { 200 } else { 403 }, "{there}");
        if let Some(first) = scopes.first() {
            // The first type of issued documents is the invoice, and so is the first scope.
            sandbox.set_scopes(&token, &[*first]);
            assert_eq!(status(&there), 200, "{there} with {first}");
        }
    }
    for scope in ["work_reports", "supplier_orders", "self_invoices"] {
        let scope = format!("issued_documents.{scope}:r");
        let known = description()["scopes"].as_array().expect("scopes");
        assert!(known.contains(&Value::from(scope.clone())), "{scope}");
        let list = scope.split(['.', ':']).nth(1).expect("a list").trim_end_matches('s');
        let doc_type = if list == "self_invoice" { "self_own_invoice" } else { list };
        sandbox.set_scopes(&token, &["issued_documents.invoices:r"]);
        assert_eq!(status(&format!("/issued_documents?type={doc_type}")), 403);
        sandbox.set_scopes(&token, &[&scope]);
        assert_eq!(status(&format!("/issued_documents?type={doc_type}")), 200);
    }
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[test]
fn answers_have_the_shapes_of_the_description() {
    let sandbox = filled();
    for (path, operation) in operations() {
        let types: Vec<&str> = operation["parameters"]["type"]["enum"]
            .as_array()
            .filter(|_| operation["parameters"]["type"]["required"] == true)
            .map_or(vec![""], |types| types.iter().filter_map(Value::as_str).collect());
        for doc_type in types {
            let detailed = if operation["parameters"]["fieldset"].is_null() { "" } else { "&fieldset=detailed" };
            let query = required(path, operation, if doc_type.is_empty() { "" } else { "type" });
            let doc_type = if doc_type.is_empty() { String::new() } else { format!("&type={doc_type}") };
            let there = format!("{}?{query}{doc_type}{detailed}", concrete(&sandbox, path)).replace("?&", "?");
            shaped(&get(&sandbox, &there), operation, &there);
        }
    }
    assert_eq!(sandbox.violations(), [""; 0]);
}

fn shaped(answer: &Answer, operation: &Value, there: &str) {
    assert_eq!(answer.status, 200, "{there}");
    let schema = operation["response"].as_str().expect("a schema");
    if schema == "string" {
        return;
    }
    let found = wrong(schema, &answer.body, "");
    assert!(found.is_empty(), "{there}: {:#?}", &found[..found.len().min(12)]);
    let bin = there.starts_with("/bin/") || there.starts_with("/subscriptions");
    let lacking = if bin { Vec::new() } else { missing(schema, &answer.body) };
    assert_eq!(lacking, [""; 0], "{there}");
}

#[test]
fn every_type_of_event_can_be_subscribed_to() {
    let sandbox = Sandbox::start(22);
    let types = description()["events"].as_array().expect("events");
    let types: Vec<String> =
        types.iter().filter_map(Value::as_str).map(|tail| format!("it.fattureincloud.webhooks.{tail}")).collect();
    let body = serde_json::json!({"data": {"sink": "https://hooks.example.com/all", "types": types}});
    let answer = agent()
        .post(format!("{}/c/{COMPANY}/subscriptions", sandbox.url()))
        .header("Authorization", format!("Bearer {TOKEN}"))
        .send(body.to_string());
    assert_eq!(answer.expect("an answer").status().as_u16(), 200);
    assert_eq!(sandbox.violations(), [""; 0]);
    let single = types.iter().filter(|name| !name.contains(".all.")).count();
    assert_eq!(get(&sandbox, "/subscriptions").body["data"][0]["types"].as_array().map(Vec::len), Some(single));
}

#[test]
fn ids_are_numbers_or_texts_as_the_description_has_them() {
    let sandbox = filled();
    for list in ["cashbook_entries", "price_lists"] {
        assert_eq!(sandbox.text_ids(COMPANY, list).len(), 12, "{list}");
        assert!(sandbox.truth(COMPANY, list).iter().all(|record| record["id"].is_string()), "{list}");
    }
    assert_eq!(sandbox.ids(COMPANY, "vat_types")[0], 0);
    let entry = sandbox.all_ids(COMPANY, "cashbook_entries");
    assert!(entry.iter().any(|id| matches!(id, Id::Text(text) if text.parse::<i64>().is_ok())));
}
