-- What have clients withheld in the year, for checking their certificates (CU)?
-- Sales with a ritenuta, by the payments made in the year: cash counts, not the invoice's year. An invoice of December paid
-- in January is in the new year's certificate. Each payment counts for its share of the document.
-- Limits: Since 2025 a payment made in December and received in January belongs to December: correct that by hand.
-- :year integer = this year
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, year, printf('%04d-01-01', year) AS first_day, printf('%04d-12-31', year) AS last_day
      FROM accounts,
           (SELECT CAST(coalesce(:year, substr(coalesce(:today, date('now', 'localtime')), 1, 4)) AS INTEGER) AS year)
     WHERE :account_id IS NULL OR id = :account_id
),
sums AS (
    SELECT p.account_id, s.client_id, s.client_without_id, count(*) AS payments, sum(s.revenue) AS fees,
           sum(s.withholding) AS withheld, sum(s.other_withholding) AS other_withheld, sum(s.cassa) AS cassa
      FROM p
     CROSS JOIN sale_payments AS s ON s.account_id = p.account_id
     WHERE s.status = 'paid' AND s.paid_on BETWEEN p.first_day AND p.last_day
       AND (s.withholding_eur <> 0 OR s.other_withholding_eur <> 0)
     GROUP BY p.account_id, s.client_id, s.client_without_id
)
SELECT g.account_id,
       g.client_id,
       coalesce((SELECT s.client FROM sales AS s WHERE s.account_id = g.account_id AND s.client_id = g.client_id LIMIT 1),
                g.client_without_id) AS client,
       c.vat_number,
       c.tax_code,
       g.payments,
       round(coalesce(g.fees, 0), 2) + 0.0 AS fees,
       round(coalesce(g.withheld, 0), 2) + 0.0 AS withheld,
       round(coalesce(g.other_withheld, 0), 2) + 0.0 AS other_withheld,
       round(coalesce(g.cassa, 0), 2) + 0.0 AS cassa
  FROM sums AS g
  LEFT JOIN clients AS c ON c.account_id = g.account_id AND c.id = g.client_id
 ORDER BY g.account_id, client, g.client_id;
