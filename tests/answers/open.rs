//! Money owed: queries 1 to 6.

use crate::answer::{ask, same};
use crate::head::named;
use crate::world::full;
use rusqlite::types::Value;

#[test]
fn receivables_by_due_date() {
    // Days to 30 June: from 10 March 21 + 30 + 31 + 30 = 112, from 31 March 91, from 15 April 76, from 30 April 61,
    // from 31 May 30, from 15 June 15. Paid and reversed instalments are not owed; one without a status is.
    // 542.25 $ / 1.0845 = 500.00. The credit note is owed to the client.
    same(&full(), "receivables_by_due_date today=2025-06-30 account_id=1", "
        account_id|due_date|days_overdue|resource|document|date|client_id|client|amount|currency|amount_currency|ei_status
        1|2025-03-10| 112|invoices    | 1|2025-01-10|1|Alfa S.r.l.  | 122.00|EUR| 122.00|accepted
        1|2025-03-31|  91|invoices    | 8|2025-03-05|8|Iris S.r.l.  | 100.00|EUR| 100.00|discarded
        1|2025-04-15|  76|invoices    | 2|2025-01-15|4|Delta GmbH   | 500.00|USD| 542.25|null
        1|2025-04-30|  61|invoices    | 3|2025-02-01|2|Beta S.r.l.  | 660.93|EUR| 660.93|null
        1|2025-05-31|  30|invoices    | 5|2025-02-20|7|Gamma S.r.l. | 183.00|EUR| 183.00|accepted
        1|2025-06-15|  15|credit_notes| 3|2025-06-01|2|Beta S.r.l.  | -11.00|EUR| -11.00|null
        1|2025-06-30|   0|invoices    |12|2025-06-24|4|Delta GmbH   |  77.48|EUR|  77.48|null
        1|2025-07-25| -25|invoices    |12|2025-06-25|1|Alfa S.r.l.  | 488.00|EUR| 488.00|null
        1|2025-07-31| -31|invoices    | 7|2025-03-01|6|Fidia S.p.A. |1000.00|EUR|1000.00|no_response");
}

#[test]
fn receivables_aging() {
    // The rows of receivables_by_due_date by client. Due today is not overdue, 30 days are in the first bucket, 61 in the
    // third, 91 and 112 over 90. Both accounts: Zeta owes 12.20 to the second since 31 January, 150 days.
    same(
        &full(),
        "receivables_aging today=2025-06-30",
        "
        account_id|client_id|client|not_due|days_1_30|days_31_60|days_61_90|days_over_90|total
        1|6|Fidia S.p.A.|1000.00|  0.00|0.00|  0.00|  0.00|1000.00
        1|2|Beta S.r.l. |   0.00|-11.00|0.00|660.93|  0.00| 649.93
        1|1|Alfa S.r.l. | 488.00|  0.00|0.00|  0.00|122.00| 610.00
        1|4|Delta GmbH  |  77.48|  0.00|0.00|500.00|  0.00| 577.48
        1|7|Gamma S.r.l.|   0.00|183.00|0.00|  0.00|  0.00| 183.00
        1|8|Iris S.r.l. |   0.00|  0.00|0.00|  0.00|100.00| 100.00
        2|1|Zeta S.r.l. |   0.00|  0.00|0.00|  0.00| 12.20|  12.20",
    );
    // A day later 77.48 are one day overdue, Gamma's instalment 31 days.
    same(
        &full(),
        "receivables_aging today=2025-07-01 account_id=1",
        "
        account_id|client_id|client|not_due|days_1_30|days_31_60|days_61_90|days_over_90|total
        1|6|Fidia S.p.A.|1000.00|  0.00|  0.00|  0.00|  0.00|1000.00
        1|2|Beta S.r.l. |   0.00|-11.00|  0.00|660.93|  0.00| 649.93
        1|1|Alfa S.r.l. | 488.00|  0.00|  0.00|  0.00|122.00| 610.00
        1|4|Delta GmbH  |   0.00| 77.48|  0.00|500.00|  0.00| 577.48
        1|7|Gamma S.r.l.|   0.00|  0.00|183.00|  0.00|  0.00| 183.00
        1|8|Iris S.r.l. |   0.00|  0.00|  0.00|  0.00|100.00| 100.00",
    );
}

#[test]
fn payables_aging() {
    // Edile: 1000.00 due 10 July, less the credit note of 15.00, 18 days. Fornitore: 366.00 due 5 July and 177.00 (without
    // a status) since 20 April, 71 days. Neri: the second half, 255.00, 91 days. Cloud: 80.00, 15 days.
    same(
        &full(),
        "payables_aging today=2025-06-30 account_id=1",
        "
        account_id|supplier_id|supplier|not_due|days_1_30|days_31_60|days_61_90|days_over_90|total
        1|4|Edile S.r.l.    |1000.00|-15.00|0.00|  0.00|  0.00|985.00
        1|1|Fornitore S.p.A.| 366.00|  0.00|0.00|177.00|  0.00|543.00
        1|2|Geom. Neri      |   0.00|  0.00|0.00|  0.00|255.00|255.00
        1|3|Cloud Ltd       |   0.00| 80.00|0.00|  0.00|  0.00| 80.00",
    );
}

/// An instalment grows older: the last day of each column and the first of the next.
#[test]
fn ages_change_on_the_day() {
    let conn = full();
    // Alfa's 122.00 were due on 10 March, Neri's 255.00 on 31 March.
    for (query, whose, amount, days) in [
        (
            "receivables_aging",
            "Alfa S.r.l.",
            122.0,
            ["03-10", "03-11", "04-09", "04-10", "05-09", "05-10", "06-08", "06-09"],
        ),
        (
            "payables_aging",
            "Geom. Neri",
            255.0,
            ["03-31", "04-01", "04-30", "05-01", "05-30", "05-31", "06-29", "06-30"],
        ),
    ] {
        let columns = [3, 4, 4, 5, 5, 6, 6, 7];
        for (day, column) in days.iter().zip(columns) {
            let given = format!("today=2025-{day} account_id=1");
            let (_, rows) = ask(&conn, &named(query), &given).expect("rows");
            let row = rows.iter().find(|row| row[2] == Value::Text(whose.into())).expect("a row");
            let Value::Real(found) = row[column] else { panic!("{row:?}") };
            // What is due later stands in the first column too.
            let later = if column == 3 && whose == "Alfa S.r.l." { 488.0 } else { 0.0 };
            assert_eq!(found, amount + later, "{query} on {day}: {row:?}");
        }
    }
}

#[test]
fn due_dates_by_week() {
    // 30 June 2025 is a Monday. Overdue: 122.00 + 100.00 + 500.00 + 660.93 + 183.00 - 11.00 = 1554.93;
    // 80.00 - 15.00 + 255.00 + 177.00 = 497.00; the F24 of 150.50. 907.43 remain.
    // This week 77.48 come and 366.00 go; then 1000.00 go, an F24 of 100.00, 488.00 come, 1000.00 come.
    same(
        &full(),
        "due_dates_by_week today=2025-06-30 account_id=1",
        "
        account_id|week|receivable|payable|taxes|balance|running
        1|overdue   |1554.93| 497.00|150.50|  907.43| 907.43
        1|2025-06-30|  77.48| 366.00|  0.00| -288.52| 618.91
        1|2025-07-07|   0.00|1000.00|  0.00|-1000.00|-381.09
        1|2025-07-14|   0.00|   0.00|100.00| -100.00|-481.09
        1|2025-07-21| 488.00|   0.00|  0.00|  488.00|   6.91
        1|2025-07-28|1000.00|   0.00|  0.00| 1000.00|1006.91",
    );
    // Two weeks: what is due from 14 July on is later. 488.00 + 1000.00 - 100.00.
    same(
        &full(),
        "due_dates_by_week today=2025-06-30 weeks=2 account_id=1",
        "
        account_id|week|receivable|payable|taxes|balance|running
        1|overdue   |1554.93| 497.00|150.50|  907.43| 907.43
        1|2025-06-30|  77.48| 366.00|  0.00| -288.52| 618.91
        1|2025-07-07|   0.00|1000.00|  0.00|-1000.00|-381.09
        1|later     |1488.00|   0.00|100.00| 1388.00|1006.91",
    );
    // On Wednesday 77.48 are overdue: 1632.41 - 497.00 - 150.50 = 984.91; the week is still that of 30 June.
    same(
        &full(),
        "due_dates_by_week today=2025-07-02 weeks=1 account_id=1",
        "
        account_id|week|receivable|payable|taxes|balance|running
        1|overdue   |1632.41| 497.00|150.50| 984.91| 984.91
        1|2025-06-30|   0.00| 366.00|  0.00|-366.00| 618.91
        1|later     |1488.00|1000.00|100.00| 388.00|1006.91",
    );
}

#[test]
fn days_to_pay() {
    // Days after the document, and late:
    // Alfa: 12.20 (0, 0), 122.00 (41, 10), 24.40 (0, 0): 5002 / 158.60 = 31.54, 1220 / 158.60 = 7.69.
    // Lux: 1220.00 (35, 5), of a document before the window. Refunds are no payments of clients.
    // Beta: 510.00 (19, 8), 440.62 (28, -2): 22027.36 / 950.62 = 23.17, 3198.76 / 950.62 = 3.36.
    // Delta: 200.00 (15, 0), 500.00 (16, 0): 11000 / 700 = 15.71. Comune: paid on the due date, 28 days. Gamma: 44 days.
    // Esposito: no date at all, so the document's.
    same(
        &full(),
        "days_to_pay today=2025-06-30 account_id=1",
        "
        account_id|client_id|client|payments|days_after_document|days_late
        1|1|Alfa S.r.l.    |3|31.5|7.7
        1|9|Lux S.r.l.     |1|35.0|5.0
        1|2|Beta S.r.l.    |2|23.2|3.4
        1|3|Comune di Cuneo|1|28.0|0.0
        1|4|Delta GmbH     |2|15.7|0.0
        1|5|Esposito Eva   |1| 0.0|0.0
        1|7|Gamma S.r.l.   |1|44.0|0.0",
    );
    // The window is by the day of payment, both ends included.
    same(
        &full(),
        "days_to_pay from=2025-04-05 to=2025-05-02 account_id=1",
        "
        account_id|client_id|client|payments|days_after_document|days_late
        1|1|Alfa S.r.l. |1| 0.0|0.0
        1|7|Gamma S.r.l.|1|44.0|0.0",
    );
}

#[test]
fn dso() {
    // Open: 3120.41. Billed since 1 July 2024: 510.00 + 200.00 + 12.20 + 244.00 + 1000.00 + 1101.55 + 500.00 + 366.00 +
    // 1000.00 + 100.00 + 89.67 + 122.00 + 488.00 + 77.48 + 24.40 - 61.00 - 122.00 - 11.00 - 20.00 = 5621.30.
    // 365 · 3120.41 / 5621.30 = 202.61.
    // To pay: 1863.00. Bought: 100.00 + 80.00 + 1000.00 + 510.00 + 244.00 + 177.00 + 366.00 + 120.00 + 122.00 - 36.60 -
    // 15.00 = 2667.40. 365 · 1863.00 / 2667.40 = 254.93. The second account has bought nothing: no DPO.
    same(
        &full(),
        "dso today=2025-06-30",
        "
        account_id|receivable|billed|dso|payable|bought|dpo
        1|3120.41|5621.30|202.6|1863.00|2667.40|254.9
        2|  12.20|  12.20|365.0|   0.00|   0.00|null",
    );
}
