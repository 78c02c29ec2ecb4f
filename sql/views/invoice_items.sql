-- Which lines do the invoices have?
--   SELECT name, qty, net_price FROM invoice_items WHERE invoice_id = 12345 ORDER BY position;
CREATE VIEW invoice_items AS
SELECT account_id, document_id AS invoice_id, position, id, product_id, code, name, description, category,
       qty, measure, net_price, gross_price, discount, vat_id, vat_value
  FROM document_items
 WHERE resource = 'invoices';
