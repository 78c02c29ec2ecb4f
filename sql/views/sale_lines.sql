-- What stands on the lines of sales, in euro?
--   SELECT name, sum(quantity) AS quantity, round(sum(net), 2) AS net FROM sale_lines GROUP BY account_id, name;
-- Quantities and amounts of credit notes are negative already.
-- quantity: 1 where the line has none. net: with the discount, not rounded; rivalsa and cassa stand on no line.
CREATE VIEW sale_lines AS
SELECT d.account_id, d.resource, d.id, d.label, d.date, substr(d.date, 1, 7) AS month, d.entity_id AS client_id,
       d.entity_name, d.sign, i.position, i.product_id, i.code, i.name, i.description, i.category, i.measure,
       d.sign * coalesce(i.qty, 1) AS quantity, d.sign * i.net_eur AS net, i.discount, i.vat_id,
       i.vat_value AS rate
  FROM documents AS d
  JOIN document_items AS i ON i.parent = d.row
 WHERE d.resource IN ('invoices', 'credit_notes');
