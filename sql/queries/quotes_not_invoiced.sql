-- Which quotes of the last twelve months have no invoice yet?
-- The service keeps no link that can be relied on, so this is a guess: a quote counts as invoiced when the same client
-- has an invoice of the same net amount on the quote's date or later.
SELECT q.account_id,
       q.number,
       q.date,
       q.entity_name AS client,
       q.subject,
       q.amount_net AS net,
       q.currency
  FROM quotes AS q
 WHERE q.date >= date('now', 'localtime', '-12 months')
   AND NOT EXISTS (SELECT 1
                     FROM invoices AS i
                    WHERE i.account_id = q.account_id
                      AND i.entity_id = q.entity_id
                      AND i.date >= q.date
                      AND abs(i.amount_net - q.amount_net) < 0.005)
 ORDER BY q.date DESC;
