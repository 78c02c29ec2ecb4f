//! VAT and taxes: queries 15 to 24.

use crate::answer::same;
use crate::world::full;

#[test]
fn vat_by_rate() {
    // First quarter, sales at 22 %: 200.00 + 1081.60 (with rivalsa and cassa) + 500.00 + 300.00 + 10.00;
    // VAT 44.00 + 237.95 + 110.00 + 66.00 + 2.20. N3.1 is the export in dollars, N3.5 1000.00 + 100.00, N4 the visit.
    // Purchases: 500.00 + 200.00 + 100.00; 50.00 at 10 %; Cloud N2.1; N3.5. Self-invoices: 100.00 + 10.00.
    // Second quarter, sales at 22 %: 100.00 + 400.00 + 20.00 - 50.00 - 100.00; at 10 %: 50.00 - 10.00.
    // Purchases: 100.00 - 30.00; Cloud; Edile 1000.00 - 15.00; without lines 300.00.
    same(
        &full(),
        "vat_by_rate year=2025 account_id=1",
        "
        account_id|quarter|register|rate|nature|net|vat
        1|2025-Q1|purchases    |22.0|null| 800.00|176.00
        1|2025-Q1|purchases    |10.0|null|  50.00|  5.00
        1|2025-Q1|purchases    | 0.0|N2.1| 100.00|  0.00
        1|2025-Q1|purchases    | 0.0|N3.5| 120.00|  0.00
        1|2025-Q1|receipts     |22.0|null| 100.00| 22.00
        1|2025-Q1|receipts     |10.0|null|  50.00|  5.00
        1|2025-Q1|sales        |22.0|null|2091.60|460.15
        1|2025-Q1|sales        | 0.0|N3.1|1000.00|  0.00
        1|2025-Q1|sales        | 0.0|N3.5|1100.00|  0.00
        1|2025-Q1|sales        | 0.0|N4  |  77.47|  0.00
        1|2025-Q1|self_invoices|22.0|null| 110.00| 24.20
        1|2025-Q2|purchases    |22.0|null|  70.00| 15.40
        1|2025-Q2|purchases    | 0.0|N2.1|  80.00|  0.00
        1|2025-Q2|purchases    | 0.0|N6.3| 985.00|  0.00
        1|2025-Q2|purchases    |null|null| 300.00| 66.00
        1|2025-Q2|receipts     |22.0|null|  40.00|  8.80
        1|2025-Q2|sales        |22.0|null| 370.00| 81.40
        1|2025-Q2|sales        |10.0|null|  40.00|  4.00
        1|2025-Q2|sales        | 0.0|N2.1|  77.48|  0.00",
    );
}

#[test]
fn vat_settlement() {
    // First quarter: 460.15 - 110.00 - 66.00 + 27.00 + 22.00 + 2.20 = 335.35. Purchases 110.00 + 44.00 + 27.00, deductible
    // 110.00 + 17.60 + 13.80 = 141.40, and the 22.00 of the self-invoice; SDI's copy of it counts nowhere.
    // Second: 81.40 + 4.00 + 33.00 (half of the deferred 66.00, paid in April) + 8.80 = 127.20; 66.00 + 22.00 - 6.60.
    let columns = "account_id|period|sales_vat|split_vat|deferred_vat|deferred_due|receipts_vat|reverse_charge_vat|debit\
                   |purchases_vat|deductible_vat|credit|balance";
    same(
        &full(),
        "vat_settlement year=2025 account_id=1",
        &format!(
            "{columns}
        1|2025-Q1|460.15|110.00|66.00| 0.00|27.00|24.20|335.35|181.00|141.40|163.40|171.95
        1|2025-Q2| 85.40|  0.00| 0.00|33.00| 8.80| 0.00|127.20| 81.40| 81.40| 81.40| 45.80"
        ),
    );
    // February: 237.95 + 110.00 + 66.00 - 110.00 - 66.00 + 22.00. March: 2.20 + 27.00 + 2.20; 17.60 + 13.80.
    same(
        &full(),
        "vat_settlement year=2025 by=month account_id=1",
        &format!(
            "{columns}
        1|2025-01| 44.00|  0.00| 0.00| 0.00| 0.00| 0.00| 44.00|110.00|110.00|110.00|-66.00
        1|2025-02|413.95|110.00|66.00| 0.00| 0.00|22.00|259.95|  0.00|  0.00| 22.00|237.95
        1|2025-03|  2.20|  0.00| 0.00| 0.00|27.00| 2.20| 31.40| 71.00| 31.40| 31.40|  0.00
        1|2025-04|  5.00|  0.00| 0.00|33.00| 0.00| 0.00| 38.00|  0.00|  0.00|  0.00| 38.00
        1|2025-05| -6.60|  0.00| 0.00| 0.00| 0.00| 0.00| -6.60|  0.00|  0.00|  0.00| -6.60
        1|2025-06| 87.00|  0.00| 0.00| 0.00| 8.80| 0.00| 95.80| 81.40| 81.40| 81.40| 14.40"
        ),
    );
}

