-- What went through each bank account and till, month by month?
-- The movements of cash_by_month with their payment account: the balances of a month add up to its balance.
-- Limits: F24 count on their due date: the service has no other.
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
),
sums AS (
    SELECT p.account_id, substr(m.date, 1, 7) AS month, m.payment_account_id,
           CASE WHEN m.payment_account_id IS NULL THEN m.payment_account_name END AS account_without_id,
           max(m.payment_account_name) AS name, sum(m.money_in) AS money_in, sum(m.money_out) AS money_out
      FROM p
     CROSS JOIN cash_movements AS m ON m.account_id = p.account_id
     GROUP BY p.account_id, substr(m.date, 1, 7), m.payment_account_id, account_without_id
)
SELECT g.account_id,
       g.month,
       g.payment_account_id,
       coalesce((SELECT a.name FROM payment_accounts AS a
                  WHERE a.account_id = g.account_id AND a.resource = 'payment_accounts' AND a.id = g.payment_account_id),
                g.name) AS payment_account,
       round(g.money_in, 2) + 0.0 AS money_in,
       round(g.money_out, 2) + 0.0 AS money_out,
       round(g.money_in - g.money_out, 2) + 0.0 AS balance
  FROM sums AS g
 ORDER BY g.account_id, g.month DESC, payment_account, g.payment_account_id;
