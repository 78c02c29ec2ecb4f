-- What is everything between us and one client?
-- The estratto conto: each sale on its date, each payment and refund on its day, what was set off on its due date. debit is
-- what the client comes to owe, credit what he has paid; the last balance is what is open now.
-- :client_id integer (the client's id at the service)
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
),
events AS (
    SELECT p.account_id, s.date, s.kind, s.label AS document, s.id, 0 AS later, 0 AS position,
           max(s.payments, 0) AS debit, abs(min(s.payments, 0)) AS credit
      FROM p
     CROSS JOIN sales AS s ON s.account_id = p.account_id
     WHERE s.client_id = :client_id
     UNION ALL
    SELECT p.account_id,
           CASE WHEN s.status = 'paid' THEN s.paid_on ELSE s.due_on END,
           CASE WHEN s.status = 'reversed' THEN 'reversed' WHEN s.kind = 'invoice' THEN 'payment' ELSE 'refund' END,
           s.label, s.id, 1, s.position, abs(min(s.amount, 0)), max(s.amount, 0)
      FROM p
     CROSS JOIN sale_payments AS s ON s.account_id = p.account_id
     WHERE s.client_id = :client_id AND s.status IN ('paid', 'reversed')
)
SELECT account_id,
       date,
       kind,
       document,
       round(debit, 2) + 0.0 AS debit,
       round(credit, 2) + 0.0 AS credit,
       round(sum(debit - credit) OVER (PARTITION BY account_id ORDER BY date, later, id, position), 2) + 0.0 AS balance
  FROM events
 ORDER BY account_id, date, later, id, position;
