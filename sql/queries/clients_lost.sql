-- Who has stopped buying?
-- Clients whose last invoice is old and who brought money. revenue_12_months is that of their last twelve months.
-- :days integer = 180 (since the last invoice, more than)
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, today, date(today, '-' || coalesce(:days, 180) || ' days') AS before
      FROM accounts, (SELECT coalesce(:today, date('now', 'localtime')) AS today)
     WHERE :account_id IS NULL OR id = :account_id
),
lost AS MATERIALIZED (
    SELECT p.account_id, p.today, s.client_id, s.client_without_id, max(CASE WHEN s.kind = 'invoice' THEN s.date END) AS last_invoice,
           sum(s.kind = 'invoice') AS invoices, sum(s.revenue) AS revenue
      FROM p
     CROSS JOIN sales AS s ON s.account_id = p.account_id
     GROUP BY p.account_id, s.client_id, s.client_without_id
    HAVING last_invoice < p.before AND round(sum(s.revenue), 2) > 0
)
SELECT g.account_id,
       g.client_id,
       coalesce((SELECT s.client FROM sales AS s WHERE s.account_id = g.account_id AND s.client_id = g.client_id LIMIT 1),
                g.client_without_id) AS client,
       g.last_invoice,
       CAST(julianday(g.today) - julianday(g.last_invoice) AS INTEGER) AS days_since,
       g.invoices,
       round(coalesce((SELECT sum(s.revenue)
                         FROM sales AS s
                        WHERE s.account_id = g.account_id AND s.client_id IS g.client_id
                          AND s.client_without_id IS g.client_without_id
                          AND s.date > date(g.last_invoice, '-12 months') AND s.date <= g.last_invoice), 0), 2) + 0.0
           AS revenue_12_months,
       round(g.revenue, 2) + 0.0 AS revenue_total
  FROM lost AS g
 ORDER BY g.account_id, revenue_12_months DESC, client, g.client_id;
