//! Types that are gathered from several answers: items of price lists, companies, numerations.

use crate::client::{get, get_as};
use ficsync_sandbox::{COMPANY, Quirk, Sandbox};
use serde_json::{Value, json};

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
    sandbox.quirk(Quirk::EmptyObjectsAsLists);
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
