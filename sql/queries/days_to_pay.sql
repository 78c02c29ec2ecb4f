-- How long do clients take to pay, and how late are they?
-- Instalments of invoices paid in the window, weighted by their amount: ten invoices of 10 euro paid at once say nothing
-- about the one of 10,000. Negative days_late: before it was due.
-- Limits: Where the day of payment was not entered, the due date stands for it.
-- :from date = today - 12 months + 1 day (paid from)
-- :to date = today (paid up to)
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, coalesce(:from, date(today, '-12 months', '+1 day')) AS first_day,
           coalesce(:to, today) AS last_day
      FROM accounts, (SELECT coalesce(:today, date('now', 'localtime')) AS today)
     WHERE :account_id IS NULL OR id = :account_id
),
sums AS (
    SELECT p.account_id, s.client_id, s.client_without_id, count(*) AS payments, sum(s.amount) AS amount,
           sum(s.amount * (julianday(s.paid_on) - julianday(s.date))) AS after_document,
           sum(s.amount * (julianday(s.paid_on) - julianday(s.due_on))) AS late
      FROM p
     CROSS JOIN sale_payments AS s ON s.account_id = p.account_id
     WHERE s.status = 'paid' AND s.kind = 'invoice' AND s.paid_on BETWEEN p.first_day AND p.last_day
     GROUP BY p.account_id, s.client_id, s.client_without_id
)
SELECT g.account_id,
       g.client_id,
       coalesce((SELECT s.client FROM sales AS s WHERE s.account_id = g.account_id AND s.client_id = g.client_id LIMIT 1),
                g.client_without_id) AS client,
       g.payments,
       round(g.after_document / nullif(round(g.amount, 2), 0), 1) + 0.0 AS days_after_document,
       round(g.late / nullif(round(g.amount, 2), 0), 1) + 0.0 AS days_late
  FROM sums AS g
 ORDER BY g.account_id, days_late DESC, client, g.client_id;
