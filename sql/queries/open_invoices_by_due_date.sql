-- Which instalments are still to be paid, the most urgent first?
-- One row per instalment; negative `days_left` means overdue.
SELECT p.due_date,
       CAST(julianday(p.due_date) - julianday('now', 'localtime', 'start of day') AS INTEGER) AS days_left,
       i.number || coalesce(i.numeration, '') AS invoice,
       i.date,
       i.entity_name AS client,
       p.amount,
       i.currency
  FROM invoice_payments AS p
  JOIN invoices AS i ON i.account_id = p.account_id AND i.id = p.invoice_id
 WHERE p.status = 'not_paid'
 ORDER BY p.due_date, i.entity_name;
