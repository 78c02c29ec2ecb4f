//! The sandbox as a client sees it: strictness, pages, filters, credentials, quotas.

use crate::client::{agent, get, get_as, ids};
use ficsync_sandbox::{COMPANY, Quirk, Sandbox, TOKEN};
use serde_json::{Value, json};

#[test]
fn a_page_has_the_vendors_envelope() {
    let sandbox = Sandbox::start(1);
    sandbox.populate(COMPANY, "clients", 8);
    let first = get(&sandbox, "/entities/clients");
    let keys: Vec<&str> = first.body.as_object().expect("a page").keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "current_page",
            "data",
            "first_page_url",
            "from",
            "last_page",
            "last_page_url",
            "next_page_url",
            "path",
            "per_page",
            "prev_page_url",
            "to",
            "total"
        ]
    );
    assert_eq!((&first.body["per_page"], &first.body["total"]), (&json!(5), &json!(8)));
    assert_eq!((&first.body["next_page_url"], &first.body["prev_page_url"]), (&json!("page=2"), &Value::Null));
    let second = get(&sandbox, "/entities/clients?page=2");
    assert_eq!((&second.body["from"], &second.body["to"]), (&json!(6), &json!(8)));
    assert_eq!((&second.body["next_page_url"], &second.body["prev_page_url"]), (&Value::Null, &json!("page=1")));
    let beyond = get(&sandbox, "/entities/clients?page=3");
    assert_eq!((&beyond.body["data"], &beyond.body["from"]), (&json!([]), &Value::Null));
    assert_eq!([ids(&first), ids(&second)].concat(), sandbox.ids(COMPANY, "clients"));
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[test]
fn detailed_lists_and_single_records_are_the_truth() {
    let sandbox = Sandbox::start(2);
    sandbox.quirk(Quirk::StableUrls);
    for (list, path) in [
        ("clients", "/entities/clients?"),
        ("suppliers", "/entities/suppliers?"),
        ("invoices", "/issued_documents?type=invoice&"),
        ("quotes", "/issued_documents?type=quote&"),
        ("products", "/products?"),
        ("expenses", "/received_documents?type=expense&"),
        ("receipts", "/receipts?"),
        ("taxes", "/taxes?"),
        ("archive_documents", "/archive?"),
    ] {
        sandbox.populate(COMPANY, list, 30);
        let page = get(&sandbox, &format!("{path}per_page=100&fieldset=detailed"));
        assert_eq!(page.body["data"], Value::from(sandbox.truth(COMPANY, list)), "{list}");
        let id = sandbox.ids(COMPANY, list)[7];
        let one = get(&sandbox, &format!("{}/{id}", path.split('?').next().unwrap_or_default()));
        assert_eq!(Some(one.body["data"].clone()), sandbox.record(COMPANY, list, id), "{list}");
    }
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[test]
fn documents_show_less_without_detailed() {
    let sandbox = Sandbox::start(3);
    sandbox.populate(COMPANY, "invoices", 3);
    let basic = get(&sandbox, "/issued_documents?type=invoice");
    let record = &basic.body["data"][0];
    assert_eq!((&record["items_list"], &record["payments_list"]), (&Value::Null, &Value::Null));
    assert!(record.get("updated_at").is_none() && record.get("items_list").is_some());
    let one_field = get(&sandbox, "/issued_documents?type=invoice&fields=id&per_page=1");
    assert_eq!(one_field.body["data"][0], json!({"id": sandbox.ids(COMPANY, "invoices")[0]}));
    let urls = || get(&sandbox, "/issued_documents?type=invoice&fields=url").body["data"].clone();
    assert_ne!(urls(), urls());
    sandbox.quirk(Quirk::StableUrls);
    assert_eq!(urls(), urls());
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[test]
fn what_the_description_does_not_allow_is_refused_and_kept() {
    let sandbox = Sandbox::start(4);
    sandbox.populate(COMPANY, "clients", 2);
    let cases = [
        ("/issued_documents", 422),
        ("/issued_documents?type=bill", 422),
        ("/entities/clients?type=invoice", 422),
        ("/entities/clients?per_page=101", 422),
        ("/entities/clients?per_page=0", 422),
        ("/entities/clients?page=0", 422),
        ("/entities/clients?page=+1", 422),
        ("/entities/clients?limit=5", 422),
        ("/entities/clients?page=1&page=2", 422),
        ("/entities/clients?sort=id", 422),
        ("/entities/clients?sort=-nome", 422),
        ("/entities/clients?q=id%20%3D", 422),
        ("/entities/clients?q=city%20%3D%20%27Roma%27", 422),
        ("/issued_documents?type=invoice&q=id%20%3D%201", 422),
        ("/entities/clients?fieldset=full", 422),
        ("/entities/clients?fields=id,vat", 422),
        ("/entities/clients/abc", 404),
        ("/clients", 404),
        ("/entities/clients/1?page=1", 422),
        ("/company/info?page=1", 422),
    ];
    for (path, status) in cases {
        let before = sandbox.violations().len();
        let answer = get(&sandbox, path);
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body["error"]["message"].is_string(), "{path}");
        assert_eq!(sandbox.violations().len(), before + 1, "{path}");
    }
    let url = format!("{}/c/{COMPANY}/entities/clients", sandbox.url());
    let posted = agent().post(&url).header("Authorization", format!("Bearer {TOKEN}")).send("{}").expect("an answer");
    assert_eq!((posted.status().as_u16(), sandbox.violations().len()), (405, cases.len() + 1));
    let anonymous = agent().get(&url).call().expect("an answer");
    assert_eq!((anonymous.status().as_u16(), sandbox.violations().len()), (401, cases.len() + 2));
    let nobody = get(&sandbox, "/entities/clients/999999999");
    assert_eq!((nobody.status, sandbox.violations().len()), (404, cases.len() + 2));
}

#[test]
fn tied_records_change_places_at_each_request_and_others_do_not() {
    let sandbox = Sandbox::start(5);
    sandbox.populate(COMPANY, "clients", 30);
    let tied = sandbox.create_many(COMPANY, "clients", 50);
    let page = || ids(&get(&sandbox, "/entities/clients?sort=-created_at&per_page=100"));
    let (one, two) = (page(), page());
    assert_ne!(one, two);
    assert_eq!(one[50..], two[50..]);
    for order in [one, two] {
        let mut first: Vec<i64> = order[..50].to_vec();
        first.sort_unstable();
        assert_eq!(first, tied);
    }
    let last = || ids(&get(&sandbox, "/entities/clients?sort=-created_at&per_page=10&page=5"));
    let mut seen: Vec<i64> = (0..40).flat_map(|_| last()).collect();
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() > 30, "any of the 50 may be on the last of their five pages, not only {}", seen.len());
    sandbox.quirk(Quirk::KeepTies);
    assert_eq!(page(), page());
}

