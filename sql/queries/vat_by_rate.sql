-- How much net amount and VAT falls on each rate and nature (natura), each quarter?
-- The summary of the VAT registers: sales, purchases, receipts (corrispettivi), self_invoices (those that we issued). Credit
-- notes are subtracted; rivalsa and cassa are in net; the VAT of split payment is in it.
-- Limits: Purchases that were entered without lines have no rate. Natures need the VAT types (scope settings:r).
-- :year integer = this year
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, year, printf('%04d-01-01', year) AS first_day, printf('%04d-12-31', year) AS last_day
      FROM accounts,
           (SELECT CAST(coalesce(:year, substr(coalesce(:today, date('now', 'localtime')), 1, 4)) AS INTEGER) AS year)
     WHERE :account_id IS NULL OR id = :account_id
),
lines AS (
    SELECT p.account_id,
           substr(v.date, 1, 4) || '-Q' || ((CAST(substr(v.date, 6, 2) AS INTEGER) + 2) / 3) AS quarter,
           v.register, v.rate, v.nature, v.net, v.vat
      FROM p
     CROSS JOIN vat_lines AS v ON v.account_id = p.account_id
     WHERE v.date BETWEEN p.first_day AND p.last_day
)
SELECT account_id,
       quarter,
       register,
       rate,
       nature,
       round(sum(net), 2) + 0.0 AS net,
       round(sum(vat), 2) + 0.0 AS vat
  FROM lines
 GROUP BY account_id, quarter, register, rate, nature
 ORDER BY account_id, quarter, register, rate DESC, nature;
