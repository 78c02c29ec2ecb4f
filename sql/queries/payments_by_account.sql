-- What came in on which payment account (bank, cash), month by month?
-- The account's name stands only in `raw`; the columns hold its id.
SELECT i.account_id,
       substr(p.value ->> '$.paid_date', 1, 7) AS month,
       coalesce(p.value ->> '$.payment_account.name', 'none') AS payment_account,
       count(*) AS payments,
       round(sum(p.value ->> '$.amount'), 2) AS amount,
       i.currency
  FROM invoices AS i, json_each(i.raw, '$.payments_list') AS p
 WHERE p.value ->> '$.status' = 'paid'
 GROUP BY i.account_id, month, p.value ->> '$.payment_account.id', i.currency
 ORDER BY i.account_id, month, payment_account;
