//! Documents: queries 25 to 30.

use crate::answer::same;
use crate::world::full;

#[test]
fn e_invoices_in_trouble() {
    // no_response is no trouble; 111 is five days old. Totals: 500.00 + 110.00 (split or not), 10.00 + 2.20, 50.00 + 5.00.
    same(
        &full(),
        "e_invoices_in_trouble today=2025-06-30 account_id=1",
        "
        account_id|resource|id|document|date|client|total|ei_status|problem|days
        1|invoices         |104| 4|2025-02-10|Comune di Cuneo|610.00|not_delivered|not_delivered|140
        1|invoices         |107| 8|2025-03-05|Iris S.r.l.    |100.00|discarded    |discarded    |117
        1|self_own_invoices|411| 1|2025-03-31|Rossi S.r.l.   | 12.20|error        |error        | 91
        1|invoices         |110|11|2025-04-15|Beta S.r.l.    | 55.00|not_sent     |late         | 76",
    );
    // Five days are not more than five, but more than four.
    let with_five = |days: i64| format!("e_invoices_in_trouble today=2025-06-30 days={days} account_id=1");
    let rows = "
        account_id|resource|id|document|date|client|total|ei_status|problem|days
        1|invoices         |104| 4|2025-02-10|Comune di Cuneo|610.00|not_delivered|not_delivered|140
        1|invoices         |107| 8|2025-03-05|Iris S.r.l.    |100.00|discarded    |discarded    |117
        1|self_own_invoices|411| 1|2025-03-31|Rossi S.r.l.   | 12.20|error        |error        | 91
        1|invoices         |110|11|2025-04-15|Beta S.r.l.    | 55.00|not_sent     |late         | 76";
    same(&full(), &with_five(5), rows);
    same(
        &full(),
        &with_five(4),
        &format!(
            "{rows}
        1|invoices         |111|12|2025-06-25|Alfa S.r.l.    |488.00|null         |late         |  5"
        ),
    );
}

#[test]
fn numbering_gaps() {
    // 6 is missing in 2025; 9/A goes on after 7/A of the year before, which itself has no beginning.
    same(
        &full(),
        "numbering_gaps account_id=1",
        "
        account_id|series|year|numeration|first_missing|last_missing|missing|at_start
        1|invoices|2024|/A|1|6|6|1
        1|invoices|2025|  |6|6|1|0
        1|invoices|2025|/A|8|8|1|1",
    );
    same(
        &full(),
        "numbering_gaps shared=1 account_id=1",
        "
        account_id|series|year|numeration|first_missing|last_missing|missing|at_start
        1|invoices+credit_notes|2024|/A|1|6|6|1
        1|invoices+credit_notes|2025|  |6|6|1|0
        1|invoices+credit_notes|2025|/A|8|8|1|1",
    );
    // 1; 121 to 126 with years between: 2022 goes on from 121, 2023 from 123.
    same(
        &full(),
        "numbering_gaps account_id=2",
        "
        account_id|series|year|numeration|first_missing|last_missing|missing|at_start
        2|invoices|2021||1|120|120|1",
    );
}

#[test]
fn numbering_duplicates() {
    same(
        &full(),
        "numbering_duplicates account_id=1",
        "
        account_id|series|year|numeration|number|documents|ids
        1|invoices|2025||12|2|111, 112",
    );
    same(
        &full(),
        "numbering_duplicates shared=1 account_id=1",
        "
        account_id|series|year|numeration|number|documents|ids
        1|invoices+credit_notes|2024|| 1|2|90, 204
        1|invoices+credit_notes|2025|| 1|2|101, 201
        1|invoices+credit_notes|2025|| 2|2|102, 202
        1|invoices+credit_notes|2025|| 3|2|103, 203
        1|invoices+credit_notes|2025||12|2|111, 112",
    );
}

#[test]
fn quotes_conversion() {
    // March: merged, and named by an invoice. April: one by the guess; one is later than the invoice, one has no client.
    same(
        &full(),
        "quotes_conversion today=2025-06-30 account_id=1",
        "
        account_id|month|quotes|amount|converted|converted_amount|percent
        1|2025-04|3|150.00|1| 50.00| 33.3
        1|2025-03|2|500.00|2|500.00|100.0",
    );
}

#[test]
fn documents_not_invoiced() {
    // The order 321 has an invoice of the same amount.
    same(
        &full(),
        "documents_not_invoiced today=2025-06-30 account_id=1",
        "
        account_id|resource|id|document|date|days|client_id|client|net
        1|quotes        |305| 5|2025-04-01|90|null|Beta S.r.l.|50.00
        1|quotes        |304| 4|2025-04-16|75|   2|Beta S.r.l.|50.00
        1|proformas     |311|11|2025-05-15|46|   1|Alfa S.r.l.|70.00
        1|orders        |322|22|2025-05-21|40|   9|Lux S.r.l. |60.00
        1|delivery_notes|331|31|2025-06-10|20|   9|Lux S.r.l. |30.00
        1|work_reports  |341|41|2025-06-12|18|   9|Lux S.r.l. |40.00",
    );
}

#[test]
fn suppliers_by_spend() {
    // Fornitore: 200.00 + 150.00 + 300.00 + 120.00 - 30.00; VAT 44.00 + 27.00 + 66.00 - 6.60; deductible
    // 17.60 + 13.80 + 66.00 - 6.60; cost 40.00 + 150.00 + 300.00 + 120.00 - 30.00. Percent of 2505.00.
    same(
        &full(),
        "suppliers_by_spend today=2025-06-30 account_id=1",
        "
        account_id|supplier_id|supplier|documents|net|vat|deductible_vat|deductible_cost|percent|still_open
        1|   4|Edile S.r.l.    |2|985.00|  0.00|  0.00|985.00|39.3|985.00
        1|   1|Fornitore S.p.A.|5|740.00|130.40| 90.80|580.00|29.5|543.00
        1|   2|Geom. Neri      |1|500.00|110.00|110.00|500.00|20.0|255.00
        1|   3|Cloud Ltd       |2|180.00|  0.00|  0.00|180.00| 7.2| 80.00
        1|null|Bar Sport       |1|100.00| 22.00| 22.00|100.00| 4.0|  0.00",
    );
}