#[test]
fn filters_and_sorts_work_together() {
    let sandbox = Sandbox::start(6);
    sandbox.populate(COMPANY, "invoices", 120);
    let stamps: Vec<String> = sandbox
        .truth(COMPANY, "invoices")
        .iter()
        .map(|record| record["updated_at"].as_str().expect("a stamp").to_owned())
        .collect();
    let mut sorted = stamps.clone();
    sorted.sort_unstable();
    let q = format!("updated_at%20%3E%3D%20%27{}%27", sorted[60].replace(' ', "%20"));
    let page =
        get(&sandbox, &format!("/issued_documents?type=invoice&q={q}&sort=updated_at&per_page=100&fieldset=detailed"));
    let found: Vec<&str> =
        page.body["data"].as_array().expect("data").iter().filter_map(|record| record["updated_at"].as_str()).collect();
    assert_eq!(found, sorted[60..]);
    assert_eq!(page.body["total"], 60);
    assert_eq!(sandbox.journal().last().map(|request| request.records), Some(60));
}

#[test]
fn nulls_come_first_ascending_unless_turned() {
    let sandbox = Sandbox::start(7);
    let old = sandbox.create(COMPANY, "clients");
    let null = sandbox.create_with(COMPANY, "clients", |record| record["updated_at"] = Value::Null);
    let order = |sort: &str| ids(&get(&sandbox, &format!("/entities/clients?sort={sort}")));
    assert_eq!((order("updated_at"), order("-updated_at")), (vec![null, old], vec![old, null]));
    sandbox.quirk(Quirk::NullsTurned);
    assert_eq!((order("updated_at"), order("-updated_at")), (vec![old, null], vec![null, old]));
}

