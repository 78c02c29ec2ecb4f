-- How much VAT is to be paid, as an estimate (liquidazione IVA)?
-- debit = sales_vat - split_vat - deferred_vat + deferred_due + receipts_vat + reverse_charge_vat; credit = deductible_vat and
-- the VAT of the self-invoices for suppliers; balance = debit - credit, positive: to be paid. split_vat is paid by public
-- bodies themselves. deferred_vat (IVA per cassa) becomes due with the payments: deferred_due.
-- Limits: An estimate, no tax return. Not known here: the credit carried over, the 1 % of those who pay by quarter, the pro
--   rata, the month of reception that decides a deduction, deferred VAT that is due after a year without payment, the
--   minimum of 100 euro.
-- Limits: Self-invoices that come back from SDI are left out, or their VAT would be deducted twice; those for own use and for
--   sales of goods (TD21, TD27) give no credit.
-- :by quarter|month = quarter
-- :year integer = this year
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, year, printf('%04d-01-01', year) AS first_day, printf('%04d-12-31', year) AS last_day
      FROM accounts,
           (SELECT CAST(coalesce(:year, substr(coalesce(:today, date('now', 'localtime')), 1, 4)) AS INTEGER) AS year)
     WHERE :account_id IS NULL OR id = :account_id
),
events AS (
    SELECT p.account_id, s.date, s.vat AS sales_vat,
           CASE WHEN s.split_payment THEN s.vat ELSE 0 END AS split_vat,
           CASE WHEN s.vat_kind = 'D' AND NOT s.split_payment THEN s.vat ELSE 0 END AS deferred_vat,
           0 AS deferred_due, 0 AS receipts_vat, 0 AS reverse_charge_vat, 0 AS purchases_vat, 0 AS deductible_vat,
           0 AS integrated_vat
      FROM p
     CROSS JOIN sales AS s ON s.account_id = p.account_id
     WHERE s.date BETWEEN p.first_day AND p.last_day
     UNION ALL
    SELECT p.account_id, s.paid_on, 0, 0, 0, round(s.vat, 2), 0, 0, 0, 0, 0
      FROM p
     CROSS JOIN sale_payments AS s ON s.account_id = p.account_id
     WHERE s.status = 'paid' AND s.paid_on BETWEEN p.first_day AND p.last_day
       AND s.vat_kind = 'D' AND NOT s.split_payment
     UNION ALL
    SELECT p.account_id, r.date, 0, 0, 0, 0, coalesce(r.amount_vat, 0), 0, 0, 0, 0
      FROM p
     CROSS JOIN receipts AS r ON r.account_id = p.account_id
     WHERE r.date BETWEEN p.first_day AND p.last_day
     UNION ALL
    SELECT p.account_id, v.date, 0, 0, 0, 0, 0, v.vat, 0, 0,
           CASE WHEN v.resource = 'self_supplier_invoices' THEN v.vat ELSE 0 END
      FROM p
     CROSS JOIN vat_lines AS v ON v.account_id = p.account_id
     WHERE v.register = 'self_invoices' AND v.date BETWEEN p.first_day AND p.last_day
     UNION ALL
    SELECT p.account_id, b.date, 0, 0, 0, 0, 0, 0, b.vat, b.deductible_vat, 0
      FROM p
     CROSS JOIN purchases AS b ON b.account_id = p.account_id
     WHERE b.date BETWEEN p.first_day AND p.last_day
),
sums AS (
    SELECT account_id,
           CASE WHEN coalesce(:by, 'quarter') = 'month' THEN substr(date, 1, 7)
                ELSE substr(date, 1, 4) || '-Q' || ((CAST(substr(date, 6, 2) AS INTEGER) + 2) / 3) END AS period,
           sum(sales_vat) AS sales_vat, sum(split_vat) AS split_vat, sum(deferred_vat) AS deferred_vat,
           sum(deferred_due) AS deferred_due, sum(receipts_vat) AS receipts_vat,
           sum(reverse_charge_vat) AS reverse_charge_vat, sum(purchases_vat) AS purchases_vat,
           sum(deductible_vat) AS deductible_vat, sum(integrated_vat) AS integrated_vat
      FROM events
     GROUP BY account_id, period
)
SELECT account_id,
       period,
       round(sales_vat, 2) + 0.0 AS sales_vat,
       round(split_vat, 2) + 0.0 AS split_vat,
       round(deferred_vat, 2) + 0.0 AS deferred_vat,
       round(deferred_due, 2) + 0.0 AS deferred_due,
       round(receipts_vat, 2) + 0.0 AS receipts_vat,
       round(reverse_charge_vat, 2) + 0.0 AS reverse_charge_vat,
       round(sales_vat - split_vat - deferred_vat + deferred_due + receipts_vat + reverse_charge_vat, 2) + 0.0 AS debit,
       round(purchases_vat, 2) + 0.0 AS purchases_vat,
       round(deductible_vat, 2) + 0.0 AS deductible_vat,
       round(deductible_vat + integrated_vat, 2) + 0.0 AS credit,
       round(sales_vat - split_vat - deferred_vat + deferred_due + receipts_vat + reverse_charge_vat
             - deductible_vat - integrated_vat, 2) + 0.0 AS balance
  FROM sums
 ORDER BY account_id, period;
