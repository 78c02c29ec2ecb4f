-- What have we withheld from suppliers and must pay by F24 (1040)?
-- Purchases with a ritenuta, by the month in which they were paid; each payment counts for its share of the document.
-- Limits: The due date is the law's 16th of the next month, not moved to working days.
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
    SELECT p.account_id, substr(s.paid_on, 1, 7) AS month, s.supplier_id, s.supplier_without_id,
           count(DISTINCT s.id) AS documents, sum(s.net) AS fees, sum(s.withholding) AS withheld
      FROM p
     CROSS JOIN purchase_payments AS s ON s.account_id = p.account_id
     WHERE s.status = 'paid' AND s.paid_on BETWEEN p.first_day AND p.last_day AND s.withholding_eur <> 0
     GROUP BY p.account_id, substr(s.paid_on, 1, 7), s.supplier_id, s.supplier_without_id
)
SELECT g.account_id,
       g.month,
       date(g.month || '-01', '+1 month', '+15 days') AS due_date,
       g.supplier_id,
       coalesce((SELECT s.supplier FROM purchases AS s
                  WHERE s.account_id = g.account_id AND s.supplier_id = g.supplier_id LIMIT 1),
                g.supplier_without_id) AS supplier,
       g.documents,
       round(coalesce(g.fees, 0), 2) + 0.0 AS fees,
       round(coalesce(g.withheld, 0), 2) + 0.0 AS withheld
  FROM sums AS g
 ORDER BY g.account_id, g.month, supplier, g.supplier_id;
