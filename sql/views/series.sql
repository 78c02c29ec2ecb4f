-- Which numbers do documents have, and in which series (sezionale) of which year?
--   SELECT series, year, numeration, max(number) FROM series GROUP BY account_id, series, year, numeration;
-- year: the document's, else its date's. shared: 1 for a numbering that invoices and credit notes have in common.
CREATE VIEW series AS
SELECT d.account_id, 0 AS shared, d.resource AS series, coalesce(d.year, CAST(substr(d.date, 1, 4) AS INTEGER)) AS year,
       coalesce(d.numeration, '') AS numeration, d.number, d.id, d.date
  FROM documents AS d
 WHERE d.resource IN ('invoices', 'credit_notes', 'self_own_invoices', 'self_supplier_invoices')
   AND d.number IS NOT NULL
UNION ALL
SELECT d.account_id, 1, CASE WHEN d.resource IN ('invoices', 'credit_notes') THEN 'invoices+credit_notes' ELSE d.resource END,
       coalesce(d.year, CAST(substr(d.date, 1, 4) AS INTEGER)), coalesce(d.numeration, ''), d.number, d.id, d.date
  FROM documents AS d
 WHERE d.resource IN ('invoices', 'credit_notes', 'self_own_invoices', 'self_supplier_invoices')
   AND d.number IS NOT NULL;
