//! Turnover and cash: queries 7 to 14.

use crate::answer::same;
use crate::world::full;

#[test]
fn turnover_by_month() {
    // June: 400.00 + 77.48 - 10.00 + corrispettivi 40.00; VAT 88.00 - 1.00 + 8.80. A year before: 1000.00.
    // May: 20.00 - 50.00; VAT 4.40 - 11.00. April: 100.00 + 50.00 - 100.00; VAT 22.00 + 5.00 - 22.00.
    // March: 1000.00 + 100.00 + 87.47 + 150.00; VAT 2.20 + 27.00 (the ricevuta of May is no turnover).
    // February: 1040.00 (with the rivalsa) + 500.00 + 300.00; VAT 237.95 + 110.00 (split) + 66.00 (deferred).
    // January: 200.00 + 1000.00 (dollars). December: 500.00 - 20.00.
    same(
        &full(),
        "turnover_by_month account_id=1",
        "
        account_id|month|invoices|credit_notes|invoiced|credited|receipts|net|cassa|vat|net_year_before
        1|2025-06|2|1| 477.48| 10.00| 40.00| 507.48| 0.00| 95.80|1000.00
        1|2025-05|1|1|  20.00| 50.00|  0.00| -30.00| 0.00| -6.60|   0.00
        1|2025-04|2|1| 150.00|100.00|  0.00|  50.00| 0.00|  5.00|   0.00
        1|2025-03|3|0|1187.47|  0.00|150.00|1337.47| 0.00| 29.20|   0.00
        1|2025-02|3|0|1840.00|  0.00|  0.00|1840.00|41.60|413.95|   0.00
        1|2025-01|2|0|1200.00|  0.00|  0.00|1200.00| 0.00| 44.00|   0.00
        1|2024-12|1|1| 500.00| 20.00|  0.00| 480.00| 0.00|110.00|   0.00
        1|2024-11|1|0| 200.00|  0.00|  0.00| 200.00| 0.00|  0.00|   0.00
        1|2024-10|1|0|  10.00|  0.00|  0.00|  10.00| 0.00|  2.20|   0.00
        1|2024-06|1|0|1000.00|  0.00|  0.00|1000.00| 0.00|220.00|   0.00",
    );
}

#[test]
fn cash_by_month() {
    // June: corrispettivi 48.80, a transfer of 100.00 in and out, suppliers 122.00 - 36.60 that came back.
    // May: 24.40 less the refund of 61.00; F24 300.00; bank charges 5.00. April: 183.00, a loan of 1000.00.
    // March: 440.62 + 500.00 + 89.67, corrispettivi 177.00, suppliers 244.00. February: 122.00; 100.00 + 255.00 + 120.00.
    // January: 510.00 + 500.00. December: 200.00 - 20.00. The entry of the prima nota that repeats 122.00 is not added.
    same(
        &full(),
        "cash_by_month account_id=1",
        "
        account_id|month|from_clients|receipts|other_in|to_suppliers|taxes|other_out|balance
        1|2025-06|   0.00| 48.80| 100.00| 85.40|  0.00|100.00| -36.60
        1|2025-05| -36.60|  0.00|   0.00|  0.00|300.00|  5.00|-341.60
        1|2025-04| 183.00|  0.00|1000.00|  0.00|  0.00|  0.00|1183.00
        1|2025-03|1030.29|177.00|   0.00|244.00|  0.00|  0.00| 963.29
        1|2025-02| 122.00|  0.00|   0.00|475.00|  0.00|  0.00|-353.00
        1|2025-01|1010.00|  0.00|   0.00|  0.00|  0.00|  0.00|1010.00
        1|2024-12| 180.00|  0.00|   0.00|  0.00|  0.00|  0.00| 180.00
        1|2024-10|  12.20|  0.00|   0.00|  0.00|  0.00|  0.00|  12.20
        1|2024-07|1220.00|  0.00|   0.00|  0.00|  0.00|  0.00|1220.00",
    );
}

#[test]
fn turnover_by_client() {
    // The invoice to Lux is of 10 June 2024, before the window. Of 5404.95:
    // Beta 500.00 + 1040.00 + 50.00 - 10.00; Delta 200.00 + 1000.00 + 77.48 - 20.00;
    // Alfa 10.00 + 200.00 + 100.00 + 400.00 + 20.00 - 50.00 - 100.00, collected 12.20 + 122.00 + 24.40 - 61.00.
    same(
        &full(),
        "turnover_by_client today=2025-06-30 account_id=1",
        "
        account_id|client_id|client|documents|revenue|percent|collected|still_open|last_document
        1|2|Beta S.r.l.    |4|1580.00|29.2|950.62| 649.93|2025-06-01
        1|4|Delta GmbH     |4|1257.48|23.3|680.00| 577.48|2025-06-24
        1|6|Fidia S.p.A.   |1|1000.00|18.5|  0.00|1000.00|2025-03-01
        1|1|Alfa S.r.l.    |7| 580.00|10.7| 97.60| 610.00|2025-06-25
        1|3|Comune di Cuneo|1| 500.00| 9.3|500.00|   0.00|2025-02-10
        1|7|Gamma S.r.l.   |1| 300.00| 5.6|183.00| 183.00|2025-02-20
        1|8|Iris S.r.l.    |1| 100.00| 1.9|  0.00| 100.00|2025-03-05
        1|5|Esposito Eva   |1|  87.47| 1.6| 89.67|   0.00|2025-03-06",
    );
}

