-- How many quotes become invoices?
-- Quotes dated in the window, by month. A quote counts as converted when the service says that it was merged, when an invoice
-- names it as its origin, or - a guess - when the client has an invoice of the same net amount within 180 days.
-- Limits: A quote transformed without keeping a copy is gone from the quotes: it is in neither count.
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
    SELECT p.account_id, q.month, count(*) AS quotes, sum(q.net_eur) AS amount, sum(q.invoiced) AS converted,
           sum(CASE WHEN q.invoiced THEN q.net_eur ELSE 0 END) AS converted_amount
      FROM p
     CROSS JOIN offers AS q ON q.account_id = p.account_id
     WHERE q.resource = 'quotes' AND q.date BETWEEN p.first_day AND p.last_day
     GROUP BY p.account_id, q.month
)
SELECT account_id,
       month,
       quotes,
       round(amount, 2) + 0.0 AS amount,
       converted,
       round(converted_amount, 2) + 0.0 AS converted_amount,
       round(100 * converted_amount / nullif(round(amount, 2), 0), 1) + 0.0 AS percent
  FROM sums
 ORDER BY account_id, month DESC;
