-- What money came in and went out, when, and on which bank account or till?
--   SELECT substr(date, 1, 7) AS month, round(sum(amount), 2) AS balance FROM cash_movements GROUP BY account_id, month;
-- amount: positive for us. source: client, receipt (corrispettivi, with VAT), supplier, tax (F24, by due date: the service
-- has no other), cashbook (prima nota; only what stands nowhere else). direction: on which side it is booked; a refund to a
-- client stands on side in, with a negative amount. money_in and money_out go by what really happened.
CREATE VIEW cash_movements AS
SELECT p.account_id, p.paid_on AS date, 'client' AS source, 'in' AS direction, p.payment_account_id,
       p.payment_account_name, p.sign * p.amount_eur AS amount,
       max(p.sign * p.amount_eur, 0) AS money_in, abs(min(p.sign * p.amount_eur, 0)) AS money_out
  FROM document_payments AS p
 WHERE p.state = 'paid' AND p.sign <> 0
UNION ALL
SELECT p.account_id, p.paid_on, 'supplier', 'out', p.payment_account_id, p.payment_account_name,
       0 - p.sign * p.amount_eur, abs(min(p.sign * p.amount_eur, 0)), max(p.sign * p.amount_eur, 0)
  FROM received_payments AS p
 WHERE p.state = 'paid' AND p.sign <> 0
UNION ALL
SELECT r.account_id, r.date, 'receipt', 'in', r.payment_account_id, r.payment_account_name,
       r.sign * r.amount_gross, max(r.sign * r.amount_gross, 0), abs(min(r.sign * r.amount_gross, 0))
  FROM receipts AS r
 WHERE r.amount_gross IS NOT NULL
UNION ALL
SELECT t.account_id, t.due_date, 'tax', 'out', t.payment_account_id, t.payment_account_name,
       0 - t.amount, abs(min(t.amount, 0)), max(t.amount, 0)
  FROM taxes AS t
 WHERE t.status = 'paid' AND t.amount IS NOT NULL
UNION ALL
SELECT c.account_id, c.date, 'cashbook', 'in', c.payment_account_in_id, c.payment_account_in_name,
       c.amount_in, max(c.amount_in, 0), abs(min(c.amount_in, 0))
  FROM cashbook_entries AS c
 WHERE c.kind = 'cashbook' AND c.amount_in <> 0
UNION ALL
SELECT c.account_id, c.date, 'cashbook', 'out', c.payment_account_out_id, c.payment_account_out_name,
       0 - c.amount_out, abs(min(c.amount_out, 0)), max(c.amount_out, 0)
  FROM cashbook_entries AS c
 WHERE c.kind = 'cashbook' AND c.amount_out <> 0;