#[test]
fn quotas_are_counted_and_told() {
    let sandbox = Sandbox::start(8);
    sandbox.set_quota(3, 5, 100);
    for left in ["4", "3", "2"] {
        assert_eq!(get(&sandbox, "/entities/clients").remaining.as_deref(), Some(left));
    }
    let fast = get(&sandbox, "/entities/clients");
    assert_eq!((fast.status, sandbox.refusals()), (429, 1));
    let wait: i64 = fast.retry_after.expect("Retry-After").parse().expect("seconds");
    assert!((290..=300).contains(&wait));
    sandbox.set_quota(100, 3, 100);
    let spent = get(&sandbox, "/entities/clients");
    assert_eq!(spent.status, 403);
    let wait: i64 = spent.retry_after.expect("Retry-After").parse().expect("seconds");
    sandbox.advance(wait);
    assert_eq!(get(&sandbox, "/entities/clients").status, 200);
}

#[test]
fn scopes_and_tokens_are_checked() {
    let sandbox = Sandbox::start(9);
    let token = sandbox.issue_token(&[COMPANY], &["entity.clients:r"]);
    let ask = |path: &str| get_as(&sandbox, &token, &format!("/c/{COMPANY}{path}")).expect("an answer");
    assert_eq!(ask("/entities/clients").status, 200);
    let refused = ask("/entities/suppliers");
    assert_eq!((refused.status, refused.retry_after), (403, None));
    assert_eq!(refused.body["error"]["code"], "NO_PERMISSION");
    sandbox.set_scopes(&token, &["entity.suppliers:r"]);
    assert_eq!(ask("/entities/suppliers").status, 200);
    sandbox.expire_token(&token);
    assert_eq!(ask("/entities/suppliers").status, 401);
    sandbox.add_company(2, "Bianchi");
    assert_eq!(get_as(&sandbox, TOKEN, "/c/2/entities/clients").expect("an answer").status, 403);
    assert_eq!(get_as(&sandbox, TOKEN, "/c/3/entities/clients").expect("an answer").status, 404);
    let seen = get_as(&sandbox, TOKEN, "/user/companies").expect("an answer");
    assert_eq!(seen.body["data"]["companies"][0]["name"], "Rossi S.r.l.");
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[test]
fn the_authorization_code_flow_ends_with_tokens_that_rotate() {
    let sandbox = Sandbox::start(10);
    sandbox.register_client("app", "secret");
    let url = format!(
        "{}/oauth/authorize?response_type=code&client_id=app&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fback&scope=entity.clients%3Ar&state=xyz",
        sandbox.url()
    );
    let redirect = agent().get(&url).call().expect("a redirect");
    assert_eq!(redirect.status().as_u16(), 302);
    let location = redirect.headers()["location"].to_str().expect("a header").to_owned();
    let target = url::Url::parse(&location).expect("a URL");
    let given: Vec<(String, String)> = target.query_pairs().into_owned().collect();
    assert_eq!(given[1], ("state".to_owned(), "xyz".to_owned()));
    let buy = |body: Value| {
        let url = format!("{}/oauth/token", sandbox.url());
        let request = agent().post(&url).content_type("application/json");
        let mut answer = request.send(body.to_string()).expect("an answer");
        let text = answer.body_mut().read_to_string().expect("a body");
        (answer.status().as_u16(), serde_json::from_str::<Value>(&text).expect("JSON"))
    };
    let code = json!({"grant_type": "authorization_code", "code": given[0].1, "client_id": "app",
        "client_secret": "secret", "redirect_uri": "http://127.0.0.1:9/back"});
    let (status, first) = buy(code.clone());
    assert_eq!((status, &first["expires_in"]), (200, &json!(86400)));
    assert_eq!(buy(code).1["error"], "invalid_grant");
    let token = first["access_token"].as_str().expect("a token");
    let status =
        |token: &str| get_as(&sandbox, token, &format!("/c/{COMPANY}/entities/clients")).expect("an answer").status;
    assert_eq!(status(token), 200);
    sandbox.advance(24 * 3600);
    assert_eq!(status(token), 401);
    let renew = json!({"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "client_id": "app",
        "client_secret": "secret"});
    let (bought, second) = buy(renew.clone());
    assert_eq!((bought, status(second["access_token"].as_str().expect("a token"))), (200, 200));
    assert_eq!(buy(renew).0, 401);
}
