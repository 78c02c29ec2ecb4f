-- Which clients can an e-invoice not be delivered to?
-- Public bodies without the six characters of their office (codice univoco), and Italian companies with neither a certified
-- e-mail (PEC) nor a recipient code of seven. 0000000 is the code that means "none known".
-- Limits: Private persons, foreigners and clients for whom e-invoices are switched off are left out: they need neither.
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
       c.vat_number,
       c.tax_code,
       c.ei_code,
       c.email,
       CASE WHEN c.type = 'pa' THEN 'public body without its code' ELSE 'neither PEC nor code' END AS problem
  FROM p
 CROSS JOIN clients AS c ON c.account_id = p.account_id
 WHERE coalesce(c.e_invoice, 1) <> 0
   AND upper(coalesce(nullif(trim(c.country_iso), ''), 'IT')) = 'IT'
   AND CASE WHEN nullif(trim(c.country_iso), '') IS NULL
            THEN lower(coalesce(nullif(trim(c.country), ''), 'italia')) IN ('italia', 'italy', 'it') ELSE 1 END
   AND CASE WHEN c.type = 'pa' THEN length(trim(coalesce(c.ei_code, ''))) <> 6
            WHEN c.type = 'company' OR c.type IS NULL AND coalesce(c.vat_number, '') <> ''
            THEN coalesce(trim(c.certified_email), '') = '' AND coalesce(trim(c.ei_code), '') IN ('', '0000000')
            ELSE 0 END
 ORDER BY p.account_id, c.name, c.id;
