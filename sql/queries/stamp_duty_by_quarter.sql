-- How much virtual stamp duty (bollo) is to be paid by F24, quarter by quarter?
-- E-invoices and electronic credit notes of the year. missing: those that stamp_duty_missing names. may_wait_until: if the
-- first two quarters are 5,000 euro at most, both may be paid by 30 November; else the first, if it is, by 30 September.
-- Limits: The dates are the law's, not moved to working days.
-- :year integer = this year
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, year, printf('%04d-01-01', year) AS first_day, printf('%04d-12-31', year) AS last_day
      FROM accounts,
           (SELECT CAST(coalesce(:year, substr(coalesce(:today, date('now', 'localtime')), 1, 4)) AS INTEGER) AS year)
     WHERE :account_id IS NULL OR id = :account_id
),
duties AS (
    SELECT p.account_id, p.year, (CAST(substr(d.date, 6, 2) AS INTEGER) + 2) / 3 AS quarter, d.stamp_duty, d.subject
      FROM p
     CROSS JOIN stamp_duties AS d ON d.account_id = p.account_id
     WHERE d.date BETWEEN p.first_day AND p.last_day AND d.resource <> 'issued_receipts' AND d.e_invoice = 1
       AND (d.stamp_duty <> 0 OR d.subject > 77.47)
),
quarters AS (
    SELECT account_id, year, quarter, sum(stamp_duty <> 0) AS documents, round(sum(stamp_duty), 2) AS amount,
           sum(stamp_duty = 0) AS missing
      FROM duties
     GROUP BY account_id, year, quarter
),
dated AS (
    SELECT account_id, year, quarter, documents, amount, missing,
           round(sum(CASE WHEN quarter = 1 THEN amount ELSE 0 END) OVER (PARTITION BY account_id), 2) AS first,
           round(sum(CASE WHEN quarter <= 2 THEN amount ELSE 0 END) OVER (PARTITION BY account_id), 2) AS first_two,
           CASE quarter WHEN 1 THEN printf('%04d-05-31', year)
                        WHEN 2 THEN printf('%04d-09-30', year)
                        WHEN 3 THEN printf('%04d-11-30', year)
                        ELSE date(printf('%04d-03-01', year + 1), '-1 day') END AS due_date
      FROM quarters
)
SELECT account_id,
       printf('%04d-Q%d', year, quarter) AS quarter,
       documents,
       amount,
       missing,
       due_date,
       CASE WHEN quarter <= 2 AND first_two <= 5000 THEN printf('%04d-11-30', year)
            WHEN quarter = 1 AND first <= 5000 THEN printf('%04d-09-30', year)
            ELSE due_date END AS may_wait_until
  FROM dated
 ORDER BY account_id, dated.quarter;
