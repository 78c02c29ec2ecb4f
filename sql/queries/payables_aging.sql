-- How old is what is owed to each supplier?
-- Open instalments by the days since they were due; one that is due today is not overdue. Credit notes are subtracted.
-- Limits: F24 are not in it: see taxes_due.
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, coalesce(:today, date('now', 'localtime')) AS today
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
),
open AS (
    SELECT p.account_id, s.supplier_id, s.supplier_without_id, s.amount,
           coalesce(julianday(p.today) - julianday(s.due_on), 0) AS days
      FROM p
     CROSS JOIN purchase_payments AS s ON s.account_id = p.account_id
     WHERE s.status = 'not_paid'
),
sums AS (
    SELECT account_id, supplier_id, supplier_without_id,
           sum(CASE WHEN days <= 0 THEN amount ELSE 0 END) AS not_due,
           sum(CASE WHEN days > 0 AND days <= 30 THEN amount ELSE 0 END) AS days_1_30,
           sum(CASE WHEN days > 30 AND days <= 60 THEN amount ELSE 0 END) AS days_31_60,
           sum(CASE WHEN days > 60 AND days <= 90 THEN amount ELSE 0 END) AS days_61_90,
           sum(CASE WHEN days > 90 THEN amount ELSE 0 END) AS days_over_90,
           sum(amount) AS total
      FROM open
     GROUP BY account_id, supplier_id, supplier_without_id
)
SELECT g.account_id,
       g.supplier_id,
       coalesce((SELECT s.supplier FROM purchases AS s WHERE s.account_id = g.account_id AND s.supplier_id = g.supplier_id LIMIT 1),
                g.supplier_without_id) AS supplier,
       round(g.not_due, 2) + 0.0 AS not_due,
       round(g.days_1_30, 2) + 0.0 AS days_1_30,
       round(g.days_31_60, 2) + 0.0 AS days_31_60,
       round(g.days_61_90, 2) + 0.0 AS days_61_90,
       round(g.days_over_90, 2) + 0.0 AS days_over_90,
       round(g.total, 2) + 0.0 AS total
  FROM sums AS g
 ORDER BY g.account_id, total DESC, supplier, g.supplier_id;
