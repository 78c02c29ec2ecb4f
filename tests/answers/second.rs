//! What comes second: queries 31 to 36.

use crate::answer::{same, same_where};
use crate::world::full;

#[test]
fn client_statement() {
    // The last balance is Alfa's total in receivables_aging.
    same(
        &full(),
        "client_statement client_id=1 account_id=1",
        "
        account_id|date|kind|document|debit|credit|balance
        1|2024-10-01|invoice    |7/A| 12.20|  0.00| 12.20
        1|2024-10-01|payment    |7/A|  0.00| 12.20|  0.00
        1|2025-01-10|invoice    |1  |244.00|  0.00|244.00
        1|2025-02-20|payment    |1  |  0.00|122.00|122.00
        1|2025-04-01|invoice    |10 |122.00|  0.00|244.00
        1|2025-04-20|credit_note|2  |  0.00|122.00|122.00
        1|2025-04-20|reversed   |2  |122.00|  0.00|244.00
        1|2025-04-30|reversed   |10 |  0.00|122.00|122.00
        1|2025-05-02|invoice    |9/A| 24.40|  0.00|146.40
        1|2025-05-02|payment    |9/A|  0.00| 24.40|122.00
        1|2025-05-10|credit_note|1  |  0.00| 61.00| 61.00
        1|2025-05-20|refund     |1  | 61.00|  0.00|122.00
        1|2025-06-25|invoice    |12 |488.00|  0.00|610.00",
    );
}

#[test]
fn movements_by_account() {
    // June, till: the lunch of 122.00 and the transfer of 100.00; bank: the transfer and the 36.60 that Fornitore paid back.
    // May, bank: the refund of 61.00, F24 300.00, charges 5.00. The balances of a month are those of cash_by_month.
    same(
        &full(),
        "movements_by_account account_id=1",
        "
        account_id|month|payment_account_id|payment_account|money_in|money_out|balance
        1|2025-06|222|Contanti          |   0.00|222.00|-222.00
        1|2025-06|333|Conto Banca Intesa| 136.60|  0.00| 136.60
        1|2025-06|444|Però Cassa        |  48.80|  0.00|  48.80
        1|2025-05|333|Conto Banca Intesa|   0.00|366.00|-366.00
        1|2025-05|999|Vecchia banca     |  24.40|  0.00|  24.40
        1|2025-04|333|Conto Banca Intesa|1183.00|  0.00|1183.00
        1|2025-03|222|Contanti          | 266.67|244.00|  22.67
        1|2025-03|333|Conto Banca Intesa| 940.62|  0.00| 940.62
        1|2025-02|333|Conto Banca Intesa| 122.00|475.00|-353.00
        1|2025-01|333|Conto Banca Intesa|1010.00|  0.00|1010.00
        1|2024-12|333|Conto Banca Intesa| 200.00| 20.00| 180.00
        1|2024-10|222|Contanti          |  12.20|  0.00|  12.20
        1|2024-07|333|Conto Banca Intesa|1220.00|  0.00|1220.00",
    );
}

#[test]
fn result_by_center() {
    // Milano: 200.00 + 400.00 + corrispettivi 40.00; 300.00. The rest: 5404.95 - 600.00 + 150.00; 2505.00 - 300.00.
    same(
        &full(),
        "result_by_center today=2025-06-30 account_id=1",
        "
        account_id|center|revenue|costs|result
        1|-     |4954.95|2205.00|2749.95
        1|Milano| 640.00| 300.00| 340.00",
    );
}

#[test]
fn numbering_out_of_order() {
    same(
        &full(),
        "numbering_out_of_order account_id=1",
        "
        account_id|series|year|numeration|number|date|previous_number|previous_date
        1|credit_notes|2025|| 2|2025-04-20| 1|2025-05-10
        1|invoices    |2024|| 3|2024-11-30| 2|2024-12-20
        1|invoices    |2025||12|2025-06-24|12|2025-06-25",
    );
}

#[test]
fn orphans() {
    same(
        &full(),
        "orphans account_id=1",
        "
        account_id|resource|id|document|date|missing|missing_id|name
        1|credit_notes   |202|2  |2025-04-20|product        |  9|Armadio
        1|invoices       |105|5  |2025-02-20|client         |  7|Gamma S.r.l.
        1|invoices       |109|10 |2025-04-01|product        |  9|Armadio
        1|invoices       |113|9/A|2025-05-02|payment_account|999|Vecchia banca
        1|supplier_orders|351|51 |2025-06-13|supplier       | 99|Ditta Scomparsa",
    );
    // The second account has no product and no supplier at all: these lists are not looked at.
    same(
        &full(),
        "orphans account_id=2",
        "
        account_id|resource|id|document|date|missing|missing_id|name",
    );
}

#[test]
fn changes_of_the_week() {
    // Since 23 June. 40.00 + 8.80; 400.00 + 88.00. What was deleted was so when this test ran.
    let columns = "account_id|at|what|resource|id|label|name|amount";
    let made = format!(
        "{columns}
        1|2025-06-29 20:00:00|created|receipts |702|2REC|giugno          |48.80
        1|2025-06-25 09:00:00|created|invoices |111|12  |Alfa S.r.l.     |488.00
        1|2025-06-24 09:00:00|created|invoices |112|12  |Delta GmbH      |77.48
        1|2025-06-24 08:00:00|created|clients  | 12|S1  |Scuola di Cuneo |null
        1|2025-06-23 00:00:00|changed|suppliers|  1|F1  |Fornitore S.p.A.|null"
    );
    let text = |cell: &rusqlite::types::Value| matches!(cell, rusqlite::types::Value::Text(what) if what == "deleted");
    same_where(&full(), "changes_of_the_week today=2025-06-30 account_id=1", &[], |row| !text(&row[2]), &made);
    // Without the time, which is that of the second run.
    same_where(
        &full(),
        "changes_of_the_week account_id=1",
        &["at"],
        |row| text(&row[2]),
        "
        account_id|what|resource|id|label|name|amount
        1|deleted|clients|  7|null|Gamma S.r.l.|null
        1|deleted|quotes |306|6   |Lux S.r.l.  |60.00
        1|deleted|taxes  |805|null|Doppio      |77.00",
    );
}
