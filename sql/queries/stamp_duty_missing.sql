-- Which documents lack the stamp duty (bollo)?
-- Invoices, credit notes and ricevute of which more than 77.47 euro are outside of VAT or exempt (natures N1, N2, N2.1,
-- N2.2, N3.5, N3.6, N4) and which bear no stamp duty. Exactly 77.47 is not over.
-- Limits: Exports, reverse charge and everything with VAT are not subject; a mixed document is, by its part without VAT.
-- Limits: Where the nature of a VAT type is not known, nothing is said (scope settings:r).
-- :from date = first of last year
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, coalesce(:from, date(today, 'start of year', '-12 months')) AS first_day
      FROM accounts, (SELECT coalesce(:today, date('now', 'localtime')) AS today)
     WHERE :account_id IS NULL OR id = :account_id
)
SELECT p.account_id,
       d.resource,
       d.id,
       d.label AS document,
       d.date,
       coalesce((SELECT c.name FROM clients AS c WHERE c.account_id = d.account_id AND c.id = d.client_id),
                (SELECT s.client FROM sales AS s WHERE s.account_id = d.account_id AND s.client_id = d.client_id LIMIT 1),
                d.entity_name) AS client,
       d.subject AS base,
       d.natures,
       coalesce(d.e_invoice, 0) AS e_invoice
  FROM p
 CROSS JOIN stamp_duties AS d ON d.account_id = p.account_id
 WHERE d.date >= p.first_day AND d.stamp_duty = 0 AND d.subject > 77.47
 ORDER BY p.account_id, d.date, d.id;