#[test]
fn turnover_by_product() {
    // Consulenza, by name: 500.00 + 200.00 + 1000.00 + 500.00 + 300.00 + 77.48 - 20.00. Tavolo: 1084.50 $ = 1000.00, and
    // 1000.00. Sedia: 2 · 100.00 less 10 % + 400.00 - 50.00. Trasporto, by code, without a quantity: 1.
    // Armadio, no longer a product: sold and taken back. All: 5364.95, the turnover of 5404.95 without the rivalsa of 40.00.
    same(
        &full(),
        "turnover_by_product today=2025-06-30 account_id=1",
        "
        account_id|product_id|code|name|documents|quantity|net
        1|null|  |Consulenza|7| 5.0|2557.48
        1|   2|T1|Tavolo    |2|18.0|2000.00
        1|   1|S1|Sedia     |3| 5.0| 530.00
        1|   3|L1|Lampada   |1|10.0| 100.00
        1|null|  |Visita    |1| 1.0|  77.47
        1|null|  |Libro     |2| 0.0|  40.00
        1|null|  |Vite      |3| 4.0|  40.00
        1|null|TR|Trasporto |1| 1.0|  20.00
        1|   9|X9|Armadio   |2| 0.0|   0.00",
    );
}

#[test]
fn product_margin() {
    // Tavolo has no cost of its own: 18 · 55.25 = 994.50; 1005.50 of 2000.00. Sedia: 5 · 30.00; 380.00 of 530.00 = 71.7 %.
    same(
        &full(),
        "product_margin today=2025-06-30 account_id=1",
        "
        account_id|product_id|code|name|quantity|revenue|cost|margin|percent
        1|2|T1|Tavolo |18.0|2000.00|994.50|1005.50|50.3
        1|1|S1|Sedia  | 5.0| 530.00|150.00| 380.00|71.7
        1|3|L1|Lampada|10.0| 100.00|null  |null   |null",
    );
}

#[test]
fn recurring_clients() {
    // Alfa in October, January, April, May, June: 580.00 / 5. Beta in December, February, April: 1580.00 / 3 (the month of
    // the credit note does not count, its amount does). Delta in November, January, June: 1257.48 / 3.
    same(
        &full(),
        "recurring_clients today=2025-06-30 account_id=1",
        "
        account_id|client_id|client|months|invoices|revenue|average|last_invoice
        1|1|Alfa S.r.l.|5|5| 580.00|116.0|2025-06-25
        1|2|Beta S.r.l.|3|3|1580.00|526.7|2025-04-15
        1|4|Delta GmbH |3|3|1257.48|419.2|2025-06-24",
    );
    same(
        &full(),
        "recurring_clients today=2025-06-30 months=4 account_id=1",
        "
        account_id|client_id|client|months|invoices|revenue|average|last_invoice
        1|1|Alfa S.r.l.|5|5|580.00|116.0|2025-06-25",
    );
}

#[test]
fn clients_lost() {
    same(
        &full(),
        "clients_lost today=2025-06-30 account_id=1",
        "
        account_id|client_id|client|last_invoice|days_since|invoices|revenue_12_months|revenue_total
        1|9|Lux S.r.l.|2024-06-10|385|1|1000.00|1000.00",
    );
    // Before 1 May. Beta's twelve months end with its last invoice of 15 April: 500.00 + 1040.00 + 50.00; its credit note of
    // June is only in the total.
    same(
        &full(),
        "clients_lost today=2025-06-30 days=60 account_id=1",
        "
        account_id|client_id|client|last_invoice|days_since|invoices|revenue_12_months|revenue_total
        1|2|Beta S.r.l.    |2025-04-15| 76|3|1590.00|1580.00
        1|6|Fidia S.p.A.   |2025-03-01|121|1|1000.00|1000.00
        1|9|Lux S.r.l.     |2024-06-10|385|1|1000.00|1000.00
        1|3|Comune di Cuneo|2025-02-10|140|1| 500.00| 500.00
        1|7|Gamma S.r.l.   |2025-02-20|130|1| 300.00| 300.00
        1|8|Iris S.r.l.    |2025-03-05|117|1| 100.00| 100.00
        1|5|Esposito Eva   |2025-03-06|116|1|  87.47|  87.47",
    );
}

#[test]
fn forfettario_threshold() {
    // Paid in 2025: 500.00 (of 2024) + 100.00 (half) + 500.00 (half, dollars) + 40 % of 1040.00 = 416.00 + 500.00 + 150.00 +
    // 87.47 + 20.00 - 50.00 = 2223.47. Corrispettivi 150.00 + 40.00.
    // Open: 100.00 + 500.00 + 624.00 + 150.00 + 1000.00 + 100.00 + 400.00 + 77.48 - 10.00 = 2941.48.
    same(
        &full(),
        "forfettario_threshold year=2025 account_id=1",
        "
        account_id|year|collected|receipts|total|still_open|percent|left|state
        1|2025|2223.47|190.00|2413.47|2941.48|2.8|82586.53|within",
    );
    // 1000.00 + 200.00 + 10.00 - 20.00
    same(
        &full(),
        "forfettario_threshold today=2024-05-05 account_id=1",
        "
        account_id|year|collected|receipts|total|still_open|percent|left|state
        1|2024|1190.00|0.00|1190.00|2941.48|1.4|83810.00|within",
    );
    for (year, row) in [
        (2021, "2|2021|100000.01|0.00|100000.01|10.00|117.6|-15000.01|over_100000"),
        (2022, "2|2022| 85000.01|0.00| 85000.01|10.00|100.0|    -0.01|over_85000"),
        (2023, "2|2023| 85000.00|0.00| 85000.00|10.00|100.0|     0.00|within"),
    ] {
        let columns = "account_id|year|collected|receipts|total|still_open|percent|left|state";
        same(&full(), &format!("forfettario_threshold year={year} account_id=2"), &format!("{columns}\n{row}"));
    }
}
