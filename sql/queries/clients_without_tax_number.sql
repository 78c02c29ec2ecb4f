-- Which Italian clients have neither a VAT number nor a tax code?
-- Foreigners are left out. documents: their invoices and credit notes.
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
)
SELECT p.account_id,
       c.id,
       c.name,
       c.type,
       c.address_city,
       (SELECT count(*) FROM sales AS s WHERE s.account_id = c.account_id AND s.client_id = c.id) AS documents
  FROM p
 CROSS JOIN clients AS c ON c.account_id = p.account_id
 WHERE coalesce(trim(c.vat_number), '') = ''
   AND coalesce(trim(c.tax_code), '') = ''
   AND upper(coalesce(nullif(trim(c.country_iso), ''), 'IT')) = 'IT'
   AND CASE WHEN nullif(trim(c.country_iso), '') IS NULL
            THEN lower(coalesce(nullif(trim(c.country), ''), 'italia')) IN ('italia', 'italy', 'it') ELSE 1 END
 ORDER BY p.account_id, documents DESC, c.name, c.id;
