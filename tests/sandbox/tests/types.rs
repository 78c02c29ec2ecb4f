//! Lists beyond the stamped ones: what is served is the truth, whichever way it is gathered, and how it changes.

use crate::client::{get, get_as, ids};
use ficsync_sandbox::{COMPANY, Fault, Id, Mood, Sandbox};
use serde_json::{Value, json};

fn rows(answer: &crate::client::Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].as_array().expect("a list").clone()
}

/// Lists that come whole, by their path, once for each value of a required parameter.
const WHOLE: [(&str, &str); 5] = [
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
    sandbox.mood(Mood::StableUrls);
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
    assert_eq!(sandbox.deleted_ids(COMPANY, "product_categories"), [id.clone()]);
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
fn items_of_price_lists_are_keyed_by_product_and_go_with_their_list() {
    let sandbox = Sandbox::start(34);
    sandbox.populate(COMPANY, "products", 20);
    sandbox.populate(COMPANY, "price_lists", 3);
    sandbox.populate(COMPANY, "price_list_items", 45);
    let truth = sandbox.truth(COMPANY, "price_list_items");
    assert_eq!(truth.len(), 45);
    let lists = sandbox.text_ids(COMPANY, "price_lists");
    let mut served = Vec::new();
    for list in &lists {
        let answer = get(&sandbox, &format!("/price_lists/{list}/items"));
        for (product, item) in answer.body["data"].as_object().expect("an object") {
            let product: i64 = product.parse().expect("a product's id");
            served.push(json!({"price_list_id": list, "product_id": product, "price": item["price"]}));
        }
    }
    let sorted = |mut items: Vec<Value>| {
        items.sort_by_key(Value::to_string);
        items
    };
    assert_eq!(sorted(served), sorted(truth));
    sandbox.delete(COMPANY, "price_lists", lists[0].as_str());
    assert_eq!(get(&sandbox, &format!("/price_lists/{}/items", lists[0])).status, 404);
    assert!(sandbox.truth(COMPANY, "price_list_items").iter().all(|item| item["price_list_id"] != *lists[0]));
    assert_eq!(sandbox.deleted_ids(COMPANY, "price_list_items").len(), 15);
    let id = sandbox.all_ids(COMPANY, "price_list_items")[0].clone();
    sandbox.update(COMPANY, "price_list_items", &id);
    assert_eq!(sandbox.all_ids(COMPANY, "price_list_items")[0], id, "a price is no part of the id");
    let empty = sandbox.add(COMPANY, "price_lists");
    assert_eq!(get(&sandbox, &format!("/price_lists/{empty}/items")).body["data"], json!({}));
    sandbox.mood(Mood::EmptyObjectsAsLists);
    assert_eq!(get(&sandbox, &format!("/price_lists/{empty}/items")).body["data"], json!([]));
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[test]
fn a_company_is_its_info_its_tax_profile_and_its_usage() {
    let sandbox = Sandbox::start(35);
    sandbox.populate(COMPANY, "clients", 3);
    sandbox.populate(COMPANY, "quotes", 4);
    let gathered = || {
        let mut own = get(&sandbox, "/company/info").body["data"].clone();
        own["tax_profile"] = get(&sandbox, "/settings/tax_profile").body["data"].clone();
        for category in ["clients", "suppliers", "products", "documents"] {
            let plan = get(&sandbox, &format!("/company/plan_usage?category={category}")).body["data"].clone();
            assert_eq!(plan["limit"], own["plan_info"]["limits"][category]);
            own["usage"][category] = plan["usage"].clone();
        }
        vec![own]
    };
    let first = gathered();
    assert_eq!(first, sandbox.truth(COMPANY, "companies"));
    assert_eq!(first[0]["usage"], json!({"clients": 3, "suppliers": 0, "products": 0, "documents": 4}));
    sandbox.update_with(COMPANY, "companies", COMPANY, |own| {
        own["name"] = json!("Bianchi S.n.c.");
        own["tax_profile"]["regime"] = json!("forfettario_15");
    });
    assert_eq!(gathered(), sandbox.truth(COMPANY, "companies"));
    assert_eq!(get(&sandbox, "/settings/tax_profile").body["data"]["regime"], "forfettario_15");
    let token = sandbox.issue_token(&[COMPANY], &["entity.clients:r"]);
    let status = |path: &str| get_as(&sandbox, &token, &format!("/c/{COMPANY}{path}")).expect("an answer").status;
    assert_eq!((status("/company/info"), status("/settings/tax_profile")), (200, 403));
    let seen = get_as(&sandbox, &token, "/user/companies").expect("an answer");
    assert_eq!(seen.body["data"]["companies"][0]["name"], "Bianchi S.n.c.");
}

#[test]
fn numerations_tell_the_next_number_also_of_deleted_documents() {
    let sandbox = Sandbox::start(36);
    sandbox.populate(COMPANY, "invoices", 60);
    sandbox.populate(COMPANY, "delivery_notes", 5);
    let served = |doc_type: &str, resource: &str| {
        let answer = get(&sandbox, &format!("/issued_documents/info?type={doc_type}"));
        let mut rows = Vec::new();
        for (year, numerations) in answer.body["data"]["numerations"].as_object().expect("numerations") {
            for (numeration, next) in numerations.as_object().expect("a year") {
                let year: i64 = year.parse().expect("a year");
                rows.push(json!({"resource": resource, "year": year, "numeration": numeration, "next_number": next}));
            }
        }
        rows
    };
    let all = || {
        let mut all = [served("invoice", "invoices"), served("delivery_note", "delivery_notes")].concat();
        all.sort_by_key(Value::to_string);
        all
    };
    let truth = || {
        let mut all = sandbox.truth(COMPANY, "numerations");
        all.sort_by_key(Value::to_string);
        all
    };
    assert_eq!(all(), truth());
    let made = sandbox.create_with(COMPANY, "invoices", |invoice| {
        (invoice["year"], invoice["numeration"], invoice["number"]) = (json!(2026), json!("/Z"), json!(41));
    });
    let wanted = json!({"resource": "invoices", "year": 2026, "numeration": "/Z", "next_number": 42});
    assert!(truth().contains(&wanted));
    sandbox.delete(COMPANY, "invoices", made);
    assert!(truth().contains(&wanted), "a number is not given twice");
    assert_eq!(all(), truth());
    let invoices = sandbox.truth(COMPANY, "invoices");
    let series =
        |record: &Value| (record["year"].to_string(), record["numeration"].to_string(), record["number"].to_string());
    let mut numbers: Vec<_> = invoices.iter().map(series).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), invoices.len(), "no number twice");
    sandbox.update(COMPANY, "numerations", "invoices/2026//Z");
    assert_eq!(sandbox.record(COMPANY, "numerations", "invoices/2026//Z").expect("it")["next_number"], 43);
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
fn whole_lists_lie_as_pages_do() {
    let sandbox = Sandbox::start(38);
    sandbox.populate(COMPANY, "price_lists", 3);
    sandbox.populate(COMPANY, "price_list_items", 9);
    let list = sandbox.text_ids(COMPANY, "price_lists")[0].clone();
    let paths = WHOLE.map(|(_, path)| path.to_owned());
    for path in paths.into_iter().chain(["/info/revenue_centers".to_owned(), "/info/archive_categories".to_owned()]) {
        sandbox.populate(COMPANY, "cashbook_entries", 3);
        let ask = |fault: Option<Fault>| {
            fault.into_iter().for_each(|fault| sandbox.fault(fault));
            rows(&get(&sandbox, &path))
        };
        let truth = ask(None);
        assert_eq!(ask(Some(Fault::EmptyPage)), [] as [Value; 0], "{path}");
        assert_eq!(ask(Some(Fault::ShortPage(1))), truth[..truth.len() - 1], "{path}");
        assert_eq!(ask(Some(Fault::RepeatedRow)).last(), truth.first(), "{path}");
        if truth[0].is_object() {
            assert!(ask(Some(Fault::NoId))[0].get("id").is_none(), "{path}");
        }
    }
    sandbox.fault(Fault::EmptyPage);
    assert_eq!(get(&sandbox, &format!("/price_lists/{list}/items")).body["data"], json!({}));
    sandbox.fault(Fault::ShortPage(2));
    assert_eq!(get(&sandbox, &format!("/price_lists/{list}/items")).body["data"].as_object().map(|o| o.len()), Some(1));
    assert_eq!(sandbox.faults_waiting(), 0);
}

#[test]
fn moods_take_ids_away_and_demand_scopes() {
    let sandbox = Sandbox::start(39);
    for list in ["cashbook_entries", "pending_documents", "emails"] {
        sandbox.populate(COMPANY, list, 9);
    }
    sandbox.mood(Mood::WithoutId("cashbook_entries"));
    sandbox.mood(Mood::WithoutId("pending_documents"));
    let entry = sandbox.text_ids(COMPANY, "cashbook_entries")[0].clone();
    assert!(rows(&get(&sandbox, WHOLE[0].1)).iter().all(|entry| entry.get("id").is_none()));
    assert!(get(&sandbox, &format!("/cashbook/{entry}")).body["data"].get("id").is_none());
    assert!(rows(&get(&sandbox, "/received_documents/pending?type=agyo"))[0].get("id").is_none());
    let token = sandbox.issue_token(&[COMPANY], &["entity.clients:r"]);
    let status = || get_as(&sandbox, &token, &format!("/c/{COMPANY}/emails")).expect("an answer").status;
    assert_eq!(status(), 200);
    sandbox.mood(Mood::NeedsScope("emails", "emails"));
    assert_eq!(status(), 403);
    sandbox.set_scopes(&token, &["emails:r"]);
    assert_eq!(status(), 200);
    sandbox.mood(Mood::PerPageCap(4));
    assert_eq!(rows(&get(&sandbox, "/emails?per_page=100")).len(), 4);
    sandbox.mood(Mood::RefuseSort("taxes", "due_date"));
    assert_eq!(get(&sandbox, "/taxes?sort=due_date").status, 422);
    assert_eq!(sandbox.violations(), [""; 0]);
    assert_eq!(get(&sandbox, "/emails?sort=sent_date").status, 422, "no page documents a field");
    assert_eq!(sandbox.violations().len(), 1);
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
