-- Who buys again and again?
-- Clients with invoices in several different months of the window. revenue has their credit notes subtracted; average is
-- the revenue for each of those months.
-- :months integer = 3 (different months with an invoice, at least)
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
    SELECT p.account_id, s.client_id, s.client_without_id,
           count(DISTINCT CASE WHEN s.kind = 'invoice' THEN s.month END) AS months,
           sum(s.kind = 'invoice') AS invoices, sum(s.revenue) AS revenue,
           max(CASE WHEN s.kind = 'invoice' THEN s.date END) AS last_invoice
      FROM p
     CROSS JOIN sales AS s ON s.account_id = p.account_id
     WHERE s.date BETWEEN p.first_day AND p.last_day
     GROUP BY p.account_id, s.client_id, s.client_without_id
)
SELECT g.account_id,
       g.client_id,
       coalesce((SELECT s.client FROM sales AS s WHERE s.account_id = g.account_id AND s.client_id = g.client_id LIMIT 1),
                g.client_without_id) AS client,
       g.months,
       g.invoices,
       round(g.revenue, 2) + 0.0 AS revenue,
       round(g.revenue / nullif(g.months, 0), 1) + 0.0 AS average,
       g.last_invoice
  FROM sums AS g
 WHERE g.months >= coalesce(:months, 3)
 ORDER BY g.account_id, g.months DESC, round(g.revenue, 2) DESC, client, g.client_id;
