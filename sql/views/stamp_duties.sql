-- What of each document is subject to the stamp duty (bollo), in euro, and what duty does it bear?
--   SELECT resource, label, date, subject, stamp_duty FROM stamp_duties WHERE subject > 77.47 AND stamp_duty = 0;
-- subject: what is exempt or outside of VAT by the natures N1, N2, N2.1, N2.2, N3.5, N3.6, N4. Exports, reverse charge and
-- all that bears VAT are not subject. Invoices, credit notes and ricevute; amounts are the document's own, without a sign.
CREATE VIEW stamp_duties AS
SELECT d.account_id, d.resource, d.id, d.label, d.date, d.entity_id AS client_id, d.entity_name, d.e_invoice,
       round(coalesce(d.stamp_duty, 0) / d.exchange_rate, 2) AS stamp_duty,
       (SELECT round(coalesce(sum(v.net_eur), 0), 2)
          FROM document_vat AS v
          JOIN vat_types AS t ON t.account_id = d.account_id AND t.resource = 'vat_types' AND t.id = v.vat_id
         WHERE v.parent = d.row AND v.rate = 0
           AND t.nature IN ('N1', 'N2', 'N2.1', 'N2.2', 'N3.5', 'N3.6', 'N4')) AS subject,
       (SELECT group_concat(nature, ', ')
          FROM (SELECT DISTINCT t.nature
                  FROM document_vat AS v
                  JOIN vat_types AS t ON t.account_id = d.account_id AND t.resource = 'vat_types' AND t.id = v.vat_id
                 WHERE v.parent = d.row AND v.rate = 0
                   AND t.nature IN ('N1', 'N2', 'N2.1', 'N2.2', 'N3.5', 'N3.6', 'N4')
                 ORDER BY t.nature)) AS natures
  FROM documents AS d
 WHERE d.resource IN ('invoices', 'credit_notes', 'issued_receipts');
