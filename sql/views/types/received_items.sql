-- Which lines do {resource} have?
--   SELECT name, qty, net_price FROM {singular}_items WHERE {singular}_id = 12345 ORDER BY position;
CREATE VIEW {singular}_items AS
SELECT d.account_id, d.id AS {singular}_id, c.position, c.id, c.product_id, c.code, c.name, c.measure, c.category,
       c.net_price, c.qty, c.stock, c.vat_id, c.vat_value, c.vat_description, c.deductibility_vat_percentage,
       c.net_eur
  FROM received_items c JOIN received_documents d ON d.row = c.parent
 WHERE d.resource = '{resource}';
