-- In which instalments are purchases paid, in euro?
--   SELECT due_on, label, supplier, amount FROM purchase_payments WHERE status = 'not_paid' ORDER BY due_on;
-- Those of credit notes are negative already: money that comes back.
-- status, due_on, paid_on, share: as in sale_payments. net to other_withholding: the document's, for this share.
CREATE VIEW purchase_payments AS
SELECT p.account_id, d.resource, d.id, CASE WHEN d.sign > 0 THEN 'expense' ELSE 'passive_credit_note' END AS kind,
       d.invoice_number AS label, d.date, d.entity_id AS supplier_id,
       coalesce((SELECT e.name
                   FROM entities AS e
                  WHERE e.account_id = d.account_id AND e.resource = 'suppliers' AND e.id = d.entity_id),
                (SELECT o.entity_name
                   FROM received_documents AS o
                  WHERE o.account_id = d.account_id AND o.entity_id = d.entity_id
                    AND o.resource IN ('expenses', 'passive_credit_notes')
                  ORDER BY o.date DESC, o.id DESC
                  LIMIT 1),
                d.entity_name) AS supplier,
       CASE WHEN d.entity_id IS NULL THEN d.entity_name END AS supplier_without_id,
       p.position, p.state AS status, p.due_on, p.paid_on, p.sign, p.sign * p.amount_eur AS amount,
       d.currency, p.sign * coalesce(p.amount, 0) AS amount_currency, p.share,
       p.sign * p.share * d.net_eur AS net, p.sign * p.share * d.vat_eur AS vat,
       p.sign * p.share * d.withholding_eur AS withholding,
       p.sign * p.share * d.other_withholding_eur AS other_withholding,
       d.withholding_eur, d.other_withholding_eur, p.payment_account_id, p.payment_account_name
  FROM received_payments AS p
  JOIN received_documents AS d ON d.row = p.parent
 WHERE p.sign <> 0;
