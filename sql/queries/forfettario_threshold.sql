-- How far is the limit of 85,000 euro of the flat-rate scheme (regime forfettario)?
-- What was collected in the year, whatever the invoice's year, and the year's corrispettivi. Rivalsa counts, cassa does not.
-- Limits: An estimate. In the year of entry into business the limit is pro rata, which is not known here.
-- Limits: Over 85,000 the scheme ends next year; over 100,000 at once, with VAT from the operation that passes it.
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
    SELECT p.account_id, p.year,
           (SELECT coalesce(sum(s.revenue), 0)
              FROM sale_payments AS s
             WHERE s.account_id = p.account_id AND s.status = 'paid'
               AND s.paid_on BETWEEN p.first_day AND p.last_day) AS collected,
           (SELECT coalesce(sum(r.amount_net), 0)
              FROM receipts AS r
             WHERE r.account_id = p.account_id AND r.date BETWEEN p.first_day AND p.last_day) AS receipts,
           (SELECT coalesce(sum(s.revenue), 0)
              FROM sale_payments AS s
             WHERE s.account_id = p.account_id AND s.status = 'not_paid') AS still_open
      FROM p
),
totals AS (
    SELECT account_id, year, round(collected, 2) AS collected, round(receipts, 2) AS receipts,
           round(round(collected, 2) + receipts, 2) AS total, round(still_open, 2) AS still_open
      FROM sums
)
SELECT account_id,
       year,
       collected,
       receipts,
       total,
       still_open,
       round(100 * total / 85000, 1) + 0.0 AS percent,
       round(85000 - total, 2) + 0.0 AS "left",
       CASE WHEN total > 100000 THEN 'over_100000' WHEN total > 85000 THEN 'over_85000' ELSE 'within' END AS state
  FROM totals
 ORDER BY account_id;
