//! Faults and quirks of the lists without stamps.

use crate::client::{get, get_as};
use crate::types::{WHOLE, rows};
use ficsync_sandbox::{COMPANY, Fault, Quirk, Sandbox};
use serde_json::{Value, json};

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
fn quirks_take_ids_away_and_demand_scopes() {
    let sandbox = Sandbox::start(39);
    for list in ["cashbook_entries", "pending_documents", "emails"] {
        sandbox.populate(COMPANY, list, 9);
    }
    sandbox.quirk(Quirk::WithoutId("cashbook_entries"));
    sandbox.quirk(Quirk::WithoutId("pending_documents"));
    let entry = sandbox.text_ids(COMPANY, "cashbook_entries")[0].clone();
    assert!(rows(&get(&sandbox, WHOLE[0].1)).iter().all(|entry| entry.get("id").is_none()));
    assert!(get(&sandbox, &format!("/cashbook/{entry}")).body["data"].get("id").is_none());
    assert!(rows(&get(&sandbox, "/received_documents/pending?type=agyo"))[0].get("id").is_none());
    let token = sandbox.issue_token(&[COMPANY], &["entity.clients:r"]);
    let status = || get_as(&sandbox, &token, &format!("/c/{COMPANY}/emails")).expect("an answer").status;
    assert_eq!(status(), 200);
    sandbox.quirk(Quirk::NeedsScope("emails", "emails"));
    assert_eq!(status(), 403);
    sandbox.set_scopes(&token, &["emails:r"]);
    assert_eq!(status(), 200);
    sandbox.quirk(Quirk::PerPageCap(4));
    assert_eq!(rows(&get(&sandbox, "/emails?per_page=100")).len(), 4);
    sandbox.quirk(Quirk::RefuseSort("taxes", "due_date"));
    assert_eq!(get(&sandbox, "/taxes?sort=due_date").status, 422);
    assert_eq!(sandbox.violations(), [""; 0]);
    assert_eq!(get(&sandbox, "/emails?sort=sent_date").status, 422, "no page documents a field");
    assert_eq!(sandbox.violations().len(), 1);
}

#[test]
fn small_pages_rows_alone_and_the_stock() {
    let sandbox = Sandbox::start(42);
    sandbox.populate(COMPANY, "passive_delivery_notes", 2);
    sandbox.quirk(Quirk::PerPageAtLeast(5));
    assert_eq!(get(&sandbox, "/products?per_page=1").status, 422);
    assert_eq!(get(&sandbox, "/products?per_page=5").status, 200);
    let stock = sandbox.issue_token(&[COMPANY], &["stock:r"]);
    let status = |path: &str| get_as(&sandbox, &stock, &format!("/c/{COMPANY}{path}")).expect("an answer").status;
    let note = sandbox.ids(COMPANY, "passive_delivery_notes")[0];
    assert_eq!(status("/received_documents?type=passive_delivery_note"), 200);
    assert_eq!(status(&format!("/received_documents/{note}")), 200);
    assert_eq!(status("/received_documents?type=expense"), 403);
    assert_eq!(sandbox.violations(), [""; 0]);
    assert_eq!(get(&sandbox, "/issued_documents?type=quote&fields=items_list").status, 500);
    assert_eq!(sandbox.violations().len(), 1);
}
