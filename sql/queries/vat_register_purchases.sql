-- What stands in the VAT register of purchases, document by document?
-- One line per document and VAT rate, for the accountant. Credit notes are negative; the name is that on the document.
-- Limits: By the document's date, not by that of registration, which the service does not give.
-- :from date = today - 12 months + 1 day
-- :to date = today
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, coalesce(:from, date(today, '-12 months', '+1 day')) AS first_day,
           coalesce(:to, today) AS last_day
      FROM accounts, (SELECT coalesce(:today, date('now', 'localtime')) AS today)
     WHERE :account_id IS NULL OR id = :account_id
)
SELECT p.account_id,
       v.date,
       v.resource,
       v.id,
       v.label AS document,
       v.entity_id AS supplier_id,
       v.entity_name AS supplier,
       v.rate,
       v.nature,
       round(v.net, 2) + 0.0 AS net,
       round(v.vat, 2) + 0.0 AS vat
  FROM p
 CROSS JOIN vat_lines AS v ON v.account_id = p.account_id
 WHERE v.register = 'purchases' AND v.date BETWEEN p.first_day AND p.last_day
 ORDER BY p.account_id, v.date, v.resource, v.id, v.position;
