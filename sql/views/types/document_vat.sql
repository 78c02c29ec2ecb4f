-- How much of {resource} falls on which VAT rate, in euro?
--   SELECT rate, net_eur, vat_eur FROM {singular}_vat WHERE {singular}_id = 12345 ORDER BY position;
CREATE VIEW {singular}_vat AS
SELECT d.account_id, d.id AS {singular}_id, c.position, c.vat_id, c.rate, c.net_eur, c.vat_eur
  FROM document_vat c JOIN documents d ON d.row = c.parent
 WHERE d.resource = '{resource}';
