-- Which clients can an e-invoice not be delivered to: no certified e-mail (PEC) and no recipient code (codice SDI)?
-- `0000000` is the code that means "none known".
SELECT account_id,
       id,
       name,
       type,
       vat_number,
       tax_code,
       email
  FROM clients
 WHERE coalesce(certified_email, '') = ''
   AND coalesce(ei_code, '') IN ('', '0000000')
 ORDER BY account_id, name;
