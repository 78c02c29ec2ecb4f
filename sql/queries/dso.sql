-- How many days of turnover are outstanding (DSO), and how many days of purchases (DPO)?
-- What is open, of whatever date, over what was billed in the last 365 days, times 365.
-- Limits: Amounts are what clients pay: with VAT, without withheld tax and without the VAT of split payment.
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, today, date(today, '-364 days') AS first_day
      FROM accounts, (SELECT coalesce(:today, date('now', 'localtime')) AS today)
     WHERE :account_id IS NULL OR id = :account_id
),
sums AS (
    SELECT p.account_id,
           (SELECT coalesce(sum(s.amount), 0)
              FROM sale_payments AS s
             WHERE s.account_id = p.account_id AND s.status = 'not_paid') AS receivable,
           (SELECT coalesce(sum(s.payments), 0)
              FROM sales AS s
             WHERE s.account_id = p.account_id AND s.date BETWEEN p.first_day AND p.today) AS billed,
           (SELECT coalesce(sum(s.amount), 0)
              FROM purchase_payments AS s
             WHERE s.account_id = p.account_id AND s.status = 'not_paid') AS payable,
           (SELECT coalesce(sum(s.payments), 0)
              FROM purchases AS s
             WHERE s.account_id = p.account_id AND s.date BETWEEN p.first_day AND p.today) AS bought
      FROM p
)
SELECT account_id,
       round(receivable, 2) + 0.0 AS receivable,
       round(billed, 2) + 0.0 AS billed,
       round(365 * receivable / nullif(round(billed, 2), 0), 1) + 0.0 AS dso,
       round(payable, 2) + 0.0 AS payable,
       round(bought, 2) + 0.0 AS bought,
       round(365 * payable / nullif(round(bought, 2), 0), 1) + 0.0 AS dpo
  FROM sums
 ORDER BY account_id;
