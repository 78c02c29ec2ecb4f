-- What is new, changed, deleted?
-- Clients, suppliers, products, documents and corrispettivi by the service's own stamps (Italian time), the latest first;
-- deletions of all kinds by the time at which they were noticed here (UTC). Amounts are in euro and without a sign.
-- Limits: What the service gives no stamps (F24, prima nota, archive, e-mails and others) shows only when it is deleted.
-- :days integer = 7
-- :today date = today
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id, date(today, '-' || coalesce(:days, 7) || ' days') AS since
      FROM accounts, (SELECT coalesce(:today, date('now', 'localtime')) AS today)
     WHERE :account_id IS NULL OR id = :account_id
),
changes AS (
    SELECT p.account_id, d.created_at AS at, 'created' AS what, d.resource, d.id, d.label AS label, d.entity_name AS name,
           d.base_eur + d.vat_eur AS amount
      FROM p
     CROSS JOIN documents AS d ON d.account_id = p.account_id
     WHERE d.resource IN ('invoices', 'credit_notes', 'quotes', 'proformas', 'issued_receipts',
                         'delivery_notes', 'orders', 'work_reports', 'supplier_orders',
                         'self_own_invoices', 'self_supplier_invoices')
       AND d.created_at >= p.since
     UNION ALL
    SELECT p.account_id, d.updated_at AS at, 'changed' AS what, d.resource, d.id, d.label AS label, d.entity_name AS name,
           d.base_eur + d.vat_eur AS amount
      FROM p
     CROSS JOIN documents AS d ON d.account_id = p.account_id
     WHERE d.resource IN ('invoices', 'credit_notes', 'quotes', 'proformas', 'issued_receipts',
                         'delivery_notes', 'orders', 'work_reports', 'supplier_orders',
                         'self_own_invoices', 'self_supplier_invoices')
       AND d.updated_at >= p.since AND coalesce(d.created_at, '') < p.since
     UNION ALL
    SELECT p.account_id, d.created_at AS at, 'created' AS what, d.resource, d.id, d.invoice_number AS label, d.entity_name AS name,
           d.net_eur + d.vat_eur AS amount
      FROM p
     CROSS JOIN received_documents AS d ON d.account_id = p.account_id
     WHERE d.resource IN ('expenses', 'passive_credit_notes', 'passive_delivery_notes',
                         'received_self_invoices')
       AND d.created_at >= p.since
     UNION ALL
    SELECT p.account_id, d.updated_at AS at, 'changed' AS what, d.resource, d.id, d.invoice_number AS label, d.entity_name AS name,
           d.net_eur + d.vat_eur AS amount
      FROM p
     CROSS JOIN received_documents AS d ON d.account_id = p.account_id
     WHERE d.resource IN ('expenses', 'passive_credit_notes', 'passive_delivery_notes',
                         'received_self_invoices')
       AND d.updated_at >= p.since AND coalesce(d.created_at, '') < p.since
     UNION ALL
    SELECT p.account_id, d.created_at AS at, 'created' AS what, d.resource, d.id, d.code AS label, d.name AS name,
           NULL AS amount
      FROM p
     CROSS JOIN entities AS d ON d.account_id = p.account_id
     WHERE d.resource IN ('clients', 'suppliers')
       AND d.created_at >= p.since
     UNION ALL
    SELECT p.account_id, d.updated_at AS at, 'changed' AS what, d.resource, d.id, d.code AS label, d.name AS name,
           NULL AS amount
      FROM p
     CROSS JOIN entities AS d ON d.account_id = p.account_id
     WHERE d.resource IN ('clients', 'suppliers')
       AND d.updated_at >= p.since AND coalesce(d.created_at, '') < p.since
     UNION ALL
    SELECT p.account_id, d.created_at AS at, 'created' AS what, d.resource, d.id, d.code AS label, d.name AS name,
           d.net_price AS amount
      FROM p
     CROSS JOIN products AS d ON d.account_id = p.account_id
     WHERE d.resource IN ('products')
       AND d.created_at >= p.since
     UNION ALL
    SELECT p.account_id, d.updated_at AS at, 'changed' AS what, d.resource, d.id, d.code AS label, d.name AS name,
           d.net_price AS amount
      FROM p
     CROSS JOIN products AS d ON d.account_id = p.account_id
     WHERE d.resource IN ('products')
       AND d.updated_at >= p.since AND coalesce(d.created_at, '') < p.since
     UNION ALL
    SELECT p.account_id, d.created_at AS at, 'created' AS what, d.resource, d.id, CAST(CAST(d.number AS INTEGER) AS TEXT) || coalesce(d.numeration, '') AS label, d.description AS name,
           d.amount_net + d.amount_vat AS amount
      FROM p
     CROSS JOIN receipts AS d ON d.account_id = p.account_id
     WHERE d.resource IN ('receipts')
       AND d.created_at >= p.since
     UNION ALL
    SELECT p.account_id, d.updated_at AS at, 'changed' AS what, d.resource, d.id, CAST(CAST(d.number AS INTEGER) AS TEXT) || coalesce(d.numeration, '') AS label, d.description AS name,
           d.amount_net + d.amount_vat AS amount
      FROM p
     CROSS JOIN receipts AS d ON d.account_id = p.account_id
     WHERE d.resource IN ('receipts')
       AND d.updated_at >= p.since AND coalesce(d.created_at, '') < p.since
     UNION ALL
    SELECT p.account_id, d.deleted_at, 'deleted', d.resource, d.id, d.label, d.name, d.amount
      FROM p
     CROSS JOIN deleted_records AS d ON d.account_id = p.account_id
     WHERE d.deleted_at >= p.since
)
SELECT account_id,
       at,
       what,
       resource,
       id,
       label,
       name,
       round(amount, 2) + 0.0 AS amount
  FROM changes
 ORDER BY account_id, at DESC, resource, id;
