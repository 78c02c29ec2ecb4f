-- What is sold most, by net amount, over the last twelve months?
SELECT l.account_id,
       coalesce(nullif(l.code, ''), '-') AS code,
       l.name,
       count(*) AS lines,
       round(sum(l.qty), 2) AS quantity,
       round(sum(l.qty * l.net_price * (1 - coalesce(l.discount, 0) / 100)), 2) AS net
  FROM invoice_items AS l
  JOIN invoices AS i ON i.account_id = l.account_id AND i.id = l.invoice_id
 WHERE i.date >= date('now', 'localtime', '-12 months')
 GROUP BY l.account_id, coalesce(l.product_id, l.code), l.name
 ORDER BY net DESC
 LIMIT 50;
