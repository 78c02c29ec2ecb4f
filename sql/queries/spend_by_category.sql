-- What is the money spent on, by category?
-- Expenses and credit notes of suppliers dated in the window; '-' where no category was entered.
-- :from date = today - 12 months + 1 day
-- :to date = today
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, today, coalesce(:from, date(today, '-12 months', '+1 day')) AS first_day,
           coalesce(:to, today) AS last_day
      FROM accounts, (SELECT coalesce(:today, date('now', 'localtime')) AS today)
     WHERE :account_id IS NULL OR id = :account_id
),
sums AS (
    SELECT p.account_id, coalesce(nullif(b.category, ''), '-') AS category, count(*) AS documents, sum(b.net) AS net,
           sum(b.vat) AS vat, sum(b.deductible_cost) AS deductible_cost
      FROM p
     CROSS JOIN purchases AS b ON b.account_id = p.account_id
     WHERE b.date BETWEEN p.first_day AND p.last_day
     GROUP BY p.account_id, coalesce(nullif(b.category, ''), '-')
)
SELECT account_id,
       category,
       documents,
       round(net, 2) + 0.0 AS net,
       round(vat, 2) + 0.0 AS vat,
       round(deductible_cost, 2) + 0.0 AS deductible_cost,
       round(100 * net / nullif(round(sum(net) OVER (PARTITION BY account_id), 2), 0), 1) + 0.0 AS percent
  FROM sums
 ORDER BY account_id, round(sums.net, 2) DESC, category;
