-- Which instalments do the invoices have, and are they paid?
--   SELECT invoice_id, due_date, amount FROM invoice_payments WHERE status = 'not_paid' ORDER BY due_date;
CREATE VIEW invoice_payments AS
SELECT account_id, document_id AS invoice_id, position, id, amount, due_date, paid_date, status, payment_account_id
  FROM document_payments
 WHERE resource = 'invoices';
