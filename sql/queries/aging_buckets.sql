-- How old is what clients owe: not due yet, up to 30, 60, 90 days overdue, more?
WITH open AS (
    SELECT i.account_id,
           i.currency,
           p.amount,
           julianday('now', 'localtime', 'start of day') - julianday(p.due_date) AS days
      FROM invoice_payments AS p
      JOIN invoices AS i ON i.account_id = p.account_id AND i.id = p.invoice_id
     WHERE p.status = 'not_paid'
)
SELECT account_id,
       currency,
       round(sum(CASE WHEN days IS NULL THEN amount ELSE 0 END), 2) AS no_due_date,
       round(sum(CASE WHEN days <= 0 THEN amount ELSE 0 END), 2) AS not_due_yet,
       round(sum(CASE WHEN days > 0 AND days <= 30 THEN amount ELSE 0 END), 2) AS days_1_to_30,
       round(sum(CASE WHEN days > 30 AND days <= 60 THEN amount ELSE 0 END), 2) AS days_31_to_60,
       round(sum(CASE WHEN days > 60 AND days <= 90 THEN amount ELSE 0 END), 2) AS days_61_to_90,
       round(sum(CASE WHEN days > 90 THEN amount ELSE 0 END), 2) AS over_90_days,
       round(sum(amount), 2) AS total
  FROM open
 GROUP BY account_id, currency;
