//! Files behind temporary addresses, e-invoices' XML and why they were not taken.

use crate::client::{agent, get};
use ficsync_sandbox::{COMPANY, Fault, Quirk, Sandbox, TOKEN};
use serde_json::{Value, json};

/// Fetches an address without a token: status, `Location`, text.
fn fetch(url: &str) -> Result<(u16, Option<String>, String), ureq::Error> {
    let mut answer = agent().get(url).call()?;
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let text = answer.body_mut().with_config().limit(1 << 30).read_to_string()?;
    Ok((answer.status().as_u16(), location, text))
}

fn status(url: &str) -> u16 {
    fetch(url).expect("an answer").0
}

#[test]
fn links_lead_to_files_and_die() {
    let sandbox = Sandbox::start(51);
    for list in ["invoices", "expenses", "taxes", "archive_documents", "pending_documents"] {
        sandbox.populate(COMPANY, list, 20);
    }
    for (list, path, member) in [
        ("invoices", "issued_documents", "url"),
        ("invoices", "issued_documents", "attachment_url"),
        ("expenses", "received_documents", "attachment_url"),
        ("taxes", "taxes", "attachment_url"),
        ("archive_documents", "archive", "attachment_url"),
        ("pending_documents", "received_documents/pending", "attachment_url"),
    ] {
        let with_file = |id: &&i64| sandbox.file(COMPANY, list, **id, member).is_some();
        let id = *sandbox.ids(COMPANY, list).iter().find(with_file).expect("a record with a file");
        let link = || get(&sandbox, &format!("/{path}/{id}")).body["data"][member].as_str().expect("a link").to_owned();
        let (first, second) = (link(), link());
        assert!(first != second && first.starts_with(&format!("{}/downloads/", sandbox.url())), "{first}");
        let (code, _, text) = fetch(&first).expect("an answer");
        assert_eq!((code, Some(text)), (200, sandbox.file(COMPANY, list, id, member)), "{list} {member}");
        sandbox.advance(3600);
        assert_eq!((status(&first), status(&second), status(&link())), (403, 403, 200));
        sandbox.delete(COMPANY, list, id);
        assert_eq!(status(&second.replace("ticket=", "ticket=7fffffffff-")), 404, "the record is gone");
    }
    assert_eq!(sandbox.violations(), [""; 0]);
    assert!(
        sandbox.journal().iter().any(|request| request.path.starts_with("/downloads/") && request.company.is_none())
    );
}

#[test]
fn files_change_with_their_record_and_short_lives_are_a_quirk() {
    let sandbox = Sandbox::start(52);
    let id = sandbox.create(COMPANY, "invoices");
    let before = sandbox.file(COMPANY, "invoices", id, "url");
    sandbox.advance(5);
    sandbox.update(COMPANY, "invoices", id);
    assert_ne!(sandbox.file(COMPANY, "invoices", id, "url"), before);
    sandbox.quirk(Quirk::LinksLive(0));
    let link =
        get(&sandbox, &format!("/issued_documents/{id}")).body["data"]["url"].as_str().expect("a link").to_owned();
    assert_eq!(status(&link), 403);
}

#[test]
fn files_can_be_missing_cut_huge_or_elsewhere() {
    let sandbox = Sandbox::start(53);
    let id = sandbox.create(COMPANY, "invoices");
    let link =
        || get(&sandbox, &format!("/issued_documents/{id}")).body["data"]["url"].as_str().expect("a link").to_owned();
    let faulty = |fault: Fault| {
        let link = link();
        sandbox.fault_on("GET /downloads/", 1, fault);
        fetch(&link)
    };
    assert_eq!(faulty(Fault::status(404)).expect("an answer").0, 404);
    assert_eq!(faulty(Fault::status(500)).expect("an answer").0, 500);
    assert!(faulty(Fault::CutBody).is_err());
    for to in ["http://10.0.0.1/secret", "ftp://files.example.com/a.pdf", "https://files.example.com/a.pdf"] {
        let (code, location, _) = faulty(Fault::Redirect(to.to_owned())).expect("an answer");
        assert_eq!((code, location.as_deref()), (302, Some(to)));
    }
    assert_eq!(faulty(Fault::Padded(70 << 20)).expect("an answer").2.len(), 70 << 20);
    assert_eq!(sandbox.violations(), [""; 0]);
    let told = agent().get(link()).header("Authorization", format!("Bearer {TOKEN}")).call().expect("an answer");
    assert_eq!((told.status().as_u16(), sandbox.violations().len()), (400, 1), "a token has no business there");
}

#[test]
fn e_invoices_have_xml_and_reasons() {
    let sandbox = Sandbox::start(54);
    sandbox.populate(COMPANY, "invoices", 60);
    let of = |wanted: &dyn Fn(&Value) -> bool| {
        let found = sandbox.truth(COMPANY, "invoices").into_iter().find(|invoice| wanted(invoice));
        found.expect("such an invoice")["id"].as_i64().expect("an id")
    };
    let (sent, paper) =
        (of(&|invoice| invoice["ei_status"] == "accepted"), of(&|invoice| invoice["e_invoice"] == false));
    let base = |id: i64| format!("{}/c/{COMPANY}/issued_documents/{id}/e_invoice", sandbox.url());
    let xml = |id: i64, query: &str| {
        let request =
            agent().get(format!("{}/xml{query}", base(id))).header("Authorization", format!("Bearer {TOKEN}"));
        let mut answer = request.call().expect("an answer");
        (answer.status().as_u16(), answer.body_mut().read_to_string().expect("a text"))
    };
    assert_eq!(xml(sent, ""), (200, sandbox.xml(COMPANY, "invoices", sent).expect("XML")));
    assert!(xml(sent, "?include_attachment=true").1.contains("<Allegati>"));
    assert_eq!((xml(paper, "").0, xml(1, "").0), (404, 404));
    let reason = |id: i64| get(&sandbox, &format!("/issued_documents/{id}/e_invoice/error_reason"));
    assert_eq!(reason(sent).status, 404);
    sandbox.set_ei_status(COMPANY, "invoices", sent, "discarded");
    assert_eq!(reason(sent).body["data"]["ei_status"], json!("discarded"));
    assert_eq!(Some(reason(sent).body["data"].clone()), sandbox.error_reason(COMPANY, "invoices", sent));
    assert_eq!(sandbox.violations(), [""; 0]);
    assert_eq!(xml(sent, "?include_attachment=yes").0, 422);
}
