-- Which clients have neither a VAT number nor a tax code?
SELECT account_id,
       id,
       name,
       type,
       address_city,
       (SELECT count(*) FROM invoices AS i WHERE i.account_id = c.account_id AND i.entity_id = c.id) AS invoices
  FROM clients AS c
 WHERE coalesce(vat_number, '') = ''
   AND coalesce(tax_code, '') = ''
 ORDER BY invoices DESC, name;
