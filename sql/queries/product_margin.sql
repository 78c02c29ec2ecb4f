-- What is earned on each product?
-- Lines of invoices and credit notes dated in the window whose product is still in the list of products.
-- Limits: The cost is today's net cost, or the average cost where there is none: not that of the day of the sale.
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
    SELECT p.account_id, l.product_id, sum(l.quantity) AS quantity, sum(l.net) AS revenue
      FROM p
     CROSS JOIN sale_lines AS l ON l.account_id = p.account_id
     WHERE l.date BETWEEN p.first_day AND p.last_day AND l.product_id IS NOT NULL
     GROUP BY p.account_id, l.product_id
),
costs AS (
    SELECT g.account_id, g.product_id, t.code, t.name, g.quantity, g.revenue,
           g.quantity * coalesce(nullif(t.net_cost, 0), nullif(t.average_cost, 0)) AS cost
      FROM sums AS g
      JOIN products AS t ON t.account_id = g.account_id AND t.resource = 'products' AND t.id = g.product_id
)
SELECT account_id,
       product_id,
       code,
       name,
       round(quantity, 3) + 0.0 AS quantity,
       round(revenue, 2) + 0.0 AS revenue,
       round(cost, 2) + 0.0 AS cost,
       round(revenue - cost, 2) + 0.0 AS margin,
       round(100 * (revenue - cost) / nullif(round(revenue, 2), 0), 1) + 0.0 AS percent
  FROM costs
 ORDER BY account_id, margin DESC, product_id;
