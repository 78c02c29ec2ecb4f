-- What was sold?
--   SELECT month, round(sum(revenue), 2) AS revenue FROM sales GROUP BY account_id, month ORDER BY month DESC;
-- Invoices and credit notes, in euro; what credit notes take back is negative already.
-- Amounts without an ending have the sign and can be added up. Those with _eur are the document's own, without it.
-- revenue = net + rivalsa (compensi); base = revenue + cassa (imponibile IVA); paid and open: of the instalments.
-- client: the record's name, also on documents older than it; of a deleted record, the name on its latest sale.
CREATE VIEW sales AS
SELECT d.account_id, d.resource, d.id, CASE WHEN d.sign > 0 THEN 'invoice' ELSE 'credit_note' END AS kind,
       d.label, d.date, substr(d.date, 1, 7) AS month, d.year, d.entity_id AS client_id,
       coalesce((SELECT e.name
                   FROM entities AS e
                  WHERE e.account_id = d.account_id AND e.resource = 'clients' AND e.id = d.entity_id),
                (SELECT o.entity_name
                   FROM documents AS o
                  WHERE o.account_id = d.account_id AND o.entity_id = d.entity_id
                    AND o.resource IN ('invoices', 'credit_notes')
                  ORDER BY o.date DESC, o.id DESC
                  LIMIT 1),
                d.entity_name) AS client,
       d.entity_name, CASE WHEN d.entity_id IS NULL THEN d.entity_name END AS client_without_id,
       d.rc_center, d.subject, d.sign,
       d.sign * d.net_eur AS net, d.sign * d.vat_eur AS vat, d.sign * d.rivalsa_eur AS rivalsa,
       d.sign * d.cassa_eur AS cassa, d.sign * d.revenue_eur AS revenue, d.sign * d.base_eur AS base,
       d.sign * d.withholding_eur AS withholding, d.sign * d.other_withholding_eur AS other_withholding,
       d.sign * d.payments_eur AS payments, d.sign * d.paid_eur AS paid, d.sign * d.open_eur AS open,
       d.net_eur, d.vat_eur, d.rivalsa_eur, d.cassa_eur, d.revenue_eur, d.base_eur, d.withholding_eur,
       d.other_withholding_eur, d.payments_eur, d.paid_eur, d.open_eur,
       d.currency, d.exchange_rate, d.split_payment, d.vat_kind, d.stamp_duty, d.payment_status, d.e_invoice,
       d.ei_status
  FROM documents AS d
 WHERE d.resource IN ('invoices', 'credit_notes');
