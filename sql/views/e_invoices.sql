-- Which documents go through SDI as e-invoices, and what became of them?
--   SELECT label, date, entity, ei_status FROM e_invoices WHERE ei_status IN ('discarded', 'error') ORDER BY date;
-- entity: the name of the client's record, of the supplier's for a self-invoice to integrate his; else that on the document.
CREATE VIEW e_invoices AS
SELECT d.account_id, d.resource, d.id, d.label, d.date, d.entity_id,
       coalesce(CASE WHEN d.resource <> 'self_own_invoices'
                     THEN (SELECT e.name
                             FROM entities AS e
                            WHERE e.account_id = d.account_id AND e.id = d.entity_id
                              AND e.resource = CASE d.resource WHEN 'self_supplier_invoices' THEN 'suppliers'
                                                               ELSE 'clients' END) END,
                d.entity_name) AS entity,
       d.base_eur, d.vat_eur, d.ei_status
  FROM documents AS d
 WHERE d.e_invoice AND d.resource IN ('invoices', 'credit_notes', 'self_own_invoices', 'self_supplier_invoices');
