-- Which lines do the quotes have?
--   SELECT name, qty, net_price FROM quote_items WHERE quote_id = 12345 ORDER BY position;
CREATE VIEW quote_items AS
SELECT account_id, document_id AS quote_id, position, id, product_id, code, name, description, category,
       qty, measure, net_price, gross_price, discount, vat_id, vat_value
  FROM document_items
 WHERE resource = 'quotes';