#[test]
fn reverse_charge_to_integrate() {
    // 501 is integrated by 401; 508 is without VAT for another reason.
    same(
        &full(),
        "reverse_charge_to_integrate account_id=1",
        "
        account_id|id|date|supplier_id|supplier|invoice_number|net|integrate_by
        1|503|2025-04-10|4|Edile S.r.l.|7/E|1000.00|2025-05-15
        1|502|2025-05-15|3|Cloud Ltd   |C-2|  80.00|2025-06-15",
    );
}

#[test]
fn intent_declarations() {
    same(
        &full(),
        "intent_declarations year=2025 account_id=1",
        "
        account_id|client_id|client|declared|protocol_number|protocol_date|documents|net|missing
        1|8|Iris S.r.l. |1|null|null|1|100.00|1
        1|6|Fidia S.p.A.|1|25010112345678901-000001|2025-01-02|1|1000.00|0",
    );
}

#[test]
fn export_plafond() {
    // 200.00 - 20.00 of 2024; 120.00 used.
    same(
        &full(),
        "export_plafond year=2025 account_id=1",
        "
        account_id|year|plafond|used|left
        1|2025|180.00|120.00|60.00",
    );
    same(
        &full(),
        "export_plafond today=2026-01-01 account_id=1",
        "
        account_id|year|plafond|used|left
        1|2026|1000.00|0.00|1000.00",
    );
}

#[test]
fn stamp_duty_missing() {
    // 106 bears it, 108 has exactly 77.47, 92, 102 and 204 are exports.
    same(
        &full(),
        "stamp_duty_missing today=2025-06-30 account_id=1",
        "
        account_id|resource|id|document|date|client|base|natures|e_invoice
        1|invoices       |107| 8|2025-03-05|Iris S.r.l. |100.00|N3.5|1
        1|issued_receipts|361| 1|2025-05-05|Esposito Eva|100.00|N4  |0
        1|invoices       |112|12|2025-06-24|Delta GmbH  | 77.48|N2.1|0",
    );
    same(
        &full(),
        "stamp_duty_missing from=2025-05-06 account_id=1",
        "
        account_id|resource|id|document|date|client|base|natures|e_invoice
        1|invoices|112|12|2025-06-24|Delta GmbH|77.48|N2.1|0",
    );
}

#[test]
fn stamp_duty_by_quarter() {
    let columns = "account_id|quarter|documents|amount|missing|due_date|may_wait_until";
    let both = |call: &str, rows: &str| same(&full(), call, &format!("{columns}\n{rows}"));
    // 106 bears it, 107 lacks it; 112 and the ricevuta are on paper.
    both("stamp_duty_by_quarter year=2025 account_id=1", "1|2025-Q1|1|2.00|1|2025-05-31|2025-11-30");
    // Over 5,000.00 at once; the first under and both over; both exactly 5,000.00, and the last of February of 2024.
    both("stamp_duty_by_quarter year=2021 account_id=2", "2|2021-Q1|1|5001.00|0|2021-05-31|2021-05-31");
    both(
        "stamp_duty_by_quarter year=2022 account_id=2",
        "2|2022-Q1|1|4000.00|0|2022-05-31|2022-09-30
        2|2022-Q2|1|1500.00|0|2022-09-30|2022-09-30",
    );
    both(
        "stamp_duty_by_quarter year=2023 account_id=2",
        "2|2023-Q1|1|3000.00|0|2023-05-31|2023-11-30
        2|2023-Q2|1|2000.00|0|2023-09-30|2023-11-30
        2|2023-Q4|1|2.00|0|2024-02-29|2024-02-29",
    );
}

#[test]
fn withholding_by_client() {
    // 100.00 of 500.00, paid in January; 40 % of 208.00, of 10.00, of 1040.00 and of the cassa of 41.60.
    same(
        &full(),
        "withholding_by_client year=2025 account_id=1",
        "
        account_id|client_id|client|vat_number|tax_code|payments|fees|withheld|other_withheld|cassa
        1|2|Beta S.r.l.|01234567890|BETA|2|916.00|183.20|4.00|16.64",
    );
    same(
        &full(),
        "withholding_by_client year=2024 account_id=1",
        "
        account_id|client_id|client|vat_number|tax_code|payments|fees|withheld|other_withheld|cassa",
    );
}

#[test]
fn withholding_to_pay() {
    // Half of 500.00 and of 100.00, paid in February.
    same(
        &full(),
        "withholding_to_pay year=2025 account_id=1",
        "
        account_id|month|due_date|supplier_id|supplier|documents|fees|withheld
        1|2025-02|2025-03-16|2|Geom. Neri|1|250.00|50.00",
    );
}

#[test]
fn taxes_due() {
    same(
        &full(),
        "taxes_due today=2025-06-30 account_id=1",
        "
        account_id|id|due_date|days_left|description|amount|running
        1|802|2025-06-16|-14|Ritenute  |150.50|150.50
        1|803|2025-07-16| 16|IVA giugno|100.00|250.50",
    );
}
