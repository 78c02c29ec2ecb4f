-- Which purchases without VAT still need an integration or a self-invoice (TD16 to TD19)?
-- Expenses without VAT of foreign suppliers, or with a line of a nature N6, for which no self-invoice for the same supplier
-- and the same net amount is dated within 90 days from theirs.
-- Limits: A guess, since no link exists: one self-invoice for two equal expenses hides the second.
-- Limits: Goods from outside the EU with customs papers do not belong here and are listed.
-- :account_id integer = all
WITH p AS (
    SELECT id AS account_id
      FROM accounts
     WHERE :account_id IS NULL OR id = :account_id
)
SELECT p.account_id,
       b.id,
       b.date,
       b.supplier_id,
       b.supplier,
       b.label AS invoice_number,
       round(b.net, 2) + 0.0 AS net,
       date(b.date, 'start of month', '+1 month', '+14 days') AS integrate_by
  FROM p
 CROSS JOIN purchases AS b ON b.account_id = p.account_id
 WHERE b.kind = 'expense'
   AND b.vat_eur = 0
   AND (EXISTS (SELECT 1
                  FROM suppliers AS s
                 WHERE s.account_id = b.account_id AND s.id = b.supplier_id
                   AND coalesce(upper(trim(s.country_iso)), '') NOT IN ('', 'IT'))
        OR EXISTS (SELECT 1
                     FROM expense_vat AS v
                     JOIN vat_types AS t ON t.account_id = v.account_id AND t.resource = 'vat_types' AND t.id = v.vat_id
                    WHERE v.account_id = b.account_id AND v.expense_id = b.id AND v.rate = 0 AND t.nature GLOB 'N6*'))
   AND NOT EXISTS (SELECT 1
                     FROM self_supplier_invoices AS i
                    WHERE i.account_id = b.account_id AND i.entity_id = b.supplier_id
                      AND i.date >= b.date AND i.date <= date(b.date, '+90 days')
                      AND abs(i.net_eur - b.net_eur) < 0.005)
 ORDER BY p.account_id, b.date, b.id;
