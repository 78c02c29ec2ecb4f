-- Which clients owe money whose due date has passed, and since when?
SELECT i.account_id,
       i.entity_name AS client,
       count(*) AS instalments,
       round(sum(p.amount), 2) AS overdue,
       i.currency,
       min(p.due_date) AS oldest
  FROM invoice_payments AS p
  JOIN invoices AS i ON i.account_id = p.account_id AND i.id = p.invoice_id
 WHERE p.status = 'not_paid'
   AND p.due_date < date('now', 'localtime')
 GROUP BY i.account_id, coalesce(i.entity_id, i.entity_name), i.currency
 ORDER BY overdue DESC;
