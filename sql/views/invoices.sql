-- Which invoices does the service hold now?
--   SELECT number, date, entity_name, amount_gross FROM invoices WHERE year = 2026 ORDER BY number;
CREATE VIEW invoices AS
SELECT account_id, id, number, numeration, date, year, entity_id, entity_name, entity_vat_number, subject, currency,
       amount_net, amount_vat, amount_gross, next_due_date, payment_status, ei_status,
       created_at, updated_at, synced_at, raw
  FROM documents
 WHERE resource = 'invoices';
