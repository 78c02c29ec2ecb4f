-- How many days after the due date do clients pay, on average?
-- Negative: before it. Only clients with three payments or more.
SELECT i.account_id,
       i.entity_name AS client,
       count(*) AS payments,
       round(avg(julianday(p.paid_date) - julianday(p.due_date)), 1) AS days_late,
       round(avg(julianday(p.paid_date) - julianday(i.date)), 1) AS days_after_invoice
  FROM invoice_payments AS p
  JOIN invoices AS i ON i.account_id = p.account_id AND i.id = p.invoice_id
 WHERE p.status = 'paid'
   AND p.paid_date IS NOT NULL
 GROUP BY i.account_id, coalesce(i.entity_id, i.entity_name)
HAVING count(*) >= 3
 ORDER BY days_late DESC;
