-- Which quotes, proformas, orders, delivery notes and work reports have no invoice yet?
-- Documents dated in the window for which the rule of quotes_conversion finds no invoice.
-- Limits: The service keeps no link that can be relied on: an invoice of another amount is not recognised.
-- :from date = today - 12 months + 1 day
-- :to date = today
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, today, coalesce(:from, date(today, '-12 months', '+1 day')) AS first_day,
           coalesce(:to, today) AS last_day
      FROM accounts, (SELECT coalesce(:today, date('now', 'localtime')) AS today)
     WHERE :account_id IS NULL OR id = :account_id
)
SELECT p.account_id,
       o.resource,
       o.id,
       o.label AS document,
       o.date,
       CAST(julianday(p.today) - julianday(o.date) AS INTEGER) AS days,
       o.client_id,
       o.client,
       round(o.net_eur, 2) + 0.0 AS net
  FROM p
 CROSS JOIN offers AS o ON o.account_id = p.account_id
 WHERE o.date BETWEEN p.first_day AND p.last_day AND NOT o.invoiced
 ORDER BY p.account_id, o.date, o.id;
