-- Who are the best clients of the last twelve months, and what share of the turnover do they bring?
SELECT account_id,
       entity_name AS client,
       count(*) AS invoices,
       round(sum(amount_net), 2) AS net,
       round(100 * sum(amount_net) / sum(sum(amount_net)) OVER (PARTITION BY account_id, currency), 1) AS percent,
       currency,
       max(date) AS last_invoice
  FROM invoices
 WHERE date >= date('now', 'localtime', '-12 months')
 GROUP BY account_id, coalesce(entity_id, entity_name), currency
 ORDER BY account_id, net DESC;
