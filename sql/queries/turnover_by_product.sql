-- What is sold most, by net amount?
-- Lines of invoices and credit notes dated in the window, by product; those without one by code, else by name.
-- Limits: Rivalsa and cassa stand on no line: the sum is smaller than the turnover by them.
-- :from date = today - 12 months + 1 day
-- :to date = today
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, coalesce(:from, date(today, '-12 months', '+1 day')) AS first_day,
           coalesce(:to, today) AS last_day
      FROM accounts, (SELECT coalesce(:today, date('now', 'localtime')) AS today)
     WHERE :account_id IS NULL OR id = :account_id
),
sums AS (
    SELECT p.account_id, l.product_id,
           CASE WHEN l.product_id IS NULL THEN nullif(l.code, '') END AS code_alone,
           CASE WHEN l.product_id IS NULL AND coalesce(l.code, '') = '' THEN l.name END AS name_alone,
           max(l.code) AS code, max(l.name) AS name, count(DISTINCT l.id) AS documents,
           sum(l.quantity) AS quantity, sum(l.net) AS net
      FROM p
     CROSS JOIN sale_lines AS l ON l.account_id = p.account_id
     WHERE l.date BETWEEN p.first_day AND p.last_day
     GROUP BY p.account_id, l.product_id, code_alone, name_alone
)
SELECT g.account_id,
       g.product_id,
       coalesce(t.code, g.code) AS code,
       coalesce(t.name, g.name) AS name,
       g.documents,
       round(g.quantity, 3) + 0.0 AS quantity,
       round(g.net, 2) + 0.0 AS net
  FROM sums AS g
  LEFT JOIN products AS t ON t.account_id = g.account_id AND t.resource = 'products' AND t.id = g.product_id
 ORDER BY g.account_id, round(g.net, 2) DESC, coalesce(t.name, g.name), g.product_id, code;
