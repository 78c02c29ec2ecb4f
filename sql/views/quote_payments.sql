-- Which instalments do the quotes have, and are they paid?
--   SELECT quote_id, due_date, amount FROM quote_payments WHERE status = 'not_paid' ORDER BY due_date;
CREATE VIEW quote_payments AS
SELECT account_id, document_id AS quote_id, position, id, amount, due_date, paid_date, status, payment_account_id
  FROM document_payments
 WHERE resource = 'quotes';
