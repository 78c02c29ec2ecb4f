-- In which instalments are sales paid, in euro?
--   SELECT due_on, label, client, amount FROM sale_payments WHERE status = 'not_paid' ORDER BY due_on;
-- Those of credit notes are negative already: money that goes back.
-- status: paid, reversed (set off by a credit note: no money moved), not_paid; one that is missing or not known is
-- not_paid. due_on: the due date, else the document's date. paid_on, where paid: the day, else due_on.
-- share: of all instalments of the document. net to other_withholding: the document's, for this share, not rounded.
CREATE VIEW sale_payments AS
SELECT p.account_id, d.resource, d.id, CASE WHEN d.sign > 0 THEN 'invoice' ELSE 'credit_note' END AS kind,
       d.label, d.date, d.entity_id AS client_id,
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
       CASE WHEN d.entity_id IS NULL THEN d.entity_name END AS client_without_id,
       p.position, p.state AS status, p.due_on, p.paid_on, p.sign, p.sign * p.amount_eur AS amount,
       d.currency, p.sign * coalesce(p.amount, 0) AS amount_currency, p.share,
       p.sign * p.share * d.net_eur AS net, p.sign * p.share * d.vat_eur AS vat,
       p.sign * p.share * d.revenue_eur AS revenue, p.sign * p.share * d.cassa_eur AS cassa,
       p.sign * p.share * d.withholding_eur AS withholding,
       p.sign * p.share * d.other_withholding_eur AS other_withholding,
       d.withholding_eur, d.other_withholding_eur, d.split_payment, d.vat_kind, d.ei_status,
       p.payment_account_id, p.payment_account_name
  FROM document_payments AS p
  JOIN documents AS d ON d.row = p.parent
 WHERE p.sign <> 0;
