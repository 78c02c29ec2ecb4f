-- Which F24 are to be paid?
-- Negative days_left: overdue. running adds them up in the order in which they are due.
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, coalesce(:today, date('now', 'localtime')) AS today
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
)
SELECT p.account_id,
       t.id,
       t.due_date,
       CAST(julianday(t.due_date) - julianday(p.today) AS INTEGER) AS days_left,
       t.description,
       round(coalesce(t.amount, 0), 2) + 0.0 AS amount,
       round(sum(coalesce(t.amount, 0)) OVER (PARTITION BY p.account_id ORDER BY t.due_date, t.id), 2) + 0.0 AS running
  FROM p
 CROSS JOIN taxes AS t ON t.account_id = p.account_id
 WHERE coalesce(t.status, 'not_paid') NOT IN ('paid', 'reversed')
 ORDER BY p.account_id, t.due_date, t.id;
