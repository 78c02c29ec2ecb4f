//! The other queries: lists that need a hand, registers, bookkeeping.

use crate::answer::{ask, same, same_where};
use crate::head::named;
use crate::world::{World, full};
use ficsync_sandbox::{COMPANY, TOKEN};
use rusqlite::types::Value;

#[test]
fn clients_unreachable_by_sdi() {
    // Not the private persons, the foreigner, the one without e-invoices, the one with a PEC.
    same(
        &full(),
        "clients_unreachable_by_sdi account_id=1",
        "
        account_id|id|name|type|vat_number|tax_code|ei_code|email|problem
        1|2|Beta S.r.l.    |company|01234567890|BETA       |0000000||neither PEC nor code
        1|3|Comune di Cuneo|pa     |           |80001230042|UF12   ||public body without its code",
    );
}

#[test]
fn clients_without_tax_number() {
    same(
        &full(),
        "clients_without_tax_number account_id=1",
        "
        account_id|id|name|type|address_city|documents
        1|10|Mario al mercato|company|Cuneo|0",
    );
}

#[test]
fn duplicates_by_vat_number() {
    same(
        &full(),
        "duplicates_by_vat_number account_id=1",
        "
        account_id|resource|same|number|entries|ids|names
        1|clients|vat_number|01234567890     |2|1, 2 |Alfa S.r.l.; Beta S.r.l.
        1|clients|tax_code  |SPSVEA80A41F839X|2|5, 11|Esposito Eva; Eva Esposito",
    );
}

#[test]
fn deleted_records() {
    same_where(
        &full(),
        "deleted_records account_id=1",
        &["deleted_at"],
        |_| true,
        "
        account_id|resource|id|label|name|date|amount|became|came_back
        1|clients|  7|null|Gamma S.r.l.|null      |null |null     |0
        1|quotes |306|6   |Lux S.r.l.  |2025-05-20|60.00|orders 22|0
        1|taxes  |805|null|Doppio      |2025-08-20|77.00|null     |0",
    );
}

#[test]
fn pending_documents() {
    // 55.00 $ / 1.1 = 50.00
    same(
        &full(),
        "pending_documents today=2025-06-30 account_id=1",
        "
        account_id|id|source|date|days|supplier|subject|net|vat|import_error
        1|673|browser|2025-06-20|10|Hosting Inc.|Hosting     |50.00| 0.00|null
        1|671|agyo   |2025-06-25| 5|Luce S.p.A. |Luce        |50.00|11.00|null
        1|672|mail   |2025-06-27| 3|null        |Fwd: fattura| 0.00| 0.00|Fornitore non trovato",
    );
}

#[test]
fn emails_unread() {
    same(
        &full(),
        "emails_unread today=2025-06-30 account_id=1",
        "
        account_id|id|sent_date|days|to_name|to_email|subject|status|errors
        1|951|2025-06-01 10:00:00|29|Alfa|a@example.com|Fattura|sent|0
        1|953|2025-06-03 10:00:00|27|Lux |a@example.com|Fattura|sent|1",
    );
}

#[test]
fn spend_by_category() {
    // Auto: 200.00 + 150.00 - 30.00; VAT 44.00 + 27.00 - 6.60; cost 40.00 + 150.00 - 30.00. Percent of 2505.00.
    same(
        &full(),
        "spend_by_category today=2025-06-30 account_id=1",
        "
        account_id|category|documents|net|vat|deductible_cost|percent
        1|Immobili  |2|985.00|  0.00|985.00|39.3
        1|-         |3|520.00| 88.00|520.00|20.8
        1|Consulenze|1|500.00|110.00|500.00|20.0
        1|Auto      |3|320.00| 64.40|160.00|12.8
        1|Servizi   |2|180.00|  0.00|180.00| 7.2",
    );
}

#[test]
fn vat_registers() {
    same(
        &full(),
        "vat_register_sales from=2025-03-01 to=2025-03-31 account_id=1",
        "
        account_id|date|resource|id|document|client_id|client|rate|nature|net|vat
        1|2025-03-01|invoices|106|7|6|Fidia S.p.A.| 0.0|N3.5|1000.00|0.00
        1|2025-03-05|invoices|107|8|8|Iris S.r.l. | 0.0|N3.5| 100.00|0.00
        1|2025-03-06|invoices|108|9|5|Esposito Eva|22.0|null|  10.00|2.20
        1|2025-03-06|invoices|108|9|5|Esposito Eva| 0.0|N4  |  77.47|0.00",
    );
    // Credit notes are negative; the name is the document's.
    same(
        &full(),
        "vat_register_sales from=2025-04-01 to=2025-04-20 account_id=1",
        "
        account_id|date|resource|id|document|client_id|client|rate|nature|net|vat
        1|2025-04-01|invoices    |109|10|1|Alfa Vecchia|22.0|null| 100.00| 22.00
        1|2025-04-15|invoices    |110|11|2|Beta S.r.l. |10.0|null|  50.00|  5.00
        1|2025-04-20|credit_notes|202| 2|1|Alfa S.r.l. |22.0|null|-100.00|-22.00",
    );
    same(
        &full(),
        "vat_register_purchases from=2025-03-01 to=2025-03-31 account_id=1",
        "
        account_id|date|resource|id|document|supplier_id|supplier|rate|nature|net|vat
        1|2025-03-12|expenses|505|11|1|Fornitore S.p.A.|22.0|null|200.00|44.00
        1|2025-03-20|expenses|506|12|1|Fornitore S.p.A.|22.0|null|100.00|22.00
        1|2025-03-20|expenses|506|12|1|Fornitore S.p.A.|10.0|null| 50.00| 5.00",
    );
}

#[test]
fn requests_by_day() {
    let world = World::new();
    world.add_account("Rossi", TOKEN);
    let conn = world.open();
    let requests = |column: &str| -> i64 {
        let (columns, rows) = ask(&conn, &named("requests_by_day"), "account_id=1").expect("rows");
        let at = columns.iter().position(|name| name == column).expect("a column");
        rows.iter().map(|row| if let Value::Integer(n) = row[at] { n } else { panic!("{row:?}") }).sum()
    };
    let before = requests("requests");
    world.fic.clear_journal();
    world.fic.populate(COMPANY, "invoices", 250);
    world.run("sync all");
    world.run("account check");
    let sent = world.fic.journal().len() as i64;
    assert_eq!(requests("requests") - before, sent, "all requests, those of a check too");
    let of_runs = requests("of_runs");
    assert!(of_runs > 0 && of_runs < sent, "{of_runs} of {sent}");
}
