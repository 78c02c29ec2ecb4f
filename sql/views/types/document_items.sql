-- Which lines do {resource} have?
--   SELECT name, qty, net_price FROM {singular}_items WHERE {singular}_id = 12345 ORDER BY position;
CREATE VIEW {singular}_items AS
SELECT d.account_id, d.id AS {singular}_id, c.position, c.id, c.product_id, c.code, c.name, c.description,
       c.category, c.qty, c.measure, c.net_price, c.gross_price, c.discount, c.vat_id, c.vat_value,
       c.vat_description, c.not_taxable, c.apply_withholding_taxes, c.in_dn, c.stock, c.net_eur
  FROM document_items c JOIN documents d ON d.row = c.parent
 WHERE d.resource = '{resource}';
