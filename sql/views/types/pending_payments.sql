-- In which instalments are documents to be paid that wait to be registered?
--   SELECT due_date, amount FROM pending_payments WHERE pending_document_id = 12345 ORDER BY position;
CREATE VIEW pending_payments AS
SELECT d.account_id, d.id AS pending_document_id, c.position, c.amount, c.due_date, c.paid_date, c.status,
       c.paid_with_ts_pay, c.payment_account_id
  FROM pending_payment_rows c JOIN pending_documents d ON d.row = c.parent;
