-- Who are the best clients, and what share of the turnover do they bring?
-- Invoices and credit notes dated in the window; collected and still_open are of their own instalments.
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
    SELECT p.account_id, s.client_id, s.client_without_id, count(*) AS documents, sum(s.revenue) AS revenue,
           sum(s.paid) AS collected, sum(s.open) AS still_open, max(s.date) AS last_document
      FROM p
     CROSS JOIN sales AS s ON s.account_id = p.account_id
     WHERE s.date BETWEEN p.first_day AND p.last_day
     GROUP BY p.account_id, s.client_id, s.client_without_id
)
SELECT g.account_id,
       g.client_id,
       coalesce((SELECT s.client FROM sales AS s WHERE s.account_id = g.account_id AND s.client_id = g.client_id LIMIT 1),
                g.client_without_id) AS client,
       g.documents,
       round(g.revenue, 2) + 0.0 AS revenue,
       round(100 * g.revenue / nullif(round(sum(g.revenue) OVER (PARTITION BY g.account_id), 2), 0), 1) + 0.0 AS percent,
       round(g.collected, 2) + 0.0 AS collected,
       round(g.still_open, 2) + 0.0 AS still_open,
       g.last_document
  FROM sums AS g
 ORDER BY g.account_id, round(g.revenue, 2) DESC, client, g.client_id;
