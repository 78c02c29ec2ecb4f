-- Which quotes, proformas, orders, delivery notes and work reports have become an invoice?
--   SELECT resource, label, date, entity_name, net_eur FROM offers WHERE NOT invoiced ORDER BY date;
-- invoiced: the service says that it was merged, or an invoice names it as its origin, or - a guess - the same client has
-- an invoice of the same net amount and currency, dated from the same day to 180 days later.
CREATE VIEW offers AS
SELECT d.account_id, d.resource, d.id, d.label, d.date, substr(d.date, 1, 7) AS month, d.entity_id AS client_id,
       coalesce((SELECT e.name
                   FROM entities AS e
                  WHERE e.account_id = d.account_id AND e.resource = 'clients' AND e.id = d.entity_id),
                d.entity_name) AS client,
       d.entity_name, d.subject, d.net_eur,
       coalesce(d.merged_in, 'false') NOT IN ('false', '0', '""', '[]', '{}')
       OR EXISTS (SELECT 1
                    FROM documents AS i
                   WHERE i.original_document_id = d.id AND i.account_id = d.account_id AND i.resource = 'invoices')
       OR EXISTS (SELECT 1
                    FROM documents AS i
                   WHERE i.account_id = d.account_id AND i.entity_id = d.entity_id AND i.resource = 'invoices'
                     AND i.date >= d.date AND i.date <= date(d.date, '+180 days')
                     AND coalesce(i.currency, 'EUR') = coalesce(d.currency, 'EUR')
                     AND abs(i.amount_net - d.amount_net) < 0.005) AS invoiced
  FROM documents AS d
 WHERE d.resource IN ('quotes', 'proformas', 'orders', 'delivery_notes', 'work_reports');
