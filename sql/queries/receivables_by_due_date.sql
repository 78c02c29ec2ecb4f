-- Which instalments are clients still to pay, the oldest first?
-- The scadenziario attivo: one row per open instalment of invoices and credit notes. What is open on a credit note is money
-- owed to the client: negative. Withheld tax and the VAT of split payment are in no instalment.
-- Limits: An invoice that SDI discarded is listed too, since it is corrected and sent again: see ei_status.
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, coalesce(:today, date('now', 'localtime')) AS today
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
)
SELECT p.account_id,
       s.due_on AS due_date,
       CAST(julianday(p.today) - julianday(s.due_on) AS INTEGER) AS days_overdue,
       s.resource,
       s.label AS document,
       s.date,
       s.client_id,
       s.client,
       round(s.amount, 2) + 0.0 AS amount,
       s.currency,
       round(s.amount_currency, 2) + 0.0 AS amount_currency,
       s.ei_status
  FROM p
 CROSS JOIN sale_payments AS s ON s.account_id = p.account_id
 WHERE s.status = 'not_paid'
 ORDER BY p.account_id, due_date, s.client, s.id, s.position;
