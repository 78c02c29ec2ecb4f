-- What falls on which VAT rate and nature (natura), document by document, in euro?
--   SELECT register, rate, nature, round(sum(net), 2), round(sum(vat), 2) FROM vat_lines GROUP BY 1, 2, 3;
-- Credit notes are negative already.
-- register: sales, purchases, receipts (corrispettivi), self_invoices (those that we issued). net is the imponibile, with
-- rivalsa and cassa. rate is null where a document has no lines; nature where there is VAT, or where it is not known.
CREATE VIEW vat_lines AS
SELECT d.account_id, 'sales' AS register, d.resource, d.id, d.label, d.date, d.entity_id, d.entity_name, d.sign,
       v.position, v.vat_id, v.rate,
       CASE WHEN v.rate = 0
            THEN (SELECT t.nature FROM vat_types AS t
                   WHERE t.account_id = d.account_id AND t.resource = 'vat_types' AND t.id = v.vat_id) END AS nature,
       d.sign * v.net_eur AS net, d.sign * v.vat_eur AS vat
  FROM documents AS d
  JOIN document_vat AS v ON v.parent = d.row
 WHERE d.resource IN ('invoices', 'credit_notes')
UNION ALL
SELECT d.account_id, 'self_invoices', d.resource, d.id, d.label, d.date, d.entity_id, d.entity_name, d.sign,
       v.position, v.vat_id, v.rate,
       CASE WHEN v.rate = 0
            THEN (SELECT t.nature FROM vat_types AS t
                   WHERE t.account_id = d.account_id AND t.resource = 'vat_types' AND t.id = v.vat_id) END,
       v.net_eur, v.vat_eur
  FROM documents AS d
  JOIN document_vat AS v ON v.parent = d.row
 WHERE d.resource IN ('self_own_invoices', 'self_supplier_invoices')
UNION ALL
SELECT d.account_id, 'purchases', d.resource, d.id, d.invoice_number, d.date, d.entity_id, d.entity_name, d.sign,
       v.position, v.vat_id, v.rate,
       CASE WHEN v.rate = 0
            THEN (SELECT t.nature FROM vat_types AS t
                   WHERE t.account_id = d.account_id AND t.resource = 'vat_types' AND t.id = v.vat_id) END,
       d.sign * v.net_eur, d.sign * v.vat_eur
  FROM received_documents AS d
  JOIN received_vat AS v ON v.parent = d.row
 WHERE d.resource IN ('expenses', 'passive_credit_notes')
UNION ALL
SELECT r.account_id, 'receipts', r.resource, r.id, CAST(CAST(r.number AS INTEGER) AS TEXT) || coalesce(r.numeration, ''),
       r.date, NULL, r.description, r.sign,
       i.position, i.vat_id, coalesce(i.vat_value, 0),
       CASE WHEN coalesce(i.vat_value, 0) = 0
            THEN (SELECT t.nature FROM vat_types AS t
                   WHERE t.account_id = r.account_id AND t.resource = 'vat_types' AND t.id = i.vat_id) END,
       coalesce(r.sign * i.amount_net, 0), coalesce(r.sign * i.amount_vat, 0)
  FROM receipts AS r
  JOIN receipt_item_rows AS i ON i.parent = r.row;
