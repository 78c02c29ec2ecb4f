-- What do the centres of revenue and cost earn?
-- Sales and corrispettivi, less purchases, dated in the window; '-' where no centre was entered.
-- Limits: All costs count, deductible or not; wages and what else is not entered as an expense are not in it.
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
parts AS (
    SELECT p.account_id, coalesce(nullif(s.rc_center, ''), '-') AS center, s.revenue AS revenue, 0 AS costs
      FROM p
     CROSS JOIN sales AS s ON s.account_id = p.account_id
     WHERE s.date BETWEEN p.first_day AND p.last_day
     UNION ALL
    SELECT p.account_id, coalesce(nullif(r.rc_center, ''), '-'), coalesce(r.amount_net, 0), 0
      FROM p
     CROSS JOIN receipts AS r ON r.account_id = p.account_id
     WHERE r.date BETWEEN p.first_day AND p.last_day
     UNION ALL
    SELECT p.account_id, coalesce(nullif(b.rc_center, ''), '-'), 0, b.net
      FROM p
     CROSS JOIN purchases AS b ON b.account_id = p.account_id
     WHERE b.date BETWEEN p.first_day AND p.last_day
)
SELECT account_id,
       center,
       round(sum(revenue), 2) + 0.0 AS revenue,
       round(sum(costs), 2) + 0.0 AS costs,
       round(sum(revenue) - sum(costs), 2) + 0.0 AS result
  FROM parts
 GROUP BY account_id, center
 ORDER BY account_id, result DESC, center;
