-- What was invoiced each month, the latest first?
-- Invoices only: credit notes are a document type of their own and are not mirrored yet.
SELECT account_id,
       substr(date, 1, 7) AS month,
       count(*) AS invoices,
       round(sum(amount_net), 2) AS net,
       round(sum(amount_vat), 2) AS vat,
       round(sum(amount_gross), 2) AS gross,
       currency
  FROM invoices
 GROUP BY account_id, month, currency
 ORDER BY account_id, month DESC;
