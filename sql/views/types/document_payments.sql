-- In which instalments are {resource} paid?
--   SELECT due_date, amount, status FROM {singular}_payments WHERE {singular}_id = 12345 ORDER BY position;
-- A status that is missing or not known counts as not_paid; what the service sent stands in the document's raw.
CREATE VIEW {singular}_payments AS
SELECT d.account_id, d.id AS {singular}_id, c.position, c.id, c.amount, c.due_date, c.paid_date, c.state AS status,
       c.payment_account_id, c.payment_account_name, c.terms_days, c.terms_type, c.amount_eur, c.due_on, c.paid_on,
       c.share
  FROM document_payments c JOIN documents d ON d.row = c.parent
 WHERE d.resource = '{resource}';
