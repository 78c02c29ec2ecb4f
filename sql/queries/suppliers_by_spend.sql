-- Where does the money go?
-- Expenses and credit notes of suppliers dated in the window. percent is the share of the net amounts.
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
    SELECT p.account_id, b.supplier_id, b.supplier_without_id, count(*) AS documents, sum(b.net) AS net, sum(b.vat) AS vat,
           sum(b.deductible_vat) AS deductible_vat, sum(b.deductible_cost) AS deductible_cost, sum(b.open) AS still_open
      FROM p
     CROSS JOIN purchases AS b ON b.account_id = p.account_id
     WHERE b.date BETWEEN p.first_day AND p.last_day
     GROUP BY p.account_id, b.supplier_id, b.supplier_without_id
)
SELECT g.account_id,
       g.supplier_id,
       coalesce((SELECT s.supplier FROM purchases AS s
                  WHERE s.account_id = g.account_id AND s.supplier_id = g.supplier_id LIMIT 1),
                g.supplier_without_id) AS supplier,
       g.documents,
       round(g.net, 2) + 0.0 AS net,
       round(g.vat, 2) + 0.0 AS vat,
       round(g.deductible_vat, 2) + 0.0 AS deductible_vat,
       round(g.deductible_cost, 2) + 0.0 AS deductible_cost,
       round(100 * g.net / nullif(round(sum(g.net) OVER (PARTITION BY g.account_id), 2), 0), 1) + 0.0 AS percent,
       round(g.still_open, 2) + 0.0 AS still_open
  FROM sums AS g
 ORDER BY g.account_id, round(g.net, 2) DESC, supplier, g.supplier_id;
