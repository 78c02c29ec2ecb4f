-- Which clients or suppliers were entered more than once, by VAT number or tax code?
-- VAT numbers are compared in capitals, without spaces and without a leading IT; tax codes in capitals, without spaces.
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
),
keys AS (
    SELECT p.account_id, e.resource, 'vat_number' AS same, e.vat_key AS number, e.id, e.name
      FROM p
     CROSS JOIN entities AS e ON e.account_id = p.account_id
     WHERE e.vat_key <> ''
     UNION ALL
    SELECT p.account_id, e.resource, 'tax_code', upper(replace(e.tax_code, ' ', '')), e.id, e.name
      FROM p
     CROSS JOIN entities AS e ON e.account_id = p.account_id
     WHERE trim(e.tax_code) <> ''
)
SELECT account_id,
       resource,
       same,
       number,
       count(*) AS entries,
       group_concat(id, ', ') AS ids,
       group_concat(name, '; ') AS names
  FROM (SELECT * FROM keys ORDER BY account_id, resource, same, number, id)
 GROUP BY account_id, resource, same, number
HAVING count(*) > 1
 ORDER BY account_id, resource, same DESC, number;
