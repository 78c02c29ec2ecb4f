-- What was deleted at the service, what was it, and what became of it?
-- deleted_at is when it was noticed here (UTC). became: the document that a quote (or its like) was transformed into without
-- keeping a copy: the one that has its id now, or that names it as its origin. came_back: it is there again.
-- :days integer = 31 (noticed in the last so many days)
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, date(today, '-' || coalesce(:days, 31) || ' days') AS since
      FROM accounts, (SELECT coalesce(:today, date('now', 'localtime')) AS today)
     WHERE :account_id IS NULL OR id = :account_id
),
issued (resource) AS (
    VALUES ('invoices'), ('credit_notes'), ('quotes'), ('proformas'), ('issued_receipts'),
           ('delivery_notes'), ('orders'), ('work_reports'), ('supplier_orders'),
           ('self_own_invoices'), ('self_supplier_invoices')
)
SELECT g.account_id,
       g.resource,
       g.id,
       g.deleted_at,
       g.label,
       g.name,
       g.date,
       g.amount,
       coalesce((SELECT i.resource || ' ' || coalesce(o.label, o.id)
                   FROM issued AS i
                  CROSS JOIN documents AS o ON o.account_id = g.account_id AND o.resource = i.resource AND o.id = g.id
                  WHERE i.resource <> g.resource AND g.resource IN (SELECT resource FROM issued)),
                (SELECT o.resource || ' ' || coalesce(o.label, o.id)
                   FROM documents AS o
                  WHERE o.original_document_id = g.id AND o.account_id = g.account_id
                    AND g.resource IN (SELECT resource FROM issued)
                  ORDER BY o.date, o.id
                  LIMIT 1)) AS became,
       EXISTS (SELECT 1 FROM documents AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM received_documents AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM entities AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM products AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM receipts AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM pending_documents AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM taxes AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM archive_documents AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM cashbook_entries AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM emails AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM price_lists AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM price_list_items AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM vat_types AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM payment_methods AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM payment_accounts AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM names AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM companies AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id)
       OR EXISTS (SELECT 1 FROM numeration_rows AS x
                    WHERE x.account_id = g.account_id AND x.resource = g.resource AND x.id = g.id) AS came_back
  FROM p
 CROSS JOIN deleted_records AS g ON g.account_id = p.account_id
 WHERE g.deleted_at >= p.since
 ORDER BY g.account_id, g.deleted_at DESC, g.resource, g.id;
