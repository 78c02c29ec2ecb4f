-- Which e-invoices were refused, discarded, or not delivered, and need a hand?
SELECT account_id,
       number || coalesce(numeration, '') AS invoice,
       date,
       entity_name AS client,
       amount_gross,
       ei_status
  FROM invoices
 WHERE ei_status IN ('error', 'discarded', 'rejected', 'manual_rejected', 'not_delivered', 'no_response', 'missing')
 ORDER BY date DESC;
