-- What falls due, in and out, week by week?
-- The scadenziario: open instalments of sales and purchases, and F24 to be paid. Rows: what is overdue, each week by its
-- Monday, what comes later. Weeks without anything are left out.
-- Limits: F24 that were set off are left out; what waits to be registered (pending_documents) is not in the data yet.
-- :weeks integer = 8 (weeks that are shown one by one, this one first)
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT account_id, today, monday, date(monday, '+' || (7 * weeks) || ' days') AS later_from
      FROM (SELECT id AS account_id, today, weeks, date(today, '-6 days', 'weekday 1') AS monday
              FROM accounts,
                   (SELECT coalesce(:today, date('now', 'localtime')) AS today, coalesce(:weeks, 8) AS weeks)
             WHERE :account_id IS NULL OR id = :account_id)
),
due AS (
    SELECT p.account_id, s.due_on, s.amount AS receivable, 0 AS payable, 0 AS taxes
      FROM p
     CROSS JOIN sale_payments AS s ON s.account_id = p.account_id
     WHERE s.status = 'not_paid'
     UNION ALL
    SELECT p.account_id, s.due_on, 0, s.amount, 0
      FROM p
     CROSS JOIN purchase_payments AS s ON s.account_id = p.account_id
     WHERE s.status = 'not_paid'
     UNION ALL
    SELECT p.account_id, t.due_date, 0, 0, coalesce(t.amount, 0)
      FROM p
     CROSS JOIN taxes AS t ON t.account_id = p.account_id
     WHERE coalesce(t.status, 'not_paid') NOT IN ('paid', 'reversed')
),
sums AS (
    SELECT p.account_id,
           CASE WHEN d.due_on < p.today THEN 'overdue'
                WHEN d.due_on < p.later_from THEN date(d.due_on, '-6 days', 'weekday 1')
                ELSE 'later' END AS week,
           min(CASE WHEN d.due_on < p.today THEN 1 WHEN d.due_on < p.later_from THEN 2 ELSE 3 END) AS part,
           sum(d.receivable) AS receivable, sum(d.payable) AS payable, sum(d.taxes) AS taxes
      FROM due AS d
      JOIN p ON p.account_id = d.account_id
     GROUP BY p.account_id, week
)
SELECT account_id,
       week,
       round(receivable, 2) + 0.0 AS receivable,
       round(payable, 2) + 0.0 AS payable,
       round(taxes, 2) + 0.0 AS taxes,
       round(receivable - payable - taxes, 2) + 0.0 AS balance,
       round(sum(receivable - payable - taxes) OVER (PARTITION BY account_id ORDER BY part, week), 2) + 0.0 AS running
  FROM sums
 ORDER BY account_id, part, week;
