-- Which clients or suppliers were entered more than once under one VAT number?
SELECT account_id,
       'clients' AS list,
       vat_number,
       count(*) AS entries,
       group_concat(name, ' | ') AS names,
       group_concat(id, ', ') AS ids
  FROM clients
 WHERE vat_number <> ''
 GROUP BY account_id, vat_number
HAVING count(*) > 1
UNION ALL
SELECT account_id,
       'suppliers',
       vat_number,
       count(*),
       group_concat(name, ' | '),
       group_concat(id, ', ')
  FROM suppliers
 WHERE vat_number <> ''
 GROUP BY account_id, vat_number
HAVING count(*) > 1
 ORDER BY entries DESC, vat_number;
