-- Which lines do {resource} have?
--   SELECT category, amount_net FROM receipt_items WHERE receipt_id = 12345 ORDER BY position;
CREATE VIEW receipt_items AS
SELECT d.account_id, d.id AS receipt_id, c.position, c.id, c.amount_net, c.amount_gross, c.amount_vat, c.category,
       c.vat_id, c.vat_value
  FROM receipt_item_rows c JOIN receipts d ON d.row = c.parent;
