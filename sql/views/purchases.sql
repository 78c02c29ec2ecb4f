-- What was bought?
--   SELECT month, round(sum(net), 2) AS net FROM purchases GROUP BY account_id, month ORDER BY month DESC;
-- Expenses and credit notes of suppliers, in euro; what credit notes give back is negative already.
-- Amounts without an ending have the sign and can be added up. Those with _eur are the document's own, without it.
-- Self-invoices that come back from SDI are no purchases: they are copies of our own (VAT only).
CREATE VIEW purchases AS
SELECT d.account_id, d.resource, d.id, CASE WHEN d.sign > 0 THEN 'expense' ELSE 'passive_credit_note' END AS kind,
       d.invoice_number AS label, d.date, substr(d.date, 1, 7) AS month, d.year, d.entity_id AS supplier_id,
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
       d.entity_name, CASE WHEN d.entity_id IS NULL THEN d.entity_name END AS supplier_without_id,
       d.category, d.description, d.rc_center, d.sign,
       d.sign * d.net_eur AS net, d.sign * d.vat_eur AS vat, d.sign * d.deductible_vat_eur AS deductible_vat,
       d.sign * d.deductible_cost_eur AS deductible_cost, d.sign * d.withholding_eur AS withholding,
       d.sign * d.other_withholding_eur AS other_withholding, d.sign * d.payments_eur AS payments,
       d.sign * d.paid_eur AS paid, d.sign * d.open_eur AS open,
       d.net_eur, d.vat_eur, d.deductible_vat_eur, d.deductible_cost_eur, d.withholding_eur,
       d.other_withholding_eur, d.payments_eur, d.paid_eur, d.open_eur,
       d.currency, d.exchange_rate, d.is_detailed, d.payment_status
  FROM received_documents AS d
 WHERE d.resource IN ('expenses', 'passive_credit_notes');
