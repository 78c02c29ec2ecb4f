-- What points at something that is no longer there?
-- Documents whose client or supplier, whose lines' product, whose payments' account has no record (any more).
-- Limits: A kind of which the account has no record at all is not looked at: it is not mirrored, or the token may not read it.
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
),
lists AS MATERIALIZED (
    SELECT p.account_id,
           EXISTS (SELECT 1 FROM clients AS x WHERE x.account_id = p.account_id) AS clients,
           EXISTS (SELECT 1 FROM suppliers AS x WHERE x.account_id = p.account_id) AS suppliers,
           EXISTS (SELECT 1 FROM products AS x WHERE x.account_id = p.account_id) AS products,
           EXISTS (SELECT 1 FROM payment_accounts AS x WHERE x.account_id = p.account_id) AS payment_accounts
      FROM p
),
missing AS (
    SELECT d.account_id, d.resource, d.id, d.label AS document, d.date,
           CASE WHEN d.resource IN ('supplier_orders', 'self_supplier_invoices') THEN 'supplier' ELSE 'client' END AS missing,
           d.entity_id AS missing_id, d.entity_name AS name
      FROM lists AS l
     CROSS JOIN documents AS d ON d.account_id = l.account_id
     WHERE d.entity_id IS NOT NULL AND d.resource <> 'self_own_invoices'
       AND CASE WHEN d.resource IN ('supplier_orders', 'self_supplier_invoices') THEN l.suppliers ELSE l.clients END
       AND NOT EXISTS (SELECT 1 FROM entities AS e
                        WHERE e.account_id = d.account_id AND e.id = d.entity_id
                          AND e.resource = CASE WHEN d.resource IN ('supplier_orders', 'self_supplier_invoices')
                                                THEN 'suppliers' ELSE 'clients' END)
     UNION ALL
    SELECT d.account_id, d.resource, d.id, d.invoice_number, d.date, 'supplier', d.entity_id, d.entity_name
      FROM lists AS l
     CROSS JOIN received_documents AS d ON d.account_id = l.account_id
     WHERE d.entity_id IS NOT NULL AND l.suppliers
       AND NOT EXISTS (SELECT 1 FROM entities AS e
                        WHERE e.account_id = d.account_id AND e.resource = 'suppliers' AND e.id = d.entity_id)
     UNION ALL
    SELECT d.account_id, d.resource, d.id, d.label, d.date, 'product', i.product_id, max(i.name)
      FROM lists AS l
     CROSS JOIN document_items AS i ON i.account_id = l.account_id
     CROSS JOIN documents AS d ON d.row = i.parent
     WHERE i.product_id IS NOT NULL AND l.products
       AND NOT EXISTS (SELECT 1 FROM products AS x
                        WHERE x.account_id = i.account_id AND x.resource = 'products' AND x.id = i.product_id)
     GROUP BY d.row, i.product_id
     UNION ALL
    SELECT d.account_id, d.resource, d.id, d.invoice_number, d.date, 'product', i.product_id, max(i.name)
      FROM lists AS l
     CROSS JOIN received_items AS i ON i.account_id = l.account_id
     CROSS JOIN received_documents AS d ON d.row = i.parent
     WHERE i.product_id IS NOT NULL AND l.products
       AND NOT EXISTS (SELECT 1 FROM products AS x
                        WHERE x.account_id = i.account_id AND x.resource = 'products' AND x.id = i.product_id)
     GROUP BY d.row, i.product_id
     UNION ALL
    SELECT d.account_id, d.resource, d.id, d.label, d.date, 'payment_account', i.payment_account_id,
           max(i.payment_account_name)
      FROM lists AS l
     CROSS JOIN document_payments AS i ON i.account_id = l.account_id
     CROSS JOIN documents AS d ON d.row = i.parent
     WHERE i.payment_account_id IS NOT NULL AND l.payment_accounts
       AND NOT EXISTS (SELECT 1 FROM payment_accounts AS x
                        WHERE x.account_id = i.account_id AND x.resource = 'payment_accounts'
                          AND x.id = i.payment_account_id)
     GROUP BY d.row, i.payment_account_id
     UNION ALL
    SELECT d.account_id, d.resource, d.id, d.invoice_number, d.date, 'payment_account', i.payment_account_id,
           max(i.payment_account_name)
      FROM lists AS l
     CROSS JOIN received_payments AS i ON i.account_id = l.account_id
     CROSS JOIN received_documents AS d ON d.row = i.parent
     WHERE i.payment_account_id IS NOT NULL AND l.payment_accounts
       AND NOT EXISTS (SELECT 1 FROM payment_accounts AS x
                        WHERE x.account_id = i.account_id AND x.resource = 'payment_accounts'
                          AND x.id = i.payment_account_id)
     GROUP BY d.row, i.payment_account_id
)
SELECT account_id,
       resource,
       id,
       document,
       date,
       missing,
       missing_id,
       name
  FROM missing
 ORDER BY account_id, resource, id, missing, missing_id;
