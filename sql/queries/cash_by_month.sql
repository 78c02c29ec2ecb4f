-- What came in and went out each month?
-- Cassa: payments by the day on which they were made, corrispettivi with their VAT, the entries of the prima nota that
-- repeat nothing else. A refund to a client makes from_clients smaller, one from a supplier to_suppliers.
-- Limits: F24 count on their due date: the service has no other. Tax that clients withheld never comes in.
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
),
sums AS (
    SELECT p.account_id, substr(m.date, 1, 7) AS month,
           sum(CASE WHEN m.source = 'client' THEN m.money_in - m.money_out ELSE 0 END) AS from_clients,
           sum(CASE WHEN m.source = 'receipt' THEN m.money_in - m.money_out ELSE 0 END) AS receipts,
           sum(CASE WHEN m.source = 'cashbook' AND m.direction = 'in' THEN m.money_in - m.money_out ELSE 0 END) AS other_in,
           sum(CASE WHEN m.source = 'supplier' THEN m.money_out - m.money_in ELSE 0 END) AS to_suppliers,
           sum(CASE WHEN m.source = 'tax' THEN m.money_out - m.money_in ELSE 0 END) AS taxes,
           sum(CASE WHEN m.source = 'cashbook' AND m.direction = 'out' THEN m.money_out - m.money_in ELSE 0 END) AS other_out,
           sum(m.amount) AS balance
      FROM p
     CROSS JOIN cash_movements AS m ON m.account_id = p.account_id
     GROUP BY p.account_id, substr(m.date, 1, 7)
)
SELECT account_id,
       month,
       round(from_clients, 2) + 0.0 AS from_clients,
       round(receipts, 2) + 0.0 AS receipts,
       round(other_in, 2) + 0.0 AS other_in,
       round(to_suppliers, 2) + 0.0 AS to_suppliers,
       round(taxes, 2) + 0.0 AS taxes,
       round(other_out, 2) + 0.0 AS other_out,
       round(balance, 2) + 0.0 AS balance
  FROM sums
 ORDER BY account_id, month DESC;
