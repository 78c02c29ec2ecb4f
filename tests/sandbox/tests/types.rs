//! Lists beyond the stamped ones: what is served is the truth, whichever way it is gathered, and how it changes.

use crate::client::{Answer, get, get_as, ids};
use ficsync_sandbox::{COMPANY, Id, Quirk, Sandbox};
use serde_json::{Value, json};

/// The rows of a list.
pub fn rows(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].as_array().expect("a list").clone()
}

/// Lists that come whole, by their path, once for each value of a required parameter.
pub const WHOLE: [(&str, &str); 5] = [
    ("cashbook_entries", "/cashbook?date_from=2000-01-01&date_to=2100-01-01"),
    ("price_lists", "/price_lists"),
    ("vat_types", "/info/vat_types?fieldset=detailed"),
    ("payment_methods", "/info/payment_methods?fieldset=detailed"),
    ("payment_accounts", "/info/payment_accounts?fieldset=detailed"),
];
const NAMES: [(&str, Option<&str>); 7] = [
    ("revenue_centers", None),
    ("cost_centers", None),
    ("product_categories", Some("products")),
    ("product_categories", Some("issued_documents")),
    ("product_categories", Some("received_documents")),
    ("received_document_categories", None),
    ("archive_categories", None),
];

#[test]
fn whole_lists_and_pages_without_stamps_are_the_truth() {
    let sandbox = Sandbox::start(31);
    sandbox.quirk(Quirk::StableUrls);
    for (list, path) in WHOLE {
        let before = sandbox.all_ids(COMPANY, list).len();
        sandbox.populate(COMPANY, list, 30);
        let truth = sandbox.truth(COMPANY, list);
        assert_eq!(truth.len(), before + 30, "{list}");
        assert_eq!(rows(&get(&sandbox, path)), truth, "{list}");
    }
    sandbox.populate(COMPANY, "pending_documents", 60);
    let sources = ["agyo", "mail", "browser"];
    let pages = sources
        .map(|source| rows(&get(&sandbox, &format!("/received_documents/pending?type={source}&per_page=100"))))
        .concat();
    let mut sorted = pages.clone();
    sorted.sort_by_key(|record| record["id"].as_i64());
    assert_eq!(sorted, sandbox.truth(COMPANY, "pending_documents"));
    assert!(sources.iter().all(|source| pages.iter().any(|record| record["type"] == *source)));
    sandbox.populate(COMPANY, "emails", 60);
    assert_eq!(rows(&get(&sandbox, "/emails?per_page=100")), sandbox.truth(COMPANY, "emails"));
    for (list, path) in [
        ("cashbook_entries", "cashbook"),
        ("vat_types", "settings/vat_types"),
        ("payment_methods", "settings/payment_methods"),
        ("payment_accounts", "settings/payment_accounts"),
        ("pending_documents", "received_documents/pending"),
    ] {
        for id in [&sandbox.all_ids(COMPANY, list)[0], &sandbox.all_ids(COMPANY, list)[9]] {
            let one = get(&sandbox, &format!("/{path}/{id}"));
            assert_eq!(Some(one.body["data"].clone()), sandbox.record(COMPANY, list, id), "{list} {id}");
        }
    }
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[test]
fn names_are_texts_and_a_renamed_one_is_another() {
    let sandbox = Sandbox::start(32);
    let served = || {
        let of = |(list, context): &(&str, Option<&str>)| {
            let query = context.map_or(String::new(), |context| format!("?context={context}"));
            let names = rows(&get(&sandbox, &format!("/info/{list}{query}")));
            names.into_iter().map(|name| json!({"list": list, "context": context, "name": name})).collect::<Vec<_>>()
        };
        let mut all: Vec<Value> = NAMES.iter().flat_map(of).collect();
        all.sort_by_key(Value::to_string);
        all
    };
    let truth = || {
        let mut all = sandbox.truth(COMPANY, "names");
        all.sort_by_key(Value::to_string);
        all
    };
    assert_eq!(served(), truth());
    let id = sandbox.add(COMPANY, "product_categories");
    assert!(id.text().is_some_and(|id| id.contains('/')), "{id}");
    sandbox.update(COMPANY, "product_categories", &id);
    assert_eq!(sandbox.deleted_ids(COMPANY, "product_categories").first(), Some(&id));
    assert_eq!(sandbox.record(COMPANY, "product_categories", &id), None);
    sandbox.delete(COMPANY, "archive_categories", "Altri documenti");
    assert_eq!(served(), truth());
}

#[test]
fn the_cashbook_is_asked_for_between_two_days() {
    let sandbox = Sandbox::start(33);
    sandbox.populate(COMPANY, "invoices", 5);
    sandbox.populate(COMPANY, "cashbook_entries", 400);
    let truth = sandbox.truth(COMPANY, "cashbook_entries");
    let ask = |query: &str| rows(&get(&sandbox, &format!("/cashbook?{query}")));
    let day = truth[200]["date"].as_str().expect("a date");
    let expected: Vec<Value> = truth.iter().filter(|entry| entry["date"] == day).cloned().collect();
    assert_eq!(ask(&format!("date_from={day}&date_to={day}")), expected, "both days are within");
    let years: Vec<Value> =
        (2015..2040).flat_map(|year| ask(&format!("date_from={year}-01-01&date_to={year}-12-31"))).collect();
    assert_eq!(years.len(), truth.len());
    let all = "date_from=2000-01-01&date_to=2100-01-01";
    assert_eq!(ask(&format!("{all}&type=in")).len() + ask(&format!("{all}&type=out")).len(), 400);
    assert_eq!(ask(&format!("{all}&type=all")).len(), 400);
    let account = ask(&format!("{all}&payment_account_id=333"));
    let touches = |entry: &Value| {
        [&entry["payment_account_in"], &entry["payment_account_out"]].iter().any(|account| account["id"] == 333)
    };
    assert!(account.iter().all(touches) && !account.is_empty() && account.len() < 400);
    assert!(
        truth.iter().any(|entry| entry["payment_account_in"].is_object() && entry["payment_account_out"].is_object())
    );
    assert!(truth.iter().any(|entry| entry["kind"] == "issued_document" && entry["document"]["id"].is_i64()));
    assert_eq!(sandbox.violations(), [""; 0]);
    for wrong in [
        "",
        "date_from=2024-01-01",
        "date_from=2024-1-1&date_to=2024-12-31",
        "date_from=2024-02-30&date_to=2024-12-31",
        &format!("{all}&page=1"),
        &format!("{all}&sort=date"),
        &format!("{all}&year=now"),
    ] {
        assert_eq!(get(&sandbox, &format!("/cashbook?{wrong}")).status, 422, "{wrong}");
    }
    assert_eq!(sandbox.violations().len(), 7);
}

#[test]
fn a_registered_document_appears_under_another_id() {
    let sandbox = Sandbox::start(37);
    sandbox.populate(COMPANY, "suppliers", 3);
    let pending = sandbox.create_with(COMPANY, "pending_documents", |record| {
        (record["type"], record["document_type"]) = (json!("agyo"), json!("expense"));
    });
    assert_eq!(get(&sandbox, &format!("/received_documents/pending/{pending}")).status, 200);
    assert_eq!(get(&sandbox, &format!("/received_documents/{pending}")).status, 404);
    let expense = sandbox.register(COMPANY, pending);
    assert_ne!(expense, pending);
    assert_eq!(get(&sandbox, &format!("/received_documents/pending/{pending}")).status, 404);
    assert_eq!(ids(&get(&sandbox, "/received_documents?type=expense")), [expense]);
    assert_eq!(sandbox.deleted(COMPANY, "pending_documents"), [pending]);
    assert_eq!(get(&sandbox, "/received_documents/pending").status, 422);
    assert_eq!(get(&sandbox, "/received_documents/pending?type=agyo&sort=-date").status, 200);
}

#[test]
fn deleted_documents_are_in_the_bin_until_it_is_emptied() {
    let sandbox = Sandbox::start(40);
    sandbox.populate(COMPANY, "quotes", 4);
    sandbox.populate(COMPANY, "expenses", 4);
    let (quote, expense) = (sandbox.ids(COMPANY, "quotes")[1], sandbox.ids(COMPANY, "expenses")[2]);
    let whole = sandbox.record(COMPANY, "quotes", quote);
    sandbox.delete(COMPANY, "quotes", quote);
    sandbox.delete(COMPANY, "expenses", expense);
    assert_eq!(ids(&get(&sandbox, "/bin/issued_documents")), [quote]);
    assert_eq!(rows(&get(&sandbox, "/bin/issued_documents"))[0]["items_list"], Value::Null);
    assert_eq!(Some(get(&sandbox, &format!("/bin/issued_documents/{quote}")).body["data"].clone()), whole);
    assert_eq!(ids(&get(&sandbox, "/bin/received_documents")), [expense]);
    let token = sandbox.issue_token(&[COMPANY], &["issued_documents.invoices:r"]);
    let other = get_as(&sandbox, &token, &format!("/c/{COMPANY}/bin/issued_documents")).expect("an answer");
    assert_eq!((other.status, ids(&other)), (200, vec![]), "only types that the token may read");
    sandbox.restore(COMPANY, "quotes", quote);
    assert_eq!(sandbox.record(COMPANY, "quotes", quote), whole);
    assert_eq!(ids(&get(&sandbox, "/bin/issued_documents")), [] as [i64; 0]);
    sandbox.empty_bin(COMPANY);
    assert_eq!(get(&sandbox, &format!("/bin/received_documents/{expense}")).status, 404);
}

#[test]
fn all_lists_are_made_changed_and_deleted_by_one_handle() {
    let sandbox = Sandbox::start(41);
    for list in ficsync_sandbox::lists().filter(|list| *list != "companies") {
        let id = sandbox.add(COMPANY, list);
        let other = sandbox.add_with(COMPANY, list, |record| record["added"] = json!(true));
        assert_eq!(sandbox.record(COMPANY, list, &other).expect("it")["added"], true, "{list}");
        let before = sandbox.truth(COMPANY, list);
        sandbox.update(COMPANY, list, &id);
        assert_ne!(sandbox.truth(COMPANY, list), before, "{list}");
        sandbox.delete(COMPANY, list, &other);
        assert_eq!(sandbox.deleted_ids(COMPANY, list).last(), Some(&other), "{list}");
        assert!(!sandbox.all_ids(COMPANY, list).contains(&other), "{list}");
        let text = matches!(other, Id::Text(_));
        assert_eq!(sandbox.ids(COMPANY, list).is_empty(), text, "{list}");
    }
}
